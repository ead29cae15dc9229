"""Addresses: of a cell in a casebook, of a row or variable named in a list, and of a place in a source."""

from __future__ import annotations

import re
from typing import NamedTuple

_LINK = re.compile(r"([a-z_]+):([^#]+)(?:#([a-z_]+))?")
_REFERENCE = re.compile(r"([a-z][a-z0-9]*)(?:\[([^\[\]]+)\])?")


def case_of(row: str) -> str:
    """The case to which the identifier of a row belongs.

    Examples
    --------
    >>> case_of("oslo-1993/oslo-track-two")
    'oslo-1993'
    """
    return row.partition("/")[0]


class Cell(NamedTuple):
    """One cell of a casebook.

    Examples
    --------
    >>> print(Cell("channels", "oslo-1993/egypt", "result"))
    channels/oslo-1993/egypt#result
    """

    table: str
    row: str
    variable: str

    def __str__(self) -> str:
        return f"{self.table}/{self.row}#{self.variable}"

    @property
    def name(self) -> str:
        """Table and variable, as ``channels.result``."""
        return f"{self.table}.{self.variable}"


class Link(NamedTuple):
    """A row, or one of its variables, as lists of references name it.

    Examples
    --------
    >>> Link.parse("channels:oslo-1993/egypt#result").variable
    'result'
    >>> print(Link("cases", "oslo-1993", None))
    cases:oslo-1993
    """

    table: str
    row: str
    variable: str | None

    @classmethod
    def parse(cls, text: str) -> Link:
        """Read ``table:row`` or ``table:row#variable``.

        Raises
        ------
        ValueError
            If the text is neither.
        """
        match = _LINK.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} does not have the form table:row or table:row#variable")
        return cls(match[1], match[2], match[3])

    def __str__(self) -> str:
        return f"{self.table}:{self.row}" + (f"#{self.variable}" if self.variable else "")


class Reference(NamedTuple):
    """A source and, where it was seen, the place in it.

    Examples
    --------
    >>> Reference.parse("doe2001talks[pp. 4-6]")
    Reference(source='doe2001talks', locator='pp. 4-6')
    >>> print(Reference("doe2001talks", None))
    doe2001talks
    """

    source: str
    locator: str | None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read ``key`` or ``key[place]``.

        Raises
        ------
        ValueError
            If the text is neither.
        """
        match = _REFERENCE.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} does not have the form key or key[place]")
        return cls(match[1], match[2])

    def __str__(self) -> str:
        return f"{self.source}[{self.locator}]" if self.locator else self.source
