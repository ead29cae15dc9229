"""Which worlds are asked, and what share of them says the same: all worlds where they are few, else as many as needed.

Choices
-------
Worlds are numbered, and what a world picks follows from the seed and its number alone, so that neither the number of
workers nor their kind matters. The schemes draw with the same random numbers: where they pick alike, they ask the same
world. Intervals are Wilson's, at 95 percent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod, sqrt
from random import Random
from typing import Any, NamedTuple

import numpy as np

from casebook.worlds.dimensions import Dimension
from casebook.worlds.inquiry import Answer, Asked, Value, World
from casebook.worlds.weights import Scheme

BATCH = 250
Z = 1.959964


class Share(NamedTuple):
    """In what share of worlds a conclusion holds under one scheme, and between which bounds that lies.

    ``how`` is ``all worlds``, ``drawn``, or ``values that matter``, where all combinations of these were asked.
    """

    holds: float
    low: float
    high: float
    how: str


@dataclass(frozen=True)
class Sample:
    """Worlds, each once, with their answers.

    Attributes
    ----------
    worlds : sequence of World
        The worlds.
    answers : sequence of Answer or None
        What the analysis said in each.
    weights : mapping of str to array
        Weight of each world under each scheme; they sum to 1.
    draws : mapping of str to sequence of int
        For each scheme the worlds drawn, in order; empty where all worlds were asked.
    """

    worlds: Sequence[World]
    answers: Sequence[Answer | None]
    weights: Mapping[str, np.ndarray[Any, Any]]
    draws: Mapping[str, Sequence[int]]

    @property
    def complete(self) -> bool:
        return not self.draws

    def share(self, scheme: str, name: str, coded: Value) -> Share:
        """In what share of worlds a conclusion is the coded one."""
        holds = mean(agrees(self.answers, name, coded), self.weights[scheme])
        if self.complete:
            return Share(holds, holds, holds, "all worlds")
        return Share(holds, *wilson(holds, len(self.draws[scheme])), "drawn")

    def numbers(self, name: str) -> np.ndarray[Any, Any]:
        """The numbers that a conclusion gives; NaN where it gives none."""
        return np.array([number(answer, name) for answer in self.answers], dtype=float)


def mean(values: np.ndarray[Any, Any], weights: np.ndarray[Any, Any]) -> float:
    """A weighted share; exactly 0 or 1 where all that has any weight agrees."""
    seen = values[weights > 0]
    return float(seen[0]) if len(seen) and (seen == seen[0]).all() else float(weights @ values)


def agrees(answers: Iterable[Answer | None], name: str, coded: Value) -> np.ndarray[Any, Any]:
    """1 where a conclusion is the coded one, 0 where it is another or there is no answer."""
    return np.array([answer is not None and answer[name] == coded for answer in answers], dtype=float)


def number(answer: Answer | None, name: str) -> float:
    value = None if answer is None else answer[name]
    return float(value) if isinstance(value, float) else float("nan")


def wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's 95 percent interval of a share.

    Parameters
    ----------
    share : float
        The share seen.
    count : int
        Of how many draws.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the American
    Statistical Association, 22(158), 209–212.

    Examples
    --------
    >>> [round(bound, 3) for bound in wilson(0, 100)]
    [0.0, 0.037]
    """
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z * sqrt(share * (1 - share) / count + Z**2 / (4 * count**2)) / (1 + Z**2 / count)
    return max(middle - half, 0.0) if share else 0.0, min(middle + half, 1.0) if share < 1 else 1.0


def possible(dimensions: Sequence[Dimension]) -> int:
    """How many worlds there are."""
    return prod(dimension.size for dimension in dimensions)


def grid(dimensions: Sequence[Dimension], members: Sequence[int]) -> Iterator[World]:
    """Every combination of some dimensions, the others as coded."""
    blank: list[Any] = [None] * len(dimensions)
    for keys in product(*(dimensions[member].keys() or () for member in members)):
        for member, key in zip(members, keys, strict=True):
            blank[member] = key
        yield tuple(blank)


def grid_weights(dimensions: Sequence[Dimension], scheme: Scheme) -> np.ndarray[Any, Any]:
    """Weights of every combination, in the order of `grid`."""
    weights = np.ones(1)
    for dimension in dimensions:
        weights = np.multiply.outer(weights, dimension.weights(scheme)).ravel()
    return weights


