"""Derivations as a schema declares them."""

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
from casebook.model.descriptor import kind_of

Rule = Mapping[str, Any]


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
