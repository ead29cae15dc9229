"""What the explorer page works on: rows and columns of some tables, as a script that a page may run from a folder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from casebook.model.schema import Field, Table
from casebook.model.values import to_text
from casebook.site.reading import Reader, Row, Value
from casebook.site.scripts import script, singular

EXPLORED = ("channels",)
"""Tables offered besides that of the cases."""
FIRST = {
    "channels": ("result", "intermediary_type", "concept", "start", "existence_secrecy_days", "end_reason"),
    "cases": ("outcome", "start", "end", "front_status", "stalemate", "channel_count"),
}
"""Columns shown before a reader chooses."""
_NUMBER = 6
_BOUNDS = 3


def explored(reader: Reader) -> bytes:
    """The tables of the explorer as a script.

    Each has its columns, with kind and categories, and its rows: name, address, and a cell for every column, which is
    empty or has the value in text (``v``), in words where these differ (``t``), its bounds (``b``), the rival readings
    (``r``), or the reason why there is none (``m``); ``e`` is set where there is evidence to be seen.
    """
    names = [reader.schema.root.name, *(name for name in EXPLORED if name in reader.schema.tables)]
    return script("casebookTables", [_table(reader, reader.schema.table(name)) for name in names])


def _table(reader: Reader, table: Table) -> dict[str, Any]:
    rows = reader.rows(table)
    shown = [value.cell.variable for value in rows[0].values] if rows else []
    items = [table.field(name) for name in shown if name != "status"]
    within = table is not reader.schema.root
    columns = [_column(item) for item in items]
    if within:
        cases = reader.schema.root
        labels = [{"v": row, "t": reader.name(cases, row)} for row in reader.cells(cases.name)]
        column = {"name": "case_id", "title": singular(cases.title), "kind": "category", "choices": labels}
        columns.insert(0, column)
    names = [column["name"] for column in columns]
    first = [name for name in FIRST.get(table.name, ()) if name in names] or names[:_NUMBER]
    return {
        "name": table.name,
        "title": table.title,
        "one": singular(table.title),
        "key": table.primary_key,
        "columns": columns,
        "first": ["case_id", *first] if within else first,
        "rows": [_row(reader, row, items, within) for row in rows],
    }


def _column(item: Field) -> dict[str, Any]:
    column: dict[str, Any] = {"name": item.name, "title": item.title, "kind": "text"}
    if item.categories:
        column |= {"kind": "category", "choices": [{"v": c.value, "t": c.label} for c in item.categories]}
        if item.ordered:
            column["ordered"] = True
    elif item.type == "boolean":
        column |= {"kind": "category", "choices": [{"v": "yes", "t": "yes"}, {"v": "no", "t": "no"}], "boolean": True}
    elif item.edtf:
        column["kind"] = "date"
    elif item.type in ("integer", "number"):
        column["kind"] = "number"
    if len(item.expanded()) == _BOUNDS:
        column["bounds"] = [part.name for part in item.expanded()[1:]]
    return column


def _row(reader: Reader, row: Row, items: list[Field], within: bool) -> dict[str, Any]:
    cells = reader.cells(row.table.name)[row.id]
    values = {value.cell.variable: value for value in row.values}
    found: list[Any] = [{"v": str(cells["case_id"])}] if within else []
    found += [_cell(values[item.name], item, cells) for item in items]
    shown = {"id": row.id, "name": row.name, "to": row.to, "cells": found}
    return shown | {"alleged": True} if row.alleged else shown


def _cell(value: Value, item: Field, cells: dict[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {"m": value.text} if value.empty else {"v": to_text(cells[item.name])}
    if not value.empty and value.text != cell["v"] and not item.categories and not item.lasts:
        cell["t"] = value.text
    bounds = [cells[part.name] for part in item.expanded()[1:]]
    if any(bound is not None for bound in bounds):
        cell["b"] = [None if bound is None else to_text(bound) for bound in bounds]
    if rivals := list(_rivals(value)):
        cell["r"] = rivals
    if value.argument.statements:
        cell["e"] = 1
    return cell


def _rivals(value: Value) -> Iterator[str]:
    labels = (statement.reads_label for statement in value.argument.statements if statement.reads)
    yield from dict.fromkeys(label for label in labels if label)
