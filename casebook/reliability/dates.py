"""Agreement on dates: how often they are the same, overlap or lie near, and how far apart they are otherwise.

A coefficient that compares two dates with all dates in the table says nothing here: where cases lie decades apart,
coders who differ by months agree almost fully beyond chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from casebook.model.dates import Bounds, bounds
from casebook.reliability.given import Variable


@dataclass(frozen=True)
class DateAgreement:
    """Agreement on the dates of one variable, over all pairs of coders who both gave one.

    Attributes
    ----------
    units, pairs : int
        Units to which two coders gave a date, and pairs of coders over these units.
    identical, overlapping : float
        Percent of pairs with the same bounds, and with bounds that have a day in common.
    day, week, month, year : float
        Percent of pairs not more than 1, 7, 31 and 365 days apart, counted outside the bounds.
    median, p90, most : float
        Days between the bounds: the middle pair, the pair that 90 percent do not exceed, and the farthest.
    """

    table: str
    variable: str
    title: str
    units: int
    pairs: int
    identical: float
    overlapping: float
    day: float
    week: float
    month: float
    year: float
    median: float
    p90: float
    most: float


def date_agreement(variable: Variable) -> DateAgreement:
    """Compare the dates that coders gave for a variable."""
    dates = [[bounds(text) for text in row if text is not None and variable.settles(text)] for row in variable.texts]
    pairs = [pair for row in dates for pair in combinations(row, 2)]
    days = np.array([days_apart(*pair) for pair in pairs])
    same = np.array([one == other for one, other in pairs])
    median, p90, most = np.quantile(days, [0.5, 0.9, 1], method="inverted_cdf") if pairs else [np.nan] * 3
    return DateAgreement(
        table=variable.table.name,
        variable=variable.item.name,
        title=variable.item.title,
        units=sum(len(row) > 1 for row in dates),
        pairs=len(pairs),
        identical=_percent(same),
        overlapping=_percent(days == 0),
        day=_percent(days <= 1),
        week=_percent(days <= 7),
        month=_percent(days <= 31),
        year=_percent(days <= 365),
        median=float(median),
        p90=float(p90),
        most=float(most),
    )


def days_apart(one: Bounds, other: Bounds) -> int:
    """Days between two dates, outside the bounds of both; 0 where they have a day in common.

    Examples
    --------
    >>> days_apart(bounds("1990-02"), bounds("1990-03-02"))
    2
    >>> days_apart(bounds("1990/.."), bounds("1993-05-01"))
    0
    """
    first, last = sorted((one, other), key=lambda dates: (dates.latest is None, dates.latest))
    if first.latest is None or last.earliest is None:
        return 0
    return max((last.earliest - first.latest).days, 0)


def _percent(found: NDArray[np.bool_]) -> float:
    return 100 * float(np.mean(found)) if len(found) else float("nan")
