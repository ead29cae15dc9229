"""Cases or channels against conditions, as a grid of labeled cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import spread, text, told
from casebook.book import Casebook
from casebook.errors import CasebookError
from casebook.model.schema import Field, Table
from casebook.plots.drawing import LETTER, SMALL, canvas, finish, room, row_labels, rule, side_text, within
from casebook.plots.requests import chosen, library, opened
from casebook.plots.theme import RGB, Theme, palette, readable_on, shades
from casebook.plots.words import counted, wrapped
from casebook.views.comparison import table_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FOLD = 90


@dataclass(frozen=True)
class _Cell:
    """What stands in a cell, the label whose color it has (None where the value is missing), and the values missing."""

    text: str
    level: str | None
    missing: int = 0


@dataclass(frozen=True)
class _Line:
    """A row: its name, the case that it belongs to (empty for a case itself), and its cells."""

    name: str
    case: str
    cells: list[_Cell]


@dataclass(frozen=True)
class _Grid:
    """What is shown."""

    table: Table
    items: list[Field]
    lines: list[_Line]
    sort: Field | None
    folded: int

    @property
    def question(self) -> str:
        if self.sort:
            return f"What goes with {self.sort.title.lower()}?"
        return f"What do the {self.table.title.lower()} have in common, and where do they differ?"

    @property
    def answer(self) -> str:
        """On which variables all rows agree, and how much is missing."""
        size = f"{counted(len(self.lines), 'row')}, {counted(len(self.items), 'variable')}"
        if self.folded:
            size = f"{counted(self.folded, 'channel')}, counted by case"
        alike = [
            f"{item.title.lower()} ({next(iter(found))})"
            for n, item in enumerate(self.items)
            if len(found := {line.cells[n].text for line in self.lines}) == 1 and len(self.lines) > 1
        ]
        same = f"; all alike in {', '.join(alike)}" if alike else ""
        order = f"; rows in the order of {self.sort.title.lower()}" if self.sort else ""
        return f"{size}, {counted(self.missing, 'missing value')}{same}{order}."

    @property
    def missing(self) -> int:
        return sum(cell.missing for line in self.lines for cell in line.cells)

    @property
    def hatched(self) -> bool:
        """Whether a cell has no color."""
        return any(cell.level is None for line in self.lines for cell in line.cells)

    @property
    def sentences(self) -> list[str]:
        told = [
            f"{', '.join(filter(None, [line.name, line.case]))}: "
            + ", ".join(
                f"{i.title.lower()}: {cell.text.replace(chr(10), ', ')}"
                for i, cell in zip(self.items, line.cells, strict=True)
            )
            for line in self.lines
        ]
        return [f"{self.table.title} by condition: {self.answer}", *told]


@told("casebook.plots.heatmap('outcome', 'stalemate')")
def heatmap(
    *variables: str,
    table: str | None = None,
    cases: Sequence[str] | None = None,
    sort: str | None = None,
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Conditions and outcomes of cases or channels at a glance.

    Every cell carries its label. Ordered variables go from light to dark in codebook order, so gray print keeps the
    order; unordered ones have pale hues that only repeat what the label says. Missing values are hatched and show their
    reason. Where more than 90 channels were to be drawn, each case has one row that counts the labels of its channels.

    Parameters
    ----------
    *variables : str
        Categorical or yes/no variables of one table; all that are coded for cases if none is given.
    table : str, optional
        Name of the table; found from the variables if not given.
    cases : sequence of str, optional
        Only these cases.
    sort : str, optional
        Variable by whose codebook order the rows stand, missing values last; by case and start if not given. It need
        not be one of the variables drawn.
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
    asked = dict.fromkeys(text(name, "each variable", "outcome") for name in spread(variables))
    grid = _shown(opened(data), list(asked), table, cases, sort, alleged)
    width = min(max(7.5 / len(grid.items), 1.0), 1.6)
    if ax is not None:
        width = (room(ax, 0, 0)[0] - 2.0) / len(grid.items)
    letters = max(6, int(width * 14))
    texts = [[_broken(cell.text, letters) for cell in line.cells] for line in grid.lines]
    heights = [0.15 * max(text.count("\n") + 1 for text in row) + 0.13 for row in texts]
    headers = [wrapped(item.title, letters) for item in grid.items]
    above = 0.16 * max(header.count("\n") + 1 for header in headers)
    given = ax
    ax = canvas(ax, width * len(grid.items) + 3.8, sum(heights) + above + 1.3)
    theme = Theme.of(ax)
    ax.set_xlim(0, len(grid.items))
    ax.set_ylim(sum(heights), 0)
    centers = [sum(heights[:place]) + height / 2 for place, height in enumerate(heights)]
    for column, item in enumerate(grid.items):
        colors = _colors(item)
        for row, line in enumerate(grid.lines):
            level = line.cells[column].level
            color = None if level is None else colors[level]
            _cell(ax, column, centers[row], heights[row], texts[row][column], color, theme)
    if given is None:  # then columns are as wide as the texts of their cells need
        for label in ax.texts:
            label.set_in_layout(False)
    tall = 1.0 if given is None else (room(ax, 0, 0)[1] - 1.4) / len(grid.lines)
    row_labels(ax, centers, [line.name for line in grid.lines], tall, 44 if given is None else int(2.0 / LETTER))
    ax.xaxis.tick_top()
    ax.set_xticks([column + 0.5 for column in range(len(grid.items))], headers, fontsize=SMALL)
    ax.tick_params(axis="x", length=0, labelcolor=theme.ink)
    ax.spines[:].set_visible(False)
    _cases(ax, grid, centers, heights, theme)
    return finish(ax, grid.question, grid.answer, grid.sentences, _key(grid, theme))


def _shown(
    book: Casebook,
    variables: Sequence[str],
    table: str | None,
    cases: Sequence[str] | None,
    sort: str | None,
    alleged: bool,
) -> _Grid:
    """What is shown: rows in order, with the labels of the codebook."""
    declared = book.schema.table(table or "cases") if not variables else table_of(book.schema, variables, table)
    items = [declared.field(name) for name in variables] or [
        item for item in declared.fields if item.coded and _levels(item)
    ]
    by = declared.field(sort) if sort else None
    for item in [*items, *([by] if by else [])]:
        if not _levels(item):
            valid = ", ".join(other.name for other in declared.fields if _levels(other))
            raise CasebookError(f"{declared.name}.{item.name} has no categories to draw; valid: {valid}")
    selected = list(chosen(book, cases)["case_id"])
    asked = list(dict.fromkeys([*(item.name for item in items), *([by.name] if by else [])]))
    compared = book.compare(*asked, table=declared.name, cases=selected, alleged=alleged)
    frame, missing = compared.to_frame(), compared.missing
    if frame.empty:
        raise CasebookError(f"nothing to draw: {', '.join(selected)} has no row in {declared.name}")
    lines = []
    for row, (name, values) in enumerate(zip(frame.index, frame.to_numpy().tolist(), strict=True)):
        case, own = (str(name[0]), str(name[-1])) if isinstance(name, tuple) else ("", str(name))
        gaps = [bool(missing.iat[row, n]) for n in range(len(values))]
        cells = [_Cell(str(text), None if gap else str(text), gap) for text, gap in zip(values, gaps, strict=True)]
        lines.append(_Line(own, case, cells))
    if by:
        ranks, place = _levels(by), asked.index(by.name)
        last = len(ranks)
        lines.sort(key=lambda line: ranks.index(level) if (level := line.cells[place].level) else last)
    lines = [_Line(line.name, line.case, line.cells[: len(items)]) for line in lines]
    folded = len(lines) if len(lines) > _FOLD and lines[0].case else 0
    return _Grid(declared, items, _folded(lines, items) if folded else lines, by, folded)


def _folded(lines: Sequence[_Line], items: Sequence[Field]) -> list[_Line]:
    """One row for each case, with the labels of its rows counted; a cell has the color of the most frequent one."""
    folded = []
    for case in dict.fromkeys(line.case for line in lines):
        cells = []
        mine = [line for line in lines if line.case == case]
        for n in range(len(items)):
            counts = Counter(line.cells[n].text for line in mine)
            levels = Counter(level for line in mine if (level := line.cells[n].level) is not None)
            text = "\n".join(f"{label} {number}" for label, number in counts.most_common())
            missing = sum(line.cells[n].missing for line in mine)
            cells.append(_Cell(text, levels.most_common(1)[0][0] if levels else None, missing))
        folded.append(_Line(f"{case} ({len(mine)})", "", cells))
    return folded


def _broken(text: str, letters: int) -> str:
    """The text with each of its lines broken where it is too long."""
    return "\n".join(wrapped(line, letters) for line in text.split("\n"))


def _cases(ax: Axes, grid: _Grid, centers: Sequence[float], heights: Sequence[float], theme: Theme) -> None:
    """Name the case beside its rows: once for rows in time order, beside each row otherwise."""
    names = [line.case for line in grid.lines]
    if len(set(names)) < 2 and not names[0]:
        return
    if grid.sort:
        for name, center in zip(names, centers, strict=True):
            side_text(ax, center, name)
        return
    for name in dict.fromkeys(names):
        mine = [n for n, other in enumerate(names) if other == name]
        side_text(ax, (centers[mine[0]] + centers[mine[-1]]) / 2, wrapped(name, 20), color=theme.ink)
        rule(ax, centers[mine[0]] - heights[mine[0]] / 2, color=theme.quiet, linewidth=0.8)


def _key(grid: _Grid, theme: Theme) -> list[Any]:
    """What the colors say, as far as they say it."""
    patch = library("matplotlib.patches").Patch
    ordered = [item for item in grid.items if _in_order(item)]
    entries = []
    if ordered:
        light, *_, dark = _colors(ordered[0]).values()
        entries.append(patch(facecolor=light, edgecolor=theme.quiet, linewidth=0.4, label="Low or no \u2026"))
        entries.append(patch(facecolor=dark, edgecolor=theme.quiet, linewidth=0.4, label="\u2026 high or yes"))
    if len(ordered) < len(grid.items):
        hue = next(iter(_colors(next(item for item in grid.items if not _in_order(item))).values()))
        label = "Hues only repeat the label; each column has its own"
        entries.append(patch(facecolor=hue, edgecolor=theme.quiet, linewidth=0.4, label=label))
    if grid.folded:
        entries.append(patch(facecolor="none", edgecolor="none", label="Colored by the most frequent known value"))
    if grid.hatched:
        entries.append(
            patch(facecolor=theme.ground, edgecolor=theme.lead, hatch="////", label="Not known, or not applicable")
        )
    return entries


def _cell(ax: Axes, column: int, center: float, height: float, text: str, color: RGB | None, theme: Theme) -> None:
    """A labeled cell; hatched where there is no value and hence no color."""
    look: dict[str, Any] = {"facecolor": color, "gid": "cell"}
    words: dict[str, Any] = {"color": readable_on(color)} if color else {"color": theme.quiet, "style": "italic"}
    if color is None:
        look = {"facecolor": theme.ground, "edgecolor": theme.shade(0.25), "hatch": "////", "gid": "missing"}
        words["bbox"] = theme.box(1)
    corner = (column + 0.02, center - height / 2 + 0.01)
    within(ax, library("matplotlib.patches").Rectangle(corner, 0.96, height - 0.02, linewidth=0, **look))
    ax.text(column + 0.5, center, text, ha="center", va="center", fontsize=SMALL - 0.5, **words)


def _levels(item: Field) -> list[str]:
    """Labels of the values that a variable can have, in codebook order."""
    values: list[Any] = [False, True] if item.type == "boolean" else list(item.values)
    return [item.label(value) for value in values]


def _in_order(item: Field) -> bool:
    return item.ordered or item.type == "boolean"


def _colors(item: Field) -> dict[str, RGB]:
    """Light to dark for ordered variables, pale hues for the others."""
    levels = _levels(item)
    if _in_order(item):
        colors = shades(len(levels))
    else:
        colors = [(0.35 * r + 0.65, 0.35 * g + 0.65, 0.35 * b + 0.65) for r, g, b in palette(len(levels))]
    return dict(zip(levels, colors, strict=True))
