"""Bibliographies in the forms that papers and reference managers take, cut from what a build wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from casebook._support.folding import MANY, folded
from casebook.errors import CasebookError, UnknownNameError
from casebook.sources.hypertext import hypertext
from casebook.sources.release import release_in_apa, release_in_bibtex, release_in_chicago, release_item
from casebook.sources.ris import to_ris

if TYPE_CHECKING:
    from casebook.model.metadata import Metadata
    from casebook.releases.store import Store

_NOTHING = "No sources: nothing that was asked about rests on a published source."
STYLES = ("apa", "chicago", "bibtex", "ris", "csl-json")


class Bibliography(list[str]):
    """Citations, in order; a list of texts that shows itself in notebooks and terminals.

    Attributes
    ----------
    style : str
        One of ``apa``, ``chicago``, ``bibtex``, ``ris`` and ``csl-json``.
    works : mapping of dict
        Works in CSL-JSON by citation, which tell what a notebook shows in italics.
    """

    def __init__(self, citations: Iterable[str], style: str, works: Mapping[str, Mapping[str, Any]] | None = None):
        super().__init__(citations)
        self.style, self.works = style, works or {}

    def __str__(self) -> str:
        if self.style == "csl-json":
            return "[" + ",\n".join(self) + "]"
        return ("\n" if self.style in ("apa", "chicago") else "\n\n").join(self)

    def __repr__(self) -> str:
        return str(self) if self else _NOTHING

    def _repr_html_(self) -> str:
        if not self:
            return f"<p>{_NOTHING}</p>"
        if self.style in ("apa", "chicago"):
            shown = (hypertext(citation, self.works.get(citation, {})) for citation in self)
            points = "".join(f"<li>{citation}</li>" for citation in shown)
            html = f"<ul class='casebook' style='max-width:60em;overflow-wrap:break-word'>{points}</ul>"
        else:
            html = f"<pre>{escape(str(self))}</pre>"
        return html if len(self) <= MANY else folded("Sources", html, len(self))


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
    if style in ("apa", "chicago"):
        text = release_in_apa(item) if style == "apa" else release_in_chicago(item)
        citation = f"{text} {item['note']}."
        return Bibliography([citation], style, {citation: item})
    forms = {"bibtex": release_in_bibtex, "ris": to_ris, "csl-json": _json}
    return Bibliography([forms[style](item)], style)


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
    CasebookError
        If the casebook was built before its table of sources had citations in this style.
    """
    _known(style)
    if style in ("apa", "chicago"):
        sources = store.read("sources")
        column = "citation" if style == "apa" else "citation_chicago"
        if column not in sources:
            raise CasebookError(f"{store.folder} was built without {column}; build it again, or take another style")
        cited = sources.loc[sources["source_id"].isin(keys), ["source_id", column]]
        works = {text: store.csl.get(key, {}) for key, text in cited.itertuples(index=False)}
        return Bibliography(sorted(cited[column], key=str.casefold), style, works)
    if style == "bibtex":
        return Bibliography([store.bibtex[key] for key in sorted(keys)], style)
    form = to_ris if style == "ris" else _json
    return Bibliography([form(store.csl[key]) for key in sorted(keys)], style)


def _known(style: str) -> None:
    if style not in STYLES:
        raise UnknownNameError("citation style", style, STYLES)


def _json(item: Mapping[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False, indent=1)
