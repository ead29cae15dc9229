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
from json.encoder import encode_basestring as _quoted
from typing import Any

import numpy as np
import pandas as pd
import pyarrow

from casebook.model.schema import Table
from casebook.model.values import to_text

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
    cells = [_cells(frame[name]) for name in names]
    rows = [f"[{','.join(row)}]\n" for row in zip(*cells, strict=True)]
    places = frame[table.primary_key].array.argsort(kind="stable")
    text = "".join([f"{_json(names)}\n", *(rows[place] for place in places)])
    return hashlib.sha256(text.encode()).hexdigest()


def release_digest(digests: Mapping[str, str]) -> str:
    """SHA-256 of all table digests.

    Examples
    --------
    >>> release_digest({})
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    text = "".join(f"{name} {digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _cells(column: pd.Series) -> list[str]:
    """The values of a column in JSON."""
    array = column.array
    if isinstance(array, pd.Categorical):
        labels = [*map(_json, array.categories), "null"]
        return [labels[code] for code in array.codes]
    if isinstance(array, pd.arrays.NumpyExtensionArray):
        return [_json(_plain(value)) for value in array]
    values = pyarrow.array(array).to_pylist()
    if isinstance(array.dtype, pd.StringDtype):
        return ["null" if text is None else _quoted(text) for text in values]
    known = {value: _json(_plain(value)) for value in set(values)}
    return [known[value] for value in values]


def _json(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(_quoted, value))}]"
    return _quoted(value) if isinstance(value, str) else _ENCODER.encode(value)


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
