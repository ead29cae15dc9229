"""Files and folders that change together: all of them or, as far as a file system allows it, none.

Everything new is written beside its place first, and what it replaces is kept beside it. A journal lists the places
while they change. Whoever finds a journal, since a process was killed in that moment, undoes what it lists.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from casebook._support.files import lock_folder, sha256
from casebook.errors import CasebookError, NotWritableError

JOURNAL = ".casebook-unfinished.json"
Content = bytes | Mapping[str, bytes]
"""What a file holds, or the files of a folder by name."""


@dataclass(frozen=True)
class Change:
    """A place that changes, and its neighbors: what it will hold, and what it held."""

    path: Path
    digest: str
    folder: bool
    existed: bool

    @property
    def after(self) -> Path:
        return self.path.with_name(f".{self.path.name}.after")

    @property
    def before(self) -> Path:
        return self.path.with_name(f".{self.path.name}.before")

    @property
    def made(self) -> bool:
        """Whether the place holds what it will hold."""
        return _digest_of(self.path) == self.digest

    def prepare(self, content: Content) -> None:
        self.clear()
        if isinstance(content, bytes):
            _write(self.after, content)
            if self.existed:
                shutil.copy2(self.path, self.before)
            return
        self.after.mkdir()
        for name, part in content.items():
            _write(self.after / name, part)

    def make(self) -> None:
        if self.folder and self.existed:
            self.path.rename(self.before)
        os.replace(self.after, self.path)

    def undo(self) -> None:
        """Put back what was there; what somebody else has written there since is left alone."""
        if self.made and self.folder:
            self.path.rename(self.after)
        elif self.made and not self.existed:
            self.path.unlink()
        elif self.made:
            os.replace(self.before, self.path)
        if self.folder and self.before.exists() and not self.path.exists():
            self.before.rename(self.path)

    def clear(self) -> None:
        for left in (self.after, self.before):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            elif os.path.lexists(left):
                left.unlink()


def change_together(contents: Mapping[Path, Content], journal: Path) -> None:
    """Write files and folders, all or none.

    Parameters
    ----------
    contents : mapping of Path to bytes or mapping
        What each place will hold, in the order in which they change; a place that holds it already is left alone.
        A folder is replaced with all that was in it.
    journal : Path
        Where the changes are listed while they are made; see `undo_unfinished`.

    Raises
    ------
    NotWritableError
        If one cannot be written; everything is then as it was.
    """
    changes: list[Change] = []
    folders: list[Path] = []
    path = journal
    try:
        for path, content in contents.items():
            digest = _digest(content)
            if _digest_of(path) != digest:
                change = Change(path, digest, not isinstance(content, bytes), path.exists())
                if change.existed and change.folder != path.is_dir():
                    raise OSError(f"there is a {'folder' if path.is_dir() else 'file'} of that name")
                changes.append(change)
        path = journal
        _list(changes, journal)
        for change in changes:
            path = change.path
            folders += _make_folders(path.parent)
            change.prepare(contents[path])
        for change in changes:
            path = change.path
            change.make()
        path = journal
        os.replace(journal, _beside(journal, "done"))
    except BaseException as error:
        with suppress(OSError):
            if _beside(journal, "done").exists():
                _forget(changes, journal)
                raise
            _undo(changes, journal)
        for folder in reversed(folders):
            with suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            raise NotWritableError(path, error) from error
        raise
    with suppress(OSError):
        _forget(changes, journal)


def undo_unfinished(journal: Path) -> None:
    """Undo what a process had begun to change together when it was killed.

    Nothing is undone where there is no journal, or where all was changed but the journal not yet taken away.

    Raises
    ------
    CasebookError
        If the journal, or what it lists, cannot be read or put back.
    """
    try:
        done, new = _beside(journal, "done"), _beside(journal, "new")
        if done.exists():
            _forget(_listed(done), journal)
        elif new.exists() and not journal.exists():
            _forget([], journal)
        elif journal.exists():
            changes = _listed(journal)
            if all(change.made for change in changes):
                _forget(changes, journal)
            else:
                _undo(changes, journal)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CasebookError(
            f"{journal} lists what a killed process had begun to write, and it cannot be undone: {error}; "
            "put it right by hand, and remove that file"
        ) from error


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other process is in this place for the folder; where a system has no locks, go on without."""
    lock = lock_folder(folder)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _undo(changes: list[Change], journal: Path) -> None:
    for change in reversed(changes):
        change.undo()
    _forget(changes, journal)


def _forget(changes: list[Change], journal: Path) -> None:
    """Remove what is kept beside the places, then the journal."""
    for change in changes:
        change.clear()
    for name in (journal, _beside(journal, "new"), _beside(journal, "done")):
        name.unlink(missing_ok=True)


def _list(changes: list[Change], journal: Path) -> None:
    listed = [{**asdict(change), "path": os.path.relpath(change.path, journal.parent)} for change in changes]
    _write(_beside(journal, "new"), json.dumps(listed, indent=1).encode())
    os.replace(_beside(journal, "new"), journal)


def _listed(journal: Path) -> list[Change]:
    listed = json.loads(journal.read_text(encoding="utf-8"))
    return [Change(journal.parent / item.pop("path"), **item) for item in listed]


def _beside(journal: Path, name: str) -> Path:
    return journal.with_name(f"{journal.name}.{name}")


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o644)


def _make_folders(folder: Path) -> list[Path]:
    """The folders that had to be made, the outermost first."""
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _digest(content: Content) -> str:
    if isinstance(content, bytes):
        return sha256(content)
    return sha256("".join(f"{sha256(content[name])}  {name}\n" for name in sorted(content)).encode())


def _digest_of(path: Path) -> str | None:
    if path.is_dir():
        return _digest({entry.name: entry.read_bytes() for entry in path.iterdir() if entry.is_file()})
    return sha256(path.read_bytes()) if path.exists() else None
