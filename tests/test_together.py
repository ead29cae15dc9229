"""Files and folders that change together: whatever happens in between, all have changed or none."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from casebook._support import together
from casebook._support.files import staging
from casebook._support.together import JOURNAL, change_together, undo_unfinished
from casebook.errors import CasebookError, NotWritableError

CALLS = [
    *((Path, name) for name in ("write_bytes", "chmod", "mkdir", "rename", "unlink")),
    *((os, "replace"), (shutil, "copy2"), (shutil, "rmtree")),
]


class Killed(BaseException):
    """Stands for a process that ends here."""


@pytest.fixture
def place(tmp_path):
    """A folder with an old release, and what a new one would write."""
    place = tmp_path / "book"
    for name, content in {"tables/a": b"1", "tables/b": b"1", "log": b"old", "yaml": b"old"}.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    new = {"tables": {"a": b"2", "c": b"2"}, "log": b"new", "made/here/zip": b"new", "yaml": b"new"}
    return place, {place / name: content for name, content in new.items()}


def state(place):
    return {str(path.relative_to(place)): path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file()}


OLD = {"tables/a": b"1", "tables/b": b"1", "log": b"old", "yaml": b"old"}
NEW = {"tables/a": b"2", "tables/c": b"2", "log": b"new", "made/here/zip": b"new", "yaml": b"new"}


def break_at(monkeypatch, number, error):
    """Let the call with that number to anything that writes end in an error; count the calls."""
    calls = []

    def broken(original):
        def call(*args, **kwargs):
            calls.append(original)
            if len(calls) == number:
                raise error
            return original(*args, **kwargs)

        return call

    for owner, name in CALLS:
        monkeypatch.setattr(owner, name, broken(getattr(owner, name)))
    return calls


def test_all_is_written(place):
    folder, contents = place
    change_together(contents, folder / JOURNAL)
    assert state(folder) == NEW
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    change_together(contents, folder / JOURNAL)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path != folder}.items() <= before.items()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_disk_that_breaks_or_a_hand_that_interrupts_at_any_call(place, monkeypatch, error):
    folder, contents = place
    number, ended, ends = 0, False, set()
    while not ended:
        number += 1
        with monkeypatch.context() as patch:
            calls = break_at(patch, number, error)
            try:
                change_together(contents, folder / JOURNAL)
                ended = len(calls) < number
            except (NotWritableError, KeyboardInterrupt) as caught:
                ends.add(str(caught).partition(": ")[2])
        if state(folder) not in (OLD, NEW):
            undo_unfinished(folder / JOURNAL)  # the error came while things were put back
        assert state(folder) in (OLD, NEW), f"call {number}"
        shutil.rmtree(folder)
        for name, content in OLD.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    assert number > 25
    assert ends == {error.args[1] if error.args else ""}


def test_a_process_that_ends_at_any_call_leaves_what_the_next_run_undoes(place, monkeypatch):
    folder, contents = place
    number, ended, seen = 0, False, set()
    while not ended:
        number += 1
        with monkeypatch.context() as patch:
            calls = break_at(patch, number, Killed())
            patch.setattr(together, "_undo", lambda *_: None)
            try:
                change_together(contents, folder / JOURNAL)
                ended = len(calls) < number
            except Killed:
                pass
        undo_unfinished(folder / JOURNAL)
        left = state(folder)
        seen.add(left == NEW)
        assert left in (OLD, NEW), f"call {number}"
        change_together(contents, folder / JOURNAL)
        assert state(folder) == NEW
        shutil.rmtree(folder)
        for name, content in OLD.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    assert seen == {True, False}


def test_what_somebody_wrote_after_a_killed_run_is_not_undone(place, monkeypatch):
    folder, contents = place
    with monkeypatch.context() as patch:
        patch.setattr(together.Change, "make", lambda self: self.path.write_bytes(b"by hand") and 1 / 0)
        patch.setattr(together, "_undo", lambda *_: None)
        with pytest.raises(ZeroDivisionError):
            change_together({folder / "log": contents[folder / "log"]}, folder / JOURNAL)
    undo_unfinished(folder / JOURNAL)
    assert state(folder) == {**OLD, "log": b"by hand"}


def test_processes_killed_at_random_moments(tmp_path):
    script = """
import sys
from pathlib import Path
from casebook._support.together import JOURNAL, change_together, undo_unfinished
place = Path(sys.argv[1])
undo_unfinished(place / JOURNAL)
print("ready", flush=True)
while True:
    for text in (b"a", b"b"):
        contents = {place / "tables": {"1": text, "2": text}, place / "zip": text * 5000, place / "yaml": text}
        change_together(contents, place / JOURNAL)
"""
    rng, found = random.Random(7), set()
    for _ in range(8):
        process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0.01, 0.06))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        undo_unfinished(tmp_path / JOURNAL)
        contents = state(tmp_path)
        assert set(contents) in (set(), {"tables/1", "tables/2", "zip", "yaml"})
        found = {content[:1] for content in contents.values()}
        assert len(found) <= 1


def test_a_folder_where_a_file_belongs(place):
    folder, contents = place
    (folder / "yaml").unlink()
    (folder / "yaml").mkdir()
    before = state(folder)
    with pytest.raises(NotWritableError, match="yaml cannot be written: there is a folder of that name"):
        change_together(contents, folder / JOURNAL)
    assert state(folder) == before
    assert not (folder / "made").exists()


def test_a_journal_that_is_none(tmp_path):
    (tmp_path / JOURNAL).write_text("[1]")
    with pytest.raises(CasebookError, match="it cannot be undone"):
        undo_unfinished(tmp_path / JOURNAL)


def test_what_a_killed_process_left_beside_a_target_is_swept_and_what_another_uses_is_not(tmp_path):
    pytest.importorskip("fcntl")
    (tmp_path / ".tables-abcd_123").mkdir()
    (tmp_path / ".tables-old").mkdir()
    with staging(tmp_path / "tables") as first, staging(tmp_path / "tables") as second:
        assert first.is_dir()
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([".tables-old", first.name, second.name])
    assert [path.name for path in tmp_path.iterdir()] == [".tables-old"]
