"""Bibliographies in the forms that papers and reference managers take, made from CSL-JSON and BibTeX."""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from casebook.errors import UnknownNameError

if TYPE_CHECKING:
    from pybtex.database import Entry

    from casebook.model.metadata import Contributor, Metadata
    from casebook.releases.store import Store

STYLES = ("apa", "chicago", "bibtex", "ris", "csl-json")
_RIS_TYPES = {
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
_RIS_FIELDS = {
    "title": "title",
    "container-title": "secondary_title",
    "collection-title": "tertiary_title",
    "publisher": "publisher",
    "publisher-place": "place_published",
    "volume": "volume",
    "issue": "number",
    "number": "number",
    "page": "start_page",
    "edition": "edition",
    "version": "edition",
    "ISBN": "issn",
    "DOI": "doi",
    "genre": "type_of_work",
}


class Bibliography(list[str]):
    """Citations, in order; a list of texts that shows itself in notebooks and terminals.

    Attributes
    ----------
    style : str
        One of ``apa``, ``chicago``, ``bibtex``, ``ris`` and ``csl-json``.
    """

    def __init__(self, citations: Sequence[str], style: str) -> None:
        super().__init__(citations)
        self.style = style

    def __str__(self) -> str:
        if self.style == "csl-json":
            return "[" + ",\n".join(self) + "]"
        return ("\n" if self.style in ("apa", "chicago") else "\n\n").join(self)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        if self.style in ("apa", "chicago"):
            return "<ul class='casebook'>" + "".join(f"<li>{escape(item)}</li>" for item in self) + "</ul>"
        return f"<pre>{escape(str(self))}</pre>"


def release_reference(about: Metadata, digest: str, style: str) -> Bibliography:
    """The citation of a release, with version, date and content digest.

    Parameters
    ----------
    about : Metadata
        Title, authors, version, date and, where one is recorded, DOI.
    digest : str
        Content digest of the release.
    style : str
        One of `STYLES`.

    Returns
    -------
    Bibliography
        One citation.

    Raises
    ------
    UnknownNameError
        If there is no such style.
    """
    _known(style)
    item = release_item(about, digest)
    if style == "bibtex":
        return Bibliography([_bibtex({item["id"]: _release_entry(about, item)})], style)
    if style in ("ris", "csl-json"):
        return Bibliography([_ris(item) if style == "ris" else _json(item)], style)
    from casebook.sources.citing import format_sources

    text = format_sources([item], style)[item["id"]]
    return Bibliography([f"{text} {item['note']}."], style)


def release_item(about: Metadata, digest: str) -> dict[str, Any]:
    """The release in CSL-JSON."""
    released = f"Released {about.released.isoformat()}. " if about.released else ""
    item: dict[str, Any] = {
        "id": f"{about.name}-{about.version}",
        "type": "dataset",
        "title": about.title,
        "author": [_csl_name(author) for author in about.authors] or [{"literal": "Unknown author"}],
        "version": about.version,
        "genre": "Data set",
        "note": f"{released}Content digest sha256:{digest}",
        "DOI": about.doi,
        "URL": about.homepage,
    }
    if about.released:
        item["issued"] = {"date-parts": [[about.released.year, about.released.month, about.released.day]]}
    return {key: value for key, value in item.items() if value}


def _csl_name(author: Contributor) -> dict[str, str]:
    if author.family and author.given:
        return {"family": author.family, "given": author.given}
    return {"literal": author.name}


def source_references(store: Store, keys: set[str], style: str) -> Bibliography:
    """Citations of published sources.

    Parameters
    ----------
    store : Store
        The built casebook.
    keys : set of str
        Keys of sources.
    style : str
        One of `STYLES`.

    Returns
    -------
    Bibliography
        By author in APA and Chicago, by key otherwise.

    Raises
    ------
    UnknownNameError
        If there is no such style.
    """
    _known(style)
    if style == "apa":
        sources = store.read("sources")
        return Bibliography(sorted(sources.loc[sources["source_id"].isin(keys), "citation"], key=str.casefold), style)
    if style == "bibtex":
        entries = store.bibtex
        return Bibliography([_bibtex({key: entries[key]}) for key in sorted(keys)], style)
    items = [store.csl[key] for key in sorted(keys)]
    if style == "chicago":
        from casebook.sources.citing import format_sources

        return Bibliography(sorted(format_sources(items, style).values(), key=str.casefold), style)
    return Bibliography([_ris(item) if style == "ris" else _json(item) for item in items], style)


def _known(style: str) -> None:
    if style not in STYLES:
        raise UnknownNameError("citation style", style, STYLES)


def _json(item: Mapping[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False, indent=1)


def _release_entry(about: Metadata, item: Mapping[str, Any]) -> Entry:
    import latexcodec  # noqa: F401 (registers the codec)
    from pybtex.database import Entry, Person

    fields = {
        "title": codecs.encode(item["title"], "ulatex+utf-8"),
        "version": item["version"],
        "note": f"Data set. {item['note']}",
    }
    if about.released:
        fields |= {"year": str(about.released.year), "date": about.released.isoformat()}
    fields |= {ours: item[theirs] for theirs, ours in (("DOI", "doi"), ("URL", "url")) if theirs in item}
    names = [
        f"{{{who['literal']}}}" if "literal" in who else f"{who['family']}, {who['given']}" for who in item["author"]
    ]
    authors = [Person(codecs.encode(name, "ulatex+utf-8")) for name in names]
    return Entry("misc", fields, {"author": authors})


def _bibtex(entries: Mapping[str, Entry]) -> str:
    """BibTeX; a year for styles that don't know the ``date`` of biblatex."""
    from pybtex.database import BibliographyData, Entry
    from pybtex.database.output.bibtex import Writer

    class Verbatim(Writer):  # type: ignore[misc]
        """Writes fields as they were read; pybtex would escape them, addresses included, a second time."""

        def _encode(self, text: str) -> str:
            return text

    dated = {}
    for key, entry in entries.items():
        fields = dict(entry.fields)
        if "date" in fields and fields["date"][:4].isdigit():
            fields.setdefault("year", fields["date"][:4])
        dated[key] = Entry(entry.type, fields, entry.persons)
    stream = io.StringIO()
    Verbatim(encoding="utf-8").write_stream(BibliographyData(dated), stream)
    return stream.getvalue().strip()


def _ris(item: Mapping[str, Any]) -> str:
    import rispy

    entry: dict[str, Any] = {"type_of_reference": _RIS_TYPES[item["type"]], "id": item["id"]}
    for role, field in (("author", "authors"), ("editor", "secondary_authors")):
        names = [who.get("literal") or f"{who['family']}, {who['given']}" for who in item.get(role, [])]
        entry.update({field: names} if names else {})
    entry.update({ours: item[theirs] for theirs, ours in _RIS_FIELDS.items() if theirs in item})
    first, *last = re.split(r"[-–]+", item.get("page", ""), maxsplit=1)
    if last:
        entry.update(start_page=first, end_page=last[0])
    if "issued" in item:
        parts = item["issued"]["date-parts"][0]
        entry["year"] = str(parts[0])
        if len(parts) > 1:
            entry["date"] = "/".join([str(parts[0]), *(f"{part:02}" for part in parts[1:])])
    entry.update({ours: [item[theirs]] for theirs, ours in (("URL", "urls"), ("note", "notes")) if theirs in item})
    header, _, text = rispy.dumps([entry]).partition("\n")
    assert header == "1."
    return str(text.strip())
