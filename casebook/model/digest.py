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
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow
import pyarrow.compute as pc

from casebook.model.schema import Table
from casebook.model.values import to_text

if TYPE_CHECKING:
    import pandas as pd

_ESCAPED = r'[\x00-\x1f"\\]'
_PIECE = 10_000
"""Rows that are written out at once."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _texts(values: Sequence[str]) -> pyarrow.Array:
    """Texts in Arrow; `pyarrow.array` would import pandas."""
    content = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, content)], dtype=np.int64)
    return pyarrow.LargeStringArray.from_buffers(len(content), *map(pyarrow.py_buffer, (ends, b"".join(content))))


_QUOTE, _COMMA, _NULL, _OPEN, _CLOSE, _END, _NOTHING = _texts(['"', ",", "null", "[", "]", "]\n", ""])


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
    from casebook.model.rendering import arrow_table, decoded

    try:
        return arrow_digest(arrow_table(table, frame), table)
    except pyarrow.ArrowException:
        names = [column.name for column in table.columns]
        filled = [zip(decoded(frame[name]), frame[name].notna(), strict=True) for name in names]
        cells = [_texts([_json(_plain(value) if known else None) for value, known in column]) for column in filled]
        order = frame[table.primary_key].array.argsort(kind="stable")
        return _digest(names, [_lines(cells).take(order)])


def arrow_digest(data: pyarrow.Table, table: Table) -> str:
    """The same of a table in Arrow, as `casebook.model.rendering.arrow_table` makes it."""
    order = pc.array_sort_indices(data[table.primary_key])
    pieces = (data.take(order.slice(start, _PIECE)) for start in range(0, len(order), _PIECE))
    lines = (_lines([_cells(c.type, piece[c.name].combine_chunks()) for c in table.columns]) for piece in pieces)
    return _digest(data.column_names, lines)


def _lines(cells: list[Any]) -> pyarrow.Array:
    return pc.binary_join_element_wise(_OPEN, pc.binary_join_element_wise(*cells, _COMMA), _END, _NOTHING)


def _digest(names: list[str], pieces: Iterable[pyarrow.Array]) -> str:
    digest = hashlib.sha256(f"{_json(names)}\n".encode())
    for lines in pieces:
        if len(lines):
            digest.update(lines.buffers()[2][: pc.sum(pc.binary_length(lines)).as_py()])
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


def _cells(kind: str, column: Any) -> Any:
    """The values of a column in JSON, as Arrow texts."""
    if kind == "string":
        return _quoted(column.cast(pyarrow.large_string()))
    if kind in ("integer", "boolean"):
        return pc.fill_null(column.cast(pyarrow.large_string()), _NULL)
    if kind == "date":
        return pc.fill_null(_in_quotes(column.cast(pyarrow.large_string())), _NULL)
    if kind == "array":
        items = pyarrow.ListArray.from_arrays(column.offsets, _quoted(column.values.cast(pyarrow.large_string())))
        joined = pc.binary_join_element_wise(_OPEN, pc.binary_join(items, _COMMA), _CLOSE, _NOTHING)
        return pc.if_else(column.is_null(), _NULL, joined)
    return _texts([_json(_plain(value)) for value in column.to_pylist()])


def _quoted(texts: Any) -> Any:
    """Texts in JSON; those in which something must be escaped one by one."""
    quoted = _in_quotes(texts)
    odd = pc.match_substring_regex(texts, _ESCAPED)
    if pc.any(odd).as_py():
        quoted = pc.replace_with_mask(quoted, odd, _texts([_json(text) for text in texts.filter(odd).to_pylist()]))
    return pc.fill_null(quoted, _NULL)


def _in_quotes(texts: Any) -> Any:
    return pc.binary_join_element_wise(_QUOTE, texts, _QUOTE, _NOTHING)


def _json(value: Any) -> str:
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (list, tuple, np.ndarray)):
        return [str(item) for item in value]
    if value != value:
        return None
    if isinstance(value, (dt.date, np.datetime64)):
        return to_text(value)
    if isinstance(value, (float, np.floating)) and not float(value).is_integer():
        return float(value)
    return bool(value) if isinstance(value, (bool, np.bool_)) else int(value)
