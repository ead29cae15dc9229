"""The bibliography: from ``sources.bib`` to checked rows, CSL-JSON and citations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pybtex.errors
from pybtex.database import BibliographyDataError, Entry, Person
from pybtex.database.input import bibtex
from pybtex.richtext import Text
from pybtex.scanner import PybtexSyntaxError

from casebook.authoring.marked import read_text
from casebook.errors import Mark, Problems, suggestion
from casebook.model.dates import bounds
from casebook.model.schema import Table

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
    ],
}
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


@dataclass(frozen=True)
class Source:
    """One entry of the bibliography, checked."""

    key: str
    mark: Mark
    row: dict[str, Any]
    csl: dict[str, Any]


def read_bibliography(path: Path, table: Table, problems: Problems) -> dict[str, Source]:
    """Read and check a BibTeX file.

    Parameters
    ----------
    path : Path
        The file, in BibTeX with EDTF dates under ``date``.
    table : Table
        The table ``sources`` of the schema.
    problems : Problems
        Receives syntax errors, duplicate keys, unknown or missing fields, impossible dates.

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
    lines = _lines_of_keys(text)
    parser = bibtex.Parser()
    with pybtex.errors.capture() as captured:
        parser.parse_string(text)
    for warning in captured:
        if isinstance(warning, PybtexSyntaxError):
            mark = Mark(name, warning.lineno or 1)
            problems.add(mark, "sources", f"BibTeX: {warning.args[0]}; check the braces and commas near this line")
            continue
        key = next((key for key in lines if key in str(warning)), "")
        message = "the key stands twice; keep one entry" if isinstance(warning, BibliographyDataError) else str(warning)
        problems.add(Mark(name, lines.get(key, [1])[-1]), f"sources.{key}", f"BibTeX: {message}")
    sources = {}
    for key in sorted(parser.data.entries):
        entry = parser.data.entries[key]
        mark = Mark(name, lines.get(key, [1])[0])
        if _check(key, entry, table, mark, problems):
            sources[key] = _source(key, entry, mark)
    return sources


def _lines_of_keys(text: str) -> dict[str, list[int]]:
    lines: dict[str, list[int]] = {}
    for match in re.finditer(r"^\s*@\w+\s*\{\s*([^,\s]+)", text, re.MULTILINE):
        lines.setdefault(match[1], []).append(text.count("\n", 0, match.start(1)) + 1)
    return lines


def _check(key: str, entry: Entry, table: Table, mark: Mark, problems: Problems) -> bool:
    before = len(problems.found)
    where = f"sources.{key}"
    if not re.fullmatch(table.field("source_id").constraints.pattern or "", key):
        problems.add(mark, where, "a key is lower-case letters and digits, beginning with a letter")
    if entry.type not in REQUIRED:
        problems.add(mark, where, f"unknown type @{entry.type}{suggestion(entry.type, REQUIRED)}")
        return False
    given = {*entry.fields, *entry.persons}
    for name in given - FIELDS:
        problems.add(mark, where, f"unknown field {name!r}{suggestion(name, sorted(FIELDS))}")
    for names in REQUIRED[entry.type]:
        if not any(entry.fields.get(name) or entry.persons.get(name) for name in names.split("|")):
            problems.add(mark, where, f"@{entry.type} needs {names.replace('|', ' or ')}")
    for name in ("kind", "consulted"):
        value, allowed = entry.fields.get(name, ""), table.field(name).values
        if value not in allowed:
            problems.add(mark, where, f"unknown {name} {value!r}{suggestion(value, allowed)}")
    for name in ("date", "origdate"):
        if name in entry.fields:
            try:
                bounds(entry.fields[name])
            except ValueError as error:
                problems.add(mark, where, f"{name}: {error}")
    return len(problems.found) == before


def plain(latex: str) -> str:
    """Text without LaTeX markup.

    Examples
    --------
    >>> plain(r"Agents {\\&} Envoys, 1961--1963")
    'Agents & Envoys, 1961–1963'
    """
    return str(Text.from_latex(latex)).replace(r"\$", "$").strip()


def _source(key: str, entry: Entry, mark: Mark) -> Source:
    texts = {name: plain(value) if name not in ("url", "doi") else value for name, value in entry.fields.items()}
    container = next(
        (
            texts[n]
            for n in ("journal", "booktitle", "howpublished", "publisher", "institution", "school")
            if n in texts
        ),
        None,
    )
    row = {
        "source_id": key,
        "entry_type": entry.type,
        "kind": texts["kind"],
        "consulted": texts["consulted"],
        "author": "; ".join(_name(p) for p in entry.persons.get("author", entry.persons.get("editor", []))) or None,
        "title": texts["title"],
        "container": container,
        "date": texts.get("date"),
        "doi": texts.get("doi"),
        "url": texts.get("url"),
        "language": texts.get("langid", "english"),
        "note": texts.get("note"),
    }
    return Source(key, mark, row, _csl(key, entry, texts))


def _name(person: Person) -> str:
    family = plain(" ".join([*person.prelast_names, *person.last_names]))
    given = plain(" ".join([*person.first_names, *person.middle_names]))
    return ", ".join(part for part in (family, given, plain(" ".join(person.lineage_names))) if part)


def _csl(key: str, entry: Entry, texts: dict[str, str]) -> dict[str, Any]:
    """The entry in CSL-JSON."""
    kind = CSL_TYPES[entry.type]
    if entry.type == "article" and texts["kind"] == "journalism":
        kind = "article-newspaper"
    item: dict[str, Any] = {"id": key, "type": kind}
    for role in ("author", "editor"):
        if role in entry.persons:
            item[role] = [_csl_name(person) for person in entry.persons[role]]
    pairs = {
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
    item.update({theirs: texts[ours] for ours, theirs in pairs.items() if ours in texts})
    if "number" in texts:
        item["issue" if entry.type == "article" else "number"] = texts["number"]
    if "date" in texts:
        item["issued"] = _date_parts(texts["date"])
    if "origdate" in texts:
        item["original-date"] = _date_parts(texts["origdate"])
    return item


def _csl_name(person: Person) -> dict[str, str]:
    given = plain(" ".join([*person.first_names, *person.middle_names]))
    family = plain(" ".join([*person.prelast_names, *person.last_names]))
    return {"family": family, "given": given} if given else {"literal": family}


def _date_parts(text: str) -> dict[str, Any]:
    parts = [[int(n) for n in re.findall(r"\d+", part)] for part in text.split("/") if re.search(r"\d", part)]
    parts = [
        [year, *[n for n in rest[:1] if n <= 12], *(rest[1:2] if rest and rest[0] <= 12 else [])]
        for year, *rest in parts
    ]
    return {"date-parts": parts, **({"circa": True} if "~" in text else {})}
