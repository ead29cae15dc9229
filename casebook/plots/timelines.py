"""Channels over time: contacts, and the two clocks of disclosure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from casebook.book import Casebook
from casebook.errors import CasebookError
from casebook.plots import disclosures
from casebook.plots.drawing import (
    BAND,
    INK,
    PLAIN,
    QUIET,
    SMALL,
    beside,
    canvas,
    chosen,
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
    side_text,
    wrapped,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_WIDTH = 5.2
_LANE = 0.1
_EDGE = "#8fa3b8"
_BOUNDS = ["start_earliest", "start_latest", "end_earliest", "end_latest"]


def timeline(
    case: str,
    *,
    tracks: Sequence[str] = ("front_channel",),
    start: str | None = None,
    end: str | None = None,
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Channels of one case over time, with their contacts and, beside them, when they became public.

    A bar runs from first to last contact; it is hatched where the dates leave open whether the channel ran, and ends in
    a dotted line and a question mark where a bound is unknown. Disclosures have a date axis of their own on the right,
    because they often come decades later.

    Parameters
    ----------
    case : str
        Identifier of the case.
    tracks : sequence of str, default ("front_channel",)
        Other tracks of the table events to show as rows above the channels.
    start, end : str, optional
        First and last day of the left axis, as YYYY-MM-DD; the span of the channels if not given. How many events lie
        outside is said under the axis.
    alleged : bool, default False
        Also draw what only an unconfirmed source claims.
    data : Casebook, optional
        The casebook; the packaged release if not given.
    ax : matplotlib Axes, optional
        Where to draw; its right part becomes the axis of disclosures. A new figure if not given.

    Returns
    -------
    matplotlib Axes
        The axis of contacts; the axis of disclosures is the last of its figure, ``ax.figure.axes[-1]``.

    Raises
    ------
    UnknownNameError
        If there is no such case or track.
    CasebookError
        If the case has no dated channel, or ``start`` and ``end`` are not days in order.

    Examples
    --------
    >>> import casebook
    >>> ax = casebook.plots.timeline("cuba-1962")
    >>> ax.figure.axes[-1].get_xlabel()
    'Date of disclosure (a scale of its own)'
    """
    library("matplotlib")
    import pandas as pd

    book = opened(data)
    page = book.case(case)
    tracked = known_tracks(book, tracks)
    channels = _channels(book, [case], alleged)
    low: Any = day(start, "start") if start else channels[_BOUNDS].min().min()
    high: Any = (day(end, "end") if end else channels[_BOUNDS].max().max()) + pd.Timedelta(days=1)
    if low >= high:
        raise CasebookError(f"start {low:%Y-%m-%d} is later than end {high - pd.Timedelta(days=1):%Y-%m-%d}")

    events = book.load("events", alleged=alleged)
    events = events[(events["case_id"] == case) & events["date_earliest"].notna() & events["date_latest"].notna()]
    middle = events["date_earliest"] + (events["date_latest"] - events["date_earliest"] + pd.Timedelta(days=1)) / 2
    events = events.assign(middle=middle).sort_values("middle", kind="stable")
    rows = [(tracked.label(track), None, events[events["track"] == track]) for track in tracks]
    own = events[events["track"] == "back_channel"]
    rows += [(channel.name, channel, own[own["channel_id"] == channel.channel_id]) for channel in each(channels)]
    rows = [(label, channel, found) for label, channel, found in rows if channel is not None or len(found)]
    inside = [found[found["middle"].between(low, high)] for _, _, found in rows]
    outside = sum(len(found) for _, _, found in rows) - sum(map(len, inside))

    width = _WIDTH if ax is None else ax.get_window_extent().width / ax.figure.dpi
    labels = [wrapped(label, 36) for label, _, _ in rows]
    lanes = [_lanes([(middle - low) / (high - low) * width for middle in found["middle"]]) for found in inside]
    heights = [max(0.44, _LANE * (max(lane, default=0) + 1) + 0.16) for lane in lanes]
    centers = [sum(heights[:place]) + height / 2 for place, height in enumerate(heights)]
    ax = canvas(ax, 11.5, sum(heights) + 1.8)
    panel = beside(ax, 0.36)
    ax.set_ylim(sum(heights), 0)
    ax.set_xlim(low - (high - low) / 60, high + (high - low) / 60)
    row_labels(ax, centers, labels)

    kinds = marks(book.schema.table("events").field("kind"))
    for (_, channel, _), found, lane, y, height in zip(rows, inside, lanes, centers, heights, strict=True):
        for axes in (ax, panel):
            axes.axhline(y + height / 2, color="#d9d9d9", linewidth=0.6, zorder=0)
        if channel is None and found.empty:
            disclosures.quiet(ax, "none within these dates", (0, y), xytext=(4, 0), xycoords=ax.get_yaxis_transform())
        if channel is not None:
            _bar(ax, channel, y, height - 0.12, low, high)
        for event, place in zip(each(found), lane, strict=True):
            mark = kinds[event.kind]
            at = y + _LANE * (place - max(lane) / 2)
            ends = [max(event.date_earliest, low), min(event.date_latest + pd.Timedelta(days=1), high)]
            if event.date_latest > event.date_earliest:
                ax.plot(ends, [at, at], color=mark.color, linewidth=1, zorder=3)
            ax.plot(event.middle, at, gid="event", zorder=4, **mark.style)
    note = f"{counted(outside, 'event')} before or after not shown" if outside else ""
    ax.set_xlabel(f"Contacts, local date{f' ({note})' if note else ''}", fontsize=SMALL, labelpad=11, **PLAIN)
    _date_axis(ax, _WIDTH)
    _disclosure_panel(book, panel, channels, centers[-len(channels) :])
    heading(ax, page.title)
    shown = set().union(*(found["kind"] for found in inside))
    legend(
        ax, [*(mark.proxy() for value, mark in kinds.items() if value in shown), *_bar_entries(channels)], 0.62, width
    )

    told = [
        f"{label}: {_dates(channel) if channel else ''}{counted(len(found), 'event')}"
        + "".join(
            f", {disclosures.words(book, channel, clock)}" for clock in disclosures.clocks(book).values() if channel
        )
        for (label, channel, _), found in zip(rows, inside, strict=True)
    ]
    span = f"{low:%Y-%m-%d} to {high - pd.Timedelta(days=1):%Y-%m-%d}"
    aside = "with disclosures on a date axis of their own"
    remember(
        ax,
        [
            f"Timeline of {page.title}: {counted(len(channels), 'channel')}, {span}, {aside}",
            *told,
            *filter(None, [note]),
        ],
    )
    return ax


