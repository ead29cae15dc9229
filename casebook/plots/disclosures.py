"""The two clocks of a channel: when its existence and when its terms became public."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook.book import Casebook
from casebook.plots.drawing import INK, PLAIN, QUIET, SMALL, arrow, each, entry, open_bound

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D


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
    fill: str

    @property
    def style(self) -> dict[str, Any]:
        """How matplotlib draws its mark."""
        return {
            "marker": self.marker,
            "markersize": self.size,
            "color": INK,
            "markerfacecolor": self.fill,
            "linestyle": "none",
        }

    def proxy(self) -> Line2D:
        """An entry for a legend."""
        return entry(self.title, **self.style)


def clocks(book: Casebook) -> dict[str, Clock]:
    """Both clocks, by the name under which users choose them."""
    channels = book.schema.table("channels")
    looks = {"existence": ("o", 8.5, "white"), "terms": ("D", 4.5, INK)}
    return {
        name: Clock(
            f"{name}_disclosed",
            f"{name}_disclosure_mode",
            f"{name}_secrecy_days",
            channels.field(f"{name}_disclosed").title,
            *look,
        )
        for name, look in looks.items()
    }


def absence(book: Casebook, channel: str, clock: Clock) -> str:
    """Why a channel has no date on this clock: it was not disclosed, or the date is missing for some reason."""
    table = book.schema.table("channels")
    mode = book.load("channels", alleged=True).set_index("channel_id")[clock.mode].get(channel)
    if book.reason("channels", channel, clock.date) == "not_applicable" and isinstance(mode, str):
        return table.field(clock.mode).label(mode).lower()
    return book.store.shown("channels", channel, clock.date)


def known(channel: Any, clock: Clock) -> list[Any]:
    """Those bounds of the date that are known, in order."""
    import pandas as pd

    bounds = (getattr(channel, f"{clock.date}_earliest"), getattr(channel, f"{clock.date}_latest"))
    return [bound for bound in bounds if pd.notna(bound)]


def draw(ax: Axes, channel: Any, clock: Clock, y: float) -> None:
    """Mark a disclosure on a date axis: a line between its bounds, an arrow where one of them is open."""
    import pandas as pd

    bounds = known(channel, clock)
    middle = bounds[0] + (bounds[-1] - bounds[0]) / 2
    if len(bounds) == 2:
        ax.plot(bounds, [y, y], color=INK, linewidth=1.2, zorder=3)
    else:
        arrow(ax, middle, y, -16 if pd.isna(getattr(channel, f"{clock.date}_earliest")) else 16, INK)
    ax.plot(middle, y, gid=clock.date, zorder=4, **clock.style)


def proxies(book: Casebook, channels: pd.DataFrame) -> list[Line2D]:
    """Entries for the legend of the marks that `draw` makes for these channels."""
    both = list(clocks(book).values())
    half_open = any(len(known(channel, clock)) == 1 for channel in each(channels) for clock in both)
    return [*(clock.proxy() for clock in both), *([open_bound()] if half_open else [])]


def words(book: Casebook, channel: Any, clock: Clock) -> str:
    """What was drawn, or why nothing was."""
    when = getattr(channel, clock.date) if known(channel, clock) else absence(book, channel.channel_id, clock)
    return f"{clock.title.lower()} {when}" if known(channel, clock) else f"{clock.title.lower()}: {when}"


def quiet(ax: Axes, text: str, place: tuple[float, float], **style: Any) -> None:
    """Say in small gray italics what could not be drawn."""
    given = {"textcoords": "offset points", "va": "center", "color": QUIET, "style": "italic", "fontsize": SMALL - 0.5}
    ax.annotate(text, place, **{**given, **PLAIN, **style})
