"""Engines: DuckDB within this process, Spark, or a connection that the user has made."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from casebook._support.optional import needed
from casebook.errors import CasebookError, UnknownNameError

ENGINES = ("duckdb", "spark")
MEMORY = "1800MB"
"""What DuckDB may hold in memory before it writes to disk; what it needs beside that stays well below as much."""
_LIBRARIES = {"_duckdb", "duckdb", "ibis", "py4j", "pyarrow", "pyspark"}


def connect(engine: Any) -> Any:
    """A connection of ibis to an engine.

    Parameters
    ----------
    engine : {"duckdb", "spark"} or ibis backend
        DuckDB in memory, which writes to disk what exceeds `MEMORY`; the active Spark session, or a local one; or a
        connection to either that the user has made, with settings of their own.

    Raises
    ------
    UnknownNameError, CasebookError
        If it is something else.
    MissingLibraryError
        If the library of the engine is not installed.
    """
    if not isinstance(engine, str):
        if getattr(engine, "name", None) not in ("duckdb", "pyspark"):
            raise CasebookError(f"engine must be 'duckdb', 'spark' or a connection of ibis to one, not {engine!r}")
        return engine
    if engine not in ENGINES:
        raise UnknownNameError("engine", engine, ENGINES)
    ibis = needed("ibis", f"the engine {engine}", "engines" if engine == "duckdb" else "spark")
    if engine == "duckdb":
        needed("duckdb", "the engine duckdb", "engines")
        return ibis.duckdb.connect(memory_limit=MEMORY, temp_directory=_spill().name, preserve_insertion_order=False)
    sessions = needed("pyspark.sql", "the engine spark", "spark").SparkSession
    session = sessions.getActiveSession() or sessions.builder.appName("casebook").getOrCreate()
    settings = {"spark.sql.sources.partitionColumnTypeInference.enabled": "false"}
    return ibis.pyspark.connect(session.newSession(), **settings)


@contextmanager
def connected(engine: Any) -> Iterator[Any]:
    """A connection as `connect` makes it, for a while; one that was given, and that to Spark, stay open."""
    with explained(f"engine {engine}"):
        connection = connect(engine)
    try:
        yield connection
    finally:
        if engine == "duckdb":
            connection.disconnect()


@cache
def _spill() -> tempfile.TemporaryDirectory[str]:
    """Where DuckDB writes what does not fit into memory; removed when the process ends."""
    return tempfile.TemporaryDirectory(prefix="casebook-")


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Errors of the engine, as one sentence that says what it was doing.

    Raises
    ------
    CasebookError
        For what the engine, or a library between, raises.
    """
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _LIBRARIES:
            raise
        told = str(error).strip().partition("\n")[0] or type(error).__name__
        raise CasebookError(f"{what}: the engine says: {told}") from error
