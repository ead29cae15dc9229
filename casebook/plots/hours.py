"""A short crisis day by day and hour by hour."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import told
from casebook.book import Casebook
from casebook.errors import CasebookError
from casebook.plots.drawing import LETTER, SMALL, canvas, each, entry, finish, line, room, row_labels, rule
from casebook.plots.requests import chosen_events, day, known_tracks, opened
from casebook.plots.theme import Theme, readable_on
from casebook.plots.words import counted, weekday

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from casebook.model.schema import Field

_LANE, _LINE, _KEY = 0.21, 0.148, 5.4
_SLOT, _SLOTS = 1.15, 5
_WEEKS, _LEAST = 14, 5.0


@dataclass(frozen=True)
class _Calendar:
    """What is shown: events in order, each with its day, hour, place across (``x``) and lane within the day."""

    book: Casebook
    title: str
    tracked: Field
    first: pd.Timestamp
    last: pd.Timestamp
    events: pd.DataFrame

    @cached_property
    def days(self) -> list[Any]:
        import pandas as pd

        return list(pd.date_range(self.first, self.last))

    @cached_property
    def told(self) -> list[str]:
        return [_told(self.book, event) for event in each(self.events)]

    @property
    def clock(self) -> str | None:
        return self.events.attrs["clock"]

    @property
    def ranges(self) -> bool:
        return bool(self.events["ranged"].any())

    @property
    def question(self) -> str:
        return f"{self.title}: what happened on which day, and at what hour?"

    @property
    def answer(self) -> str:
        counts = self.events[~self.events["ranged"]]["day"].value_counts()
        busiest = min(counts[counts == counts.max()].index) if len(counts) else self.first
        return f"{self.size}; most on one day: {counts.max() if len(counts) else 0}, on {weekday(busiest)}."

    @property
    def size(self) -> str:
        timed = int(self.events["hour"].notna().sum())
        return f"{counted(len(self.events), 'event')}, {timed} with a clock time"

    @property
    def sentences(self) -> list[str]:
        span = " to ".join(dict.fromkeys(weekday(date) for date in (self.first, self.last)))
        return [f"Calendar of {self.title}, {span}: {self.size}", *self.told]


@told("casebook.plots.calendar('cuba-1962')")
def calendar(
    case: str,
    start: str | None = None,
    end: str | None = None,
    *,
    tracks: Sequence[str] = ("back_channel",),
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Events of a case, one row per day, at the hour at which they began.

    Events without a clock time stand in a column of their own on the left. Plates carry numbers, round ones for the
    back channel; the key on the right tells what happened. Clock times from elsewhere are moved to the clock that most
    events of the picture use; the key keeps the local time.

    Parameters
    ----------
    case : str
        Identifier of the case.
    start, end : str, optional
        First and last day, as YYYY-MM-DD; at most 62 days apart. If neither is given, the two weeks or less in which
        most happened; if one is given, two weeks from or to it.
    tracks : sequence of str, default ("back_channel",)
        Tracks of the table events to show.
    alleged : bool, default False
        Also show what only an unconfirmed source claims.
    data : Casebook, optional
        The casebook; the packaged release if not given.
    ax : matplotlib Axes, optional
        Where to draw, the key on its right; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        Hours of the day across, days down.

    Raises
    ------
    UnknownNameError
        If there is no such case or track.
    CasebookError
        If the days are not in order or too many, or no event lies between them.

    Examples
    --------
    >>> import casebook
    >>> ax = casebook.plots.calendar("cuba-1962", "1962-10-22", "1962-10-28")
    >>> ax.get_yticklabels()[0].get_text()
    'Mon 22 Oct 1962'
    """
    shown = _shown(opened(data), case, start, end, tracks, alleged)
    events, days = shown.events, shown.days
    width, height = room(ax, 12.5, 100.0)
    size, key = _key(shown.told, width, height, 4 if ax is None else 2)
    lanes = [events.loc[events["day"] == date, "lane"].max() for date in days]
    heights = [0.32 if lane != lane else max(0.32, _LANE * (lane + 1) + 0.1) for lane in lanes]
    stretch = max(1.0, (_LINE * len(key)) / sum(heights))
    heights = [height * stretch for height in heights]
    tops = dict(zip(days, [sum(heights[:place]) for place in range(len(days))], strict=True))
    ax = canvas(ax, 12.5, sum(heights) + 1.9)
    theme = Theme.of(ax)
    left = float(events["x"].min()) - 0.8 if events["hour"].isna().any() else -0.6
    ax.set_xlim(left, 24.4)
    ax.set_ylim(sum(heights), 0)
    for date in days[1:]:
        rule(ax, tops[date], color=theme.faint, linewidth=0.6, zorder=0)
    for hour in (6, 12, 18):
        ax.axvline(hour, color=theme.shade(0.08), linewidth=0.6, zorder=0)
    if left < -0.6:
        ax.axvspan(left, -0.6, color=theme.shade(0.06), zorder=-1, linewidth=0)
    scale = min(1.0, width / 10)
    plates = _plates(shown.tracked, theme, scale)
    for number, event in enumerate(each(events), 1):
        y = tops[event.day] + _LANE * (event.lane + 0.5) + 0.05
        if event.ranged:
            bottom = tops[event.until] + heights[days.index(event.until)] - 0.06
            line(ax, [event.x, event.x], [y, bottom], color=theme.quiet, linewidth=1.4, zorder=2, gid="span")
        style = plates[event.track]
        line(ax, [event.x], [y], gid="event", zorder=3, **style)
        ink = readable_on(style["markerfacecolor"])
        ax.text(
            event.x, y, str(number), ha="center", va="center_baseline", fontsize=(SMALL - 1) * scale, color=ink,
            zorder=4, gid="number",
        )  # fmt: skip
    centers = [tops[date] + height / 2 for date, height in zip(days, heights, strict=True)]
    row_labels(ax, centers, [weekday(date) for date in days])
    step = 3 if width > 9 else 6
    hours: dict[float, str] = {hour: f"{hour}:00" for hour in range(0, 25, step)}
    if left < -0.6:
        hours = {(left - 0.6) / 2: "no clock time" if width > 9 else "no clock\ntime", **hours}
    ax.set_xticks(list(hours), list(hours.values()), fontsize=SMALL)
    label = f"Hour of the day{f' (UTC{shown.clock})' if shown.clock else ''}"
    ax.set_xlabel(label if key else f"{label}\nno room for the key: describe(ax) tells the numbers", fontsize=SMALL)
    ax.annotate(
        "\n".join(key), (1, 1), (10, 0), xycoords="axes fraction", textcoords="offset points", va="top", ha="left",
        fontsize=size, color=theme.ink, linespacing=1.25, gid="key",
    )  # fmt: skip
    handles = [entry(shown.tracked.label(track), **plates[track]) for track in plates if track in set(events["track"])]
    if shown.ranges:
        handles.append(entry("Somewhere within these days", color=theme.quiet, linewidth=1.4))
    return finish(ax, shown.question, shown.answer, shown.sentences, handles)


