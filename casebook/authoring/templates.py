"""Blank coding files for a new case, written from the schemas."""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from casebook._support.files import write_files
from casebook._support.resources import packaged, schema_folder
from casebook.authoring.cases import unusable
from casebook.authoring.schemas import read_schema
from casebook.errors import CasebookError
from casebook.model.schema import Field, Schema, Table

_CASEBOOK = """\
name: {name}
title: {title}
version: 0.1.0
# Durations without an end are counted to this day: the last one whose publications you looked at, such as 2026-01-31.
reference_date:{reference_date}
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
  reliability = {scrutinized},
}
"""
_HINT = "Comments stand on lines of their own. Put text that holds ' #' or ': ' in quotes."
_EVIDENCE = """\
evidence:
  # Every value above needs at least one entry. 'on' names the variables; 'source' a key in sources.bib, with a place
  # in brackets if you saw one; 'note' the reason. A source that says otherwise goes in with 'reads'.
  - on: [{names}]
    source: doe2001talks
    confidence: low
    note: Why this value.
"""


def new_case(folder: Path, case_id: str, reference_date: dt.date | None = None) -> list[Path]:
    """Write the blank coding files of a case, and of the casebook where it has none yet.

    Parameters
    ----------
    folder : Path
        The casebook folder; made if it doesn't exist.
    case_id : str
        Name of the case: lower case, digits and hyphens.
    reference_date : date, optional
        For a new casebook: the day to which durations without an end are counted. It depends on what the coders looked
        at, not on the day of the command; where it is not given, it is left for them to fill in.

    Returns
    -------
    list of Path
        The files written. Nothing that exists is touched.

    Raises
    ------
    CasebookError
        If the name cannot be used or the case exists.
    """
    if message := unusable(case_id):
        raise CasebookError(message)
    target = folder / "cases" / case_id
    if target.exists():
        raise CasebookError(f"{target} exists already; choose another name, or edit the files there")
    schema = read_schema(schema_folder(folder))
    day = f" {reference_date.isoformat()}" if reference_date else ""
    shared = {
        "casebook.yaml": _CASEBOOK.format(name=_slug(folder), title=f"Casebook {_slug(folder)}", reference_date=day),
        "actors.yaml": _ACTORS,
        "sources.bib": _SOURCES,
    }
    if "actors.yaml" not in [table.file for table in schema]:
        del shared["actors.yaml"]
    files = {folder / name: text for name, text in shared.items() if not (folder / name).exists()}
    for table in schema:
        name = table.file or ""
        if not table.shared and name.endswith(".yaml") and name != "claims.yaml":
            files[target / name] = render(schema, table, case_id)
    write_files({path: text.encode() for path, text in files.items()})
    return list(files)


def copy_schemas(folder: Path) -> list[Path]:
    """Copy the packaged schemas into a casebook folder, so that it can have variables of its own.

    Raises
    ------
    CasebookError
        If the folder has schemas already, or cannot be written.
    """
    target = folder / "schemas"
    if target.exists():
        raise CasebookError(f"{target} exists already; add variables of your own there")
    files = {target / item.name: item.read_bytes() for item in packaged("schemas").iterdir() if item.is_file()}
    write_files(dict(sorted(files.items())))
    return sorted(files)


def render(schema: Schema, table: Table, case_id: str) -> str:
    """The blank coding file of one table."""
    head = [*_comment(f"{table.title}. {table.description}"), *_comment(_HINT)]
    if table.file == "case.yaml":
        return (
            "\n".join([*head, *_row(schema, table, {"case": case_id, "title": case_id, "short_title": case_id[:28]})])
            + "\n"
        )
    return "\n".join([*head, *_item(_row(schema, table, {}))]) + "\n"


def _row(schema: Schema, table: Table, given: dict[str, str]) -> Iterator[str]:
    skipped = {key.field for key in table.foreign_keys if key.table in (table.within, "cases")}
    names = []
    for item in table.fields:
        composed = table.id and item.name == table.primary_key
        if item.derived or composed or item.name in skipped or item.file:
            continue
        yield from _explain(item)
        if item.optional:
            yield f"# {item.key}:"
        else:
            yield f"{item.key}: {given.get(item.key, '' if item.required else 'unknown')}".rstrip()
        if item.coded and not item.optional:
            names.append(item.key)
    names += [child.under for child in schema.children(table.name) if child.parent_evidence and child.under]
    if not table.parent_evidence:
        yield from _EVIDENCE.format(names=", ".join(names)).splitlines()
    for child in schema.children(table.name):
        yield ""
        yield from _comment(f"{child.title}. {child.description}")
        if child.parent_evidence or child.complete or child.optional:
            yield f"{child.under}: []"
        else:
            yield f"{child.under}:"
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
    if item.constraints.max_length:
        form += f" At most {item.constraints.max_length} characters."
    if item.codes == "iso3166-1-alpha-3":
        form += " Three letters of ISO 3166-1, such as GBR."
    elif item.constraints.pattern and not item.edtf:
        form += f" Of the form {item.constraints.pattern}."
    yield from _comment(f"{item.title}: {item.description}{form}")
    if rule := item.rule:
        yield from _comment(f"Rule: {rule}")
    for category in item.categories:
        yield from _comment(f"  {category.value}: {category.description}")


def _comment(text: str) -> list[str]:
    indent = len(text) - len(text.lstrip())
    lines = textwrap.wrap(" ".join(text.split()), width=110 - indent)
    return [f"# {' ' * indent}{line}" for line in lines]


def _slug(folder: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "casebook"
