"""How long things lasted, on a log scale of days: secrecy of channels, durability of outcomes, survival curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from math import inf
from typing import TYPE_CHECKING, Any

from casebook.book import Casebook
from casebook.errors import CasebookError, UnknownNameError
from casebook.plots import disclosures
from casebook.plots.drawing import (
    INK,
    PLAIN,
    QUIET,
    SMALL,
    Mark,
    arrow,
    canvas,
    chosen,
    counted,
    each,
    entry,
    heading,
    in_words,
    legend,
    library,
    marks,
    open_bound,
    opened,
    remember,
    row_labels,
    side_text,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from casebook.durations import Durations, Estimate

_TICKS = {
    0: "same\nday",
    1: "1\nday",
    7: "1\nweek",
    30: "1\nmonth",
    365: "1\nyear",
    3652: "10\nyears",
    36524: "100\nyears",
}


@dataclass(frozen=True)
class _Span:
    """One row: a duration with its bounds, either of which may be open; or the reason why there is none."""

    label: str
    side: str
    mark: Mark | None
    least: float | None
    most: float | None
    censored: bool = False
    note: str = ""

    @property
    def middle(self) -> float | None:
        known = [bound for bound in (self.least, self.most) if bound is not None]
        return sum(known) / len(known) if known else None

    @property
    def order(self) -> tuple[bool, bool, float]:
        return self.middle is None, self.censored, self.middle or 0.0

    @property
    def words(self) -> str:
        if self.middle is None:
            return self.note
        if self.censored:
            return f"{self.note}, {in_words(self.middle)} so far"
        if self.least is None or self.most is None:
            return f"{'at most' if self.least is None else 'at least'} {in_words(self.middle)}"
        if in_words(self.least) == in_words(self.most):
            return in_words(self.middle)
        return f"{in_words(self.least)} to {in_words(self.most)}"


def secrecy(
    clock: str = "existence",
    *,
    cases: Sequence[str] | None = None,
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How long channels, or what they agreed, stayed secret.

    One row per channel, shortest first; a line from the least to the greatest number of days that the dates allow, an
    arrow where one bound is open. Channels not disclosed follow with an open mark at the days passed by the reference
    date of the release, then those of unknown date with the reason in words.

    Parameters
    ----------
    clock : {"existence", "terms"}, default "existence"
        Secrecy of the channel's existence or of its terms.
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
        Days on a log scale (matplotlib's symlog, linear between 0 and 1 day).

    Raises
    ------
    UnknownNameError
        If there is no such clock or case.
    CasebookError
        If no channel is left to draw.

    Examples
    --------
    >>> import casebook
    >>> casebook.plots.secrecy("terms").get_xscale()
    'symlog'
    """
    library("matplotlib")
    book = opened(data)
    known = disclosures.clocks(book)
    if clock not in known:
        raise UnknownNameError("clock", clock, known)
    selected = chosen(book, cases)
    titles = dict(zip(selected["case_id"], selected["short_title"], strict=True))
    channels = book.load("channels", alleged=alleged)
    channels = channels[channels["case_id"].isin(list(titles))]
    if channels.empty:
        more = "" if alleged else " (alleged=True adds alleged ones)"
        raise CasebookError(f"nothing to draw: {', '.join(titles)} has no established channel{more}")
    table = book.schema.table("channels")
    looks = marks(table.field("result"))
    spans = [_secret(book, channel, known[clock], looks, titles[channel.case_id]) for channel in each(channels)]
    spans.sort(key=lambda span: span.order)
    ax = canvas(ax, 10.5, 0.18 * len(spans) + 1.6)
    _draw(ax, spans)
    field = table.field(known[clock].days)
    ax.set_xlabel(f"{field.description.rstrip('.')} (log scale)", fontsize=SMALL, **PLAIN)
    heading(ax, field.title)
    drawn = {span.mark for span in spans if span.mark and span.middle is not None}
    legend(
        ax,
        [mark.proxy() for mark in looks.values() if mark in drawn] + _signs(spans),
        0.62,
        6,
        table.field("result").title,
    )
    told = [f"{s.label} ({s.side}, {s.mark.label.lower() if s.mark else 'result unknown'}): {s.words}" for s in spans]
    count = f"{counted(len(spans), 'channel')} of {counted(channels['case_id'].nunique(), 'case')}"
    remember(ax, [f"{field.title} of {count}, log scale, shortest first", *told])
    return ax


