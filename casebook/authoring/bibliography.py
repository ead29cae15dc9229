"""The bibliography: from ``sources.bib`` to checked rows, CSL-JSON and citations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from casebook._support.cache import key_of
from casebook.authoring.bibtex import VERBATIM, Entry, Name, normalized, plain, read_bibtex, read_names, verbatim
from casebook.authoring.marked import read_text
from casebook.errors import Mark, Problems, suggestion
from casebook.model.dates import Date
from casebook.model.links import not_a_doi, not_an_address
from casebook.model.schema import Table
from casebook.model.texts import says_nothing
from casebook.sources.labels import year_of

REQUIRED: dict[str, tuple[str, ...]] = {
    "article": ("author", "title", "journal", "date"),
    "book": ("author|editor", "title", "publisher", "date"),
    "incollection": ("author", "title", "booktitle", "publisher", "date"),
    "inbook": ("author|editor", "title", "chapter|pages", "publisher", "date"),
    "inproceedings": ("author", "title", "booktitle", "date"),
    "techreport": ("author", "title", "institution", "date"),
    "phdthesis": ("author", "title", "school", "date"),
    "mastersthesis": ("author", "title", "school", "date"),
    "unpublished": ("author", "title", "note"),
    "misc": ("title", "howpublished", "date"),
    "online": ("title", "url"),
}
FIELDS = {
    *[
        "author",
        "editor",
        "title",
        "booktitle",
        "journal",
        "series",
        "volume",
        "number",
        "pages",
        "chapter",
        "edition",
        "publisher",
        "address",
    ],
    *[
        "institution",
        "school",
        "howpublished",
        "date",
        "origdate",
        "doi",
        "isbn",
        "url",
        "note",
        "langid",
        "kind",
        "consulted",
        "reliability",
    ],
}
MEANT = {
    **dict.fromkeys(("year", "month", "day", "issued"), "date, for instance date = {2001-05}"),
    **{"journaltitle": "journal", "location": "address", "type": "note", "urldate": "note", "eprint": "url"},
}
"""Fields of other bibliographies, and what is written here instead."""
JUDGED = ("kind", "consulted", "reliability")
CSL_TYPES = {
    "article": "article-journal",
    "book": "book",
    "incollection": "chapter",
    "inbook": "chapter",
    "inproceedings": "paper-conference",
    "techreport": "report",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "unpublished": "document",
    "misc": "document",
    "online": "webpage",
}
CSL_FIELDS = {
    "title": "title",
    "journal": "container-title",
    "booktitle": "container-title",
    "series": "collection-title",
    "volume": "volume",
    "pages": "page",
    "edition": "edition",
    "publisher": "publisher",
    "institution": "publisher",
    "school": "publisher",
    "howpublished": "publisher",
    "address": "publisher-place",
    "doi": "DOI",
    "isbn": "ISBN",
    "url": "URL",
    "note": "note",
}
GENRES = {"phdthesis": "Doctoral dissertation", "mastersthesis": "Master’s thesis"}
ROLES = ("author", "editor")


@dataclass(frozen=True)
class Source:
    """One entry of the bibliography, checked: its row in the table, in CSL-JSON, and in BibTeX.

    `entry` is a key of what was written.
    """

    key: str
    mark: Mark
    row: dict[str, Any]
    csl: dict[str, Any]
    bibtex: str
    entry: str


def read_bibliography(
    path: Path, table: Table, problems: Problems, known: Mapping[str, Source] | None = None
) -> dict[str, Source]:
    """Read and check a BibTeX file.

    Parameters
    ----------
    path : Path
        The file, in BibTeX with EDTF dates under ``date``.
    table : Table
        The table ``sources`` of the schema.
    problems : Problems
        Receives syntax errors, duplicate keys, unknown or missing fields, impossible dates.
    known : mapping of Source, optional
        Sources in which nothing was wrong before, by `Source.entry`; these entries are not looked at again.

    Returns
    -------
    dict of Source
        By key, in order of key.
    """
    name = str(path)
    if not path.exists():
        problems.add(Mark(name, 1), "sources", "there is no bibliography; write a sources.bib, however short")
        return {}
    text = read_text(path, problems)
    if text is None:
        return {}
    sources = {}
    for entry in sorted(read_bibtex(text, name, problems), key=lambda entry: entry.key):
        mark = _entry_key(entry)
        if known and mark in known:
            sources[entry.key] = replace(known[mark], mark=entry.mark)
            continue
        read = _Reading(entry, problems)
        if _check(read, table):
            sources[entry.key] = _source(read)
    return sources


def _entry_key(entry: Entry) -> str:
    return key_of(entry.key, entry.type, (part for field in entry.fields.items() for part in field))


class _Reading:
    """An entry with its texts made plain and its names and dates read; what cannot be read is a problem."""

    def __init__(self, entry: Entry, problems: Problems) -> None:
        self.entry = entry
        self.problems = problems
        self.before = len(problems.found)
        self.texts: dict[str, str] = {}
        self.people: dict[str, list[Name]] = {}
        self.dates: dict[str, Date] = {}
        for name, value in entry.fields.items():
            try:
                if name in ROLES:
                    self.people[name] = read_names(value)
                else:
                    self.texts[name] = verbatim(value) if name in VERBATIM else plain(value)
                if name in ("date", "origdate"):
                    self.dates[name] = Date.parse(self.texts[name])
            except ValueError as error:
                self.problem(f"{name}: {error}")

    def problem(self, message: str) -> None:
        self.problems.add(self.entry.mark, f"sources.{self.entry.key}", message)

    @property
    def sound(self) -> bool:
        return len(self.problems.found) == self.before


def _check(read: _Reading, table: Table) -> bool:
    entry = read.entry
    if not re.fullmatch(table.field("source_id").constraints.pattern or "", entry.key):
        read.problem("a key is lower-case letters and digits, beginning with a letter")
    if entry.type not in REQUIRED:
        read.problem(f"unknown type @{entry.type}{suggestion(entry.type, REQUIRED)}")
        return False
    for name, value in entry.fields.items():
        if name not in FIELDS:
            advice = f"; write {MEANT[name]}" if name in MEANT else suggestion(name, sorted(FIELDS))
            read.problem(f"unknown field {name!r}{advice}")
        elif not value.strip("{} "):
            read.problem(f"{name} is empty; write it, or take it out")
        elif message := says_nothing(value.strip("{}")) or _misshapen(name, read.texts.get(name, "")):
            read.problem(f"{name}: {message}")
    for names in REQUIRED[entry.type]:
        if not any(entry.fields.get(name) for name in names.split("|")):
            read.problem(f"@{entry.type} needs {names.replace('|', ' or ')}")
    for name in JUDGED:
        value, allowed = entry.fields.get(name, ""), table.field(name).values
        if value not in allowed:
            read.problem(f"unknown {name} {value!r}{suggestion(value, allowed)}")
    return read.sound


def _misshapen(name: str, text: str) -> str | None:
    """Why a code, address or page is none, though it is a text."""
    if name in ("doi", "url"):
        return not_a_doi(text) if name == "doi" else not_an_address(text)
    if name == "langid" and not re.fullmatch("[a-z]{3,}", text):
        return f"{text!r} is no language; write its English name in lower case, for instance german"
    if name == "isbn" and not all(map(_is_isbn, re.split(r"[,;\s]+", text))):
        return f"{text!r} is no ISBN, for the last digit does not follow from the others; compare it with the book"
    for part in re.split("[,;]", text) if name == "pages" else ():
        first, dash, last = re.sub("–|—|---?", "–", part.strip()).partition("–")
        if re.match(r"pp?\.", first) or (dash and not (first and last)) or not first:
            return f"{text!r} are no pages; write for instance 12 or 12--19"
        first, last = first.strip(), last.strip()
        if first.isdecimal() and last.isdecimal() and int(first[: -len(last)] + last) < int(first):
            return f"{text!r} run backwards; write the first page and then the last"
    return None


def _is_isbn(text: str) -> bool:
    digits = text.replace("-", "").upper()
    if re.fullmatch("[0-9]{9}[0-9X]", digits):
        return sum((10 - n) * (10 if digit == "X" else int(digit)) for n, digit in enumerate(digits)) % 11 == 0
    return (
        bool(re.fullmatch("[0-9]{13}", digits)) and sum(int(d) * (1, 3)[n % 2] for n, d in enumerate(digits)) % 10 == 0
    )


def _source(read: _Reading) -> Source:
    entry, texts = read.entry, read.texts
    csl = _csl(read)
    people = read.people.get("author") or read.people.get("editor", [])
    row = {
        "source_id": entry.key,
        "entry_type": entry.type,
        "kind": texts["kind"],
        "consulted": texts["consulted"],
        "reliability": texts["reliability"],
        "author": "; ".join(map(str, people)) or None,
        "title": csl["title"],
        "container": csl.get("container-title") or csl.get("publisher"),
        "date": texts.get("date"),
        "doi": texts.get("doi"),
        "url": texts.get("url"),
        "language": texts.get("langid", "english"),
        "note": texts.get("note"),
    }
    year = {} if "issued" not in csl or "year" in entry.fields else {"year": year_of(csl).removeprefix("ca. ")}
    return Source(entry.key, entry.mark, row, csl, normalized(entry, **year), _entry_key(entry))


def _csl(read: _Reading) -> dict[str, Any]:
    """The entry in CSL-JSON."""
    entry, texts = read.entry, read.texts
    kind = CSL_TYPES[entry.type]
    if entry.type == "article" and texts["kind"] == "journalism":
        kind = "article-newspaper"
    item: dict[str, Any] = {"id": entry.key, "type": kind}
    item.update({role: [_csl_name(name) for name in people] for role, people in read.people.items()})
    item.update({theirs: texts[ours] for ours, theirs in CSL_FIELDS.items() if texts.get(ours)})
    if entry.type == "inbook":
        item.update(_part(texts))
    if entry.type in GENRES:
        item["genre"] = GENRES[entry.type]
    if texts.get("number"):
        item["issue" if entry.type == "article" else "number"] = texts["number"]
    for ours, theirs in (("date", "issued"), ("origdate", "original-date")):
        if ours in read.dates:
            item[theirs] = read.dates[ours].to_csl()
    return item


def _part(texts: dict[str, str]) -> dict[str, str]:
    """A part of a book, which BibTeX gives by number, title or pages under the title of the book."""
    book, chapter = texts["title"], texts.get("chapter", "")
    if re.fullmatch(r"[0-9]+|[IVXLC]+", chapter):
        return {"title": f"[Chapter {chapter}]", "chapter-number": chapter, "container-title": book}
    return {"title": chapter or f"[Pages {texts['pages']}]", "container-title": book}


def _csl_name(name: Name) -> dict[str, Any]:
    if not name.given:
        return {"literal": str(name)}
    suffix = {"suffix": name.suffix} if name.suffix else {}
    return {"family": name.family, "given": name.given, **suffix}
