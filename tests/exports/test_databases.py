"""SQLite and DuckDB, read back by their own libraries."""

import datetime as dt
import json
import os
import sqlite3
from contextlib import closing

import duckdb
import pytest

from casebook.errors import CasebookError


@pytest.fixture
def sqlite(exported):
    with closing(sqlite3.connect(exported.folder / f"{exported.book.metadata.name}.sqlite")) as connection:
        yield connection


@pytest.fixture
def duck(exported):
    path = exported.folder / f"{exported.book.metadata.name}.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def in_sqlite(value):
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, dt.date) else value


def test_sqlite_holds_what_load_gives(exported, sqlite):
    for table in exported.book.schema:
        for name, values in exported.cells(table.name).items():
            read = [value for (value,) in sqlite.execute(f'SELECT "{name}" FROM "{table.name}" ORDER BY rowid')]
            assert read == [in_sqlite(value) for value in values], (table.name, name)


def test_sqlite_has_primary_and_foreign_keys(exported, sqlite):
    for table in exported.book.schema:
        keys = [row[1] for row in sqlite.execute(f'PRAGMA table_info("{table.name}")') if row[5]]
        assert keys == [table.primary_key]
        found = {(row[3], row[2], row[4]) for row in sqlite.execute(f'PRAGMA foreign_key_list("{table.name}")')}
        assert found == {(key.field, key.table, key.reference) for key in table.foreign_keys}
    assert sqlite.execute("PRAGMA foreign_key_check").fetchall() == []
    assert sqlite.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_sqlite_refuses_what_the_codebook_does_not_allow(tiny, tmp_path):
    [path] = tiny.export(tmp_path, "sqlite")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for statement in (
            "UPDATE channels SET result = 'triumph'",
            "UPDATE cases SET deadline = 2",
            "UPDATE channels SET name = NULL",
            "UPDATE channels SET case_id = 'nowhere'",
            "INSERT INTO cases SELECT * FROM cases",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(statement)


def test_sqlite_keeps_comments_with_the_tables(exported, sqlite):
    for table in exported.book.schema:
        [(text,)] = sqlite.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table.name,))
        for item in table.columns:
            assert " ".join(item.description.split()) in text


def test_duckdb_holds_what_load_gives(exported, duck):
    for table in exported.book.schema:
        for name, values in exported.cells(table.name).items():
            read = [value for (value,) in duck.execute(f'SELECT "{name}" FROM "{table.name}"').fetchall()]
            assert read == values, (table.name, name)


def test_duckdb_has_keys_comments_and_ordered_categories(exported, duck):
    for table in exported.book.schema:
        rows = duck.execute(
            "SELECT constraint_type, constraint_column_names, referenced_table, referenced_column_names "
            "FROM duckdb_constraints() WHERE table_name = ?",
            [table.name],
        ).fetchall()
        assert [row[1] for row in rows if row[0] == "PRIMARY KEY"] == [[table.primary_key]]
        foreign = {(row[1][0], row[2], row[3][0]) for row in rows if row[0] == "FOREIGN KEY"}
        assert foreign == {(key.field, key.table, key.reference) for key in table.foreign_keys}
        comments = duck.execute(
            "SELECT column_name, comment, data_type FROM duckdb_columns() WHERE table_name = ?", [table.name]
        ).fetchall()
        for item, (name, comment, kind) in zip(table.columns, comments, strict=True):
            assert name == item.name
            assert comment == f"{item.title}: {' '.join(item.description.split())}"
            if item.categories:
                assert kind == f"ENUM({', '.join(repr(value) for value in item.values)})"
        [(comment,)] = duck.execute("SELECT comment FROM duckdb_tables() WHERE table_name = ?", [table.name]).fetchall()
        assert comment.startswith(f"{table.title}: ")


def test_both_hold_the_codebook_as_data(exported, sqlite, duck):
    columns = [(table.name, item.name) for table in exported.book.schema for item in table.columns]
    query = 'SELECT "table", variable FROM casebook_variables'
    assert sqlite.execute(query).fetchall() == columns
    assert duck.execute(query).fetchall() == columns
    labels = [
        (table.name, item.name, number, category.value, category.label)
        for table in exported.book.schema
        for item in table.columns
        for number, category in enumerate(item.categories, 1)
    ]
    query = 'SELECT "table", variable, position, value, label FROM casebook_categories'
    assert sqlite.execute(query).fetchall() == labels
    assert duck.execute(query).fetchall() == labels
    for connection in (sqlite, duck):
        about = dict(connection.execute("SELECT property, value FROM casebook_release").fetchall())
        assert about["digest"] == exported.book.digest


def test_a_reference_to_nowhere_is_refused(tiny, tmp_path, monkeypatch):
    cases = tiny.load("cases", alleged=True)
    load = type(tiny).load
    monkeypatch.setattr(
        type(tiny), "load", lambda self, name, **kw: cases.head(0) if name == "cases" else load(self, name, **kw)
    )
    with pytest.raises(CasebookError, match=r"sqlite: table \w+ refers to a row of cases that does not exist"):
        tiny.export(tmp_path / "out", "sqlite")
    with pytest.raises(CasebookError, match=r"duckdb: table \w+ breaks a rule of its schema"):
        tiny.export(tmp_path / "out", "duckdb")


def test_foreign_keys_in_a_circle_are_named(tiny, tmp_path, monkeypatch):
    cases = tiny.schema.table("cases")
    monkeypatch.setitem(cases.__dict__, "foreign_keys", tiny.schema.table("delegations").foreign_keys)
    with pytest.raises(CasebookError, match=r"duckdb: the foreign keys of cases, parties.* go round in a circle"):
        tiny.export(tmp_path / "out", "duckdb")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["what?", "a?b=c", "it's", "100%_#;[x]*"])
def test_folders_of_any_name(tiny, tmp_path, name):
    for path in tiny.export(tmp_path / name, ["duckdb", "sqlite", "csv", "parquet"]):
        assert path.exists()
    assert len(list((tmp_path / name).iterdir())) == 4
