"""Pieces of text that every display in a terminal shares."""

from __future__ import annotations

import textwrap

from casebook.model.texts import visible

WIDTH = 80


def wrapped(text: str, width: int, indent: str = "", further: str | None = None) -> list[str]:
    """Lines of at most `width` characters, longer words such as addresses excepted.

    Examples
    --------
    >>> wrapped("a line by way of a broker", 16, "  ", "    ")
    ['  a line by way', '    of a broker']
    """
    return textwrap.wrap(
        visible(text),
        width,
        initial_indent=indent,
        subsequent_indent=indent if further is None else further,
        break_long_words=False,
        break_on_hyphens=False,
    )
