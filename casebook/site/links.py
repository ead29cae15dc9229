"""Links as the templates write them, relative to the page that is being drawn."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from casebook._support.optional import needed
from casebook.site.addresses import relative
from casebook.site.reading import Piece, Reader, links_of

if TYPE_CHECKING:
    import markupsafe

    from casebook.views.evidence import Citation
else:
    markupsafe = needed("markupsafe", "a site", "export")


class Links:
    """Links from one page after the other; every text and address in them is escaped.

    Parameters
    ----------
    reader : Reader
        The casebook.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.folder = ""
        self._drawn: dict[Piece | Citation, markupsafe.Markup] = {}

    def stand_on(self, address: str) -> None:
        """Say which page is being drawn; the links of all pages in a folder are the same, and drawn once."""
        folder = posixpath.dirname(address)
        if folder != self.folder:
            self.folder, self._drawn = folder, {}

    def to(self, address: str) -> str:
        """An address of the site, as seen from the page."""
        return relative(self.folder, address)

    def link(self, piece: Piece) -> markupsafe.Markup:
        """Some text, as a link if it leads anywhere."""
        if piece not in self._drawn:
            text = escape(piece.text)
            self._drawn[piece] = markupsafe.Markup(
                text if piece.to is None else f'<a href="{escape(self.to(piece.to))}">{text}</a>'
            )
        return self._drawn[piece]

    def joined(self, pieces: Iterable[Piece], mark: str = ", ") -> markupsafe.Markup:
        """Several links, with a mark between them."""
        return markupsafe.Markup(escape(mark).join(map(self.link, pieces)))

    def cite(self, citation: Citation) -> markupsafe.Markup:
        """A source with the place in it, and the way to it on the web."""
        if citation not in self._drawn:
            source = self.link(self.reader.source(citation.source_id))
            place = f", {escape(citation.locator)}" if citation.locator else ""
            self._drawn[citation] = markupsafe.Markup(f"{source}{place}{self._online(citation.source_id)}")
        return self._drawn[citation]

    def _online(self, key: str) -> str:
        addresses = links_of(self.reader.cells("sources").get(key, {}))
        return f' <a href="{escape(addresses[0])}">online</a>' if addresses else ""
