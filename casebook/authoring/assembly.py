"""From the parts of a casebook to whole tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow

from casebook.authoring.parts import Part
from casebook.model.conditions import TABLE as CONDITIONS
from casebook.model.rendering import arrow_schema
from casebook.model.schema import Schema, Table


def keys_of(schema: Schema, parts: Iterable[Part], shared: Mapping[str, Iterable[str]]) -> dict[str, dict[str, None]]:
    """Identifiers of all rows that people coded, by table, in order."""
    keys: dict[str, dict[str, None]] = {table.name: dict.fromkeys(shared.get(table.name, ())) for table in schema}
    for part in parts:
        for table in schema.coded:
            keys[table.name].update(dict.fromkeys(part.column(table.name, table.primary_key)))
    return keys


def joined(schema: Schema, parts: Sequence[Part]) -> dict[str, pyarrow.Table]:
    """The tables that parts have rows of, table by table and case by case."""
    places = {table.name: number for number, table in enumerate(schema)}
    orders: dict[str, tuple[str, dict[str, int]]] = {
        name: ("table", places) for name in ("evidence", "missing", "support") if name in places
    }
    if CONDITIONS in places:
        names = {condition.name: number for number, condition in enumerate(schema.tables[CONDITIONS].conditions)}
        orders[CONDITIONS] = ("condition", names)
    tables = {}
    for table in schema:
        found = [part.tables[table.name] for part in parts if table.name in part.tables]
        if found and table.name in orders:
            tables[table.name] = declared(table, _sorted(pyarrow.concat_tables(found), *orders[table.name]))
        elif found or table.name in orders or not table.built:
            tables[table.name] = declared(table, pyarrow.concat_tables(found) if found else None)
    return tables


def _sorted(rows: pyarrow.Table, column: str, places: Mapping[str, int]) -> pyarrow.Table:
    """Rows in the order of places that the values of a column have; those with one value stay in theirs."""
    order = np.array([places[value] for value in rows[column].to_pylist()], dtype=np.int32)
    return rows.take(order.argsort(kind="stable"))


def declared(table: Table, rows: pyarrow.Table | None) -> pyarrow.Table:
    """The rows in one piece, with titles and descriptions of the columns."""
    schema = arrow_schema(table)
    if rows is None:
        return schema.empty_table()
    return pyarrow.Table.from_arrays(rows.combine_chunks().columns, schema=schema)


def uses(evidence: pyarrow.Table) -> Mapping[str, int]:
    """How many entries of evidence cite each source."""
    return Counter[Any](evidence["source_id"].to_pylist())
