"""What was verified is remembered for the same bytes, code and libraries alone, and a finding never."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from forging import edit, forge

from casebook._support import cache
from casebook.book import open as open_casebook
from casebook.releases import remembered, verification


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The folder in which it is remembered, empty at first."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path / "cache/verified"


@pytest.fixture
def tables(tiny, tmp_path):
    return shutil.copytree(tiny.store.folder, tmp_path / "tables")


@pytest.fixture
def checked(monkeypatch):
    """The reference dates of the casebooks whose cells were checked against each other."""
    dates, disagreements = [], verification.disagreements

    def noted(schema, columns, reference_date):
        dates.append(str(reference_date))
        return disagreements(schema, columns, reference_date)

    monkeypatch.setattr(verification, "disagreements", noted)
    return dates


def described(tables, change):
    """Change the descriptor, and make everything recorded agree with it."""
    package = json.loads((tables / "datapackage.json").read_text())
    change(package)
    (tables / "datapackage.json").write_text(json.dumps(package))
    forge(tables)


def test_the_same_files_are_checked_once_and_give_the_same_words(tiny, tables, kept, checked):
    first = tiny.verify()
    assert [path.is_file() for path in kept.iterdir()] == [True]
    steps = []
    again = open_casebook(tables).verify(progress=steps.append)
    assert len(checked) == 1
    assert (str(again), again.digest) == (str(first), tiny.digest)
    assert "checking table cases" in steps
    assert "checking references, rules and evidence" not in steps


def test_everything_is_checked_anew_if_asked_for(tiny, kept, checked):
    assert tiny.verify(fresh=True).ok
    assert not kept.exists()
    assert tiny.verify().ok
    assert tiny.verify(fresh=True).ok
    assert len(checked) == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda tables: edit(tables, "cases", "alpha-1990", "violence", "threatened"),
        lambda tables: pq.write_table(pq.read_table(tables / "terms.parquet").slice(0), tables / "terms.parquet"),
        lambda tables: described(tables, lambda package: package["casebook"].update(reference_date="2020-01-02")),
        lambda tables: described(tables, lambda package: package["resources"][0].update(title="Other")),
    ],
    ids=["value", "bytes", "reference date", "schema"],
)
def test_whatever_is_changed_is_checked_anew(tiny, tables, kept, checked, change):
    tiny.verify()
    change(tables)
    forge(tables)
    open_casebook(tables).verify()
    assert len(checked) == 2


def test_a_casebook_opened_before_it_was_changed_is_checked_anew(tables, kept, checked):
    book = open_casebook(tables)
    assert book.verify().ok
    edit(tables, "channels", "alpha-1990/line", "venue", None)
    messages = [str(item) for item in book.verify().findings]
    assert "channels alpha-1990/line venue: is empty, and the table missing does not say why" in messages


def test_other_code_and_other_libraries_check_anew(tiny, kept, checked, monkeypatch):
    tiny.verify()
    monkeypatch.setattr(remembered, "stamp", lambda *_: "other")
    tiny.verify()
    assert len(checked) == 2


def test_stamps_differ_with_the_code_and_the_versions_of_libraries(monkeypatch):
    made = cache.stamp.__wrapped__
    stamps = [made(rooms, libraries) for rooms in [("model",), ("sources",)] for libraries in [(), ("pyarrow",)]]
    monkeypatch.setattr(cache, "version", lambda library: "0.1")
    stamps.append(made(("model",), ("pyarrow",)))
    assert len(set(stamps)) == 5


def test_the_stamp_covers_all_rooms_of_the_code_that_verifies(tiny):
    code = """
import pathlib, sys
from casebook.releases.store import Store
from casebook.releases.verification import verify
assert verify(Store(pathlib.Path(sys.argv[1])), fresh=True).ok
print(*{name.split(".")[1] for name in sys.modules if name.startswith("casebook.")})
"""
    command = [sys.executable, "-c", code, str(tiny.store.folder)]
    rooms = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert {*rooms} == {*remembered._ROOMS, "errors"}


def test_a_finding_is_never_remembered(tables, kept, checked):
    edit(tables, "channels", "alpha-1990/line", "duration_days_max", 9)
    forge(tables)
    first, again = (open_casebook(tables).verify() for _ in range(2))
    assert len(first.findings) == 1
    assert first.findings == again.findings
    assert len(checked) == 2
    assert not kept.exists()


def test_files_and_the_digest_cited_are_compared_every_time(tables, kept, checked):
    assert open_casebook(tables).verify().ok
    (tables / "sources.bib").write_text("other")
    (tables / "terms.csv").write_text("other")
    found = open_casebook(tables).verify("0" * 12).findings
    assert {item.table for item in found} == {"release", "sources.bib", "terms.csv"}
    assert len(checked) == 1


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs the permissions of POSIX")
def test_a_folder_in_which_others_may_write_is_not_believed(tiny, kept, checked):
    tiny.verify()
    kept.chmod(0o777)
    assert tiny.verify().ok
    assert len(checked) == 2


def test_what_cannot_be_written_is_not_remembered(tiny, kept, checked):
    kept.parent.mkdir()
    kept.write_text("a file where the folder would be")
    assert tiny.verify().ok
    assert tiny.verify().ok
    assert len(checked) == 2


def test_nothing_is_remembered_for_a_user_without_a_folder(tiny, checked, monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: Path("~/.cache/casebook"))
    monkeypatch.chdir(tmp_path)
    assert tiny.verify().ok
    assert tiny.verify().ok
    assert len(checked) == 2
    assert not list(tmp_path.iterdir())


def test_a_damaged_entry_is_only_a_missing_one(tiny, kept, checked):
    tiny.verify()
    (entry,) = kept.iterdir()
    entry.write_bytes(entry.read_bytes()[:-1])
    assert tiny.verify().ok
    assert len(checked) == 2
