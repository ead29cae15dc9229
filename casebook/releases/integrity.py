"""Whether tables agree with each other: references, row rules, reasons for empty cells, evidence for coded ones.

What must hold is said in `casebook.model.integrity`, by which the builder checks coding files too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from casebook.model import integrity
from casebook.model.cells import Cell
from casebook.model.grades import Work, overconfident
from casebook.model.integrity import Finding
from casebook.model.schema import REASONS, Field, Schema, Table
from casebook.releases.entries import by_cell
from casebook.releases.recomputed import disagreements_with
from casebook.releases.records import BuiltRow, BuiltRows, Columns, Tables, built_rows
from casebook.sources.narrative import cited_keys

__all__ = ["Finding", "disagreements"]
_SAID = ("confidence", "basis", "reads", "note")


class Evidence(NamedTuple):
    """An entry of evidence, put together from its rows, one for each source."""

    sources: list[str]
    confidence: str
    reads: str | None
    note: str | None


def disagreements(schema: Schema, columns: Tables, reference_date: dt.date) -> Iterator[Finding]:
    """Everything in which the tables of a casebook contradict each other or their schema.

    Parameters
    ----------
    schema : Schema
        The declared tables.
    columns : mapping of mapping
        The tables that could be read, by name: plain values by column, all rows, each key once.
    reference_date : date
        Day to which durations without an end are counted.

    Yields
    ------
    Finding
        With row and variable wherever it is about one cell.
    """
    tables = [table for table in schema if table.name in columns]
    keys = {table.name: set(columns[table.name][table.primary_key]) for table in tables}
    reasons = _explained(columns["missing"]) if "missing" in columns else None
    coded = {table.name: columns[table.name] for table in tables if not table.built}
    records = built_rows(schema, coded, reasons or {})
    rows = [row for found in records.rows.values() for row in found.values()]
    yield from integrity.dangling_keys(rows, keys)
    yield from integrity.dangling_lists(rows, schema, keys)
    for table in tables:
        if table.built:
            yield from _dangling(table, columns[table.name], keys)
    yield from _rules(tables, records, columns, reasons)
    yield from integrity.backwards(records)
    yield from integrity.misdated(records)
    if len(coded) == len(schema.coded):
        yield from integrity.implied(records)
        yield from integrity.unnamed(records)
    for table, parent, left in integrity.incomplete(records):
        if table.name in columns:
            message = f"is not coded on {', '.join(left)} in {table.name}.{table.id[0]}"
            yield Finding(parent.table.name, parent.id, "", message)
    if reasons is not None:
        yield from _reasons(records, reasons, keys)
    places = by_cell(columns["evidence"], records, columns) if "evidence" in columns else {}
    if "evidence" in columns:
        yield from _evidence(records, columns["evidence"], places, keys)
    if "missing" in columns:
        yield from disagreements_with(records, columns, places, reference_date)


def _explained(missing: Columns) -> dict[Cell, str]:
    cells = map(Cell, missing["table"], missing["row"], missing["variable"])
    return {cell: reason for cell, reason in zip(cells, missing["reason"], strict=True) if all(cell)}


def _dangling(table: Table, columns: Columns, keys: Mapping[str, set[str]]) -> Iterator[Finding]:
    for key in table.foreign_keys:
        if key.table in keys:
            for row, value in zip(columns[table.primary_key], columns[key.field], strict=True):
                if value is not None and value not in keys[key.table]:
                    yield Finding(table.name, row, key.field, f"{value!r} is not in the table {key.table}")


def _rules(
    tables: list[Table], records: BuiltRows, columns: Tables, reasons: Mapping[Cell, str] | None
) -> Iterator[Finding]:
    asked = {name for table in tables for rule in table.rules for name in (table.name, *rule.parents)} & columns.keys()
    made = {name: columns[name] for name in asked if records.schema.tables[name].built}
    others = built_rows(records.schema, made, reasons or {}).rows if made else {}
    rows = {name: (others if name in made else records.rows)[name] for name in asked}
    for table in tables:
        for rule, row in integrity.broken_rules(table, rows, explained=reasons is not None) if table.rules else ():
            yield Finding(table.name, row.id, "", f"breaks the rule {rule.name}: {rule.message}")


def _reasons(records: BuiltRows, explained: Mapping[Cell, str], known: Collection[str]) -> Iterator[Finding]:
    """Every empty cell has a reason that a coder can give, and no cell with a value has one."""
    empty = set()
    for table in records.schema.coded:
        for row in records.rows[table.name].values() if table.name != "sources" else ():
            for item in table.columns:
                if row.values.get(item.name) is not None:
                    continue
                cell = Cell(table.name, row.id, item.name)
                empty.add(cell)
                if cell not in explained:
                    if not item.optional:
                        yield Finding(*cell, "is empty, and the table missing does not say why")
                elif not (item.derived or item.generated_from) and row.reasons[item.name] not in REASONS:
                    yield Finding(*cell, f"is empty as {row.reasons[item.name]}, which no coder can say")
    for cell in explained.keys() - empty:
        if cell.table in known:
            yield Finding(*cell, "the table missing explains an empty cell that is not there")


def _evidence(
    records: BuiltRows, columns: Columns, places: Mapping[Cell, tuple[int, ...]], known: Collection[str]
) -> Iterator[Finding]:
    """Coded values have evidence, evidence belongs to a cell and rests on what was opened, and sources are used."""
    said = list(zip(*(columns[name] for name in _SAID), strict=True))
    groups = {group: _together(group, said, columns["source_id"]) for group in set(places.values())}
    about: dict[tuple[str, str, str], list[Evidence]] = {cell: groups[group] for cell, group in places.items()}

    def supports(row: BuiltRow, item: Field) -> list[Evidence]:
        return about.get((row.table.name, row.id, item.name), [])

    for key, rival, reads in zip(columns["evidence_id"], columns["rival"], columns["reads"], strict=True):
        if rival != (reads is not None):
            yield Finding("evidence", key, "rival", "says something else than reads")
    rows = [row for found in records.rows.values() for row in found.values()]
    yield from integrity.unsupported(rows, supports)
    works = {key: Work.of(row.values) for key, row in records.rows["sources"].items()}
    weighed = {group: list(_remarkable(found, works)) for group, found in groups.items()}
    for cell, group in places.items():
        row = records.rows.get(cell.table, {}).get(cell.row)
        item = row.table.by_name.get(cell.variable) if row else None
        if row is None or item is None or not item.coded:
            if cell.table in known or cell.table not in records.schema.tables:
                yield Finding(*cell, "there is evidence for a cell that does not exist")
            continue
        for reads, overdone in weighed[group]:
            if wrong := overdone or (None if reads is None else integrity.rival(row, item, reads)):
                yield Finding(*cell, wrong)
    used = {key for found in groups.values() for entry in found for key in entry.sources}
    used |= {key for table in records.schema for item in table.fields for key in item.cites}
    for row, item in _citing(records):
        value = row.values[item.name]
        cited = set(cited_keys(value) if item.file else value)
        used |= cited
        for key in sorted(cited - records.rows["sources"].keys()) if item.file and "sources" in known else ():
            yield Finding(row.table.name, row.id, item.name, f"cites {key!r}, which is not in the table sources")
    for key in set(records.rows["sources"]) - used:
        yield Finding("sources", key, "", "the source is cited nowhere")


def _citing(records: BuiltRows) -> Iterator[tuple[BuiltRow, Field]]:
    """Cells that cite sources: narratives, and lists of sources."""
    for table in records.schema.coded:
        items = [item for item in table.fields if item.file or item.references == "sources"]
        for row in records.rows[table.name].values() if items else ():
            yield from ((row, item) for item in items if row.values.get(item.name))


def _together(places: tuple[int, ...], said: Sequence[tuple[Any, ...]], sources: Sequence[str]) -> list[Evidence]:
    """Entries that say the same, each for a source of its own, as one."""
    same: dict[tuple[Any, ...], Evidence] = {}
    for place in places:
        entry = same.get(said[place])
        if entry is None:
            confidence, _, reads, note = said[place]
            entry = same[said[place]] = Evidence([], confidence, reads, note)
        entry.sources.append(sources[place])
    return list(same.values())


def _remarkable(found: Iterable[Evidence], works: Mapping[str, Work]) -> Iterator[tuple[str | None, str | None]]:
    """What entries read that is another value, and what is wrong with their confidence."""
    for entry in found:
        cited = {key: works[key] for key in entry.sources if key in works}
        overdone = overconfident(entry.confidence, cited)
        if overdone or entry.reads is not None:
            yield entry.reads, overdone
