"""What follows from some cells in one world after another, remembered value by value.

Two worlds seldom agree in every reading of a case, but mostly in the few values from which one other value follows. So
what stands in a cell is numbered, and what follows is looked up by the numbers of the values from which it follows at
once. It is computed only where these have not met before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from casebook.model.cells import Cell
from casebook.worlds.alternatives import Alternative, Variable
from casebook.worlds.patched import Patch
from casebook.worlds.stands import Changed, Stand
from casebook.worlds.worlds import Membership, Reach, Step, Worlds

KEPT = 1000
"""How many combinations are remembered of the values from which one follows."""
Numbered = tuple[int, int]
"""The place of a value, and the number of what stands there; 0 is what is coded."""


class _Numbers:
    """What stood in a place in the worlds so far, numbered, and what differs then."""

    def __init__(self) -> None:
        self._known: dict[Any, int] = {}
        self.patches = [Patch()]

    def number(self, stands: Any, differs: Callable[[], Patch | None]) -> int:
        """The number of what stands there."""
        if stands not in self._known:
            patch = differs()
            self._known[stands] = len(self.patches) if patch else 0
            self.patches += [patch] if patch else []
        return self._known[stands]


class _Value(_Numbers):
    """A value of a row."""

    def __init__(self, worlds: Worlds, cell: Cell, step: Step | None = None) -> None:
        super().__init__()
        self._worlds, self._cell, self._step = worlds, cell, step
        self._names = worlds.names[cell.table, cell.variable]
        self._stood: dict[int, tuple[Mapping[str, Any], Mapping[str, str]]] = {}

    def read(self, alternative: Alternative) -> int:
        """The number of a reading."""
        stand = self._worlds.stands.row(self._cell.table, self._cell.row).copy()
        stand.take(self._names, alternative.values, alternative.reasons)
        return self._number(stand)

    def compute(self, records: Changed) -> int:
        """The number of what follows."""
        assert self._step is not None
        return self._number(self._worlds.derive(self._step, records))

    def _number(self, stand: Stand) -> int:
        values, reasons = ([part.get(name) for name in self._names] for part in (stand.values, stand.reasons))
        mark = tuple(tuple(value) if isinstance(value, list) else value for value in (*values, *reasons))
        number = self.number(mark, lambda: self._worlds.differing(stand, self._cell.variable))
        if number not in self._stood:
            whys = {name: why for name, why in zip(self._names, reasons, strict=True) if why is not None}
            self._stood[number] = (dict(zip(self._names, values, strict=True)), whys)
        return number

    def put(self, number: int, records: Changed) -> None:
        """Let stand in the row what has a number."""
        records.own(self._cell.table, self._cell.row).take(self._names, *self._stood[number])


class _Member(_Numbers):
    """A membership."""

    def __init__(self, worlds: Worlds, membership: Membership) -> None:
        super().__init__()
        self._worlds, self._membership = worlds, membership

    def compute(self, records: Changed) -> int:
        """The number of what follows."""
        judged = self._worlds.judge(self._membership, records)
        return self.number(judged, lambda: self._worlds.rejudged(self._membership, judged))


@dataclass
class _Following:
    """A value by its place, the places of those from which it follows at once, and what followed so far."""

    place: int
    inputs: Sequence[int]
    value: _Value | _Member
    seen: dict[Any, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pick: Callable[[Sequence[int]], Any] = itemgetter(*self.inputs)

    def remember(self, picked: Any, number: int) -> None:
        if len(self.seen) >= KEPT:
            self.seen.clear()
        self.seen[picked] = number


class Remembered:
    """What follows from some cells, of which none says which rows belong together.

    Parameters
    ----------
    worlds : Worlds
        The casebook.
    cells : sequence of Cell
        The cells, each once.
    reach : Reach
        What follows from them.
    wanted : set of (table, variable)
        Columns and conditions that must be right; of others nothing is said.
    """

    def __init__(self, worlds: Worlds, cells: Sequence[Cell], reach: Reach, wanted: set[Variable]) -> None:
        self._worlds = worlds
        coded, steps, members = list(cells), sorted(reach.steps), sorted(reach.memberships)
        rows = [*coded, *map(worlds.cell, steps)]
        inputs = self._inputs(coded, steps, members)
        columns = [{(cell.table, name) for name in worlds.names[cell.table, cell.variable]} for cell in rows]
        shown = [place for place, mine in enumerate(columns) if not wanted.isdisjoint(mine)]
        shown += range(len(rows), len(inputs))
        needed = set(shown)
        for place in reversed(range(len(inputs))):
            if place in needed:
                needed.update(inputs[place])
        self._coded = [0] * len(inputs)
        self._places = {cell: place for place, cell in enumerate(coded) if place in needed}
        self._values = {place: _Value(worlds, rows[place]) for place in self._places.values()}
        self._following: list[_Following] = []
        for place, step in enumerate(steps, len(coded)):
            if place in needed and inputs[place]:
                self._values[place] = _Value(worlds, rows[place], step)
                self._following.append(_Following(place, inputs[place], self._values[place]))
        for place, member in enumerate(members, len(rows)):
            if inputs[place]:
                self._following.append(_Following(place, inputs[place], _Member(worlds, member)))
        found: dict[int, _Numbers] = {**self._values, **{one.place: one.value for one in self._following}}
        self._shown = [(place, found[place].patches) for place in shown if place in found]

    def _inputs(self, coded: Sequence[Cell], steps: Sequence[Step], members: Sequence[Membership]) -> list[list[int]]:
        """By place, in the order in which they follow, the places from which a value follows at once."""
        places = {mark: place for place, mark in enumerate((*steps, *members), len(coded))}
        inputs: list[list[int]] = [[] for _ in (*coded, *steps, *members)]
        rows = [*coded, *map(self._worlds.cell, steps)]
        varying = set(rows)
        for place, cell in enumerate(rows):
            if place < len(coded) or inputs[place]:
                direct = self._worlds.direct(cell)
                heeding = (step for step in direct.steps if self._worlds.heeds(step, cell, varying))
                for mark in (*heeding, *direct.memberships):
                    if mark in places:
                        inputs[places[mark]].append(place)
        return inputs

    @classmethod
    def of(cls, worlds: Worlds, cells: Sequence[Cell], reach: Reach, wanted: set[Variable]) -> Remembered | None:
        """None where a cell says which rows belong together, so that what follows from others hangs on it."""
        if any(map(worlds.binds, (*cells, *map(worlds.cell, reach.steps)))):
            return None
        return cls(worlds, cells, reach, wanted)

    @property
    def cells(self) -> Set[Cell]:
        """The cells on which something hangs."""
        return self._places.keys()

    def numbered(self, taken: Iterable[Alternative]) -> list[Numbered]:
        """Readings as numbers; those on which nothing hangs are left out."""
        places = ((self._places.get(alternative.cell), alternative) for alternative in taken)
        return [(place, self._values[place].read(alternative)) for place, alternative in places if place is not None]

    def patches(self, readings: Iterable[Numbered]) -> list[Patch]:
        """What differs where some readings hold, in the columns that are wanted."""
        stands = self._coded.copy()
        for place, number in readings:
            stands[place] = number
        records, put = self._worlds.stands.changed(), set[int]()
        for following in self._following:
            picked = following.pick(stands)
            if picked not in following.seen:
                following.remember(picked, self._compute(following, stands, records, put))
            stands[following.place] = following.seen[picked]
        return [patches[stands[place]] for place, patches in self._shown if stands[place]]

    def _compute(self, following: _Following, stands: Sequence[int], records: Changed, put: set[int]) -> int:
        if not any(stands[place] for place in following.inputs):
            return 0
        for place in following.inputs:
            if stands[place] and place not in put:
                self._values[place].put(stands[place], records)
                put.add(place)
        return following.value.compute(records)
