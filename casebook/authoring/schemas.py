"""Reading ``schemas/*.yaml``; a schema that is itself wrong is refused with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from casebook.authoring import conditions as conditionsfile
from casebook.authoring.implied import wrong_with
from casebook.authoring.marked import Entries, Node, listed, mark_of, read_yaml
from casebook.errors import Mark, Problems, suggestion
from casebook.model.computed import From, Highest, Lookup, MapTo
from casebook.model.demands import lacking
from casebook.model.derivations import Derivation, order
from casebook.model.descriptor import CONSTRAINTS, FIELD_EXTRAS, LISTS, PARTS, TABLE_EXTRAS, kind_of, parse_table
from casebook.model.schema import REASONS, TYPES, Schema, Table
from casebook.model.texts import READ_AS_MISSING, names_device

_ENDINGS = (".yaml", ".yml")
_NAME = re.compile("[a-z][a-z0-9_]*")
_PLACE_TEXTS = {"since", "file", "scope", "within", "under", "label", "evidence", "dated_by"}
_CATEGORY_KEYS = ("value", "label", "description")
TABLE_KEYS = ("name", "title", "description", "primaryKey", "foreignKeys", "fields", "casebook")
FIELD_KEYS = ("name", "type", "title", "description", "constraints", "categories", "categoriesOrdered", "casebook")
RULE_KEYS = ("name", "message", "when", "require", "order")


def read_schema(folder: Path) -> Schema:
    """Read and check all table schemas of a folder, and the conditions declared beside them.

    A derived field that takes the values of another field has its categories where it declares none of its own.

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
    return _read(_Files(_contents(folder), folder))


@dataclass(frozen=True)
class _Files:
    """Names and contents of the files, by which a schema that was read already is known again, wherever it lies."""

    contents: tuple[tuple[str, bytes], ...]
    folder: Path = field(compare=False)


def _contents(folder: Path) -> tuple[tuple[str, bytes], ...]:
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS and path.is_file())
        return tuple((path.name, path.read_bytes()) for path in files)
    except OSError:
        return ()


@lru_cache(maxsize=8)
def _read(files: _Files) -> Schema:
    folder, problems = files.folder, Problems()
    found = listed(folder, problems)
    paths = [path for path in found if path.suffix == ".yaml" and path.name != conditionsfile.FILE]
    for path in found:
        if path.suffix != ".yaml" and path.suffix.lower() in _ENDINGS:
            problems.add(Mark(str(path), 1), "schema", f"is not read; call it {path.stem}.yaml")
    if not paths and not problems.found:
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
        for column in lacking(tables[name]):
            advice = "declare it as the packaged schema does, which 'casebook new --schemas' copies"
            problems.add(tree.mark_at("fields"), name, f"there is no {column!r}, by which rows are read; {advice}")
        _check_references(tables[name], tree, tables, problems)
    problems.raise_if_any()
    tables = {name: _with_categories_taken(table, tables) for name, table in tables.items()}
    conditionsfile.declare(tables, folder, problems)
    problems.raise_if_any()
    schema = Schema(_parents_first(tables, trees, problems))
    _check_circles(schema, trees, problems)
    problems.raise_if_any()
    return schema


def _check_table(tree: Node, path: Path, problems: Problems) -> bool:
    here = problems.watch()
    where = path.stem.removesuffix(".table")
    if not isinstance(tree, Entries):
        problems.add(tree.mark, where, "a table schema is a mapping with name, title, description, fields …")
        return False
    tree.only(TABLE_KEYS, where, problems)
    name, *_ = [tree.text(key, where, problems) for key in ("name", "title", "description")]
    if not tree.get("primaryKey"):
        problems.add(tree.mark, where, "primaryKey is not given")
    if name is not None and name != where:
        problems.add(name.mark, where, f"the table is called {str(name)!r}; name it after its file, {where!r}")
    if not _NAME.fullmatch(where):
        problems.add(tree.mark, where, f"{where!r} cannot name a table; use lower case, digits and underscores")
    elif names_device(where):
        problems.add(tree.mark, where, f"{where!r} cannot name a table; on Windows it is the name of a device")
    extras = tree.entries("casebook", where, problems)
    _check_place(extras, f"{where}.casebook", problems)
    fields = tree.rows("fields", where, problems)
    if not fields and not here.failed:
        problems.add(tree.mark_at("fields"), where, "fields is a list with at least one field")
    names, titles = set[str](), set[str]()
    for item in fields:
        _check_field(item, where, names, titles, problems)
    for rule in extras.rows("rules", where, problems):
        _check_rule(rule, where, problems)
    for key in tree.rows("foreignKeys", where, problems, "fields"):
        reference = key.entries("reference", where, problems)
        if not (key.get("fields") and reference.get("resource") and reference.get("fields")):
            problems.add(key.mark, where, "a foreign key is {fields: …, reference: {resource: …, fields: …}}")
    return not here.failed


