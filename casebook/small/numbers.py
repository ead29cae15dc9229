"""A number in two groups of rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casebook._support.arguments import told
from casebook._support.optional import needed
from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError
from casebook.small.grouping import CAUTION, RESAMPLES, Grouping, html, two_groups

if TYPE_CHECKING:
    import pandas as pd


@told("casebook.small.difference('meetings_min', ('directness', ['direct']))")
def difference(
    variable: str,
    groups: Grouping,
    *,
    table: str = "channels",
    cases: Iterable[str] | None = None,
    book: Casebook | None = None,
    alleged: bool = False,
    seed: int = 0,
) -> Difference:
    """Compare a number between two groups of rows.

    Parameters
    ----------
    variable : str
        A variable with numbers, for example ``"event_count"``. Durations that are not all known to the day are for
        `pairs`.
    groups : str or (str, sequence of str)
        A truth value or a declared condition; or a variable with categories and the values that make the second group.
    table, cases, book, alleged, seed
        As in `crosstab`.

    Returns
    -------
    Difference
        Medians, their difference, the chance that a row of the second group exceeds one of the first, and the p-value
        of a permutation test on the difference in medians: exact while there are at most 9,999 regroupings, else on as
        many drawn at random.

    Raises
    ------
    UnknownNameError
        If the table, a variable or a case does not exist.
    CasebookError
        If the variable is no number or not known to the day, there are not two groups with two known rows each, or
        SciPy is not installed.

    Examples
    --------
    >>> from casebook import small
    >>> found = small.difference("event_count", ("directness", ["direct"]))
    >>> list(found.summary.index)
    ['directness: other', 'directness: direct']
    """
    stats = needed("scipy.stats", "an exact test", "notebooks")
    import numpy as np
    import pandas as pd

    book = book or packaged_release()
    declared = book.schema.table(table)
    item = declared.field(variable)
    if item.type not in ("integer", "number"):
        raise CasebookError(f"{table}.{variable} is no number; crosstab counts categories")
    frame = book.load(table, cases=cases, alleged=alleged)
    split = two_groups(book, table, frame, groups)
    known = split.notna() & frame[variable].notna()
    parts = [frame.loc[known & (split == name), variable].to_numpy(dtype=float) for name in split.cat.categories]
    if min(map(len, parts)) < 2:
        sizes = " and ".join(str(len(part)) for part in parts)
        raise CasebookError(f"the groups of {groups!r} have {sizes} rows with a known {variable}; two each are needed")
    if inexact := _inexact(frame[split.notna()], variable):
        raise CasebookError(
            f"{table}.{variable} is not known to the day in {inexact} rows, and middles of bounds are no values; "
            f"small.pairs({variable!r}, …) compares durations by their bounds"
        )
    test = stats.permutation_test(
        parts,
        lambda x, y, axis: np.median(y, axis=axis) - np.median(x, axis=axis),
        n_resamples=RESAMPLES,
        vectorized=True,
        rng=seed,
    )
    exceeds = float(stats.mannwhitneyu(parts[1], parts[0]).statistic / (len(parts[0]) * len(parts[1])))
    summary = pd.DataFrame(
        {"rows": list(map(len, parts)), "median": [float(np.median(part)) for part in parts]},
        index=pd.Index(split.cat.categories, name="group"),
    )
    return Difference(summary, float(test.statistic), exceeds, float(test.pvalue), int((~known).sum()), variable, table)


@dataclass(frozen=True, eq=False)
class Difference:
    """A number in two groups; made by `difference`.

    Attributes
    ----------
    summary : DataFrame
        ``rows`` and ``median`` of each group, in the unit of the variable.
    difference : float
        Median of the second group less that of the first.
    exceeds : float
        Chance that a row of the second group has more than one of the first, ties counted half (0.5: no difference).
    p_value : float
        Of the permutation test.
    missing : int
        Rows left out because one of the values is missing.
    variable, table : str
        What was compared.
    """

    summary: pd.DataFrame
    difference: float
    exceeds: float
    p_value: float
    missing: int
    variable: str
    table: str

    @property
    def effect(self) -> tuple[str, float]:
        """Name and size of the effect."""
        return "difference in medians", self.difference

    def to_frame(self) -> pd.DataFrame:
        """The summary; a fresh copy."""
        return self.summary.copy()

    def reading(self) -> list[str]:
        """The result in plain words."""
        parts = [f"{name} {row['median']:g} (of {row['rows']:g})" for name, row in self.summary.iterrows()]
        return [
            f"{int(self.summary['rows'].sum())} {self.table}; {self.missing} left out because a value is missing.",
            f"Median of {self.variable}: {', '.join(parts)}; difference {self.difference:+g}. A row of the second "
            f"group exceeds one of the first {self.exceeds:.0%} of the time. Permutation test: p = {self.p_value:.3f}.",
            CAUTION,
        ]

    def __str__(self) -> str:
        return "\n".join(self.reading())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html(self.summary, self.reading())


def _inexact(frame: pd.DataFrame, variable: str) -> int:
    """Rows of which only bounds of a duration are known."""
    bounds = [f"{variable}_{side}" for side in ("min", "max")]
    if not set(bounds) <= set(frame):
        return 0
    least, most = (frame[name] for name in bounds)
    return int(((least.notna() | most.notna()) & ~(least == most).fillna(False)).sum())
