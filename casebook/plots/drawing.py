"""What the figures share: the canvas, marks for categories, rows of labels, and the words for what was drawn."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from casebook._support.optional import needed
from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.schema import Field

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

INK, QUIET, BAND = "#1a1a1a", "#595959", "#c8d4e0"
PLAIN: dict[str, Any] = {"parse_math": False}
"""For texts from the data, in which a dollar sign is a dollar sign and no formula begins."""
SIZE, SMALL = 9.0, 8.0
_MARKERS = "osD^vPX<>*hpd8"

_texts: WeakKeyDictionary[Axes, str] = WeakKeyDictionary()


def library(module: str) -> Any:
    """Import a plotting library, or say how to install it."""
    return needed(module, "a figure", "notebooks")


def opened(data: Casebook | None) -> Casebook:
    """The casebook to draw."""
    if data is None:
        return packaged_release()
    if not isinstance(data, Casebook):
        raise CasebookError(f"data must be a Casebook, as casebook.open(folder) gives it, not {type(data).__name__}")
    return data


def known_tracks(book: Casebook, tracks: Sequence[str]) -> Field:
    """The variable ``track`` of the events, once all the tracks asked for are known to exist."""
    field = book.schema.table("events").field("track")
    if isinstance(tracks, str):
        raise CasebookError(f"tracks must be a list of tracks; write tracks=[{tracks!r}]")
    for track in tracks:
        if track not in field.values:
            raise UnknownNameError("track", track, field.values)
    return field


def canvas(ax: Axes | None, width: float, height: float) -> Axes:
    """The given Axes, or one on a new figure of that size in inches."""
    if ax is None:
        _, ax = library("matplotlib.pyplot").subplots(figsize=(width, height), layout="constrained")
    assert ax is not None
    ax.tick_params(labelsize=SMALL, color=QUIET)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


@dataclass(frozen=True)
class Mark:
    """How one category is drawn, the same in every figure."""

    label: str
    color: Any
    marker: str

    @property
    def style(self) -> dict[str, Any]:
        """How matplotlib draws it."""
        size = 9.0 if self.marker in "PX*" else 6.5
        edge = {"markeredgecolor": INK, "markeredgewidth": 0.5}
        return {"marker": self.marker, "color": self.color, "markersize": size, "linestyle": "none", **edge}

    def proxy(self) -> Line2D:
        """An entry for a legend."""
        return entry(self.label, **self.style)


def marks(item: Field, shapes: str = _MARKERS) -> dict[str, Mark]:
    """A color and a shape for each category of a variable, in codebook order."""
    colors = library("seaborn").color_palette("colorblind", len(item.categories))
    return {
        category.value: Mark(category.label, colors[place], shapes[place % len(shapes)])
        for place, category in enumerate(item.categories)
    }


def entry(label: str, **style: Any) -> Line2D:
    """An entry for a legend."""
    line: Line2D = library("matplotlib.lines").Line2D([], [], label=label, **style)
    return line


def legend(ax: Axes, handles: Sequence[Any], below: float, width: float, title: str | None = None) -> None:
    """A legend ``below`` inches under the Axes, in as many columns as go into ``width`` inches."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    shift = library("matplotlib.transforms").ScaledTranslation(0, -below, figure.dpi_scale_trans)
    for columns in range(len(handles), 0, -1):
        made = ax.legend(
            handles=handles,
            ncols=columns,
            loc="upper left",
            bbox_to_anchor=(0, 0),
            bbox_transform=ax.transAxes + shift,
            borderaxespad=0,
            frameon=False,
            fontsize=SMALL,
            title=title,
            title_fontsize=SMALL,
            alignment="left",
            handletextpad=0.8,
            columnspacing=1.2,
        )
        for text in [made.get_title(), *made.get_texts()]:
            text.set_parse_math(False)
        if made.get_window_extent().width <= width * figure.dpi:
            return


def heading(ax: Axes, text: str) -> None:
    """The title, aligned with the Axes on the left."""
    ax.set_title(textwrap.fill(text, 90), loc="left", fontsize=SIZE + 1, color=INK, **PLAIN)


def wrapped(text: str, width: int) -> str:
    """Text in lines of at most ``width`` characters where words allow."""
    return textwrap.fill(text, width, break_long_words=False)


