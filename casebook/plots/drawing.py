"""What the figures share: the canvas, the head with question, answer and legend, rows of labels, and the fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from casebook.plots.requests import library
from casebook.plots.theme import AT_LEAST, AT_MOST, Theme
from casebook.plots.words import fitted, remember, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

SIZE, SMALL = 10.0, 8.0
LETTER = 0.062
_GAP = 5.0
_LEAST = 5.0
_HANDLE, _PAD, _APART = 2.0, 0.6, 1.2


def canvas(ax: Axes | None, width: float, height: float) -> Axes:
    """The given Axes, or one on a new figure of that size in inches."""
    if ax is None:
        from casebook.plots.picture import Picture

        pyplot = library("matplotlib.pyplot")
        _, ax = pyplot.subplots(figsize=(width, height), layout="constrained", FigureClass=Picture)
    assert ax is not None
    theme = Theme.of(ax)
    ax.grid(False)
    ax.tick_params(labelsize=SMALL, color=theme.quiet, labelcolor=theme.ink)
    ax.xaxis.label.set_color(theme.ink)
    ax.spines[:].set_color(theme.quiet)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def room(ax: Axes | None, width: float, height: float) -> tuple[float, float]:
    """Inches that a figure has: those of the place of a given Axes, or those that it asks for."""
    if ax is None:
        return width, height
    left, bottom, right, top = _slot(ax) or ax.get_position().extents
    across, down = _figure(ax).get_size_inches()
    return float((right - left) * across), float((top - bottom) * down)


def entry(label: str, **style: Any) -> Line2D:
    """An entry for a legend."""
    line: Line2D = library("matplotlib.lines").Line2D([], [], label=label, **style)
    return line


def sign(label: str, text: str, theme: Theme) -> Line2D:
    """An entry for a sign that is text, such as ≤."""
    return entry(label, marker=f"${text}$", color=theme.ink, linestyle="none", markersize=7, markeredgewidth=0.3)


def open_bounds(theme: Theme, sides: Iterable[str], earlier: str, later: str) -> list[Line2D]:
    """Entries for those of the signs ≤ and ≥ that were used, in the words of the figure."""
    signs = {AT_MOST: (r"\leq", earlier), AT_LEAST: (r"\geq", later)}
    used = set(sides)
    return [sign(f"Open bound: {text}", symbol, theme) for side, (symbol, text) in signs.items() if side in used]


def within(ax: Axes, artist: Any) -> None:
    """Draw what lies within the Axes: neither their limits nor the layout of the figure need to look at it."""
    ax.add_artist(artist)
    artist.set_in_layout(False)


def line(ax: Axes, across: Sequence[Any], down: Sequence[Any], **style: Any) -> None:
    """A line, or marks, within the Axes; ``ax.plot`` takes three times as long."""
    within(ax, library("matplotlib.lines").Line2D(across, down, **style))


def rule(ax: Axes, y: float, **style: Any) -> None:
    """A line across the Axes."""
    line(ax, [0, 1], [y, y], transform=ax.get_yaxis_transform(), **style)


def bar(ax: Axes, span: tuple[Any, Any], y: float, height: float, **style: Any) -> None:
    """A bar between two dates, with its middle at a height."""
    start, end = map(library("matplotlib.dates").date2num, span)
    within(ax, library("matplotlib.patches").Rectangle((start, y - height / 2), end - start, height, **style))


def capped(ax: Axes, least: Any, most: Any, y: float, theme: Theme, **style: Any) -> None:
    """A thin line with caps: somewhere between the two."""
    look = {"color": theme.ink, "linewidth": 1.1, "zorder": 2, "gid": "between", **style}
    line(ax, [least, most], [y, y], marker="|", markersize=5, markeredgewidth=1.1, **look)


def capped_entry(label: str, theme: Theme) -> Line2D:
    """The entry of a legend for `capped`."""
    return entry(label, color=theme.ink, linewidth=1.1, marker="|", markersize=5, markeredgewidth=1.1)


def finish(
    ax: Axes,
    question: str,
    answer: str,
    sentences: Iterable[str],
    handles: Sequence[Any] = (),
    beside: Axes | None = None,
) -> Axes:
    """Put question, answer and legend over what was drawn, keep the words for it, and let all of it fit.

    Parameters
    ----------
    ax : matplotlib Axes
        What was drawn on.
    question, answer : str
        The title, and the sentence under it.
    sentences : iterable of str
        The alternative text.
    handles : sequence
        Entries of the legend.
    beside : matplotlib Axes, optional
        An Axes on the right that shares the place.
    """
    axes = [ax] if beside is None else [ax, beside]
    _plain(axes)
    _settle(axes)
    right = _right(ax)
    tall = _legend(ax, handles, 0.96 * (right - ax.bbox.x0))
    _head(ax, question, answer, tall, right)
    remember(ax, sentences)
    if _figure(ax).get_layout_engine() is None:  # else the figure finds the places when it is drawn
        _settle(axes)
    return ax


def _plain(artists: Iterable[Any]) -> None:
    """Text is text: a dollar sign in it is a dollar sign, and no formula begins."""
    for artist in artists:
        for text in artist.findobj(library("matplotlib.text").Text):
            text.set_parse_math(False)


def _legend(ax: Axes, handles: Sequence[Any], pixels: float) -> float:
    """A legend over the Axes, in as many columns as go into so many pixels; the pixels that it is high."""
    theme = Theme.of(ax)
    em = SMALL / 72 * _dpi(ax)
    columns = len(handles)
    while columns:
        made = ax.legend(
            handles=handles,
            ncols=columns,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            bbox_transform=_above(ax, _ticks_above(ax) + _GAP),
            borderaxespad=0,
            borderpad=0,
            frameon=False,
            fontsize=SMALL,
            labelcolor=theme.ink,
            handlelength=_HANDLE,
            handletextpad=_PAD,
            columnspacing=_APART,
        )
        _plain([made])
        made.set_in_layout(False)
        box = made.get_window_extent()
        if box.width <= pixels or columns == 1:
            return float(box.height)
        wide = [text.get_window_extent().width for text in made.get_texts()]
        columns = next((n for n in range(columns - 1, 1, -1) if _across(wide, n, em) - 2 <= pixels), 1)
    return 0.0


def _across(wide: Sequence[float], columns: int, em: float) -> float:
    """Pixels that entries with texts of such widths take in so many columns."""
    import numpy as np

    texts = sum(max(column) for column in np.array_split(wide, columns))
    return float(texts + columns * (_HANDLE + _PAD) * em + (columns - 1) * _APART * em)


def _head(ax: Axes, question: str, answer: str, pixels: float, right: float) -> None:
    """Question and answer over the Axes and a legend of so many pixels, as wide as the figure has room."""
    theme = Theme.of(ax)
    points = 72 / _dpi(ax)
    up = _ticks_above(ax) + (pixels * points + 2 * _GAP if pixels else _GAP)
    letters = max(24, int((right - ax.bbox.x0) * points / 72 / LETTER))
    if answer:
        said = ax.annotate(
            wrapped(answer, letters), (0, 1), (0, up), xycoords="axes fraction", textcoords="offset points",
            va="bottom", ha="left", fontsize=SMALL + 0.5, color=theme.quiet, annotation_clip=False, gid="answer",
            parse_math=False,
        )  # fmt: skip
        said.set_in_layout(False)
        up += said.get_window_extent().height * points + 0.6 * _GAP
    look: dict[str, Any] = {"loc": "left", "fontsize": SIZE, "fontweight": "bold", "color": theme.ink}
    for share in (0.76, 0.7, 0.64):
        title = ax.set_title(wrapped(question, int(letters * share)), y=1.0, pad=up, parse_math=False, **look)
        if title.get_window_extent().width <= right - ax.bbox.x0:
            break


def row_labels(
    ax: Axes, positions: Sequence[float], labels: Iterable[str], tall: float = 1.0, letters: int = 10_000
) -> None:
    """Label rows, the first on top, without tick marks.

    Parameters
    ----------
    tall : float
        Inches that a row has; the labels are in so many lines and of such size as go into it.
    letters : int
        Letters that a line may have.
    """
    size = max(_LEAST, min(SMALL, tall * 72 * 0.8))
    lines = max(1, int(tall * 72 / (size * 1.25)))
    shown = [fitted(label, letters, lines) for label in labels]
    ax.set_yticks(list(positions), shown, fontsize=size)
    ax.tick_params(axis="y", length=0)


def side_text(ax: Axes, y: float, text: str, **style: Any) -> None:
    """Text in the right margin of a row."""
    style = {"fontsize": SMALL, "color": Theme.of(ax).quiet, "va": "center", "ha": "left", **style}
    ax.annotate(text, (1, y), (6, 0), xycoords=ax.get_yaxis_transform(), textcoords="offset points", **style)


def quiet(ax: Axes, text: str, place: tuple[Any, float], **style: Any) -> None:
    """Say in small gray italics what could not be drawn."""
    color = Theme.of(ax).quiet
    given = {"textcoords": "offset points", "va": "center", "color": color, "style": "italic", "fontsize": SMALL - 0.5}
    ax.annotate(text, place, **{**given, **style})


def beside(ax: Axes, share: float) -> Axes:
    """A second Axes on the right that shares the rows and takes ``share`` of the place of the first."""
    figure = ax.get_figure()
    spec = ax.get_subplotspec()
    assert figure is not None
    face = ax.get_facecolor()
    if spec is not None:
        halves = spec.subgridspec(1, 2, width_ratios=[1 - share, share], wspace=0.05)
        ax.set_subplotspec(halves[0])
        second: Axes = figure.add_subplot(halves[1], sharey=ax, facecolor=face)
        return second
    box = ax.get_position()
    ax.set_position((box.x0, box.y0, box.width * (1 - share) * 0.96, box.height))
    place = (box.x1 - box.width * share, box.y0, box.width * share, box.height)
    return figure.add_axes(place, sharey=ax, facecolor=face)


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows as named tuples."""
    return iter(frame.itertuples(index=False))


