"""What each coder gave: values as texts, one row per unit and one column per coder."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from casebook.model.cells import Cell
from casebook.model.coders import PUBLISHED
from casebook.model.computed import Days
from casebook.model.derivations import Index, order
from casebook.model.schema import REASONS, Field, Schema, Table
from casebook.model.tables import check_keys
from casebook.model.values import parse, to_text

Texts = NDArray[Any]
Columns = Mapping[str, Sequence[Any]]
"""The cells of a table by column, as Python holds them, None where one is empty."""
OFF = (*REASONS, "open")
"""What stands for a value that is not there; ``open`` is a duration with an open end."""


@dataclass(frozen=True)
class Variable:
    """A variable, or a part of one, with what each coder gave.

    Attributes
    ----------
    units : tuple of str
        Identifiers of the rows that somebody coded.
    coders : tuple of str
        Names of the coders.
    texts : array of object, shape (units, coders)
        The values; None where the coder did not code the unit.
    rows : int
        Rows of the casebook for which the variable can be coded.
    part : str
        The category of the rows, where they are a part of the variable; for instance one effect.
    """

    table: Table
    item: Field
    units: tuple[str, ...]
    coders: tuple[str, ...]
    texts: Texts
    rows: int
    part: str = ""

    @property
    def level(self) -> str:
        """The level of measurement; dates and durations have their own."""
        if self.item.edtf:
            return "date"
        return "duration" if isinstance(self.item.derived, Days) else self.item.level

    @property
    def pooled(self) -> bool:
        """Whether it is pooled with others: a coded variable with categories or references."""
        return not self.part and self.item.derived is None and self.level in ("nominal", "ordinal")

    @property
    def group(self) -> str:
        return "judgments" if self.item.judgment else "facts"

    def settles(self, text: str) -> bool:
        """Whether a value settles something: it is neither a reason for its absence nor, say, ``unclear``."""
        return text not in OFF and text not in self.item.no_evidence_for

    def given(self, coder: str) -> dict[str, str | None]:
        """What a coder gave, by unit."""
        return dict(zip(self.units, self.texts[:, self.coders.index(coder)], strict=True))

    def of(self, *coders: str) -> Variable:
        """The variable with these coders alone."""
        return replace(self, coders=coders, texts=self.texts[:, [self.coders.index(coder) for coder in coders]])

    def only(self, kept: NDArray[np.bool_]) -> Variable:
        """The variable with some of its units."""
        units = tuple(unit for unit, keep in zip(self.units, kept, strict=True) if keep)
        return self if len(units) == len(self.units) else replace(self, units=units, texts=self.texts[kept])

    def compared(self, missing: str) -> Variable:
        """Only units that two coders coded; with ``drop`` those to which two gave a value."""
        texts = self.texts.copy()
        if missing == "drop":
            texts[np.isin(texts, OFF)] = None
        return replace(self, texts=texts).only(texts.astype(bool).sum(axis=1) > 1)


def candidates(table: Table) -> list[Field]:
    """Variables on which agreement can be measured: coded ones, and those computed from the same row."""
    computed = [item for item in table.fields if item.derived is not None and not item.derived.looks]
    return [*table.comparable, *computed]


@dataclass(frozen=True)
class Codings:
    """The independent codings of a casebook beside the published one.

    Attributes
    ----------
    schema : Schema
        The tables.
    read : callable
        Gives all rows of a table by its name: of those with coded variables, ``codings``, ``coders`` and ``missing``.
    reference_date : date
        Day to which durations without an end are counted.
    """

    schema: Schema
    read: Callable[[str], Columns]
    reference_date: dt.date

    @cached_property
    def lines(self) -> Columns:
        """The table ``codings``."""
        return self.read("codings")

    @cached_property
    def _cells(self) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
        """What was given, by table, variable, coder and row."""
        found: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
        columns = [self.lines[name] for name in ("table", "variable", "coder", "row", "value")]
        for table, variable, coder, row, value in zip(*columns, strict=True):
            found.setdefault(table, {}).setdefault(variable, {}).setdefault(coder, {})[row] = value
        return found

    @cached_property
    def _reasons(self) -> Mapping[Cell, str]:
        missing = self.read("missing")
        cells = map(Cell, missing["table"], missing["row"], missing["variable"])
        return dict(zip(cells, missing["reason"], strict=True))

    def _keys(self, table: Table) -> Sequence[str]:
        keys = self.read(table.name)[table.primary_key]
        check_keys(table, keys)
        return keys

    def variables(self, table: Table, coders: Sequence[str]) -> dict[str, Variable]:
        """What each coder gave for the variables of a table that somebody coded a second time.

        Derived variables are computed anew for every coder who coded all that they follow from.
        """
        found: dict[str, Variable] = {}
        own = self._cells.get(table.name, {})
        if not own:
            return found
        published = self.read(table.name)
        places = {row: place for place, row in enumerate(self._keys(table))}
        for item in table.comparable:
            cells: dict[str, dict[str, str | None]]
            cells = {coder: dict(values) for coder, values in own.get(item.name, {}).items() if coder in coders}
            if cells:
                rows = sorted({row for values in cells.values() for row in values})
                values = published[item.name]
                cells[PUBLISHED] = {
                    row: self._text(table, row, item, values[places[row]]) for row in rows if row in places
                }
                texts = [[cells.get(coder, {}).get(row) for coder in coders] for row in rows]
                found[item.name] = Variable(table, item, tuple(rows), tuple(coders), _texts(texts, coders), len(places))
        for owner, item in order(self.schema):
            assert item.derived is not None
            if owner.name != table.name or item.derived.looks:
                continue
            inputs = {table.by_name[name].generated_from or name for name in item.derived.inputs}
            if inputs and inputs <= set(found):
                found[item.name] = self._computed([found[name] for name in sorted(inputs)], item)
        return found

    def parts(self, variable: Variable) -> Iterator[Variable]:
        """A variable by the category that names its rows, where every category is coded under every row."""
        table = variable.table
        naming = table.by_name[table.id[0]] if len(table.id) == 1 else None
        if table.complete is None or naming is None:
            return
        held = Counter(map(_last, self._keys(table)))
        names = np.array([_last(row) for row in variable.units], dtype=object)
        for category in naming.values:
            part = replace(variable, rows=held[category], part=category).only(names == category)
            if part.units:
                yield part

    def _text(self, table: Table, row: str, item: Field, value: Any) -> str | None:
        return self._reasons.get(Cell(table.name, row, item.name)) if value is None else to_text(value)

    def _computed(self, inputs: Sequence[Variable], item: Field) -> Variable:
        """A derived variable as it follows from what each coder gave."""
        first = inputs[0]
        rows = sorted({row for variable in inputs for row in variable.units})
        columns = []
        for coder in first.coders:
            given = [(variable.item, variable.given(coder)) for variable in inputs]
            columns.append([_derived(self.schema, first.table, given, item, row, self.reference_date) for row in rows])
        texts = _texts([list(row) for row in zip(*columns, strict=True)], first.coders)
        return Variable(first.table, item, tuple(rows), first.coders, texts, first.rows)


def _texts(rows: list[list[str | None]], coders: Sequence[str]) -> Texts:
    return np.array(rows, dtype=object).reshape(len(rows), len(coders))


def _last(row: str) -> str:
    """What names a row within the row around it."""
    return row.rpartition("/")[2]


def _derived(
    schema: Schema,
    table: Table,
    given: Sequence[tuple[Field, Mapping[Any, Any]]],
    item: Field,
    row: str,
    reference_date: dt.date,
) -> str | None:
    assert item.derived is not None
    record = _Record(table, row)
    for coded, values in given:
        text = values.get(row)
        if not isinstance(text, str):
            return None
        if text in OFF:
            record.reasons[coded.name] = text
        else:
            record.values.update(parse(coded, text))
    item.derived.compute(record, item, _Records(schema, record), reference_date)
    value = record.values.get(item.name)
    return record.reasons.get(item.name) if value is None else to_text(value)


@dataclass
class _Record:
    """The row of one coder."""

    table: Table
    id: str
    case: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Records:
    """The row by itself."""

    schema: Schema
    record: _Record

    @property
    def rows(self) -> Mapping[str, Mapping[str, _Record]]:
        return {self.record.table.name: {self.record.id: self.record}}

    @property
    def index(self) -> Index:
        return Index(self.rows)
