"""Tables as Frictionless Table Schemas and back: written by hand in YAML, or by the builder in JSON.

What the standard has no word for sits under the one key ``casebook``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, cast

from casebook.model.conditions import Analysis, Condition
from casebook.model.demands import Completeness, ForeignKey, Implied, Rule
from casebook.model.schema import LAST, Category, Constraints, Field, References, Table, Type

FLAGS = ("coded", "judgment", "optional", "edtf")
TEXTS = ("rule", "codes", "references", "file", "since", "generated_from")
LISTS = ("no_evidence_for", "cites")
FIELD_EXTRAS = (*FLAGS, *TEXTS, *LISTS, "derived")
TABLE_EXTRAS = (
    *("since", "order", "file", "scope", "within", "under", "id", "label", "evidence", "built", "optional"),
    *("complete", "dated_by", "implies", "named", "rules"),
    *("declared", "analyses"),
)
_CONSTRAINTS = {
    "required": "required",
    "unique": "unique",
    "pattern": "pattern",
    "minimum": "minimum",
    "maximum": "maximum",
    "maxLength": "max_length",
}
CONSTRAINTS = tuple(_CONSTRAINTS)
PARTS = {
    "days": ("until", "early"),
    "precedes": (),
    "overlap": ("through", "span", "at"),
    "is": (),
    "map": ("to",),
    "choose": (),
    "count": ("where",),
    "distinct": ("across",),
    "every": ("is", "where", "least"),
    "highest": ("take", "none"),
    "from": ("take", "where", "none"),
    "lookup": ("key", "take"),
}
"""Kinds of derivation by the key that tells them, and what else each declares; every one can have ``unless``."""


def parse_table(descriptor: Mapping[str, Any]) -> Table:
    """Make a `Table` from a Frictionless Table Schema, as YAML text or as JSON.

    Parameters
    ----------
    descriptor : mapping
        A table schema that has passed the checks of `casebook.authoring.schemas`, or one that `table_descriptor` wrote.
    """
    extra = plain(descriptor.get("casebook", {}))
    complete, implies = extra.get("complete"), extra.get("implies")
    fields = [_parse_field(item) for item in descriptor["fields"]]
    return Table(
        name=str(descriptor["name"]),
        title=str(descriptor["title"]),
        description=str(descriptor["description"]).strip(),
        primary_key=str(_first(descriptor["primaryKey"])),
        fields=tuple(item for item in fields if not item.generated_from),
        foreign_keys=tuple(_parse_key(key) for key in descriptor.get("foreignKeys", [])),
        rules=tuple(_parse_rule(rule) for rule in extra.get("rules", [])),
        since=extra.get("since"),
        order=int(extra.get("order", LAST)),
        file=extra.get("file"),
        within=extra.get("within"),
        under=extra.get("under"),
        id=tuple(extra.get("id", ())),
        label=extra.get("label"),
        shared=extra.get("scope") == "casebook",
        built=flag(extra.get("built", False)),
        optional=flag(extra.get("optional", False)),
        parent_evidence=extra.get("evidence") == "parent",
        complete=Completeness(complete["each"], complete.get("where", {})) if complete else None,
        dated_by=extra.get("dated_by"),
        implies=_parse_implied(implies) if implies else None,
        named=flag(extra.get("named", False)),
        conditions=tuple(Condition.from_descriptor(item) for item in extra.get("declared", [])),
        analyses=tuple(Analysis(**item) for item in extra.get("analyses", [])),
    )


def table_descriptor(table: Table) -> dict[str, Any]:
    """The table as a Frictionless Table Schema, which `parse_table` reads back."""
    complete, implies = table.complete, table.implies
    extra = {
        "since": table.since,
        "order": table.order if table.order != LAST else None,
        "file": table.file,
        "scope": "casebook" if table.shared else None,
        "within": table.within,
        "under": table.under,
        "id": list(table.id),
        "label": table.label,
        "evidence": "parent" if table.parent_evidence else None,
        "built": table.built,
        "optional": table.optional,
        "complete": complete and without_empty({"each": complete.each, "where": dict(complete.where)}),
        "dated_by": table.dated_by,
        "implies": implies and _implied_descriptor(implies),
        "named": table.named,
        "declared": [condition.to_descriptor() for condition in table.conditions],
        "analyses": [dataclasses.asdict(analysis) for analysis in table.analyses],
        "rules": [_rule_descriptor(rule) for rule in table.rules],
    }
    return {
        "name": table.name,
        "title": table.title,
        "description": table.description,
        "fields": [field_descriptor(column) for column in table.columns],
        "primaryKey": [table.primary_key],
        **without_empty(
            {"foreignKeys": [_key_descriptor(key) for key in table.foreign_keys], "casebook": without_empty(extra)}
        ),
    }


def _parse_field(item: Mapping[str, Any]) -> Field:
    extra = plain(item.get("casebook", {}))
    derived = extra.get("derived")
    return Field(
        name=str(item["name"]),
        type=cast(Type, str(item["type"])),
        title=str(item["title"]),
        description=str(item["description"]).strip(),
        constraints=_parse_constraints(plain(item.get("constraints", {}))),
        categories=tuple(
            Category(str(c["value"]), str(c["label"]), str(c["description"])) for c in item.get("categories", [])
        ),
        ordered=flag(item.get("categoriesOrdered", False)),
        coded=flag(extra.get("coded", False)),
        judgment=flag(extra.get("judgment", False)),
        optional=flag(extra.get("optional", False)),
        edtf=flag(extra.get("edtf", False)),
        rule=extra.get("rule"),
        codes=extra.get("codes"),
        references=cast("References | None", extra.get("references")),
        file=extra.get("file"),
        since=extra.get("since"),
        no_evidence_for=tuple(extra.get("no_evidence_for", ())),
        cites=tuple(extra.get("cites", ())),
        derivation=_derivation(derived) if derived else None,
        generated_from=extra.get("generated_from"),
    )


def field_descriptor(item: Field) -> dict[str, Any]:
    """The field as a Frictionless field descriptor."""
    extra = {
        **{name: getattr(item, name) for name in (*FLAGS, *TEXTS)},
        **{name: list(getattr(item, name)) for name in LISTS},
        "derived": item.derivation,
    }
    demands = {theirs: getattr(item.constraints, ours) for theirs, ours in _CONSTRAINTS.items()}
    constraints = {name: value for name, value in demands.items() if value is not None and value is not False}
    descriptor: dict[str, Any] = {
        "name": item.name,
        "type": item.type,
        "title": item.title,
        "description": item.description,
        **without_empty(
            {
                "constraints": {
                    key: value for key, value in constraints.items() if value is not None and value is not False
                }
            }
        ),
    }
    if item.categories:
        descriptor["categories"] = [dataclasses.asdict(category) for category in item.categories]
        descriptor["categoriesOrdered"] = item.ordered
    return {**descriptor, **without_empty({"casebook": without_empty(extra)})}


def kind_of(rule: Mapping[str, Any]) -> str | None:
    """The kind that a rule declares."""
    return next((kind for kind in ("every", *PARTS) if kind in rule), None)


def _derivation(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A derivation as it is written where several ways mean the same."""
    kind = str(kind_of(rule))
    found = {name: rule[name] for name in (kind, *PARTS[kind], "unless") if rule.get(name)}
    if isinstance(until := found.get("until"), list) and len(until) == 1:
        found["until"] = until[0]
    if kind == "choose":
        found[kind] = [without_empty({name: choice.get(name) for name in ("value", "when")}) for choice in rule[kind]]
    if "least" in found:
        found["least"] = int(found["least"])
    return {name: value for name, value in found.items() if (name, value) != ("least", 1)}


