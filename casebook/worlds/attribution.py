"""Which disputed value matters: the total Sobol index of each.

The total index of a value is the share of a conclusion's variance that would be left if everything else were settled,
on average: what one may hope to gain by settling the dispute about it, alone or together with others. Indices may sum
to more than 1, since what two values do together counts for both. For truth values and texts the variance is Gini's,
the chance that two worlds differ.

References
----------
Homma, T., & Saltelli, A. (1996). Importance measures in global sensitivity analysis of nonlinear models. Reliability
Engineering & System Safety, 52(1), 1–17.

Jansen, M. J. W. (1999). Analysis of variance designs for model output. Computer Physics Communications, 117(1–2),
35–43.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from casebook.worlds.inquiry import Answer, Asked, Value, World
from casebook.worlds.sampling import Sample, draw, number
from casebook.worlds.weights import Scheme

ROUND = 32
MOST = 512
ENOUGH = 16
"""After so many pairs that differ in a dimension, and none in a conclusion, it is not looked at any more."""


class Part(NamedTuple):
    """How much one dimension matters for a conclusion: its total index, and the standard error of that."""

    dimension: int
    share: float
    error: float


@dataclass(frozen=True)
class Attribution:
    """What matters for each conclusion.

    Attributes
    ----------
    parts : mapping of str to list of Part
        By conclusion the dimensions that matter, most of all first.
    moved : mapping of str to set of int
        By conclusion the dimensions that changed it in some world.
    """

    parts: dict[str, list[Part]] = field(default_factory=dict)
    moved: dict[str, set[int]] = field(default_factory=dict)


def attribute(asked: Asked, sample: Sample, scheme: Scheme, coded: Answer, seed: int) -> Attribution:
    """What matters under one scheme; from all worlds where all were asked, else from pairs of worlds.

    Two worlds of a pair differ in one dimension. No more pairs are asked than worlds were asked before.
    """
    if sample.complete:
        return _exact(asked, sample, scheme, coded)
    return _estimated(asked, sample, scheme, coded, seed)


def _channels(answers: Sequence[Answer | None], name: str, coded: Value) -> np.ndarray[Any, Any]:
    """Conclusions as columns of numbers, so that squared distances measure how far they differ."""
    if isinstance(coded, float):
        numbers = np.array([number(answer, name) for answer in answers])
        known = ~np.isnan(numbers)
        return np.where(known, numbers, numbers[known].mean() if known.any() else 0.0)[:, None]
    values = [_said(answer, name) for answer in answers]
    places = {value: n for n, value in enumerate(dict.fromkeys(values))}
    return np.eye(len(places))[[places[value] for value in values]]


def _said(answer: Answer | None, name: str) -> tuple[Value] | None:
    return None if answer is None else (answer[name],)


def _ranked(parts: Sequence[Part]) -> list[Part]:
    return sorted((part for part in parts if part.share > 1e-9), key=lambda part: (-part.share, part.dimension))


def _exact(asked: Asked, sample: Sample, scheme: Scheme, coded: Answer) -> Attribution:
    dimensions = asked.inquiry.dimensions
    shape = [dimension.size for dimension in dimensions]
    weights = [dimension.weights(scheme) for dimension in dimensions]
    found = Attribution()
    for name, value in coded.items():
        channels = _channels(sample.answers, name, value)
        whole = sample.weights[scheme.name]
        variance = _variance(channels, whole)
        table = channels.reshape([*shape, -1])
        parts = []
        for place, mine in enumerate(weights):
            left = np.moveaxis(table, place, 0)
            within = np.tensordot(mine, left**2, 1) - np.tensordot(mine, left, 1) ** 2
            others = _outer([w for n, w in enumerate(weights) if n != place])
            parts.append(Part(place, float(others @ within.reshape(len(others), -1).sum(1)), 0.0))
        scale = variance if variance > 1e-12 else np.inf
        found.parts[name] = _ranked([Part(place, share / scale, 0.0) for place, share, _ in parts])
        found.moved[name] = {part.dimension for part in parts if part.share > 1e-12}
    return found


def _outer(weights: Sequence[np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    product = np.ones(1)
    for one in weights:
        product = np.multiply.outer(product, one).ravel()
    return product


def _estimated(asked: Asked, sample: Sample, scheme: Scheme, coded: Answer, seed: int) -> Attribution:
    dimensions = asked.inquiry.dimensions
    places = sample.draws[scheme.name]
    active = list(range(len(dimensions)))
    limit = 2 * len(asked)
    pairs: dict[int, list[tuple[World, World]]] = {place: [] for place in active}
    moved: dict[str, set[int]] = {name: set() for name in coded}
    start = 0
    while active and start < min(len(places), MOST) and len(asked) < limit:
        size = min(max((limit - len(asked)) // len(active), 1), ROUND)
        span = range(start, min(start + size, len(places)))
        start = span.stop
        bases = [sample.worlds[places[n]] for n in span]
        others = draw(dimensions, scheme, seed, 1, span)
        fresh = [(p, a, (*a[:p], b[p], *a[p + 1 :])) for p in active for a, b in zip(bases, others, strict=True)]
        ends = asked.ask([other for _, _, other in fresh], "what matters")
        starts = asked.ask([base for _, base, _ in fresh])
        for (place, base, other), one, two in zip(fresh, starts, ends, strict=True):
            pairs[place].append((base, other))
            for name in coded:
                if _said(one, name) != _said(two, name):
                    moved[name].add(place)
        active = [
            place
            for place in active
            if any(place in found for found in moved.values()) or sum(a != b for a, b in pairs[place]) < ENOUGH
        ]
    weights = sample.weights[scheme.name]
    parts = {name: _ranked(_indices(asked, sample, weights, pairs, name, value)) for name, value in coded.items()}
    return Attribution(parts, moved)


def _indices(
    asked: Asked,
    sample: Sample,
    weights: np.ndarray[Any, Any],
    pairs: Mapping[int, Sequence[tuple[World, World]]],
    name: str,
    coded: Value,
) -> list[Part]:
    """Jansen's estimator."""
    count = len(sample.answers)
    flat = [world for found in pairs.values() for pair in found for world in pair]
    channels = _channels([*sample.answers, *asked.ask(flat)], name, coded)
    variance = _variance(channels[:count], weights)
    distances = ((channels[count::2] - channels[count + 1 :: 2]) ** 2).sum(1) / 2
    parts, start = [], 0
    for place, found in pairs.items():
        mine = distances[start : start + len(found)]
        start += len(found)
        if variance > 1e-12 and len(mine):
            share, spread = float(mine.mean()) / variance, float(mine.std()) / variance
            parts.append(Part(place, min(share, 1.0), spread / sqrt(len(mine))))
    return parts


def _variance(channels: np.ndarray[Any, Any], weights: np.ndarray[Any, Any]) -> float:
    return float((weights @ channels**2 - (weights @ channels) ** 2).sum())
