"""How the coding was done, in numbers: what the evidence is like, and what rests on every source."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from casebook.model.schema import Field
from casebook.site.reading import Piece, Reader

_TOLD = (
    ("evidence", "confidence"),
    ("evidence", "basis"),
    ("support", "rests_on"),
    ("sources", "consulted"),
    ("sources", "reliability"),
    ("missing", "reason"),
)


@dataclass(frozen=True)
class Said:
    """What a source is held to show: of which variables of a row, where, how surely, and what it reads instead."""

    variables: tuple[Piece, ...]
    how: str
    rival: str | None


@dataclass(frozen=True)
class Resting:
    """What one row owes to a source."""

    row: Piece
    said: tuple[Said, ...]


class Coding:
    """The evidence of a casebook as a whole.

    Parameters
    ----------
    reader : Reader
        The casebook.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    @cached_property
    def kinds(self) -> list[tuple[str, Field, list[tuple[Any, int]]]]:
        """Categories of what is recorded of evidence, sources and empty cells, each with its count."""
        found = []
        for name, variable in _TOLD:
            if name in self.reader.schema.tables and variable in self.reader.schema.table(name).by_name:
                item = self.reader.schema.table(name).field(variable)
                counts = Counter(self.reader.store.read(name)[variable].astype("str"))
                title = self.reader.schema.table(name).title
                found.append((title, item, [(category, counts[category.value]) for category in item.categories]))
        return found

    @cached_property
    def coders(self) -> list[list[tuple[str, str]]]:
        """What is recorded of every coder."""
        if "coders" not in self.reader.schema.tables:
            return []
        table = self.reader.schema.table("coders")
        return [
            [
                (item.title, ", ".join(cells[item.name]) if item.type == "array" else item.label(cells[item.name]))
                for item in table.fields
                if cells[item.name] is not None
            ]
            for cells in self.reader.cells("coders").values()
        ]

    def resting(self) -> dict[str, list[Resting]]:
        """What rests on every source, by key, in the order of the tables."""
        evidence = self.reader.store.statements
        names = [name for name in ("locator", "confidence", "reads") if name in evidence]
        columns = evidence[["source_id", "table", "row", "variable", *names]].astype(object)
        found: dict[str, dict[tuple[str, str], dict[tuple[Any, ...], list[str]]]] = {}
        for source, table, row, variable, *how in columns.where(columns.notna(), None).itertuples(index=False):
            if not self.reader.schema.table(table).parent_evidence:
                rows = found.setdefault(source, {})
                rows.setdefault((table, row), {}).setdefault(tuple(how), []).append(variable)
        return {
            source: [
                self._resting(*place, [(dict(zip(names, how, strict=True)), them) for how, them in said.items()])
                for place, said in rows.items()
            ]
            for source, rows in found.items()
        }

    def _resting(self, name: str, row: str, said: list[tuple[dict[str, Any], list[str]]]) -> Resting:
        table, to = self.reader.schema.table(name), self.reader.addresses
        parts = []
        for how, variables in said:
            fields = [table.field(variable) for variable in dict.fromkeys(variables)]
            pieces = tuple(Piece(item.title, to.value(table, row, item.name)) for item in fields)
            words = ", ".join(how[name] for name in ("locator", "confidence") if how.get(name))
            parts.append(Said(pieces, words, fields[0].label(how["reads"]) if how.get("reads") else None))
        return Resting(Piece(self.reader.whole_name(table, row), to.row(table, row)), tuple(parts))
