"""Files of a built casebook as they lie: names that several rooms know, and content of a size that can be held."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DESCRIPTOR = "datapackage.json"
SUMS = "SHA256SUMS.txt"
FILE_LIMIT = 128 * 2**20
"""Bytes that one file may have."""
_CHUNK = 2**20


def content_of(file: Traversable) -> bytes:
    """What stands in a file.

    Raises
    ------
    OSError
        If it is no regular file, cannot be read, or has more than `FILE_LIMIT` bytes.
    """
    if not file.is_file():
        raise FileNotFoundError("there is no such file")
    with file.open("rb") as stream:
        return bounded(stream, FILE_LIMIT)


def bounded(stream: IO[bytes], limit: int) -> bytes:
    """The rest of a stream.

    Raises
    ------
    OSError
        If it has more than `limit` bytes.
    """
    chunks, left = [], limit
    while chunk := stream.read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise OSError(f"it has more than {limit // 2**20} MiB")
        chunks.append(chunk)
    return b"".join(chunks)