def everything(asked: Asked, schemes: Sequence[Scheme]) -> Sample:
    """All worlds."""
    dimensions = asked.inquiry.dimensions
    worlds = list(grid(dimensions, range(len(dimensions))))
    weights = {scheme.name: grid_weights(dimensions, scheme) for scheme in schemes}
    return Sample(worlds, asked.ask(worlds), weights, {})


def draw(dimensions: Sequence[Dimension], scheme: Scheme, seed: int, purpose: int, numbers: range) -> list[World]:
    """The worlds of some numbers.

    Parameters
    ----------
    dimensions : sequence of Dimension
        What to pick from.
    scheme : Scheme
        How to weigh.
    seed, purpose : int
        Other worlds for another seed or purpose.
    numbers : range
        Their numbers.
    """
    uniform = np.array([np.random.default_rng([seed, purpose, n]).random(len(dimensions)) for n in numbers])

    def generators(place: int) -> Any:
        return lambda nth: Random(f"{seed} {purpose} {numbers[nth]} {place}")

    columns = [d.draw(scheme, uniform[:, place], generators(place)) for place, d in enumerate(dimensions)]
    return list(zip(*columns, strict=True))


def drawn(asked: Asked, schemes: Sequence[Scheme], coded: Answer, error: float, most: int, seed: int) -> Sample:
    """As many worlds as it takes to know every share to within an error, or at most so many."""
    numbers: dict[World, int] = {}
    draws: dict[str, list[int]] = {scheme.name: [] for scheme in schemes}
    answers: list[Answer | None] = []
    for start in range(0, most, BATCH):
        span = range(start, min(start + BATCH, most))
        for scheme in schemes:
            worlds = draw(asked.inquiry.dimensions, scheme, seed, 0, span)
            found = asked.ask(worlds)
            for world, answer in zip(worlds, found, strict=True):
                if world not in numbers:
                    numbers[world] = len(numbers)
                    answers.append(answer)
                draws[scheme.name].append(numbers[world])
        sample = _weighed(numbers, answers, draws)
        shares = [sample.share(scheme.name, name, value) for scheme in schemes for name, value in coded.items()]
        if all(share.high - share.low <= 2 * error for share in shares):
            break
    return sample


def _weighed(
    numbers: Mapping[World, int], answers: Sequence[Answer | None], draws: Mapping[str, Sequence[int]]
) -> Sample:
    weights = {name: np.bincount(places, minlength=len(numbers)) / len(places) for name, places in draws.items()}
    return Sample(list(numbers), answers, weights, draws)


def narrowed(
    asked: Asked, sample: Sample, schemes: Sequence[Scheme], name: str, coded: Value, members: Sequence[int]
) -> dict[str, Share]:
    """Shares of a conclusion from all combinations of the few dimensions on which it seems to depend.

    What the others add is estimated from the worlds drawn, as the mean difference that they make there; so the estimate
    is right even if they matter after all, and then only less exact.

    Parameters
    ----------
    asked : Asked
        The answers so far.
    sample : Sample
        The worlds drawn.
    schemes : sequence of Scheme
        How to weigh.
    name : str
        The conclusion.
    coded : bool, float, str or None
        What it is as coded.
    members : sequence of int
        The dimensions that matter.
    """
    dimensions = asked.inquiry.dimensions
    worlds = list(grid(dimensions, members))
    holds = agrees(asked.ask(worlds, "values that matter"), name, coded)
    known = {tuple(world[m] for m in members): value for world, value in zip(worlds, holds, strict=True)}
    without = np.array([known[tuple(world[m] for m in members)] for world in sample.worlds])
    differs = agrees(sample.answers, name, coded) - without
    shares = {}
    for scheme in schemes:
        share = mean(holds, grid_weights([dimensions[m] for m in members], scheme))
        gaps = differs[np.array(sample.draws[scheme.name])]
        error = Z * gaps.std() / sqrt(len(gaps)) if gaps.any() else 3 / len(gaps)
        middle = share + float(gaps.mean())
        low, high = max(middle - error, 0.0), min(middle + error, 1.0)
        shares[scheme.name] = Share(min(max(middle, 0.0), 1.0), low, high, "values that matter")
    return shares