def overview(
    cases: Sequence[str] | None = None,
    *,
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """All channels on one calendar: when each ran, and when its existence and its terms became public.

    Parameters
    ----------
    cases : sequence of str, optional
        Only these cases.
    alleged : bool, default False
        Also draw channels that only an unconfirmed source claims.
    data : Casebook, optional
        The casebook; the packaged release if not given.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        One row per channel, grouped by case, in order of time.

    Raises
    ------
    UnknownNameError
        If there is no such case.
    CasebookError
        If no dated channel is left to draw.

    Examples
    --------
    >>> import casebook
    >>> casebook.plots.overview().get_xlabel()
    'Year'
    """
    library("matplotlib")
    book = opened(data)
    selected = chosen(book, cases)
    channels = _channels(book, list(selected["case_id"]), alleged)
    both = disclosures.clocks(book).values()
    ax = canvas(ax, 10.5, 0.18 * len(channels) + 1.4)
    ax.set_ylim(len(channels) - 0.5, -0.5)
    row_labels(ax, range(len(channels)), channels["name"])
    dates = [bound for channel in each(channels) for clock in both for bound in disclosures.known(channel, clock)]
    low, high = channels[_BOUNDS].min().min(), max([channels[_BOUNDS].max().max(), *dates])
    ax.set_xlim(low - (high - low) / 18, high + (high - low) / 18)
    titles = selected.set_index("case_id")["short_title"]
    for case, group in channels.assign(place=range(len(channels))).groupby("case_id", sort=False):
        side_text(ax, group["place"].mean(), titles[case], color=INK)
        ax.axhline(group["place"].max() + 0.5, color="#bfbfbf", linewidth=0.8, zorder=0)
    told = []
    for y, channel in enumerate(each(channels)):
        first, last = _outer(channel)
        ax.plot([first, last], [y, y], color=INK, linewidth=5, solid_capstyle="butt", zorder=3, gid="channel")
        ax.plot(first, y, marker="|", color=INK, markersize=9, markeredgewidth=1.5, zorder=3)
        for clock in both:
            if bounds := disclosures.known(channel, clock):
                ax.plot([first, bounds[-1]], [y, y], color="#999999", linewidth=0.8, zorder=1)
                disclosures.draw(ax, channel, clock, y)
        if absent := _absences(book, channel):
            end = max([last, *(bound for clock in both for bound in disclosures.known(channel, clock))])
            _where_room(ax, absent, first, end, y)
        words = [disclosures.words(book, channel, clock) for clock in both]
        told.append(f"{channel.name} ({titles[channel.case_id]}): {_dates(channel)}{', '.join(words)}")
    _date_axis(ax, 6)
    ax.set_xlabel("Year", fontsize=SMALL)
    heading(ax, "Back channels and their disclosure")
    legend(ax, [entry("First to last contact", color=INK, linewidth=5), *disclosures.proxies(book, channels)], 0.5, 6)
    count = counted(channels["case_id"].nunique(), "case")
    remember(ax, [f"{counted(len(channels), 'channel')} of {count}, {low:%Y} to {high:%Y}, in order of time", *told])
    return ax


def _channels(book: Casebook, cases: list[str], alleged: bool) -> pd.DataFrame:
    """Channels in order of case and start; one without any date of contact cannot be placed in time."""
    frame = book.load("channels", alleged=alleged)
    frame = frame[frame["case_id"].isin(cases) & frame[_BOUNDS].notna().any(axis=1)]
    if frame.empty:
        kind = "dated channel" if alleged else "established channel with a date (alleged=True adds alleged ones)"
        raise CasebookError(f"nothing to draw: {', '.join(cases)} has no {kind}")
    frame = frame.assign(place=frame["case_id"].map(cases.index), first=frame[_BOUNDS].min(axis=1))
    return frame.sort_values(["place", "first"], kind="stable", ignore_index=True).drop(columns=["place", "first"])


def _dates(channel: Any) -> str:
    start, end = (value if isinstance(value, str) else "unknown" for value in (channel.start, channel.end))
    return f"{start}, " if start == end else f"{start} to {end}, "


def _lanes(inches: Sequence[float]) -> list[int]:
    """Lanes in which marks of the same row, in order of time, do not cover each other."""
    last: list[float] = []
    lanes = []
    for place in inches:
        lane = next((n for n, taken in enumerate(last) if place - taken >= _LANE), len(last))
        last[lane : lane + 1] = [place]
        lanes.append(lane)
    return lanes


def _outer(channel: Any) -> tuple[Any, Any]:
    """First and last moment that the known bounds allow."""
    import pandas as pd

    bounds = [bound for bound in (getattr(channel, name) for name in _BOUNDS) if pd.notna(bound)]
    first = min(bounds) if pd.isna(channel.start_earliest) else channel.start_earliest
    last = max(bounds) if pd.isna(channel.end_latest) else channel.end_latest
    return first, last + pd.Timedelta(days=1)


def _bar(ax: Axes, channel: Any, y: float, height: float, low: Any, high: Any) -> None:
    """The span of a channel: solid where it surely ran, hatched where it may have, dotted towards an unknown bound."""
    import pandas as pd

    first, last = _outer(channel)
    style: dict[str, Any] = {"height": height, "edgecolor": _EDGE, "linewidth": 0.8, "zorder": 1}
    ax.barh(y, last - first, left=first, facecolor="white", hatch="/////", **style)
    sure = (channel.start_latest, channel.end_earliest + pd.Timedelta(days=1))
    if pd.notna(sure[0]) and pd.notna(sure[1]) and sure[0] < sure[1]:
        ax.barh(y, sure[1] - sure[0], left=sure[0], facecolor=BAND, gid="sure", **style)
    for bound, edge, limit, side in (
        (channel.start_earliest, first, low, "left"),
        (channel.end_latest, last, high, "right"),
    ):
        if pd.isna(bound):
            ax.plot([limit, edge], [y, y], color=QUIET, linestyle=":", linewidth=1.2, zorder=1)
            shift = (3 if side == "left" else -3, 1)
            ax.annotate(
                "?", (limit, y), shift, textcoords="offset points", ha=side, va="bottom", fontsize=SMALL, color=QUIET
            )


def _bar_entries(channels: pd.DataFrame) -> list[Any]:
    patch = library("matplotlib.patches").Patch
    entries = [
        patch(facecolor=BAND, edgecolor=_EDGE, label="Channel ran"),
        patch(facecolor="white", edgecolor=_EDGE, hatch="/////", label="May have run (dates inexact)"),
    ]
    if channels[["start_earliest", "end_latest"]].isna().any(axis=None):
        entries.append(entry("? bound unknown", color=QUIET, linestyle=":"))
    return entries


def _date_axis(ax: Axes, width: float) -> None:
    """Ticks with room between them; the part of the date that they share stands once, at the right."""
    dates = library("matplotlib.dates")
    locator = dates.AutoDateLocator(minticks=3, maxticks=max(5, int(width * 1.6)))
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
    ax.tick_params(labelsize=SMALL)
    ax.xaxis.get_offset_text().set_fontsize(SMALL)


def _disclosure_panel(book: Casebook, panel: Axes, channels: pd.DataFrame, centers: Sequence[float]) -> None:
    """Both clocks of every channel on a date axis of their own, which begins with the first channel."""
    import pandas as pd

    both = disclosures.clocks(book).values()
    dates = [bound for channel in each(channels) for clock in both for bound in disclosures.known(channel, clock)]
    low = channels[_BOUNDS].min().min()
    high = max([*dates, low + pd.Timedelta(days=1)])
    panel.set_xlim(low - (high - low) / 10, high + (high - low) / 10)
    for channel, y in zip(each(channels), centers, strict=True):
        for clock, shift in zip(both, (-0.1, 0.1), strict=True):
            if bounds := disclosures.known(channel, clock):
                panel.plot([low, bounds[-1]], [y + shift] * 2, color="#b3b3b3", linewidth=0.7, linestyle=":", zorder=1)
                disclosures.draw(panel, channel, clock, y + shift)
            else:
                text = disclosures.words(book, channel, clock)
                disclosures.quiet(panel, text, (0, y + shift), xytext=(4, 0), xycoords=panel.get_yaxis_transform())
    panel.tick_params(axis="y", left=False, labelleft=False)
    panel.spines[["top", "right"]].set_visible(False)
    _date_axis(panel, 3.2)
    panel.set_xlabel("Date of disclosure (a scale of its own)", fontsize=SMALL, labelpad=11)
    legend(panel, disclosures.proxies(book, channels), 0.62, 2.5)


def _where_room(ax: Axes, text: str, first: Any, last: Any, y: float) -> None:
    """Quiet text on the freer side of what a row shows, or on its line where neither side has room."""
    date = library("matplotlib.dates").date2num
    low, high = ax.get_xlim()
    before, after = ((space / (high - low)) for space in (date(first) - low, high - date(last)))
    if max(before, after) < (0.053 * len(text) + 0.4) / _WIDTH:
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        disclosures.quiet(ax, text, (first + (last - first) / 2, y), xytext=(0, 0), ha="center", bbox=box)
    elif after > before:
        disclosures.quiet(ax, text, (last, y), xytext=(22, 0), ha="left")
    else:
        disclosures.quiet(ax, text, (first, y), xytext=(-22, 0), ha="right")


def _absences(book: Casebook, channel: Any) -> str:
    """What cannot be shown of a channel's clocks, in a few words."""
    absent = [item for item in disclosures.clocks(book).items() if not disclosures.known(channel, item[1])]
    return ", ".join(f"{name} {disclosures.absence(book, channel.channel_id, clock)}" for name, clock in absent)
