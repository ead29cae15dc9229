"""Folders of Parquet files, one table each, that an engine reads where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook._support.content import DESCRIPTOR
from casebook._support.resources import packaged
from casebook.errors import CasebookError
from casebook.model.schema import Schema, Table
from casebook.releases.descriptor import read_descriptor


@dataclass(frozen=True)
class Files:
    """The files of one table.

    Attributes
    ----------
    path : Path
        The file ``TABLE.parquet``, or the folder ``TABLE``.
    files : tuple of Path
        All Parquet files, in order of name.
    partitions : frozenset of str
        Columns that stand in the names of folders, as in ``case_id=cuba-1962``.
    """

    path: Path
    files: tuple[Path, ...]
    partitions: frozenset[str] = frozenset()


def declared(folder: Path) -> Schema:
    """What the tables of a folder must be: its ``datapackage.json`` says so, or that of the packaged release."""
    own = (folder / DESCRIPTOR).exists()
    return read_descriptor(folder if own else packaged("tables")).schema


def found(folder: Path, schema: Schema) -> tuple[dict[str, Files], list[str]]:
    """The tables that lie in a folder, and names of others that are not declared.

    Parameters
    ----------
    folder : Path
        Holds ``TABLE.parquet`` or ``TABLE/…/*.parquet`` for each table; what begins with a dot or an underscore is
        passed over, as engines do.
    schema : Schema
        The tables declared.

    Returns
    -------
    tuple of dict and list of str
        Files by table, in the order of the schema, and names that no table has.

    Raises
    ------
    CasebookError
        If there is no such folder, no table in it, one table twice, or a folder of a table without files.
    """
    if not folder.is_dir():
        raise CasebookError(f"there is no folder {str(folder)!r}; name one with TABLE.parquet or TABLE/*.parquet in it")
    places: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if _hidden(path.name):
            continue
        name = path.name.removesuffix(".parquet")  # Spark and Dask write folders of that ending
        if path.is_dir() and (name in schema.tables or any(path.rglob("*.parquet"))):
            places.setdefault(name, []).append(path)
        elif path.suffix == ".parquet" and path.is_file():
            places.setdefault(path.stem, []).append(path)
    for name, paths in places.items():
        if len(paths) > 1:
            raise CasebookError(f"{folder} holds {name} twice: {' and '.join(p.name for p in paths)}; remove one")
    tables = {name: _files(places[name][0]) for name in schema.tables if name in places}
    if not tables:
        raise CasebookError(f"{folder} holds no table: no TABLE.parquet or TABLE/*.parquet such as events.parquet")
    return tables, [name for name in places if name not in schema.tables]


def _files(path: Path) -> Files:
    if path.is_file():
        return Files(path, (path,))
    inside = [(file, file.relative_to(path).parts) for file in sorted(path.rglob("*.parquet"))]
    kept = [(file, parts) for file, parts in inside if file.is_file() and not any(map(_hidden, parts))]
    if not kept:
        raise CasebookError(f"{path} holds no Parquet file; put *.parquet into it, or remove it")
    layouts = {tuple(part.partition("=")[0] if "=" in part else "" for part in parts[:-1]) for _, parts in kept}
    partitions = frozenset(name for layout in layouts for name in layout if name)
    if partitions and len(layouts) > 1:
        raise CasebookError(
            f"the files in {path} are partitioned in different ways; "
            "give all of them the same folders, such as case_id=cuba-1962/part.parquet"
        )
    return Files(path, tuple(file for file, _ in kept), partitions)


def _hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def lacking(files: Files, table: Table) -> dict[str, list[str]]:
    """Columns of the table that some of its files have and others lack, with the names of these."""
    if len(files.files) == 1:
        return {}
    from pyarrow.parquet import read_schema

    held = {file: {*read_schema(file).names} for file in files.files}
    known = set[str]().union(*held.values())
    without = {
        name: [str(file.relative_to(files.path)) for file, names in held.items() if name not in names]
        for name in table.by_name
        if name in known
    }
    return {name: lacks for name, lacks in without.items() if lacks}


def read(connection: Any, table: Table, files: Files) -> Any:
    """The files of a table as an ibis table; what stands in the names of folders is text.

    Raises
    ------
    CasebookError
        If a column that stands in the names of folders is declared as anything but text.
    """
    for name in sorted(files.partitions & table.by_name.keys()):
        if table.by_name[name].type != "string":
            raise CasebookError(
                f"{files.path} is partitioned by {name}, which is of type {table.by_name[name].type}; "
                "partition by text, or by a column that is not declared, such as year"
            )
    if connection.name == "pyspark":
        options = {} if files.partitions or files.path.is_file() else {"recursiveFileLookup": True}
        return connection.read_parquet(files.path, **options)
    hive = {"hive_partitioning": bool(files.partitions), "hive_types_autocast": False}
    return connection.read_parquet(files.files, union_by_name=True, **hive)