def outcome(cases: Sequence[str] | None = None, *, data: Casebook | None = None, ax: Axes | None = None) -> Axes:
    """What each case came to, and how long it held.

    Parameters
    ----------
    cases : sequence of str, optional
        Only these cases.
    data : Casebook, optional
        The casebook; the packaged release if not given.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        Days from the outcome to its first reversal, on a log scale; an open mark with an arrow where nothing had been
        reversed by the reference date of the release.

    Raises
    ------
    UnknownNameError
        If there is no such case.
    CasebookError
        If there is no case to draw.

    Examples
    --------
    >>> import casebook
    >>> ax = casebook.plots.outcome()
    >>> len(ax.get_yticklabels()) == len(casebook.load("cases"))
    True
    """
    library("matplotlib")
    book = opened(data)
    selected = chosen(book, cases)
    table = book.schema.table("cases")
    looks = marks(table.field("outcome"))
    spans = [_durable(book, case, looks) for case in each(selected)]
    spans.sort(key=lambda span: span.order)
    ax = canvas(ax, 9.0, 0.34 * len(spans) + 1.6)
    _draw(ax, spans)
    ax.set_xlabel("Days from the outcome to its first reversal (log scale)", fontsize=SMALL, **PLAIN)
    heading(ax, "Outcome and durability")
    drawn = {span.mark for span in spans if span.mark and span.middle is not None}
    legend(
        ax,
        [mark.proxy() for mark in looks.values() if mark in drawn] + _signs(spans),
        0.62,
        6,
        table.field("outcome").title,
    )
    told = [f"{s.label}: {s.side}; {s.words}" for s in spans]
    remember(ax, [f"Outcome and durability of {counted(len(spans), 'case')}, log scale, shortest first", *told])
    return ax


def survival(found: Durations, *, ax: Axes | None = None) -> Axes:
    """Share that lasted longer than so many days, with what the dates leave open.

    One curve per group: Turnbull's estimate. The band around it is where the share of these rows lies whatever the
    dates leave open; it supposes nothing and is no interval of confidence. A group of which no row tells more than
    its bounds has a band only.

    Parameters
    ----------
    found : Durations
        What `casebook.durations.analyze` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        Days on a log scale (matplotlib's symlog, linear between 0 and 1 day).

    Raises
    ------
    CasebookError
        If no row has a duration.

    Examples
    --------
    >>> import casebook
    >>> ax = casebook.plots.survival(casebook.durations.analyze("terms", draws=0))
    >>> ax.get_ylabel()
    'Share not yet public'
    """
    library("matplotlib")
    groups = [estimate for estimate in found.estimates if len(estimate.rows)]
    if not groups:
        raise CasebookError(f"nothing to draw: {found.clock.title} applies to no row")
    ends = [day for estimate in groups for name in ("lower", "upper") for day in estimate.rows[name] if day < inf]
    ax = canvas(ax, 8.0, 4.6)
    _days_axis(ax, max([*ends, 365]) * 1.5)
    colors = library("seaborn").color_palette("colorblind", len(groups))
    handles = []
    for estimate, color, line in zip(groups, colors, cycle(("-", "--", "-.", ":"))):
        handles.append(entry(f"{_group(estimate)} ({len(estimate.rows)})", color=color, linestyle=line, linewidth=2))
        days = sorted({0.0, *estimate.rows["lower"], *estimate.rows["upper"], ax.get_xlim()[1]} - {inf})
        shares = estimate.lasting(days)
        ax.fill_between(days, shares["least"], shares["most"], step="post", color=color, alpha=0.15, linewidth=0)
        if estimate.survival is not None:
            places = sorted({0.0, *estimate.survival.jumps, ax.get_xlim()[1]} - {inf})
            curve = estimate.survival.at(places)
            ax.plot(places, curve, drawstyle="steps-post", color=color, linestyle=line, linewidth=2, gid="survival")
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(library("matplotlib.ticker").PercentFormatter(1))
    ax.grid(axis="y", color="#e3e3e3", linewidth=0.6)
    ax.set_xlabel("Days (log scale); band: what the dates leave open", fontsize=SMALL)
    ax.set_ylabel(f"Share not yet {found.clock.ended}", fontsize=SMALL)
    heading(ax, f"{found.clock.title[0].upper()}{found.clock.title[1:]}")
    legend(ax, handles, 0.62, 7)
    remember(ax, [f"{found.clock.title[0].upper()}{found.clock.title[1:]}, log scale", *map(_survives, groups)])
    return ax


def _group(estimate: Estimate) -> str:
    return "All" if estimate.name == "all" else estimate.name.replace("_", " ")


def _survives(estimate: Estimate) -> str:
    least, most = (_until(bound) for bound in estimate.bounds())
    told = (
        f"{_group(estimate)}: half of {counted(len(estimate.rows), 'row')} over within {least} at least, {most} at most"
    )
    return told if estimate.survival is None else f"{told}; estimated median {_until(estimate.survival.median)}"


