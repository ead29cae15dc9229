"""Citations as HTML: the title that stands for the whole work in italics, addresses as links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;]")
_QUOTES = "'‘’\"“”"


def hypertext(citation: str, item: Mapping[str, Any]) -> str:
    """A citation in APA or Chicago as HTML.

    Parameters
    ----------
    citation : str
        The citation in plain text.
    item : dict
        The work in CSL-JSON. Of a part, such as an article or a chapter, the whole in which it stands is in italics;
        otherwise its own title is, unless the style puts it in quotation marks.

    Returns
    -------
    str
        The same text, escaped, with ``<i>`` and ``<a>``.

    Examples
    --------
    >>> hypertext("Roe, J. (1999). Envoys. Press. https://a.org/b", {"title": "Envoys"})
    'Roe, J. (1999). <i>Envoys</i>. Press. <a href="https://a.org/b">https://a.org/b</a>'
    """
    address = _ADDRESS.search(citation)
    end = address.start() if address else len(citation)
    slanted = _slanted(citation[:end], item)
    if slanted is None:
        return _linked(citation)
    first, last = slanted
    return f"{escape(citation[:first])}<i>{escape(citation[first:last])}</i>{_linked(citation[last:])}"


def _slanted(text: str, item: Mapping[str, Any]) -> tuple[int, int] | None:
    """From where to where a text is in italics."""
    whole = item.get("container-title")
    if whole:
        volume = rf"(?:, {re.escape(str(item['volume']))}(?=[(,.]))?" if "volume" in item else ""
        found = [match.span() for match in re.finditer(_pattern(whole) + volume, text)]
        return found[-1] if found else None
    title = re.search(_pattern(item["title"]), text) if item.get("title") else None
    return title.span() if title and text[: title.start()][-1:] not in ("“", "‘") else None


def _pattern(text: str) -> str:
    """The text, whichever quotation marks a style has put in place of its own, not within a word."""
    marks = f"[{_QUOTES}]"
    pieces = (marks if letter in _QUOTES else re.escape(letter) for letter in text)
    return rf"(?<!\w){''.join(pieces)}(?!\w)"


def _linked(text: str) -> str:
    parts, place = [], 0
    for match in _ADDRESS.finditer(text):
        address = escape(match[0])
        parts += [escape(text[place : match.start()]), f'<a href="{address}">{address}</a>']
        place = match.end()
    return "".join([*parts, escape(text[place:])])
