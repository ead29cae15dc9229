"""The bibliography and its citations, made anew only where ``sources.bib`` is another, and there entry by entry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from casebook._support.cache import Cache, key_of
from casebook.authoring.bibliography import Source, read_bibliography
from casebook.authoring.kept import as_json, contents
from casebook.errors import Mark, Problems
from casebook.model.schema import Table
from casebook.sources.citing import STYLES, Citations, remember
from casebook.sources.labels import labels


@dataclass(frozen=True)
class Library:
    """Sources by key, and their citations by style and key; and under which key they are kept."""

    key: str | None
    sources: Mapping[str, Source]
    citations: Mapping[str, Mapping[str, str]] | Citations

    @property
    def csl(self) -> list[dict[str, Any]]:
        """The sources in CSL-JSON."""
        return [source.csl for source in self.sources.values()]

    @property
    def bibtex(self) -> str:
        """The sources in BibTeX, each written in the same form."""
        return "".join(f"{source.bibtex}\n\n" for source in self.sources.values())

    def rows(self, uses: Mapping[str, int]) -> Iterator[dict[str, Any]]:
        """Rows of the table ``sources``, given how many entries of evidence cite each."""
        apa, chicago, named = self.citations["apa"], self.citations["chicago"], labels(self.csl)
        for key, source in self.sources.items():
            yield {
                **source.row,
                "cited_as": str(named[key]),
                "citation": apa[key],
                "citation_chicago": chicago[key],
                "evidence_count": uses.get(key, 0),
            }


def read_library(path: Path, table: Table, problems: Problems, cache: Cache, basis: str) -> Library:
    """Read and check a bibliography, or take what was kept; citations are formatted while the caller goes on.

    Parameters
    ----------
    path : Path
        The file ``sources.bib``.
    table : Table
        The table ``sources`` of the schema.
    problems : Problems
        Receives what is wrong.
    cache : Cache
        Where `keep` has put what was made before.
    basis : str
        A key of the code and the codebook.
    """
    key = _key(path, basis)
    kept = _kept(key, path, cache) if key else None
    if kept is not None:
        return kept
    before = cache.get(_before(path, basis))
    last = _kept(before["key"].decode(), path, cache) if before else None
    if last is not None:
        remember(last.csl, last.citations)
    known = {source.entry: source for source in last.sources.values()} if last else {}
    sources = read_bibliography(path, table, problems, known)
    return Library(key, sources, Citations([source.csl for source in sources.values()]))


def keep(library: Library, path: Path, cache: Cache, basis: str) -> None:
    """Keep a bibliography in which nothing was wrong, as read from a file that is still the same."""
    if library.key is None or library.key != _key(path, basis):
        return
    if isinstance(library.citations, Citations):
        sources = [{**asdict(source), "mark": source.mark.line} for source in library.sources.values()]
        citations = {style: library.citations[style] for style in STYLES}
        cache.put(library.key, {"library.json": as_json({"sources": sources, "citations": citations})})
    newest = {"key": library.key.encode()}
    if cache.get(_before(path, basis)) != newest:
        cache.put(_before(path, basis), newest)


def _kept(key: str, path: Path, cache: Cache) -> Library | None:
    if (files := cache.get(key)) is None:
        return None
    made, mark = json.loads(files["library.json"]), str(path)
    sources = {item["key"]: Source(**{**item, "mark": Mark(mark, item["mark"])}) for item in made["sources"]}
    return Library(key, sources, made["citations"])


def _before(path: Path, basis: str) -> str:
    """Under what it is kept which bibliography was read last from a path."""
    return key_of(basis, "library before", str(path.resolve()))


def _key(path: Path, basis: str) -> str | None:
    files = contents([path])
    return None if files is None else key_of(basis, "library", files)
