"""What must hold between the cells of a casebook, stated once: for rows as coded, and for the rows of built tables.

The builder says it with file and line, `casebook.releases.integrity` with table, row and variable.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from casebook.errors import suggestion
from casebook.model.cells import Link
from casebook.model.computed import Days, From
from casebook.model.dates import bounds
from casebook.model.demands import Rule
from casebook.model.derivations import Record, Records, derived_fields, matches
from casebook.model.rules import breaks
from casebook.model.schema import REASONS, Field, Schema, Table
from casebook.model.values import parse, to_text

R = TypeVar("R", bound=Record)
_DAY = re.compile(r"\d{4}(?:-\d\d(?!\d)(?:-\d\d(?!\d))?)?")
Keys = Mapping[str, Collection[str]]
"""Identifiers of rows by table."""


@dataclass(frozen=True, order=True)
class Finding:
    """Something that is not as recorded or declared; row and variable are empty where the whole table is meant.

    Attributes
    ----------
    table, row, variable : str
        The cell.
    message : str
        What is wrong with it.
    advice : str
        What a coder is told beyond that.
    """

    table: str
    row: str
    variable: str
    message: str
    advice: str = field(default="", compare=False)

    def __str__(self) -> str:
        place = self.table + (f" {self.row}" if self.row else "") + (f" {self.variable}" if self.variable else "")
        return f"{place}: {self.message}"


class Entry(Protocol):
    """One entry of evidence: the other value that it reads, if it does, and a note."""

    @property
    def reads(self) -> str | None: ...
    @property
    def note(self) -> str | None: ...


def dangling_keys(rows: Iterable[Record], keys: Keys) -> Iterator[Finding]:
    """Foreign keys that lead to no row of the tables known."""
    for row in rows:
        for key in row.table.foreign_keys:
            value = row.values.get(key.field)
            if value is not None and key.table in keys and value not in keys[key.table]:
                message = f"{value!r} is not in the table {key.table}"
                near = [name for name in keys[key.table] if not row.case or "/" not in name or _within(name, row.case)]
                yield Finding(row.table.name, row.id, key.field, message, suggestion(value, near))


def _within(name: str, case: str) -> bool:
    return name.startswith(f"{case}/")


def dangling_lists(rows: Iterable[Record], schema: Schema, keys: Keys) -> Iterator[Finding]:
    """Items of lists of references that lead to no row or variable."""
    for row in rows:
        for item in row.table.fields:
            for value in row.values.get(item.name) or () if item.references else ():
                wrong = leads_nowhere(item, value, schema, keys)
                if wrong is not None:
                    yield Finding(row.table.name, row.id, item.name, f"{value!r} leads to no row", wrong)


def leads_nowhere(item: Field, value: str, schema: Schema, keys: Keys) -> str | None:
    """What is wrong with an item of a list of references, where it leads to no row or variable."""
    if item.references == "sources":
        sources = keys.get("sources", ())
        return None if value in sources else f"source {value!r} is not in sources.bib{suggestion(value, sources)}"
    try:
        table, row, variable = Link.parse(value)
    except ValueError as error:
        return str(error)
    if table not in keys:
        return f"{value!r}: there is no table {table!r}{suggestion(table, keys)}"
    if row not in keys[table]:
        return f"{value!r}: there is no row {row!r}{suggestion(row, keys[table])}"
    names = schema.tables[table].by_name
    if variable and variable not in names:
        return f"{value!r}: there is no variable {variable!r}{suggestion(variable, names)}"
    return None


def unsupported(rows: Iterable[R], supports: Callable[[R, Field], Iterable[Entry]]) -> Iterator[Finding]:
    """Coded values, withheld ones included, without evidence, and judgments without a reason."""
    for row in rows:
        for item in row.table.coded:
            value = row.values.get(item.name)
            if value is None and row.reasons.get(item.name) != "withheld":
                continue
            if value is not None and to_text(value) in item.no_evidence_for:
                continue
            supporting = [entry for entry in supports(row, item) if entry.reads is None]
            if not supporting:
                message = f"{value if value is not None else 'withheld'!r} has no evidence"
                advice = f"; add an entry with on: {item.key}, source and confidence"
                yield Finding(row.table.name, row.id, item.name, message, advice)
            elif item.judgment and not any(entry.note for entry in supporting):
                message, advice = "is a judgment without a reason", "; add a note to an evidence entry that covers it"
                yield Finding(row.table.name, row.id, item.name, message, advice)


def incomplete(records: Records) -> Iterator[tuple[Table, Record, list[str]]]:
    """Where the schema asks for every category under every row of another table: the row, and what was left out."""
    for table in records.schema:
        rule = table.complete
        if not rule:
            continue
        naming = table.field(table.id[0])
        for parent in records.rows[rule.each].values():
            if matches(parent.values, rule.where):
                given = {row.values.get(naming.name) for row in records.index.pointing(table, parent)}
                if left := [value for value in naming.values if value not in given]:
                    yield table, parent, left


def ambiguous(records: Records) -> Iterator[Finding]:
    """Rows of which a value is taken from the one row of a table that has certain values, where there is not one."""
    asked: dict[tuple[str, str, str], tuple[Field, From]] = {}
    for table, item in derived_fields(records.schema):
        if isinstance(item.derived, From) and item.derived.where:
            asked.setdefault((table.name, item.derived.table, str(item.derived.where)), (item, item.derived))
    for (name, *_), (item, rule) in asked.items():
        wanted = " and ".join(f"{variable} {'/'.join(values)}" for variable, values in rule.where.items())
        for row in records.rows[name].values():
            chosen = rule.chosen(row, records)
            if len(chosen) > 1:
                message = f"only one of the rows of {row.id} can have {wanted}; {chosen[0].id} has it already"
                yield Finding(rule.table, chosen[1].id, next(iter(rule.where)), message)
            elif not chosen and rule.looks[0].rows(row, records):
                yield Finding(name, row.id, item.name, f"one of its {rule.table} must have {wanted}, and none has")


def broken_rules(
    table: Table, rows: Mapping[str, Mapping[str, R]], *, explained: bool = True
) -> Iterator[tuple[Rule, R]]:
    """Rules of a table with each of its rows that breaks them; those that look at tables not known are left out.

    Parameters
    ----------
    table : Table
        The table.
    rows : mapping of mapping
        Rows by table and identifier: its own, and those of other tables at which its rules look.
    explained : bool, default True
        Whether the reasons for empty cells are known; else each of these has the benefit of the doubt.
    """
    own = list(rows[table.name].values())
    rules = [rule for rule in table.rules if own and rule.parents <= rows.keys()]
    asked = dict.fromkeys(name for rule in rules for name in rule.fields)
    columns = {name: _column(table, name, rows) for name in asked}
    reasons = {name: [row.reasons.get(name) for row in own] for name in asked if explained and "." not in name}
    for rule in rules:
        yield from ((rule, row) for row, bad in zip(own, breaks(rule, columns, reasons, len(own)), strict=True) if bad)


def _column(table: Table, name: str, rows: Mapping[str, Mapping[str, Record]]) -> list[Any]:
    """The values of a column; ``table.field`` is one of the rows to which the foreign key leads."""
    own = rows[table.name].values()
    parent, _, variable = name.rpartition(".")
    if not parent:
        return [row.values.get(variable) for row in own]
    key = table.keys_to(parent)[0]
    above = (rows[parent].get(row.values.get(key, "")) for row in own)
    return [row.values.get(variable) if row else None for row in above]


def backwards(records: Records) -> Iterator[Finding]:
    """Spans whose end can only lie before their start."""
    for table, item in derived_fields(records.schema):
        span = item.derived
        if not isinstance(span, Days) or span.may_be_early:
            continue
        for row in records.rows[table.name].values():
            start, end = row.values.get(f"{span.first}_earliest"), row.values.get(f"{span.last}_latest")
            if start and end and end < start and not (span.unless and matches(row.values, span.unless)):
                message = f"{to_text(row.values[span.last])} lies before {span.first}, {row.values[span.first]}"
                yield Finding(table.name, row.id, span.last, message)


def misdated(records: Records) -> Iterator[Finding]:
    """Identifiers that begin with a day, month or year other than that of their row."""
    for table in records.schema:
        name = table.dated_by
        for row in records.rows[table.name].values() if name else ():
            told = _DAY.match(row.id.rpartition("/")[2])
            date = row.values.get(f"{name}_earliest"), row.values.get(f"{name}_latest")
            if told is None:
                message = f"the identifier begins with no day, month or year; begin it with {name}"
            elif _apart(told[0], *date):
                message = f"the identifier begins with {told[0]}, and {name} is {row.values.get(str(name))}"
            else:
                continue
            yield Finding(table.name, row.id, table.primary_key, message)


def _apart(day: str, earliest: dt.date | None, latest: dt.date | None) -> bool:
    """Whether a day, month or year lies wholly outside some bounds; what is no date does."""
    try:
        span = bounds(day)
    except ValueError:
        return True
    first, last = span.earliest, span.latest
    return bool((latest and first and latest < first) or (earliest and last and earliest > last))


def implied(records: Records) -> Iterator[Finding]:
    """Rows that need rows of another table beside, under or above them, where there are none or too few."""
    for table in records.schema:
        rule = table.implies
        for row in records.rows[table.name].values() if rule else ():
            assert rule is not None
            value = row.values.get(rule.same)
            way = _way(row, rule.path(table, records.schema.tables[rule.table]), records)
            named = _named(rule.where, way) if way else {}
            if not way or (rule.same and value is None) or not matches(named, rule.where):
                continue
            other, above = records.schema.tables[rule.table], way[-1]
            beside = records.index.pointing(other, above)
            fitting = [each for each in beside if not rule.same or each.values.get(rule.there) == value]
            if len(fitting) >= rule.least:
                continue
            if rule.same:
                message = f"{value!r} has no row in {other.name} of {above.id}; add one, or correct this"
            else:
                why = " and ".join(f"{name} {to_text(given)}" for name, given in named.items())
                message = f"with {why} it has {rule.least} rows in {other.name} or more, not {len(fitting)}"
            variable = rule.same or next((name for name in named if "." not in name), table.primary_key)
            yield Finding(table.name, row.id, variable, message)


def _way(row: Record, path: Iterable[str], records: Records) -> list[Record] | None:
    """The row and those to which its foreign keys lead, one from the other; None where one leads nowhere."""
    way = [row]
    for name in path:
        key = way[-1].table.reference(name)
        found = records.rows[key.table].get(way[-1].values.get(name, "")) if key else None
        if found is None:
            return None
        way.append(found)
    return way


def _named(names: Iterable[str], way: Sequence[Record]) -> dict[str, Any]:
    """Values of the row where a way begins, or, by ``table.field``, of the rows on it."""
    rows = {"": way[0], **{row.table.name: row for row in way[1:]}}
    return {name: rows[owner].values.get(field) for name in names for owner, _, field in [name.rpartition(".")]}


def unnamed(records: Records, tables: Collection[str] | None = None) -> Iterator[Finding]:
    """Rows that have a use only where another names them, and are named by none; of all tables, or of some."""
    for table in records.schema:
        if not table.named or (tables is not None and table.name not in tables):
            continue
        keys = [(other.name, key) for other in records.schema for key in other.keys_to(table.name)]
        used = {row.values.get(key) for other, key in keys for row in records.rows[other].values()}
        for row in records.rows[table.name]:
            if row not in used:
                yield Finding(table.name, row, table.primary_key, "is named nowhere; name it, or take it out")


def rival(row: Record, item: Field, reads: str) -> str | None:
    """What is wrong with a rival reading of a cell: it must be a value that the cell could have, and another one."""
    coded = row.values.get(item.name)
    if reads == (row.reasons.get(item.name) if coded is None else to_text(coded)):
        return f"the rival reading {reads!r} equals the coded value"
    if reads in REASONS:
        return "a rival reading of this must be a value" if item.required else None
    try:
        parse(item, reads)
    except ValueError as error:
        return f"rival reading: {error}"
    return None
