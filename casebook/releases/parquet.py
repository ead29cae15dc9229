"""Reading Parquet that may be damaged, or made to exhaust the memory."""

from __future__ import annotations

import io

import pandas as pd
import pyarrow
import pyarrow.parquet as pq

ROWS = 5_000_000
"""Rows that a table may have."""
BYTES = 2**30
"""Bytes that the values of a table may have, as its file records them."""


def read_parquet(content: bytes) -> pd.DataFrame:
    """The table in a Parquet file.

    Raises
    ------
    OSError, ValueError
        If the bytes are none, or the table has more than `ROWS` rows or `BYTES` bytes.
    """
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        about = file.metadata
        size = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
        if about.num_rows > ROWS or size > BYTES:
            raise ValueError(f"it holds {about.num_rows} rows and {size} bytes, more than a casebook has")
        return file.read().to_pandas()
    except pyarrow.ArrowException as error:
        raise ValueError(str(error)) from error
