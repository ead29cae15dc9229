"""Reading ``schemas/conditions.yaml``; a declaration that cannot be computed is refused with file and line."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from casebook.authoring.marked import Entries, Items, Node, Text, mark_of, read_yaml
from casebook.errors import Mark, Problems, suggestion
from casebook.model.conditions import EXPECTATIONS, FORMS, ROLES, TABLE, Analysis, Condition
from casebook.model.schema import Category, Field, Table

FILE = "conditions.yaml"
KEYS = ("name", "title", "table", "role", "expect", "reason", "across", *FORMS)
ANALYSIS_KEYS = ("name", "title", "outcome", "conditions", "reason")
ANCHORS = ("out", "crossover", "full")


def declare(tables: dict[str, Table], folder: Path, problems: Problems) -> None:
    """Put the declared conditions into the description of the table ``conditions``, where there is one.

    Parameters
    ----------
    tables : dict of Table
        All tables; the table ``conditions`` is replaced.
    folder : Path
        Folder of the schemas.
    problems : Problems
        Receives everything wrong with ``conditions.yaml``.
    """
    path = folder / FILE
    if not path.exists():
        return
    if TABLE not in tables:
        problems.add(
            Mark(str(path), 1), TABLE, f"there is no {TABLE}.table.yaml here; copy it from the packaged schemas"
        )
        return
    tree = read_yaml(path, problems)
    if tree is None:
        return
    if not isinstance(tree, Entries):
        problems.add(tree.mark, TABLE, "expected a mapping with the keys conditions, analyses")
        return
    reader = _Reader(tables, problems)
    tree.only(("conditions", "analyses"), TABLE, problems)
    for item in tree.rows("conditions", TABLE, problems):
        reader.condition(item)
    for item in tree.rows("analyses", TABLE, problems) if not problems.found else []:
        reader.analysis(item)
    if not problems.found:
        tables[TABLE] = _described(tables[TABLE], reader.conditions, reader.analyses)


def _described(table: Table, conditions: Mapping[str, Condition], analyses: Mapping[str, Analysis]) -> Table:
    """The table with its conditions as categories of the variable that names them."""
    categories = tuple(Category(c.name, c.title, c.reason) for c in conditions.values())
    naming = dataclasses.replace(table.field("condition"), categories=categories)
    table = table.with_fields({"condition": naming})
    return dataclasses.replace(table, conditions=tuple(conditions.values()), analyses=tuple(analyses.values()))


class _Reader:
    def __init__(self, tables: Mapping[str, Table], problems: Problems) -> None:
        self.tables, self.problems = tables, problems
        self.conditions: dict[str, Condition] = {}
        self.analyses: dict[str, Analysis] = {}

    def texts(self, item: Entries, keys: tuple[str, ...], known: Mapping[str, Any], kind: str) -> str | None:
        """The entry's place in messages, if the keys are given and its name is new."""
        here = self.problems.watch()
        name = item.get("name")
        where = f"{kind}.{name}" if isinstance(name, Text) and name else kind
        for key in keys:
            item.text(key, where, self.problems)
        if isinstance(name, Text) and name and not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            message = f"{str(name)!r} cannot be a name; use lower case, digits and underscores"
            self.problems.add(name.mark, where, message)
        if isinstance(name, Text) and name in known:
            self.problems.add(name.mark, where, "the name stands twice; rename one")
        return None if here.failed else where

    def condition(self, item: Entries) -> None:
        item.only(KEYS, "conditions", self.problems)
        expected = (
            "name",
            "title",
            "table",
            "role",
            "reason",
            *(("expect",) if item.get("role") == "condition" else ()),
        )
        where = self.texts(item, expected, self.conditions, "conditions")
        if where is None:
            return
        here = self.problems.watch()
        item.choice("table", [name for name, table in self.tables.items() if not table.built], where, self.problems)
        item.choice("role", ROLES, where, self.problems)
        if "expect" in item:
            item.choice("expect", EXPECTATIONS, where, self.problems)
            if item["role"] == "outcome":
                self.problems.add(item["expect"].mark, where, "an outcome is not expected of itself; leave expect out")
        forms = [key for key in FORMS if key in item]
        if len(forms) != 1:
            self.problems.add(item.mark, where, f"membership needs one rule: one of {', '.join(FORMS)}")
        elif not isinstance(item[forms[0]], Entries) or not item[forms[0]]:
            self.problems.add(
                mark_of(item[forms[0]], item.mark), where, f"{forms[0]} maps variables to what counts as in"
            )
        if here.failed:
            return
        form = forms[0]
        table = self.judged(item, form, where)
        if table is None:
            return
        rule = {str(name): self.part(form, table, name, item[form][name], where) for name in item[form]}
        if form in ("levels", "anchors") and len(rule) > 1:
            self.problems.add(item[form].mark, where, f"{form} is about one variable")
        if here.failed:
            return
        plain = {key: " ".join(item[key].split()) for key in (*expected, "across") if key in item}
        self.conditions[plain["name"]] = Condition(**plain, form=form, rule=rule)

    def judged(self, item: Entries, form: str, where: str) -> Table | None:
        """The table whose variables the rule names."""
        table = self.tables[item["table"]]
        if form not in ("every", "some"):
            if "across" in item:
                self.problems.add(mark_of(item["across"], item.mark), where, "across goes with every or some only")
                return None
            return table
        if not isinstance(item.get("across"), Text):
            self.problems.add(item.mark, where, f"{form} needs across: the table whose rows are judged")
            return None
        children = {t.name: t for t in self.tables.values() if any(key.table == table.name for key in t.foreign_keys)}
        return children[item["across"]] if item.choice("across", children, where, self.problems) else None

    def part(self, form: str, table: Table, name: Text, node: Node, where: str) -> Any:
        parent, _, variable = name.rpartition(".")
        if parent:
            parents = {key.table: self.tables[key.table] for key in table.foreign_keys}
            if parent not in parents:
                message = f"{parent!r} is not a table to which {table.name} points{suggestion(parent, parents)}"
                self.problems.add(name.mark, where, message)
                return None
            table = parents[parent]
        if variable not in table.by_name:
            message = f"{variable!r} is not a variable of {table.name}{suggestion(variable, table.by_name)}"
            self.problems.add(name.mark, where, message)
            return None
        item = table.field(variable)
        return self.anchors(item, node, where) if form == "anchors" else self.values(form, item, node, where)

    def values(self, form: str, item: Field, node: Node, where: str) -> Any:
        allowed = ["yes", "no"] if item.type == "boolean" else item.values
        if not allowed:
            self.problems.add(node.mark, where, f"{item.name} has no categories; use anchors for a number")
            return None
        expected = Entries if form == "levels" else Items
        if not isinstance(node, expected) or not node:
            example = f"{{{allowed[0]}: 0, {allowed[-1]}: 1}}" if form == "levels" else f"[{allowed[0]}]"
            self.problems.add(node.mark, where, f"{item.name}: expected {example} or the like")
            return None
        for value in node:
            if value not in allowed:
                message = f"unknown category {value!s} of {item.name}{suggestion(str(value), allowed)}"
                self.problems.add(mark_of(value, node.mark), where, message)
        if not isinstance(node, Entries):
            return [str(value) for value in node]
        for value in allowed:
            if value not in node:
                self.problems.add(node.mark, where, f"category {value} of {item.name} has no membership")
        levels = {str(value): self.number(node[value], node.mark, where) for value in node}
        for value, level in levels.items():
            if level is not None and (not 0 <= level <= 1 or level == 0.5):
                message = f"{level:g} is no membership; write 0 to 1, but not 0.5, which is neither in nor out"
                self.problems.add(mark_of(node[value], node.mark), where, message)
        return levels

    def anchors(self, item: Field, node: Node, where: str) -> Any:
        if item.type not in ("integer", "number") or item.categories:
            self.problems.add(node.mark, where, f"{item.name} is no number; use crisp or levels")
            return None
        if not isinstance(node, Entries) or sorted(node) != sorted(ANCHORS):
            self.problems.add(node.mark, where, "expected {out: …, crossover: …, full: …}")
            return None
        anchors = {key: self.number(node[key], node.mark, where) for key in ANCHORS}
        out, crossover, full = (anchors[key] for key in ANCHORS)
        if out is None or crossover is None or full is None:
            return None
        if not (out < crossover < full or out > crossover > full):
            self.problems.add(node.mark, where, "the crossover lies between out and full")
        return anchors

    def number(self, node: Node, mark: Mark, where: str) -> float | None:
        if isinstance(node, Text) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", node):
            return float(node)
        self.problems.add(mark_of(node, mark), where, f"{node!s} is not a number such as 0.67")
        return None

    def analysis(self, item: Entries) -> None:
        item.only(ANALYSIS_KEYS, "analyses", self.problems)
        where = self.texts(item, ("name", "title", "outcome", "reason"), self.analyses, "analyses")
        if where is None:
            return
        here = self.problems.watch()
        names = item.get("conditions")
        if not isinstance(names, Items) or len(names) < 2 or not all(isinstance(name, Text) for name in names):
            message = "conditions is a list of at least two names"
            self.problems.add(mark_of(names, item.mark), where, message)
            return
        outcomes = {c.name: c for c in self.conditions.values() if c.role == "outcome"}
        if item.choice("outcome", outcomes, where, self.problems):
            table = outcomes[item["outcome"]].table
            beside = [c.name for c in self.conditions.values() if c.role == "condition" and c.table == table]
            for name in names:
                if name not in beside:
                    message = f"{str(name)!r} is not a condition of {table}{suggestion(name, beside)}"
                    self.problems.add(name.mark, where, message)
                elif names.count(name) > 1:
                    self.problems.add(name.mark, where, f"{str(name)!r} stands twice; keep one")
        if not here.failed:
            plain = {key: " ".join(item[key].split()) for key in ("name", "title", "outcome", "reason")}
            self.analyses[plain["name"]] = Analysis(**plain, conditions=[str(name) for name in names])
