"""A table's declaration in the forms that libraries know: dtypes of pandas, schemas of Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pandas as pd
import pyarrow

from casebook.model.schema import Field, Table

_PANDAS = {
    "string": "str",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
    "array": "object",
}
_ARROW = {
    "string": pyarrow.string(),
    "integer": pyarrow.int64(),
    "number": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "date": pyarrow.date32(),
    "array": pyarrow.list_(pyarrow.string()),
}


def dtype(item: Field) -> Any:
    """The dtype that `casebook.load` gives the column."""
    return _categorical(tuple(item.values), item.ordered) if item.categories else _PANDAS[item.type]


@cache
def _categorical(values: tuple[str, ...], ordered: bool) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(list(values), ordered=ordered)


def frame(table: Table, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Make a DataFrame of rows; columns in codebook order, each with the dtype of its field."""
    rows = list(rows)
    return pd.DataFrame({c.name: pd.Series([row.get(c.name) for row in rows], dtype=dtype(c)) for c in table.columns})


def conform(table: Table, data: pd.DataFrame) -> pd.DataFrame:
    """Give every column the dtype of its field, in codebook order."""
    return data[[c.name for c in table.columns]].astype({c.name: dtype(c) for c in table.columns})


def arrow_schema(table: Table) -> pyarrow.Schema:
    """The table as an Arrow schema, with titles and descriptions as metadata."""
    return pyarrow.schema(
        [_arrow_field(column) for column in table.columns],
        metadata={"name": table.name, "title": table.title, "description": table.description},
    )


def _arrow_field(item: Field) -> pyarrow.Field:
    return pyarrow.field(
        item.name,
        _ARROW[item.type],
        nullable=not item.required,
        metadata={"title": item.title, "description": item.description},
    )


def arrow_table(table: Table, data: pd.DataFrame) -> pyarrow.Table:
    """The rows in Arrow, categories as text."""
    schema = arrow_schema(table)
    plain = data.astype({c.name: "str" for c in table.columns if c.categories})
    arrays = {item.name: pyarrow.array(plain[item.name], type=item.type, from_pandas=True) for item in schema}
    return pyarrow.table(arrays, schema=schema)
