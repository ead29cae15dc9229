"""The rows of built tables as `casebook.model.derivations.Records`: plain values, with the reasons for empty cells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from casebook.model.cells import Cell, case_of
from casebook.model.derivations import Index
from casebook.model.schema import Schema, Table

Columns = Mapping[str, Sequence[Any]]
"""The cells of a table by column, as Python holds them, None where one is empty."""
Tables = Mapping[str, Columns]


def entries(columns: Columns) -> Iterator[dict[str, Any]]:
    """The rows of a table by column.

    Examples
    --------
    >>> list(entries({"case_id": ["a", "b"], "deadline": [True, None]}))
    [{'case_id': 'a', 'deadline': True}, {'case_id': 'b', 'deadline': None}]
    """
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


@dataclass
class BuiltRow:
    """A row of a built table; a `casebook.model.derivations.Record`."""

    table: Table
    id: str
    case: str | None
    values: dict[str, Any]
    reasons: dict[str, str]

    def as_coded(self, coded: Collection[str]) -> BuiltRow:
        """The row with nothing but these variables, those that the builder does not compute."""
        values, reasons = (
            {name: value for name, value in part.items() if name in coded} for part in (self.values, self.reasons)
        )
        return BuiltRow(self.table, self.id, self.case, values, reasons)


@dataclass
class BuiltRows:
    """Rows by table and identifier; tables that could not be read have none."""

    schema: Schema
    rows: dict[str, dict[str, BuiltRow]]

    @cached_property
    def index(self) -> Index:
        return Index(self.rows)


def built_rows(schema: Schema, tables: Tables, reasons: Mapping[Cell, str]) -> BuiltRows:
    """The rows of some tables.

    Parameters
    ----------
    schema : Schema
        The declared tables.
    tables : mapping of mapping
        The tables, each key once.
    reasons : mapping of str
        Why cells are empty, by table, row and variable.
    """
    why: dict[tuple[str, str], dict[str, str]] = {}
    for (name, row, variable), reason in reasons.items():
        why.setdefault((name, row), {})[variable] = reason
    rows: dict[str, dict[str, BuiltRow]] = {table.name: {} for table in schema}
    for table in schema:
        if table.name in tables:
            for entry in entries(tables[table.name]):
                values = {name: value for name, value in entry.items() if value is not None}
                row = values[table.primary_key]
                case = None if table.shared else case_of(row)
                rows[table.name][row] = BuiltRow(table, row, case, values, why.get((table.name, row), {}))
    return BuiltRows(schema, rows)