def _check_place(extras: Entries, where: str, problems: Problems) -> None:
    extras.only(TABLE_EXTRAS, where, problems)
    for key in sorted(extras.keys() & _PLACE_TEXTS):
        extras.text(key, where, problems)
    extras.texts("id", where, problems)
    if not re.fullmatch("[0-9]{1,9}", extras.get("order", "0") if isinstance(extras.get("order", "0"), str) else ""):
        problems.add(extras.mark_at("order"), where, "order is a whole number, by which the tables are sorted")
    for key, needed, more in (("complete", ("each",), ()), ("implies", ("table",), ("same", "as", "least"))):
        if key in extras:
            rule = extras.entries(key, where, problems)
            rule.only((*needed, *more, "where", *(["through"] if key == "implies" else [])), where, problems)
            rule.texts("through", where, problems)
            for name in (*needed, *(name for name in more if name in rule)):
                rule.text(name, where, problems)
            if not re.fullmatch("[1-9][0-9]?", str(rule.get("least", "1"))):
                problems.add(rule.mark_at("least"), where, "least is a whole number from 1")
            conditions = rule.entries("where", where, problems)
            for name in conditions:
                conditions.texts(name, where, problems)


def _check_field(item: Entries, table: str, names: set[str], titles: set[str], problems: Problems) -> None:
    name = item.text("name", table, problems)
    if name is None:
        return
    where = f"{table}.{name}"
    if not _NAME.fullmatch(name):
        problems.add(name.mark, where, f"{str(name)!r} cannot name a field; use lower case, digits and underscores")
    if name in names:
        problems.add(name.mark, where, "the field is declared twice")
    names.add(name)
    item.only(FIELD_KEYS, where, problems)
    title = item.text("title", where, problems)
    if title is not None and title.casefold() in titles:
        problems.add(title.mark, where, f"the title {str(title)!r} stands twice in the table; readers could not tell")
    titles.add(str(title).casefold())
    item.text("description", where, problems)
    item.choice("type", TYPES, where, problems)
    _check_constraints(item.entries("constraints", where, problems), f"{where}.constraints", problems)
    extras = item.entries("casebook", where, problems)
    extras.only(FIELD_EXTRAS, f"{where}.casebook", problems)
    for key in LISTS:
        extras.texts(key, where, problems)
    if "derived" in extras:
        _check_rule_of(extras.entries("derived", where, problems), where, problems)
        if "coded" in extras:
            problems.add(extras.mark, where, "a field is either coded or derived, not both")
    _check_categories(item, where, "coded" in extras, problems)


def _check_constraints(constraints: Entries, where: str, problems: Problems) -> None:
    constraints.only(CONSTRAINTS, where, problems)
    for key in ("minimum", "maximum", "maxLength"):
        if key in constraints:
            text = constraints.text(key, where, problems)
            if text is not None and not re.fullmatch("-?[0-9]{1,15}", text):
                problems.add(text.mark, where, f"{key} is a whole number, not {str(text)!r}")
    if "pattern" in constraints and (text := constraints.text("pattern", where, problems)) is not None:
        try:
            re.compile(text)
        except re.error as error:
            problems.add(text.mark, where, f"pattern {str(text)!r} is not a regular expression: {error}")


def _check_rule_of(derived: Entries, where: str, problems: Problems) -> None:
    """The shape of a rule by which a field is derived; which fields it names is looked at later."""
    kind = kind_of(derived)
    if kind is None:
        problems.add(derived.mark, where, f"a derived field needs a rule: one of {', '.join(PARTS)}")
        return
    derived.only((kind, *PARTS[kind], "unless"), where, problems)
    if kind in ("days", "precedes"):
        if len(derived.texts(kind, where, problems, "[start, end]") or ()) != 2:
            problems.add(derived.mark, where, f"{kind} runs between two dates, as in [start, end]")
    elif kind == "choose":
        for choice in derived.rows("choose", where, problems, "value"):
            choice.only(("value", "when"), where, problems)
            choice.text("value", where, problems)
            choice.entries("when", where, problems)
    elif kind not in ("is", "distinct"):
        derived.text(kind, where, problems)
    for part in _NEEDED.get(kind, ()):
        if part not in derived:
            problems.add(derived.mark, where, f"{kind} needs {part}: {_MEANING[part]}")
    if "across" in derived:
        derived.texts("across", where, problems, "[roles, attendance]")
    if "span" in derived and len(derived.texts("span", where, problems, "[known, date]") or ()) != 2:
        problems.add(derived.mark, where, "span names two dates, as in [known, date]")
    if "least" in derived and not re.fullmatch("[0-9]{1,3}", str(derived["least"])):
        problems.add(derived.mark_at("least"), where, "least is a whole number")
    for part in {"take", "through", "at", "key", "none"} & derived.keys():
        derived.text(part, where, problems)
    for part in {"unless", "where", "to", "is"} & derived.keys():
        allowed = derived.entries(part, where, problems)
        for name in allowed:
            allowed.texts(name, where, problems)


