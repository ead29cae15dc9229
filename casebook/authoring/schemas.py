"""Reading ``schemas/*.yaml``; a schema that is itself wrong is refused with file and line."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from casebook.authoring import conditions as conditionsfile
from casebook.authoring.marked import Entries, Items, Node, Text, mark_of, read_yaml
from casebook.errors import Mark, Problems, suggestion
from casebook.model.derivations import Derivation, order
from casebook.model.descriptor import CONSTRAINTS, DERIVATIONS, FIELD_EXTRAS, TABLE_EXTRAS, parse_table
from casebook.model.schema import REASONS, TYPES, Schema, Table

TABLE_KEYS = ("name", "title", "description", "primaryKey", "foreignKeys", "fields", "casebook")
FIELD_KEYS = ("name", "type", "title", "description", "constraints", "categories", "categoriesOrdered", "casebook")
RULE_KEYS = ("name", "message", "when", "require", "order")


def read_schema(folder: Path) -> Schema:
    """Read and check all table schemas of a folder, and the conditions declared beside them.

    Parameters
    ----------
    folder : Path
        Folder with one YAML file per table, called ``<table>.yaml`` or, where that name is taken,
        ``<table>.table.yaml``; ``conditions.yaml`` is read by `casebook.authoring.conditions`.

    Returns
    -------
    Schema
        The tables, parents before children.

    Raises
    ------
    InvalidCasebookError
        With every problem found, each with file and line.
    """
    problems = Problems()
    paths = sorted(path for path in folder.glob("*.yaml") if path.name != conditionsfile.FILE)
    if not paths:
        problems.add(Mark(str(folder), 1), "schema", "no schema files (*.yaml) here")
    trees: dict[str, Entries] = {}
    for path in paths:
        tree = read_yaml(path, problems)
        if tree is not None and _check_table(tree, path, problems):
            assert isinstance(tree, Entries)
            trees[str(tree["name"])] = tree
    problems.raise_if_any()
    tables = {name: parse_table(tree) for name, tree in trees.items()}
    for name, tree in trees.items():
        _check_references(tables[name], tree, tables, problems)
    problems.raise_if_any()
    conditionsfile.declare(tables, folder, problems)
    problems.raise_if_any()
    schema = Schema(_parents_first(tables, trees, problems))
    _check_circles(schema, trees, problems)
    problems.raise_if_any()
    return schema


def _check_table(tree: Node, path: Path, problems: Problems) -> bool:
    before = len(problems.found)
    where = path.stem.removesuffix(".table")
    if not isinstance(tree, Entries):
        problems.add(tree.mark, where, "a table schema is a mapping with name, title, description, fields …")
        return False
    _check_keys(tree, TABLE_KEYS, where, problems)
    for key in ("name", "title", "description", "primaryKey", "fields"):
        if key not in tree:
            problems.add(tree.mark, where, f"{key} is not given")
    if str(tree.get("name", where)) != where:
        problems.add(
            tree["name"].mark, where, f"the table is called {tree['name']!r}; name it after its file, {where!r}"
        )
    extras = tree.get("casebook", Entries(tree.mark))
    _check_keys(extras, TABLE_EXTRAS, f"{where}.casebook", problems)
    fields = tree.get("fields")
    names: set[str] = set()
    if not isinstance(fields, Items):
        problems.add(mark_of(fields, tree.mark), where, "fields is a list with at least one field")
        return False
    for item in fields:
        _check_field(item, where, names, problems)
    for rule in extras.get("rules", []) if isinstance(extras, Entries) else []:
        _check_rule(rule, where, problems)
    return len(problems.found) == before


def _check_field(item: Node, table: str, names: set[str], problems: Problems) -> None:
    if not isinstance(item, Entries) or not isinstance(item.get("name"), Text):
        problems.add(item.mark, table, "a field is a mapping with name, type, title and description")
        return
    where = f"{table}.{item['name']}"
    if item["name"] in names:
        problems.add(item["name"].mark, where, "the field is declared twice")
    names.add(item["name"])
    _check_keys(item, FIELD_KEYS, where, problems)
    for key in ("type", "title", "description"):
        if not isinstance(item.get(key), Text) or not item[key]:
            problems.add(item.mark, where, f"{key} is not given")
    if isinstance(item.get("type"), Text) and item["type"] not in TYPES:
        problems.add(item["type"].mark, where, f"unknown type {str(item['type'])!r}{suggestion(item['type'], TYPES)}")
    _check_keys(item.get("constraints", Entries(item.mark)), CONSTRAINTS, f"{where}.constraints", problems)
    extras = item.get("casebook", Entries(item.mark))
    _check_keys(extras, FIELD_EXTRAS, f"{where}.casebook", problems)
    if isinstance(extras, Entries) and "derived" in extras:
        derived = extras["derived"]
        if not isinstance(derived, Entries) or not any(key in derived for key in DERIVATIONS):
            problems.add(
                mark_of(derived, item.mark), where, f"a derived field needs a rule: one of {', '.join(DERIVATIONS)}"
            )
        if "coded" in extras:
            problems.add(extras.mark, where, "a field is either coded or derived, not both")
    _check_categories(item, where, problems)


def _check_categories(item: Entries, where: str, problems: Problems) -> None:
    seen: set[str] = set()
    coded = isinstance(item.get("casebook"), Entries) and "coded" in item["casebook"]
    for category in item.get("categories", []):
        if not isinstance(category, Entries) or any(key not in category for key in ("value", "label", "description")):
            problems.add(category.mark, where, "a category has value, label and description")
            continue
        _check_keys(category, ("value", "label", "description"), where, problems)
        value = category["value"]
        if value in seen:
            problems.add(value.mark, where, f"category {str(value)!r} stands twice; keep one")
        if coded and value in REASONS:
            problems.add(value.mark, where, f"{str(value)!r} is a reason for a missing value and cannot be a category")
        seen.add(value)


def _check_rule(rule: Node, table: str, problems: Problems) -> None:
    if not isinstance(rule, Entries) or "name" not in rule or "message" not in rule:
        problems.add(rule.mark, table, "a rule has a name and a message")
        return
    _check_keys(rule, RULE_KEYS, f"{table}.{rule['name']}", problems)
    if "require" not in rule and "order" not in rule:
        problems.add(rule.mark, f"{table}.{rule['name']}", "the rule demands nothing; add require or order")


def _check_keys(entries: Node, allowed: tuple[str, ...], where: str, problems: Problems) -> None:
    if not isinstance(entries, Entries):
        problems.add(entries.mark, where, f"expected a mapping with the keys {', '.join(allowed)}")
        return
    for key in entries:
        if key not in allowed:
            problems.add(key.mark, where, f"unknown key {str(key)!r}{suggestion(key, allowed)}")


def _check_references(table: Table, tree: Entries, tables: dict[str, Table], problems: Problems) -> None:
    def names_of(target: Table) -> list[str]:
        return [column.name for column in target.columns]

    def complain(node: Any, where: str, message: str) -> None:
        problems.add(mark_of(node, tree.mark), where, message)

    if table.primary_key not in table.by_name:
        complain(tree["primaryKey"], table.name, f"primaryKey {table.primary_key!r} is not a field of the table")
    for key, node in zip(table.foreign_keys, tree.get("foreignKeys", []), strict=True):
        if key.field not in table.by_name:
            complain(
                node,
                table.name,
                f"foreign key on {key.field!r}, which is not a field{suggestion(key.field, names_of(table))}",
            )
        if key.table not in tables:
            complain(
                node,
                table.name,
                f"foreign key to table {key.table!r}, which does not exist{suggestion(key.table, tables)}",
            )
        elif key.reference != tables[key.table].primary_key:
            complain(node, table.name, f"foreign key to {key.table}.{key.reference}, which is not its primary key")
    extras = tree.get("casebook", Entries(tree.mark))
    if table.within and table.within not in tables:
        complain(
            extras["within"],
            table.name,
            f"within table {table.within!r}, which does not exist{suggestion(table.within, tables)}",
        )
    for rule, node in zip(table.rules, extras.get("rules", []), strict=True):
        for name in rule.fields:
            owner, _, column = name.rpartition(".")
            target = tables.get(owner) if owner else table
            if target is None or column not in target.by_name:
                complain(node, f"{table.name}.{rule.name}", f"rule uses {name!r}, which is not a field")
    for item, node in zip(table.fields, tree["fields"], strict=True):
        if item.derived:
            _check_derivation(table, item.derived, node, tables, problems)


def _check_derivation(
    table: Table, derived: Derivation, node: Entries, tables: dict[str, Table], problems: Problems
) -> None:
    where = f"{table.name}.{node['name']}"
    mark = node["casebook"].mark
    looked_at = [(table, derived.inputs)]
    for name, fields in derived.children.items():
        if name in tables:
            looked_at.append((tables[name], fields))
        else:
            problems.add(mark, where, f"derived from table {name!r}, which does not exist{suggestion(name, tables)}")
    for owner, fields in looked_at:
        for name in fields:
            if name not in owner.by_name:
                message = f"derived from {name!r}, which is not a field{suggestion(name, owner.by_name)}"
                problems.add(mark, where, message)


def _parents_first(tables: dict[str, Table], trees: dict[str, Entries], problems: Problems) -> dict[str, Table]:
    """The tables in the order of the schemas' numbers, but none before those to which it points."""
    graph = {name: {key.table for key in table.foreign_keys} - {name} for name, table in tables.items()}
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = list(error.args[1])
        message = f"the foreign keys run in a circle ({' → '.join(circle)}); take one out"
        problems.add(trees[circle[0]].mark, circle[0], message)
        return tables
    found: list[str] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()], key=lambda name: _place(tables[name]))
        found.append(ready.pop(0))
        sorter.done(found[-1])
    return {name: tables[name] for name in found}


def _place(table: Table) -> tuple[bool, int, str]:
    """Tables that people code in the order in which they are declared, then those that the builder makes."""
    return table.built, table.order, table.name


def _check_circles(schema: Schema, trees: dict[str, Entries], problems: Problems) -> None:
    """No derived field may follow from itself."""
    try:
        order(schema)
    except CycleError as error:
        names = [".".join(name) for name in error.args[1]]
        table = error.args[1][0][0]
        problems.add(trees[table].mark, names[0], f"is derived from itself ({' → '.join(names)})")
