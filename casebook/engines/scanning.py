"""Tables as lazy expressions: nothing is read before a result is asked for."""

from __future__ import annotations

from functools import cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import told
from casebook._support.resources import packaged
from casebook.engines.connecting import connect, explained
from casebook.engines.folders import Files, declared, found, read
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.schema import Schema

if TYPE_CHECKING:
    import ibis


@told("casebook.scan('events')")
def scan(
    table: str, *, folder: str | PathLike[str] | None = None, engine: Any = "duckdb", alleged: bool = False
) -> ibis.Table:
    """A table of any size as an ibis expression, which the engine reads when a result is asked for.

    Parameters
    ----------
    table : str
        Name of the table.
    folder : path, optional
        Holds the tables, as for `casebook.validate_tables`; those of the packaged release if not given.
    engine : {"duckdb", "spark"} or ibis backend, default "duckdb"
        As for `casebook.validate_tables`. Tables of one engine can be joined.
    alleged : bool, default False
        Include rows that only an unconfirmed source claims, and rows under them, as in `casebook.load`.

    Returns
    -------
    ibis.Table
        Columns as they lie in the files, categories as text; ``.to_pandas()``, ``.to_pyarrow()`` or
        ``.to_parquet(file)`` give the result.

    Raises
    ------
    UnknownNameError
        If there is no such table.
    CasebookError
        If the folder or a file cannot be read.
    MissingLibraryError
        If the engine is not installed.

    Examples
    --------
    >>> events = scan("events")
    >>> int(events.filter(events.kind == "disclosure").count().to_pyarrow().as_py()) > 0
    True
    """
    place = Path(folder) if folder is not None else Path(str(packaged("tables")))
    if folder is None and not place.is_dir():
        raise CasebookError("the packaged tables lie in an archive; export them as parquet, and give the folder")
    schema = declared(place) if place.is_dir() else Schema({})
    tables, _ = found(place, schema)
    if table not in tables:
        raise UnknownNameError("table", table, tables)
    with explained(f"engine {engine}"):
        connection = _shared(engine) if isinstance(engine, str) else connect(engine)
    with explained(f"table {table} in {tables[table].path}"):
        return _read(connection, schema, tables, table, alleged)


@cache
def _shared(engine: str) -> Any:
    """One connection for all tables of an engine, so that they can be joined."""
    return connect(engine)


def _read(connection: Any, schema: Schema, tables: dict[str, Files], name: str, alleged: bool) -> Any:
    declaration = schema.tables[name]
    rows = read(connection, declaration, tables[name])
    if alleged:
        return rows
    if "status" in declaration.by_name and "alleged" in declaration.by_name["status"].values:
        if "status" not in rows.columns:
            raise CasebookError(f"{name} has no column status, which says what is alleged; alleged=True gives all rows")
        return rows.filter((rows.status != "alleged").fill_null(True))
    if declaration.within:
        key = next(key for key in declaration.foreign_keys if key.table == declaration.within)
        if key.table not in tables:
            raise CasebookError(
                f"what is alleged in {name} stands in {key.table}, which is not there; alleged=True gives all rows"
            )
        above = _read(connection, schema, tables, key.table, alleged)
        return rows.semi_join(above, rows[key.field] == above[key.reference])
    return rows
