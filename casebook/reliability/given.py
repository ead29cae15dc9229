"""What each coder gave: values as texts, one row per unit and one column per coder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.model.computed import Days
from casebook.model.derivations import Index, order
from casebook.model.schema import REASONS, Field, Schema, Table
from casebook.model.values import parse, to_text

if TYPE_CHECKING:
    from casebook.book import Casebook

PUBLISHED = "casebook"
OFF = (*REASONS, "open")
"""What stands for a value that is not there; ``open`` is a duration with an open end."""


@dataclass(frozen=True)
class Variable:
    """A variable, or a part of one, with what each coder gave.

    Attributes
    ----------
    values : DataFrame of str
        One row per unit, one column per coder; missing where the coder did not code the unit.
    rows : int
        Rows of the casebook for which the variable can be coded.
    part : str
        The category of the rows, where they are a part of the variable; for instance one effect.
    """

    table: Table
    item: Field
    values: pd.DataFrame
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

    def determinate(self) -> pd.DataFrame:
        """The values that settle something: neither a reason for their absence nor, say, ``unclear``."""
        return self.values.mask(self.values.isin([*OFF, *self.item.no_evidence_for]))

    def compared(self, missing: str) -> Variable:
        """Only units that two coders coded; with ``drop`` those to which two gave a value."""
        values = self.values.mask(self.values.isin(OFF)) if missing == "drop" else self.values
        return replace(self, values=values[values.notna().sum(axis=1) > 1])


def candidates(table: Table) -> list[Field]:
    """Variables on which agreement can be measured: coded ones, and those computed from the same row."""
    computed = [item for item in table.fields if item.derived is not None and not item.derived.looks]
    return [*table.comparable, *computed]


def given(book: Casebook, table: Table, coders: list[str]) -> dict[str, Variable]:
    """What each coder gave for the variables of a table that somebody coded a second time.

    Derived variables are computed anew for every coder who coded all that they follow from.
    """
    codings = book.store.read("codings")
    own = codings[(codings["table"] == table.name) & codings["coder"].isin(coders)]
    found: dict[str, Variable] = {}
    rows = len(book.store.indexed(table.name))
    for item in table.comparable:
        lines = own[own["variable"] == item.name]
        if len(lines):
            values = lines.pivot(index="row", columns="coder", values="value").astype(object)
            values[PUBLISHED] = [_published(book, table, row, item) for row in values.index]
            found[item.name] = Variable(table, item, values.reindex(columns=coders), rows)
    for owner, item in order(book.schema):
        assert item.derived is not None
        if owner.name != table.name or item.derived.looks:
            continue
        inputs = {table.by_name[name].generated_from or name for name in item.derived.inputs}
        if inputs and inputs <= set(found):
            values = _computed(book, [found[name] for name in sorted(inputs)], item, coders)
            found[item.name] = Variable(table, item, values, rows)
    return found


def parts(book: Casebook, variable: Variable) -> Iterator[Variable]:
    """A variable by the category that names its rows, where every category is coded under every row."""
    table = variable.table
    naming = table.by_name[table.id[0]] if len(table.id) == 1 else None
    if table.complete is None or naming is None:
        return
    held = [_last(row) for row in book.store.indexed(table.name).index]
    names = pd.Series([_last(row) for row in variable.values.index], index=variable.values.index, dtype="str")
    for category in naming.values:
        rows = variable.values[names == category]
        if len(rows):
            yield replace(variable, values=rows, rows=held.count(category), part=category)


def _last(row: str) -> str:
    """What names a row within the row around it."""
    return row.rpartition("/")[2]


def _published(book: Casebook, table: Table, row: str, item: Field) -> str | None:
    rows = book.store.indexed(table.name)
    if row not in rows.index:
        return None
    value: Any = rows.at[row, item.name]
    return book.reason(table.name, row, item.name) if pd.isna(value) else to_text(value)


def _computed(book: Casebook, inputs: list[Variable], item: Field, coders: list[str]) -> pd.DataFrame:
    """A derived variable as it follows from what each coder gave."""
    rows = inputs[0].values.index
    for variable in inputs:
        rows = rows.union(variable.values.index)
    day = book.metadata.reference_date
    columns = {coder: [_derived(book.schema, inputs, item, row, coder, day) for row in rows] for coder in coders}
    return pd.DataFrame(columns, index=rows, dtype=object)


def _derived(
    schema: Schema, inputs: list[Variable], item: Field, row: str, coder: str, reference_date: dt.date
) -> str | None:
    assert item.derived is not None
    record = _Record(inputs[0].table, row)
    for variable in inputs:
        text = variable.values[coder].get(row)
        if not isinstance(text, str):
            return None
        if text in OFF:
            record.reasons[variable.item.name] = text
        else:
            record.values.update(parse(variable.item, text))
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
