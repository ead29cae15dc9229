"""What a descriptor must declare, so that whatever reads the tables can rely on it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from casebook.model.derivations import order
from casebook.model.descriptor import table_descriptor
from casebook.model.schema import TYPES, Field, Schema, Table

_TYPES = {"str": str, "bool": bool, "int": int, "tuple": tuple, "list": list, "Mapping": Mapping, "Allowed": Mapping}


def check_schema(schema: Schema) -> None:
    """See that declarations hold what their classes say, and that every name they use is declared.

    Raises
    ------
    KeyError, ValueError, TypeError, AttributeError, LookupError
        If not.
    """
    for table in schema:
        _check_types(table)
        _check_table(table, schema)
    order(schema)


def _check_types(item: Any) -> None:
    """See that a declaration holds what its class says, at any depth."""
    for part in dataclasses.fields(item):
        value, kind = getattr(item, part.name), str(part.type)
        if value is None and kind.endswith("| None"):
            continue
        for start, type_ in _TYPES.items():
            if kind.startswith(start) and not isinstance(value, type_):
                raise TypeError(f"{part.name} is {value!r}")
        if kind in ("tuple[str, ...]", "list[str]") and not all(isinstance(entry, str) for entry in value):
            raise TypeError(f"{part.name} is {value!r}")
        if kind in ("Allowed", "Mapping[str, list[str]]") and not all(map(_texts, value.values())):
            raise TypeError(f"{part.name} is {value!r}")
        for entry in value if isinstance(value, tuple) else (value,):
            if dataclasses.is_dataclass(entry):
                _check_types(entry)
    if isinstance(item, Field) and item.derived:
        _check_types(item.derived)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _check_table(table: Table, schema: Schema) -> None:
    """Look up every name that a table uses; a KeyError names the first that is not declared."""
    for item in table.fields:
        _check_field(item)
    if len(table.by_name) != len(table.columns):
        raise ValueError(f"table {table.name} has two columns of one name")
    for name in (table.primary_key, table.label_field, *table.id):
        table.by_name[name]
    for key in table.foreign_keys:
        table.by_name[key.field]
        schema.tables[key.table].by_name[key.reference]
    above, ways = table, {table.name}
    while above.within:
        above.keys_to(above.within)[0]
        above = schema.tables[above.within]
        if above.name in ways:
            raise ValueError(f"table {table.name} lies within itself")
        ways.add(above.name)
    for rule in table.rules:
        for name in rule.fields:
            parent, _, column = name.rpartition(".")
            (_parent(table, parent, schema) if parent else table).by_name[column]
        if not all(isinstance(asked, str) or _texts(asked) for asked in (*rule.when.values(), *rule.require.values())):
            raise TypeError(f"the rule {rule.name} asks for what is no text")
        if len(rule.order) not in (0, 2):
            raise ValueError(f"the rule {rule.name} orders {len(rule.order)} fields")
    if table.complete:
        above = schema.tables[table.complete.each]
        for name in table.complete.where:
            above.by_name[name]
        table.by_name[table.id[0]]
    for condition in table.conditions:
        own = schema.tables[condition.table]
        for name in condition.rule:
            parent, _, column = name.rpartition(".")
            looked_at = schema.tables[condition.across] if condition.across else own
            (_parent(looked_at, parent, schema) if parent else looked_at).by_name[column]
    for item in table.fields:
        for look in item.derived.looks if item.derived else ():
            look.keys(table, schema)[0]
    table_descriptor(table)


def _parent(table: Table, name: str, schema: Schema) -> Table:
    if not table.keys_to(name):
        raise ValueError(f"table {table.name} has no key of table {name}")
    return schema.tables[name]


def _check_field(item: Field) -> None:
    if item.type not in TYPES:
        raise ValueError(f"{item.name} has the unknown type {item.type!r}")
    if item.references not in (None, "sources", "rows"):
        raise ValueError(f"{item.name} refers to {item.references!r}")
    if item.categories and item.type != "string":
        raise ValueError(f"{item.name} has categories, and the type {item.type}")
    if len(item.labels) != len(item.categories):
        raise ValueError(f"{item.name} has two categories of one value")
    if item.constraints.pattern is not None:
        re.compile(item.constraints.pattern)
