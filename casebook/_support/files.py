"""Writing that is all or nothing."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from casebook.errors import NotWritableError


def sha256(content: bytes) -> str:
    """SHA-256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def write_files(files: Mapping[Path, bytes], *, parents: bool = True) -> None:
    """Write files, each whole or not at all; none is touched before all have been prepared beside their places.

    Parameters
    ----------
    files : mapping of Path to bytes
        What to write, in order; the last one is the last to appear.
    parents : bool, default True
        Make the folders in which they lie.

    Raises
    ------
    NotWritableError
        If one cannot be written; the message names it.
    """
    prepared: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path, content in files.items():
            if parents:
                path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
            prepared.append((Path(name), path))
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(name).chmod(0o644)
        for temporary, path in prepared:
            os.replace(temporary, path)
    except OSError as error:
        raise NotWritableError(path, error) from error
    finally:
        for temporary, _ in prepared:
            temporary.unlink(missing_ok=True)


def write_file(path: Path, content: bytes, *, parents: bool = True) -> None:
    """Write one file, whole or not at all; see `write_files`."""
    write_files({path: content}, parents=parents)


@contextmanager
def staging(target: Path) -> Iterator[Path]:
    """A new folder beside a target, to prepare files in; whatever is left of it is removed.

    What killed processes left beside the same target is removed, too, where the system has locks by which to know it.

    Raises
    ------
    NotWritableError
        If the folder, or anything in it, cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
        temporary, lock = _held_folder(target)
    except OSError as error:
        raise NotWritableError(target, error) from error
    try:
        yield temporary
    except OSError as error:
        raise NotWritableError(target, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def _held_folder(target: Path) -> tuple[Path, int | None]:
    """A new folder, locked for as long as this process lives, so that nobody else sweeps it."""
    while True:
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
        lock = lock_folder(folder)
        if folder.exists():
            folder.chmod(0o755)
            return folder, lock
        if lock is not None:
            os.close(lock)


def _sweep(target: Path) -> None:
    for left in target.parent.glob(f".{glob.escape(target.name)}-????????"):
        lock = lock_folder(left, wait=False)
        if lock is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(lock)


def lock_folder(folder: Path, *, wait: bool = True) -> int | None:
    """A lock that ends with the process, or None where there is none to be had."""
    handle = None
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        if handle is not None:
            os.close(handle)
        return None
    return handle


def replace_folder(made: Path, target: Path) -> None:
    """Put a finished folder in the place of another; a failure leaves the old one where it was.

    The old folder waits beside the target as ``.NAME-old``; `recover` finds it there if the process ends in between.
    """
    recover(target)
    old = _waiting(target)
    if not target.exists():
        made.rename(target)
        return
    target.rename(old)
    try:
        made.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def recover(target: Path) -> None:
    """Mend what an interrupted `replace_folder` left: the old folder returns if its successor never came."""
    old = _waiting(target)
    with suppress(OSError):
        if old.exists() and not target.exists():
            old.rename(target)
        else:
            shutil.rmtree(old, ignore_errors=True)


def _waiting(target: Path) -> Path:
    return target.with_name(f".{target.name}-old")
