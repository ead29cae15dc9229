"""Values that the builder computes, each declared in the schema.

A `Derivation` knows from what it follows (`inputs` in its own row, `looks` at others) and how it is computed
(`compute`); everything else, the order of computation, what changes in another world, which sources stand behind a
value, is read off these. The kinds are in `casebook.model.computed`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any, Protocol

from casebook.model.values import to_text

if TYPE_CHECKING:
    from casebook.model.schema import Field, Schema, Table

Allowed = Mapping[str, list[str]]
Conditions = Mapping[str, list[str] | str]
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
            found.update((other.id, other) for other in self.by(child.name, key).get(row.id, ()))
        return list(found.values())

    def by(self, child: str, key: str) -> Mapping[str, list[Record]]:
        """Rows of a table by the row to which a foreign key of theirs points."""
        if (child, key) not in self._found:
            groups: dict[str, list[Record]] = {}
            for row in self._rows[child].values():
                value = row.values.get(key)
                if value is not None:
                    groups.setdefault(value, []).append(row)
            self._found[child, key] = groups
        return self._found[child, key]


@dataclass(frozen=True)
class Look:
    """Rows of another table from which a value follows.

    Attributes
    ----------
    table : str
        The table looked at.
    fields : tuple of str
        What is looked at there.
    key : str or None
        Own foreign key that leads to the row; None where the rows point to the own row.
    beside : bool
        Whether the rows are those that point to the row to which `key` leads.
    where : mapping
        Values that single out the rows whose evidence stands behind the value.
    """

    table: str
    fields: tuple[str, ...] = ()
    key: str | None = None
    beside: bool = False
    where: Allowed = field(default_factory=dict, compare=False)

    def rows(self, row: Record, records: Records) -> list[Record]:
        """The rows looked at."""
        if self.key is None:
            return records.index.pointing(records.schema.tables[self.table], row)
        target = row.values.get(self.key)
        reference = row.table.reference(self.key)
        assert reference is not None
        found = records.rows[reference.table].get(target) if target is not None else None
        if found is None:
            return []
        return records.index.pointing(records.schema.tables[self.table], found) if self.beside else [found]

    def keys(self, own: Table, schema: Schema) -> list[Variable]:
        """Foreign keys that decide which rows are looked at."""
        if self.key is None:
            return [(self.table, key) for key in schema.tables[self.table].keys_to(own.name)]
        reference = own.reference(self.key)
        beside = schema.tables[self.table].keys_to(reference.table) if self.beside and reference else []
        return [(own.name, self.key), *((self.table, key) for key in beside)]


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """How the value of a field follows from other values.

    Attributes
    ----------
    unless : mapping
        Values of fields of the same row with which the derived value does not apply.
    """

    unless: Allowed = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Fields of the same row from which the value follows."""
        return tuple(self.unless)

    @property
    def looks(self) -> tuple[Look, ...]:
        """Rows of other tables from which the value follows."""
        return ()

    def compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        """Put the value, or the reason why there is none, into a row."""
        if self.unless and matches(row.values, self.unless):
            row.reasons.update(dict.fromkeys((column.name for column in item.expanded()), "not_applicable"))
        else:
            self._compute(row, item, records, reference_date)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        raise NotImplementedError


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


def verdict(row: Record, conditions: Conditions) -> bool | None:
    """Whether fields of a row are as asked; None where an unknown value leaves it open.

    Besides lists of values a field can be ``missing`` or ``coded``, or one of the reasons for a missing value. What is
    not applicable has none of the values listed.
    """
    open_ = False
    for name, asked in conditions.items():
        value, reason = row.values.get(name), row.reasons.get(name)
        if isinstance(asked, str):
            holds = value is not None if asked == "coded" else value is None and asked in ("missing", reason)
        elif value is None and reason != "not_applicable":
            open_ = True
            continue
        else:
            holds = value is not None and to_text(value) in asked
        if not holds:
            return False
    return None if open_ else True


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
    for look in item.derived.looks:
        yield from ((look.table, name) for name in look.fields)


def following(schema: Schema, changed: Iterable[Variable]) -> list[tuple[Table, Field]]:
    """The derived fields that may change when some variables do, in the order in which they are computed anew.

    A foreign key changes what is counted, and so does every field that a count looks at.
    """
    known = set(changed)
    found = []
    for table, item in order(schema):
        assert item.derived is not None
        needs = set(_needs(table, item))
        for look in item.derived.looks:
            if look.table in schema.tables:
                needs |= set(look.keys(table, schema))
        if needs & known:
            known.add((table.name, item.name))
            found.append((table, item))
    return found


def coded_behind(schema: Schema, variable: Variable) -> set[Variable]:
    """The coded variables from which a variable follows, at any remove; a coded one follows from itself."""
    table = schema.tables[variable[0]]
    item = table.by_name[table.by_name[variable[1]].generated_from or variable[1]]
    if item.derived is None:
        return {(table.name, item.name)}
    return {found for need in _needs(table, item) for found in coded_behind(schema, need)}


def derive(records: Records, reference_date: dt.date, tables: Collection[str] | None = None) -> None:
    """Compute every derived field of every row, in place.

    Parameters
    ----------
    records : Records
        The rows; evidence and sources are counted later, by the builder.
    reference_date : date
        Day to which durations without an end are counted.
    tables : collection of str, optional
        Tables whose rows are computed; all if not given.
    """
    for table, item in order(records.schema):
        assert item.derived is not None
        if not table.built and (tables is None or table.name in tables):
            for row in records.rows[table.name].values():
                item.derived.compute(row, item, records, reference_date)
