"""From the parts of a casebook to whole tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.compute as pc

from casebook._support.cache import Cache, key_of
from casebook.authoring.kept import contents, from_bytes, to_bytes
from casebook.authoring.parts import Part
from casebook.authoring.second import read_codings
from casebook.errors import Problems
from casebook.model.arrow import arrow_rows, arrow_schema
from casebook.model.conditions import TABLE as CONDITIONS
from casebook.model.integrity import Keys
from casebook.model.schema import Schema, Table


def keys_of(schema: Schema, parts: Iterable[Part], shared: Mapping[str, Iterable[str]]) -> dict[str, dict[str, None]]:
    """Identifiers of all rows that people coded, by table, in order."""
    keys: dict[str, dict[str, None]] = {table.name: dict.fromkeys(shared.get(table.name, ())) for table in schema}
    for part in parts:
        for table in schema.coded:
            keys[table.name].update(dict.fromkeys(part.column(table.name, table.primary_key)))
    return keys


def joined(schema: Schema, parts: Sequence[Part]) -> dict[str, pyarrow.Table]:
    """The tables that parts have rows of, table by table and case by case; the parts are emptied meanwhile."""
    names = [table.name for table in schema]
    orders: dict[str, tuple[str, list[str]]] = {
        name: ("table", names) for name in ("evidence", "missing", "support") if name in names
    }
    if CONDITIONS in names:
        orders[CONDITIONS] = ("condition", [condition.name for condition in schema.tables[CONDITIONS].conditions])
    tables: dict[str, pyarrow.Table] = {}
    for table in schema:
        found = [part.tables.pop(table.name) for part in parts if table.name in part.tables]
        if found and table.name in orders:
            tables[table.name] = declared(table, _sorted(found, *orders[table.name]))
        elif found or table.name in orders or not table.built:
            tables[table.name] = declared(table, pyarrow.concat_tables(found) if found else None)
    return tables


def _sorted(found: list[pyarrow.Table], column: str, values: Sequence[str]) -> pyarrow.Table:
    """Rows in the order in which the values of a column are given; those with one value stay in theirs.

    The list is emptied, and no more than one column is held twice.
    """
    rows = pyarrow.concat_tables(found)
    order = pc.index_in(rows[column], pyarrow.array(values)).to_numpy().argsort(kind="stable")
    names, columns = rows.column_names, rows.columns[::-1]
    found.clear()
    del rows
    return pyarrow.table([columns.pop().take(order).combine_chunks() for _ in names], names)


def declared(table: Table, rows: pyarrow.Table | None) -> pyarrow.Table:
    """The rows in one piece, with titles and descriptions of the columns."""
    schema = arrow_schema(table)
    if rows is None:
        return schema.empty_table()
    return pyarrow.Table.from_arrays(rows.combine_chunks().columns, schema=schema)


def uses(evidence: pyarrow.Table) -> Mapping[str, int]:
    """How many entries of evidence cite each source."""
    return Counter[Any](evidence["source_id"].to_pylist())


def codings_table(
    folder: Path, schema: Schema, keys: Keys, problems: Problems, unreadable: Collection[str], cache: Cache, basis: str
) -> pyarrow.Table:
    """Rows of the table ``codings``: read by `read_codings`, or kept from before for the same files and identifiers."""
    path, table = folder / "codings", schema.tables.get("codings")
    if table is None:
        return pyarrow.table({"coder": []})
    files = contents([path]) if path.is_dir() and not unreadable else None
    key = None if files is None else key_of(basis, "codings", files, *(("", *keys[name]) for name in keys))
    if key is not None and (kept := cache.get(key)) is not None:
        return from_bytes(kept["codings.arrow"])
    here = problems.watch()
    rows = arrow_rows(table, (entry.values for entry in read_codings(folder, schema, keys, problems, unreadable)))
    if key is not None and not here.failed and contents([path]) == files:
        cache.put(key, {"codings.arrow": to_bytes(rows)})
    return rows
