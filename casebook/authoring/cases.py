"""Reading coding files: YAML written by coders becomes rows with typed values, reasons and evidence."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from casebook.authoring.evidence import EvidenceReader, Support, completed
from casebook.authoring.marked import Entries, Items, Node, Text, listed, mark_of, read_text, read_yaml
from casebook.errors import Mark, Problems, suggestion
from casebook.model.derivations import Index
from casebook.model.schema import REASONS, Field, Schema, Table
from casebook.model.texts import names_device, unsafe
from casebook.model.values import misspelt_reason, parse

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(slots=True)
class Row:
    """One row of a table as coded; `unread` names variables, or ``evidence``, of which something could not be read."""

    table: Table
    id: str
    case: str | None
    mark: Mark
    parent: Row | None = None
    values: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)
    support: list[Support] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def mark_of(self, name: str) -> Mark:
        return self.marks.get(name, self.mark)

    @property
    def evidence_unread(self) -> bool:
        """Whether the row may have evidence that could not be read, so that none can be missed."""
        holder = self.parent if self.table.parent_evidence and self.parent else self
        return "evidence" in holder.unread


@dataclass
class Coding:
    """What was read from coding files: those of all cases, or those of some beside what all cases share.

    Attributes
    ----------
    schema : Schema
        The tables.
    rows : dict
        Rows by table and identifier.
    own : frozenset of str
        The tables that are gone through; rows of the others are there to be looked up.
    unreadable : set of str
        Tables of which something could not be read, so that references to them are not called dangling: one slip is one
        problem.
    """

    schema: Schema
    rows: dict[str, dict[str, Row]]
    own: frozenset[str]
    unreadable: set[str] = field(default_factory=set)

    @cached_property
    def index(self) -> Index:
        """Who points to whom; made when first asked for, so not before all is read."""
        return Index(self.rows)

    def __iter__(self) -> Iterator[Row]:
        for name, rows in self.rows.items():
            if name in self.own:
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
    shared = read_shared(folder, schema, problems)
    coding = read_cases(case_folders(folder, problems), folder, shared, problems)
    coding.own = frozenset(schema.tables)
    return coding


def read_shared(folder: Path, schema: Schema, problems: Problems) -> Coding:
    """Read the files that all cases of a casebook folder share."""
    shared = frozenset().union(*(schema.nested(table.name) for table in schema if table.shared))
    coding = Coding(schema, {table.name: {} for table in schema}, shared)
    reader = _Reader(folder, coding, problems)
    for table in schema:
        if table.shared and table.file and table.file.endswith(".yaml"):
            path = folder / table.file
            if os.path.lexists(path):
                reader.file(path, table, None)
    return coding


def case_folders(folder: Path, problems: Problems) -> list[Path]:
    """The folders of the cases in a casebook folder, in order of name."""
    cases = folder / "cases"
    if not cases.is_dir():
        problems.add(Mark(str(cases), 1), "cases", "there is no folder of cases; make one with 'casebook new CASE'")
        return []
    paths = []
    for path in listed(cases, problems):
        if path.is_dir():
            paths.append(path)
        else:
            problems.add(
                Mark(str(path), 1), "cases", "a file among the case folders; move it into the folder of its case"
            )
    return paths


def read_cases(paths: Iterable[Path], folder: Path, shared: Coding, problems: Problems) -> Coding:
    """Read the files of some cases; rows that all cases share are looked up, not gone through."""
    schema = shared.schema
    rows = {table.name: shared.rows[table.name] if table.name in shared.own else {} for table in schema}
    coding = Coding(schema, rows, frozenset(schema.tables) - shared.own, set(shared.unreadable))
    reader = _Reader(folder, coding, problems)
    for path in paths:
        reader.case(path)
    return coding


class _Reader:
    def __init__(self, folder: Path, coding: Coding, problems: Problems) -> None:
        self.folder, self.coding, self.problems = folder, coding, problems
        self.schema = schema = coding.schema
        self.files = {t.file: t for t in schema if t.file and not t.shared}
        self.texts = {f.file: (t, f) for t in schema for f in t.fields if f.file}
        self.root = schema.root

    def case(self, folder: Path) -> None:
        mark = Mark(str(folder), 1)
        if message := unusable(folder.name):
            self.problems.add(mark, "cases", message)
            return
        here = self.problems.watch()
        paths = sorted(listed(folder, self.problems), key=lambda path: path.name != "case.yaml")
        if here.failed:
            self.lose(self.root)
            return
        if "case.yaml" not in [path.name for path in paths]:
            self.problems.add(mark, "cases", "the case folder has no case.yaml; make one with 'casebook new'")
            self.lose(self.root)
        names = [*self.files, *self.texts]
        for path in paths:
            if path.name in self.files:
                self.file(path, self.files[path.name], folder.name)
            elif path.name not in self.texts:
                self.problems.add(
                    Mark(str(path), 1), "cases", f"a file for no known table{suggestion(path.name, names)}"
                )

    def file(self, path: Path, table: Table, case: str | None) -> None:
        tree = read_yaml(path, self.problems)
        if tree is None:
            self.lose(table)
        elif table is self.root:
            if isinstance(tree, Entries):
                self.row(table, tree, None, case)
            else:
                self.problems.add(tree.mark, table.name, "expected one mapping, beginning with 'case:'")
                self.lose(table)
        else:
            self.rows_of(table, tree, None, case)

    def lose(self, table: Table) -> None:
        """Remember that rows of a table, and all that lies in them, could not be read."""
        self.coding.unreadable |= self.schema.nested(table.name)

    def rows_of(self, table: Table, tree: Node, parent: Row | None, case: str | None) -> None:
        if not isinstance(tree, Items):
            self.problems.add(tree.mark, table.name, "expected a list, each entry beginning with '- '")
            self.lose(table)
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
                self.lose(table)

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
        misspelt = entries.only(allowed, table.name, self.problems)
        for key, item in asked.items():
            if key in misspelt or not self.cell(row, item, entries.get(key)):
                row.unread.add(item.name)
        for under in sorted(misspelt & children.keys()):
            self.lose(children[under])
        if not self.identify(row):
            self.lose(table)
            return
        for owner, text_field in self.texts.values():
            if owner is table and text_field.name in table.by_name and case:
                self.text(row, text_field, case)
        found: list[Support] | None = None if "evidence" in misspelt else []
        if "evidence" in entries and not table.parent_evidence:
            reader = EvidenceReader(self.schema, table, case, {**row.reasons, **row.values}, self.problems)
            found = reader.read(entries["evidence"])
        if found is None:
            row.unread.add("evidence")
            self.coding.unreadable.add("evidence")
        row.support = found or []
        for under, child in children.items():
            if under in entries:
                self.rows_of(child, entries[under], row, case)

    def cell(self, row: Row, item: Field, node: Node | None) -> bool:
        """Put the value of a variable, or the reason why there is none, into the row; whether this could be done."""
        if node is None:
            if not item.optional:
                reasons = "" if item.required else ", or unknown, not_applicable or withheld"
                message = f"{item.key} is not given; write a value{reasons}"
                self.problems.add(row.mark, f"{row.table.name}.{item.name}", message)
            return item.optional
        row.marks[item.name] = mark = mark_of(node, row.mark)
        try:
            if isinstance(node, Text) and node in REASONS and not item.required and item.type != "array":
                row.reasons.update(dict.fromkeys((column.name for column in item.expanded()), str(node)))
            else:
                row.values.update(self.parsed(row, item, node))
        except ValueError as error:
            if not (isinstance(node, Text) and unsafe(node)):
                self.problems.add(mark, f"{row.table.name}.{item.name}", str(error))
            return False
        return True

    def parsed(self, row: Row, item: Field, node: Node) -> dict[str, Any]:
        if item.type == "array":
            if not isinstance(node, Items) or not all(isinstance(part, Text) and part for part in node):
                raise ValueError("expected a list, for example [one, two]")
            return {item.name: [str(part) for part in node]}
        if not isinstance(node, Text):
            raise ValueError("expected one value, not a list or mapping")
        if reason := misspelt_reason(node):
            raise ValueError(f"{str(node)!r} is no value; write {reason} if that is meant")
        return parse(item, completed(self.schema, row.table, item.name, node, row.case))

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
        where = f"{row.table.name}.{item.name}"
        if not os.path.lexists(path):
            return
        if not path.resolve().is_relative_to(self.folder.resolve()):
            self.problems.add(Mark(str(path), 1), where, "the link leads out of the casebook; put the text itself here")
            return
        text = read_text(path, self.problems)
        if text is None:
            return
        if not text.strip():
            self.problems.add(Mark(str(path), 1), where, "the file is empty")
            return
        for number, line in enumerate(text.split("\n"), 1):
            if message := unsafe(line):
                self.problems.add(Mark(str(path), number), where, message)
        row.values[item.name] = text.strip()
        row.marks[item.name] = Mark(str(path), 1)


def unusable(name: str) -> str | None:
    """Why a case, and so its folder, cannot have a name; None where it can.

    Examples
    --------
    >>> unusable("suez-1956"), unusable("con")
    (None, "'con' cannot name a case; on Windows it is the name of a device")
    """
    if not _SLUG.fullmatch(name):
        return f"{name!r} cannot name a case; use lower case, digits and hyphens, as in suez-1956"
    if names_device(name):
        return f"{name!r} cannot name a case; on Windows it is the name of a device"
    return unsafe(name)


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
