"""Links as the templates write them, relative to the page that is being drawn."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from casebook._support.optional import needed
from casebook.site.addresses import relative
from casebook.site.reading import Piece, Reader, links_of

if TYPE_CHECKING:
    import markupsafe

    from casebook.views.evidence import Citation
else:
    markupsafe = needed("markupsafe", "a site", "export")

_PLACE = markupsafe.Markup("{}, {}")


class Links:
    """Links from one page after the other; every text and address in them is escaped.

    Parameters
    ----------
    reader : Reader
        The casebook.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._folder = ""
        self._online: dict[str, Any] = {}

    def stand_on(self, address: str) -> None:
        """Say which page is being drawn."""
        self._folder = posixpath.dirname(address)

    def to(self, address: str) -> str:
        """An address of the site, as seen from the page."""
        return relative(self._folder, address)

    def link(self, piece: Piece) -> markupsafe.Markup:
        """Some text, as a link if it leads anywhere."""
        if piece.to is None:
            return markupsafe.escape(piece.text)
        return _linked(relative(self._folder, piece.to), piece.text)

    def cite(self, citation: Citation) -> markupsafe.Markup:
        """A source with the place in it, and the way to it on the web."""
        named = self.link(self.reader.source(citation.source_id))
        if citation.locator:
            named = _PLACE.format(named, citation.locator)
        if citation.source_id not in self._online:
            addresses = links_of(self.reader.cells("sources").get(citation.source_id, {}))
            online = _linked(addresses[0], "online") if addresses else ""
            self._online[citation.source_id] = markupsafe.Markup(" ") + online
        return named + self._online[citation.source_id]


def _linked(address: str, text: str) -> markupsafe.Markup:
    return markupsafe.Markup(f'<a href="{markupsafe.escape(address)}">{markupsafe.escape(text)}</a>')
