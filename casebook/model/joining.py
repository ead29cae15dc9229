"""Parents of a table that are joined to it in a wide frame, and what their variables are called there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casebook.model.schema import Schema, Table


@dataclass(frozen=True)
class Join:
    """A parent table in a wide frame: the column that holds its key there, and the names of its variables."""

    table: Table
    key: str
    columns: Mapping[str, str]


def joins(schema: Schema, table: Table) -> list[Join]:
    """Parents of a table, then their parents, each once and by the shortest way."""
    targets = [key.table for key in table.foreign_keys]
    repeated = {name for name in targets if targets.count(name) > 1}
    present = {column.name for column in table.columns}
    waiting = list(table.foreign_keys)
    joined = {table.name}
    found = []
    while waiting:
        key = waiting.pop(0)
        if key.table in joined:
            continue
        parent = schema.table(key.table)
        prefix = (key.field if key.table in repeated else parent.primary_key).removesuffix("_id")
        names = {column.name: _prefixed(column.name, prefix) for column in parent.columns}
        names[parent.primary_key] = key.field
        if key.table not in repeated:
            joined.add(key.table)
        for further in parent.foreign_keys:
            if further.field in present:
                del names[further.field]
            elif further.field == further.reference:
                names[further.field] = further.field
                waiting.append(further)
        present |= set(names.values())
        found.append(Join(parent, key.field, names))
    return found


def _prefixed(name: str, prefix: str) -> str:
    return name if name.startswith(f"{prefix}_") else f"{prefix}_{name}"
