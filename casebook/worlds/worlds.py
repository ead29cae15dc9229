"""Worlds: a casebook as it would stand if its sources were read otherwise.

A world takes some alternatives as true and computes again whatever follows from them by the declared rules: durations,
counts, flags and conditions. What follows from one value is looked up once; what a reading changes in the tables is
computed once, as a `Patch`, and laid over the tables as often as it is wanted.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from casebook.book import Casebook
from casebook.model import conditions
from casebook.model.cells import Cell
from casebook.model.derivations import Look, following, matches, order
from casebook.model.rendering import plain_value
from casebook.model.schema import Field, Table
from casebook.worlds.alternatives import Alternative, Variable
from casebook.worlds.patched import Base, Patch, Patched, Patches
from casebook.worlds.stands import Changed, Stand, Stands

Step = tuple[int, str]
"""A derived field, by its place in the order of computation, and a row."""
Membership = tuple[str, str]
"""A condition and a row."""


@dataclass(frozen=True)
class Reach:
    """What has to be computed anew when some values change."""

    steps: frozenset[Step] = frozenset()
    memberships: frozenset[Membership] = frozenset()

    def __or__(self, other: Reach) -> Reach:
        return Reach(self.steps | other.steps, self.memberships | other.memberships)


class Worlds:
    """The worlds of a casebook.

    Parameters
    ----------
    book : Casebook
        The casebook as coded.
    """

    def __init__(self, book: Casebook) -> None:
        self.book, self.schema = book, book.schema
        self.stands = Stands(book.store)
        self._base = Base(book.store)
        self._order = order(book.schema)
        self._consequences: dict[Variable, set[Variable]] = {}
        self._reached: dict[tuple[Cell, tuple[str, ...], bool], Reach] = {}
        self._plans: dict[Reach, Sequence[Step]] = {}

    @property
    def variables(self) -> list[Variable]:
        """Every coded variable."""
        return [(table.name, item.name) for table in self.schema for item in table.fields if item.coded]

    def world(self, taken: Iterable[Alternative]) -> Casebook:
        """The casebook in which some alternatives hold, at most one for each cell."""
        patches = [self.patch(tuple(taken))]
        return self.patched(lambda wanted: patches)

    def patched(self, patches: Patches) -> Casebook:
        """The casebook with patches laid over its tables."""
        return _with_store(self.book, Patched(self._base, patches))

    def without(self, columns: Iterable[Variable]) -> Casebook:
        """The casebook as coded, with columns and conditions taken out."""
        frames: dict[str, Any] = {}
        store = self.book.store
        for table, column in columns:
            frame = frames.get(table, store.read(table))
            is_condition = table == conditions.TABLE
            frames[table] = frame[frame["condition"] != column] if is_condition else frame.drop(columns=column)
        return _with_store(self.book, store.altered(frames))

    def consequences(self, variable: Variable) -> set[Variable]:
        """Columns that may change with a variable: itself, its bounds, what is derived from it, and conditions.

        A condition is given as ``("conditions", name)``.
        """
        if variable not in self._consequences:
            self._consequences[variable] = self._following(variable)
        return self._consequences[variable]

    def _following(self, variable: Variable) -> set[Variable]:
        table, name = variable
        item = self.schema.table(table).field(name)
        found = {(table, column.name) for column in item.expanded()}
        for other, derived in following(self.schema, [variable]):
            found |= {(other.name, column.name) for column in derived.expanded()}
        for condition in self._conditions.values():
            counts_rows = condition.across == table and (self.schema.table(table).reference(name) or name == "status")
            if counts_rows or not found.isdisjoint(condition.uses):
                found.add((conditions.TABLE, condition.name))
        return found

    @cached_property
    def _conditions(self) -> dict[str, conditions.Condition]:
        table = self.schema.tables.get(conditions.TABLE)
        return conditions.declared(table) if table else {}

    def reaches(self, alternatives: Iterable[Alternative], wanted: Collection[Variable]) -> Reach | None:
        """What has to be computed anew, for some columns to be right, when cells change; None where they stay right."""
        moving = [a for a in alternatives if self.moves(a, wanted)]
        if not moving:
            return None
        reach = Reach()
        for alternative in moving:
            reach |= self.reach(alternative)
        needed = {number for number, _ in reach.steps if self._needed(number, wanted)}
        return Reach(
            frozenset(step for step in reach.steps if step[0] in needed),
            frozenset(mine for mine in reach.memberships if (conditions.TABLE, mine[0]) in wanted),
        )

    def moves(self, alternative: Alternative, wanted: Collection[Variable]) -> bool:
        """Whether some columns may change with a cell."""
        return not self.consequences((alternative.table, alternative.variable)).isdisjoint(wanted)

    def _needed(self, number: int, wanted: Collection[Variable]) -> bool:
        table, item = self._order[number]
        return not self.consequences((table.name, item.name)).isdisjoint(wanted)

    @cached_property
    def everything(self) -> frozenset[Variable]:
        """All columns, and all conditions."""
        return frozenset().union(*(self._base.variables(table.name) for table in self.schema))

    def cell(self, step: Step) -> Cell:
        """Where a derived value stands."""
        table, item = self._order[step[0]]
        return Cell(table.name, step[1], item.name)

    def direct(self, cell: Cell) -> Reach:
        """What is computed from a cell at once."""
        return self._reach(cell)

    def heeds(self, step: Step, cell: Cell, varying: Collection[Cell]) -> bool:
        """Whether a derived value can follow from a cell; not where it passes over the row whatever else varies."""
        table, item = self._order[step[0]]
        assert item.derived is not None
        looks = [look for look in item.derived.looks if look.table == cell.table]
        return table.name == cell.table or not looks or any(self._meant(look, cell, varying) for look in looks)

    def _meant(self, look: Look, cell: Cell, varying: Collection[Cell]) -> bool:
        stand, known = self.stands.row(cell.table, cell.row), self.schema.table(cell.table).by_name
        where = (cell._replace(variable=known[name].generated_from or name) for name in look.where)
        return any(other in varying for other in where) or matches(stand.values, look.where)

    def binds(self, cell: Cell) -> bool:
        """Whether a cell says to which other row its row belongs."""
        return self.schema.table(cell.table).reference(cell.variable) is not None

    def reach(self, alternative: Alternative) -> Reach:
        """What has to be computed anew when a cell changes."""
        return self._reach(alternative.cell, self._targets(alternative), deep=True)

    def _targets(self, alternative: Alternative) -> tuple[str, ...]:
        """The row to which a foreign key points."""
        refers = self.schema.table(alternative.table).reference(alternative.variable)
        return tuple(filter(None, [alternative.values.get(alternative.variable)])) if refers else ()

    def _reach(self, cell: Cell, targets: tuple[str, ...] = (), *, deep: bool = False) -> Reach:
        """What is computed from a cell, or, deep, from what is computed from it as well."""
        place = (cell, targets, deep)
        if place not in self._reached:
            self._reached[place] = self._reached_from((cell.table, cell.variable), cell.row, targets, deep)
        return self._reached[place]

    def _reached_from(self, variable: Variable, row: str, targets: tuple[str, ...], deep: bool) -> Reach:
        changed: dict[Variable, set[str]] = {variable: {row}}

        def parents(child: str, changed_rows: Iterable[str], keys: Sequence[str]) -> Iterator[str]:
            for other in changed_rows:
                values = self.stands.row(child, other).values
                yield from (values[key] for key in keys if values.get(key) is not None)
                if (child, other) == (variable[0], row) and variable[1] in keys:
                    yield from targets

        def rows(table: Table, item: Field) -> set[str]:
            assert item.derived is not None
            found: set[str] = set()
            for name in item.derived.inputs:
                found |= changed.get((table.name, table.by_name[name].generated_from or name), set())
            for look in item.derived.looks:
                found |= lookers(table, look)
            return found

        def lookers(table: Table, look: Look) -> set[str]:
            """Rows of a table that look at something which changed."""
            reference = table.reference(look.key) if look.key else None
            keys = self.schema.table(look.table).keys_to(reference.table if reference else table.name)
            if look.key and not look.beside:
                seen = set().union(*(changed.get((look.table, name), set()) for name in look.fields))
            else:
                seen = set[str]()
                for name in (*look.fields, *keys):
                    seen.update(parents(look.table, changed.get((look.table, name), ()), keys))
            if look.key is None:
                return seen
            rows = self.stands.rows[table.name].values() if seen else ()
            return {stand.id for stand in rows if stand.values.get(look.key) in seen}

        steps = set()
        for number, (table, item) in enumerate(self._order):
            if (table.name, item.name) != variable and (found := rows(table, item)):
                if deep:
                    changed.setdefault((table.name, item.name), set()).update(found)
                steps |= {(number, other) for other in found}
        return Reach(frozenset(steps), frozenset(self._memberships(changed, parents)))

    def _memberships(self, changed: Mapping[Variable, set[str]], parents: Any) -> Iterator[Membership]:
        for condition in self._conditions.values():
            table = self.schema.table(condition.table)
            for used, name in condition.uses:
                item = self.schema.table(used).field(name)
                rows = changed.get((used, item.generated_from or item.name), set())
                if used == condition.table:
                    yield from ((condition.name, row) for row in rows)
                elif condition.across:
                    keys = self.schema.table(used).keys_to(table.name)
                    moved = {row for key in keys for row in changed.get((used, key), ())}
                    yield from ((condition.name, row) for row in parents(used, rows | moved, keys))
                else:
                    keys = table.keys_to(used)
                    moved = {row for key in keys for row in changed.get((table.name, key), ())}
                    below = (s.id for s in self.stands.rows[table.name].values() if rows and s.values[keys[0]] in rows)
                    yield from ((condition.name, row) for row in (*below, *moved))

    def patch(self, taken: Sequence[Alternative], reach: Reach | None = None) -> Patch:
        """What changes in the tables when some alternatives hold.

        Parameters
        ----------
        taken : sequence of Alternative
            At most one for each cell.
        reach : Reach, optional
            What follows from them, if it is known.
        """
        if reach is None:
            reach = Reach()
            for alternative in taken:
                reach |= self.reach(alternative)
        patch, records = Patch(), self.stands.changed()
        steps: set[Step] = set()
        members: set[Membership] = set()

        def note(stand: Stand, variable: str, targets: tuple[str, ...] = ()) -> None:
            if moved := self.differing(stand, variable):
                patch.add(moved)
                follows = self._reach(Cell(stand.table.name, stand.id, variable), targets)
                steps.update(follows.steps)
                members.update(follows.memberships)

        for alternative in taken:
            stand = records.own(alternative.table, alternative.row)
            names = self.names[alternative.table, alternative.variable]
            stand.take(names, alternative.values, alternative.reasons)
            note(stand, alternative.variable, self._targets(alternative))
        for step in self._sorted(reach):
            if step in steps:
                note(self.derive(step, records), self._order[step[0]][1].name)
        if members := members & reach.memberships:
            patch.late = lambda patch: self._calibrate(sorted(members), records, patch)
        return patch

    def derive(self, step: Step, records: Changed) -> Stand:
        """Compute a derived field of a row anew, in place; the row."""
        table, item = self._order[step[0]]
        stand = records.own(table.name, step[1])
        stand.forget(self.names[table.name, item.name])
        assert item.derived is not None
        item.derived.compute(stand, item, records, self.book.metadata.reference_date)
        return stand

    def differing(self, stand: Stand, variable: str) -> Patch | None:
        """What differs in a variable of a row from what is coded; None for nothing."""
        table, patch = stand.table.name, Patch()
        coded = self.stands.row(table, stand.id)
        for name in self.names[table, variable]:
            value, reason = stand.values.get(name), stand.reasons.get(name)
            if value != coded.values.get(name):
                patch.change(table, name, coded.place, value)
            if reason != coded.reasons.get(name):
                patch.reasons[Cell(table, stand.id, name)] = (reason, stand.case)
        return patch if patch.cells or patch.reasons else None

    def _sorted(self, reach: Reach) -> Sequence[Step]:
        """Derived fields of rows in the order in which they are computed."""
        if reach not in self._plans:
            self._plans[reach] = sorted(reach.steps)
        return self._plans[reach]

    @cached_property
    def names(self) -> dict[Variable, list[str]]:
        """The columns of every variable."""
        return {
            (table.name, item.name): [column.name for column in item.expanded()]
            for table in self.schema.coded
            for item in table.fields
        }

    def _calibrate(self, members: Sequence[Membership], records: Changed, patch: Patch) -> None:
        for member in members:
            if moved := self.rejudged(member, self.judge(member, records)):
                patch.add(moved)

    def judge(self, member: Membership, records: Changed) -> tuple[float | None, str | None]:
        """The membership of a row in a condition, and the reason why there is none."""
        condition = self._conditions[member[0]]
        return condition.membership(records.rows[condition.table][member[1]], records)

    def rejudged(self, member: Membership, judged: tuple[float | None, str | None]) -> Patch | None:
        """What differs where a row is judged otherwise; None for nothing."""
        place, *coded = self._calibrated[f"{self._conditions[member[0]].table}/{member[1]}#{member[0]}"]
        patch = Patch()
        for name, value, known in zip(("membership", "reason"), judged, coded, strict=True):
            if value != known:
                patch.change(conditions.TABLE, name, place, value)
        return patch if patch.cells else None

    @cached_property
    def _calibrated(self) -> dict[str, tuple[int, float | None, str | None]]:
        """By identifier the place of each membership, and the membership and its reason as coded."""
        frame = self.book.store.read(conditions.TABLE)
        columns = (frame[name].astype("object") for name in ("membership_id", "membership", "reason"))
        return {
            identifier: (place, plain_value(membership), plain_value(reason))
            for place, (identifier, membership, reason) in enumerate(zip(*columns, strict=True))
        }


def _with_store(book: Casebook, store: Any) -> Casebook:
    other = copy.copy(book)
    other.store = store
    return other
