"""What the pages show of variables: definitions, distributions, and all values side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any

from casebook.model.cells import case_of
from casebook.model.schema import Field, Table
from casebook.site.addresses import variable_page
from casebook.site.reading import Reader, Row, Value

AGREEMENT = "agreement"
TOGETHER = 250
"""Values that one page lists; more have a page for every case."""


_KINDS = {
    "array": "List",
    "boolean": "Yes or no",
    "date": "Date",
    "integer": "Whole number",
    "number": "Number",
    "string": "Text",
}


@dataclass(frozen=True)
class Share:
    """One category, or one reason for having no value, and how many rows have it."""

    label: str
    code: str
    meaning: str
    count: int
    reason: bool = False


class Variable:
    """A variable as its page shows it.

    Attributes
    ----------
    table, item
        What it is.
    values : list of (Row, Value)
        Every value with its row.
    agreement : sequence of mapping
        How far each pair of coders agrees on it: rows of the table ``agreement``.
    """

    def __init__(
        self,
        reader: Reader,
        table: Table,
        item: Field,
        values: list[tuple[Row, Value]],
        agreement: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.reader, self.table, self.item, self.values, self.agreement = reader, table, item, values, agreement
        self.address = variable_page(table.name, item.name)

    @property
    def split(self) -> bool:
        """Whether the values stand on pages of their own, one for every case."""
        return len(self.values) > TOGETHER

    @cached_property
    def cases(self) -> list[tuple[str, str]]:
        """Identifier and name of every case with a value; none where rows belong to no case."""
        if self.table.shared:
            return []
        return [(case, self.reader.name(self.reader.schema.root, case)) for case in self._by_case]

    @property
    def kind(self) -> str:
        """What its values are, in words."""
        item = self.item
        if item.edtf:
            return "Date as it is known (EDTF)"
        if item.categories:
            return "Categories in an order" if item.ordered else "Categories without an order"
        return _KINDS[item.type]

    def page_of(self, case: str) -> str:
        """The page with the values of a case."""
        return variable_page(self.table.name, self.item.name, case)

    def of(self, case: str) -> list[tuple[str, str, Value]]:
        """The values of a case, each with the name of its row and the address of its evidence."""
        reader, table = self.reader, self.table
        return [
            (reader.name_inside(table, row.id), reader.addresses.value(table, row.id, self.item.name), value)
            for row, value in self._by_case[case]
        ]

    @cached_property
    def _by_case(self) -> dict[str, list[tuple[Row, Value]]]:
        found: dict[str, list[tuple[Row, Value]]] = {}
        for row, value in self.values:
            found.setdefault(case_of(row.id), []).append((row, value))
        return found

    def label_of_adjudication(self, row: Mapping[str, Any]) -> str:
        """Whether two codings were compared before their agreement was measured, in words."""
        return self.reader.schema.table(AGREEMENT).field("adjudication").label(row["adjudication"])

    @cached_property
    def counted(self) -> list[Value]:
        """The values of the rows that are not only alleged: those that ``load`` gives."""
        kept = self.reader.store.established_cells(self.table)
        return [value for row, value in self.values if row.id in kept]

    @property
    def alleged(self) -> int:
        """How many rows are left out of the counts."""
        return len(self.values) - len(self.counted)

    @cached_property
    def shares(self) -> list[Share]:
        """How many rows have each category, and each reason for none; nothing where values are not categories."""
        if not self.values or not (self.item.categories or self.item.type == "boolean"):
            return []
        counts = Counter(value.argument.value for value in self.counted)
        reasons = Counter(value.argument.label or "no value" for value in self.counted if value.empty)
        kinds = [(c.value, c.label, c.description) for c in self.item.categories] or [
            ("yes", "yes", ""),
            ("no", "no", ""),
        ]
        shares = [Share(label, code, meaning, counts[code]) for code, label, meaning in kinds]
        return shares + [Share(reason, "", "", count, True) for reason, count in sorted(reasons.items())]

    @cached_property
    def range(self) -> tuple[float, float, float] | None:
        """Least, median and greatest of numbers."""
        if self.item.type not in ("integer", "number"):
            return None
        numbers = [float(value.argument.value) for value in self.counted if value.argument.value is not None]
        return (min(numbers), median(numbers), max(numbers)) if numbers else None

    @property
    def most(self) -> int:
        """The count of the most frequent category."""
        return max((share.count for share in self.shares), default=1) or 1

    @property
    def disputed(self) -> list[Value]:
        """Values with rival readings."""
        return [value for value in self.counted if value.rivals]


class Codebook:
    """The variables of a casebook.

    Parameters
    ----------
    reader : Reader
        The casebook.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def tables(self) -> list[Table]:
        """The tables whose rows people code, first; then those that are made of them."""
        return [*self.reader.schema.coded, *(table for table in self.reader.schema if table.built)]

    def variables(self) -> Iterator[Variable]:
        """Every variable that has a page."""
        for table in self.reader.schema.coded:
            rows = self.reader.rows(table)
            for item in table.fields:
                values = [(row, value) for row in rows if (value := row.value(item.name))]
                if len(values) > TOGETHER and not (item.derived or item.categories or item in table.comparable):
                    values = []
                yield Variable(self.reader, table, item, values, self._agreement.get((table.name, item.name), ()))

    @cached_property
    def _agreement(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """Rows of the table ``agreement`` by table and variable, those of parts left out."""
        found: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in self.reader.cells(AGREEMENT).values() if AGREEMENT in self.reader.schema.tables else ():
            if row["variable"] and not row["part"]:
                found.setdefault((row["table"], row["variable"]), []).append(row)
        return found
