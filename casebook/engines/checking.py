"""The demands on one table, counted by an engine in one pass over its rows; only what is broken is looked up again.

References and rules that name a parent are joined to it. Where a rule depends on why a cell is empty, the rows that
could break it are counted first, and only these are joined to the table ``missing``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from casebook.engines.expressions import Demand, broken, needs_reasons, of_field
from casebook.model.demands import ForeignKey, Rule
from casebook.model.integrity import Finding
from casebook.model.schema import Field, Schema, Table
from casebook.model.values import to_text

MISSING = ("table", "row", "variable", "reason")


@dataclass(frozen=True)
class Breach:
    """A demand that rows of a table break.

    Attributes
    ----------
    table, variable : str
        Where; the variable is empty where a whole row, or the table itself, is meant.
    message : str
        What is wrong, without the value.
    count : int
        How many rows break it.
    findings : tuple of Finding
        The first of them, by identifier.
    """

    table: str
    variable: str
    message: str
    count: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Checker:
    """One table among the others of its folder.

    Attributes
    ----------
    table, schema
        Its declaration, and those of all tables.
    rows : ibis table
        Its rows, without columns that cannot hold their field.
    others : mapping of ibis table
        The tables of the folder by name, each key once.
    limit : int
        How many rows that break a demand are named.
    """

    table: Table
    schema: Schema
    rows: Any
    others: Mapping[str, Any]
    limit: int

    def twice(self) -> Iterator[Breach]:
        """Values that stand twice in a column where each may stand once."""
        for item in self.table.columns:
            if (
                item.name != self.table.primary_key and not item.constraints.unique
            ) or item.name not in self.rows.columns:
                continue
            given = self.rows.filter(self.rows[item.name].notnull())
            times = given.group_by(value=given[item.name]).aggregate(times=given.count())
            again = times.filter(times.times > 1)
            count = int(again.count().to_pyarrow().as_py())
            if count:
                message = "stands more than once, and must be unique"
                named = again.order_by("value").limit(self.limit).to_pyarrow().to_pylist()
                is_key = item.name == self.table.primary_key
                findings = [
                    Finding(
                        self.table.name,
                        _text(each["value"]) if is_key else "",
                        item.name,
                        f"{_shown(each['value'])} stands {each['times']} times, and must be unique",
                    )
                    for each in named
                ]
                yield Breach(self.table.name, item.name, message, count, tuple(findings))

    def breaches(self) -> tuple[int, list[Breach]]:
        """How many rows there are, and what is wrong with them."""
        demands = list(self._demands())
        total, *counts = _counted(self._joined, demands)
        found = []
        for demand, count in zip(demands, counts, strict=True):
            if count and demand.rule:
                rows = self._with_reasons(demand, demand.rule)
                exact = self._broken(demand.rule, rows, suspect=False)
                found += self._breach(exact, _counted(rows, [exact])[1], rows)
            else:
                found += self._breach(demand, count, self._joined)
        return total, found

    def left_out(self) -> Iterator[str]:
        """Keys and rules that cannot be looked at, because a table or column is not there."""
        for key in self.table.foreign_keys:
            if not self._reaches(key):
                yield f"that {key.field} leads to a row of {key.table}"
        for rule in self.table.rules:
            if not self._usable(rule):
                yield f"the rule {rule.name}"
            elif "missing" not in self.others and self._asks(rule):
                names = " and ".join(self._asks(rule))
                yield f"in the rule {rule.name} why {names} is empty, which the table missing would say"

    @cached_property
    def _joined(self) -> Any:
        """The rows, with the key and what rules name of each parent beside them."""
        rows = self.rows
        for key in filter(self._reaches, self.table.foreign_keys):
            parent = self.others[key.table]
            wanted = {key.reference, *(self._of_parent(key) & set(parent.columns))}
            beside = parent.select(**{f"{key.field}__{name}": parent[name] for name in sorted(wanted)})
            rows = rows.left_join(beside, rows[key.field] == beside[f"{key.field}__{key.reference}"])
        return rows

    def _reaches(self, key: ForeignKey) -> bool:
        parent = self.others.get(key.table)
        return parent is not None and key.field in self.rows.columns and key.reference in parent.columns

    def _of_parent(self, key: ForeignKey) -> set[str]:
        """Columns that rules name of the parent, if the key is the first that leads to it."""
        if self.table.keys_to(key.table)[0] != key.field:
            return set()
        names = (name.rpartition(".") for rule in self.table.rules for name in rule.fields)
        return {column for table, _, column in names if table == key.table}

    def _column(self, name: str) -> str:
        parent, _, column = name.rpartition(".")
        return f"{self.table.keys_to(parent)[0]}__{column}" if parent else column

    def _fields(self, rule: Rule) -> dict[str, Field]:
        split = {name: name.rpartition(".") for name in rule.fields}
        return {
            name: (self.schema.tables[parent] if parent else self.table).by_name[column]
            for name, (parent, _, column) in split.items()
        }

    def _usable(self, rule: Rule) -> bool:
        return all(self._column(name) in self._joined.columns for name in rule.fields)

    def _asks(self, rule: Rule) -> list[str]:
        return needs_reasons(rule, self._fields(rule))

    def _demands(self) -> Iterator[Demand]:
        """What is demanded of each row by itself, and of it and its parents."""
        rows = self._joined
        for item in self.table.columns:
            if item.name in self.rows.columns:
                is_key = item.name == self.table.primary_key
                demands = replace(item.constraints, required=True) if is_key else item.constraints
                yield from of_field(replace(item, constraints=demands), rows[item.name])
        for key in filter(self._reaches, self.table.foreign_keys):
            led = rows[f"{key.field}__{key.reference}"]
            yield Demand(key.field, f"{{}} is not in the table {key.table}", rows[key.field].notnull() & led.isnull())
        for rule in filter(self._usable, self.table.rules):
            yield self._broken(rule, rows, suspect="missing" in self.others and bool(self._asks(rule)))

    def _broken(self, rule: Rule, rows: Any, *, suspect: bool) -> Demand:
        cells = {name: rows[self._column(name)] for name in rule.fields}
        reasons = {name: rows[f"{name}__reason"] for name in rule.fields if f"{name}__reason" in rows.columns}
        message = f"breaks the rule {rule.name}: {rule.message}"
        where = broken(rule, cells, self._fields(rule), reasons, suspect=suspect)
        return Demand("", message, where, rule if suspect else None)

    def _with_reasons(self, demand: Demand, rule: Rule) -> Any:
        """The rows that are suspected to break a rule, with the reasons why their cells are empty."""
        rows, missing, names = self._joined.filter(demand.broken), self.others["missing"], self._asks(rule)
        own = missing.filter((missing.table == self.table.name) & missing.variable.isin(names))
        given = {f"{name}__reason": own.reason.max(where=own.variable == name) for name in names}
        told = own.group_by(reasons__row=own.row).aggregate(**given)
        return rows.left_join(told, rows[self.table.primary_key] == told.reasons__row)

    def _breach(self, demand: Demand, count: int, rows: Any) -> list[Breach]:
        """The demand with the first rows that break it, if any do."""
        if not count:
            return []
        key = self.table.primary_key
        shown = {"row": rows[key]} if key in rows.columns else {}
        shown |= {"value": rows[demand.variable]} if demand.message.startswith("{}") else {}
        bad = rows.filter(demand.broken).select(**shown).order_by(list(shown)).limit(self.limit) if shown else None
        findings = [
            Finding(
                self.table.name,
                _text(each.get("row")),
                demand.variable,
                demand.message.replace("{}", _shown(each.get("value")), 1),
            )
            for each in (bad.to_pyarrow().to_pylist() if bad is not None else [])
        ]
        message = demand.message.replace("{}", "a value", 1)
        return [Breach(self.table.name, demand.variable, message, count, tuple(findings))]


def _counted(rows: Any, demands: list[Demand]) -> list[int]:
    """How many rows there are, and how many break each demand, in one pass."""
    counts = {f"n{place}": rows.count(where=demand.broken) for place, demand in enumerate(demands)}
    (found,) = rows.aggregate(total=rows.count(), **counts).to_pyarrow().to_pylist()
    return [int(count or 0) for count in found.values()]


def _text(value: Any) -> str:
    return "" if value is None else to_text(value)


def _shown(value: Any) -> str:
    return repr(to_text(value) if isinstance(value, dt.date | list | bool) else value)
