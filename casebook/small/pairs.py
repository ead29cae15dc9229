"""Durations of which only bounds are known, in two groups, compared pair by pair."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from casebook._support.arguments import told
from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError
from casebook.small.grouping import CAUTION, CAUTION_WITHIN, Grouping, html, stratum_of, two_groups
from casebook.views.intervals import clock_of, intervals

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@told("casebook.small.pairs('existence_secrecy_days', ('directness', ['direct']))")
def pairs(
    variable: str,
    groups: Grouping,
    *,
    strata: str | None = None,
    table: str = "channels",
    cases: Iterable[str] | None = None,
    book: Casebook | None = None,
    alleged: bool = False,
) -> Pairs:
    """Compare a duration between two groups by what its bounds settle.

    Parameters
    ----------
    variable : str
        A variable with days between two dates, for example ``"existence_secrecy_days"``.
    groups : str or (str, sequence of str)
        A truth value or a declared condition; or a variable with categories and the values that make the second group.
    strata : str, optional
        Variable of the table, or of a parent row under its name in wide tables; only rows of one stratum are compared
        with each other, for example ``"case_id"`` or ``"case_dispute"``.
    table, cases, book, alleged
        As in `crosstab`.

    Returns
    -------
    Pairs
        Bounds of the medians, shares of pairs that the bounds settle, bounds of the chance that a row of the second
        group lasts longer, and the p-value of an exact permutation test.

    Raises
    ------
    UnknownNameError
        If the table, a variable or a case does not exist.
    CasebookError
        If the variable holds no durations, there are not two groups, or no pair can be compared.

    Notes
    -----
    Each row of the second group is set beside each of the first: it surely lasted longer, surely not as long, equally
    long, or the dates do not settle it. No middle of bounds is used, and a row that is unknown or not over takes part
    with all it leaves open. The test reshuffles the groups (inside strata) over the scores of Gehan: settled pairs won
    less settled pairs lost. Its distribution is computed in full.

    References
    ----------
    Gehan, E. A. (1965). A generalized Wilcoxon test for comparing arbitrarily singly-censored samples. Biometrika,
    52(1-2), 203-223.
    Mantel, N. (1967). Ranking procedures for arbitrarily restricted observation. Biometrics, 23(1), 65-78.

    Examples
    --------
    >>> from casebook import small
    >>> found = small.pairs("existence_secrecy_days", ("directness", "direct"))
    >>> least, most = found.exceeds
    >>> 0 <= least <= most <= 1
    True
    """
    book = book or packaged_release()
    frame = book.load(table, cases=cases, alleged=alleged)
    split = two_groups(book, table, frame, groups)
    clock = clock_of(book.store, table, variable)
    if clock is None:
        raise CasebookError(f"{table}.{variable} does not hold days between two dates; difference compares numbers")
    spans = intervals(book.store, clock, frame)
    meaningless = (spans["kind"] == "not_applicable").to_numpy()
    stratum = stratum_of(book, table, frame, strata) if strata else split.isna().map(lambda _: "")
    grouped, placed = split.notna().to_numpy(), stratum.notna().to_numpy()
    known = grouped & placed & ~meaningless
    left_out = {"group missing": int((~grouped).sum()), "not applicable": int((meaningless & grouped).sum())}
    if unplaced := int((grouped & ~meaningless & ~placed).sum()):
        left_out[f"{strata} missing"] = unplaced
    spans, second = spans[known], (split.cat.codes[known] == 1).to_numpy()
    found = compare(spans["lower"].to_numpy(), spans["upper"].to_numpy(), second, stratum[known].to_numpy())
    if not found.pairs:
        where = f" in each {strata}" if strata else ""
        raise CasebookError(f"there is no pair to compare: {groups!r} leaves one group empty{where}")
    summary = _summary(spans, second, [str(name) for name in split.cat.categories])
    return Pairs(summary, found.exceeds, found.settled, found.pairs, found.p_value, left_out, variable, table, strata)


@dataclass(frozen=True)
class Compared:
    """What pairs of intervals settle; made by `compare`.

    Attributes
    ----------
    pairs : int
        Number of pairs.
    settled : mapping of str to float
        Share of pairs in which the second surely lasted longer, shorter, or equally long, and that are open.
    exceeds : tuple of float
        Bounds of the chance that the second lasts longer, ties counted half.
    p_value : float
        Of the permutation test.
    """

    pairs: int
    settled: Mapping[str, float]
    exceeds: tuple[float, float]
    p_value: float


def compare(lower: Floats, upper: Floats, second: NDArray[np.bool_], strata: NDArray[np.str_]) -> Compared:
    """Compare intervals of two groups pair by pair, inside strata.

    Parameters
    ----------
    lower, upper : array of float, shape (rows,)
        Bounds; both possible.
    second : array of bool, shape (rows,)
        Whether a row is of the second group.
    strata : array of str, shape (rows,)
        Stratum of each row.

    Examples
    --------
    >>> import numpy as np
    >>> second = np.array([False, False, True, True])
    >>> low, high = np.array([1.0, 2.0, 2.0, 9.0]), np.array([1.0, 5.0, 2.0, np.inf])
    >>> found = compare(low, high, second, np.full(4, ""))
    >>> found.exceeds
    (0.75, 0.875)
    """
    surely = np.where(lower[:, None] > upper, 1.0, np.where(lower[:, None] == upper, 0.5, 0.0))
    possibly = 1 - surely.T
    beside = (strata[:, None] == strata) & second[:, None] & ~second
    count = int(beside.sum())
    if not count:
        return Compared(0, {}, (0.0, 1.0), 1.0)
    least, most = surely[beside], possibly[beside]
    settled = {
        "longer": float((least == 1).mean()),
        "shorter": float((most == 0).mean()),
        "equal": float(((least == 0.5) & (most == 0.5)).mean()),
    }
    settled["open"] = 1 - sum(settled.values())
    scores = np.rint(2 * (surely + possibly - 1)).astype(int)
    chances, middle, observed = np.ones(1), 0, 0
    for name in np.unique(strata):
        inside = strata == name
        own = scores[np.ix_(inside, inside)].sum(axis=1)
        part = _sums(own, int(second[inside].sum()))
        chances, middle = np.convolve(chances, part), middle + len(part) // 2
        observed += int(own[second[inside]].sum())
    far = np.abs(np.arange(len(chances)) - middle) >= abs(observed)
    return Compared(count, settled, (float(least.mean()), float(most.mean())), min(float(chances[far].sum()), 1.0))


def _sums(scores: NDArray[np.int_], chosen: int) -> Floats:
    """Chance of each sum of so many of the scores; the sum 0 is in the middle."""
    reach = int(np.abs(scores).sum())
    ways = np.zeros((chosen + 1, 2 * reach + 1))
    ways[0, reach] = 1.0
    for score in scores:
        ways[1:] += np.roll(ways[:-1], score, axis=1)
    return ways[chosen] / ways[chosen].sum()


def _summary(spans: pd.DataFrame, second: NDArray[np.bool_], names: list[str]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for part in (spans[~second], spans[second]):
        exact = int((part["kind"] == "exact").sum())
        rows.append((len(part), exact, part["lower"].median(), part["upper"].median()))
    columns = ["rows", "exact", "median_least", "median_most"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(names, name="group"))


@dataclass(frozen=True, eq=False)
class Pairs:
    """A duration in two groups, pair by pair; made by `pairs`.

    Attributes
    ----------
    summary : DataFrame
        By group: ``rows``, how many are ``exact``, and bounds of the median in days, ``median_least`` and
        ``median_most`` (``inf`` where half of the rows may not be over).
    exceeds : tuple of float
        Bounds of the chance that a row of the second group lasts longer than one of the first, ties counted half.
    settled : mapping of str to float
        Shares of pairs that surely are ``longer``, ``shorter`` or ``equal``, and that are ``open``.
    pairs : int
        Number of pairs.
    p_value : float
        Of the permutation test.
    left_out : mapping of str to int
        Rows left out, by reason.
    variable, table : str
        What was compared.
    strata : str or None
        Variable inside which pairs were made.
    """

    summary: pd.DataFrame
    exceeds: tuple[float, float]
    settled: Mapping[str, float]
    pairs: int
    p_value: float
    left_out: Mapping[str, int]
    variable: str
    table: str
    strata: str | None

    @property
    def effect(self) -> tuple[str, float]:
        """Name and size of the effect."""
        return "pairs surely longer less pairs surely shorter", self.settled["longer"] - self.settled["shorter"]

    def to_frame(self) -> pd.DataFrame:
        """The summary; a fresh copy."""
        return self.summary.copy()

    def reading(self) -> list[str]:
        """The result in plain words."""
        out = ", ".join(f"{count} ({why})" for why, count in self.left_out.items())
        medians = [
            f"{name} {row['median_least']:,g} to {row['median_most']:,g} (of {row['rows']:g})"
            for name, row in self.summary.iterrows()
        ]
        inside = f" inside {self.strata}" if self.strata else ""
        least, most = self.exceeds
        share = {name: f"{part:.0%}" for name, part in self.settled.items()}
        return [
            f"{int(self.summary['rows'].sum())} {self.table}; left out: {out}.",
            f"Median of {self.variable}, by what the dates leave open: {', '.join(medians)} days.",
            f"Of {self.pairs:,} pairs{inside}, the second surely lasted longer in {share['longer']}, shorter in "
            f"{share['shorter']}, equally long in {share['equal']}; {share['open']} are open. The chance that it lasts "
            f"longer lies between {least:.0%} and {most:.0%}. Exact permutation test: "
            f"p = {self.p_value:.3f}.",
            CAUTION_WITHIN if self.strata else CAUTION,
        ]

    def __str__(self) -> str:
        return "\n".join(self.reading())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html(self.summary, self.reading())
