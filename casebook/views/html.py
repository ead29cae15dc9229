"""Pieces of HTML that every display shares, all text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = (
    "<style>.casebook{max-width:60em}.casebook table th,.casebook table td{text-align:left!important;"
    "vertical-align:top}.casebook.page table td{min-width:6em}.casebook .quiet{color:#595959}</style>"
)


def html_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table with every cell escaped."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
