"""Lanes over time: the geometry of the timelines, which the templates draw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, LEFT, ROW, TOP = 1000, 250, 26, 30
_STEPS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Span:
    """A stretch of time in a lane: sure, or only possible."""

    start: dt.date
    end: dt.date
    kind: str = "sure"


@dataclass(frozen=True)
class Mark:
    """A moment in a lane."""

    day: dt.date
    text: str
    to: str | None = None
    kind: str = "event"


@dataclass(frozen=True)
class Lane:
    """One line of a timeline."""

    name: str
    to: str | None
    spans: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """Lanes between two days.

    Attributes
    ----------
    lanes : tuple of Lane
        From top to bottom.
    first, last : date
        The days at the edges.
    said : str
        What it shows, in words.
    """

    lanes: tuple[Lane, ...]
    first: dt.date
    last: dt.date
    said: str

    @property
    def height(self) -> int:
        """Height of the drawing, in its own units."""
        return TOP + ROW * len(self.lanes) + 6

    def x(self, day: dt.date) -> float:
        """Where a day stands; what lies outside stands at the edge."""
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(LEFT + min(max(share, 0), 1) * (WIDTH - LEFT - 15), 1)

    def y(self, number: int) -> int:
        """The middle of a lane."""
        return TOP + ROW * number + ROW // 2

    def length(self, span: Span) -> float:
        """How long a span is drawn; the shortest can still be seen."""
        return max(round(self.x(span.end) - self.x(span.start), 1), 3)

    def ticks(self) -> list[tuple[float, str]]:
        """Beginnings of years, or of months where the whole is short."""
        if (self.last - self.first).days <= 800:
            days = [
                dt.date(year, month, 1) for year in range(self.first.year, self.last.year + 1) for month in range(1, 13)
            ]
            days = [day for day in days if self.first <= day <= self.last]
            every = -(-len(days) // 9) or 1
            return [(self.x(day), f"{day:%Y-%m}") for day in days[::every]]
        years = self.last.year - self.first.year
        step = next((step for step in _STEPS if years / step <= 10), 200)
        found = [dt.date(year, 1, 1) for year in range(self.first.year, self.last.year + 2) if year % step == 0]
        return [(self.x(day), str(day.year)) for day in found if self.first <= day <= self.last]


def timeline(lanes: Sequence[Lane], said: str) -> Timeline | None:
    """A timeline that spans all its lanes, or None where nothing in them is dated."""
    days = [day for lane in lanes for span in lane.spans for day in (span.start, span.end)]
    days += [mark.day for lane in lanes for mark in lane.marks]
    if not days:
        return None
    margin = dt.timedelta(days=max((max(days) - min(days)).days // 50, 3))
    return Timeline(tuple(lanes), min(days) - margin, max(days) + margin, said)
