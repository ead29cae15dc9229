"""Asking how far a solution depends on choices, on single rows, and on luck.

Sensitivity ranges, test solutions and the robust core follow Oana and Schneider (2024), A Robustness Test Protocol for
Applied QCA, Sociological Methods & Research 53(1), and their R package SetMethods (``rob.inclrange``,
``rob.calibrange``, ``rob.fit``, ``rob.cases``). The core is what all test solutions share, and its reach what any of
them covers, as the article defines it; of several test solutions ``rob.fit`` and ``rob.cases`` of SetMethods 4.0 take
only the first and the last for overlaps and case ratios.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from casebook._support.arguments import told
from casebook.errors import CasebookError
from casebook.qca.minimize import KINDS
from casebook.qca.robust import Core, Luck, Omission, Robustness, Span
from casebook.qca.solution import Solved
from casebook.qca.truthtable import TOLERANCE, Choices, reaches, sufficiency, total

if TYPE_CHECKING:
    from casebook.qca.result import QCA
    from casebook.qca.scales import Scale

DRAWS = 1_000
STRICTER = (0.05, 0.1)


@told("casebook.qca.robustness(casebook.qca.analyze('settlement'))")
def robustness(
    result: QCA,
    *,
    kind: str = "intermediate",
    tests: Iterable[Mapping[str, Any]] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Robustness:
    """Ask how far a solution depends on choices, on single rows, and on luck.

    Every cut, anchor and frequency is moved, one at a time and step by step, as long as all models stay the same (cuts
    and memberships by thousandths, anchors of numbers by two hundredths of their width). Test solutions made with
    other choices show which part of the solution all of them share (Oana and Schneider 2024). Every row is left out
    once, and every case where rows belong to cases. Last, the outcome is reshuffled among the rows: a procedure that
    finds as good a solution where there is nothing to find has found little.

    Parameters
    ----------
    result : QCA
        The analysis.
    kind : {"intermediate", "complex", "parsimonious"}
        Which of its solutions.
    tests : iterable of mapping, optional
        Choices of each test solution, among ``consistency``, ``pri``, ``frequency``, ``contradictory``, ``enhanced``;
        cuts for consistency stricter by .05 and by .10 if not given.
    draws : int, default 1000
        Number of reshuffles; where no more than these differ, all are tried.
    seed : int, default 0
        Seed of the reshuffles drawn at random.

    Returns
    -------
    Robustness
        Ranges, robust core, omissions, share of reshuffles, and a reading.

    Raises
    ------
    CasebookError
        If the kind is not one of the three, a choice is impossible, or `draws` is not positive.

    Examples
    --------
    >>> import pandas as pd
    >>> from casebook import qca
    >>> frame = pd.DataFrame({"A": [1, 1, 0.3, 0], "B": [1, 0, 1, 0], "Y": [1, 0.8, 0.1, 0]})
    >>> found = qca.robustness(qca.solve(frame, "Y", ["A", "B"]), draws=100)
    >>> found.ranges.query("choice == 'consistency'")[["lower", "upper"]].values.tolist()
    [[0.0, 0.8]]
    """
    if kind not in KINDS:
        raise CasebookError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    if draws < 1:
        raise CasebookError(f"draws must be at least 1, not {draws}")
    solved = result.solved
    choices = solved.choices
    if tests is None:
        tests = [{"consistency": min(1.0, round(choices.consistency + more, 6))} for more in STRICTER]
    others = [solved.choosing(_changed(choices, test)) for test in tests]
    return Robustness(
        kind,
        _text(solved, kind),
        result.unit,
        tuple(_spans(solved, kind, result.scales())),
        tuple(_text(other, kind) or "none" for other in others),
        *_core(solved, others, kind),
        tuple(_omissions(solved, kind)),
        reshuffled(solved, kind, draws, seed),
    )


def reshuffled(solved: Solved, kind: str, draws: int, seed: int = 0) -> Luck:
    """Share of reshuffles of the outcome that give a solution that fits at least as well.

    All reshuffles that differ are tried where there are no more than `draws`. Rows are put in the order of their
    memberships first, so that the share does not depend on the order in which they came.
    """
    if not solved.rows.positive:
        return Luck(float("nan"), 0, False)
    sets = solved.sets
    bar = _worth(solved.within(kind), sets.y)
    columns = [sets.x[:, sets.conditions.index(name)] for name in sorted(sets.conditions)]
    order = np.lexsort([sets.y, *columns])
    y = sets.y[order]
    base = replace(sets, x=sets.x[order], y=y)
    different = math.factorial(len(y)) // math.prod(math.factorial(n) for n in Counter(y.tolist()).values())
    exact = different <= draws
    rng = np.random.default_rng(seed)
    dealt = map(np.array, _arrangements(sorted(y))) if exact else (rng.permutation(y) for _ in range(draws))
    number = different if exact else draws
    others = (base.asking(other) for other in dealt)
    hits = sum(bool(reaches(_worth(Solved(o, solved.choices).within(kind), o.y), bar)) for o in others)
    return Luck(hits / number, number, exact)


def _arrangements(values: list[float]) -> Iterator[list[float]]:
    """Every different order of sorted values, by stepping from each to the next greater one."""
    while True:
        yield list(values)
        fall = next((n for n in range(len(values) - 2, -1, -1) if values[n] < values[n + 1]), None)
        if fall is None:
            return
        above = next(n for n in range(len(values) - 1, fall, -1) if values[n] > values[fall])
        values[fall], values[above] = values[above], values[fall]
        values[fall + 1 :] = reversed(values[fall + 1 :])


def _worth(x: Any, y: Any) -> float:
    fit = sufficiency(x, y)
    return fit["consistency"] * fit["raw_coverage"]


def _changed(choices: Choices, test: Mapping[str, Any]) -> Choices:
    known = list(choices.__dataclass_fields__)
    for name in test:
        if name not in known:
            raise CasebookError(f"{name!r} is no choice of a test solution; valid: {', '.join(known)}")
    return replace(choices, **test)


def _text(solved: Solved, kind: str) -> str:
    return " or ".join(map(solved.sets.formula, solved.models(kind).found))


def _spans(solved: Solved, kind: str, scales: Sequence[Scale]) -> Iterable[Span]:
    sets, choices = solved.sets, solved.choices
    base = solved.models(kind)

    def chosen(**other: Any) -> bool:
        return solved.choosing(replace(choices, **other)).models(kind) == base

    cut, pri, count = choices.consistency, choices.pri, choices.frequency
    most = max(count, len(sets.rows))
    yield Span("consistency", "", cut, *_stretch(cut, (0, 1, 0.001), lambda other: chosen(consistency=other)))
    yield Span("pri", "", pri, *_stretch(pri, (0, 1, 0.001), lambda other: chosen(pri=other)))
    yield Span("frequency", "", count, *_stretch(count, (1, most, 1), lambda other: chosen(frequency=round(other))))
    for scale in scales:
        for anchor, value in scale.anchors.items():
            if scale.graded or anchor in scale.values:
                moved = _moved(solved, scale, anchor, kind)
                yield Span(scale.name, anchor, value, *_stretch(value, scale.room(anchor), moved))


def _moved(solved: Solved, scale: Scale, anchor: str, kind: str) -> Callable[[float], bool]:
    """Whether the models stay the same with an anchor elsewhere; rows that would be neither in nor out are a change."""
    sets, base = solved.sets, solved.models(kind)

    def same(value: float) -> bool:
        column = scale.memberships(**{anchor: value})
        if scale.name in sets.conditions:
            if (abs(column - 0.5) <= TOLERANCE).any():
                return False
            x = sets.x.copy()
            x[:, sets.conditions.index(scale.name)] = column
            return Solved(replace(sets, x=x), solved.choices).models(kind) == base
        again = sets.asking(column if scale.name == sets.outcome else 1 - column)
        return Solved(again, solved.choices).models(kind) == base

    return same


def _stretch(value: float, room: tuple[float, float, float], same: Callable[[float], bool]) -> tuple[float, float]:
    """The farthest steps on both sides up to which nothing changes."""
    low, high, step = room
    ends = []
    for sign in (-1, 1):
        end, count = value, 1
        while low - 1e-9 <= (place := round(value + sign * count * step, 9)) <= high + 1e-9 and same(place):
            end, count = place, count + 1
        ends.append(end)
    return ends[0], ends[1]


def _core(solved: Solved, others: Sequence[Solved], kind: str) -> tuple[Core, tuple[tuple[str, str], ...]]:
    y = solved.sets.y
    first = solved.within(kind)
    tests = [other.within(kind) for other in others] or [first]
    every, some = np.min(tests, axis=0), np.max(tests, axis=0)
    core = np.minimum(first, every)
    half = 0.5 + TOLERANCE
    robust, shaky = core > half, np.minimum(first, 1 - every) > half
    possible, typical = np.minimum(1 - first, some) > half, y > half
    labels = []
    for place, row in enumerate(solved.sets.rows):
        side = "typical" if typical[place] else "deviant"
        name = next(
            (word for word, mask in (("robust", robust), ("shaky", shaky), ("possible", possible)) if mask[place]), ""
        )
        labels.append((row, f"{name} {side}" if name else "uncovered" if typical[place] else "irrelevant"))
    fit, whole = sufficiency(core, y), sufficiency(first, y)
    judged = robust | shaky | possible
    return Core(
        _share(fit["raw_coverage"], whole["raw_coverage"]),
        _share(whole["consistency"], fit["consistency"]),
        _share(total(core), total(np.maximum(first, every))),
        _share(total(np.minimum(first, some)), total(np.maximum(first, some))),
        _share((robust & typical).sum(), (judged & typical).sum()),
        _share((robust & ~typical).sum(), (judged & ~typical).sum()),
        1 + bool(possible.any()) + 2 * bool(shaky.any()),
    ), tuple(labels)


def _omissions(solved: Solved, kind: str) -> Iterable[Omission]:
    sets, base = solved.sets, solved.models(kind)
    groups = [(label, [place]) for place, label in enumerate(sets.rows)]
    for name in sorted(set(sets.clusters or ())):
        places = [place for place, cluster in enumerate(sets.clusters or ()) if cluster == name]
        if len(places) > 1:
            groups.append((name, places))
    for label, places in groups:
        rest = Solved(sets.only([place for place in range(len(sets.rows)) if place not in places]), solved.choices)
        yield Omission(label, len(places), _text(rest, kind) or "none", rest.models(kind) == base)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > TOLERANCE else float("nan")
