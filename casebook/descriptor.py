"""From a Frictionless Table Schema, written by hand as YAML or by the builder as JSON, to a `Table`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casebook.schema import Category, Field, ForeignKey, Rule, Table


def parse_table(descriptor: Mapping[str, Any]) -> Table:
    """Make a `Table` from a Frictionless Table Schema, as YAML text or as JSON.

    Parameters
    ----------
    descriptor : mapping
        A table schema that has passed `casebook.schemafile.check`, or one that `Table.to_frictionless` wrote.
    """
    extra = {str(key): _plain(value) for key, value in descriptor.get("casebook", {}).items()}
    rules = extra.pop("rules", [])
    fields = [_parse_field(item) for item in descriptor["fields"]]
    return Table(
        name=str(descriptor["name"]),
        title=str(descriptor["title"]),
        description=str(descriptor["description"]).strip(),
        primary_key=str(_first(descriptor["primaryKey"])),
        fields=tuple(item for item in fields if not item.generated_from),
        foreign_keys=tuple(
            ForeignKey(
                str(_first(key["fields"])),
                str(key["reference"]["resource"]),
                str(_first(key["reference"]["fields"])),
            )
            for key in descriptor.get("foreignKeys", [])
        ),
        rules=tuple(
            Rule(
                rule["name"],
                rule["message"],
                rule.get("when", {}),
                rule.get("require", {}),
                tuple(rule.get("order", ())),
            )
            for rule in rules
        ),
        casebook=extra,
    )


def _parse_field(item: Mapping[str, Any]) -> Field:
    constraints = {str(key): _plain(value) for key, value in item.get("constraints", {}).items()}
    for name in ("minimum", "maximum", "maxLength"):
        if name in constraints:
            constraints[name] = int(constraints[name])
    for name in ("required", "unique"):
        if name in constraints:
            constraints[name] = flag(constraints[name])
    extra = {str(key): _plain(value) for key, value in item.get("casebook", {}).items()}
    for name in ("coded", "judgment", "optional", "edtf"):
        if name in extra:
            extra[name] = flag(extra[name])
    return Field(
        name=str(item["name"]),
        type=str(item["type"]),
        title=str(item["title"]),
        description=str(item["description"]).strip(),
        constraints=constraints,
        categories=tuple(
            Category(str(c["value"]), str(c["label"]), str(c["description"])) for c in item.get("categories", [])
        ),
        ordered=flag(item.get("categoriesOrdered", False)),
        casebook=extra,
    )


def flag(value: object) -> bool:
    """Read a boolean that YAML gave as text."""
    return value is True or str(value).lower() in ("true", "yes")


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
