"""Blank coding files for a new case, written from the schemas."""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from casebook.errors import CasebookError
from casebook.resources import schema_folder
from casebook.schema import Field, Schema, Table
from casebook.schemafile import read_schema

_CASEBOOK = """\
name: {name}
title: {title}
version: 0.1.0
# Durations without an end are counted to this day.
reference_date: {today}
description: Say in a sentence what this casebook is about.
"""
_ACTORS = """\
# People and bodies of all cases, one entry each.
- actor: jane-doe
  name: Jane Doe
  sort_name: Doe, Jane
  kind: person
"""
_SOURCES = """\
@book{doe2001talks,
  author = {Doe, Jane},
  title = {Replace this entry by a source of your own},
  publisher = {Publisher},
  date = {2001},
  kind = {scholarly},
  consulted = {full},
}
"""
_EVIDENCE = """\
evidence:
  # Every value above needs at least one entry. 'on' names the variables; 'source' a key in sources.bib, with a place
  # in brackets if you saw one; 'note' the reason. A source that says otherwise goes in with 'reads'.
  - on: [{names}]
    source: doe2001talks
    confidence: low
    note: Why this value.
"""


def new_case(folder: Path, case_id: str) -> list[Path]:
    """Write the blank coding files of a case, and of the casebook where it has none yet.

    Parameters
    ----------
    folder : Path
        The casebook folder; made if it doesn't exist.
    case_id : str
        Name of the case: lower case, digits and hyphens.

    Returns
    -------
    list of Path
        The files written. Nothing that exists is touched.

    Raises
    ------
    CasebookError
        If the name cannot be used or the case exists.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", case_id):
        raise CasebookError(f"{case_id!r} cannot name a case; use lower case, digits and hyphens, as in suez-1956")
    target = folder / "cases" / case_id
    if target.exists():
        raise CasebookError(f"{target} exists already; choose another name, or edit the files there")
    schema = read_schema(schema_folder(folder))
    today = dt.date.today().isoformat()
    shared = {
        "casebook.yaml": _CASEBOOK.format(name=_slug(folder), title=f"Casebook {_slug(folder)}", today=today),
        "actors.yaml": _ACTORS,
        "sources.bib": _SOURCES,
    }
    files = {folder / name: text for name, text in shared.items() if not (folder / name).exists()}
    for table in schema:
        name = table.casebook.get("file", "")
        if not table.shared and name.endswith(".yaml") and name != "claims.yaml":
            files[target / name] = render(schema, table, case_id)
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CasebookError(f"{path} cannot be written: {error.strerror or error}") from error
    return list(files)


def render(schema: Schema, table: Table, case_id: str) -> str:
    """The blank coding file of one table."""
    head = [*_comment(f"{table.title}. {table.description}")]
    if table.casebook["file"] == "case.yaml":
        return (
            "\n".join([*head, *_row(schema, table, {"case": case_id, "title": case_id, "short_title": case_id[:28]})])
            + "\n"
        )
    return "\n".join([*head, *_item(_row(schema, table, {}))]) + "\n"


def _row(schema: Schema, table: Table, given: dict[str, str]) -> Iterator[str]:
    skipped = {key.field for key in table.foreign_keys if key.table in (table.within, "cases")}
    names = []
    for item in table.fields:
        composed = table.casebook.get("id") and item.name == table.primary_key
        if item.derived or composed or item.name in skipped or "file" in item.casebook:
            continue
        yield from _explain(item)
        if item.optional:
            yield f"# {item.key}:"
        else:
            yield f"{item.key}: {given.get(item.key, '' if item.required else 'unknown')}".rstrip()
        if item.coded and not item.optional:
            names.append(item.key)
    if not table.casebook.get("evidence"):
        yield from _EVIDENCE.format(names=", ".join(names)).splitlines()
    for child in schema.children(table.name):
        yield ""
        yield from _comment(f"{child.title}. {child.description}")
        if child.casebook.get("evidence") or child.casebook.get("complete") or child.name == "crosswalk":
            yield f"{child.casebook['under']}: []"
        else:
            yield f"{child.casebook['under']}:"
            yield from ("  " + line if line else line for line in _item(_row(schema, child, {})))


def _item(lines: Iterator[str]) -> Iterator[str]:
    """Lines of a mapping as one entry of a list."""
    begun = False
    for line in lines:
        if begun or not line or line.startswith("#"):
            yield f"  {line}" if line else line
        else:
            yield f"- {line}"
            begun = True


def _explain(item: Field) -> Iterator[str]:
    form = " A date in EDTF, such as 1962-10-27 or 1985-11~." if item.edtf else ""
    form = " yes or no." if item.type == "boolean" else form
    yield from _comment(f"{item.title}: {item.description}{form}")
    if rule := item.casebook.get("rule"):
        yield from _comment(f"Rule: {rule}")
    for category in item.categories:
        yield from _comment(f"  {category.value}: {category.description}")


def _comment(text: str) -> list[str]:
    indent = len(text) - len(text.lstrip())
    lines = textwrap.wrap(" ".join(text.split()), width=110 - indent)
    return [f"# {' ' * indent}{line}" for line in lines]


def _slug(folder: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "casebook"
