"""Values that the builder computes: durations, counts and flags, each declared in the schema.

A `Derivation` knows from what it follows (`inputs`, `children`) and how it is computed (`compute`); everything else,
the order of computation, what changes in another world, which sources stand behind a value, is read off these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from casebook.model.values import to_text

if TYPE_CHECKING:
    from casebook.model.schema import Field, Schema, Table

Allowed = Mapping[str, list[str]]
Variable = tuple[str, str]


class Record(Protocol):
    """A row whose values can be computed: as coded, or as it stands in a built table."""

    @property
    def table(self) -> Table: ...
    @property
    def id(self) -> str: ...
    @property
    def case(self) -> str | None: ...
    @property
    def values(self) -> dict[str, Any]: ...
    @property
    def reasons(self) -> dict[str, str]: ...


class Records(Protocol):
    """Rows of several tables, by table and identifier, and an index of who points to whom."""

    @property
    def schema(self) -> Schema: ...
    @property
    def rows(self) -> Mapping[str, Mapping[str, Record]]: ...
    @property
    def index(self) -> Index: ...


class Index:
    """Which rows point to a row by a foreign key; each key is looked through once."""

    def __init__(self, rows: Mapping[str, Mapping[str, Record]]) -> None:
        self._rows = rows
        self._found: dict[Variable, dict[str, list[Record]]] = {}

    def pointing(self, child: Table, row: Record) -> list[Record]:
        """Rows of a table of which a foreign key is this row."""
        found: dict[str, Record] = {}
        for key in child.keys_to(row.table.name):
            found.update((other.id, other) for other in self._by(child.name, key).get(row.id, ()))
        return list(found.values())

    def _by(self, child: str, key: str) -> Mapping[str, list[Record]]:
        if (child, key) not in self._found:
            groups: dict[str, list[Record]] = {}
            for row in self._rows[child].values():
                value = row.values.get(key)
                if value is not None:
                    groups.setdefault(value, []).append(row)
            self._found[child, key] = groups
        return self._found[child, key]


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """How the value of a field follows from other values.

    Attributes
    ----------
    unless : mapping
        Values of fields of the same row with which the derived value does not apply.
    """

    unless: Allowed = field(default_factory=dict)
    bounded: ClassVar[bool] = False

    @property
    def inputs(self) -> tuple[str, ...]:
        """Fields of the same row from which the value follows."""
        return tuple(self.unless)

    @property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Tables whose rows are looked at, if they point to the row, and the fields that are looked at there."""
        return {}

    def compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        """Put the value, or the reason why there is none, into a row."""
        if self.unless and matches(row.values, self.unless):
            row.reasons.update(dict.fromkeys((column.name for column in item.expanded()), "not_applicable"))
        else:
            self._compute(row, item, records, reference_date)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Days(Derivation):
    """Days from one date to another: the midpoint, and the least and greatest number that the dates allow.

    Where the dates allow an end before the start as well as after it, the least is 0.

    Attributes
    ----------
    until_reference_date : bool
        Whether what has not ended is counted to the reference date.
    may_be_early : bool
        Whether the last date may lie before the first and then counts as 0 days; else it is refused.
    """

    first: str
    last: str
    until_reference_date: bool = False
    may_be_early: bool = False
    bounded: ClassVar[bool] = True

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.first, self.last, *self.unless)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        names = [column.name for column in item.expanded()]
        end = (row.values.get(f"{self.last}_earliest"), row.values.get(f"{self.last}_latest"))
        missing = [name for name in (self.first, self.last) if row.values.get(name) is None]
        if missing == [self.last] and self.until_reference_date and row.reasons.get(self.last) == "not_applicable":
            end, missing = (reference_date, reference_date), []
        if missing:
            row.reasons.update(dict.fromkeys(names, row.reasons.get(missing[0], "unknown")))
            return
        least = _between(row.values.get(f"{self.first}_latest"), end[0])
        most = _between(row.values.get(f"{self.first}_earliest"), end[1])
        middle = (least + most) // 2 if least is not None and most is not None else None
        for name, value in zip(names, (middle, least, most), strict=True):
            if value is None:
                row.reasons[name] = "open"
            else:
                row.values[name] = value


