"""Reading Parquet that may be damaged, or made to exhaust the memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow
import pyarrow.parquet as pq

ROWS = 5_000_000
"""Rows that a table may have."""
BYTES = 2**30
"""Bytes that the values of a table may have, as its file records them."""


def read_parquet(
    content: bytes, columns: Sequence[str] | None = None, among: Mapping[str, Sequence[Any]] | None = None
) -> pyarrow.Table:
    """The table in a Parquet file.

    It is read by one thread: one of Arrow's own that still runs when Python ends would abort it.

    Parameters
    ----------
    content : bytes
        The file.
    columns : sequence of str, optional
        Only these columns are decoded; those that the file doesn't have are passed over.
    among : mapping of sequence, optional
        Only rows in which each of these columns has one of the values given.

    Raises
    ------
    OSError, ValueError
        If the bytes are none, or the table has more than `ROWS` rows or `BYTES` bytes.
    """
    try:
        file = pq.ParquetFile(pyarrow.BufferReader(content), pre_buffer=False)
        about = file.metadata
        size = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
        if about.num_rows > ROWS or size > BYTES:
            raise ValueError(f"it holds {about.num_rows} rows and {size} bytes, more than a casebook has")
        if among:
            filters = [(name, "in", list(values)) for name, values in among.items()]
            source = pyarrow.BufferReader(content)
            return pq.read_table(source, columns=columns, filters=filters, use_threads=False, pre_buffer=False)
        return file.read(columns=columns, use_threads=False)
    except pyarrow.ArrowException as error:
        raise ValueError(str(error)) from error
