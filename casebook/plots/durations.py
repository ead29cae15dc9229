"""How long things lasted, on a log scale of days: secrecy of channels, durability of outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import told
from casebook.book import Casebook
from casebook.errors import CasebookError, UnknownNameError
from casebook.plots import disclosures
from casebook.plots.drawing import (
    LETTER,
    SMALL,
    canvas,
    capped,
    capped_entry,
    each,
    entry,
    finish,
    line,
    open_bounds,
    quiet,
    room,
    row_labels,
    rule,
    side_text,
)
from casebook.plots.requests import chosen, library, opened
from casebook.plots.spans import Span, durability, durable, half_in_words, halfway, secret, shares_in_words
from casebook.plots.theme import AT_LEAST, Theme
from casebook.plots.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TICKS = {
    0: "same\nday",
    1: "1\nday",
    7: "1\nweek",
    30: "1\nmonth",
    365: "1\nyear",
    3652: "10\nyears",
    36524: "100\nyears",
}
_FOLD = 90


@told("casebook.plots.secrecy('terms')")
def secrecy(
    clock: str = "existence",
    *,
    cases: Sequence[str] | None = None,
    by: str | None = "result",
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How long channels, or what they agreed, stayed secret.

    One row per channel, in groups, shortest first; a capped line from the least to the greatest number of days that the
    dates allow, a mark where the two are close, ``≤`` or ``≥`` where one of them is open. Channels not disclosed follow
    with ``≥`` at the days passed by the reference date of the release, then those of unknown date with the reason in
    words. A shaded band spans the days within which half of a group became public, whatever the dates leave open.

    Parameters
    ----------
    clock : {"existence", "terms"}, default "existence"
        Secrecy of the channel's existence or of its terms.
    cases : sequence of str, optional
        Only these cases.
    by : str or None, default "result"
        A categorical variable of the channels that forms the groups; None for no groups.
    alleged : bool, default False
        Also draw channels that only an unconfirmed source claims.
    data : Casebook, optional
        The casebook; the packaged release if not given.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        Days on a log scale (matplotlib's symlog, linear between 0 and 1 day). More than 90 channels stand in narrow
        rows without their names (``cases`` chooses some of them).

    Raises
    ------
    UnknownNameError
        If there is no such clock, case or variable.
    CasebookError
        If no channel is left to draw, or ``by`` has no categories.

    Examples
    --------
    >>> import casebook
    >>> casebook.plots.secrecy("terms").get_xscale()
    'symlog'
    """
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
    item = table.field(by) if by else None
    if item and not item.categories:
        valid = ", ".join(other.name for other in table.fields if other.categories)
        raise CasebookError(f"channels.{item.name} has no categories to group by; valid: {valid}")
    spans = []
    for channel in each(channels):
        group = book.store.shown("channels", channel.channel_id, item.name) if item else ""
        spans.append(secret(book, channel, known[clock], titles[channel.case_id], group))
    ranks = [item.label(value) for value in item.values] if item else []
    rank = {group: place for place, group in enumerate(ranks)}
    spans.sort(key=lambda span: (rank.get(span.group, len(ranks)), span.group, *span.order))
    field = table.field(known[clock].days)
    told = [f"{s.label} ({', '.join(filter(None, [s.side, s.group.lower()]))}): {s.words}" for s in spans]
    count = f"{counted(len(spans), 'channel')} of {counted(channels['case_id'].nunique(), 'case')}"
    groups = len({span.group for span in spans}) if item else 0
    tall = 0.18 if len(spans) <= _FOLD else 0.09
    width, height = room(ax, 10.5, tall * (len(spans) + 1.6 * groups) + 2.0)
    tall = tall if ax is None else (height - 1.6) / (len(spans) + 1.6 * groups)
    letters = 10_000 if ax is None else int(width * 4.6)
    ax = canvas(ax, width, height)
    _draw(ax, spans, tall, letters, known[clock])
    ax.set_xlabel(f"{field.description.rstrip('.')} (log scale)", fontsize=SMALL)
    what = field.title.lower().removeprefix("secrecy of ").removesuffix(" in days")
    question = f"How long did the {what} of a channel stay secret?"
    if item and item.name == "result":
        question = f"How long did the {what} of a channel stay secret, and did the result matter?"
    return finish(
        ax,
        question,
        f"Of {counted(len(spans), 'channel')}, {shares_in_words(spans, 365, 'a year', 'public')}.",
        [f"{field.title} of {count}, log scale, shortest first", *told],
        [*_signs(spans, Theme.of(ax), known[clock]), *_band_entry(ax, groups)],
    )