def _parse_constraints(given: Mapping[str, Any]) -> Constraints:
    values: dict[str, Any] = {_CONSTRAINTS[name]: value for name, value in given.items()}
    for name in ("minimum", "maximum", "max_length"):
        if name in values:
            values[name] = int(values[name])
    for name in ("required", "unique"):
        if name in values:
            values[name] = flag(values[name])
    return Constraints(**values)


def _parse_key(key: Mapping[str, Any]) -> ForeignKey:
    reference = key["reference"]
    return ForeignKey(str(_first(key["fields"])), str(reference["resource"]), str(_first(reference["fields"])))


def _key_descriptor(key: ForeignKey) -> dict[str, Any]:
    return {"fields": [key.field], "reference": {"resource": key.table, "fields": [key.reference]}}


def _parse_rule(rule: Mapping[str, Any]) -> Rule:
    order = tuple(rule.get("order", ()))
    return Rule(rule["name"], rule["message"], rule.get("when", {}), rule.get("require", {}), order)


def _rule_descriptor(rule: Rule) -> dict[str, Any]:
    demands = {"when": dict(rule.when), "require": dict(rule.require), "order": list(rule.order)}
    return {"name": rule.name, "message": rule.message, **without_empty(demands)}


def _parse_implied(rule: Mapping[str, Any]) -> Implied:
    same, there = rule.get("same", ""), rule.get("as", "")
    through = tuple(rule.get("through", ()))
    return Implied(rule["table"], same, there, int(rule.get("least", 1)), rule.get("where", {}), through)


def _implied_descriptor(rule: Implied) -> dict[str, Any]:
    least = rule.least if rule.least > 1 else None
    place = {"table": rule.table, "through": list(rule.through)}
    return without_empty({**place, "same": rule.same, "as": rule.as_, "least": least, "where": dict(rule.where)})


def without_empty(extra: Mapping[str, Any]) -> dict[str, Any]:
    """What a declaration says, without what it leaves out."""
    return {key: value for key, value in extra.items() if value}


def flag(value: object) -> bool:
    """Read a boolean that YAML gave as text."""
    return value is True or str(value).lower() in ("true", "yes")


def plain(value: Any) -> Any:
    """Mappings, lists and texts without the marks of their places in a file."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict | Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value
