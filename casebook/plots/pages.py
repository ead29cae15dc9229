"""All cases on one page: each with its channels, on a clock of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import told
from casebook.book import Casebook
from casebook.plots import disclosures
from casebook.plots.contacts import BOUNDS, dated_channels, outer, sure
from casebook.plots.dates import date_axis
from casebook.plots.drawing import SMALL, bar, canvas, each, entry, finish, line, room
from casebook.plots.requests import chosen, library, opened
from casebook.plots.theme import Theme
from casebook.plots.words import counted, fitted, in_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_ROW, _COLUMN = 0.12, 3.7


@dataclass(frozen=True)
class _Panel:
    """What is shown of one case: its channels in order of start, and when something happened in them."""

    title: str
    outcome: str
    channels: pd.DataFrame
    events: pd.DataFrame

    @cached_property
    def low(self) -> Any:
        return self.channels[BOUNDS].min().min()

    @cached_property
    def high(self) -> Any:
        import pandas as pd

        return self.channels[BOUNDS].max().max() + pd.Timedelta(days=1)

    @cached_property
    def together(self) -> int:
        """The greatest number of channels that may have run on the same day."""
        spans = [outer(channel) for channel in each(self.channels)]
        return max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)

    @property
    def words(self) -> str:
        span = in_words((self.high - self.low).days)
        return f"{counted(len(self.channels), 'channel')} in {span}; {self.outcome.lower()}"


@told("casebook.plots.panorama()")
def panorama(
    cases: Sequence[str] | None = None,
    *,
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """All cases on one page: the channels of each, on a time axis of its own.

    Parameters
    ----------
    cases : sequence of str, optional
        Only these cases.
    alleged : bool, default False
        Also draw what only an unconfirmed source claims.
    data : Casebook, optional
        The casebook; the packaged release if not given.
    ax : matplotlib Axes, optional
        Where to draw; it is divided among the cases. A new figure if not given.

    Returns
    -------
    matplotlib Axes
        The page; the panels of the cases are its ``child_axes``.

    Raises
    ------
    UnknownNameError
        If there is no such case.
    CasebookError
        If no dated channel is left to draw.

    Examples
    --------
    >>> import casebook
    >>> page = casebook.plots.panorama()
    >>> len(page.child_axes) == len(casebook.load("cases"))
    True
    """
    book = opened(data)
    panels = _shown(book, cases, alleged)
    columns = min(3, len(panels)) if ax is None else max(1, min(len(panels), int(room(ax, 0, 0)[0] // 3)))
    grid = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    talls = [_ROW * max(len(panel.channels) for panel in row) + 1.0 for row in grid]
    width, height = room(ax, _COLUMN * columns, sum(talls) + 1.0)
    ax = canvas(ax, width, height)
    theme = Theme.of(ax)
    ax.axis("off")
    top = 1.0
    for row, tall in zip(grid, talls, strict=True):
        share = tall / sum(talls)
        for place, panel in enumerate(row):
            box = (
                place / columns + 0.01,
                top - share * (1 - 0.40 / tall),
                1 / columns - 0.03,
                share * (1 - 0.84 / tall),
            )
            inset = ax.inset_axes(box, facecolor=ax.get_facecolor())
            _panel(inset, book, panel, width / columns, theme)
        top -= share
    handles = [
        library("matplotlib.patches").Patch(facecolor=theme.band, edgecolor=theme.edge, label="Channel ran"),
        library("matplotlib.patches").Patch(
            facecolor=theme.ground, edgecolor=theme.edge, hatch="/////", label="May have run (dates inexact)"
        ),
        entry("Event", marker=".", color=theme.ink, linestyle="none"),
        *(
            clock.proxy(theme)
            for name, clock in disclosures.clocks(book).items()
            if name == "existence" and any(len(_early(panel, clock)) for panel in panels)
        ),
    ]
    most = max(panels, key=lambda panel: panel.together)
    least = min(panels, key=lambda panel: panel.together)
    answer = f"Up to {most.together} at the same time ({most.title})"
    answer += f", but never more than {least.together} in {least.title}." if least.together < most.together else "."
    question = "One channel after another, or many at once?"
    told = [f"{panel.title}: {panel.words}; up to {panel.together} at the same time" for panel in panels]
    opening = f"{counted(len(panels), 'case')} on one page, each on a time axis of its own"
    return finish(ax, question, answer, [opening, *told], handles)


def _shown(book: Casebook, cases: Sequence[str] | None, alleged: bool) -> list[_Panel]:
    selected = chosen(book, cases)
    channels = dated_channels(book, list(selected["case_id"]), alleged)
    events = book.load("events", columns=["channel_id", "date_earliest", "date_latest"], alleged=alleged)
    events = events[events["date_earliest"].notna() & events["date_latest"].notna()]
    return [
        _Panel(
            case.short_title,
            book.store.shown("cases", case.case_id, "outcome"),
            mine.reset_index(drop=True),
            events[events["channel_id"].isin(mine["channel_id"])],
        )
        for case in each(selected)
        if len(mine := channels[channels["case_id"] == case.case_id])
    ]


def _early(panel: _Panel, clock: disclosures.Clock) -> list[tuple[int, Any]]:
    """Disclosures of known date that fall within the time of the panel, with the row of their channel."""
    found = []
    for row, channel in enumerate(each(panel.channels)):
        bounds = disclosures.known(channel, clock)
        if len(bounds) == 2 and bounds[0] == bounds[1] and panel.low <= bounds[0] <= panel.high:
            found.append((row, bounds[0]))
    return found


def _panel(ax: Axes, book: Casebook, panel: _Panel, inches: float, theme: Theme) -> None:
    """One case."""
    rows = {channel: row for row, channel in enumerate(panel.channels["channel_id"])}
    margin = (panel.high - panel.low) / 30
    date_axis(ax, panel.low - margin, panel.high + margin, inches * 0.9)
    ax.set_ylim(len(rows) - 0.3, -0.7)
    ax.set_yticks([])
    ax.grid(False)
    ax.tick_params(axis="x", labelsize=SMALL - 1, color=theme.quiet, labelcolor=theme.ink)
    ax.spines[:].set_color(theme.quiet)
    ax.spines[["top", "right", "left"]].set_visible(False)
    for row, channel in enumerate(each(panel.channels)):
        style: dict[str, Any] = {"y": row, "height": 0.72, "edgecolor": theme.edge, "linewidth": 0.6, "zorder": 1}
        bar(ax, outer(channel), facecolor=theme.ground, hatch="/////", **style)
        if ran := sure(channel):
            bar(ax, ran, facecolor=theme.band, **style)
    middles = panel.events["date_earliest"] + (panel.events["date_latest"] - panel.events["date_earliest"]) / 2
    inside = middles.between(panel.low, panel.high)
    places = panel.events.loc[inside, "channel_id"].map(rows)
    line(
        ax,
        list(middles[inside]),
        list(places),
        marker=".",
        color=theme.ink,
        markersize=4,
        linestyle="none",
        zorder=3,
        gid="event",
    )
    clock = disclosures.clocks(book)["existence"]
    for row, date in _early(panel, clock):
        line(ax, [date], [row], zorder=4, gid=clock.date, **{**clock.style(theme), "markersize": 6})
    letters = int(inches * 15)
    text: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "left", "va": "bottom"}
    ax.annotate(panel.title, (0, 1), (0, 13), fontsize=SMALL + 0.5, fontweight="bold", color=theme.ink, **text)
    ax.annotate(fitted(panel.words, letters, 1), (0, 1), (0, 2), fontsize=SMALL, color=theme.quiet, **text)