def _settle(axes: Sequence[Axes]) -> None:
    """Give the Axes their places: by the layout of the figure, or within the slot that an Axes of the user's has."""
    figure, slot = _figure(axes[0]), _slot(axes[0])
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
    elif slot is not None:
        for _ in range(2):
            _fit(axes, slot)


def _slot(ax: Axes) -> tuple[float, float, float, float] | None:
    """The part of the figure that belongs to a subplot, margins included; None if its user placed it by hand."""
    spec = ax.get_subplotspec()
    if spec is None or ax.get_figure() is not ax.get_figure(root=True):
        return None
    spec = spec.get_topmost_subplotspec()
    rows, columns = spec.get_gridspec().nrows, spec.get_gridspec().ncols
    across, down = spec.colspan, spec.rowspan
    return across.start / columns, 1 - down.stop / rows, across.stop / columns, 1 - down.start / rows


def _fit(axes: Sequence[Axes], slot: tuple[float, float, float, float]) -> None:
    """Place Axes so that all that belongs to them just fills the slot."""
    figure = _figure(axes[0])
    taken = [box for ax in axes if (box := ax.get_tightbbox()) is not None]
    wide, tall = figure.bbox.width, figure.bbox.height
    left, right = min(box.x0 for box in taken) / wide, max(box.x1 for box in taken) / wide
    bottom, top = min(box.y0 for box in taken) / tall, max(box.y1 for box in taken) / tall
    places = [ax.get_position(original=True) for ax in axes]
    x0, x1 = min(p.x0 for p in places), max(p.x1 for p in places)
    y0, y1 = min(p.y0 for p in places), max(p.y1 for p in places)
    pad = (8 / 72) * figure.dpi
    new = [
        slot[0] + (x0 - left) + pad / wide,
        slot[2] - (right - x1) - pad / wide,
        slot[1] + (y0 - bottom) + pad / tall,
        slot[3] - (top - y1) - pad / tall,
    ]
    new[1], new[3] = max(new[1], new[0] + 0.1), max(new[3], new[2] + 0.1)
    for ax, place in zip(axes, places, strict=True):
        across, down = (new[1] - new[0]) / (x1 - x0), (new[3] - new[2]) / (y1 - y0)
        start = new[0] + (place.x0 - x0) * across, new[2] + (place.y0 - y0) * down
        ax.set_position((*start, place.width * across, place.height * down))


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def _dpi(ax: Axes) -> float:
    return float(_figure(ax).dpi)


def _above(ax: Axes, points: float) -> Any:
    """Axes coordinates, raised by so many points."""
    shift = library("matplotlib.transforms").ScaledTranslation(0, points / 72, _figure(ax).dpi_scale_trans)
    return ax.transAxes + shift


def _ticks_above(ax: Axes) -> float:
    """Points that tick labels take over the Axes."""
    box = ax.xaxis.get_tightbbox()
    return 0.0 if box is None else max(0.0, float(box.y1 - ax.bbox.y1)) * 72 / _dpi(ax)


def _right(ax: Axes) -> float:
    """The right end, in pixels, of the part of the figure that belongs to the Axes."""
    slot = _slot(ax)
    return float(ax.bbox.x1 if slot is None else slot[2] * _figure(ax).bbox.width - 8)
