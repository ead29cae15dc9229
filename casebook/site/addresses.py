"""Where things stand in a site: the page of every row, and the anchor of every value, from identifiers alone.

An address is the path of a page from the top of the site, with an anchor where one is meant:
``cases/cuba-1962/channels/rfk-dobrynin.html#result``. It does not change as long as the row keeps its identifier.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from functools import cache, lru_cache

from casebook.model.schema import Schema, Table

START = "index.html"
_LONGEST = 100


@cache
def slug(text: str) -> str:
    """A name that every file system and address bar takes, one for each text, whether or not case tells names apart.

    Examples
    --------
    >>> slug("rfk-dobrynin"), slug("S-1"), slug("../å b")
    ('rfk-dobrynin', '!s-1', '~2e~~2e~~2f~~e5~~20~b')
    """
    safe = re.sub(r"[^a-z0-9_-]", _escaped, text) or "~"
    if len(safe) <= _LONGEST:
        return safe
    return f"{safe[: _LONGEST - 20]}~{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _escaped(match: re.Match[str]) -> str:
    return f"!{match[0].lower()}" if "A" <= match[0] <= "Z" else f"~{ord(match[0]):x}~"


class Addresses:
    """Addresses of the rows and values of a casebook.

    Parameters
    ----------
    schema : Schema
        The tables.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._places: dict[tuple[str, str], tuple[str, str]] = {}

    def has_page(self, table: Table) -> bool:
        """Whether each row of a table has a page of its own; other rows stand on the page of the row above."""
        return not table.built and table.within in (None, self.schema.root.name)

    def holder(self, table: Table) -> Table:
        """The table whose rows have the pages on which rows of a table stand."""
        while not self.has_page(table) and table.within is not None:
            table = self.schema.table(table.within)
        return table

    def row(self, table: Table, row: str) -> str:
        """The address of a row, with the anchor of one that stands on the page of another."""
        page, anchor = self.place(table, row)
        return f"{page}#{anchor}" if anchor else page

    def value(self, table: Table, row: str, variable: str) -> str:
        """The address of the evidence of a value."""
        page, anchor = self.place(table, row)
        return f"{page}#{anchor}.{variable}" if anchor else f"{page}#{variable}"

    def place(self, table: Table, row: str) -> tuple[str, str]:
        """The page on which a row stands, and its anchor there; empty for the row to which the page belongs."""
        key = (table.name, row)
        if key not in self._places:
            self._places[key] = self._page(table, row), self._anchor(table, row)
        return self._places[key]

    def _page(self, table: Table, row: str) -> str:
        if table.shared:
            return f"{'people' if table.name == 'actors' else table.name}/{slug(row)}.html"
        home, parts = self.holder(table), row.split("/")
        if home is self.schema.root:
            return case_page(parts[0])
        depth = None if home is table else 1 + max(len(home.id), 1)
        return f"cases/{slug(parts[0])}/{home.name}/{slug('/'.join(parts[1:depth]))}.html"

    def _anchor(self, table: Table, row: str) -> str:
        if self.has_page(table) or table.shared:
            return ""
        inside = 1 + max(len(self.holder(table).id), 1)
        return ".".join([table.name, *map(slug, row.split("/")[inside:])])


def case_page(case: str) -> str:
    """The page of a case."""
    return f"cases/{slug(case)}/index.html"


def variable_page(table: str, variable: str, case: str | None = None) -> str:
    """The page of a variable, or its page for one case."""
    return f"variables/{slug(table)}.{slug(variable)}{f'/{slug(case)}' if case else ''}.html"


def source_page(key: str, number: int = 1) -> str:
    """The page of a published source, or a further one of it."""
    return f"sources/{slug(key)}{f'/{number}' if number > 1 else ''}.html"


def relative(folder: str, address: str) -> str:
    """An address as a link from a page in a folder.

    Examples
    --------
    >>> relative("cases/a", "sources/b.html#top"), relative("cases/a", "#top")
    ('../../sources/b.html#top', '#top')
    """
    page, mark, anchor = address.partition("#")
    return f"{_way(folder, page) if page else ''}{mark}{anchor}"


@lru_cache(maxsize=100_000)
def _way(folder: str, page: str) -> str:
    above, below = folder.split("/") if folder else [], page.split("/")
    shared = len(posixpath.commonprefix([above, below[:-1]]))
    return "/".join([*[".."] * (len(above) - shared), *below[shared:]])
