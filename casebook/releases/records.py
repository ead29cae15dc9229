"""The rows of built tables as `casebook.model.derivations.Records`: plain values, with the reasons for empty cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from casebook.model.cells import Cell, case_of
from casebook.model.derivations import Index
from casebook.model.schema import Schema, Table
from casebook.model.tables import Frames


@dataclass
class BuiltRow:
    """A row of a built table; a `casebook.model.derivations.Record`."""

    table: Table
    id: str
    case: str | None
    values: dict[str, Any]
    reasons: dict[str, str]

    def as_coded(self) -> BuiltRow:
        """The row without what the builder computes."""
        coded = {item.name for item in self.table.fields if not item.derived}
        values = {name: value for name, value in self.values.items() if name in coded}
        return replace(self, values=values, reasons={n: r for n, r in self.reasons.items() if n in coded})


@dataclass
class BuiltRows:
    """Rows by table and identifier; tables that could not be read have none."""

    schema: Schema
    rows: dict[str, dict[str, BuiltRow]]

    @cached_property
    def index(self) -> Index:
        return Index(self.rows)


def built_rows(schema: Schema, frames: Frames, reasons: Mapping[Cell, str]) -> BuiltRows:
    """The rows of the tables that people coded, and of the sources.

    Parameters
    ----------
    schema : Schema
        The declared tables.
    frames : mapping of DataFrame
        The tables that could be read, each key once.
    reasons : mapping of str
        Why cells are empty, by table, row and variable.
    """
    why: dict[tuple[str, str], dict[str, str]] = {}
    for (name, row, variable), reason in reasons.items():
        why.setdefault((name, row), {})[variable] = reason
    rows: dict[str, dict[str, BuiltRow]] = {table.name: {} for table in schema}
    for table in schema.coded:
        if table.name in frames:
            for entry in frames[table.name].astype(object).to_dict("records"):
                values = {
                    str(name): plain for name, value in entry.items() if (plain := plain_value(value)) is not None
                }
                row = values[table.primary_key]
                case = None if table.shared else case_of(row)
                rows[table.name][row] = BuiltRow(table, row, case, values, why.get((table.name, row), {}))
    return BuiltRows(schema, rows)


def plain_value(value: Any) -> Any:
    """A cell of a frame as Python holds it: text, number, boolean, date or list; None where it is empty."""
    if hasattr(value, "tolist") and not hasattr(value, "isoformat"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return list(value)
    if pd.isna(value):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value
