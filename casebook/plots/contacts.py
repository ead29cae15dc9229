"""What a timeline shows: rows of events with their lanes, and the bars of the channels. Nothing here draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casebook.book import Casebook
from casebook.errors import CasebookError
from casebook.plots import disclosures
from casebook.plots.drawing import each
from casebook.plots.requests import day, known_tracks
from casebook.plots.words import counted

if TYPE_CHECKING:
    import pandas as pd

BOUNDS = ["start_earliest", "start_latest", "end_earliest", "end_latest"]
LANE = 0.1
_CHANNEL = ["channel_id", "case_id", "name", "start", "end", *BOUNDS]
_CLOCKS = [f"{clock}_disclosed{bound}" for clock in ("existence", "terms") for bound in ("", "_earliest", "_latest")]
_EVENT = ["case_id", "channel_id", "track", "kind", "date", "date_earliest", "date_latest", "outside_span"]


def dated_channels(book: Casebook, cases: list[str], alleged: bool) -> pd.DataFrame:
    """Channels in order of case and start; one without any date of contact cannot be placed in time."""
    frame = book.load("channels", columns=[*_CHANNEL, *_CLOCKS], alleged=alleged)
    frame = frame[frame["case_id"].isin(cases) & frame[BOUNDS].notna().any(axis=1)]
    if frame.empty:
        kind = "dated channel" if alleged else "established channel with a date (alleged=True adds alleged ones)"
        raise CasebookError(f"nothing to draw: {', '.join(cases)} has no {kind}")
    frame = frame.assign(place=frame["case_id"].map(cases.index), first=frame[BOUNDS].min(axis=1))
    return frame.sort_values(["place", "first"], kind="stable", ignore_index=True).drop(columns=["place", "first"])


def outer(channel: Any) -> tuple[Any, Any]:
    """First and last moment that the known bounds allow."""
    import pandas as pd

    bounds = [bound for bound in (getattr(channel, name) for name in BOUNDS) if pd.notna(bound)]
    first = min(bounds) if pd.isna(channel.start_earliest) else channel.start_earliest
    last = max(bounds) if pd.isna(channel.end_latest) else channel.end_latest
    return first, last + pd.Timedelta(days=1)


def sure(channel: Any) -> tuple[Any, Any] | None:
    """First and last moment between which the channel surely ran."""
    import pandas as pd

    if pd.isna(channel.start_latest) or pd.isna(channel.end_earliest):
        return None
    end = channel.end_earliest + pd.Timedelta(days=1)
    return (channel.start_latest, end) if channel.start_latest < end else None


def dates(channel: Any) -> str:
    """Start and end as coded."""
    start, end = (value if isinstance(value, str) else "unknown" for value in (channel.start, channel.end))
    return f"{start}, " if start == end else f"{start} to {end}, "


def lanes(inches: Sequence[float], apart: float = LANE) -> list[int]:
    """Lanes in which marks of the same row, in order of place, do not cover each other.

    Examples
    --------
    >>> lanes([0.0, 0.05, 0.2])
    [0, 1, 0]
    """
    last: list[float] = []
    found = []
    for place in inches:
        lane = next((n for n, taken in enumerate(last) if place - taken >= apart), len(last))
        last[lane : lane + 1] = [place]
        found.append(lane)
    return found


@dataclass(frozen=True)
class Row:
    """One row of a timeline: a track, or a channel with its events."""

    label: str
    channel: Any
    events: pd.DataFrame


@dataclass(frozen=True)
class Timeline:
    """What is shown of one case between two moments; ``outside`` counts events before or after."""

    book: Casebook
    title: str
    channels: pd.DataFrame
    rows: list[Row]
    low: pd.Timestamp
    high: pd.Timestamp
    outside: int

    @classmethod
    def of(
        cls, book: Casebook, case: str, tracks: Sequence[str], start: str | None, end: str | None, alleged: bool
    ) -> Timeline:
        import pandas as pd

        page = book.case(case)
        tracked = known_tracks(book, tracks)
        channels = dated_channels(book, [page.case_id], alleged)
        one = pd.Timedelta(days=1)
        low: Any = day(start, "start") if start else channels[BOUNDS].min().min()
        high: Any = (day(end, "end") if end else channels[BOUNDS].max().max()) + one
        if low >= high:
            raise CasebookError(f"start {low:%Y-%m-%d} is later than end {high - one:%Y-%m-%d}")
        events = _dated_events(book, page.case_id, alleged)
        tables = [(tracked.label(track), None, events[events["track"] == track]) for track in tracks]
        own = events[events["track"] == "back_channel"]
        tables += [(channel.name, channel, own[own["channel_id"] == channel.channel_id]) for channel in each(channels)]
        tables = [table for table in tables if table[1] is not None or len(table[2])]
        rows = [Row(label, channel, found[found["middle"].between(low, high)]) for label, channel, found in tables]
        outside = sum(len(found) for _, _, found in tables) - sum(len(row.events) for row in rows)
        return cls(book, page.title, channels, rows, low, high, outside)

    @property
    def note(self) -> str:
        return f"{counted(self.outside, 'event')} before or after not shown" if self.outside else ""

    @property
    def last_day(self) -> pd.Timestamp:
        import pandas as pd

        return self.high - pd.Timedelta(days=1)

    @cached_property
    def stray(self) -> pd.DataFrame:
        """Events that lie outside the span of their channel, each with its reason."""
        import pandas as pd

        found = [row.events[row.events["outside_span"].notna()] for row in self.rows if row.channel is not None]
        return pd.concat(found) if found else pd.DataFrame()

    def lanes_of(self, row: Row, place: Callable[[Any], float]) -> list[int]:
        """A lane for each event of a row, given its place in inches."""
        return lanes([place(middle) for middle in row.events["middle"]])

    @property
    def question(self) -> str:
        return f"{self.title}: who was in touch, and when?"

    @property
    def answer(self) -> str:
        """How many contacts in how many channels, and what the world knew while they ran."""
        contacts = sum(len(row.events) for row in self.rows if row.channel is not None)
        clock = disclosures.clocks(self.book)["existence"]
        ends = self.channels["end_latest"].max()
        later = sum(
            len(bounds) == 2 and bounds[0] > ends
            for bounds in (disclosures.known(channel, clock) for channel in each(self.channels))
        )
        text = f"{counted(contacts, 'event')} in {counted(len(self.channels), 'back channel')}"
        return f"{text}; {later or 'none'} surely became public only after the last contact in any of them."

    @property
    def sentences(self) -> list[str]:
        both = disclosures.clocks(self.book).values()
        told = [
            f"{row.label}: {dates(row.channel) if row.channel else ''}{counted(len(row.events), 'event')}"
            + "".join(f", {disclosures.words(self.book, row.channel, clock)}" for clock in both if row.channel)
            for row in self.rows
        ]
        span = f"{self.low:%Y-%m-%d} to {self.last_day:%Y-%m-%d}"
        aside = "with disclosures on a date axis of their own"
        opening = f"Timeline of {self.title}: {counted(len(self.channels), 'channel')}, {span}, {aside}"
        strays = [f"{event.date} lies outside the span of its channel: {event.outside_span}" for event in _in(self)]
        return [opening, *told, *strays, *filter(None, [self.note])]


def _in(shown: Timeline) -> list[Any]:
    return list(each(shown.stray)) if len(shown.stray) else []


def _dated_events(book: Casebook, case: str, alleged: bool) -> pd.DataFrame:
    """Events with both bounds of a date, in order of the middle of their time."""
    import pandas as pd

    events = book.load("events", columns=_EVENT, alleged=alleged)
    events = events[(events["case_id"] == case) & events["date_earliest"].notna() & events["date_latest"].notna()]
    middle = events["date_earliest"] + (events["date_latest"] - events["date_earliest"] + pd.Timedelta(days=1)) / 2
    return events.assign(middle=middle).sort_values("middle", kind="stable")
