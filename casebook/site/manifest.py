"""The manifest of a site: its files with their checksums, and the fingerprint of all that they were made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook._support.files import sha256

if TYPE_CHECKING:
    import pandas as pd

    from casebook.book import Casebook

NAME = "site.json"
"""The file by which a folder is known as a site."""
_SOURCES = (".py", ".html", ".css", ".js")


@dataclass(frozen=True)
class Manifest:
    """What a site says of itself.

    Attributes
    ----------
    made_of : str
        Fingerprint of the casebook, the options and the code; see `fingerprint`.
    pages : int
        How many pages it has.
    files : dict of str
        SHA-256 of every file, by name.
    """

    made_of: str = ""
    pages: int = 0
    files: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a folder; an empty one where it has none that can be read."""
        try:
            found = json.loads((folder / NAME).read_text("utf-8"))
            known = found["files"]
            sums = dict(known) if isinstance(known, dict) else dict.fromkeys(known, "")
            return cls(str(found.get("made_of", "")), int(found.get("pages", 0)), sums)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def write(self, folder: Path, book: Casebook) -> None:
        """Write the manifest, with the release that the site shows."""
        about = {"name": book.metadata.name, "version": book.metadata.version, "digest": book.digest}
        shown = {**about, "made_of": self.made_of, "pages": self.pages, "files": self.files}
        (folder / NAME).write_text(json.dumps(shown, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def holds(self, folder: Path) -> bool:
        """Whether the files of a folder are those that it names, byte for byte."""
        return all(
            (folder / name).is_file() and sha256((folder / name).read_bytes()) == known
            for name, known in self.files.items()
        )


def fingerprint(book: Casebook, since: Casebook | None, options: Any) -> str:
    """SHA-256 of everything that decides what the files of a site say: values, codebook, options, and the code."""
    made_of = hashlib.sha256(repr(options).encode())
    for shown in filter(None, (book, since)):
        made_of.update(repr((shown.metadata, shown.schema, shown.digest)).encode())
        for table in shown.schema:
            made_of.update(_values(shown.store.read(table.name)))
    for source in _sources(files("casebook")):
        made_of.update(source)
    return made_of.hexdigest()


def _values(frame: pd.DataFrame) -> bytes:
    """The values as they are, for the recorded digest of a part of a casebook is that of the whole."""
    import pyarrow

    table = pyarrow.Table.from_pandas(frame, preserve_index=False)
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def _sources(folder: Traversable) -> Iterator[bytes]:
    for part in sorted(folder.iterdir(), key=lambda part: part.name):
        if part.is_dir():
            yield from _sources(part)
        elif part.name.endswith(_SOURCES):
            yield part.name.encode() + part.read_bytes()