def _shown(
    book: Casebook, case: str, start: str | None, end: str | None, tracks: Sequence[str], alleged: bool
) -> _Calendar:
    import pandas as pd

    page = book.case(case)
    tracked = known_tracks(book, tracks)
    found = chosen_events(book, [page.case_id], tracks, alleged)
    if start is None and end is None:
        first, last = _busiest(found, case, tracks)
    else:
        first = day(start, "start") if start else day(str(end), "end") - pd.Timedelta(days=_WEEKS - 1)
        last = day(end, "end") if end else first + pd.Timedelta(days=_WEEKS - 1)
    if not 0 <= (last - first).days <= 62:
        raise CasebookError(
            f"end {last:%Y-%m-%d} must be 0 to 62 days after start {first:%Y-%m-%d}; "
            "casebook.plots.timeline shows longer spans"
        )
    events = _placed(found, first, last)
    if events.empty:
        span = f"from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        raise CasebookError(f"nothing to draw: {case} has no event {span} in {', '.join(tracks)}")
    return _Calendar(book, page.title, tracked, first, last, events)


def _busiest(events: pd.DataFrame, case: str, tracks: Sequence[str]) -> tuple[Any, Any]:
    """First and last event of the two weeks or less in which most events of a known day lie."""
    import pandas as pd

    days = events.loc[events["date_earliest"].eq(events["date_latest"]).fillna(False), "date_earliest"].sort_values()
    if days.empty:
        raise CasebookError(f"nothing to draw: {case} has no event of a known day in {', '.join(tracks)}")
    width = pd.Timedelta(days=_WEEKS - 1)
    inside = [days[(days >= first) & (days <= first + width)] for first in days.unique()]
    most = max(map(len, inside))
    found = min((found for found in inside if len(found) == most), key=lambda found: found.max() - found.min())
    return found.min(), found.max()


