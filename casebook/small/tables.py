"""Two variables with categories: how they go together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from casebook._support.arguments import told
from casebook._support.optional import needed
from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError
from casebook.small.grouping import CAUTION, RESAMPLES, Grouping, groups, html

if TYPE_CHECKING:
    import pandas as pd


@told("casebook.small.crosstab('directness', 'result')")
def crosstab(
    rows: Grouping,
    columns: Grouping,
    *,
    table: str = "channels",
    cases: Iterable[str] | None = None,
    book: Casebook | None = None,
    alleged: bool = False,
    seed: int = 0,
) -> Crosstab:
    """Count how two variables of a table go together.

    Parameters
    ----------
    rows, columns : str or (str, sequence of str)
        A variable with categories or a truth value, or a declared condition of the table; or such a variable and the
        values that count as yes, which makes two groups of it.
    table : str, default "channels"
        Name of the table.
    cases : iterable of str, optional
        Only these cases, by identifier or title, as in `casebook.load`.
    book : Casebook, optional
        A casebook of your own; the packaged one if not given.
    alleged : bool, default False
        Also count rows with status alleged.
    seed : int, default 0
        Seed of the resampling where a table is larger than two by two.

    Returns
    -------
    Crosstab
        Counts, shares, effect size and p-value: Fisher's exact test for two by two, and a Monte Carlo version of it
        (9,999 tables with the same margins) beyond.

    Raises
    ------
    UnknownNameError
        If the table, a variable or a case does not exist.
    CasebookError
        If a value does not exist, a variable has no groups, or SciPy is not installed.

    Examples
    --------
    >>> from casebook import small
    >>> found = small.crosstab("directness", ("result", ["agreement", "partial_agreement"]))
    >>> list(found.counts.columns)
    ['result: other', 'result: agreement or partial_agreement']
    """
    stats = needed("scipy.stats", "an exact test", "notebooks")
    book = book or packaged_release()
    frame = book.load(table, cases=cases, alleged=alleged)
    import pandas as pd

    first, second = groups(book, table, frame, rows), groups(book, table, frame, columns)
    known = first.notna() & second.notna()
    counts = pd.crosstab(first[known], second[known])
    if min(counts.shape) < 2:
        raise CasebookError(f"all {int(known.sum())} known rows of {table} fall into one group; choose other values")
    if counts.shape == (2, 2):
        p_value = float(stats.fisher_exact(counts.to_numpy()).pvalue)
        shares = counts.div(counts.sum(axis=1), axis=0).iloc[:, 1]
        effect = ("difference in shares", float(shares.iloc[1] - shares.iloc[0]))
    else:
        method = stats.MonteCarloMethod(n_resamples=RESAMPLES, rng=seed)
        p_value = float(np.asarray(stats.fisher_exact(counts.to_numpy(), method=method).pvalue).item())
        effect = ("Cramér's V", float(stats.contingency.association(counts.to_numpy(), method="cramer")))
    return Crosstab(counts, effect, p_value, int((~known).sum()), table)


@dataclass(frozen=True, eq=False)
class Crosstab:
    """Counts of two variables; made by `crosstab`.

    Attributes
    ----------
    counts : DataFrame
        Number of rows in each combination.
    effect : tuple of str and float
        Name and size of the effect: the difference between the two rows in the share of the second column, or
        Cramér's V (0 no association, 1 complete).
    p_value : float
        Of Fisher's exact test.
    missing : int
        Rows left out because one of the values is missing.
    table : str
        Name of the table.
    """

    counts: pd.DataFrame
    effect: tuple[str, float]
    p_value: float
    missing: int
    table: str

    def to_frame(self) -> pd.DataFrame:
        """The counts; a fresh copy."""
        return self.counts.copy()

    def reading(self) -> list[str]:
        """The result in plain words."""
        name, size = self.effect
        lines = [
            f"{int(self.counts.to_numpy().sum())} {self.table}; {self.missing} left out because a value is missing."
        ]
        if self.counts.shape == (2, 2):
            for label, row in self.counts.iterrows():
                lines.append(f"{label}: {row.iloc[1]} of {row.sum()} have {self.counts.columns[1]}.")
            shown, test = f"{100 * size:+.0f} percentage points", "Fisher's exact test"
        else:
            shown, test = f"{size:.2f}", f"Fisher's exact test on {RESAMPLES:,} random tables with these margins"
        return [*lines, f"{name[0].upper()}{name[1:]}: {shown}. {test}: p = {self.p_value:.3f}.", CAUTION]

    def __str__(self) -> str:
        return f"{self.counts.to_string()}\n" + "\n".join(self.reading())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html(self.counts, self.reading())
