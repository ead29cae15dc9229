"""The two clocks of a channel: when its existence and when its terms became public."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook.book import Casebook
from casebook.plots.drawing import SMALL, capped, capped_entry, each, entry, line, open_bounds
from casebook.plots.theme import AT_LEAST, AT_MOST, Theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

_LOOKS = {"existence": ("o", 9.0, False), "terms": ("D", 4.0, True)}


@dataclass(frozen=True)
class Clock:
    """One of the two clocks and how it is drawn; the marks are nested, so that both show where the dates coincide.

    Attributes
    ----------
    date, mode, days : str
        Variables of the table channels: when, by what means, and after how many days.
    title : str
        Title of the date in the codebook.
    """

    date: str
    mode: str
    days: str
    title: str
    marker: str
    size: float
    full: bool

    def style(self, theme: Theme, pale: bool = False) -> dict[str, Any]:
        """How matplotlib draws its mark: pale in the middle of bounds, where it is no date."""
        ink = theme.shade(0.5) if pale else theme.ink
        return {
            "marker": self.marker,
            "markersize": self.size,
            "color": ink,
            "markerfacecolor": ink if self.full else theme.ground,
            "linestyle": "none",
        }

    def proxy(self, theme: Theme) -> Line2D:
        """An entry for a legend."""
        return entry(self.title, **self.style(theme))


def clocks(book: Casebook) -> dict[str, Clock]:
    """Both clocks, by the name under which users choose them."""
    channels = book.schema.table("channels")
    return {
        name: Clock(
            f"{name}_disclosed",
            f"{name}_disclosure_mode",
            f"{name}_secrecy_days",
            channels.field(f"{name}_disclosed").title,
            *look,
        )
        for name, look in _LOOKS.items()
    }


def absence(book: Casebook, channel: str, clock: Clock) -> str:
    """Why a channel has no date on this clock: it was not disclosed, or the date is missing for some reason."""
    table = book.schema.table("channels")
    mode = book.store.cells("channels")[channel][clock.mode]
    if book.reason("channels", channel, clock.date) == "not_applicable" and isinstance(mode, str):
        return table.field(clock.mode).label(mode).lower()
    return book.store.shown("channels", channel, clock.date)


def known(channel: Any, clock: Clock) -> list[Any]:
    """Those bounds of the date that are known, in order."""
    import pandas as pd

    bounds = (getattr(channel, f"{clock.date}_earliest"), getattr(channel, f"{clock.date}_latest"))
    return [bound for bound in bounds if pd.notna(bound)]


def open_side(channel: Any, clock: Clock) -> str:
    """The sign for the bound that is not known where only one is: ≤ or ≥; empty text otherwise."""
    import pandas as pd

    if len(known(channel, clock)) != 1:
        return ""
    return AT_MOST if pd.isna(getattr(channel, f"{clock.date}_earliest")) else AT_LEAST


def draw(ax: Axes, channel: Any, clock: Clock, y: float, theme: Theme, signed: bool = True) -> None:
    """Mark a disclosure on a date axis: a capped line and a pale mark between its bounds, a sign where one is open.

    The sign has no length: nothing that is not a date takes a place on the axis. It is left out unless ``signed``.
    """
    bounds = known(channel, clock)
    middle = bounds[0] + (bounds[-1] - bounds[0]) / 2
    between = bounds[0] < bounds[-1]
    if between:
        capped(ax, bounds[0], bounds[-1], y, theme, zorder=3)
    if signed and (side := open_side(channel, clock)):
        shift, align = ((-6, "right"), (6, "left"))[side == AT_LEAST]
        ax.annotate(
            side, (middle, y), (shift, 0), textcoords="offset points", ha=align, va="center_baseline",
            fontsize=SMALL, color=theme.ink, gid="open",
        )  # fmt: skip
    line(ax, [middle], [y], gid=clock.date, zorder=4, **clock.style(theme, pale=between))


def proxies(book: Casebook, channels: pd.DataFrame, theme: Theme) -> list[Line2D]:
    """Entries for the legend of the marks that `draw` makes for these channels."""
    both = list(clocks(book).values())
    drawn = [(channel, clock) for channel in each(channels) for clock in both if known(channel, clock)]
    wide = any(bounds[0] < bounds[-1] for bounds in (known(*one) for one in drawn))
    sides: Iterable[str] = {open_side(*one) for one in drawn}
    return [
        *(clock.proxy(theme) for clock in both),
        *([capped_entry("Some time between (mark pale)", theme)] if wide else []),
        *open_bounds(theme, sides, "then or earlier", "then or later"),
    ]


def words(book: Casebook, channel: Any, clock: Clock) -> str:
    """What was drawn, or why nothing was."""
    when = getattr(channel, clock.date) if known(channel, clock) else absence(book, channel.channel_id, clock)
    return f"{clock.title.lower()} {when}" if known(channel, clock) else f"{clock.title.lower()}: {when}"
