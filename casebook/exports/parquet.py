"""Parquet: the files of the release as they are, so that checksums and content digest stay what was published.

The folder is itself a built casebook: ``casebook.open`` reads it. Every file is checked against the recorded
checksum before it is copied.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from casebook.errors import CasebookError

if TYPE_CHECKING:
    from casebook.book import Casebook


def write_parquet(book: Casebook, folder: Path) -> None:
    """Copy tables, descriptor, bibliography and checksums.

    Raises
    ------
    CasebookError
        If a file is not the one that was built.
    """
    folder.mkdir()
    source = book.store.folder
    sums = (source / "SHA256SUMS.txt").read_text(encoding="utf-8")
    (folder / "SHA256SUMS.txt").write_text(sums, encoding="utf-8")
    for line in sums.splitlines():
        recorded, name = line.split()[0], Path(line.split(maxsplit=1)[1]).name
        content = (source / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != recorded:
            raise CasebookError(
                f"{source / name} is not the file that was built; run 'casebook build', or install again"
            )
        (folder / name).write_bytes(content)