def row_labels(ax: Axes, positions: Sequence[float], labels: Iterable[str]) -> None:
    """Label rows, the first on top, without tick marks."""
    ax.set_yticks(list(positions), list(labels), fontsize=SMALL, **PLAIN)
    ax.tick_params(axis="y", length=0)


def side_text(ax: Axes, y: float, text: str, **style: Any) -> None:
    """Text in the right margin of a row."""
    style = {"fontsize": SMALL, "color": QUIET, "va": "center", "ha": "left", **PLAIN, **style}
    ax.annotate(text, (1, y), (6, 0), xycoords=ax.get_yaxis_transform(), textcoords="offset points", **style)


def beside(ax: Axes, share: float) -> Axes:
    """A second Axes on the right that shares the rows and takes ``share`` of the place of the first."""
    figure = ax.get_figure()
    spec = ax.get_subplotspec()
    assert figure is not None
    if spec is not None:
        halves = spec.subgridspec(1, 2, width_ratios=[1 - share, share], wspace=0.05)
        ax.set_subplotspec(halves[0])
        second: Axes = figure.add_subplot(halves[1], sharey=ax)
        return second
    box = ax.get_position()
    ax.set_position((box.x0, box.y0, box.width * (1 - share) * 0.96, box.height))
    second = figure.add_axes((box.x1 - box.width * share, box.y0, box.width * share, box.height), sharey=ax)
    return second


def open_bound() -> Line2D:
    """The entry of a legend for `arrow`."""
    return entry("Open bound", color=INK, marker=r"$\leftarrow$", linestyle="none", markersize=10)


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows as named tuples."""
    return iter(frame.itertuples(index=False))


def arrow(ax: Axes, x: Any, y: float, points: float, color: Any) -> None:
    """An arrow from a place to the right (``points`` > 0) or left, towards an open bound."""
    style = {"arrowstyle": "<-", "color": color, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (x, y), (points, 0), textcoords="offset points", arrowprops=style)


def chosen(book: Casebook, cases: Sequence[str] | None) -> pd.DataFrame:
    """The cases asked for, all if None, in order of their start."""
    frame = book.load("cases")
    if cases is not None:
        if isinstance(cases, str):
            raise CasebookError(f"cases must be a list of cases; write cases=[{cases!r}]")
        frame = frame[frame["case_id"].isin([book.case(case).case_id for case in cases])]
    if frame.empty:
        raise CasebookError(
            f"{book.metadata.name} holds no case to draw" if cases is None else "cases is an empty list"
        )
    return frame.sort_values(["start_earliest", "case_id"], ignore_index=True)


def day(text: str, name: str) -> pd.Timestamp:
    """A day given as text in the argument of that name."""
    import datetime as dt

    import pandas as pd

    try:
        return pd.Timestamp(dt.date.fromisoformat(text))
    except (TypeError, ValueError) as error:
        raise CasebookError(f"{name} {text!r} is not a day; write for instance 1962-10-16") from error


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "case"), counted(2, "case")
    ('1 case', '2 cases')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def in_words(days: float) -> str:
    """A number of days as readers say it.

    Examples
    --------
    >>> in_words(1), in_words(45), in_words(200), in_words(9631)
    ('1 day', '45 days', '6.6 months', '26.4 years')
    """
    if days < 60:
        return counted(round(days), "day")
    return f"{days / 30.44:.1f} months" if days < 730 else f"{days / 365.25:.1f} years"


def remember(ax: Axes, sentences: Iterable[str]) -> None:
    """Keep the words for what was drawn on the Axes."""
    _texts[ax] = " ".join(f"{sentence.rstrip('.')}." for sentence in sentences)


def describe(ax: Axes) -> str:
    """Alternative text of a figure, made from the data that were drawn.

    Parameters
    ----------
    ax : matplotlib Axes
        What a function of `casebook.plots` returned.

    Returns
    -------
    str
        One sentence on the figure and its scale, then one for each row or group in the order drawn.

    Raises
    ------
    CasebookError
        If the Axes was not drawn by casebook.plots.

    Examples
    --------
    >>> import casebook
    >>> ax = casebook.plots.outcome(cases=["cuba-1962"])
    >>> casebook.plots.describe(ax)
    'Outcome and durability of 1 case...'
    """
    if ax not in _texts:
        raise CasebookError("nothing is known of this Axes; give describe() what a function of casebook.plots returned")
    return _texts[ax]
