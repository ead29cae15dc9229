"""Cases or channels against conditions, as a grid of labeled cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from casebook.book import Casebook
from casebook.errors import CasebookError
from casebook.model.schema import Field
from casebook.plots.drawing import (
    INK,
    PLAIN,
    QUIET,
    SMALL,
    canvas,
    chosen,
    counted,
    heading,
    library,
    opened,
    remember,
    row_labels,
    side_text,
    wrapped,
)
from casebook.views.comparison import table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def heatmap(
    *variables: str,
    table: str | None = None,
    cases: Sequence[str] | None = None,
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Conditions and outcomes of cases or channels at a glance.

    Every cell carries its label. Ordered variables go from light to dark in codebook order, so gray print keeps the
    order; unordered ones have pale hues that only repeat what the label says. Missing values are hatched and show their
    reason.

    Parameters
    ----------
    *variables : str
        Categorical or yes/no variables of one table; all that are coded for cases if none is given.
    table : str, optional
        Name of the table; found from the variables if not given.
    cases : sequence of str, optional
        Only these cases.
    alleged : bool, default False
        Also draw rows that only an unconfirmed source claims.
    data : Casebook, optional
        The casebook; the packaged release if not given.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        One row per case or channel, one column per variable.

    Raises
    ------
    UnknownNameError
        If a variable, table or case does not exist.
    CasebookError
        If a variable has no categories, or no row is left.

    Examples
    --------
    >>> import casebook
    >>> ax = casebook.plots.heatmap("violence", "outcome")
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['Violence', 'Outcome']
    """
    library("matplotlib")
    import pandas as pd

    book = opened(data)
    declared = book.schema.table(table or "cases") if not variables else table_of(book.schema, variables, table)
    items = [declared.field(name) for name in variables] or [
        item for item in declared.fields if item.coded and _levels(item)
    ]
    for item in items:
        if not _levels(item):
            valid = ", ".join(other.name for other in declared.fields if _levels(other))
            raise CasebookError(f"{declared.name}.{item.name} has no categories to draw; valid: {valid}")
    selected = list(chosen(book, cases)["case_id"])
    compared = book.compare(*(item.name for item in items), table=declared.name, cases=selected, alleged=alleged)
    frame = compared.to_frame()
    if frame.empty:
        raise CasebookError(f"nothing to draw: {', '.join(selected)} has no row in {declared.name}")
    width = min(max(7.5 / len(items), 1.0), 1.6)
    letters = int(width * 14)
    texts = frame.map(lambda text: wrapped(text, letters))
    lines = texts.map(lambda text: text.count("\n") + 1)
    heights = [0.15 * most + 0.13 for most in lines.max(axis=1)]
    headers = [wrapped(item.title, letters) for item in items]
    labels = [wrapped(str(name), 44) for name in frame.index.get_level_values(-1)]
    above = 0.16 * max(header.count("\n") + 1 for header in headers)
    ax = canvas(ax, width * len(items) + 3.8, sum(heights) + above + 0.7)
    ax.set_xlim(0, len(items))
    ax.set_ylim(sum(heights), 0)
    centers = [sum(heights[:place]) + height / 2 for place, height in enumerate(heights)]
    for column, item in enumerate(items):
        colors = _colors(item)
        for row, (center, height) in enumerate(zip(centers, heights, strict=True)):
            color = None if compared.missing.iat[row, column] else colors[str(frame.iat[row, column])]
            _cell(ax, column, center, height, str(texts.iat[row, column]), color)
    row_labels(ax, centers, labels)
    ax.xaxis.tick_top()
    ax.set_xticks([column + 0.5 for column in range(len(items))], headers, fontsize=SMALL, **PLAIN)
    ax.tick_params(axis="x", length=0)
    ax.spines[:].set_visible(False)
    if frame.index.nlevels > 1:
        groups = pd.Series(centers).groupby(frame.index.get_level_values(0), sort=False)
        for name, group in groups:
            side_text(ax, group.mean(), wrapped(str(name), 20), color=INK)
            ax.axhline(group.min() - heights[centers.index(group.min())] / 2, color=QUIET, linewidth=0.8)
    heading(ax, f"{declared.title} by condition")
    names = [", ".join(reversed(name)) if isinstance(name, tuple) else str(name) for name in frame.index]
    told = [
        f"{name}: {', '.join(f'{title.lower()}: {text}' for title, text in zip(frame.columns, texts, strict=True))}"
        for name, texts in zip(names, frame.to_numpy().tolist(), strict=True)
    ]
    size = f"{counted(len(frame), 'row')}, {counted(len(items), 'variable')}"
    missing = counted(int(compared.missing.to_numpy().sum()), "missing value")
    remember(ax, [f"{declared.title} by condition: {size}, {missing}", *told])
    return ax


def _cell(ax: Axes, column: int, center: float, height: float, text: str, color: Any | None) -> None:
    """A labeled cell; hatched where there is no value and hence no color."""
    look: dict[str, Any] = {"facecolor": color, "gid": "cell"}
    words: dict[str, Any] = {"color": _ink(color)} if color else {"color": QUIET, "style": "italic"}
    if color is None:
        look = {"facecolor": "white", "edgecolor": "#cfcfcf", "hatch": "////", "gid": "missing"}
        words["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    corner = (column + 0.02, center - height / 2 + 0.01)
    ax.add_patch(library("matplotlib.patches").Rectangle(corner, 0.96, height - 0.02, linewidth=0, **look))
    ax.text(column + 0.5, center, text, ha="center", va="center", fontsize=SMALL - 0.5, **PLAIN, **words)


def _levels(item: Field) -> list[str]:
    """Labels of the values that a variable can have, in codebook order."""
    values: list[Any] = [False, True] if item.type == "boolean" else list(item.values)
    return [item.label(value) for value in values]


def _colors(item: Field) -> dict[str, Any]:
    """Light to dark for ordered variables, pale hues for the others."""
    palette = library("seaborn").color_palette
    levels = _levels(item)
    if item.ordered or item.type == "boolean":
        shades = palette("blend:#eaf1f7,#1f5a92", len(levels))
    else:
        shades = [tuple(0.35 * part + 0.65 for part in color) for color in palette("colorblind", len(levels))]
    return dict(zip(levels, shades, strict=True))


def _ink(color: Any) -> str:
    """Black or white, whichever reads better on the color."""
    red, green, blue = color
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else INK
