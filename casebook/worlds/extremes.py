"""The lowest and the highest number that a conclusion takes in any world."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import isclose, prod
from random import Random
from typing import Literal, NamedTuple

import numpy as np

from casebook.worlds.dimensions import Key, joined
from casebook.worlds.inquiry import Answer, Asked, World
from casebook.worlds.sampling import Sample, number

CHECKS = 64
ROUNDS = 20
BLOCK = 64
Move = tuple[tuple[int, Key], ...]
"""Keys for some dimensions."""


class Extremes(NamedTuple):
    """Lowest and highest number, and how they were found.

    ``exact``: all worlds were asked, or the values of every row proved to add their own amount whatever the others are.
    ``search``: value after value was changed as long as that moved the number; there may be more extreme worlds.
    ``drawn``: those among the worlds drawn; there are too many values to search.
    """

    lowest: float
    highest: float
    how: Literal["exact", "search", "drawn"]


def extremes(asked: Asked, sample: Sample, name: str, coded: Answer, most: int, seed: int) -> Extremes:
    """The extremes of a number; dates lie at their ends.

    Parameters
    ----------
    asked : Asked
        The answers so far.
    sample : Sample
        The worlds asked.
    name : str
        The conclusion.
    coded : Answer
        The conclusions as coded.
    most : int
        How many worlds may be asked at most.
    seed : int
        Seed of the worlds in which it is checked whether values add up.
    """
    numbers = sample.numbers(name)
    known = numbers[~np.isnan(numbers)]
    seen = Extremes(*((float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)), "exact")
    if sample.complete:
        return seen
    blocks = _blocks(asked)
    if sum(map(len, blocks)) > most:
        return seen._replace(how="drawn")
    search = _Search(asked, blocks, name, number(coded, name))
    if search.adds_up(seed):
        lowest, highest = (search.ask([search.best(sign)])[0] for sign in (1, -1))
        return Extremes(lowest, highest, "exact")
    start = {sign: sample.worlds[int(np.nanargmin(sign * numbers))] for sign in (1, -1)} if known.size else {}
    found = [min(sign * n for n in search.descend(sign, start.get(sign), most)) for sign in (1, -1)]
    return Extremes(min(found[0], seen.lowest), max(-found[1], seen.highest), "search")


def _blocks(asked: Asked) -> list[list[Move]]:
    """For every row the ways to read its values, or for every dimension where that would be too many."""
    dimensions = asked.inquiry.dimensions
    marks = [(n, (cell.table, cell.row)) for n, dimension in enumerate(dimensions) for cell in dimension.cells]
    blocks: list[list[Move]] = []
    for group in joined(len(dimensions), marks):
        ends = [[(member, key) for key in dimensions[member].ends] for member in group]
        if prod(map(len, ends)) <= BLOCK:
            blocks.append(list(product(*ends)))
        else:
            blocks += [[(move,) for move in moves] for moves in ends]
    return blocks


class _Search:
    def __init__(self, asked: Asked, blocks: Sequence[Sequence[Move]], name: str, coded: float) -> None:
        self._asked, self._blocks, self._name, self._coded = asked, blocks, name, coded
        self._blank: World = (None,) * len(asked.inquiry.dimensions)
        alone = [_moved(self._blank, move) for block in blocks for move in block]
        effects = iter(self.ask(alone))
        self._effects = [[next(effects) - coded for _ in block] for block in blocks]

    def ask(self, worlds: Sequence[World]) -> list[float]:
        return [number(answer, self._name) for answer in self._asked.ask(worlds, "lowest and highest")]

    def adds_up(self, seed: int) -> bool:
        """Whether, in worlds made at random, the effects of rows are the sum of what each does alone."""
        random = Random(f"{seed} adds up")
        picks = [[random.randrange(len(block)) for block in self._blocks] for _ in range(CHECKS)]
        numbers = self.ask([self._world(pick) for pick in picks])
        sums = [self._coded + sum(e[n] for e, n in zip(self._effects, pick, strict=True)) for pick in picks]
        return all(isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(numbers, sums, strict=True))

    def best(self, sign: int) -> World:
        """The world in which every row does what alone lowers (or, with -1, raises) the number most."""
        return self._world([min(range(len(e)), key=lambda n: (sign * e[n], n)) for e in map(_known, self._effects)])

    def _world(self, picks: Sequence[int]) -> World:
        world = self._blank
        for block, pick in zip(self._blocks, picks, strict=True):
            world = _moved(world, block[pick])
        return world

    def descend(self, sign: int, start: World | None, most: int) -> list[float]:
        """The numbers at which it ends to change row after row, from two starts."""
        return [self._descend(sign, world, most) for world in (self.best(sign), start) if world is not None]

    def _descend(self, sign: int, world: World, most: int) -> float:
        (value,) = _known(self.ask([world]), sign)
        limit = len(self._asked) + most
        for _ in range(ROUNDS):
            if len(self._asked) >= limit:
                break
            moves = [(n, _moved(world, move), move) for n, block in enumerate(self._blocks) for move in block]
            numbers = _known(self.ask([moved for _, moved, _ in moves]), sign)
            better: dict[int, tuple[float, Move]] = {}
            for (n, _, move), found in zip(moves, numbers, strict=True):
                if sign * found < sign * better.get(n, (value, ()))[0]:
                    better[n] = (found, move)
            if not better:
                break
            together, single = world, min(better.values(), key=lambda one: sign * one[0])
            for _, move in better.values():
                together = _moved(together, move)
            (reached,) = _known(self.ask([together]), sign)
            if sign * reached < sign * single[0]:
                world, value = together, reached
            else:
                world, value = _moved(world, single[1]), single[0]
        return value


def _known(numbers: Sequence[float], sign: int = 0) -> list[float]:
    """Numbers, with no answer as one that is never wanted, or as one that changes nothing."""
    return [(sign * float("inf") if sign else 0.0) if n != n else n for n in numbers]


def _moved(world: World, move: Move) -> World:
    keys = list(world)
    for member, key in move:
        keys[member] = key
    return tuple(keys)
