"""Values with their evidence in HTML.

Pages consist of them for the most part, tens of thousands in all, so that they are written here rather than in a
template, which would take several times as long. As there, every text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from casebook._support.optional import needed
from casebook.site.links import Links
from casebook.site.reading import NONE, Piece, Row, Value
from casebook.views.evidence import Statement

if TYPE_CHECKING:
    import markupsafe
else:
    markupsafe = needed("markupsafe", "a site", "export")

_LONG = 60
"""Of a longer value the text is not shown as a link."""


class Values:
    """Values as the templates write them on the page that is being drawn.

    Parameters
    ----------
    links : Links
        The links from that page.
    """

    def __init__(self, links: Links) -> None:
        self.links = links

    def of(self, row: Row) -> markupsafe.Markup:
        """All values of a row."""
        known = (value for value in row.values if value.text != NONE)
        drawn = (self._opening(value) if value.argument.statements else self._plain(value) for value in known)
        blank = self._blank([value for value in row.values if value.text == NONE])
        return markupsafe.Markup(f'<div class="values">\n{"".join(drawn)}{blank}</div>')

    def single(self, row: Row) -> markupsafe.Markup:
        """A row with one coded value, which opens to its evidence and to what follows from it."""
        assert row.single is not None
        rest = "".join(self._plain(value) for value in row.values if value is not row.single)
        drawn = self._opening(row.single, row.name, rest)
        return markupsafe.Markup(f'<div class="values" id="{escape(row.anchor)}">\n{drawn}</div>')

    def side(self, values: Iterable[tuple[str, str, Value]]) -> markupsafe.Markup:
        """Values of several rows side by side, each with the name of its row, leading to its evidence."""
        lines = (
            f'<li><span class="name">{escape(name)}</span> <a{_none(value)} href="{escape(self.links.to(to))}">'
            f'{escape(value.text)}</a> <span class="grades">{_grades(value)}</span></li>\n'
            for name, to, value in values
        )
        return markupsafe.Markup(f'<ul class="side">\n{"".join(lines)}</ul>')

    def _opening(self, value: Value, title: str | None = None, rest: str = "") -> str:
        kind = f"what{' none' if value.empty else ''}{' long' if len(value.text) > _LONG else ''}"
        return (
            f'<details class="value"><summary><span class="name">{escape(title or value.title)}</span> '
            f'<span class="{kind}">{escape(value.text)}</span> <span class="grades">{_grades(value)}</span></summary>\n'
            f'<div class="evidence" id="{escape(value.anchor)}">{self._said(value)}{rest}</div></details>\n'
        )

    def _plain(self, value: Value) -> str:
        note = f' <span class="quiet note">{escape(value.note)}</span>' if value.note else ""
        return (
            f'<div class="plain" id="{escape(value.anchor)}"><a class="name" href="{self._meaning(value)}">'
            f"{escape(value.title)}</a> <span{_none(value)}>{self._pieces(value.pieces)}</span>{note}</div>\n"
        )

    def _blank(self, values: list[Value]) -> str:
        """Variables that are optional, and of which nothing is recorded."""
        names = (f'<a id="{escape(v.anchor)}" href="{self._meaning(v)}">{escape(v.title)}</a>' for v in values)
        return f'<p class="blank quiet">Nothing recorded: {", ".join(names)}</p>\n' if values else ""

    def _said(self, value: Value) -> str:
        said = value.argument
        links = f"<p>{self._pieces(value.pieces)}</p>\n" if any(piece.to for piece in value.pieces) else ""
        told = not value.note or any(statement.note == value.note for statement in said.statements)
        note = "" if told else f"<p>{escape(_sentence(value.note or ''))}</p>\n"
        statements = "".join(map(self._statement, said.statements))
        rests_on = f"{escape(_sentence(said.rests_on))}. " if said.rests_on else ""
        foot = f'<p class="foot">{rests_on}<a href="{self._meaning(value)}">Definition</a></p>'
        return f"{links}{note}{statements}{foot}"

    def _statement(self, statement: Statement) -> str:
        rival = f"Rival reading: {escape(statement.reads_label or '')}" if statement.reads else "Supported"
        sources = "".join(f"<li>{self.links.cite(cited)}</li>" for cited in statement.sources)
        note = f" {escape(statement.note)}" if statement.note else ""
        return (
            f'<div class="statement{" rival" if statement.reads else ""}">\n<p><b>{rival}</b> '
            f'{_grade(statement.confidence)} <span class="quiet">{escape(statement.basis)}</span>{note}</p>\n'
            f"<ul>{sources}</ul>\n</div>\n"
        )

    def _pieces(self, pieces: tuple[Piece, ...]) -> str:
        return "; ".join(map(self.links.link, pieces))

    def _meaning(self, value: Value) -> str:
        return escape(self.links.to(value.meaning))


def _grades(value: Value) -> str:
    confidence = _grade(value.confidence) if value.confidence else ""
    if not value.rivals:
        return confidence
    return f'{confidence} <span class="grade rival">{value.rivals} rival{"s" if value.rivals > 1 else ""}</span>'


def _grade(confidence: str) -> str:
    return f'<span class="grade {escape(confidence)}">{escape(confidence)}</span>'


def _none(value: Value) -> str:
    return ' class="none"' if value.empty else ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
