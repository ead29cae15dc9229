"""How a schema declares derivations, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casebook.model.computed import (
    Choice,
    Choose,
    Count,
    Days,
    Distinct,
    Every,
    From,
    Highest,
    Is,
    Lookup,
    MapTo,
    Overlap,
    Precedes,
)
from casebook.model.derivations import Derivation

Rule = Mapping[str, Any]

PARTS: Mapping[str, tuple[str, ...]] = {
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


def kind_of(rule: Rule) -> str | None:
    """The kind that a rule declares."""
    return next((kind for kind in ("every", *PARTS) if kind in rule), None)


def parse_derivation(rule: Rule) -> Derivation:
    """The derivation that a schema declares."""
    kind = kind_of(rule)
    assert kind is not None
    return _PARSERS[kind](rule, {"unless": rule.get("unless", {})})


def _days(rule: Rule, common: dict[str, Any]) -> Derivation:
    first, last = rule["days"]
    until = rule.get("until", ())
    names = (until,) if isinstance(until, str) else tuple(until)
    return Days(first=first, last=last, until=names, may_be_early=rule.get("early") == "zero", **common)


def _choose(rule: Rule, common: dict[str, Any]) -> Derivation:
    return Choose(choices=tuple(Choice(item["value"], item.get("when", {})) for item in rule["choose"]), **common)


_PARSERS: Mapping[str, Callable[[Rule, dict[str, Any]], Derivation]] = {
    "days": _days,
    "precedes": lambda rule, common: Precedes(first=rule["precedes"][0], second=rule["precedes"][1], **common),
    "overlap": lambda rule, common: Overlap(
        table=rule["overlap"], through=rule["through"], span=(rule["span"][0], rule["span"][1]), at=rule["at"], **common
    ),
    "is": lambda rule, common: Is(conditions=rule["is"], **common),
    "map": lambda rule, common: MapTo(source=rule["map"], to=rule["to"], **common),
    "choose": _choose,
    "count": lambda rule, common: Count(table=rule["count"], where=rule.get("where", {}), **common),
    "distinct": lambda rule, common: Distinct(tables=tuple(rule["across"]), **common),
    "every": lambda rule, common: Every(
        table=rule["every"],
        conditions=rule["is"],
        where=rule.get("where", {}),
        least=int(rule.get("least", 1)),
        **common,
    ),
    "highest": lambda rule, common: Highest(table=rule["highest"], take=rule["take"], none=rule.get("none"), **common),
    "from": lambda rule, common: From(
        table=rule["from"], take=rule["take"], where=rule.get("where", {}), none=rule.get("none"), **common
    ),
    "lookup": lambda rule, common: Lookup(table=rule["lookup"], key=rule["key"], take=rule["take"], **common),
}


def derivation_descriptor(derived: Derivation) -> dict[str, Any]:
    """The derivation as a schema declares it."""
    rule: dict[str, Any]
    match derived:
        case Days():
            until = derived.until[0] if len(derived.until) == 1 else list(derived.until)
            rule = {"days": [derived.first, derived.last], "until": until}
            rule |= {"early": "zero"} if derived.may_be_early else {}
        case Precedes():
            rule = {"precedes": [derived.first, derived.second]}
        case Overlap():
            span = list(derived.span)
            rule = {"overlap": derived.table, "through": derived.through, "span": span, "at": derived.at}
        case Is():
            rule = {"is": dict(derived.conditions)}
        case MapTo():
            rule = {"map": derived.source, "to": dict(derived.to)}
        case Choose():
            choices = ({"value": each.value, "when": dict(each.when)} for each in derived.choices)
            rule = {"choose": [without_empty(choice) for choice in choices]}
        case Count():
            rule = {"count": derived.table, "where": dict(derived.where)}
        case Distinct():
            rule = {"distinct": "case_id", "across": list(derived.tables)}
        case Every():
            rule = {"every": derived.table, "is": dict(derived.conditions), "where": dict(derived.where)}
            rule |= {"least": derived.least} if derived.least != 1 else {}
        case Highest():
            rule = {"highest": derived.table, "take": derived.take, "none": derived.none}
        case From():
            where = dict(derived.where)
            rule = {"from": derived.table, "take": derived.take, "where": where, "none": derived.none}
        case Lookup():
            rule = {"lookup": derived.table, "key": derived.key, "take": derived.take}
        case _:
            raise NotImplementedError(type(derived).__name__)
    return without_empty({**rule, "unless": dict(derived.unless)})


def without_empty(extra: Mapping[str, Any]) -> dict[str, Any]:
    """What a declaration says, without what it leaves out."""
    return {key: value for key, value in extra.items() if value}
