"""Exact tools for few cases: counts, differences and permutation tests, always with the size of an effect."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from casebook._support.optional import needed
from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError
from casebook.model.schema import Table
from casebook.views.html import STYLE, html_table

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 9999
CAUTION = (
    "The cases were chosen, not sampled, and channels of one case are not independent. The p-value says only how often "
    "a reshuffling of these very rows gives a difference as large; it does not carry over to other cases."
)
Grouping = str | tuple[str, Sequence[str]]


def crosstab(
    rows: Grouping,
    columns: Grouping,
    *,
    table: str = "channels",
    book: Casebook | None = None,
    alleged: bool = False,
    seed: int = 0,
) -> Crosstab:
    """Count how two variables of a table go together.

    Parameters
    ----------
    rows, columns : str or (str, sequence of str)
        A variable with categories or a truth value; or such a variable and the values that count as yes, which makes
        two groups of it.
    table : str, default "channels"
        Name of the table.
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
        If the table or a variable does not exist.
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
    declared = book.schema.table(table)
    frame = book.load(table, alleged=alleged)
    import pandas as pd

    first, second = _groups(frame, declared, rows), _groups(frame, declared, columns)
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
        p_value = float(stats.fisher_exact(counts.to_numpy(), method=method).pvalue)
        effect = ("Cramér's V", float(stats.contingency.association(counts.to_numpy(), method="cramer")))
    return Crosstab(counts, effect, p_value, int((~known).sum()), table)


def difference(
    variable: str,
    groups: Grouping,
    *,
    table: str = "channels",
    book: Casebook | None = None,
    alleged: bool = False,
    seed: int = 0,
) -> Difference:
    """Compare a number, such as a duration, between two groups of rows.

    Parameters
    ----------
    variable : str
        A variable with numbers, for example ``"existence_secrecy_days"`` (days).
    groups : str or (str, sequence of str)
        A truth value; or a variable with categories and the values that make the second group.
    table, book, alleged, seed
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
        If the table or a variable does not exist.
    CasebookError
        If the variable is no number, there are not two groups with two known rows each, or SciPy is not installed.

    Examples
    --------
    >>> from casebook import small
    >>> found = small.difference("duration_days", ("directness", ["direct"]))
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
    frame = book.load(table, alleged=alleged)
    split = _groups(frame, declared, groups)
    if len(split.cat.categories) != 2:
        raise CasebookError(
            f"{groups!r} makes {len(split.cat.categories)} groups; give the values of one as ({groups!r}, […])"
        )
    known = split.notna() & frame[variable].notna()
    parts = [frame.loc[known & (split == name), variable].to_numpy(dtype=float) for name in split.cat.categories]
    if min(map(len, parts)) < 2:
        sizes = " and ".join(str(len(part)) for part in parts)
        raise CasebookError(f"the groups of {groups!r} have {sizes} rows with a known {variable}; two each are needed")
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


def _groups(frame: pd.DataFrame, table: Table, grouping: Grouping) -> pd.Series:
    """The group of every row, missing where the value is; groups in codebook order."""
    import pandas as pd

    name, values = (grouping, None) if isinstance(grouping, str) else grouping
    item = table.field(name)
    allowed = ["no", "yes"] if item.type == "boolean" else item.values
    if not allowed:
        raise CasebookError(f"{table.name}.{name} has no groups; use a variable with categories or a truth value")
    texts = frame[name].map({True: "yes", False: "no"}) if item.type == "boolean" else frame[name].astype("str")
    if values is None:
        return texts.map(lambda value: f"{name}: {value}", na_action="ignore").astype(
            pd.CategoricalDtype([f"{name}: {value}" for value in allowed])
        )
    values = [values] if isinstance(values, str) else list(values)
    for value in values:
        if value not in allowed:
            raise CasebookError(f"{value!r} is not a value of {table.name}.{name}; valid: {', '.join(allowed)}")
    labels = [f"{name}: other", f"{name}: {' or '.join(values)}"]
    return texts.map(lambda value: labels[value in values], na_action="ignore").astype(pd.CategoricalDtype(labels))


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
    """

    def __init__(
        self, counts: pd.DataFrame, effect: tuple[str, float], p_value: float, missing: int, table: str
    ) -> None:
        self.counts, self.effect, self.p_value, self.missing, self.table = counts, effect, p_value, missing, table

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
        return _html(self.counts, self.reading())


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
    """

    def __init__(
        self,
        summary: pd.DataFrame,
        difference: float,
        exceeds: float,
        p_value: float,
        missing: int,
        variable: str,
        table: str,
    ) -> None:
        self.summary, self.difference, self.exceeds, self.p_value = summary, difference, exceeds, p_value
        self.missing, self.variable, self.table = missing, variable, table

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
        return _html(self.summary, self.reading())


def _html(frame: pd.DataFrame, reading: list[str]) -> str:
    rows = [[str(label), *row] for label, row in zip(frame.index, frame.itertuples(index=False), strict=True)]
    lines = "".join(f"<p>{escape(line)}</p>" for line in reading)
    return f"{STYLE}<div class='casebook'>{html_table(['', *map(str, frame.columns)], rows)}{lines}</div>"
