"""What follows from other cells, computed anew: bounds of dates, derived values, memberships, agreement, addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from casebook.errors import CasebookError
from casebook.model.cells import Cell
from casebook.model.computed import Count
from casebook.model.conditions import TABLE as CONDITIONS
from casebook.model.conditions import declared
from casebook.model.derivations import order
from casebook.model.grades import Work, support
from casebook.model.integrity import Finding
from casebook.model.schema import Field, Table
from casebook.model.tables import Frames, statements
from casebook.model.values import parse, to_text
from casebook.releases.records import BuiltRow, BuiltRows
from casebook.reliability.given import Codings
from casebook.reliability.table import TABLE as AGREEMENT
from casebook.reliability.table import agreement_rows

SUPPORT = "support"


def disagreements_with(records: BuiltRows, frames: Frames, reference_date: dt.date) -> Iterator[Finding]:
    """Values that are not those which follow from the others.

    Parameters
    ----------
    records : BuiltRows
        The rows.
    frames : mapping of DataFrame
        The tables that could be read.
    reference_date : date
        Day to which durations without an end are counted.
    """
    rows = {name: {key: row.as_coded() for key, row in found.items()} for name, found in records.rows.items()}
    fresh = BuiltRows(records.schema, rows)
    yield from _bounds(fresh, frames)
    uncounted = _derive(fresh, frames, reference_date)
    for table in records.schema.coded:
        for item in table.fields:
            if (item.edtf or item.derived) and (table.name, item.name) not in uncounted:
                for key, row in records.rows[table.name].items():
                    yield from _compare(row, rows[table.name][key], item)
    yield from _memberships(fresh, frames)
    yield from _support(records, frames)
    yield from _agreement(records, frames, reference_date)
    yield from _addresses(fresh, frames)


def _bounds(fresh: BuiltRows, frames: Frames) -> Iterator[Finding]:
    """Put the bounds of dates into the rows; what is no date as coders write it is found."""
    for name, rows in fresh.rows.items():
        table = fresh.schema.tables[name]
        texts = [item for item in table.fields if item.type == "string" and not (item.derived or item.file)]
        for row in rows.values():
            for item in texts if table.name != "sources" else ():
                generated = [column.name for column in item.expanded()[1:]]
                if item.name not in row.values:
                    row.reasons.update(dict.fromkeys(generated, row.reasons.get(item.name, "")))
                    continue
                if item.categories:
                    continue
                try:
                    found = parse(item, row.values[item.name])
                except ValueError as error:
                    yield Finding(name, row.id, item.name, str(error))
                    continue
                row.values.update({column: value for column, value in found.items() if value is not None})
                row.reasons.update(dict.fromkeys((column for column in generated if found[column] is None), "open"))


def _derive(fresh: BuiltRows, frames: Frames, reference_date: dt.date) -> set[tuple[str, str]]:
    """Compute the derived values; those that need a table which could not be read are named."""
    left = set()
    for table, item in order(fresh.schema):
        assert item.derived is not None
        rows = fresh.rows[table.name].values()
        if any(look.table not in frames for look in item.derived.looks):
            left.add((table.name, item.name))
        elif isinstance(item.derived, Count) and fresh.schema.tables[item.derived.table].built:
            counts = _counted(fresh.schema.tables[item.derived.table], frames, table, item.derived)
            for row in rows:
                row.values[item.name] = int(counts.get(row.id, 0))
        else:
            for row in rows:
                item.derived.compute(row, item, fresh, reference_date)
    return left


def _counted(child: Table, frames: Frames, table: Table, count: Count) -> Mapping[Any, int]:
    frame = frames[child.name]
    for name, allowed in count.where.items():
        frame = frame[frame[name].map(to_text, na_action="ignore").isin(allowed)]
    return frame[child.keys_to(table.name)[0]].value_counts().to_dict()


def _compare(row: BuiltRow, fresh: BuiltRow, item: Field) -> Iterator[Finding]:
    for column in item.expanded()[1 if item.edtf else 0 :]:
        recorded, follows = (_shown(side, column.name) for side in (row, fresh))
        if recorded != follows:
            message = f"is {recorded}; from the other cells follows {follows}"
            yield Finding(row.table.name, row.id, column.name, message)


def _shown(row: BuiltRow, name: str) -> str:
    value = row.values.get(name)
    return f"({row.reasons.get(name, 'empty')})" if value is None else to_text(value)


def _memberships(fresh: BuiltRows, frames: Frames) -> Iterator[Finding]:
    if CONDITIONS not in frames:
        return
    recorded = {entry["membership_id"]: entry for entry in frames[CONDITIONS].astype(object).to_dict("records")}
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
                value = None if pd.isna(found[column]) else found[column]
                if value != follows:
                    shown, right = ("empty" if side is None else to_text(side) for side in (value, follows))
                    yield Finding(CONDITIONS, name, column, f"is {shown}; from the other cells follows {right}")
    for name in recorded:
        yield Finding(CONDITIONS, str(name), "", "is the membership of no row, or in no condition")


def _support(records: BuiltRows, frames: Frames) -> Iterator[Finding]:
    """What every value rests on follows from the evidence and the sources."""
    if not {SUPPORT, "evidence", "sources"} <= frames.keys():
        return
    works = {key: Work.of(row.values) for key, row in records.rows["sources"].items()}
    entries = statements(frames, records.schema).astype(object)
    said: list[dict[Any, Any]] = entries.where(entries.notna(), None).to_dict("records")
    known = [entry for entry in said if entry["source_id"] in works]
    follows = {str(Cell(*cell)): found for cell, found in support(known, works)}
    for recorded in frames[SUPPORT].astype(object).to_dict("records"):
        for name, value in (follows.get(recorded["support_id"]) or {"rests_on": "nothing"}).items():
            if recorded[name] != value:
                message = f"is {recorded[name]}; from the evidence follows {value}"
                yield Finding(SUPPORT, recorded["support_id"], name, message)


def _agreement(records: BuiltRows, frames: Frames, reference_date: dt.date) -> Iterator[Finding]:
    """How far coders agree follows from their codings and the published values."""
    needed = {AGREEMENT, "codings", "coders", "missing", *(table.name for table in records.schema.coded)}
    if not needed <= frames.keys():
        return
    try:
        follows = {row["agreement_id"]: row for row in agreement_rows(Codings(records.schema, frames, reference_date))}
    except (CasebookError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
        yield Finding(AGREEMENT, "", "", f"cannot be computed from the codings: {error}")
        return
    for recorded in frames[AGREEMENT].astype(object).to_dict("records"):
        key = recorded["agreement_id"]
        row = follows.pop(key, None)
        if row is None:
            yield Finding(AGREEMENT, key, "", "no two coders agree or differ on this")
            continue
        for name, found in recorded.items():
            sides = (None if pd.isna(found) else found, row.get(str(name)))
            if sides[0] != sides[1]:
                shown, right = ("empty" if side is None else to_text(side) for side in sides)
                yield Finding(AGREEMENT, key, str(name), f"is {shown}; from the codings follows {right}")
    for key in follows:
        yield Finding(AGREEMENT, key, "", "there is no such row; from the codings follows one")


def _addresses(fresh: BuiltRows, frames: Frames) -> Iterator[Finding]:
    """Rows about cells name the cell and its case; rows of a case name that case."""
    for table in fresh.schema.coded:
        if "case_id" in table.by_name:
            for row in fresh.rows[table.name].values():
                if not table.shared and row.values.get("case_id") != row.case:
                    yield Finding(
                        table.name, row.id, "case_id", f"is {row.values.get('case_id')}; the row is of {row.case}"
                    )
    for table in fresh.schema:
        if table.built and table.name in frames and {"table", "row", "case_id"} <= set(table.by_name):
            yield from _about_cells(table, frames[table.name], fresh)


def _about_cells(table: Table, frame: pd.DataFrame, fresh: BuiltRows) -> Iterator[Finding]:
    column = next((column for column in ("variable", "condition") if column in frame), None)
    about = [f"#{name}" for name in frame[column].astype("str")] if column else [""] * len(frame)
    cells = zip(frame[table.primary_key], frame["table"], frame["row"], about, frame["case_id"], strict=True)
    for key, name, row, variable, case in cells:
        address = f"{name}/{row}{variable}"
        if key != address and not key.startswith(f"{address}/"):
            yield Finding(table.name, key, "", f"is about {address}, and called otherwise")
        known = fresh.rows.get(name, {}).get(row)
        if known is not None and (None if pd.isna(case) else case) != known.case:
            yield Finding(table.name, key, "case_id", f"is {case}; the row is of {known.case}")
