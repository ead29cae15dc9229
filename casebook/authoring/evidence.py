"""Reading evidence entries: which source says what about which variables of a row, and how surely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casebook.authoring.marked import Entries, Items, Node, Text, mark_of
from casebook.errors import Mark, Problems, suggestion
from casebook.model.cells import Reference
from casebook.model.schema import REASONS, Schema, Table
from casebook.model.texts import unsafe
from casebook.model.values import parse, to_text

EVIDENCE_KEYS = ("on", "source", "confidence", "basis", "reads", "note")


@dataclass
class Support:
    """One evidence entry as written: it may cover several variables and name several sources."""

    mark: Mark
    variables: list[str] | None
    sources: list[tuple[str, str | None]]
    confidence: str
    basis: str | None = None
    reads: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class EvidenceReader:
    """Reads the evidence of one row.

    Attributes
    ----------
    schema : Schema
        The tables.
    table : Table
        The table of the row.
    case : str or None
        Its case.
    coded : mapping
        Values of the row and reasons for missing ones, with which a rival reading must not be equal.
    problems : Problems
        Receives what is wrong.
    """

    schema: Schema
    table: Table
    case: str | None
    coded: Mapping[str, Any]
    problems: Problems

    @property
    def where(self) -> str:
        return f"{self.table.name}.evidence"

    def read(self, tree: Node) -> list[Support] | None:
        """All entries; nothing where one of them cannot be read."""
        if not isinstance(tree, Items):
            self.problems.add(tree.mark, self.where, "expected a list, each entry beginning with '- '")
            return None
        found = [self.entry(item) for item in tree]
        return None if None in found else [entry for entry in found if entry is not None]

    def entry(self, item: Node) -> Support | None:
        where, problems, fields = self.where, self.problems, self.schema.tables["evidence"]
        if not isinstance(item, Entries):
            problems.add(item.mark, where, "an evidence entry has at least source and confidence")
            return None
        here = problems.watch()
        meant = item.only(EVIDENCE_KEYS, where, problems)
        if "source" not in item and "source" not in meant:
            problems.add(item.mark, where, "source is not given")
        confidence = None
        if "confidence" not in meant:
            confidence = item.choice("confidence", fields.field("confidence").values, where, problems)
        basis = item.choice("basis", fields.field("basis").values, where, problems) if "basis" in item else None
        note = item.text("note", where, problems) if "note" in item else None
        reads = item.text("reads", where, problems) if "reads" in item else None
        variables = self.variables(item["on"], item.mark) if "on" in item else None
        sources = self.cited(item["source"], item.mark) if "source" in item else []
        if here.failed:
            return None
        rival = self.rival(variables, reads) if reads is not None else None
        if here.failed:
            return None
        return Support(
            item.mark,
            variables,
            sources,
            str(confidence),
            basis and str(basis),
            rival,
            str(note) if note is not None else None,
        )

    def variables(self, node: Node, mark: Mark) -> list[str]:
        coded = {item.key: item.name for item in self.table.fields if item.coded}
        children = self.schema.children(self.table.name)
        nested = {child.under: child for child in children if child.parent_evidence and child.under}
        names = {**{name: name for name in [*nested, *coded.values()]}, **coded}
        found = []
        for part in node if isinstance(node, Items) else [node]:
            if isinstance(part, Text) and part in names:
                found.append(names[part])
                continue
            text = str(part) if isinstance(part, Text) else "this"
            meant = next((under for under, child in nested.items() if text in [f.key for f in child.fields]), None)
            advice = f"; write {meant}" if meant else suggestion(text, [*coded, *nested])
            self.problems.add(
                mark_of(part, mark), self.where, f"{text!r} is not a coded variable of {self.table.name}{advice}"
            )
        return found

    def cited(self, node: Node, mark: Mark) -> list[tuple[str, str | None]]:
        found: list[tuple[str, str | None]] = []
        for part in node if isinstance(node, Items) else [node]:
            try:
                found.append(Reference.parse(part if isinstance(part, Text) else ""))
            except ValueError:
                text = str(part) if isinstance(part, Text) else "this"
                message = f"{text} is not a source key such as hershberg1995 or hershberg1995[p. 4]"
                self.problems.add(mark_of(part, mark), self.where, message)
        return found

    def rival(self, variables: list[str] | None, reads: Text) -> str | None:
        if variables is None or len(variables) != 1 or variables[0] not in self.table.by_name:
            message = "a rival reading is about one variable; name it under 'on'"
            self.problems.add(reads.mark, self.where, message)
            return None
        item = self.table.field(variables[0])
        where = f"{self.table.name}.{item.name}"
        value: Any = str(reads)
        if reads in REASONS and item.required:
            self.problems.add(reads.mark, where, "a rival reading of this must be a value")
            return None
        if reads not in REASONS:
            try:
                value = parse(item, completed(self.schema, self.table, item.name, reads, self.case))[item.name]
            except ValueError as error:
                if not unsafe(reads):
                    self.problems.add(reads.mark, where, f"rival reading: {error}")
                return None
        if value == self.coded.get(item.name):
            self.problems.add(reads.mark, where, f"the rival reading {str(reads)!r} equals the coded value")
            return None
        return to_text(value)


def completed(schema: Schema, table: Table, name: str, text: str, case: str | None) -> str:
    """The value of a variable; a local identifier gets the case to which it belongs."""
    key = table.reference(name)
    if key is None or case is None or not text or "/" in text or schema.tables[key.table].shared:
        return text
    return text if key.table == schema.root.name else f"{case}/{text}"
