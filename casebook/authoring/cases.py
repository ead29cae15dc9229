"""Reading coding files: YAML written by coders becomes rows with typed values, reasons and evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from casebook.authoring.marked import Entries, Items, Node, Text, mark_of, read_text, read_yaml
from casebook.errors import Mark, Problems, suggestion
from casebook.model.derivations import Index
from casebook.model.schema import REASONS, Field, Schema, Table
from casebook.model.values import parse

EVIDENCE_KEYS = ("on", "source", "confidence", "basis", "reads", "note")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CITED = re.compile(r"([a-z][a-z0-9]*)(?:\[(.+)\])?", re.DOTALL)


@dataclass
class Support:
    """One evidence entry as written: it may cover several variables and name several sources."""

    mark: Mark
    variables: list[str] | None
    sources: list[tuple[str, str | None]]
    confidence: str
    basis: str = "stated"
    reads: str | None = None
    note: str | None = None


@dataclass
class Row:
    """One row of a table as coded."""

    table: Table
    id: str
    case: str | None
    mark: Mark
    parent: Row | None = None
    values: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    support: list[Support] = field(default_factory=list)

    def mark_of(self, name: str) -> Mark:
        return self.marks.get(name, self.mark)


@dataclass
class Coding:
    """Everything read from a casebook's coding files.

    `unreadable` names tables of which a file could not be read, so that references to them are not called dangling.
    """

    schema: Schema
    rows: dict[str, dict[str, Row]]
    unreadable: set[str] = field(default_factory=set)

    @cached_property
    def index(self) -> Index:
        """Who points to whom; made when first asked for, so not before all is read."""
        return Index(self.rows)

    def __iter__(self) -> Iterator[Row]:
        for rows in self.rows.values():
            yield from rows.values()


def read_coding(folder: Path, schema: Schema, problems: Problems) -> Coding:
    """Read all coding files of a casebook folder.

    Parameters
    ----------
    folder : Path
        Folder with ``cases/`` and the shared files.
    schema : Schema
        The tables.
    problems : Problems
        Receives everything wrong with the files.

    Returns
    -------
    Coding
        The rows, in the order of the files.
    """
    reader = _Reader(folder, schema, problems)
    for table in schema:
        if table.shared and table.file and table.file.endswith(".yaml"):
            path = folder / table.file
            if path.exists():
                reader.file(path, table, None)
    cases = folder / "cases"
    if not cases.is_dir():
        problems.add(Mark(str(cases), 1), "cases", "there is no folder of cases; make one with 'casebook new CASE'")
        return reader.coding
    for path in sorted(cases.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            reader.case(path)
        else:
            problems.add(
                Mark(str(path), 1), "cases", "a file among the case folders; move it into the folder of its case"
            )
    return reader.coding


class _Reader:
    def __init__(self, folder: Path, schema: Schema, problems: Problems) -> None:
        self.folder, self.schema, self.problems = folder, schema, problems
        self.coding = Coding(schema, {table.name: {} for table in schema})
        self.files = {t.file: t for t in schema if t.file and not t.shared}
        self.texts = {f.file: (t, f) for t in schema for f in t.fields if f.file}
        self.root = schema.root

    def name(self, path: Path) -> str:
        return str(path)

    def case(self, folder: Path) -> None:
        mark = Mark(str(folder), 1)
        if not _SLUG.fullmatch(folder.name):
            self.problems.add(mark, "cases", f"{folder.name!r} cannot name a case; use lower case, digits and hyphens")
            return
        if not (folder / "case.yaml").exists():
            self.problems.add(mark, "cases", "the case folder has no case.yaml; make one with 'casebook new'")
        names = [*self.files, *self.texts]
        for path in sorted(folder.iterdir(), key=lambda p: (p.name != "case.yaml", p.name)):
            if path.name.startswith("."):
                continue
            if path.name in self.files:
                self.file(path, self.files[path.name], folder.name)
            elif path.name not in self.texts:
                self.problems.add(
                    Mark(str(path), 1), "cases", f"a file for no known table{suggestion(path.name, names)}"
                )

    def file(self, path: Path, table: Table, case: str | None) -> None:
        tree = read_yaml(path, self.problems)
        if tree is None:
            self.coding.unreadable |= self.schema.nested(table.name)
            return
        if table is self.root:
            if isinstance(tree, Entries):
                self.row(table, tree, None, case)
            else:
                self.problems.add(tree.mark, table.name, "expected one mapping, beginning with 'case:'")
        else:
            self.rows_of(table, tree, None, case)

    def rows_of(self, table: Table, tree: Node, parent: Row | None, case: str | None) -> None:
        if not isinstance(tree, Items):
            self.problems.add(tree.mark, table.name, "expected a list, each entry beginning with '- '")
            return
        keys = table.id
        for item in tree:
            if isinstance(item, Text) and len(keys) == 1:
                entries = Entries(item.mark)
                entries[Text(table.field(keys[0]).key, item.mark)] = item
                self.row(table, entries, parent, case)
            elif isinstance(item, Entries):
                for single in _spread(item, [table.field(key).key for key in keys]):
                    self.row(table, single, parent, case)
            else:
                self.problems.add(item.mark, table.name, "expected an entry with keys and values")

    def row(self, table: Table, entries: Entries, parent: Row | None, case: str | None) -> None:
        row = Row(table, "", case, entries.mark, parent)
        inherited = {key.field: parent.id for key in table.foreign_keys if parent and key.table == parent.table.name}
        if case and "case_id" in table.by_name and table is not self.root:
            inherited.setdefault("case_id", case)
        row.values.update(inherited)
        composed = bool(table.id)
        asked = {
            f.key: f
            for f in table.fields
            if not f.derived
            and f.name not in inherited
            and f.file is None
            and not (composed and f.name == table.primary_key)
        }
        children = {child.under: child for child in self.schema.children(table.name) if child.under}
        allowed = [*asked, *children, *([] if table.parent_evidence else ["evidence"])]
        for key in entries:
            if key not in allowed:
                self.problems.add(
                    key.mark, f"{table.name}.{key}", f"unknown key {str(key)!r}{suggestion(key, allowed)}"
                )
        for key, item in asked.items():
            self.cell(row, item, entries.get(key))
        if not self.identify(row):
            return
        for name, text_field in self.texts.values():
            if name is table and text_field.name in table.by_name and case:
                self.text(row, text_field, case)
        row.support = self.evidence(row, entries.get("evidence"), allowed=list(children))
        for under, child in children.items():
            if under in entries:
                self.rows_of(child, entries[under], row, case)

    def cell(self, row: Row, item: Field, node: Node | None) -> None:
        where = f"{row.table.name}.{item.name}"
        generated = [column.name for column in item.expanded()]
        if node is None:
            if not item.optional:
                reasons = "" if item.required else ", or unknown, not_applicable or withheld"
                self.problems.add(row.mark, where, f"{item.key} is not given; write a value{reasons}")
            return
        row.marks[item.name] = mark = mark_of(node, row.mark)
        if item.type == "array":
            if not isinstance(node, Items) or not all(isinstance(part, Text) for part in node):
                self.problems.add(mark, where, "expected a list, for example [one, two]")
            else:
                row.values[item.name] = [str(part) for part in node]
            return
        if not isinstance(node, Text):
            self.problems.add(mark, where, "expected one value, not a list or mapping")
            return
        if node in REASONS and not item.required:
            row.reasons.update(dict.fromkeys(generated, str(node)))
            return
        try:
            row.values.update(parse(item, self.resolve(row.table, item.name, node, row.case)))
        except ValueError as error:
            self.problems.add(mark, where, str(error))

    def resolve(self, table: Table, name: str, text: str, case: str | None) -> str:
        """Complete a local identifier with its case."""
        key = table.reference(name)
        if key is None or case is None or key.table == self.root.name:
            return text
        target = self.schema.tables[key.table]
        return text if target.shared or "/" in text else f"{case}/{text}"

    def identify(self, row: Row) -> bool:
        table = row.table
        local: str | None
        if keys := table.id:
            parts = [row.values.get(key) for key in keys]
            if row.parent is None or any(part is None for part in parts):
                missing = next((key for key, part in zip(keys, parts, strict=True) if part is None), keys[0])
                if missing in row.reasons:
                    self.problems.add(row.mark, f"{table.name}.{missing}", "names the row and cannot be missing")
                return False
            local = "/".join(_local(str(part), row.case) for part in parts)
            row.id = f"{row.parent.id}/{local}"
        else:
            local = row.values.get(table.primary_key)
            if local is None:
                return False
            if not _SLUG.fullmatch(local):
                self.problems.add(
                    row.mark_of(table.primary_key),
                    f"{table.name}.{table.primary_key}",
                    f"{local!r} cannot be an identifier; use lower case, digits and hyphens",
                )
                return False
            row.id = local if table is self.root or row.case is None else f"{row.case}/{local}"
            if table is self.root and local != row.case:
                self.problems.add(
                    row.mark_of(table.primary_key),
                    f"{table.name}.{table.primary_key}",
                    f"the case is called {local!r} in the folder {row.case!r}; give both the same name",
                )
                return False
        row.values[table.primary_key] = row.id
        rows = self.coding.rows[table.name]
        if row.id in rows:
            self.problems.add(
                row.mark,
                f"{table.name}.{table.primary_key}",
                f"{row.id!r} stands already at {rows[row.id].mark}; rename one",
            )
            return False
        rows[row.id] = row
        return True

    def text(self, row: Row, item: Field, case: str) -> None:
        path = self.folder / "cases" / case / (item.file or "")
        if path.exists():
            text = read_text(path, self.problems)
            if text is not None and not text.strip():
                self.problems.add(Mark(str(path), 1), f"{row.table.name}.{item.name}", "the file is empty")
            elif text is not None:
                row.values[item.name] = text.strip()
                row.marks[item.name] = Mark(str(path), 1)

    def evidence(self, row: Row, tree: Node | None, allowed: list[str]) -> list[Support]:
        if tree is None:
            return []
        if not isinstance(tree, Items):
            self.problems.add(
                tree.mark, f"{row.table.name}.evidence", "expected a list, each entry beginning with '- '"
            )
            return []
        entries = (self.support(row, item, allowed) for item in tree)
        return [entry for entry in entries if entry is not None]

    def support(self, row: Row, item: Node, nested: list[str]) -> Support | None:
        where = f"{row.table.name}.evidence"
        if not isinstance(item, Entries):
            self.problems.add(item.mark, where, "an evidence entry has at least source and confidence")
            return None
        before = len(self.problems.found)
        for key in item:
            if key not in EVIDENCE_KEYS:
                self.problems.add(key.mark, where, f"unknown key {str(key)!r}{suggestion(key, EVIDENCE_KEYS)}")
        for key in ("confidence", "basis", "reads", "note"):
            if key in item and (not isinstance(item[key], Text) or not item[key]):
                self.problems.add(mark_of(item[key], item.mark), where, f"{key} is one piece of text")
        for key in ("source", "confidence"):
            if key not in item:
                self.problems.add(item.mark, where, f"{key} is not given")
        if len(self.problems.found) > before:
            return None
        self.choice("confidence", item["confidence"], where)
        if "basis" in item:
            self.choice("basis", item["basis"], where)
        variables = self.variables(row, item["on"], nested) if "on" in item else None
        sources = self.cited(item["source"], where)
        reads = item.get("reads")
        if reads is not None:
            reads = self.rival(row, variables, reads)
        if len(self.problems.found) > before:
            return None
        note = item.get("note")
        return Support(
            item.mark,
            variables,
            sources,
            str(item["confidence"]),
            str(item.get("basis", "stated")),
            reads,
            str(note) if note is not None else None,
        )

    def choice(self, name: str, text: Text, where: str) -> None:
        allowed = self.schema.tables["evidence"].field(name).values
        if text not in allowed:
            self.problems.add(text.mark, where, f"unknown {name} {str(text)!r}{suggestion(text, allowed)}")

    def variables(self, row: Row, node: Node, nested: list[str]) -> list[str]:
        coded = {f.key: f.name for f in row.table.fields if f.coded}
        names = {**coded, **{name: name for name in coded.values()}, **{name: name for name in nested}}
        found = []
        for part in node if isinstance(node, Items) else [node]:
            if isinstance(part, Text) and part in names:
                found.append(names[part])
            else:
                text = str(part) if isinstance(part, Text) else "this"
                self.problems.add(
                    mark_of(part, row.mark),
                    f"{row.table.name}.evidence",
                    f"{text!r} is not a coded variable of {row.table.name}{suggestion(text, list(coded))}",
                )
        return found

    def cited(self, node: Node, where: str) -> list[tuple[str, str | None]]:
        found = []
        for part in node if isinstance(node, Items) else [node]:
            match = _CITED.fullmatch(part) if isinstance(part, Text) else None
            if match:
                found.append((match[1], match[2]))
            else:
                self.problems.add(
                    mark_of(node, Mark("", 1)),
                    where,
                    f"{part!s} is not a source key such as hershberg1995 or hershberg1995[p. 4]",
                )
        return found

    def rival(self, row: Row, variables: list[str] | None, reads: Text) -> str | None:
        where = f"{row.table.name}.evidence"
        if variables is None or len(variables) != 1 or variables[0] not in row.table.by_name:
            self.problems.add(reads.mark, where, "a rival reading is about one variable; name it under 'on'")
            return None
        item = row.table.field(variables[0])
        if reads in REASONS and item.required:
            self.problems.add(reads.mark, f"{row.table.name}.{item.name}", "a rival reading of this must be a value")
            return None
        if reads in REASONS:
            value: Any = str(reads)
        else:
            try:
                value = parse(item, self.resolve(row.table, item.name, reads, row.case))[item.name]
            except ValueError as error:
                self.problems.add(reads.mark, f"{row.table.name}.{item.name}", f"rival reading: {error}")
                return None
        if value == row.values.get(item.name, row.reasons.get(item.name)):
            self.problems.add(
                reads.mark, f"{row.table.name}.{item.name}", f"the rival reading {str(reads)!r} equals the coded value"
            )
            return None
        return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _spread(entries: Entries, keys: list[str]) -> list[Entries]:
    """One entry for each element where a naming key holds a list."""
    for key in keys:
        if isinstance(entries.get(key), Items):
            spread = []
            for part in entries[key]:
                single = Entries(mark_of(part, entries.mark))
                single.update({**entries, key: part})
                spread.append(single)
            return spread
    return [entries]


def _local(identifier: str, case: str | None) -> str:
    return identifier.removeprefix(f"{case}/")