@told("casebook.plots.outcome()")
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
        Days from the outcome to its first reversal, on a log scale; ``≥`` where nothing had been reversed when the
        last of what was owed was discharged, or by the reference date of the release.

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
    book = opened(data)
    spans = sorted((durable(book, case) for case in each(chosen(book, cases))), key=lambda span: span.order)
    width, height = room(ax, 9.0, 0.40 * len(spans) + 1.7)
    tall = 0.40 if ax is None else (height - 1.6) / len(spans)
    letters = 10_000 if ax is None else int(width * 4.6)
    ax = canvas(ax, width, height)
    _draw(ax, spans, tall, letters)
    ax.set_xlabel("Days from the outcome to its first reversal (log scale)", fontsize=SMALL)
    told = [f"{s.label}: {s.side}; {s.words}" for s in spans]
    return finish(
        ax,
        "What was agreed, and how long did it hold?",
        durability(spans),
        [f"Outcome and durability of {counted(len(spans), 'case')}, log scale, shortest first", *told],
        _signs(spans, Theme.of(ax)),
    )


def days_axis(ax: Axes, limit: float) -> None:
    """Days on a log scale that has room for 0."""
    ax.set_xscale("symlog", linthresh=1, linscale=0.5)
    ax.set_xlim(-0.3, limit)
    ticks = {days: label for days, label in _TICKS.items() if days <= limit}
    ax.set_xticks(list(ticks), list(ticks.values()), fontsize=SMALL)
    ax.xaxis.set_minor_locator(library("matplotlib.ticker").NullLocator())


def _draw(ax: Axes, spans: Sequence[Span], tall: float, letters: int, clock: disclosures.Clock | None = None) -> None:
    """A row for each span: of a clock under the heading of its group, of an outcome with what it was on its bar."""
    theme = Theme.of(ax)
    bounds = [bound for span in spans for bound in (span.least, span.most) if bound is not None]
    days_axis(ax, max(bounds, default=365) * 3)
    places = _places(spans, headed=clock is not None)
    lift = 0.95 if tall >= 0.1 else 1.35
    top = min(places) - (2 * lift if clock and spans[0].group else 0.6)
    ax.set_ylim(max(places) + 0.6, top)
    width, _ = room(ax, 0, 0)
    named = tall >= 0.1
    row_labels(ax, places, [span.label if named else "" for span in spans], tall, letters)
    sides = clock is not None and named and width > 7 and len({span.side for span in spans}) > 1
    look = clock.style(theme) if clock else {"marker": "|", "markersize": 11, "color": theme.ink, "markeredgewidth": 2}
    for y, span in zip(places, spans, strict=True):
        rule(ax, y, color=theme.faint, linewidth=0.6, zorder=0)
        if sides:
            side_text(ax, y, span.side)
        if span.middle is None or (span.least is None and span.most is None):
            if named:
                quiet(
                    ax,
                    span.note if clock else f"{span.group} ({span.note})",
                    (0, y),
                    xytext=(8, 0),
                    xycoords=ax.get_yaxis_transform(),
                    bbox=theme.box(1),
                )
            continue
        if clock is None:
            thick = min(16.0, tall * 72 * 0.6)
            line(ax, [-0.3, span.middle], [y, y], color=theme.band, linewidth=thick, solid_capstyle="butt", zorder=1)
            _on_bar(ax, span, y, theme)
        if span.least is not None and span.most is not None and span.least < span.most and not span.censored:
            capped(ax, span.least, span.most, y, theme)
        if span.open_side:
            _open(ax, span, y, tall, span.note if clock and span.censored and named else "", theme)
        if span.pointed:
            line(ax, [span.middle], [y], gid="duration", zorder=3, **{**look, **_small(look, tall)})
    if clock and spans[0].group:
        _groups(ax, spans, places, lift, theme)


