"""Built casebooks inside archives: wheels, source distributions and exchange archives, read where they lie.

Nothing is unpacked to disk, no link is followed, and no more is read than `FILE_LIMIT` and `LIMIT` allow. What cannot
be read of a zip archive is known by name, so that `verify` can say so; a damaged tar archive has no such places.
"""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import IO, Any

from casebook._support.content import DESCRIPTOR, FILE_LIMIT, bounded
from casebook.errors import CasebookError

ZIPS, TARS = (".whl", ".zip"), (".tar.gz", ".tgz")
LIMIT = 512 * 2**20
"""Bytes that are read of one archive."""
_CHUNK = 2**20


class Unpacked(Traversable):
    """A folder in memory: the files of an archive that lie directly in it.

    Parameters
    ----------
    place : str
        Where it lies, for messages.
    files : mapping of bytes or str
        Content by name; a text says why a file cannot be read.
    elsewhere : mapping of str
        What cannot be read in the rest of the archive: name and reason.
    """

    def __init__(
        self, place: str, files: Mapping[str, bytes | str], elsewhere: Mapping[str, str] | None = None
    ) -> None:
        self.place, self.files, self.elsewhere = place, dict(files), dict(elsewhere or {})

    def __str__(self) -> str:
        return self.place

    @property
    def name(self) -> str:
        return PurePosixPath(self.place).name

    def iterdir(self) -> Iterator[Traversable]:
        return (self / name for name in self.files)

    def is_dir(self) -> bool:
        return True

    def is_file(self) -> bool:
        return False

    def joinpath(self, *descendants: Any) -> Traversable:
        name = "/".join(map(str, descendants))
        return _Member(f"{self.place}/{name}", self.files.get(name))

    __truediv__ = joinpath

    def open(self, mode: Any = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        raise IsADirectoryError(f"{self.place} is a folder")

    def read_bytes(self) -> bytes:
        raise IsADirectoryError(f"{self.place} is a folder")

    def read_text(self, encoding: str | None = None) -> str:
        raise IsADirectoryError(f"{self.place} is a folder")


class _Member(Traversable):
    def __init__(self, place: str, content: bytes | str | None) -> None:
        self.place, self.content = place, content

    def __str__(self) -> str:
        return self.place

    @property
    def name(self) -> str:
        return PurePosixPath(self.place).name

    def iterdir(self) -> Iterator[Traversable]:
        raise NotADirectoryError(f"{self.place} is a file")

    def is_dir(self) -> bool:
        return False

    def is_file(self) -> bool:
        return self.content is not None

    def joinpath(self, *descendants: Any) -> Traversable:
        return _Member("/".join(map(str, (self.place, *descendants))), None)

    __truediv__ = joinpath

    def open(self, mode: Any = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        if self.content is None:
            raise FileNotFoundError("there is no such file in the archive")
        if isinstance(self.content, str):
            raise OSError(self.content)
        stream = io.BytesIO(self.content)
        return stream if "b" in mode else io.TextIOWrapper(stream, *args, **kwargs)

    def read_bytes(self) -> bytes:
        content: bytes = self.open("rb").read()
        return content

    def read_text(self, encoding: str | None = None) -> str:
        return self.read_bytes().decode(encoding or "utf-8")


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
        If there is nothing at `path`, it cannot be read, or there is no built casebook in it.
    """
    try:
        if path.is_dir():
            places = [path / "tables", path / "data/tables"]
            return next((place for place in places if (place / DESCRIPTOR).is_file()), path)
        if not path.exists():
            raise CasebookError(f"there is no folder or file {str(path)!r}")
    except OSError as error:
        raise CasebookError(f"{path} cannot be read: {error.strerror or error}") from error
    if not path.name.lower().endswith((*ZIPS, *TARS)) or not path.is_file():
        raise CasebookError(f"{path} is neither a folder nor an archive ({', '.join((*ZIPS, *TARS))})")
    return _unpacked(path)


def _unpacked(path: Path) -> Unpacked:
    members = _zipped if path.name.lower().endswith(ZIPS) else _tarred
    folders: dict[PurePosixPath, dict[str, bytes | str]] = {}
    elsewhere: dict[str, str] = {}
    left = LIMIT
    try:
        for name, read in members(path):
            found = _content(read, min(left, FILE_LIMIT))
            left -= len(found) if isinstance(found, bytes) else 0
            place = PurePosixPath(name)
            if place.parent.name == "tables" and not place.is_absolute() and ".." not in place.parts:
                files = folders.setdefault(place.parent, {})
                files[place.name] = "stands twice in the archive" if place.name in files else found
            elif isinstance(found, str):
                elsewhere[name] = found
    except Exception as error:  # whatever damaged bytes do to the libraries
        raise CasebookError(f"{path} is not a readable archive: {error}") from error
    homes = [home for home, files in folders.items() if DESCRIPTOR in files]
    if not homes:
        raise CasebookError(f"{path} holds no built casebook (no tables/{DESCRIPTOR})")
    home = min(homes, key=lambda home: (len(home.parts), str(home)))
    return Unpacked(f"{path}/{home}", folders[home], elsewhere)


Read = Callable[[int], bytes]


def _content(read: Read, limit: int) -> bytes | str:
    try:
        return read(limit)
    except tarfile.TarError:
        raise
    except Exception as error:  # zlib, lzma, zipfile, struct and others each have their own
        return f"is damaged or cannot be read: {error}"


def _zipped(path: Path) -> Iterator[tuple[str, Read]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue

            def read(limit: int, member: zipfile.ZipInfo = member) -> bytes:
                if stat.S_ISLNK(member.external_attr >> 16):
                    raise OSError("it is a link, which is not followed")
                with archive.open(member) as stream:
                    return bounded(stream, limit)

            yield member.filename, read


def _tarred(path: Path) -> Iterator[tuple[str, Read]]:
    with gzip.open(path) as unzipped:
        whole = _Counted(unzipped)
        with tarfile.open(fileobj=whole, mode="r|") as archive:
            for member in archive:
                if PurePosixPath(member.name).parent.name != "tables" or member.isdir():
                    continue

                def read(limit: int, member: tarfile.TarInfo = member) -> bytes:
                    stream = archive.extractfile(member) if member.isfile() else None
                    if stream is None:
                        raise OSError("it is a link or no file, which is not followed")
                    return bounded(stream, limit)

                yield member.name, read
        while whole.read(_CHUNK):
            """The checksum of the whole stands at its end."""


class _Counted(io.RawIOBase):
    """A stream that ends with an error where it has gone on for too long."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self.stream, self.left = stream, LIMIT

    def read(self, size: int = -1) -> bytes:
        content = self.stream.read(min(size, _CHUNK) if size >= 0 else _CHUNK)
        self.left -= len(content)
        if self.left < 0:
            raise tarfile.ReadError(f"it holds more than {LIMIT // 2**20} MiB")
        return content


def releases_in(folder: Path) -> Iterator[Path]:
    """Archives and built casebooks that lie in a folder, in order of name."""
    if not folder.is_dir():
        raise CasebookError(f"there is no folder {str(folder)!r}")
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise CasebookError(f"{folder} cannot be read: {error.strerror or error}") from error
    for path in paths:
        if path.name.lower().endswith((*ZIPS, *TARS)) or (
            path.is_dir() and (tables_folder(path) / DESCRIPTOR).is_file()
        ):
            yield path
