"""A table's declaration as Arrow knows it, without pandas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import pyarrow

from casebook.model.schema import Field, Table

_TYPES = {
    "string": pyarrow.string(),
    "integer": pyarrow.int64(),
    "number": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
    "array": pyarrow.list_(pyarrow.string()),
}


@lru_cache(maxsize=64)
def arrow_schema(table: Table) -> pyarrow.Schema:
    """The table as an Arrow schema, with titles and descriptions as metadata."""
    return pyarrow.schema(
        [_arrow_field(column) for column in table.columns],
        metadata={"name": table.name, "title": table.title, "description": table.description},
    )


def _arrow_field(item: Field) -> pyarrow.Field:
    return pyarrow.field(
        item.name,
        _TYPES[item.type],
        nullable=not item.required,
        metadata={"title": item.title, "description": item.description},
    )


def arrow_rows(table: Table, rows: Iterable[Mapping[str, Any]]) -> pyarrow.Table:
    """Make a plain Arrow table of rows; columns in codebook order, categories as text."""
    rows = list(rows)
    arrays = {c.name: pyarrow.array([row.get(c.name) for row in rows], type=_TYPES[c.type]) for c in table.columns}
    return pyarrow.table(arrays)


def typed(table: Table, data: pyarrow.Table) -> pyarrow.Table:
    """The columns that are declared, in codebook order, each with its type; columns may be left out.

    Raises
    ------
    ValueError
        If a value does not have the type.
    """
    columns = {c.name: (data.column(c.name), _TYPES[c.type]) for c in table.columns if c.name in data.column_names}
    return pyarrow.table(
        {name: column if column.type == kind else column.cast(kind) for name, (column, kind) in columns.items()}
    )


class Cells(Mapping[str, list[Any]]):
    """The columns of an Arrow table as Python holds the cells, None where one is empty, each made when asked for."""

    def __init__(self, data: pyarrow.Table) -> None:
        self._data = data

    def __getitem__(self, name: str) -> list[Any]:
        return self._data.column(name).to_pylist()  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data.column_names)

    def __len__(self) -> int:
        return self._data.num_columns  # type: ignore[no-any-return]
