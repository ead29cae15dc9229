"""Reading the descriptor of a built casebook, and seeing that it declares what the tables need."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources.abc import Traversable
from typing import Any

from casebook._support.files import DESCRIPTOR
from casebook.errors import CasebookError
from casebook.model.derivations import order
from casebook.model.descriptor import parse_table, table_descriptor
from casebook.model.metadata import Metadata
from casebook.model.schema import TYPES, Field, Schema, Table
from casebook.releases.archives import content_of

_DIGEST = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_TYPES = {"str": str, "bool": bool, "int": int, "tuple": tuple, "list": list, "Mapping": Mapping, "Allowed": Mapping}


@dataclass(frozen=True)
class Described:
    """What a descriptor says of a casebook.

    Attributes
    ----------
    resources : mapping
        The description of each table's file: ``path``, ``hash``, and under ``casebook`` ``rows`` and ``digest``.
    """

    metadata: Metadata
    schema: Schema
    digest: str
    resources: Mapping[str, Any]


def read_descriptor(folder: Traversable) -> Described:
    """Read ``datapackage.json``.

    Raises
    ------
    CasebookError
        If there is none, or it is damaged: not JSON, a key missing, a file named outside of the folder, or a table
        that refers to what is not declared.
    """
    path = folder / DESCRIPTOR
    try:
        text = content_of(path).decode("utf-8")
    except FileNotFoundError as error:
        raise CasebookError(f"{folder} holds no built casebook (no {DESCRIPTOR}); run 'casebook build'") from error
    except (OSError, ValueError) as error:
        raise CasebookError(f"{path} cannot be read ({error}); build or install again") from error
    try:
        return _described(json.loads(text))
    except RecursionError:
        problem = "it is nested too deeply"
    except KeyError as error:
        problem = f"{error} is missing or not declared"
    except (ValueError, TypeError, AttributeError, LookupError, StopIteration) as error:
        problem = str(error) or repr(error)
    raise CasebookError(f"{path} is damaged ({problem}); run 'casebook build', or reinstall the package")


def _described(package: dict[str, Any]) -> Described:
    metadata = Metadata.from_descriptor(package)
    schema = _schema(json.dumps([resource["schema"] for resource in package["resources"]]))
    resources = dict(zip(schema.tables, package["resources"], strict=True))
    for name, resource in resources.items():
        _check_resource(name, resource)
    return Described(metadata, schema, _match(_DIGEST, package["casebook"]["digest"]), resources)


@lru_cache(maxsize=8)
def _schema(text: str) -> Schema:
    """The tables that a descriptor declares; releases that declare the same share them."""
    tables = [parse_table(descriptor) for descriptor in json.loads(text)]
    schema = Schema({table.name: table for table in tables})
    if len(schema.tables) != len(tables):
        raise ValueError("a table stands twice")
    for table in tables:
        _check_types(table)
        _check_table(table, schema)
    order(schema)
    return schema


def _check_resource(name: str, resource: Mapping[str, Any]) -> None:
    if resource["name"] != name:
        raise ValueError(f"the resource {resource['name']!r} describes the table {name!r}")
    _match(_FILE, resource["path"])
    _match(_DIGEST, resource["hash"].removeprefix("sha256:"))
    _match(_DIGEST, resource["casebook"]["digest"])
    if type(resource["casebook"]["rows"]) is not int:
        raise TypeError(f"{resource['casebook']['rows']!r} is not a number of rows")


def _match(form: re.Pattern[str], text: str) -> str:
    if not form.fullmatch(text):
        raise ValueError(f"{text!r} does not have the form {form.pattern}")
    return text


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