def _open(ax: Axes, span: Span, y: float, tall: float, note: str, theme: Theme) -> None:
    """The sign of an open bound at the bound that is known, and a note on the side where there is room."""
    least = span.open_side == AT_LEAST
    x = span.least if least else span.most
    size = min(SMALL + 1, max(5.0, tall * 60))
    style: dict[str, Any] = {"textcoords": "offset points", "va": "center_baseline", "color": theme.ink, "zorder": 4}
    ax.annotate(
        span.open_side, (x, y), (3 if least else -3, 0), ha="left" if least else "right", fontsize=size, gid="open",
        **style,
    )  # fmt: skip
    ax.annotate(note, (x, y), (-3 if least else 3, 0), ha="right" if least else "left", fontsize=size - 1, **style)


def _on_bar(ax: Axes, span: Span, y: float, theme: Theme) -> None:
    """What the outcome was: on its bar, or after the end of a bar too short for it; and how far it was reversed."""
    style: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": SMALL, "color": theme.ink}
    box = theme.box(1)
    assert span.middle is not None
    share = ax.transAxes.inverted().transform(ax.transData.transform((span.middle, y)))[0]
    if share * room(ax, 0, 0)[0] * 0.7 > LETTER * len(span.group) + 0.2:
        ax.annotate(span.group, (-0.3, y), (5, 0), ha="left", **style)
        ax.annotate(span.note, (span.middle, y), (16 if span.open_side else 7, 0), ha="left", bbox=box, **style)
    else:
        ax.annotate(f"{span.note} ({span.group})", (span.middle, y), (16, 0), ha="left", bbox=box, **style)


def _small(look: dict[str, Any], tall: float) -> dict[str, Any]:
    return {"markersize": min(look["markersize"], max(3.0, tall * 60))}


def _places(spans: Sequence[Span], headed: bool) -> list[float]:
    """Rows from 0 down, with room for the heading of each group after the first."""
    places, at = [], 0.0
    for n, span in enumerate(spans):
        if n and headed and span.group != spans[n - 1].group:
            at += 1.6
        places.append(at)
        at += 1
    return places


def _groups(ax: Axes, spans: Sequence[Span], places: Sequence[float], lift: float, theme: Theme) -> None:
    """The heading of each group over its first row, and a band over the days within which half became public."""
    far = ax.get_xlim()[1]
    for group in dict.fromkeys(span.group for span in spans):
        mine = [(span, place) for span, place in zip(spans, places, strict=True) if span.group == group]
        first, last = mine[0][1], mine[-1][1]
        least, most = halfway([span for span, _ in mine])
        if len(mine) > 1:
            low, high = ax.get_ylim()
            ends = [(first - 0.5 - low) / (high - low), (last + 0.5 - low) / (high - low)]
            ax.axvspan(least, min(most, far), *sorted(ends), color=theme.half, zorder=0, linewidth=0)
        half = half_in_words([span for span, _ in mine], "public")
        stat = f"{counted(len(mine), 'channel')}{': ' if half else ''}{half}"
        place: dict[str, Any] = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points", "va": "center"}
        ax.annotate(
            f"{group[0].upper()}{group[1:]}",
            (0, first - lift),
            (4, 0),
            ha="left",
            fontsize=SMALL,
            fontweight="bold",
            color=theme.ink,
            **place,
        )
        ax.annotate(stat, (1, first - lift), (-4, 0), ha="right", fontsize=SMALL, color=theme.quiet, **place)


def _band_entry(ax: Axes, groups: int) -> list[Any]:
    if not groups:
        return []
    patch = library("matplotlib.patches").Patch
    return [patch(facecolor=Theme.of(ax).half, label="Half of the group public by then")]


def _signs(spans: Sequence[Span], theme: Theme, clock: disclosures.Clock | None = None) -> list[Any]:
    """Entries for the marks that these rows use."""
    signs: list[Any] = []
    if clock and any(span.pointed for span in spans):
        signs.append(clock.proxy(theme))
    if clock is None:
        signs.append(entry("Held", color=theme.band, linewidth=8, solid_capstyle="butt"))
        style = {"marker": "|", "markersize": 11, "markeredgewidth": 2, "linestyle": "none"}
        signs.append(entry("First reversal", color=theme.ink, **style))
    if any(
        span.least != span.most and span.most is not None and span.least is not None and not span.censored
        for span in spans
    ):
        close = " (with the mark where they are close)" if clock and any(span.pointed for span in spans) else ""
        signs.append(capped_entry(f"Least to greatest that the dates allow{close}", theme))
    signs += open_bounds(theme, {span.open_side for span in spans}, "at most", "at least")
    return signs
