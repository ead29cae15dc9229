"""Pieces of HTML that every display shares, all text escaped.

Notebooks that are not trusted lose every ``<style>``, and themes are dark or light: what a reader needs stands at the
element, and no text has a color of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = "<style>.casebook{max-width:60em}.casebook.page table td{min-width:6em}</style>"
_CELL = "style='text-align:left;vertical-align:top'"


def html_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table with every cell escaped, text on the left."""
    return html_table_of(header, (html_row([escape(str(cell)) for cell in row]) for row in rows))


def html_table_of(header: Sequence[str], rows: Iterable[str]) -> str:
    """An HTML table of rows that are HTML already."""
    head = "".join(f"<th {_CELL}>{escape(cell)}</th>" for cell in header)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def html_row(cells: Iterable[str]) -> str:
    """A row of cells that are HTML already."""
    return "<tr>" + "".join(f"<td {_CELL}>{cell}</td>" for cell in cells) + "</tr>"
