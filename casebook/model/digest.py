"""Content digests: defined on values, so that they don't depend on file formats or library versions.

The digest of a table is the SHA-256 of UTF-8 text with one line per row, each ended by a line feed. The first line is
the JSON array of column names. Every other line is the JSON array of one row's values in that order, rows sorted by
primary key. JSON is canonical in the sense of RFC 8785: no white space, only the escapes that JSON requires. A missing
value is ``null``, a date the text ``YYYY-MM-DD``, a boolean ``true`` or ``false``, a list an array of texts, a
number without a fraction an integer.

The digest of a release is the SHA-256 of one line ``<table> <digest>`` per table, sorted by table name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from casebook.model.rendering import decoded
from casebook.model.schema import Table
from casebook.model.values import to_text

_ESCAPED = r'[\x00-\x1f"\\]'
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def table_digest(frame: pd.DataFrame, table: Table) -> str:
    """SHA-256 of a table's values, as defined at the head of this module.

    Parameters
    ----------
    frame : DataFrame
        All rows of the table.
    table : Table
        Its declaration, which gives the columns and the primary key.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    names = [column.name for column in table.columns]
    cells = pc.binary_join_element_wise(*(_cells(frame[name]) for name in names), _text(","))
    lines = pc.binary_join_element_wise(_text("["), cells, _text("]\n"), _text(""))
    ordered = lines.take(frame[table.primary_key].array.argsort(kind="stable"))
    digest = hashlib.sha256(f"{_json(names)}\n".encode())
    if len(ordered):
        digest.update(memoryview(ordered.buffers()[2])[: pc.sum(pc.binary_length(ordered)).as_py()])
    return digest.hexdigest()


def release_digest(digests: Mapping[str, str]) -> str:
    """SHA-256 of all table digests.

    Examples
    --------
    >>> release_digest({})
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    text = "".join(f"{name} {digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _cells(column: pd.Series) -> pyarrow.Array:
    """The values of a column in JSON, as Arrow texts."""
    array = column.array
    if isinstance(array, pd.Categorical):
        labels = np.array([*map(_json, array.categories), "null"], dtype=object)
        return _texts(labels[array.codes])
    if isinstance(array.dtype, pd.StringDtype):
        return _quoted(_whole(pyarrow.array(array, type=pyarrow.large_string())))
    if isinstance(array, pd.arrays.BooleanArray | pd.arrays.IntegerArray | pd.arrays.DatetimeArray):
        plain = pyarrow.array(array, type=pyarrow.date32() if column.dtype.kind == "M" else None, from_pandas=True)
        text = _whole(plain).cast(pyarrow.large_string())
        return _or_null(_in_quotes(text) if column.dtype.kind == "M" else text)
    if column.dtype == object and all(type(value) is list for value in array):
        with suppress(pyarrow.ArrowException):
            return _lists(pyarrow.array(array, type=pyarrow.list_(pyarrow.large_string())))
    return _texts([_json(_plain(value)) for value in decoded(column)])


def _texts(values: Any) -> pyarrow.Array:
    return pyarrow.array(values, type=pyarrow.large_string())


def _lists(lists: pyarrow.ListArray) -> pyarrow.Array:
    items = pc.binary_join(pyarrow.ListArray.from_arrays(lists.offsets, _quoted(lists.flatten())), _text(","))
    return pc.binary_join_element_wise(_text("["), items, _text("]"), _text(""))


def _text(sign: str) -> pyarrow.Scalar:
    return pyarrow.scalar(sign, pyarrow.large_string())


def _whole(values: Any) -> pyarrow.Array:
    return values.combine_chunks() if isinstance(values, pyarrow.ChunkedArray) else values


def _quoted(texts: pyarrow.Array) -> pyarrow.Array:
    """Texts in JSON; those in which something must be escaped one by one."""
    quoted = _in_quotes(texts)
    odd = pc.fill_null(pc.match_substring_regex(texts, _ESCAPED), False)
    if pc.any(odd).as_py():
        quoted = pc.replace_with_mask(quoted, odd, _texts([_json(text) for text in texts.filter(odd).to_pylist()]))
    return _or_null(quoted)


def _in_quotes(texts: pyarrow.Array) -> pyarrow.Array:
    return pc.binary_join_element_wise(_text('"'), texts, _text('"'), _text(""))


def _or_null(texts: pyarrow.Array) -> pyarrow.Array:
    return pc.fill_null(texts, _text("null"))


def _json(value: Any) -> str:
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (list, tuple, np.ndarray)):
        return [str(item) for item in value]
    if pd.isna(value):
        return None
    if isinstance(value, (dt.date, np.datetime64)):
        return to_text(value)
    if isinstance(value, (float, np.floating)) and not float(value).is_integer():
        return float(value)
    return bool(value) if isinstance(value, (bool, np.bool_)) else int(value)
