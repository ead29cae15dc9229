"""An analysis in plain words, with what speaks against relying on it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from casebook.qca.minimize import KINDS, Model
from casebook.qca.solution import NECESSARY, TRIVIAL, Solved
from casebook.qca.stress import reshuffled
from casebook.qca.truthtable import TOLERANCE, membership, reaches, sufficiency
from casebook.views.html import framed, html_table

if TYPE_CHECKING:
    from casebook.qca.result import QCA

FEW = 16
SKEWED = 0.8
NEAR = 0.01
LISTED = 5
NAMED = 6
DRAWS = 500
CAUTION = (
    "The cases were chosen, not sampled, and share history and coders. This describes how conditions go together in "
    "them; it does not show that the conditions cause the outcome, nor that other cases would follow."
)
ASSUMPTIONS = {
    "complex": "assuming nothing about what did not occur",
    "intermediate": "assuming of it only what theory expects",
    "parsimonious": "assuming of it whatever makes the formula shortest",
}


def sentences(result: QCA) -> list[str]:
    """The analysis in plain words; see `casebook.qca.QCA.reading`."""
    return [
        *_rows(result),
        *_few(result),
        *_contradictions(result),
        *_near(result),
        *_necessity(result),
        *_solutions(result),
        *_assumptions(result),
        *_luck(result),
        CAUTION,
    ]


def page(result: QCA) -> str:
    """The analysis as HTML; with few rows the typology comes before the formulas."""
    parts = [f"<h3>{escape(result.heading)}</h3>"]
    parts += [f"<p>{escape(line)}</p>" for line in sentences(result)]
    few = len(result.index) < FEW
    table = result.truth_table
    tables = [
        ("Truth table", table[table["rows"] > 0], not few),
        ("Necessity", result.necessity.reset_index(), True),
        (
            "Solutions" if not few else "Solutions (they sum up the typology and are no finding)",
            result.solutions,
            not few,
        ),
    ]
    if few:
        tables.insert(0, ("Typology", result.typology(), True))
    for heading, frame, opened in tables:
        cells = [[_cell(cell) for cell in row] for row in frame.itertuples(index=False)]
        parts.append(
            f"<details{' open' if opened else ''}><summary><b>{escape(heading)}</b></summary>"
            f"{html_table(list(frame.columns), cells)}</details>"
        )
    return framed(*parts)


def alternatives(solved: Solved, kind: str) -> str:
    """Every model of a solution in one line, or the first with a word where there are too many to list."""
    found = solved.models(kind)
    shown = list(map(solved.sets.formula, found.found))
    return " or ".join(shown) if found.complete else f"{shown[0]} or one of very many others"


def figure(value: float, *cuts: float) -> str:
    """A figure with two digits, or with as many as show on which side of each cut it lies.

    Examples
    --------
    >>> figure(0.8, 0.8), figure(0.7961, 0.8), figure(0.29, 0.8)
    ('0.80', '0.796', '0.29')
    """
    for digits in range(2, 6):
        text = f"{value:.{digits}f}"
        if all(reaches(float(text), cut) == reaches(value, cut) for cut in cuts):
            return text
    return f"{value:.6f}"


def _rows(result: QCA) -> Iterator[str]:
    sets, fit, unit = result.solved.sets, result.solved.measured, result.unit
    gone = f" {len(result.aside)} more could not be used, for want of a membership." if result.aside else ""
    inside = int((sets.y > 0.5 + TOLERANCE).sum())
    yield f"{len(sets.rows)} {unit}, of which {inside} are more in than out of {sets.outcome}.{gone}"
    seen, rare = int((fit.rows > 0).sum()), int(((fit.rows > 0) & (fit.rows < result.choices.frequency)).sum())
    left = len(fit.rows) - seen
    noun = "is a logical remainder" if left == 1 else "are logical remainders"
    empty = f"; the other {left} {noun}, on which only theory speaks (limited diversity)"
    yield (
        f"{len(sets.conditions)} conditions make {len(fit.rows)} configurations, of which {seen} occur"
        f"{empty if left else ''}.{f' {rare} of them are too rare to count.' if rare else ''}"
    )
    skewed = []
    for name, column in [*zip(sets.conditions, sets.x.T, strict=True), (sets.outcome, sets.y)]:
        share = float((column > 0.5 + TOLERANCE).mean())
        if share > SKEWED + TOLERANCE or share < 1 - SKEWED - TOLERANCE:
            skewed.append(f"{name} ({round(share * len(column))} of {len(column)} in)")
    if skewed:
        yield f"Skewed, so that figures come out high by themselves: {', '.join(skewed)}."


def _few(result: QCA) -> Iterator[str]:
    if len(result.index) < FEW:
        yield (
            f"With {len(result.index)} {result.unit} this is a typology, to be read with its deviant {result.unit} "
            "(typology()); the formulas sum it up and are no finding."
        )


def _contradictions(result: QCA) -> Iterator[str]:
    solved, unit = result.solved, result.unit
    types = {line["type"]: line for line in result.typology().to_dict("records") if line["outcome"] == "mixed"}
    if not types:
        yield f"No configuration is contradictory: {unit} alike in all conditions agree on the outcome."
        return
    shown = []
    for name, line in list(types.items())[:LISTED]:
        inside = line["with_outcome"].split(", ")
        members = ", ".join(filter(None, (line[side] for side in ("with_outcome", "without_outcome", "undecided"))))
        named = f": {members}" if line["rows"] <= NAMED else ""
        shown.append(f"{name} ({len(inside)} of {line['rows']} in the outcome{named}), deviant {line['deviant']}")
    first = "the largest are " if len(types) > LISTED else ""
    yield (
        f"{len(types)} of the configurations that occur {'is' if len(types) == 1 else 'are'} contradictory, so that "
        f"something else tells these {unit} apart: {first}{'; '.join(shown)}."
    )
    passing = [
        _named(result, [code])
        for code, good in zip(
            solved.sets.codes, solved.measured.passes(result.choices) & solved.measured.contradictory, strict=True
        )
        if good
    ]
    if passing:
        kept = result.choices.contradictory == "include"
        yield (
            f"{', '.join(passing)} {'reaches' if len(passing) == 1 else 'reach'} the cuts although contradictory, and "
            f"{'counts' if len(passing) == 1 else 'count'} as {'' if kept else 'not '}sufficient."
        )


def _near(result: QCA) -> Iterator[str]:
    """Configurations whose consistency lies so near the cut that a small change of coding decides."""
    sets, fit, choices = result.solved.sets, result.solved.measured, result.choices
    near = [
        f"{_named(result, [code])} ({figure(value, choices.consistency)})"
        for code, value, rows in zip(sets.codes, fit.consistency, fit.rows, strict=True)
        if rows >= choices.frequency and abs(value - choices.consistency) < NEAR and value < 1 - TOLERANCE
    ]
    if near:
        yield f"Within {NEAR:g} of the cut of {choices.consistency:g}, where little decides: {', '.join(near)}."


def _necessity(result: QCA) -> Iterator[str]:
    sets = result.solved.sets
    fits = {sets.formula((literal,)): fit for literal, fit in result.solved.necessary.items()}
    passed = {name: fit for name, fit in fits.items() if reaches(fit["consistency"], NECESSARY)}
    for name, fit in passed.items():
        trivial = (
            f"; but with a relevance below {TRIVIAL} this is trivial, because nearly every row has it"
            if not reaches(fit["relevance"], TRIVIAL)
            else ""
        )
        yield (
            f"{name} passes as necessary (consistency {figure(fit['consistency'], NECESSARY)}, coverage "
            f"{fit['coverage']:.2f}, relevance {figure(fit['relevance'], TRIVIAL)}){trivial}."
        )
    if not passed:
        best = max(fit["consistency"] for fit in fits.values())
        names = [name for name, fit in fits.items() if fit["consistency"] >= best - TOLERANCE]
        verb = "nearest is" if len(names) == 1 else "nearest are"
        yield (
            f"No single condition is necessary; the {verb} {' and '.join(names)} (consistency "
            f"{figure(best, NECESSARY)}, below {NECESSARY})."
        )


def _solutions(result: QCA) -> Iterator[str]:
    solved, choices = result.solved, result.choices
    if not solved.rows.positive:
        yield f"No configuration is sufficient at consistency {choices.consistency} and PRI {choices.pri}."
        return
    for kind, assumption in ASSUMPTIONS.items():
        models = solved.models(kind)
        first = models.found[0]
        fit = sufficiency(solved.within(kind), solved.sets.y)
        below = (
            f"; that lies below the {choices.consistency:g} asked of each configuration"
            if not reaches(fit["consistency"], choices.consistency)
            else ""
        )
        yield (
            f"The {kind} solution ({assumption}): {solved.sets.formula(first)}, with consistency "
            f"{figure(fit['consistency'], choices.consistency)} and coverage {fit['raw_coverage']:.2f}"
            f"{_others(result, kind)}{below}."
        )
    yield from _thin(result)


def _others(result: QCA, kind: str) -> str:
    """Model ambiguity in words."""
    models = result.solved.models(kind)
    more = [result.solved.sets.formula(model) for model in models.found[1:]]
    what = "other models" if kind == "intermediate" else "other formulas as short"
    if not models.complete:
        return f"; {what}: too many to list, so that it is one reading among very many"
    if not more:
        return ""
    rest = ", …" if len(more) > LISTED else ""
    return f"; {what}: {len(more)}, so that it is one reading among several ({'; '.join(more[:LISTED])}{rest})"


def _thin(result: QCA) -> Iterator[str]:
    """Terms that rest on one row, or on the rows of one case."""
    sets = result.solved.sets
    terms: dict[str, Any] = {}
    for kind in KINDS:
        found: Iterable[Model] = result.solved.models(kind).found[:1]
        terms.update({sets.formula((one,)): membership(sets.x, sets.term(one)) for model in found for one in model})
    alone, nested = [], []
    for name, x in terms.items():
        places = np.flatnonzero(x > 0.5 + TOLERANCE)
        belong = {sets.clusters[place] for place in places} if sets.clusters else set()
        if len(places) == 1:
            alone.append(f"{name} ({sets.rows[places[0]]})")
        elif len(belong) == 1:
            nested.append(f"{name} ({belong.pop()})")
    if alone:
        yield f"Terms that rest on one of the {result.unit} alone: {', '.join(alone)}."
    if nested:
        yield f"Terms that rest on one case alone: {', '.join(nested)}."


def _assumptions(result: QCA) -> Iterator[str]:
    solved = result.solved
    if not solved.rows.positive:
        return
    if result.choices.enhanced and solved.refused:
        yield f"Remainders of which nothing is assumed, because it is untenable: {_named(result, solved.refused)}."
    elif not result.choices.enhanced and solved.contradictory:
        yield (
            f"Contradictory assumptions: parsimonious solutions of {solved.sets.outcome} and of "
            f"{solved.opposite.sets.outcome} both count {_named(result, solved.contradictory)} as sufficient; "
            "enhanced=True refuses that."
        )


def _luck(result: QCA) -> Iterator[str]:
    if result.solved.rows.positive:
        yield str(reshuffled(result.solved, "complex", DRAWS))


def _named(result: QCA, codes: Iterable[int]) -> str:
    sets = result.solved.sets
    every = (1 << len(sets.conditions)) - 1
    wanted = set(codes)
    names = [sets.formula(((every, code),)) for code in sets.codes if code in wanted]
    return ", ".join(names[:LISTED]) + (f" and {len(names) - LISTED} more" if len(names) > LISTED else "")


def _cell(cell: Any) -> str:
    if isinstance(cell, float):
        return "" if math.isnan(cell) else f"{cell:.2f}"
    return str(cell)
