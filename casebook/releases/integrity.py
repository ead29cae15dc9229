"""Whether tables agree with each other: references, row rules, reasons for empty cells, evidence for coded ones.

What must hold is said in `casebook.model.integrity`, by which the builder checks coding files too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from casebook.model import integrity
from casebook.model.cells import Cell
from casebook.model.grades import Work, overconfident
from casebook.model.integrity import Finding
from casebook.model.rules import broken, join_parents
from casebook.model.schema import REASONS, Field, Schema, Table
from casebook.model.tables import Frames, reasons_in, statements
from casebook.releases.recomputed import disagreements_with
from casebook.releases.records import BuiltRow, BuiltRows, built_rows
from casebook.sources.narrative import cited_keys

__all__ = ["Finding", "disagreements"]


@dataclass(frozen=True)
class Evidence:
    """An entry of evidence, put together from its rows, one for each source."""

    sources: list[tuple[str, str | None]]
    confidence: str
    reads: str | None
    note: str | None


Entries = Mapping[Cell, list[Evidence]]


def disagreements(schema: Schema, frames: Frames, reference_date: dt.date) -> Iterator[Finding]:
    """Everything in which the tables of a casebook contradict each other or their schema.

    Parameters
    ----------
    schema : Schema
        The declared tables.
    frames : mapping of DataFrame
        The tables that could be read, all rows, each key once, by name.
    reference_date : date
        Day to which durations without an end are counted.

    Yields
    ------
    Finding
        With row and variable wherever it is about one cell.
    """
    tables = [table for table in schema if table.name in frames]
    keys = {table.name: set(frames[table.name][table.primary_key]) for table in tables}
    reasons = reasons_in(frames["missing"]) if "missing" in frames else None
    records = built_rows(schema, frames, reasons or {})
    rows = [row for found in records.rows.values() for row in found.values()]
    yield from integrity.dangling_keys(rows, keys)
    yield from integrity.dangling_lists(rows, schema, keys)
    for table in tables:
        if table.built:
            yield from _dangling(table, frames[table.name], keys)
        yield from _rules(table, frames, reasons)
    yield from integrity.backwards(records)
    yield from integrity.misdated(records)
    if all(table.name in frames for table in schema.coded):
        yield from integrity.implied(records)
        yield from integrity.unnamed(records)
    for table, parent, left in integrity.incomplete(records):
        if table.name in frames:
            message = f"is not coded on {', '.join(left)} in {table.name}.{table.id[0]}"
            yield Finding(parent.table.name, parent.id, "", message)
    yield from _reasons(records, frames)
    yield from _evidence(records, frames)
    if "missing" in frames:
        yield from disagreements_with(records, frames, reference_date)


def _dangling(table: Table, frame: pd.DataFrame, keys: Mapping[str, set[str]]) -> Iterator[Finding]:
    for key in table.foreign_keys:
        if key.table in keys:
            wrong = frame[~frame[key.field].isin(keys[key.table]) & frame[key.field].notna()]
            for row, value in zip(wrong[table.primary_key], wrong[key.field], strict=True):
                yield Finding(table.name, row, key.field, f"{value!r} is not in the table {key.table}")


def _rules(table: Table, frames: Frames, reasons: Mapping[Cell, str] | None) -> Iterator[Finding]:
    frame, given = frames[table.name], None
    if reasons is not None:
        names = dict.fromkeys(name for rule in table.rules for name in rule.fields)
        cells = {name: [reasons.get(Cell(table.name, key, name)) for key in frame[table.primary_key]] for name in names}
        given = pd.DataFrame({name: column for name, column in cells.items() if any(column)})
    rules = [rule for rule in table.rules if all(name.rpartition(".")[0] in ("", *frames) for name in rule.fields)]
    joined = join_parents(table, frames, rules)
    for rule in rules:
        for row in frame.loc[broken(rule, joined, given).to_numpy(), table.primary_key]:
            yield Finding(table.name, row, "", f"breaks the rule {rule.name}: {rule.message}")


def _reasons(records: BuiltRows, frames: Frames) -> Iterator[Finding]:
    """Every empty cell has a reason that a coder can give, and no cell with a value has one."""
    if "missing" not in frames:
        return
    explained = {Cell(*cell) for cell in _cells(frames["missing"])}
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
    for cell in explained - empty:
        if cell.table in frames:
            yield Finding(*cell, "the table missing explains an empty cell that is not there")


def _evidence(records: BuiltRows, frames: Frames) -> Iterator[Finding]:
    """Coded values have evidence, evidence belongs to a cell and rests on what was opened, and sources are used."""
    if "evidence" not in frames:
        return
    frame = statements(frames, records.schema)
    entries = _entries(frame)

    def supports(row: BuiltRow, item: Field) -> list[Evidence]:
        return entries.get(Cell(row.table.name, row.id, item.name), [])

    for key in frame.loc[frame["rival"] != frame["reads"].notna(), "evidence_id"]:
        yield Finding("evidence", key, "rival", "says something else than reads")
    rows = [row for found in records.rows.values() for row in found.values()]
    yield from integrity.unsupported(rows, supports)
    works = {key: Work.of(row.values) for key, row in records.rows["sources"].items()}
    for cell, found in entries.items():
        yield from _entries_of(Cell(*cell), found, records, works, frames)
    used = {key for found in entries.values() for entry in found for key, _ in entry.sources}
    used |= {key for table in records.schema for item in table.fields for key in item.cites}
    for row in rows:
        for item in row.table.fields:
            value = row.values.get(item.name)
            if item.file and value:
                cited = set(cited_keys(value))
                used |= cited
                for key in sorted(cited - set(records.rows["sources"])) if "sources" in frames else ():
                    yield Finding(
                        row.table.name, row.id, item.name, f"cites {key!r}, which is not in the table sources"
                    )
            elif item.references == "sources" and value:
                used.update(value)
    for key in set(records.rows["sources"]) - used:
        yield Finding("sources", key, "", "the source is cited nowhere")


def _entries_of(
    cell: Cell, found: list[Evidence], records: BuiltRows, works: Mapping[str, Work], frames: Frames
) -> Iterator[Finding]:
    if cell.table in records.schema.tables and cell.table not in frames:
        return
    row = records.rows.get(cell.table, {}).get(cell.row)
    item = row.table.by_name.get(cell.variable) if row else None
    if row is None or item is None or not item.coded:
        yield Finding(*cell, "there is evidence for a cell that does not exist")
        return
    for entry in found:
        cited = {key: works[key] for key, _ in entry.sources if key in works}
        wrong = overconfident(entry.confidence, cited)
        wrong = wrong or (None if entry.reads is None else integrity.rival(row, item, entry.reads))
        if wrong:
            yield Finding(*cell, wrong)


def _entries(frame: pd.DataFrame) -> Entries:
    """Entries by cell: rows that say the same of a cell, each for a source of its own, are one entry."""
    found: dict[Cell, dict[tuple[str, ...], Evidence]] = {}
    columns = ["table", "row", "variable", "source_id", "locator", "confidence", "basis", "reads", "note"]
    plain = frame[columns].astype(object)
    for entry in plain.where(plain.notna(), None).itertuples(index=False, name=None):
        table, row, variable, source, locator, confidence, basis, reads, note = entry
        same = found.setdefault(Cell(table, row, variable), {})
        said = same.setdefault((confidence, basis, reads, note), Evidence([], confidence, reads, note))
        said.sources.append((source, locator))
    return {cell: list(same.values()) for cell, same in found.items()}


def _cells(frame: pd.DataFrame) -> Iterator[Cell]:
    return map(Cell, frame["table"], frame["row"], frame["variable"])