_NEEDED = {
    "map": ("to",),
    "distinct": ("across",),
    "every": ("is",),
    "highest": ("take",),
    "from": ("take",),
    "lookup": ("key", "take"),
    "overlap": ("through", "span", "at"),
}
_MEANING = {
    "to": "what each value becomes",
    "across": "the tables that are looked through",
    "is": "what every row must be",
    "take": "the field whose value is taken",
    "key": "the own foreign key that leads to the row",
    "through": "the own foreign key to the row that both belong to",
    "span": "the dates at which a span begins and ends",
    "at": "the own date that may fall into the span",
}


def _check_categories(item: Entries, where: str, coded: bool, problems: Problems) -> None:
    seen: set[str] = set()
    labels: dict[str, str] = {}
    for category in item.rows("categories", where, problems, "value"):
        category.only(_CATEGORY_KEYS, where, problems)
        value, label, _ = (category.text(key, where, problems) for key in _CATEGORY_KEYS)
        if value is None or label is None:
            continue
        if value in seen:
            problems.add(value.mark, where, f"category {str(value)!r} stands twice; keep one")
        elif label.casefold() in labels:
            message = f"the label {str(label)!r} stands already at category {labels[label.casefold()]!r}; rename one"
            problems.add(label.mark, where, message)
        if coded and value in REASONS:
            problems.add(value.mark, where, f"{str(value)!r} is a reason for a missing value and cannot be a category")
        if label.casefold() in READ_AS_MISSING:
            message = f"the label {str(label)!r} is read as an empty cell by other programs; write for instance 'No …'"
            problems.add(label.mark, where, message)
        seen.add(value)
        labels.setdefault(label.casefold(), str(value))


def _check_rule(rule: Entries, table: str, problems: Problems) -> None:
    name, message = rule.text("name", table, problems), rule.text("message", table, problems)
    if name is None or message is None:
        return
    rule.only(RULE_KEYS, f"{table}.{name}", problems)
    rule.texts("order", f"{table}.{name}", problems)
    for part in ("when", "require"):
        rule.entries(part, f"{table}.{name}", problems)
    if "require" not in rule and "order" not in rule:
        problems.add(rule.mark, f"{table}.{name}", "the rule demands nothing; add require or order")


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
    if table.implies:
        for message in wrong_with(table, table.implies, tables):
            complain(extras["implies"], table.name, message)
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
    for message in _check_map(table, derived) if isinstance(derived, MapTo) else ():
        problems.add(mark, where, message)
    for look in derived.looks:
        if look.table in tables:
            looked_at.append((tables[look.table], look.fields))
            if look.key is not None and table.reference(look.key) is None:
                problems.add(mark, where, f"{look.key!r} is not a foreign key of the table")
        else:
            message = f"derived from table {look.table!r}, which does not exist{suggestion(look.table, tables)}"
            problems.add(mark, where, message)
    for owner, fields in looked_at:
        for name in fields:
            if name not in owner.by_name:
                message = f"derived from {name!r}, which is not a field{suggestion(name, owner.by_name)}"
                problems.add(mark, where, message)


def _check_map(table: Table, derived: MapTo) -> Iterator[str]:
    """Every value of a field must become one other."""
    source = table.by_name.get(derived.source)
    mapped = [value for values in derived.to.values() for value in values]
    known = [] if source is None else source.values or (["yes", "no"] if source.type == "boolean" else mapped)
    for value in dict.fromkeys([*mapped, *known]):
        if value not in known:
            yield f"maps {value!r}, which is no value of {derived.source}{suggestion(value, known)}"
        elif mapped.count(value) != 1:
            times = "more than once" if value in mapped else "to nothing"
            yield f"maps {value!r} of {derived.source} {times}; name each value once"


def _with_categories_taken(table: Table, tables: dict[str, Table]) -> Table:
    """The table with the categories of its derived fields that take the values of another and declare none."""
    fields = {}
    for item in table.fields:
        if isinstance(item.derived, From | Highest | Lookup) and not item.categories:
            source = tables[item.derived.table].by_name[item.derived.take]
            fields[item.name] = replace(item, categories=source.categories, ordered=source.ordered)
    return table.with_fields(fields)


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
