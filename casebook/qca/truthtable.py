"""Memberships, measures of fit, and truth tables.

Definitions follow Ragin (2008), Redesigning Social Inquiry, and Schneider and Wagemann (2012), Set-Theoretic Methods
for the Social Sciences.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd

from casebook.errors import CasebookError
from casebook.qca.minimize import Implicant, Model, Rows

TOLERANCE = 1e-6
"""Two figures nearer than this are alike: memberships are published with six digits."""
Term = tuple[int | None, ...]


def reaches(value: Any, cut: float) -> Any:
    """Whether a figure, or each of an array, is at least the cut, but for rounding.

    Examples
    --------
    >>> reaches(0.8999999999999999, 0.9), reaches(0.8999, 0.9)
    (True, False)
    """
    return value >= cut - TOLERANCE


@dataclass(frozen=True)
class Choices:
    """What the researcher decides.

    Attributes
    ----------
    consistency, pri : float
        Least consistency, and least proportional reduction in inconsistency, of a sufficient configuration.
    frequency : int
        Least number of rows of a configuration that is no remainder.
    contradictory : {"exclude", "include"}
        Whether a configuration with rows on both sides of the outcome can be sufficient.
    enhanced : bool
        Refuse untenable assumptions (enhanced standard analysis).
    """

    consistency: float = 0.8
    pri: float = 0.5
    frequency: int = 1
    contradictory: str = "exclude"
    enhanced: bool = False

    def __post_init__(self) -> None:
        for option in ("consistency", "pri"):
            if not 0 <= getattr(self, option) <= 1:
                raise CasebookError(f"{option} must lie between 0 and 1, not {getattr(self, option)}")
        if not self.frequency >= 1 or self.frequency != int(self.frequency):
            raise CasebookError(f"frequency must be at least 1, and a whole number, not {self.frequency}")
        if self.contradictory not in ("exclude", "include"):
            raise CasebookError(f"contradictory must be 'exclude' or 'include', not {self.contradictory!r}")


@dataclass(frozen=True, eq=False)
class Sets:
    """Memberships of rows in conditions and outcome.

    Attributes
    ----------
    conditions : tuple of str
        Names of the conditions.
    outcome : str
        Name of the outcome, with ``~`` before it where its absence is explained.
    rows : tuple of str
        One label for each row.
    x : ndarray
        Memberships in the conditions, one row for each of `rows` and one column for each of `conditions`.
    y : ndarray
        Memberships in the outcome, or in its absence.
    expected : tuple of int or None
        For each condition the state that is expected to help (1 present, 0 absent, None either).
    clusters : tuple of str, optional
        What each row belongs to, for example its case.
    """

    conditions: tuple[str, ...]
    outcome: str
    rows: tuple[str, ...]
    x: Any
    y: Any
    expected: tuple[int | None, ...]
    clusters: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        self.x.setflags(write=False)
        self.y.setflags(write=False)

    def opposite(self) -> Sets:
        """The same, asked of the absence of the outcome; expectations are turned round."""
        outcome = self.outcome[1:] if self.outcome.startswith("~") else f"~{self.outcome}"
        expected = tuple(None if state is None else 1 - state for state in self.expected)
        return replace(self.asking(1 - self.y), outcome=outcome, expected=expected)

    def asking(self, y: Any) -> Sets:
        """The same conditions, beside other memberships in the outcome."""
        other = replace(self, y=y)
        vars(other).update(bits=self.bits, codes=self.codes, corners=self.corners)
        return other

    def only(self, places: Sequence[int]) -> Sets:
        """Only the rows at these places."""
        rows = tuple(self.rows[place] for place in places)
        clusters = None if self.clusters is None else tuple(self.clusters[place] for place in places)
        return replace(self, rows=rows, x=self.x[list(places)], y=self.y[list(places)], clusters=clusters)

    @cached_property
    def bits(self) -> tuple[int, ...]:
        """The bit of each condition, by rank of its name, so that the order of the conditions never matters."""
        ranks = {name: rank for rank, name in enumerate(sorted(self.conditions))}
        return tuple(1 << ranks[name] for name in self.conditions)

    @cached_property
    def corners(self) -> Any:
        """Memberships of every row in every configuration: one line for each configuration, all present first."""
        lines = np.ones((1, len(self.rows)))
        for column in self.x.T:
            lines = np.minimum(lines[:, None, :], np.array([column, 1 - column])).reshape(-1, len(self.rows))
        return lines

    @cached_property
    def codes(self) -> list[int]:
        """The number of every configuration, in the order of `corners`."""
        codes = [0]
        for bit in self.bits:
            codes = [code | state for code in codes for state in (bit, 0)]
        return codes

    def term(self, implicant: Implicant) -> Term:
        """An implicant in the order of the conditions."""
        care, state = implicant
        return tuple(int(bool(state & bit)) if care & bit else None for bit in self.bits)

    def formula(self, model: Model) -> str:
        """A model as text."""
        return formula(self.conditions, [self.term(implicant) for implicant in model])

    def within(self, model: Model) -> Any:
        """Membership of every row in a model, the greatest of its terms; none in an empty one."""
        parts = [membership(self.x, self.term(implicant)) for implicant in model]
        return np.max(parts, axis=0) if parts else np.zeros(len(self.rows))


@dataclass(frozen=True, eq=False)
class Measured:
    """Fit of every configuration, in the order of `Sets.codes`."""

    rows: Any
    inside: Any
    outside: Any
    consistency: Any
    pri: Any

    @property
    def contradictory(self) -> Any:
        return (self.inside > 0) & (self.outside > 0)

    def passes(self, choices: Choices) -> Any:
        """Which configurations reach the cuts, contradictory ones too."""
        return (
            (self.rows >= choices.frequency)
            & reaches(self.consistency, choices.consistency)
            & reaches(self.pri, choices.pri)
        )

    def sufficient(self, choices: Choices) -> Any:
        """Which configurations count as sufficient."""
        passes = self.passes(choices)
        return passes if choices.contradictory == "include" else passes & ~self.contradictory


def measure(corners: Any, y: Any) -> Measured:
    """Fit of every configuration.

    Parameters
    ----------
    corners : ndarray
        Memberships, one line for each configuration and one column for each row.
    y : ndarray
        Memberships in the outcome.
    """
    members = corners > 0.5 + TOLERANCE
    both = np.minimum(corners, y)
    x, xy, neither = total(corners), total(both), total(np.minimum(both, 1 - y))
    return Measured(
        members.sum(axis=1),
        (members & (y > 0.5 + TOLERANCE)).sum(axis=1),
        (members & (y < 0.5 - TOLERANCE)).sum(axis=1),
        ratio(xy, x),
        ratio(xy - neither, x - neither),
    )


def decided(sets: Sets, measured: Measured, choices: Choices) -> Rows:
    """Which configurations are sufficient, and which are not."""
    good, seen = measured.sufficient(choices), measured.rows >= choices.frequency
    positive = frozenset(compress(sets.codes, good.tolist()))
    return Rows(len(sets.conditions), positive, frozenset(compress(sets.codes, seen.tolist())) - positive)


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


def membership(frame: pd.DataFrame | Any, term: Term) -> Any:
    """Membership of every row in a term, the least of its literals.

    Parameters
    ----------
    frame : DataFrame or ndarray
        Memberships, one column per condition.
    term : tuple
        For each column 1, 0, or None where the condition is not in the term.
    """
    values = np.asarray(frame, dtype=float)
    x = np.ones(len(values))
    for column, value in zip(values.T, term, strict=True):
        if value is not None:
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
    shared, neither = total(both), total(np.minimum(both, 1 - y))
    return {
        "consistency": float(ratio(shared, total(x))),
        "pri": float(ratio(shared - neither, total(x) - neither)),
        "raw_coverage": float(ratio(shared, total(y))),
    }


def necessity(x: Any, y: Any) -> dict[str, Any]:
    """Consistency, coverage and relevance (Schneider and Wagemann 2012) of the claim that `x` is necessary for `y`.

    Of several lines of `x`, a list of each.

    Examples
    --------
    >>> necessity(np.array([1.0, 1.0, 1.0, 0.0]), np.array([1.0, 1.0, 0.0, 0.0]))
    {'consistency': 1.0, 'coverage': 0.6666666666666666, 'relevance': 0.5}
    """
    both = np.minimum(x, y)
    shared = total(both)
    return {
        "consistency": ratio(shared, total(y)).tolist(),
        "coverage": ratio(shared, total(x)).tolist(),
        "relevance": ratio(total(1 - x), total(1 - both)).tolist(),
    }


def total(values: Any) -> Any:
    """Sum along the last axis, the same to the last bit however the rows are ordered and the array is laid out."""
    ordered = np.array(values, order="C")
    ordered.sort(axis=-1)
    return ordered.sum(axis=-1)


def ratio(part: Any, whole: Any) -> Any:
    """A share, 0 of nothing."""
    whole = np.asarray(whole, dtype=float)
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole > 1e-12)
