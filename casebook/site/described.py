"""What the pages say of themselves to machines: schema.org in JSON-LD.

The start page is the page of the Dataset, with its downloads. Every other page is a WebPage that is part of that
Dataset, of which it says only what a search engine must know of any: name, description and version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import shorten
from typing import Any

from casebook.book import Casebook
from casebook.exports.schemaorg import dataset
from casebook.site.addresses import START
from casebook.site.pages import Page

_BRIEF = ("@type", "@id", "name", "url", "version")


class Described:
    """Descriptions of the pages of a site.

    Parameters
    ----------
    book : Casebook
        The casebook.
    base : str or None
        The address at which the site will be published; without it, pages and downloads have no address.
    offered : iterable of mapping
        The downloads: ``format``, and ``parts`` with ``name`` and ``to``, an address of the site.
    """

    def __init__(self, book: Casebook, base: str | None, offered: Iterable[Mapping[str, Any]]) -> None:
        self.base, self.whole = base, dataset(book)
        if base:
            self.whole["url"] = base
            self.whole["distribution"] = [
                {
                    "@type": "DataDownload",
                    "name": part["name"],
                    "encodingFormat": offer["format"],
                    "contentUrl": base + part["to"],
                }
                for offer in offered
                for part in offer["parts"]
            ]
        self.brief = {name: self.whole[name] for name in _BRIEF if name in self.whole}
        if description := self.whole.get("description"):
            self.brief["description"] = shorten(description, 200, placeholder=" …")

    def of(self, page: Page) -> dict[str, Any]:
        """What a page says of itself."""
        if page.address == START:
            return self.whole
        about = {"@context": "https://schema.org/", "@type": "WebPage", "name": page.title, "isPartOf": self.brief}
        return about | {"url": self.base + page.address} if self.base else about
