"""Truth tables and their logical minimization, on memberships from 0 to 1.

Minimization is done by PyPI's ``pyqca`` (imported as ``qca``). Two things are computed here, because pyqca 0.2.0
defines them otherwise than the literature: the proportional reduction in inconsistency (PRI), and the easy
counterfactuals of the intermediate solution. Definitions follow Ragin (2008), Redesigning Social Inquiry, and Schneider
and Wagemann (2012), Set-Theoretic Methods for the Social Sciences.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd

from casebook._support.optional import needed

MAX_COVERS = 100_000
Term = tuple[int | None, ...]


@dataclass(frozen=True)
class Solution:
    """One shortest formula, and every formula that is as short (None where there are too many to try)."""

    terms: list[Term]
    models: list[list[Term]] | None


def formula(conditions: Sequence[str], terms: Iterable[Term]) -> str:
    """Terms as text, ``·`` for and, ``+`` for or, ``~`` for not.

    Examples
    --------
    >>> formula(["A", "B"], [(1, None), (0, 0)])
    'A + ~A·~B'
    """
    labels = []
    for term in terms:
        pairs = zip(conditions, term, strict=True)
        labels.append("·".join(f"{'' if value else '~'}{name}" for name, value in pairs if value is not None))
    return " + ".join(label or "(always)" for label in labels)


def membership(frame: pd.DataFrame, term: Term) -> Any:
    """Membership of every row in a term, the least of its literals.

    Parameters
    ----------
    frame : DataFrame
        Memberships, one column per condition.
    term : tuple
        For each column 1, 0, or None where the condition is not in the term.
    """
    x = np.ones(len(frame))
    for name, value in zip(frame.columns, term, strict=True):
        if value is not None:
            column = frame[name].to_numpy(dtype=float)
            x = np.minimum(x, column if value else 1 - column)
    return x


def sufficiency(x: Any, y: Any) -> dict[str, float]:
    """Consistency, PRI and raw coverage of the claim that `x` is sufficient for `y`.

    Examples
    --------
    >>> sufficiency(np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0]))
    {'consistency': 0.5, 'pri': 0.5, 'raw_coverage': 0.5}
    """
    both = np.minimum(x, y)
    neither = np.minimum(both, 1 - y).sum()
    return {
        "consistency": _ratio(both.sum(), x.sum()),
        "pri": _ratio(both.sum() - neither, x.sum() - neither),
        "raw_coverage": _ratio(both.sum(), y.sum()),
    }


def necessity(x: Any, y: Any) -> dict[str, float]:
    """Consistency, coverage and relevance (Schneider and Wagemann 2012) of the claim that `x` is necessary for `y`."""
    both = np.minimum(x, y)
    return {
        "consistency": _ratio(both.sum(), y.sum()),
        "coverage": _ratio(both.sum(), x.sum()),
        "relevance": _ratio((1 - x).sum(), (1 - both).sum()),
    }


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 1e-12 else 0.0


def truth_table(frame: pd.DataFrame, y: Any, consistency: float, pri: float, frequency: int) -> pd.DataFrame:
    """Every configuration of the conditions; see `casebook.qca.analysis.QCA`."""
    rows = []
    for term in product((1, 0), repeat=frame.shape[1]):
        x = membership(frame, term)
        members = x > 0.5
        inside, outside = int((y[members] > 0.5).sum()), int((y[members] < 0.5).sum())
        measures = sufficiency(x, y)
        enough = members.sum() >= frequency
        sufficient = enough and measures["consistency"] >= consistency and measures["pri"] >= pri
        rows.append(
            {
                **dict(zip(frame.columns, term, strict=True)),
                "rows": int(members.sum()),
                "in_outcome": inside,
                "consistency": measures["consistency"],
                "pri": measures["pri"],
                "status": "sufficient" if sufficient else "not sufficient" if enough else "remainder",
                "contradictory": inside > 0 and outside > 0,
                "members": ", ".join(map(str, frame.index[members])),
            }
        )
    return pd.DataFrame(rows).sort_values("rows", ascending=False, kind="stable", ignore_index=True)


def minimize(table: pd.DataFrame, expected: Sequence[int | None]) -> dict[str, Solution]:
    """The complex, intermediate and parsimonious solution of a truth table.

    Parameters
    ----------
    table : DataFrame
        What `truth_table` returned.
    expected : sequence of int or None
        For each condition the state that theory expects to help, or None.

    Raises
    ------
    CasebookError
        If pyqca is not installed.
    """
    exact_set_cover = needed("qca", "minimization", "notebooks").exact_set_cover
    quine_mccluskey = needed("qca.minimizers", "minimization", "notebooks").quine_mccluskey
    patterns = [tuple(map(int, row)) for row in table.iloc[:, : len(expected)].itertuples(index=False)]
    positive = [number for number, status in enumerate(table["status"]) if status == "sufficient"]
    free = [number for number, status in enumerate(table["status"]) if status == "remainder"]

    def solved(assumed: list[int]) -> Solution:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            implicants = quine_mccluskey(positive, patterns, [False] * len(expected), assumed)
            chosen = exact_set_cover(implicants, positive)
        terms = [_term(implicant) for implicant in chosen]
        if math.comb(len(implicants), len(chosen)) > MAX_COVERS:
            return Solution(terms, None)
        covers = combinations(implicants, len(chosen))
        full = [cover for cover in covers if set().union(*(part.covered for part in cover)) >= set(positive)]
        return Solution(terms, [[_term(part) for part in cover] for cover in full])

    parsimonious = solved(free)
    easy = [
        number
        for number in free
        if any(_covers(term, patterns[number]) for term in parsimonious.terms)
        and any(_easier(patterns[number], patterns[known], expected) for known in positive)
    ]
    return {"complex": solved([]), "intermediate": solved(easy), "parsimonious": parsimonious}


def _term(implicant: Any) -> Term:
    return tuple(value if value in (0, 1) else None for value in implicant.pattern)


def _covers(term: Term, pattern: Term) -> bool:
    return all(value is None or value == other for value, other in zip(term, pattern, strict=True))


def _easier(pattern: Term, known: Term, expected: Sequence[int | None]) -> bool:
    """Whether a remainder is an easy counterfactual of a sufficient configuration (Ragin and Sonnett 2005).

    It is where it differs from it only by having conditions in the state that theory expects to help.
    """
    return all(value in (other, wish) for value, other, wish in zip(pattern, known, expected, strict=True))
