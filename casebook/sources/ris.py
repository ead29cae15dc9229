"""RIS, which reference managers import, from CSL-JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES = {
    "article-journal": "JOUR",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "dataset": "DATA",
    "document": "GEN",
    "manuscript": "UNPB",
    "paper-conference": "CPAPER",
    "report": "RPRT",
    "thesis": "THES",
    "webpage": "ELEC",
}
_TAGS = {
    "title": "TI",
    "container-title": "T2",
    "collection-title": "T3",
    "publisher": "PB",
    "publisher-place": "CY",
    "volume": "VL",
    "issue": "IS",
    "number": "IS",
    "edition": "ET",
    "version": "ET",
    "ISBN": "SN",
    "DOI": "DO",
    "genre": "M3",
    "URL": "UR",
    "note": "N1",
}


def to_ris(item: Mapping[str, Any]) -> str:
    """One work in RIS.

    Parameters
    ----------
    item : dict
        A CSL-JSON item.

    Returns
    -------
    str
        Its lines, from ``TY`` to ``ER``.

    Examples
    --------
    >>> print(to_ris({"id": "a", "type": "book", "title": "Envoys", "author": [{"family": "Roe", "given": "Jo"}],
    ...               "issued": {"date-parts": [[1999, 5]]}}))
    TY  - BOOK
    ID  - a
    AU  - Roe, Jo
    PY  - 1999
    DA  - 1999/05
    TI  - Envoys
    ER  -
    """
    lines = [("TY", _TYPES[item["type"]]), ("ID", item["id"])]
    lines += [("AU", _name(who)) for who in item.get("author", [])]
    lines += [("A2", _name(who)) for who in item.get("editor", [])]
    lines += _dates(item.get("issued", {}))
    lines += [(tag, str(item[name])) for name, tag in _TAGS.items() if name in item]
    lines += _pages(item.get("page", ""))
    return "\n".join([*(f"{tag}  - {' '.join(text.split())}" for tag, text in lines), "ER  - "])


def _name(who: Mapping[str, str]) -> str:
    return who.get("literal") or ", ".join(who[part] for part in ("family", "given", "suffix") if part in who)


def _dates(issued: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "literal" in issued:
        yield "PY", issued["literal"]
    for parts in issued.get("date-parts", [])[:1]:
        year, *rest = parts
        yield "PY", f"{year:04}"
        if rest:
            yield "DA", "/".join([f"{year:04}", *(f"{part:02}" for part in rest)])


def _pages(pages: str) -> Iterator[tuple[str, str]]:
    """First and last page; a hyphen parts them only where no dash does, for pages may be numbered 4-1."""
    first, *last = re.split("–|--" if re.search("–|--", pages) else "-", pages)
    if first:
        yield "SP", first.strip()
    if len(last) == 1:
        yield "EP", last[0].strip()
