"""Pieces of HTML that every display shares, all text escaped.

Notebooks that are not trusted lose every ``<style>``, and themes are dark or light: what a reader needs stands at the
element, and no text has a color of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

_TOP = "vertical-align:top"
_LEFT = f"style='text-align:left;{_TOP}'"
_RIGHT = f"style='text-align:right;{_TOP}'"
_NUMBER = re.compile(r"[-−+]?(?:[\d,]*\.?\d+(?:e[-+]?\d+)?(?: ?%)?|∞)", re.IGNORECASE)
_EMPTY = ("", "–", "NaN", "nan", "<NA>")


def framed(*parts: str) -> str:
    """A display of HTML parts, no line of it too long to read, and no address wider than the notebook."""
    return f"<div class='casebook' style='max-width:60em;overflow-wrap:break-word'>{''.join(parts)}</div>"


def html_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table with every cell escaped: text on the left, columns of numbers on the right.

    Examples
    --------
    >>> html_table(["line", "days"], [["one", 31], ["two", ""]]).count("right")
    3
    """
    cells = [[str(cell) for cell in row] for row in rows]
    right = numeric(cells)
    head = "".join(_cell("th", escape(name), place in right) for place, name in enumerate(header))
    body = ("".join(_cell("td", escape(cell), place in right) for place, cell in enumerate(row)) for row in cells)
    return _table(head, (f"<tr>{row}</tr>" for row in body))


def html_table_of(header: Sequence[str], rows: Iterable[str]) -> str:
    """An HTML table of rows that are HTML already, text on the left."""
    return _table("".join(_cell("th", escape(name)) for name in header), rows)


def html_row(cells: Iterable[str]) -> str:
    """A row of cells that are HTML already."""
    return "<tr>" + "".join(_cell("td", cell) for cell in cells) + "</tr>"


def numeric(rows: Sequence[Sequence[str]]) -> set[int]:
    """The columns in which nothing but numbers stands.

    Examples
    --------
    >>> sorted(numeric([["a", "1,032", "31 %", "1962"], ["b", "", "-0.5", "1962-10"]]))
    [1, 2]
    """
    columns = enumerate(zip(*rows, strict=False))
    filled = ((place, [cell for cell in column if cell not in _EMPTY]) for place, column in columns)
    return {place for place, cells in filled if cells and all(map(_NUMBER.fullmatch, cells))}


def _table(head: str, rows: Iterable[str]) -> str:
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(tag: str, content: str, right: bool = False) -> str:
    return f"<{tag} {_RIGHT if right else _LEFT}>{content}</{tag}>"
