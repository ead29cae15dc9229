"""An analysis asked in all the worlds that are wanted, and what it says there, gathered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import prod

import numpy as np
import pandas as pd

from casebook.worlds.alternatives import Alternative, Dispute
from casebook.worlds.attribution import attribute
from casebook.worlds.coherence import Coherence
from casebook.worlds.dimensions import Held, Taken, by_source, views
from casebook.worlds.extremes import extremes
from casebook.worlds.inquiry import Answer, Asked, Value, World
from casebook.worlds.result import Conclusion, Multiverse, matters_of
from casebook.worlds.sampling import Sample, Share, drawn, everything, narrowed, possible
from casebook.worlds.weights import Scheme

READING = ["table", "row", "variable", "coded", "reads", "kind", "confidence"]


@dataclass(frozen=True)
class Settings:
    """How to ask; see `casebook.multiverse`."""

    error: float
    max_worlds: int
    seed: int
    schemes: list[Scheme]
    scheme: str


def gather(
    asked: Asked, coded: Answer, disputes: Sequence[Dispute], coherence: Coherence, settings: Settings
) -> Multiverse:
    """Ask an analysis in every world that is wanted, and gather what it says."""
    made, seed = asked.inquiry.dimensions, settings.seed
    singles, incoherent = _singles(asked, disputes, coherence)
    held = _views(asked, disputes, coded, coherence)
    count = possible(made)
    if count <= settings.max_worlds:
        sample = everything(asked, settings.schemes)
    else:
        sample = drawn(asked, settings.schemes, coded, settings.error, settings.max_worlds, seed)
    asked_for = next(scheme for scheme in settings.schemes if scheme.name == settings.scheme)
    matter = attribute(asked, sample, asked_for, coded, seed)
    overturning = _overturning(coded, singles)
    moved = {name: matter.moved.get(name, set()) | _moved_alone(asked, coded, name, singles) for name in coded}
    shares = _shares(asked, sample, coded, moved, settings)
    names = [dimension.name for dimension in made]
    conclusions = tuple(
        Conclusion(
            name,
            value,
            shares[name],
            settings.scheme,
            extremes(asked, sample, name, coded, settings.max_worlds, seed) if isinstance(value, float) else None,
            _median(sample, name, settings.scheme) if isinstance(value, float) else None,
            _other(sample, name, value, settings.scheme) if isinstance(value, str) else None,
            int((overturning["conclusion"] == name).sum()),
            matters_of(matter.parts.get(name, []), names),
        )
        for name, value in coded.items()
    )
    weights = pd.DataFrame({scheme.name: sample.weights[scheme.name] for scheme in settings.schemes})
    unanswered = np.array([answer is None for answer in sample.answers]) @ sample.weights[settings.scheme]
    return Multiverse(
        conclusions=conclusions,
        disputed=_disputed(disputes),
        worlds=_answered(asked, sample, coded),
        weights=weights,
        overturning=overturning,
        views=held,
        attribution=pd.DataFrame(
            [[one.name, m.name, m.share, m.error] for one in conclusions for m in one.matters],
            columns=["conclusion", "matters", "share", "error"],
        ),
        possible=count,
        complete=sample.complete,
        drawn=0 if sample.complete else len(sample.draws[settings.scheme]),
        asked=len(asked),
        error=settings.error,
        unanswered=float(unanswered),
        incoherent=incoherent,
        seed=seed,
    )


def _held(asked: Asked, taken: Taken) -> World:
    """The world in which some alternatives hold, and all else is as coded."""
    places = {cell: n for n, dimension in enumerate(asked.inquiry.dimensions) for cell in dimension.cells}
    mine: dict[int, list[Alternative]] = {}
    for alternative in taken:
        mine.setdefault(places[alternative.cell], []).append(alternative)
    return tuple(Held(tuple(mine[n])) if n in mine else None for n in range(len(asked.inquiry.dimensions)))


def _singles(
    asked: Asked, disputes: Sequence[Dispute], coherence: Coherence
) -> tuple[list[tuple[Alternative, Answer | None]], int]:
    """The answer to every single reading that can stand alone, inexact dates at their ends; and how many cannot."""
    ends = chain.from_iterable(dispute.coded.ends if dispute.coded else () for dispute in disputes)
    every = [*(rival for dispute in disputes for rival in dispute.rivals), *ends]
    alone = [alternative for alternative in every if coherence.keeps((alternative,))]
    answers = asked.ask([_held(asked, (alternative,)) for alternative in alone], "single values")
    return list(zip(alone, answers, strict=True)), len(every) - len(alone)


def _overturning(coded: Answer, singles: Sequence[tuple[Alternative, Answer | None]]) -> pd.DataFrame:
    rows = [
        [name, *(getattr(alternative, column) for column in READING), value, (answer or {}).get(name)]
        for name, value in coded.items()
        for alternative, answer in singles
        if answer is None or answer[name] != value
    ]
    return pd.DataFrame(rows, columns=["conclusion", *READING[:3], "coded_value", *READING[4:], "coded", "gives"])


def _moved_alone(
    asked: Asked, coded: Answer, name: str, singles: Sequence[tuple[Alternative, Answer | None]]
) -> set[int]:
    places = {cell: n for n, dimension in enumerate(asked.inquiry.dimensions) for cell in dimension.cells}
    return {places[a.cell] for a, answer in singles if answer is None or answer[name] != coded[name]}


def _views(asked: Asked, disputes: Sequence[Dispute], coded: Answer, coherence: Coherence) -> pd.DataFrame:
    """What changes when one source is believed throughout a case."""
    found = views(disputes, by_source)
    whole = {place: taken for place, taken in found.items() if len(taken) > 1 and coherence.keeps(taken)}
    answers = asked.ask([_held(asked, taken) for taken in whole.values()], "sources")
    rows = [
        [name, case, source, len(taken), value, (answer or {}).get(name)]
        for name, value in coded.items()
        for ((case, source), taken), answer in zip(whole.items(), answers, strict=True)
        if answer is None or answer[name] != value
    ]
    return pd.DataFrame(rows, columns=["conclusion", "case", "source", "readings", "coded", "gives"])


def _shares(
    asked: Asked, sample: Sample, coded: Answer, moved: Mapping[str, set[int]], settings: Settings
) -> dict[str, dict[str, Share]]:
    """Shares by conclusion and scheme; where few values matter, from all their combinations."""
    found = {
        name: {scheme.name: sample.share(scheme.name, name, value) for scheme in settings.schemes}
        for name, value in coded.items()
    }
    dimensions, left = asked.inquiry.dimensions, len(asked)
    for name in () if sample.complete else coded:
        members = sorted(moved[name])
        size = prod(dimensions[member].size for member in members)
        if members and size <= left and all(dimensions[member].keys() for member in members):
            left -= size
            better = narrowed(asked, sample, settings.schemes, name, coded[name], members)
            for scheme, share in better.items():
                if share.high - share.low < found[name][scheme].high - found[name][scheme].low:
                    found[name][scheme] = share
    return found


def _disputed(disputes: Sequence[Dispute]) -> pd.DataFrame:
    alternatives = [a for d in disputes for a in (*((d.coded,) if d.coded else ()), *d.rivals)]
    columns = [*READING, "sources"]
    return pd.DataFrame([[getattr(a, name) for name in columns] for a in alternatives], columns=columns)


def _answered(asked: Asked, sample: Sample, coded: Answer) -> pd.DataFrame:
    frame = pd.DataFrame([answer or {} for answer in sample.answers], columns=list(coded), dtype=object)
    for place, dimension in enumerate(asked.inquiry.dimensions):
        for name in dimension.arguments(None):
            frame[name] = [dimension.arguments(world[place])[name] for world in sample.worlds]
    return frame


def _median(sample: Sample, name: str, scheme: str) -> float:
    """The weighted median; where half the weight lies on either side of a gap, its middle."""
    numbers, weights = sample.numbers(name), sample.weights[scheme]
    order = np.argsort(numbers, kind="stable")[: int((~np.isnan(numbers)).sum())]
    if not len(order):
        return float("nan")
    sums = np.cumsum(weights[order])
    half = sums[-1] / 2
    low, high = (int(np.searchsorted(sums, half + nudge)) for nudge in (-1e-9, 1e-9))
    return float(numbers[order][[low, min(high, len(order) - 1)]].mean())


def _other(sample: Sample, name: str, coded: Value, scheme: str) -> str | None:
    """The weightiest other text."""
    found: dict[str, float] = {}
    for answer, weight in zip(sample.answers, sample.weights[scheme], strict=True):
        value = None if answer is None else answer[name]
        if isinstance(value, str) and value != coded:
            found[value] = found.get(value, 0.0) + float(weight)
    return max(sorted(found), key=lambda value: found[value]) if found else None
