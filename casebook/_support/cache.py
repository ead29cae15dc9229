"""Results kept on disk from one run to the next, each known again by a key made of all that it follows from."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import sys
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from casebook._support.files import sha256, write_file
from casebook.errors import NotWritableError

MOST = 512_000_000
"""Bytes that a cache may grow to; what was not used for longest goes first."""


class Cache:
    """Small sets of named bytes by key, in a folder that belongs to the user alone.

    Two processes may use one folder at once. What was damaged is taken for missing, and what cannot be written is not
    kept. Entries hold data, never code.

    Parameters
    ----------
    folder : Path, optional
        The folder, made when first needed; without it nothing is kept.
    most : int, optional
        Bytes that it may grow to.

    Examples
    --------
    >>> Cache().get("a") is None
    True
    """

    def __init__(self, folder: Path | None = None, most: int = MOST) -> None:
        self.folder, self.most = folder, most
        self._written = False

    def get(self, key: str) -> dict[str, bytes] | None:
        """What was kept under a key; None if nothing, or if it was damaged."""
        if self.folder is None or not self._own(self.folder):
            return None
        try:
            path = self.folder / key
            raw = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        digest, content = raw[:64], raw[64:]
        if digest.decode(errors="replace") != sha256(content):
            return None
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def put(self, key: str, files: Mapping[str, bytes]) -> None:
        """Keep something under a key, in place of what was there."""
        if self.folder is None:
            return
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(name), content)
        with suppress(OSError, NotWritableError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._own(self.folder):
                write_file(self.folder / key, sha256(stream.getvalue()).encode() + stream.getvalue())
                self._written = True

    def tidy(self) -> None:
        """Let go of what was not used for longest, if anything was added and the folder has become too large."""
        if self.folder is None or not self._written:
            return
        with suppress(OSError):
            entries = sorted((path.stat().st_mtime_ns, path.stat().st_size, path) for path in self.folder.iterdir())
            excess = sum(size for _, size, _ in entries) - self.most
            for _, size, path in entries:
                if excess > 0:
                    path.unlink(missing_ok=True)
                    excess -= size

    @staticmethod
    def _own(folder: Path) -> bool:
        """Whether nobody but the user can have written there."""
        try:
            about = folder.stat()
        except OSError:
            return False
        return not hasattr(os, "getuid") or (
            about.st_uid == os.getuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        )


def key_of(*parts: bytes | str | Iterable[bytes | str]) -> str:
    """A key that is another one as soon as any part is.

    Examples
    --------
    >>> key_of("ab", "c") == key_of("a", "bc")
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, bytes | str):
            raw = part.encode() if isinstance(part, str) else part
            digest.update(b"%d:" % len(raw) + raw)
        else:
            digest.update(key_of(*part).encode())
    return digest.hexdigest()


def user_cache(name: str, rooms: tuple[str, ...], *, fresh: bool = False, most: int = MOST) -> Cache:
    """A cache in the user's own folder for such things.

    Parameters
    ----------
    name : str
        What is kept in it.
    rooms : tuple of str
        The rooms of the code from which it follows.
    fresh : bool, default False
        Keep nothing, and find nothing; so it is, too, where the code does not lie in files by which it could be known,
        and where the user has no folder.
    most : int, optional
        Bytes that it may grow to.
    """
    if fresh or not _code(rooms):
        return Cache()
    from platformdirs import user_cache_path

    folder = Path(user_cache_path("casebook", appauthor=False))
    return Cache(folder / name, most) if folder.is_absolute() else Cache()


@cache
def stamp(rooms: tuple[str, ...], libraries: tuple[str, ...]) -> str:
    """A key that is another one as soon as Python, or some of the code or of the libraries, is."""
    return key_of(sys.version, map(_version, libraries), _code(rooms))


@cache
def _code(rooms: tuple[str, ...]) -> tuple[bytes, ...]:
    house = Path(__file__).parents[1]
    return tuple(path.read_bytes() for room in rooms for path in sorted((house / room).glob("*.py")))


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
