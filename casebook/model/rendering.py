"""A table's declaration in the forms that libraries know: dtypes of pandas, schemas of Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc
from pandas.api.types import pandas_dtype

from casebook.model.schema import Field, Table

_PANDAS = {
    "string": pandas_dtype("str"),
    "integer": pandas_dtype("Int64"),
    "number": pandas_dtype("Float64"),
    "boolean": pandas_dtype("boolean"),
    "date": pandas_dtype("datetime64[us]"),
    "array": pandas_dtype("object"),
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
    return pd.DataFrame({c.name: _array(c, [row.get(c.name) for row in rows]) for c in table.columns}, copy=False)


def _array(item: Field, values: list[Any]) -> Any:
    if item.categories:
        places = {None: -1} | {value: number for number, value in enumerate(item.values)}
        return pd.Categorical.from_codes([places[value] for value in values], dtype=dtype(item))
    return pd.Series(values, dtype="object") if item.type == "array" else pd.array(values, dtype=dtype(item))


def conform(table: Table, data: pd.DataFrame) -> pd.DataFrame:
    """Give every column the dtype of its field, in codebook order."""
    columns = {c.name: _converted(c, data[c.name].array) for c in table.columns}
    return pd.DataFrame(columns, index=data.index, copy=False)


def _converted(item: Field, array: Any) -> Any:
    kind = dtype(item)
    if array.dtype == kind:
        return array.copy()
    if item.categories:
        return pd.Categorical.from_codes(kind.categories.get_indexer(array), dtype=kind)
    return array.astype(kind)


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
        _ARROW[item.type],
        nullable=not item.required,
        metadata={"title": item.title, "description": item.description},
    )


def arrow_rows(table: Table, rows: Iterable[Mapping[str, Any]]) -> pyarrow.Table:
    """Make a plain Arrow table of rows; columns in codebook order, categories as text."""
    rows = list(rows)
    arrays = {c.name: pyarrow.array([row.get(c.name) for row in rows], type=_ARROW[c.type]) for c in table.columns}
    return pyarrow.table(arrays)


def from_arrow(table: Table, data: pyarrow.Table) -> pd.DataFrame:
    """Make a DataFrame of an Arrow table with some or all columns; each gets the dtype of its field."""
    columns = {name: _from_arrow(table.by_name[name], data[name]) for name in data.column_names}
    return pd.DataFrame(columns, index=range(data.num_rows), copy=False)


def _from_arrow(item: Field, column: pyarrow.ChunkedArray) -> Any:
    if item.categories:
        places = pc.index_in(column, value_set=pyarrow.array(item.values, type=pyarrow.string()))
        return pd.Categorical.from_codes(pc.fill_null(places, -1).to_numpy(), dtype=dtype(item))
    if item.type == "array":
        return pd.Series(column.to_pylist(), dtype="object")
    if item.type == "date":
        days = column.cast(pyarrow.timestamp("s")).to_numpy().astype("datetime64[us]")
        return pd.array(days, dtype=dtype(item))
    return dtype(item).__from_arrow__(column)


def arrow_table(table: Table, data: pd.DataFrame) -> pyarrow.Table:
    """The rows in Arrow, categories as text."""
    schema = arrow_schema(table)
    arrays = {item.name: pyarrow.array(decoded(data[item.name]), type=item.type, from_pandas=True) for item in schema}
    return pyarrow.table(arrays, schema=schema)


def decoded(column: pd.Series) -> Any:
    """The values of a column as an array, those of a categorical one as objects, None where a cell is empty."""
    array = column.array
    if isinstance(array, pd.Categorical):
        return np.array([*array.categories, None], dtype=object)[array.codes]
    return column.to_numpy() if isinstance(array, pd.arrays.NumpyExtensionArray | pd.arrays.DatetimeArray) else array
