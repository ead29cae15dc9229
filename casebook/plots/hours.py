"""A short crisis day by day and hour by hour."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from casebook.book import Casebook
from casebook.errors import CasebookError
from casebook.plots.drawing import (
    INK,
    PLAIN,
    QUIET,
    SMALL,
    canvas,
    counted,
    day,
    each,
    entry,
    heading,
    known_tracks,
    legend,
    library,
    marks,
    opened,
    remember,
    row_labels,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LANE, _KEY = 0.19, 84
_SLOT, _SLOTS = 1.15, 5
_SHAPES = "osDhp"


def calendar(
    case: str,
    start: str,
    end: str,
    *,
    tracks: Sequence[str] = ("back_channel",),
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Events of a case, one row per day, at the hour at which they began.

    Events without a clock time stand in a column of their own on the left. Marks carry numbers; the key on the right
    tells what happened. Clock times from elsewhere are moved to the clock that most events of the picture use; the key
    keeps the local time.

    Parameters
    ----------
    case : str
        Identifier of the case.
    start, end : str
        First and last day, as YYYY-MM-DD; at most 62 days apart.
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
    library("matplotlib")
    import pandas as pd

    book = opened(data)
    page = book.case(case)
    tracked = known_tracks(book, tracks)
    first, last = day(start, "start"), day(end, "end")
    if not 0 <= (last - first).days <= 62:
        raise CasebookError(
            f"end {end} must be 0 to 62 days after start {start}; casebook.plots.timeline shows longer spans"
        )
    events = book.load("events", alleged=alleged)
    known = set(book.load("channels", alleged=alleged)["channel_id"])
    events = events[(events["case_id"] == case) & events["track"].isin(tracks)]
    events = events[events["channel_id"].isna() | events["channel_id"].isin(known)]
    events = _placed(events, first, last)
    if events.empty:
        raise CasebookError(f"nothing to draw: {case} has no event from {start} to {end} in {', '.join(tracks)}")
    clock = events.attrs["clock"]
    days = list(pd.date_range(first, last))
    heights = [max(0.32, _LANE * (events.loc[events["day"] == date, "lane"].max() + 1) + 0.1) for date in days]
    heights = [0.32 if pd.isna(height) else height for height in heights]
    tops = dict(zip(days, [sum(heights[:place]) for place in range(len(days))], strict=True))
    told = [_told(book, event) for event in each(events)]
    key = [line for n, text in enumerate(told, 1) for line in _entry(n, text)]
    ax = canvas(ax, 12.5, max(sum(heights), 0.135 * len(key)) + 1.5)

    left = float(events["x"].min()) - 0.8 if events["hour"].isna().any() else -0.6
    ax.set_xlim(left, 24.4)
    ax.set_ylim(sum(heights), 0)
    for date in days[1:]:
        ax.axhline(tops[date], color="#d9d9d9", linewidth=0.6, zorder=0)
    for hour in (6, 12, 18):
        ax.axvline(hour, color="#ececec", linewidth=0.6, zorder=0)
    if left < -0.6:
        ax.axvspan(left, -0.6, color="#f2f2f2", zorder=-1)
    looks = marks(tracked, _SHAPES)
    for number, event in enumerate(each(events), 1):
        look = looks[event.track]
        y = tops[event.day] + _LANE * (event.lane + 0.5) + 0.05
        if event.until > event.day:
            bottom = tops[event.until] + heights[days.index(event.until)] - 0.06
            ax.plot([event.x, event.x], [y, bottom], color=look.color, linewidth=1.6, zorder=2, gid="span")
        ax.plot(event.x, y, gid="event", zorder=3, **{**look.style, "markersize": 9.5 if look.marker == "D" else 11})
        ax.text(
            event.x, y, str(number), ha="center", va="center_baseline", fontsize=SMALL - 1.5, color="white", zorder=4
        )
    row_labels(ax, [tops[date] + height / 2 for date, height in zip(days, heights, strict=True)], map(_named, days))
    hours: dict[float, str] = {hour: f"{hour}:00" for hour in range(0, 25, 3)}
    if left < -0.6:
        hours = {(left - 0.6) / 2: "no clock time", **hours}
    ax.set_xticks(list(hours), list(hours.values()), fontsize=SMALL)
    ax.set_xlabel(f"Hour of the day{f' (UTC{clock})' if clock else ''}", fontsize=SMALL)
    ax.annotate(
        "\n".join(key), (1, 1), (10, 0), xycoords="axes fraction", textcoords="offset points", va="top", ha="left",
        fontsize=SMALL - 0.5, color=INK, linespacing=1.25, gid="key", **PLAIN,
    )  # fmt: skip
    heading(ax, page.title)
    handles = [looks[track].proxy() for track in looks if track in set(events["track"])]
    if (events["until"] > events["day"]).any():
        handles.append(entry("Somewhere within these days", color=QUIET, linewidth=1.6))
    legend(ax, handles, 0.5, 7)
    timed = int(events["hour"].notna().sum())
    size = f"{counted(len(events), 'event')}, {timed} with a clock time"
    remember(ax, [f"Calendar of {page.title}, {_named(first)} to {_named(last)}: {size}", *told])
    return ax


def _placed(events: pd.DataFrame, first: Any, last: Any) -> pd.DataFrame:
    """Events between two days in order, each with its day, hour, place across (``x``) and lane within the day.

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
    events = events.assign(day=events["day"].clip(lower=first), until=events["until"].clip(upper=last))
    events = events.sort_values(["day", "hour", "until"], kind="stable", na_position="first", ignore_index=True)
    spans: list[Any] = []
    used: dict[Any, list[float]] = {}
    loose: dict[Any, int] = {}
    spots = []
    for event in each(events):
        if event.until > event.day:
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


def _named(date: Any) -> str:
    return f"{date.day_name()[:3]} {date.day} {date.month_name()[:3]} {date.year}"


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


def _entry(number: int, text: str) -> list[str]:
    """An entry of the key in at most two lines."""
    lines = textwrap.wrap(text, _KEY, max_lines=2, placeholder=" …")
    return [f"{number:>2}  {lines[0]}", *(f"      {line}" for line in lines[1:])]
