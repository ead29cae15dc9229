"""The independent parts of which worlds are made: a disputed value, values that a rule binds, a view, a choice.

Choices
-------
A world picks a key in every dimension, independently of the others; ``None`` is the key of what is coded. Up to
`MOST` possibilities, days among them, a dimension lists them all, with their weights. A larger one is drawn from: its
parts one by one, and again until the rules of the codebook hold, so that what is drawn has the same distribution.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from random import Random
from typing import Any, Protocol

import numpy as np

from casebook.model.cells import Cell, case_of
from casebook.worlds.alternatives import Alternative, Dispute
from casebook.worlds.coherence import Coherence
from casebook.worlds.weights import Scheme

MOST = 500
TRIES = 10_000
Key = Hashable
Taken = tuple[Alternative, ...]
Scenario = Callable[[Alternative], Iterable[str]]
Generators = Callable[[int], Random]


@dataclass(frozen=True)
class Factor:
    """Readings of which one holds; the coded one comes first.

    Attributes
    ----------
    name : str
        What is disputed, in words.
    choices : tuple of tuple of Alternative
        Each with the alternatives that hold then; dates may still lie on any of their days.
    """

    name: str
    choices: tuple[Taken, ...]

    @property
    def cells(self) -> list[Cell]:
        return list(dict.fromkeys(a.cell for choice in self.choices for a in choice))


@dataclass(frozen=True)
class Held:
    """A key that names alternatives outright, as they are written."""

    taken: Taken


class Dimension(Protocol):
    """What worlds pick from, each dimension for itself."""

    @property
    def name(self) -> str:
        """What it is about, in words."""

    @property
    def size(self) -> int:
        """How many keys there are."""

    @property
    def cells(self) -> Sequence[Cell]:
        """The cells that it changes."""

    @property
    def alternatives(self) -> Sequence[Alternative]:
        """What may hold in them."""

    @property
    def ends(self) -> list[Key]:
        """Keys among which the lowest and highest result is sought."""

    def keys(self) -> list[Key] | None:
        """All keys; None where there are too many to list."""

    def weights(self, scheme: Scheme) -> np.ndarray[Any, Any]:
        """Weights of all keys."""

    def draw(self, scheme: Scheme, uniform: np.ndarray[Any, Any], generators: Generators) -> Sequence[Key]:
        """A key for each of several worlds, drawn by weight.

        Parameters
        ----------
        scheme : Scheme
            How to weigh.
        uniform : array of float
            A number from 0 to 1 for each world.
        generators : callable
            Gives a generator of random numbers for a world, where one number does not suffice.
        """

    def taken(self, key: Key) -> Taken:
        """The alternatives that hold under a key."""

    def arguments(self, key: Key) -> Mapping[str, Any]:
        """What the analysis is told under a key."""


@dataclass(frozen=True)
class Choice:
    """A choice of method, as an argument of the analysis; the first value is the one with which it is compared."""

    name: str
    values: tuple[Any, ...]
    cells: tuple[Cell, ...] = ()
    alternatives: tuple[Alternative, ...] = ()

    @property
    def size(self) -> int:
        return len(self.values)

    @property
    def ends(self) -> list[Key]:
        return list(range(self.size))

    def keys(self) -> list[Key]:
        return list(range(self.size))

    def weights(self, scheme: Scheme) -> np.ndarray[Any, Any]:
        return np.full(self.size, 1 / self.size)

    def draw(self, scheme: Scheme, uniform: np.ndarray[Any, Any], generators: Generators) -> Sequence[Key]:
        return _at(np.cumsum(self.weights(scheme)), uniform)

    def taken(self, key: Key) -> Taken:
        return ()

    def arguments(self, key: Key) -> Mapping[str, Any]:
        return {self.name: self.values[key if isinstance(key, int) else 0]}


class _Disputed:
    """Some factors of which the readings must keep the rules together."""

    def __init__(self, factors: Sequence[Factor], coherence: Coherence) -> None:
        self.name = "; ".join(factor.name for factor in factors)
        self.cells = [cell for factor in factors for cell in factor.cells]
        self.alternatives = [a for factor in factors for choice in factor.choices for a in choice]
        self._factors, self._coherence = factors, coherence

    def arguments(self, key: Key) -> Mapping[str, Any]:
        return {}


class Listed(_Disputed):
    """A dimension of which every possibility is listed."""

    def __init__(self, factors: Sequence[Factor], coherence: Coherence) -> None:
        super().__init__(factors, coherence)
        self._places: list[tuple[int, ...]] = []
        self._options: list[Taken] = []
        self._days: list[int] = []
        ends: list[Key] = []
        for places in product(*(range(len(factor.choices)) for factor in factors)):
            parts = _join(factors, places)
            listed = [tuple(p) for p in product(*([a.on(n) for n in range(a.day_count)] for a in parts))]
            outer = {tuple(p) for p in product(*(a.ends for a in parts))}
            kept = [taken for taken in listed if coherence.keeps(taken)]
            if not kept and not any(places):
                kept = [()]
            ends += [len(self._options) + n for n, taken in enumerate(kept) if taken in outer or not taken]
            self._options += kept
            self._places += [places] * len(kept)
            self._days += [len(listed)] * len(kept)
        self.ends = ends

    @property
    def size(self) -> int:
        return len(self._options)

    def keys(self) -> list[Key]:
        return list(range(self.size))

    def weights(self, scheme: Scheme) -> np.ndarray[Any, Any]:
        shares = [scheme.shares(factor.choices) for factor in self._factors]
        found = np.array([prod(s[n] for s, n in zip(shares, places, strict=True)) for places in self._places])
        found /= np.array(self._days)
        return found / found.sum() if found.sum() else np.eye(1, self.size)[0]

    def draw(self, scheme: Scheme, uniform: np.ndarray[Any, Any], generators: Generators) -> Sequence[Key]:
        return _at(np.cumsum(self.weights(scheme)), uniform)

    def taken(self, key: Key) -> Taken:
        if isinstance(key, Held):
            return key.taken
        return self._options[key] if isinstance(key, int) else ()


class Wide(_Disputed):
    """A dimension with too many possibilities to list; a key holds the place and the day within each factor."""

    @property
    def size(self) -> int:
        return possibilities(self._factors)

    def keys(self) -> None:
        return None

    def weights(self, scheme: Scheme) -> np.ndarray[Any, Any]:
        raise NotImplementedError

    @property
    def ends(self) -> list[Key]:
        found: list[Key] = []
        for places in product(*(range(len(factor.choices)) for factor in self._factors)):
            days = (dict.fromkeys((0, a.day_count - 1)) for a in _join(self._factors, places))
            for key in ((places, numbers) for numbers in product(*days)):
                if len(found) >= MOST:
                    return found
                if self._coherence.keeps(self.taken(key)):
                    found.append(key)
        return found

    def draw(self, scheme: Scheme, uniform: np.ndarray[Any, Any], generators: Generators) -> Sequence[Key]:
        sums = [np.cumsum(scheme.shares(factor.choices)).tolist() for factor in self._factors]
        return [self._draw(sums, generators(number)) for number in range(len(uniform))]

    def _draw(self, sums: Sequence[list[float]], random: Random) -> Key:
        for _ in range(TRIES):
            places = tuple(min(bisect_right(part, random.random()), len(part) - 1) for part in sums)
            days = tuple(random.randrange(a.day_count) for a in _join(self._factors, places))
            if self._coherence.keeps(self.taken((places, days))):
                return places, days
        return None

    def taken(self, key: Key) -> Taken:
        if isinstance(key, Held):
            return key.taken
        if not isinstance(key, tuple):
            return ()
        places, days = key
        return tuple(a.on(number) for a, number in zip(_join(self._factors, places), days, strict=True))


def _at(sums: np.ndarray[Any, Any], uniform: np.ndarray[Any, Any]) -> list[Key]:
    return np.minimum(np.searchsorted(sums, uniform, side="right"), len(sums) - 1).tolist()


def _join(factors: Sequence[Factor], places: Sequence[int]) -> Taken:
    return tuple(a for factor, place in zip(factors, places, strict=True) for a in factor.choices[place])


def possibilities(factors: Sequence[Factor]) -> int:
    """How many ways there are to read some factors, days among them, whether they keep the rules or not."""
    return prod(sum(prod(a.day_count for a in choice) for choice in factor.choices) for factor in factors)


def dimensions(disputes: Sequence[Dispute], coherence: Coherence, scenario: Scenario | None) -> list[Dimension]:
    """Arrange disputes as dimensions: values that a rule binds are in one.

    Parameters
    ----------
    disputes : sequence of Dispute
        The cells.
    coherence : Coherence
        The rules.
    scenario : callable, optional
        To which scenario a rival reading belongs, within its case; None for none.
    """
    factors = list(_views(disputes, scenario) if scenario else map(_single, disputes))
    bound: list[tuple[int, Hashable]] = []
    for number, factor in enumerate(factors):
        for cell in factor.cells:
            bound.append((number, ("cell", *cell)))
            for together in coherence.bound_together(cell.table):
                if cell.variable in together:
                    bound.append((number, ("rule", cell.table, cell.row, *sorted(together))))
    groups = joined(len(factors), bound)
    members = [[factors[number] for number in group] for group in groups]
    return [Listed(m, coherence) if possibilities(m) <= MOST else Wide(m, coherence) for m in members]


def _single(dispute: Dispute) -> Factor:
    coded = (dispute.coded,) if dispute.coded else ()
    return Factor(_label([dispute.cell]), (coded, *((rival,) for rival in dispute.rivals)))


def _label(cells: Sequence[Cell]) -> str:
    return "; ".join(f"{cell.row}, {cell.variable}" for cell in cells)


def views(disputes: Iterable[Dispute], scenario: Scenario) -> dict[tuple[str, str], Taken]:
    """The rival readings of each scenario, by case and name."""
    found: dict[tuple[str, str], dict[Cell, Alternative]] = {}
    for dispute in disputes:
        for rival in dispute.rivals:
            for name in scenario(rival):
                found.setdefault((case_of(rival.row), name), {}).setdefault(rival.cell, rival)
    return {place: tuple(taken.values()) for place, taken in found.items()}


def by_source(alternative: Alternative) -> Iterable[str]:
    """The scenarios of a reading: the sources that give it."""
    return alternative.sources


def _views(disputes: Sequence[Dispute], scenario: Scenario) -> Iterator[Factor]:
    """One factor for all views that speak of a common cell, of which one at most holds; the rest stand alone."""
    cells = {dispute.cell: number for number, dispute in enumerate(disputes)}
    held = views(disputes, scenario)
    shared = [(cells[a.cell], place) for place, taken in held.items() for a in taken]
    for group in joined(len(disputes), shared):
        mine = [disputes[number] for number in group]
        inside = {dispute.cell for dispute in mine}
        readings = dict.fromkeys(taken for taken in held.values() if taken[0].cell in inside)
        seen = {a for taken in readings for a in taken}
        readings.update(dict.fromkeys((rival,) for d in mine for rival in d.rivals if rival not in seen))
        choices = [
            (*taken, *(d.coded for d in mine if d.coded and d.cell not in {a.cell for a in taken}))
            for taken in ((), *readings)
        ]
        yield Factor(_label([dispute.cell for dispute in mine]), tuple(choices))


def joined(count: int, marks: Iterable[tuple[int, Hashable]]) -> list[list[int]]:
    """Numbers below `count`, those together that share a mark, directly or by way of others.

    Examples
    --------
    >>> joined(4, [(0, "a"), (2, "a"), (2, "b"), (3, "b")])
    [[0, 2, 3], [1]]
    """
    leader = list(range(count))

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = number = leader[leader[number]]
        return number

    first: dict[Hashable, int] = {}
    for number, mark in marks:
        one, other = sorted((find(number), find(first.setdefault(mark, number))))
        leader[other] = one
    groups: dict[int, list[int]] = {}
    for number in range(count):
        groups.setdefault(find(number), []).append(number)
    return list(groups.values())
