"""What follows from other cells, computed anew: bounds of dates, derived values, memberships, agreement, addresses."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import compress
from typing import Any

from casebook.errors import CasebookError
from casebook.model.cells import Cell
from casebook.model.computed import Count
from casebook.model.conditions import TABLE as CONDITIONS
from casebook.model.conditions import declared
from casebook.model.derivations import order
from casebook.model.grades import Work, summary
from casebook.model.integrity import Finding
from casebook.model.schema import Field, Schema, Table
from casebook.model.values import parse, to_text
from casebook.releases.records import BuiltRow, BuiltRows, Columns, Tables, entries
from casebook.reliability.given import Codings
from casebook.reliability.table import TABLE as AGREEMENT
from casebook.reliability.table import agreement_rows

SUPPORT = "support"


def disagreements_with(
    records: BuiltRows, tables: Tables, places: Mapping[Cell, tuple[int, ...]], reference_date: dt.date
) -> Iterator[Finding]:
    """Values that are not those which follow from the others.

    Parameters
    ----------
    records : BuiltRows
        The rows.
    tables : mapping of mapping
        The tables that could be read.
    places : mapping of tuple
        Places of the entries of evidence about each cell.
    reference_date : date
        Day to which durations without an end are counted.
    """
    rows = {}
    for name, found in records.rows.items():
        coded = {item.name for item in records.schema.tables[name].fields if not item.derived}
        rows[name] = {key: row.as_coded(coded) for key, row in found.items()}
    fresh = BuiltRows(records.schema, rows)
    yield from _bounds(fresh)
    uncounted = _derive(fresh, tables, reference_date)
    for table in records.schema.coded:
        for item in table.fields:
            if (item.edtf or item.derived) and (table.name, item.name) not in uncounted:
                for column in item.expanded()[1 if item.edtf else 0 :]:
                    yield from _compare(column.name, records.rows[table.name], rows[table.name])
    if CONDITIONS in tables:
        yield from _memberships(fresh, tables[CONDITIONS])
    if {SUPPORT, "evidence", "sources"} <= tables.keys():
        yield from _support(records, tables, places)
    if {AGREEMENT, "codings", "coders", "missing", *(table.name for table in records.schema.coded)} <= tables.keys():
        yield from _agreement(records.schema, tables, reference_date)
    yield from _addresses(fresh, tables)


def _bounds(fresh: BuiltRows) -> Iterator[Finding]:
    """Put the bounds of dates into the rows; what is no date as coders write it is found."""
    for name, rows in fresh.rows.items():
        for item in fresh.schema.tables[name].fields if name != "sources" else ():
            if item.type == "string" and not (item.derived or item.file):
                yield from _bounds_of(item, rows.values())


def _bounds_of(item: Field, rows: Iterable[BuiltRow]) -> Iterator[Finding]:
    generated = [column.name for column in item.expanded()[1:]]
    if item.categories and not generated:
        return
    for row in rows:
        value = row.values.get(item.name)
        if value is None:
            row.reasons.update(dict.fromkeys(generated, row.reasons.get(item.name, "")))
            continue
        try:
            found = parse(item, value)
        except ValueError as error:
            yield Finding(row.table.name, row.id, item.name, str(error))
            continue
        for column in generated:
            if found[column] is None:
                row.reasons[column] = "open"
            else:
                row.values[column] = found[column]


def _derive(fresh: BuiltRows, tables: Tables, reference_date: dt.date) -> set[tuple[str, str]]:
    """Compute the derived values; those that need a table which could not be read are named."""
    left = set()
    for table, item in order(fresh.schema):
        assert item.derived is not None
        rows = fresh.rows[table.name].values()
        if any(look.table not in tables for look in item.derived.looks):
            left.add((table.name, item.name))
        elif isinstance(item.derived, Count) and fresh.schema.tables[item.derived.table].built:
            counts = _counted(fresh.schema.tables[item.derived.table], tables, table, item.derived)
            for row in rows:
                row.values[item.name] = counts[row.id]
        else:
            for row in rows:
                item.derived.compute(row, item, fresh, reference_date)
    return left


def _counted(child: Table, tables: Tables, table: Table, count: Count) -> Counter[str]:
    columns = tables[child.name]
    keys = columns[child.keys_to(table.name)[0]]
    counted = [True] * len(keys)
    for name, allowed in count.where.items():
        counted = [
            so and value is not None and to_text(value) in allowed
            for so, value in zip(counted, columns[name], strict=True)
        ]
    return Counter(compress(keys, counted))


def _compare(name: str, rows: Mapping[str, BuiltRow], fresh: Mapping[str, BuiltRow]) -> Iterator[Finding]:
    for key, row in rows.items():
        recorded, follows = _shown(row, name), _shown(fresh[key], name)
        if recorded != follows:
            yield Finding(row.table.name, key, name, f"is {recorded}; from the other cells follows {follows}")


def _shown(row: BuiltRow, name: str) -> str:
    value = row.values.get(name)
    return f"({row.reasons.get(name, 'empty')})" if value is None else to_text(value)


def _memberships(fresh: BuiltRows, conditions: Columns) -> Iterator[Finding]:
    recorded = {entry["membership_id"]: entry for entry in entries(conditions)}
    for condition in declared(fresh.schema.tables[CONDITIONS]).values():
        for row in fresh.rows[condition.table].values():
            try:
                membership, reason = condition.membership(row, fresh)
            except KeyError:  # a row around it is missing, which is a finding of its own
                continue
            except (TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
                yield Finding(CONDITIONS, "", condition.name, f"cannot be computed as declared: {error}")
                break
            name = f"{condition.table}/{row.id}#{condition.name}"
            found = recorded.pop(name, None)
            if found is None:
                yield Finding(CONDITIONS, name, "", "there is no such membership")
                continue
            for column, follows in (("membership", membership), ("reason", reason)):
                value = found[column]
                if value != follows:
                    shown, right = ("empty" if side is None else to_text(side) for side in (value, follows))
                    yield Finding(CONDITIONS, name, column, f"is {shown}; from the other cells follows {right}")
    for name in recorded:
        yield Finding(CONDITIONS, str(name), "", "is the membership of no row, or in no condition")


def _support(records: BuiltRows, tables: Tables, places: Mapping[Cell, tuple[int, ...]]) -> Iterator[Finding]:
    """What every value rests on follows from the evidence and the sources."""
    works = {key: Work.of(row.values) for key, row in records.rows["sources"].items()}
    parts = (tables["evidence"][name] for name in ("source_id", "confidence", "basis", "reads"))
    said = [
        (source, confidence, basis, reads or "") if source in works and confidence and basis else None
        for source, confidence, basis, reads in zip(*parts, strict=True)
    ]
    groups = {
        group: summary([entry for place in group if (entry := said[place])], works) for group in set(places.values())
    }
    follows = {f"{table}/{row}#{variable}": groups[group] for (table, row, variable), group in places.items()}
    recorded = tables[SUPPORT]
    for place, key in enumerate(recorded["support_id"]):
        for name, value in (follows.get(key) or {"rests_on": "nothing"}).items():
            if recorded[name][place] != value:
                yield Finding(SUPPORT, key, name, f"is {recorded[name][place]}; from the evidence follows {value}")


def _agreement(schema: Schema, tables: Tables, reference_date: dt.date) -> Iterator[Finding]:
    """How far coders agree follows from their codings and the published values."""
    follows: dict[str, dict[str, Any]] = {}
    if tables["codings"]["coding_id"]:
        try:
            found = agreement_rows(Codings(schema, tables.__getitem__, reference_date))
            follows = {row["agreement_id"]: row for row in found}
        except (CasebookError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
            yield Finding(AGREEMENT, "", "", f"cannot be computed from the codings: {error}")
            return
    for recorded in entries(tables[AGREEMENT]):
        key = recorded["agreement_id"]
        row = follows.pop(key, None)
        if row is None:
            yield Finding(AGREEMENT, key, "", "no two coders agree or differ on this")
            continue
        for name, value in recorded.items():
            if value != row.get(name):
                shown, right = ("empty" if side is None else to_text(side) for side in (value, row.get(name)))
                yield Finding(AGREEMENT, key, name, f"is {shown}; from the codings follows {right}")
    for key in follows:
        yield Finding(AGREEMENT, key, "", "there is no such row; from the codings follows one")


def _addresses(fresh: BuiltRows, tables: Tables) -> Iterator[Finding]:
    """Rows about cells name the cell and its case; rows of a case name that case."""
    for table in fresh.schema.coded:
        if "case_id" in table.by_name:
            for row in fresh.rows[table.name].values():
                if not table.shared and row.values.get("case_id") != row.case:
                    yield Finding(
                        table.name, row.id, "case_id", f"is {row.values.get('case_id')}; the row is of {row.case}"
                    )
    for table in fresh.schema:
        if table.built and table.name in tables and {"table", "row", "case_id"} <= set(table.by_name):
            yield from _about_cells(table, tables[table.name], fresh)


def _about_cells(table: Table, columns: Columns, fresh: BuiltRows) -> Iterator[Finding]:
    keys = columns[table.primary_key]
    column = next((column for column in ("variable", "condition") if column in columns), None)
    about = [f"#{name}" for name in columns[column]] if column else [""] * len(keys)
    cells = zip(keys, columns["table"], columns["row"], about, columns["case_id"], strict=True)
    for key, name, row, variable, case in cells:
        address = f"{name}/{row}{variable}"
        if key != address and not key.startswith(f"{address}/"):
            yield Finding(table.name, key, "", f"is about {address}, and called otherwise")
        known = fresh.rows.get(name, {}).get(row)
        if known is not None and case != known.case:
            yield Finding(table.name, key, "case_id", f"is {case}; the row is of {known.case}")
