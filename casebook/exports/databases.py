"""Databases: SQLite and DuckDB files with keys, checks and comments.

Choices:

- Primary keys, foreign keys, NOT NULL and the allowed categories are part of the tables, so that the database itself
  refuses a wrong value. SQLite enforces foreign keys after ``PRAGMA foreign_keys = ON``.
- DuckDB has comments on tables and columns (``duckdb_tables()``, ``duckdb_columns()``), enumerated types in codebook
  order, dates and lists. SQLite has none of these: comments stand in the CREATE TABLE statements that
  ``sqlite_schema`` keeps, dates are text YYYY-MM-DD in columns declared DATE, booleans 0 and 1 in columns declared
  BOOLEAN, lists JSON text.
- The DuckDB file is written in the storage format of DuckDB 1.2 and in small blocks, which makes it an eighth of the
  size.
- Both also hold the tables ``casebook_variables`` and ``casebook_categories``, the codebook as data, and
  ``casebook_release`` with title, version and content digest.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook._support.optional import needed
from casebook.errors import CasebookError
from casebook.exports.cells import arrow, categories, codebook, flat, rows
from casebook.model.schema import Field, Table

if TYPE_CHECKING:
    import pandas as pd

    from casebook.book import Casebook

_SQLITE = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "REAL",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "array": "TEXT",
}
_DUCKDB = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "array": "VARCHAR[]",
}


def write_sqlite(book: Casebook, path: Path) -> None:
    """Write a SQLite database."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in book.schema:
            connection.execute(_create_sqlite(table))
            marks = ", ".join("?" * len(table.columns))
            cells = ([flat(value) for value in row] for row in rows(book, table))
            connection.executemany(f"INSERT INTO {_name(table.name)} VALUES ({marks})", cells)
        for name, frame in _about(book).items():
            connection.execute(f"CREATE TABLE {_name(name)} ({', '.join(map(_name, frame.columns))})")
            marks = ", ".join("?" * frame.shape[1])
            plain = frame.astype(object).where(frame.notna(), None)
            connection.executemany(
                f"INSERT INTO {_name(name)} VALUES ({marks})", plain.itertuples(index=False, name=None)
            )
        if broken := connection.execute("PRAGMA foreign_key_check").fetchall():
            raise CasebookError(f"sqlite: table {broken[0][0]} refers to a row of {broken[0][2]} that does not exist")


def write_duckdb(book: Casebook, path: Path) -> None:
    """Write a DuckDB database."""
    duckdb = needed("duckdb", "the format duckdb", "export")
    if "?" not in str(path):
        return _fill_duckdb(duckdb, book, path)
    with tempfile.TemporaryDirectory() as plain:  # DuckDB takes what follows a question mark for parameters
        _fill_duckdb(duckdb, book, Path(plain) / path.name)
        shutil.move(Path(plain) / path.name, path)


def _fill_duckdb(duckdb: Any, book: Casebook, path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {_text(str(path))} AS casebook (BLOCK_SIZE 16384, STORAGE_VERSION 'v1.2.0')")
        connection.execute("USE casebook")
        for table in _parents_first(book):
            name = _name(table.name)
            connection.execute(_create(table, _duckdb_type, []))
            connection.execute(f"COMMENT ON TABLE {name} IS {_text(_comment(table))}")
            for item in table.columns:
                connection.execute(f"COMMENT ON COLUMN {name}.{_name(item.name)} IS {_text(_comment(item))}")
            connection.register("incoming", arrow(book, table))
            try:
                connection.execute(f"INSERT INTO {name} SELECT * FROM incoming")
            except duckdb.ConstraintException as error:
                raise CasebookError(f"duckdb: table {table.name} breaks a rule of its schema: {error}") from error
            connection.unregister("incoming")
        for name, frame in _about(book).items():
            connection.register("incoming", frame)
            connection.execute(f"CREATE TABLE {_name(name)} AS SELECT * FROM incoming")
            connection.unregister("incoming")


def _create_sqlite(table: Table) -> str:
    """The CREATE TABLE statement with comments, which SQLite keeps as it was written."""
    comments = {item.name: f"-- {_comment(item)}" for item in table.columns}
    checks = [
        f"CHECK ({_name(item.name)} IN ({', '.join(map(_text, item.values)) or '0, 1'}))"
        for item in table.columns
        if item.categories or item.type == "boolean"
    ]
    head, _, body = _create(table, lambda item: _SQLITE[item.type], checks, comments).partition("\n")
    return f"{head}\n-- {_comment(table)}\n{body}"


def _create(table: Table, kind: Any, checks: list[str], comments: dict[str, str] | None = None) -> str:
    lines = []
    for item in table.columns:
        key = " PRIMARY KEY" if item.name == table.primary_key else ""
        null = " NOT NULL" if item.required else ""
        lines.append((f"{_name(item.name)} {kind(item)}{key}{null}", (comments or {}).get(item.name, "")))
    lines += [
        (f"FOREIGN KEY ({_name(key.field)}) REFERENCES {_name(key.table)} ({_name(key.reference)})", "")
        for key in table.foreign_keys
    ]
    lines += [(check, "") for check in checks]
    last = len(lines) - 1
    body = "\n".join(f"{text}{',' if n < last else ''} {comment}".rstrip() for n, (text, comment) in enumerate(lines))
    return f"CREATE TABLE {_name(table.name)} (\n{body}\n)"


def _duckdb_type(item: Field) -> str:
    return f"ENUM ({', '.join(map(_text, item.values))})" if item.categories else _DUCKDB[item.type]


def _parents_first(book: Casebook) -> Iterable[Table]:
    """Tables in an order in which every foreign key finds its table."""
    waiting, done = list(book.schema), set[str]()
    while waiting:
        ready = [t for t in waiting if all(key.table in done or key.table == t.name for key in t.foreign_keys)]
        if not ready:
            raise CasebookError(
                f"duckdb: the foreign keys of {', '.join(t.name for t in waiting)} go round in a circle"
            )
        yield from ready
        done.update(table.name for table in ready)
        waiting = [table for table in waiting if table.name not in done]


def _about(book: Casebook) -> dict[str, pd.DataFrame]:
    import pandas as pd

    about = book.metadata
    release = {"name": about.name, "title": about.title, "version": about.version, "digest": book.digest}
    return {
        "casebook_variables": codebook(book),
        "casebook_categories": categories(book),
        "casebook_release": pd.DataFrame(release.items(), columns=["property", "value"]),
    }


def _comment(item: Field | Table) -> str:
    return f"{item.title}: {' '.join(item.description.split())}"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