def _until(days: float) -> str:
    return "a time not reached" if days == inf else in_words(days)


def _secret(book: Casebook, channel: Any, clock: disclosures.Clock, looks: dict[str, Mark], case: str) -> _Span:
    import pandas as pd

    least, most = (_number(getattr(channel, f"{clock.days}_{side}")) for side in ("min", "max"))
    note, censored = "", False
    if least is None and most is None:
        note = disclosures.absence(book, channel.channel_id, clock)
        if disclosures.known(channel, clock):
            start = book.schema.table("channels").field("start").title.lower()
            told = f"{clock.title.lower()} {_text(getattr(channel, clock.date))}"
            note = f"not bounded: {start} {_text(channel.start)}, {told}"
        undisclosed = book.reason("channels", channel.channel_id, clock.date) == "not_applicable"
        if undisclosed and book.reason("channels", channel.channel_id, clock.mode) is None:
            today = pd.Timestamp(book.metadata.reference_date)
            bounds = [(today - day).days for day in (channel.start_latest, channel.start_earliest) if pd.notna(day)]
            least, most, censored = (bounds[0], bounds[-1], True) if bounds else (None, None, False)
    return _Span(channel.name, case, looks.get(channel.result), least, most, censored, note)


def _durable(book: Casebook, case: Any, looks: dict[str, Mark]) -> _Span:
    import pandas as pd

    table = book.schema.table("cases")
    least, most = (_number(getattr(case, f"durability_days_{side}")) for side in ("min", "max"))
    censored = pd.notna(case.durability_censored) and bool(case.durability_censored)
    shown = {name: book.store.shown("cases", case.case_id, name) for name in ("outcome", "reversal")}
    title, reversal = table.field("reversal").title.lower(), shown["reversal"].lower()
    side = f"{shown['outcome']}; {reversal if title in reversal else f'{title}: {reversal}'}"
    note = "not reversed" if censored else book.store.shown("cases", case.case_id, "durability_days")
    return _Span(case.short_title, side, looks.get(case.outcome), least, most, censored, note)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "unknown"


def _number(value: Any) -> float | None:
    import pandas as pd

    return None if pd.isna(value) else float(value)


def _days_axis(ax: Axes, limit: float) -> None:
    """Days on a log scale that has room for 0."""
    ax.set_xscale("symlog", linthresh=1, linscale=0.5)
    ax.set_xlim(-0.3, limit)
    ticks = {days: label for days, label in _TICKS.items() if days <= limit}
    ax.set_xticks(list(ticks), list(ticks.values()), fontsize=SMALL)
    ax.xaxis.set_minor_locator(library("matplotlib.ticker").NullLocator())


def _draw(ax: Axes, spans: Sequence[_Span]) -> None:
    bounds = [bound for span in spans for bound in (span.least, span.most) if bound is not None]
    _days_axis(ax, max(bounds, default=365) * 3)
    ax.set_ylim(len(spans) - 0.5, -0.5)
    row_labels(ax, range(len(spans)), [span.label for span in spans])
    ax.grid(axis="y", color="#e3e3e3", linewidth=0.6)
    ax.set_axisbelow(True)
    for y, span in enumerate(spans):
        side_text(ax, y, span.side)
        if span.middle is None:
            text = f"{span.note} ({span.mark.label.lower()})" if span.mark else span.note
            white = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            disclosures.quiet(ax, text, (0, y), xytext=(8, 0), xycoords=ax.get_yaxis_transform(), bbox=white)
            continue
        look = span.mark.style if span.mark else {"marker": "o", "color": QUIET, "linestyle": "none"}
        if span.least is not None and span.most is not None:
            ax.plot([span.least, span.most], [y, y], color=look["color"], linewidth=2.2, zorder=2)
        if span.least is None or span.most is None or span.censored:
            arrow(ax, span.middle, y, -22 if span.least is None else 22, look["color"])
        if span.censored:
            look = {**look, "markerfacecolor": "white", "markeredgecolor": look["color"], "markeredgewidth": 1.4}
        ax.plot(span.middle, y, gid="duration", zorder=3, **look)


def _signs(spans: Sequence[_Span]) -> list[Any]:
    """Entries for the signs that these rows use."""
    signs = []
    if any(span.least != span.most and span.least is not None and span.most is not None for span in spans):
        signs.append(entry("Least to greatest", color=INK, linewidth=2.2))
    if any((span.least is None) != (span.most is None) for span in spans):
        signs.append(open_bound())
    if notes := sorted({span.note for span in spans if span.censored}):
        label = f"{', '.join(notes).capitalize()} by the reference date"
        signs.append(entry(label, color=INK, marker="o", markerfacecolor="white", linestyle="none"))
    return signs
