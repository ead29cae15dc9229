"""Citations in narratives, which are Markdown with keys of sources: ``[@roe1999envoys; @doe2001talks]``."""

from __future__ import annotations

import re
from collections.abc import Callable

CITATION = re.compile(r"\[(@[^\]]+)\]")
_WITH_SPACE = re.compile(rf"\s*{CITATION.pattern}")
_KEY = re.compile(r"@([a-z][a-z0-9]*)")


def cited_keys(text: str) -> list[str]:
    """Keys of the sources cited in a text.

    Examples
    --------
    >>> cited_keys("They met in May [@roe1999envoys; @doe2001talks].")
    ['roe1999envoys', 'doe2001talks']
    """
    return _KEY.findall(text)


def without_citations(text: str) -> str:
    """The text without its citations, and without the space before each.

    Examples
    --------
    >>> without_citations("They met [@roe1999envoys]. Then they wrote\\n[@doe2001talks].")
    'They met. Then they wrote.'
    """
    return _WITH_SPACE.sub("", text)


def replace_citations(text: str, shown: Callable[[list[str]], str]) -> str:
    """The text with every citation replaced by what is made of its keys.

    Examples
    --------
    >>> replace_citations("They met [@roe1999envoys].", lambda keys: f"({len(keys)} source)")
    'They met (1 source).'
    """
    return CITATION.sub(lambda match: shown(cited_keys(match[1])), text)
