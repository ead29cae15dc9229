"""Durations that end in several ways: how many have ended in each by some day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from casebook.durations.turnbull import Ends, Floats, checked, maximize

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike


def incidence(
    lower: ArrayLike, upper: ArrayLike, endings: Sequence[str | None], days: Sequence[float], closed: str = "right"
) -> pd.DataFrame:
    """Share of rows that has ended in each way by some days.

    Parameters
    ----------
    lower, upper : array of float, shape (rows,)
        As in `casebook.durations.turnbull`.
    endings : sequence of str or None
        How each row ended; None where that is not known, or where it had not ended.
    days : sequence of float
        Days.
    closed : {"right", "both"}, default "right"
        As in `casebook.durations.turnbull`.

    Returns
    -------
    DataFrame
        By ending and day: ``least`` and ``most``, between which the share of these rows lies whatever the bounds leave
        open, and ``estimate``, the nonparametric maximum likelihood estimate of the cumulative incidence. For durations
        that are known or censored on the right it is that of Aalen and Johansen.

    References
    ----------
    Hudgens, M. G., Satten, G. A., & Longini, I. M. (2001). Nonparametric maximum likelihood estimation for competing
    risks survival data subject to interval censoring and truncation. Biometrics, 57(1), 74-80.

    Examples
    --------
    >>> incidence([1, 2, 3, 4], [1, 2, 3, 4], ["leak", "memoir", "leak", "memoir"], [3])["estimate"].tolist()
    [0.5, 0.25]
    """
    import pandas as pd

    low, high, weight, limit = checked(lower, upper, None, None)
    rows = Ends.of(low, high, limit, closed)
    ways = list(dict.fromkeys(sorted(ending for ending in endings if ending is not None)))
    possible = {way: np.array([ending in (way, None) for ending in endings]) for way in ways}
    cells = {way: rows.take(possible[way]).innermost() for way in ways}
    hold = np.hstack([rows.hold(cells[way]) & possible[way][:, np.newaxis] for way in ways])
    [mass] = maximize(hold[np.newaxis], weight[np.newaxis])
    masses = np.split(mass, np.cumsum([len(cells[way][0]) for way in ways])[:-1])
    found = []
    for way, mass in zip(ways, masses, strict=True):
        first, last = rows.days_of(cells[way])
        middle: Floats = (first + last) / 2
        surely = np.array([ending == way for ending in endings])
        for day in days:
            least = float((surely & (high <= day)).mean())
            most = float((possible[way] & (low <= day)).mean())
            found.append((way, day, least, float(mass[middle <= day].sum()), most))
    return pd.DataFrame(found, columns=["ending", "days", "least", "estimate", "most"]).set_index(["ending", "days"])
