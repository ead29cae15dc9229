"""Dimensions from which a common value follows, so that only all of them say what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from casebook.worlds.alternatives import Alternative, Variable
from casebook.worlds.dimensions import Dimension, Key, joined
from casebook.worlds.patched import Patch
from casebook.worlds.remembered import Numbered, Remembered
from casebook.worlds.worlds import Reach, Worlds

KEPT = 500
"""Combinations of keys remembered of one cluster, and keys of one dimension."""


class Cluster:
    """Dimensions from which a common value follows.

    Parameters
    ----------
    worlds : Worlds
        The casebook.
    dimensions : mapping of int to Dimension
        The dimensions by their places.
    reach : Reach
        What follows from any of them.
    wanted : set of (table, variable)
        Columns and conditions that must be right.
    """

    def __init__(
        self, worlds: Worlds, dimensions: Mapping[int, Dimension], reach: Reach, wanted: set[Variable]
    ) -> None:
        self._worlds, self._reach, self._wanted = worlds, reach, wanted
        cells = {a.cell for d in dimensions.values() for a in d.alternatives if worlds.moves(a, wanted)}
        self._remembered = Remembered.of(worlds, sorted(cells), reach, wanted)
        if self._remembered:
            heeded = self._remembered.cells
            dimensions = {n: d for n, d in dimensions.items() if not heeded.isdisjoint(d.cells)}
        self._dimensions = list(dimensions.values())
        self._alone = len(dimensions) == 1
        self._keys: Callable[[Sequence[Key]], Any] = itemgetter(*dimensions) if dimensions else lambda world: ()
        self._found: dict[Any, Sequence[Patch]] = {}
        self._numbered: dict[tuple[int, Key], Sequence[Numbered]] = {}

    def patches(self, world: Sequence[Key]) -> Sequence[Patch]:
        """What differs in a world, in the columns wanted at least."""
        keys = self._keys(world)
        found = self._found.get(keys)
        if found is None:
            if len(self._found) >= KEPT:
                self._found.clear()
            found = self._found[keys] = self._patches((keys,) if self._alone else keys)
        return found

    def _patches(self, keys: Sequence[Key]) -> Sequence[Patch]:
        if self._remembered:
            return self._remembered.patches(n for pair in enumerate(keys) for n in self._numbers(pair))
        taken = [a for pair in enumerate(keys) for a in self._taken(pair)]
        return [self._worlds.patch(taken, self._reach)] if taken else []

    def _numbers(self, pair: tuple[int, Key]) -> Sequence[Numbered]:
        assert self._remembered
        if pair not in self._numbered:
            if len(self._numbered) >= KEPT * len(self._dimensions):
                self._numbered.clear()
            self._numbered[pair] = self._remembered.numbered(self._taken(pair))
        return self._numbered[pair]

    def _taken(self, pair: tuple[int, Key]) -> Iterator[Alternative]:
        place, key = pair
        return (a for a in self._dimensions[place].taken(key) if self._worlds.moves(a, self._wanted))


def clusters(worlds: Worlds, dimensions: Sequence[Dimension], wanted: set[Variable]) -> list[Cluster]:
    """The dimensions on which some columns hang, those together from which a common value follows."""
    found = {n: worlds.reaches(d.alternatives, wanted) for n, d in enumerate(dimensions)}
    reaches = {number: reach for number, reach in found.items() if reach}
    places = list(reaches)
    marks = [(n, mark) for n, one in enumerate(reaches.values()) for mark in (*one.steps, *one.memberships)]
    made = []
    for group in joined(len(places), marks):
        members = [places[n] for n in group]
        reach = Reach()
        for member in members:
            reach |= reaches[member]
        made.append(Cluster(worlds, {member: dimensions[member] for member in members}, reach, wanted))
    return made
