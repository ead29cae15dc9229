"""Axes of dates: ticks in English with room between them, and a lens over the days in which much happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook.plots.requests import library
from casebook.plots.words import month

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes

_ROOM = 0.42
_FAR = 10.0**6
_STEPS = (("day", (1, 2, 5, 10)), ("month", (1, 2, 3, 6)), ("year", (1, 2, 5, 10, 20, 50, 100)))
_LENGTH = {"day": 1.0, "month": 30.44, "year": 365.25}


@dataclass(frozen=True)
class Lens:
    """A span of time drawn wider than the rest: places 0 to 1 for moments in days.

    Attributes
    ----------
    low, high : float
        Ends of the axis, as matplotlib counts days.
    first, last : float
        Ends of the part drawn wider.
    share : float
        Its share of the width.
    """

    low: float
    high: float
    first: float
    last: float
    share: float = 0.62

    @property
    def times(self) -> float:
        """How many times wider a day is in the lens than outside it."""
        rest = (self.high - self.low) - (self.last - self.first)
        return (self.share / (self.last - self.first)) / ((1 - self.share) / rest)

    @property
    def _knots(self) -> tuple[list[float], list[float]]:
        before, after = self.first - self.low, self.high - self.last
        slope = (1 - self.share) / (before + after)
        start = slope * before
        moments = [self.low - _FAR, self.first, self.last, self.high + _FAR]
        return moments, [-slope * _FAR, start, start + self.share, 1 + slope * _FAR]

    def place(self, moment: Any) -> np.ndarray:
        import numpy as np

        moments, places = self._knots
        return np.interp(moment, moments, places)

    def moment(self, place: Any) -> np.ndarray:
        import numpy as np

        moments, places = self._knots
        return np.interp(place, places, moments)


def lens(days: Sequence[float], low: float, high: float) -> Lens | None:
    """The lens that an axis of dates needs, if most of what it shows lies in a small part of it.

    Parameters
    ----------
    days : sequence of float
        When things happened, in days.
    low, high : float
        Ends of the axis.

    Returns
    -------
    Lens or None
        None unless at least 6 things and three fifths of all lie within 31 days that fill less than a quarter of the
        axis.

    Examples
    --------
    >>> found = lens([0, 50, 51, 51, 52, 53, 54, 54, 55, 120], 0, 120)
    >>> found.first, found.last, round(found.times)
    (50, 56, 31)
    >>> lens([0, 10, 20, 30, 40, 50, 60, 70, 80, 90], 0, 90) is None
    True
    """
    inside = sorted(moment for moment in days if low <= moment <= high)
    most = round(0.6 * len(inside) + 0.5)
    if most < 6:
        return None
    length, place = min((inside[n + most - 1] - inside[n], n) for n in range(len(inside) - most + 1))
    first, last = max(low, inside[place] - 1), min(high, inside[place + most - 1] + 2)
    return Lens(low, high, first, last) if length <= 31 and (last - first) < (high - low) / 4 else None


def date_axis(ax: Axes, low: pd.Timestamp, high: pd.Timestamp, inches: float, found: Lens | None = None) -> None:
    """Set the limits and the ticks of an axis of dates; the first tick and each change say the month or the year."""
    number = library("matplotlib.dates").date2num
    limits: Any = (low, high)
    ax.set_xlim(*limits)
    if found:
        ax.set_xscale("function", functions=(found.place, found.moment))
        ax.set_xlim(*limits)
    ticks: list[tuple[Any, str, str]] = []
    taken = -_ROOM
    for start, end, width in _parts(low, high, inches, found):
        for tick in _ticks(start, end, width):
            moment = float(number(tick[0]))
            place = float(found.place(moment)) if found else (moment - number(low)) / (number(high) - number(low))
            if (place - taken) * inches >= 0.7 * _ROOM:
                ticks.append(tick)
                taken = place
    ticks = ticks or [(low, *_day(low))]
    ax.set_xticks([date for date, _, _ in ticks], list(_labels(ticks)))
    ax.xaxis.set_minor_locator(library("matplotlib.ticker").NullLocator())


def _parts(low: pd.Timestamp, high: pd.Timestamp, inches: float, found: Lens | None) -> list[tuple[Any, Any, float]]:
    """Stretches of the axis that have a scale of their own, with their width."""
    import pandas as pd

    if found is None:
        return [(low, high, inches)]
    date = library("matplotlib.dates").num2date
    edges = [low, *(pd.Timestamp(date(moment)).tz_localize(None) for moment in (found.first, found.last)), high]
    places = [0.0, *(float(found.place(moment)) for moment in (found.first, found.last)), 1.0]
    return [(edges[n], edges[n + 1], (places[n + 1] - places[n]) * inches) for n in range(3)]


def _ticks(start: pd.Timestamp, end: pd.Timestamp, inches: float) -> list[tuple[Any, str, str]]:
    """Dates with what each tick says and what it says on its second line, as fine as there is room."""
    import pandas as pd

    days = (end - start) / pd.Timedelta(days=1)
    unit, step = next(
        (
            (unit, step)
            for unit, steps in _STEPS
            for step in steps
            if inches * step * _LENGTH[unit] / max(days, 1e-9) >= _ROOM
        ),
        ("year", 200),
    )
    if unit == "day":
        dates = [date for date in pd.date_range(start.ceil("D"), end) if (date.day - 1) % step == 0]
        dates = [date for date in dates if step == 1 or date.day + step <= 32]
        return [(date, *_day(date)) for date in dates]
    if unit == "month":
        dates = [date for date in pd.date_range(start.ceil("D"), end, freq="MS") if (date.month - 1) % step == 0]
        return [(date, month(date), str(date.year)) for date in dates]
    dates = [date for date in pd.date_range(start.ceil("D"), end, freq="YS") if date.year % step == 0]
    return [(date, str(date.year), "") for date in dates]


def _day(date: Any) -> tuple[str, str]:
    return str(date.day), f"{month(date)} {date.year}"


def _labels(ticks: Sequence[tuple[Any, str, str]]) -> Iterator[str]:
    said = ""
    for _, label, more in ticks:
        yield label if more == said or not more else f"{label}\n{more}"
        said = more or said
