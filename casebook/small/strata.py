"""Comparisons inside strata: channels of one dispute with each other, and with those of no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import comb, inf, nan, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from casebook._support.arguments import told
from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError
from casebook.small.grouping import CAUTION_WITHIN, Grouping, html, stratum_of, two_groups

if TYPE_CHECKING:
    import pandas as pd

_MOST = 2_000


class MantelHaenszel(NamedTuple):
    """What strata say together; made by `mantel_haenszel`.

    Attributes
    ----------
    difference, variance : float
        Difference in shares within strata, and its variance.
    odds_ratio : float
        Odds ratio within strata.
    p_value : float
        Of the exact test.
    """

    difference: float
    variance: float
    odds_ratio: float
    p_value: float


@told("casebook.small.mantel_haenszel([[[8, 2], [3, 7]], [[5, 1], [2, 4]]])")
def mantel_haenszel(tables: ArrayLike) -> MantelHaenszel:
    """Compare two groups within strata.

    Parameters
    ----------
    tables : array of int, shape (strata, 2, 2)
        Counts of each stratum: in the rows the group without the trait, then that with it; in the columns no, then yes.

    Returns
    -------
    MantelHaenszel
        Shares of yes with the trait less those without it, weighted by Mantel and Haenszel, with the variance of Sato,
        which holds for many small strata as for few large ones; the odds ratio of Mantel and Haenszel; and the p-value
        of the exact conditional test, two-sided: the chance, given all margins, of tables that are no likelier than
        these. The numbers are NaN where no stratum has both groups; p is then 1.

    Raises
    ------
    CasebookError
        If the counts have another shape or are no counts.

    Notes
    -----
    The test is ``mantelhaen.test(..., exact = TRUE)`` of R, whose figures are in the tests.

    References
    ----------
    Mantel, N., & Haenszel, W. (1959). Statistical aspects of the analysis of data from retrospective studies of
    disease. Journal of the National Cancer Institute, 22(4), 719-748.
    Sato, T. (1989). On the variance estimator for the Mantel-Haenszel risk difference. Biometrics, 45(4), 1323-1324.

    Examples
    --------
    Rabbits saved by penicillin at once or after an hour and a half, at five doses (Agresti 1990; R's documentation):

    >>> rabbits = [[[0, 6], [0, 5]], [[3, 3], [0, 6]], [[6, 0], [2, 4]], [[5, 1], [6, 0]], [[2, 0], [5, 0]]]
    >>> round(mantel_haenszel(rabbits).p_value, 4)
    0.0399
    """
    counts = np.asarray(tables)
    if counts.ndim != 3 or counts.shape[1:] != (2, 2) or not np.issubdtype(counts.dtype, np.integer):
        raise CasebookError("tables must be whole numbers in the shape (strata, 2, 2)")
    if (counts < 0).any():
        raise CasebookError("tables holds a count below 0")
    if (counts.sum(axis=(1, 2)) > _MOST).any():
        raise CasebookError(f"tables has a stratum of more than {_MOST:,} rows, too many for an exact test")
    (d, c), (b, a) = counts.transpose(1, 2, 0).astype(float)
    without, having = c + d, a + b
    both = (without > 0) & (having > 0)
    a, b, c, d, without, having = (part[both] for part in (a, b, c, d, without, having))
    total = without + having
    weight = (without * having / total).sum()
    if not weight:
        return MantelHaenszel(nan, nan, nan, 1.0)
    difference = float(((a * without - c * having) / total).sum() / weight)
    spread = (having**2 * c - without**2 * a + without * having * (without - having) / 2) / total**2
    noise = (a * (without - c) + c * (having - a)) / (2 * total)
    variance = max(float((difference * spread.sum() + noise.sum()) / weight**2), 0.0)
    against = float((b * c / total).sum())
    odds = float((a * d / total).sum())
    chances, observed = np.ones(1), 0
    for yes, size, n, failures in zip(a, having, total, b + d, strict=True):
        low = max(0, int(size - failures))
        chances = np.convolve(chances, _chances(int(n), int(n - failures), int(size)))
        observed += int(yes) - low
    p_value = float(chances[chances <= chances[observed] * (1 + 1e-7)].sum())
    return MantelHaenszel(difference, variance, odds / against if against else inf if odds else nan, min(p_value, 1.0))


@lru_cache(maxsize=4096)
def _chances(total: int, yes: int, size: int) -> NDArray[np.float64]:
    """The chance of each count of yes that a group can have, given the margins of its stratum."""
    counts = range(max(0, size - total + yes), min(size, yes) + 1)
    return np.array([comb(yes, k) * comb(total - yes, size - k) / comb(total, size) for k in counts])


@told("casebook.small.stratified(('directness', ['direct']), ('result', ['agreement']))")
def stratified(
    rows: Grouping,
    columns: Grouping,
    *,
    strata: str = "case_id",
    table: str = "channels",
    cases: Iterable[str] | None = None,
    book: Casebook | None = None,
    alleged: bool = False,
) -> Stratified:
    """Compare two groups inside each case, and add up what the cases say.

    Parameters
    ----------
    rows, columns : str or (str, sequence of str)
        Trait and result, each in two groups, as in `crosstab`: a truth value, a declared condition, or a variable and
        the values that count as yes.
    strata : str, default "case_id"
        Variable of the table that names the strata, or of a parent row under its name in wide tables, for example
        ``"case_dispute"``.
    table, cases, book, alleged
        As in `crosstab`.

    Returns
    -------
    Stratified
        Counts of every stratum, the crude difference, the difference within strata (Mantel and Haenszel), the exact
        stratified test, and the same without each stratum in turn.

    Raises
    ------
    UnknownNameError
        If the table, a variable or a case does not exist.
    CasebookError
        If a value does not exist, a variable has not two groups, or no row is known.

    Notes
    -----
    A trait that is frequent in the easy disputes looks good for that reason alone; the difference within strata is free
    of that, and of whatever else all rows of a stratum share. Strata with one group say nothing.

    Examples
    --------
    >>> from casebook import small
    >>> found = small.stratified(("directness", "direct"), ("result", ["agreement", "partial_agreement"]))
    >>> list(found.to_frame().columns)[:4]
    ['with_yes', 'with_all', 'without_yes', 'without_all']
    """
    book = book or packaged_release()
    frame = book.load(table, cases=cases, alleged=alleged)
    trait, result = (two_groups(book, table, frame, grouping) for grouping in (rows, columns))
    stratum = stratum_of(book, table, frame, strata)
    known = trait.notna() & result.notna() & stratum.notna()
    if not known.any():
        raise CasebookError(f"no row of {table} has a known value of each variable")
    names = sorted(set(stratum[known]))
    counts = np.zeros((len(names), 2, 2), dtype=int)
    places = stratum[known].map({name: place for place, name in enumerate(names)}).to_numpy(dtype=int)
    np.add.at(counts, (places, trait[known].cat.codes, result[known].cat.codes), 1)
    labels = (str(trait.cat.categories[1]), str(result.cat.categories[1]))
    return Stratified(tuple(names), counts, labels, strata, int((~known).sum()), table)


@dataclass(frozen=True, eq=False)
class Stratified:
    """Two groups compared within strata; made by `stratified`.

    Attributes
    ----------
    strata : tuple of str
        Names of the strata.
    counts : array of int, shape (strata, 2, 2)
        Rows without and with the trait, by result (no, yes).
    labels : tuple of str
        Trait and result.
    by : str
        Variable that names the strata.
    missing : int
        Rows left out because a value is missing.
    table : str
        Name of the table.
    """

    strata: tuple[str, ...]
    counts: NDArray[np.int_]
    labels: tuple[str, str]
    by: str
    missing: int
    table: str

    @property
    def result(self) -> MantelHaenszel:
        """What the strata say together."""
        return mantel_haenszel(self.counts)

    @property
    def p_value(self) -> float:
        """Of the exact stratified test."""
        return self.result.p_value

    @property
    def effect(self) -> tuple[str, float]:
        """Name and size of the effect."""
        return f"difference in shares within {self.by}", self.result.difference

    @property
    def crude(self) -> float:
        """Difference in shares over all rows, strata forgotten; NaN where one group is empty."""
        return _difference(self.counts.sum(axis=0))

    def to_frame(self) -> pd.DataFrame:
        """One row per stratum.

        Returns
        -------
        DataFrame
            ``with_yes`` of ``with_all`` rows with the trait have the result, ``without_yes`` of ``without_all`` without
            it; ``difference`` in shares; and what is left without the stratum: ``difference_without`` and
            ``p_without``.
        """
        import pandas as pd

        rows = {}
        for place, name in enumerate(self.strata):
            (_, without_yes), (_, with_yes) = self.counts[place]
            rest = mantel_haenszel(np.delete(self.counts, place, axis=0))
            rows[name] = {
                "with_yes": int(with_yes),
                "with_all": int(self.counts[place, 1].sum()),
                "without_yes": int(without_yes),
                "without_all": int(self.counts[place, 0].sum()),
                "difference": _difference(self.counts[place]),
                "difference_without": rest.difference,
                "p_without": rest.p_value,
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis(self.by)

    def reading(self) -> list[str]:
        """The result in plain words."""
        return [*self._read(), CAUTION_WITHIN]

    def _read(self) -> Iterator[str]:
        (trait, result), (_, (no, yes)) = self.labels, self.counts.sum(axis=0)
        (other_no, other_yes) = self.counts.sum(axis=0)[0]
        silent = int((self.counts.sum(axis=2) == 0).any(axis=1).sum())
        found, rest = self.result, self.to_frame()
        yield (
            f"{self.counts.sum()} {self.table} in {len(self.strata)} strata ({self.by}); {self.missing} left out "
            f"because a value is missing. {silent} strata have only one of the groups, and say nothing."
        )
        yield f"{trait}: {yes} of {yes + no} have {result}; of the others {other_yes} of {other_yes + other_no}."
        if found.difference != found.difference:
            yield "No stratum has both groups; within strata nothing can be compared."
            return
        low, high = rest["difference_without"].min(), rest["difference_without"].max()
        yield (
            f"Difference in shares: {_points(self.crude)} over all rows, {_points(found.difference)} within strata "
            f"(standard error {100 * sqrt(found.variance):.0f}). Exact stratified test: p = {found.p_value:.3f}."
        )
        if low == low:
            yield (
                f"Without one stratum at a time: {_points(low)} to {_points(high)}, p = {rest['p_without'].min():.3f} "
                f"to {rest['p_without'].max():.3f}."
            )

    def __str__(self) -> str:
        return "\n".join(self.reading())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html(self.to_frame().round(3), self.reading())


def _difference(counts: NDArray[np.int_]) -> float:
    sizes = counts.sum(axis=1)
    return float(counts[1, 1] / sizes[1] - counts[0, 1] / sizes[0]) if sizes.all() else nan


def _points(share: float) -> str:
    return f"{100 * share:+.0f} percentage points"