def _placed(events: pd.DataFrame, first: Any, last: Any) -> pd.DataFrame:
    """Events between two days in order, each with its day, hour, place across (``x``) and lane within the day.

    Whether one is ``ranged``, somewhere within several days, is kept where only one of these days is shown.

    The attribute ``clock`` is the UTC offset to which clock times were moved.
    """
    import pandas as pd

    events = events[events["date_earliest"].notna() & events["date_latest"].notna()]
    near = events[(events["date_latest"] >= first) & (events["date_earliest"] <= last)]
    offsets = near["utc_offset"].dropna()
    clock = offsets.mode().iloc[0] if len(offsets) else None
    moment = events["date_earliest"] + pd.to_timedelta(events["time"] + ":00")
    if clock is not None:
        moment += pd.to_timedelta(
            _seconds(pd.Series(clock, events.index)) - _seconds(events["utc_offset"].fillna(clock)), "s"
        )
    hour = (moment - moment.dt.normalize()).dt.total_seconds() / 3600
    events = events.assign(
        day=moment.dt.normalize().fillna(events["date_earliest"]),
        until=moment.dt.normalize().fillna(events["date_latest"]),
        hour=hour,
    )
    events = events[(events["until"] >= first) & (events["day"] <= last)]
    events = events.assign(
        ranged=events["until"] > events["day"],
        day=events["day"].clip(lower=first),
        until=events["until"].clip(upper=last),
    )
    events = events.sort_values(["day", "hour", "until"], kind="stable", na_position="first", ignore_index=True)
    spans: list[Any] = []
    used: dict[Any, list[float]] = {}
    loose: dict[Any, int] = {}
    spots = []
    for event in each(events):
        if event.ranged:
            column = next((n for n, until in enumerate(spans) if until < event.day), len(spans))
            spans[column : column + 1] = [event.until]
            spots.append((-1.2 - _SLOT * (_SLOTS + column), 0))
        elif pd.isna(event.hour):
            place = loose[event.day] = loose.get(event.day, -1) + 1
            spots.append((-1.2 - _SLOT * (_SLOTS - 1 - place % _SLOTS), place // _SLOTS))
        else:
            ends = used.setdefault(event.day, [])
            lane = next((n for n, end in enumerate(ends) if event.hour - end >= _SLOT), len(ends))
            ends[lane : lane + 1] = [event.hour]
            spots.append((event.hour, lane))
    placed = events.assign(x=[float(x) for x, _ in spots], lane=[lane for _, lane in spots])
    placed.attrs["clock"] = clock
    return placed


def _seconds(offsets: pd.Series) -> pd.Series:
    """UTC offsets such as -04:00 in seconds."""
    parts = offsets.str.extract(r"([+-])(\d\d):(\d\d)")
    size = parts[1].astype("int64") * 3600 + parts[2].astype("int64") * 60
    return size.where(parts[0] == "+", -size)


def _plates(tracked: Field, theme: Theme, scale: float) -> dict[str, dict[str, Any]]:
    """How the number plate of each track is drawn: round and dark for the back channel, square for all others."""
    fills = [theme.strong, theme.ground, theme.band, theme.quiet, theme.faint]
    plates = {}
    for n, track in enumerate(tracked.values):
        back = track == "back_channel"
        shape = {"marker": "o" if back else "s", "markersize": (12 if back else 11) * scale}
        fill = {"color": theme.ink, "markerfacecolor": fills[n % len(fills)], "markeredgecolor": theme.ink}
        plates[track] = {**shape, **fill, "markeredgewidth": 0.8, "linestyle": "none"}
    return plates


def _told(book: Casebook, event: Any) -> str:
    """What happened, with its local time."""
    import pandas as pd

    kind = book.store.shown("events", event.event_id, "kind")
    time = (
        ""
        if pd.isna(event.time)
        else f", {event.time}" + ("" if pd.isna(event.utc_offset) else f" UTC{event.utc_offset}")
    )
    return f"{event.date}{time}, {kind.lower()}: {event.summary}"


def _key(told: Sequence[str], width: float, height: float, most: int) -> tuple[float, list[str]]:
    """Size and lines of the key, each entry in so many lines at most; smaller, or none, where there is no room."""
    for size in (SMALL, 7.0, 6.0, _LEAST):
        letters = max(20, int(_KEY / 12.5 * width / (1.06 * LETTER * size / SMALL)))
        key = [line for n, text in enumerate(told, 1) for line in _entry(n, text, letters, most)]
        if len(key) * size * 1.35 / 72 < height - 1.4:
            return size, key
    return SMALL, []


def _entry(number: int, text: str, letters: int, most: int) -> list[str]:
    """An entry of the key, in so many lines at most."""
    lines = textwrap.wrap(text, max(letters, 20), max_lines=most, placeholder=" \u2026")
    return [f"{number:>2}  {lines[0]}", *(f"      {line}" for line in lines[1:])]
