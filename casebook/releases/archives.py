"""Built casebooks inside archives: wheels, source distributions and exchange archives, read where they lie."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from casebook.errors import CasebookError

ZIPS, TARS = (".whl", ".zip"), (".tar.gz", ".tgz")
DESCRIPTOR = "datapackage.json"


def tables_folder(path: Path) -> Traversable:
    """The folder of tables in a casebook folder, checkout or archive.

    Parameters
    ----------
    path : Path
        A folder, a wheel or zip archive, or a source distribution (``.tar.gz``).

    Returns
    -------
    Traversable
        The folder that holds ``datapackage.json``.

    Raises
    ------
    CasebookError
        If there is nothing at `path`, or no built casebook in it.
    """
    if path.is_dir():
        places = [path / "tables", path / "data/tables"]
        return next((place for place in places if (place / DESCRIPTOR).is_file()), path)
    if not path.exists():
        raise CasebookError(f"there is no folder or file {str(path)!r}")
    if not path.name.endswith((*ZIPS, *TARS)):
        raise CasebookError(f"{path} is neither a folder nor an archive ({', '.join((*ZIPS, *TARS))})")
    try:
        archive = zipfile.ZipFile(path) if path.name.endswith(ZIPS) else _as_zip(path)
    except (OSError, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise CasebookError(f"{path} is not a readable archive: {error}") from error
    members = [PurePosixPath(name) for name in archive.namelist()]
    homes = [name.parent for name in members if name.name == DESCRIPTOR and name.parent.name == "tables"]
    if not homes:
        raise CasebookError(f"{path} holds no built casebook (no tables/{DESCRIPTOR})")
    return zipfile.Path(archive, f"{min(homes, key=lambda home: len(home.parts))}/")


def _as_zip(path: Path) -> zipfile.ZipFile:
    """The tables of a tar archive as a zip archive in memory, which can be read like a folder."""
    content = zipfile.ZipFile(io.BytesIO(), "w")
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            if member.isfile() and PurePosixPath(member.name).parent.name == "tables":
                stream = archive.extractfile(member)
                assert stream is not None
                content.writestr(member.name, stream.read())
    return content


def releases_in(folder: Path) -> Iterator[Path]:
    """Archives and built casebooks that lie in a folder, in order of name."""
    if not folder.is_dir():
        raise CasebookError(f"there is no folder {str(folder)!r}")
    for path in sorted(folder.iterdir()):
        if path.name.endswith((*ZIPS, *TARS)) or (path.is_dir() and (tables_folder(path) / DESCRIPTOR).is_file()):
            yield path