@dataclass(frozen=True, kw_only=True)
class Is(Derivation):
    """Whether fields of the row have certain values; missing for the reason of the first that is missing."""

    conditions: Allowed

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*self.conditions, *self.unless)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        for name in self.conditions:
            if row.values.get(name) is None:
                row.reasons[item.name] = row.reasons.get(name, "unknown")
                return
        row.values[item.name] = matches(row.values, self.conditions)


@dataclass(frozen=True, kw_only=True)
class MapTo(Derivation):
    """A coarser value for each value of a field."""

    source: str
    to: Mapping[str, list[str]]

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.source, *self.unless)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        value = row.values.get(self.source)
        if value is None:
            row.reasons[item.name] = row.reasons.get(self.source, "unknown")
        else:
            row.values[item.name] = next(to for to, values in self.to.items() if to_text(value) in values)


@dataclass(frozen=True, kw_only=True)
class Count(Derivation):
    """How many rows of a table point to the row and have certain values."""

    table: str
    where: Allowed = field(default_factory=dict)

    @property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        return {self.table: tuple(self.where)}

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        child = records.schema.tables[self.table]
        if child.built:
            return
        row.values[item.name] = sum(matches(other.values, self.where) for other in records.index.pointing(child, row))


@dataclass(frozen=True, kw_only=True)
class Distinct(Derivation):
    """In how many cases rows of some tables point to the row."""

    tables: tuple[str, ...]

    @property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        return dict.fromkeys(self.tables, ())

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        tables = (records.schema.tables[name] for name in self.tables)
        row.values[item.name] = len({other.case for child in tables for other in records.index.pointing(child, row)})


def matches(values: Mapping[str, Any], conditions: Allowed) -> bool:
    """Whether fields have the values allowed; a missing one has none.

    Examples
    --------
    >>> matches({"mutual": True}, {"mutual": ["yes"]})
    True
    """
    return all(
        values.get(name) is not None and to_text(values[name]) in allowed for name, allowed in conditions.items()
    )


def derived_fields(schema: Schema) -> Iterator[tuple[Table, Field]]:
    """Every derived field with its table."""
    for table in schema:
        for item in table.fields:
            if item.derived:
                yield table, item


def order(schema: Schema) -> list[tuple[Table, Field]]:
    """The derived fields, each after those from which it follows.

    Raises
    ------
    graphlib.CycleError
        If some follow from themselves; its second argument lists their names.
    """
    fields = {(table.name, item.name): (table, item) for table, item in derived_fields(schema)}
    graph = {name: [need for need in _needs(*place) if need in fields] for name, place in fields.items()}
    return [fields[name] for name in TopologicalSorter(graph).static_order()]


def _needs(table: Table, item: Field) -> Iterator[Variable]:
    assert item.derived is not None
    for name in item.derived.inputs:
        yield table.name, table.by_name[name].generated_from or name
    for child, names in item.derived.children.items():
        yield from ((child, name) for name in names)


def following(schema: Schema, changed: Iterable[Variable]) -> list[tuple[Table, Field]]:
    """The derived fields that may change when some variables do, in the order in which they are computed anew.

    A foreign key changes what is counted, and so does every field that a count looks at.
    """
    known = set(changed)
    found = []
    for table, item in order(schema):
        assert item.derived is not None
        needs = set(_needs(table, item))
        for child in item.derived.children:
            if child in schema.tables:
                needs |= {(child, key) for key in schema.tables[child].keys_to(table.name)}
        if needs & known:
            known.add((table.name, item.name))
            found.append((table, item))
    return found


def derive(records: Records, reference_date: dt.date) -> None:
    """Compute every derived field of every row, in place.

    Parameters
    ----------
    records : Records
        The rows; evidence and sources are counted later, by the builder.
    reference_date : date
        Day to which durations without an end are counted.
    """
    for table, item in order(records.schema):
        assert item.derived is not None
        for row in records.rows[table.name].values():
            item.derived.compute(row, item, records, reference_date)


def _between(start: dt.date | None, end: dt.date | None) -> int | None:
    return None if start is None or end is None else max((end - start).days, 0)
