"""A table's declaration as pandas knows it: dtypes, frames, and the way from Arrow and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
from pandas.api.types import pandas_dtype

from casebook.errors import CasebookError
from casebook.model.arrow import arrow_schema
from casebook.model.schema import Field, Table

_PANDAS = {
    "string": pd.StringDtype(na_value=np.nan),
    "integer": pandas_dtype("Int64"),
    "number": pandas_dtype("Float64"),
    "boolean": pandas_dtype("boolean"),
    "date": pandas_dtype("datetime64[us]"),
    "array": pandas_dtype("object"),
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


def framed(table: Table, data: pyarrow.Table) -> pd.DataFrame:
    """The rows of `casebook.model.arrow.typed` as a DataFrame, each column with the dtype of its field."""
    if not isinstance(pandas_dtype("str"), pd.StringDtype):
        raise CasebookError(
            "the tables need the texts of pandas 3, and its option for them is off; "
            "write: pandas.options.future.infer_string = True"
        )
    columns = {name: _from_arrow(table.by_name[name], data.column(name)) for name in data.column_names}
    return pd.DataFrame(columns, index=range(data.num_rows), copy=False)


def _from_arrow(item: Field, column: pyarrow.ChunkedArray) -> Any:
    kind = dtype(item)
    if item.categories:
        coded = column.dictionary_encode().combine_chunks()
        places = np.append(kind.categories.get_indexer(coded.dictionary.to_pylist()), -1)
        return pd.Categorical.from_codes(places[coded.indices.fill_null(-1)], dtype=kind)
    if item.type == "array":
        return pd.Series(column.to_pandas().array, dtype="object")
    if item.type == "date":
        return column.to_pandas(date_as_object=False).array.astype(kind)
    return kind.__from_arrow__(column)


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


def plain_value(value: Any) -> Any:
    """A cell of a frame as Python holds it: text, number, boolean, date or list; None where it is empty."""
    if hasattr(value, "tolist") and not hasattr(value, "isoformat"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return list(value)
    if pd.isna(value):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value
