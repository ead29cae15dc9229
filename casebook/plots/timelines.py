"""Channels over time: contacts, and the two clocks of disclosure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import told
from casebook.book import Casebook
from casebook.plots import disclosures
from casebook.plots.contacts import BOUNDS, LANE, Row, Timeline, dated_channels, dates, outer, sure
from casebook.plots.dates import Lens, date_axis, lens
from casebook.plots.drawing import (
    LETTER,
    SMALL,
    bar,
    beside,
    canvas,
    each,
    entry,
    finish,
    line,
    quiet,
    room,
    row_labels,
    rule,
    side_text,
)
from casebook.plots.requests import chosen, library, opened
from casebook.plots.theme import Mark, Theme, marks
from casebook.plots.words import counted, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_WIDTH, _PANEL = 5.6, 3.0
_FOLD = 90


@told("casebook.plots.timeline('cuba-1962')")
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
    because they often come decades later. Where most events of a long channel lie in a few days, those days are drawn
    wider, and the figure says how many times; with ``start`` or ``end`` all days have the same width. A hollow mark is
    an event outside the span of its channel; its reason (``outside_span``) is in the alternative text.

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
    shown = Timeline.of(opened(data), case, tracks, start, end, alleged)
    low, high = shown.low, shown.high
    number = library("matplotlib.dates").date2num
    middles = [float(number(middle)) for row in shown.rows for middle in row.events["middle"]]
    found = None if start or end else lens(middles, float(number(low)), float(number(high)))

    def place(moment: Any) -> float:
        share = found.place(float(number(moment))) if found else (moment - low) / (high - low)
        return float(share) * inches

    width = room(ax, 11.5, 0)[0]
    inches = width * _WIDTH / 11.5
    ranks = [shown.lanes_of(row, place) for row in shown.rows]
    heights = [max(0.44, LANE * (max(rank, default=0) + 1) + 0.16) for rank in ranks]
    centers = [sum(heights[:n]) + height / 2 for n, height in enumerate(heights)]
    given = ax
    ax = canvas(ax, 11.5, sum(heights) + 2.2)
    theme = Theme.of(ax)
    panel = beside(ax, 0.36)
    ax.set_ylim(sum(heights), 0)
    margin = (high - low) / 60
    date_axis(ax, low - margin, high + margin, inches, found)
    tall = 0.44 if given is None else (room(ax, 0, 0)[1] - 1.6) / len(shown.rows)
    row_labels(ax, centers, [row.label for row in shown.rows], tall, int(width * 3.2))
    if found:
        ax.axvspan(found.first, found.last, color=theme.shade(0.06), zorder=0, linewidth=0)
    kinds = marks(shown.book.schema.table("events").field("kind"))
    for row, rank, y, height in zip(shown.rows, ranks, centers, heights, strict=True):
        for axes in (ax, panel):
            rule(axes, y + height / 2, color=theme.faint, linewidth=0.6, zorder=0)
        if row.channel is None and row.events.empty:
            quiet(ax, "none within these dates", (0, y), xytext=(4, 0), xycoords=ax.get_yaxis_transform())
        if row.channel is not None:
            _bar(ax, row.channel, y, height - 0.12, low, high, theme)
        _events(ax, row, rank, y, shown, kinds, theme)
    label = "Contacts, local date" + (f" ({shown.note})" if shown.note else "")
    ax.set_xlabel(wrapped(label, int(inches / LETTER)) + _magnified(found), fontsize=SMALL)
    _disclosure_panel(shown, panel, centers[-len(shown.channels) :], width * _PANEL / 11.5, tall, theme)
    seen = set().union(*(row.events["kind"] for row in shown.rows))
    handles = [mark_entry(mark, theme) for value, mark in kinds.items() if value in seen]
    if len(shown.stray):
        handles.append(entry("Outside its channel\u2019s span", **Mark("", theme.ink, "s").style(theme, hollow=True)))
    handles += _bar_entries(shown.channels, theme)
    handles += disclosures.proxies(shown.book, shown.channels, theme)
    return finish(ax, shown.question, shown.answer, shown.sentences, handles, panel)


@told("casebook.plots.overview()")
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
        One row per channel, grouped by case, in order of time; more than 90 channels stand in narrow rows without
        their names (``cases`` chooses some of them).

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
    book = opened(data)
    selected = chosen(book, cases)
    channels = dated_channels(book, list(selected["case_id"]), alleged)
    both = disclosures.clocks(book)
    tall = 0.18 if len(channels) <= _FOLD else 0.09
    width, height = room(ax, 10.5, tall * len(channels) + 1.9)
    letters = 10_000
    if ax is not None:
        tall, letters = (height - 1.6) / len(channels), int(width * 4.4)
    ax = canvas(ax, width, height)
    theme = Theme.of(ax)
    ax.set_ylim(len(channels) - 0.3, -0.7)
    row_labels(ax, range(len(channels)), channels["name"] if tall >= 0.1 else [""] * len(channels), tall, letters)
    known = [
        bound for channel in each(channels) for clock in both.values() for bound in disclosures.known(channel, clock)
    ]
    low, high = channels[BOUNDS].min().min(), max([channels[BOUNDS].max().max(), *known])
    date_axis(ax, low - (high - low) / 18, high + (high - low) / 18, width * 0.5)
    titles = selected.set_index("case_id")["short_title"]
    for case, group in channels.assign(place=range(len(channels))).groupby("case_id", sort=False):
        if len(selected) > 1:
            side_text(ax, group["place"].mean(), wrapped(titles[case], max(12, int(width * 2.4))), color=theme.ink)
        rule(ax, group["place"].max() + 0.5, color=theme.shade(0.25), linewidth=0.8, zorder=0)
    told = []
    thick = min(5.0, tall * 30)
    for y, channel in enumerate(each(channels)):
        first, last = outer(channel)
        style: dict[str, Any] = {"color": theme.edge, "linewidth": thick, "solid_capstyle": "butt"}
        line(ax, [first, last], [y, y], zorder=3, gid="channel", **style)
        line(ax, [first], [y], marker="|", color=theme.edge, markersize=1.8 * thick, markeredgewidth=1.5, zorder=3)
        signed: set[tuple[Any, str]] = set()
        for clock in both.values():
            if bounds := disclosures.known(channel, clock):
                line(ax, [first, bounds[-1]], [y, y], color=theme.lead, linewidth=0.8, zorder=1)
                bound = bounds[0], disclosures.open_side(channel, clock)
                disclosures.draw(ax, channel, clock, y, theme, signed=bound not in signed)
                signed.add(bound)
        if (absent := _absences(book, channel)) and tall >= 0.1:
            end = max([last, *(bound for clock in both.values() for bound in disclosures.known(channel, clock))])
            _where_room(ax, absent, first, end, y, width * 0.5, theme)
        words = [disclosures.words(book, channel, clock) for clock in both.values()]
        told.append(f"{channel.name} ({titles[channel.case_id]}): {dates(channel)}{', '.join(words)}")
    if len(channels) > 30:
        ax.tick_params(axis="x", top=True, labeltop=True)
    ax.set_xlabel("Year" if high - low > _days(3000) else "Date", fontsize=SMALL)
    handles = [
        entry("First to last contact", color=theme.edge, linewidth=5, solid_capstyle="butt"),
        *disclosures.proxies(book, channels, theme),
    ]
    count = counted(channels["case_id"].nunique(), "case")
    opening = f"{counted(len(channels), 'channel')} of {count}, {low:%Y} to {high:%Y}, in order of time"
    question = "When did the back channels run, and when did the world learn of them?"
    return finish(ax, question, _learned(channels, both["existence"]), [opening, *told], handles)


def mark_entry(mark: Mark, theme: Theme) -> Any:
    """An entry for a legend."""
    return entry(mark.label, **mark.style(theme))


def _days(number: int) -> Any:
    import pandas as pd

    return pd.Timedelta(days=number)


def _magnified(found: Lens | None) -> str:
    return f"\ndays in the shaded part are drawn {round(found.times)} times wider" if found else ""


def _learned(channels: pd.DataFrame, clock: disclosures.Clock) -> str:
    """How many channels became known while they ran, and how many only afterwards; only what the bounds make sure."""
    import pandas as pd

    earliest, latest = channels[f"{clock.date}_earliest"], channels[f"{clock.date}_latest"]
    after = (earliest > channels["end_latest"]).fillna(False)
    late = (earliest - channels["end_latest"] > pd.Timedelta(days=3652)).fillna(False)
    during = (latest <= channels["end_earliest"]).fillna(False)
    left = len(channels) - int(after.sum()) - int(during.sum())
    years = f" ({late.sum()} of these more than ten years later)" if late.any() else ""
    whose = "its" if len(channels) == 1 else "their"
    rest = f"; for {left} the dates leave it open" if left else ""
    return (
        f"Of {counted(len(channels), 'channel')}, {during.sum()} surely became known before {whose} last contact and "
        f"{after.sum()} only after it{years}{rest}."
    )


def _events(
    ax: Axes, row: Row, rank: Sequence[int], y: float, shown: Timeline, kinds: dict[str, Mark], theme: Theme
) -> None:
    """Marks of the events of a row, with a line over the days on which one may have been."""
    import pandas as pd

    one = pd.Timedelta(days=1)
    for event, lane in zip(each(row.events), rank, strict=True):
        mark = kinds[event.kind]
        at = y + LANE * (lane - max(rank) / 2)
        if event.date_latest > event.date_earliest:
            ends = [max(event.date_earliest, shown.low), min(event.date_latest + one, shown.high)]
            line(ax, ends, [at, at], color=mark.color, linewidth=1, zorder=3)
        hollow = row.channel is not None and pd.notna(event.outside_span)
        line(ax, [event.middle], [at], gid="event", zorder=4, **mark.style(theme, hollow))


def _bar(ax: Axes, channel: Any, y: float, height: float, low: Any, high: Any, theme: Theme) -> None:
    """The span of a channel: solid where it surely ran, hatched where it may have, dotted towards an unknown bound."""
    import pandas as pd

    first, last = outer(channel)
    style: dict[str, Any] = {"y": y, "height": height, "edgecolor": theme.edge, "linewidth": 0.8, "zorder": 1}
    bar(ax, (first, last), facecolor=theme.ground, hatch="/////", **style)
    if ran := sure(channel):
        bar(ax, ran, facecolor=theme.band, gid="sure", **style)
    for bound, edge, limit, side in (
        (channel.start_earliest, first, low, "left"),
        (channel.end_latest, last, high, "right"),
    ):
        if pd.isna(bound):
            line(ax, [limit, edge], [y, y], color=theme.quiet, linestyle=":", linewidth=1.2, zorder=1)
            shift = (3 if side == "left" else -3, 1)
            ax.annotate(
                "?", (limit, y), shift, textcoords="offset points", ha=side, va="bottom", fontsize=SMALL,
                color=theme.quiet,
            )  # fmt: skip


def _bar_entries(channels: pd.DataFrame, theme: Theme) -> list[Any]:
    patch = library("matplotlib.patches").Patch
    entries = [patch(facecolor=theme.band, edgecolor=theme.edge, label="Channel ran")]
    if any(sure(channel) != outer(channel) for channel in each(channels)):
        label = "May have run (dates inexact)"
        entries.append(patch(facecolor=theme.ground, edgecolor=theme.edge, hatch="/////", label=label))
    if channels[["start_earliest", "end_latest"]].isna().any(axis=None):
        entries.append(entry("? bound unknown", color=theme.quiet, linestyle=":"))
    return entries


def _disclosure_panel(
    shown: Timeline, panel: Axes, centers: Sequence[float], inches: float, tall: float, theme: Theme
) -> None:
    """Both clocks of every channel on a date axis of their own, which begins with the first channel."""
    import pandas as pd

    both = disclosures.clocks(shown.book).values()
    rows = list(each(shown.channels))
    known = [bound for channel in rows for clock in both for bound in disclosures.known(channel, clock)]
    low = shown.channels[BOUNDS].min().min()
    high = max([*known, low + pd.Timedelta(days=1)])
    date_axis(panel, low - (high - low) / 10, high + (high - low) / 10, inches)
    for channel, y in zip(rows, centers, strict=True):
        for clock, shift in zip(both, (-0.1, 0.1), strict=True):
            if bounds := disclosures.known(channel, clock):
                start = outer(channel)[0]
                line(panel, [start, bounds[-1]], [y + shift] * 2, color=theme.lead, linewidth=0.7, zorder=1)
                disclosures.draw(panel, channel, clock, y + shift, theme)
            elif tall >= 0.3:
                text = disclosures.words(shown.book, channel, clock)
                quiet(panel, text, (0, y + shift), xytext=(4, 0), xycoords=panel.get_yaxis_transform())
    panel.grid(False)
    panel.tick_params(axis="y", left=False, labelleft=False)
    panel.tick_params(axis="x", labelsize=SMALL, color=theme.quiet, labelcolor=theme.ink)
    panel.spines[:].set_color(theme.quiet)
    panel.spines[["top", "right"]].set_visible(False)
    label = wrapped("Date of disclosure (a scale of its own)", max(20, int(inches / LETTER)))
    panel.set_xlabel(label, fontsize=SMALL, color=theme.ink)


def _where_room(ax: Axes, text: str, first: Any, last: Any, y: float, inches: float, theme: Theme) -> None:
    """Quiet text on the freer side of what a row shows, or on its line where neither side has room."""
    date = library("matplotlib.dates").date2num
    low, high = ax.get_xlim()
    before, after = ((space / (high - low)) for space in (date(first) - low, high - date(last)))
    if max(before, after) < (0.053 * len(text) + 0.4) / inches:
        quiet(ax, text, (first + (last - first) / 2, y), xytext=(0, 0), ha="center", bbox=theme.box(1))
    elif after > before:
        quiet(ax, text, (last, y), xytext=(22, 0), ha="left")
    else:
        quiet(ax, text, (first, y), xytext=(-22, 0), ha="right")


def _absences(book: Casebook, channel: Any) -> str:
    """What cannot be shown of a channel's clocks, in a few words."""
    absent = [item for item in disclosures.clocks(book).items() if not disclosures.known(channel, item[1])]
    return ", ".join(f"{name} {disclosures.absence(book, channel.channel_id, clock)}" for name, clock in absent)
