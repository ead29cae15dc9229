"""What could be read otherwise: rival readings, the days that inexact dates allow, and rows that are only alleged.

Choices
-------
One rival reading is one alternative, however exact its date is. An inexact date has no alternatives of its own: it is
one value, not known to the day. In a world it falls on one of the days that it allows, each as likely as the next; its
ends serve only where the lowest and highest result is sought. A date with an open end allows no such draw and stays as
it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from casebook.errors import UnknownNameError
from casebook.model.cells import Cell
from casebook.model.schema import REASONS, Field, Schema
from casebook.model.values import parse, to_text

if TYPE_CHECKING:
    from casebook.releases.store import Store
    from casebook.worlds.stands import Stand, Stands

Variable = tuple[str, str]
Kind = Literal["rival", "day", "alleged"]


@dataclass(frozen=True)
class Alternative:
    """Another value that one cell could have.

    Attributes
    ----------
    cell : Cell
        The cell.
    coded, reads : str
        The coded value and the other one, as text.
    kind : {"rival", "day", "alleged"}
        A rival reading of the sources, a day within the coded date, or a row that only an unconfirmed source claims.
    confidence : str or None
        Best confidence with which a source gives a rival reading.
    sources : tuple of str
        The sources that give it.
    values, reasons : mapping
        What the columns of the variable hold then.
    days : (date, date) or None
        First and last day of a date that is not exact to the day, if both are known.
    """

    cell: Cell
    coded: str
    reads: str
    kind: Kind
    confidence: str | None = None
    sources: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)
    reasons: Mapping[str, str] = field(default_factory=dict, compare=False)
    days: tuple[dt.date, dt.date] | None = None

    @property
    def table(self) -> str:
        return self.cell.table

    @property
    def row(self) -> str:
        return self.cell.row

    @property
    def variable(self) -> str:
        return self.cell.variable

    @property
    def day_count(self) -> int:
        """How many days the date allows; 1 for all that is not an inexact date."""
        return 1 if self.days is None else (self.days[1] - self.days[0]).days + 1

    def on(self, number: int) -> Alternative:
        """The alternative on one of its days, counted from 0."""
        if self.days is None:
            return self
        day = self.days[0] + dt.timedelta(days=number)
        name = self.variable
        values = {name: day.isoformat(), f"{name}_earliest": day, f"{name}_latest": day}
        return replace(self, reads=day.isoformat(), values=values, reasons={}, days=None)

    @property
    def ends(self) -> list[Alternative]:
        """The alternative on its first and on its last day; itself if it is not an inexact date."""
        return [self.on(number) for number in dict.fromkeys((0, self.day_count - 1))]

    def __str__(self) -> str:
        return f"{self.table} {self.row}, {self.variable}: {self.reads} instead of {self.coded}"


@dataclass(frozen=True)
class Dispute:
    """A cell that could have another value.

    Attributes
    ----------
    cell : Cell
        The cell.
    coded : Alternative or None
        The coded value, if it is a date that falls on some day within bounds.
    rivals : tuple of Alternative
        What it could be instead.
    """

    cell: Cell
    coded: Alternative | None
    rivals: tuple[Alternative, ...]


@dataclass(frozen=True)
class Scope:
    """What is allowed to be otherwise; see `casebook.multiverse`."""

    min_confidence: str = "low"
    dates: bool = True
    alleged: bool = False
    cases: Collection[str] | None = None

    def check(self, stands: Stands) -> None:
        """Refuse a confidence or a case that does not exist.

        Raises
        ------
        UnknownNameError
            If there is no such confidence or case.
        """
        known = list(stands.rows["cases"])
        for case in self.cases or ():
            if case not in known:
                raise UnknownNameError("case", case, known)
        levels = confidences(stands.schema)
        if self.min_confidence not in levels:
            raise UnknownNameError("confidence", self.min_confidence, levels)

    def includes(self, stand: Stand) -> bool:
        return self.cases is None or stand.case in self.cases


def confidences(schema: Schema) -> list[str]:
    """Degrees of confidence, the least first."""
    return schema.table("evidence").field("confidence").values


def find(store: Store, stands: Stands, variables: Iterable[Variable], scope: Scope) -> list[Dispute]:
    """Every cell of some variables that could have another value, in the order of the tables.

    Parameters
    ----------
    store : Store
        The casebook as coded.
    stands : Stands
        Its rows.
    variables : iterable of (table, variable)
        Where to look.
    scope : Scope
        What to let in.

    Raises
    ------
    UnknownNameError
        If there is no such confidence or case.
    """
    scope.check(stands)
    wanted = set(variables)
    found: dict[Cell, tuple[Alternative | None, list[Alternative]]] = {}
    for alternative in (*_rivals(store, stands, wanted, scope), *_alleged(stands, wanted, scope)):
        found.setdefault(alternative.cell, (None, []))[1].append(alternative)
    for alternative in _inexact(stands, wanted) if scope.dates else ():
        found[alternative.cell] = (alternative, found.get(alternative.cell, (None, []))[1])
    places = {(t.name, item.name): (n, m) for n, t in enumerate(stands.schema) for m, item in enumerate(t.fields)}

    def place(cell: Cell) -> tuple[int, int, int]:
        table, variable = places[cell.table, cell.variable]
        return table, stands.row(cell.table, cell.row).place, variable

    return [
        Dispute(cell, found[cell][0], tuple(found[cell][1]))
        for cell in sorted(found, key=place)
        if scope.includes(stands.row(cell.table, cell.row))
    ]


def _rivals(store: Store, stands: Stands, wanted: Collection[Variable], scope: Scope) -> Iterator[Alternative]:
    evidence = store.statements
    tables = {table for table, _ in wanted}
    rivals = evidence[
        evidence["rival"] & (evidence["confidence"] >= scope.min_confidence) & evidence["table"].isin(tables)
    ]
    readings: dict[tuple[Cell, str], list[dict[Any, Any]]] = {}
    for entry in rivals.sort_values("confidence", ascending=False, kind="stable").to_dict("records"):
        cell = Cell(entry["table"], entry["row"], entry["variable"])
        item = stands.schema.table(cell.table).field(cell.variable)
        if (cell.table, item.name) in wanted and not (item.required and entry["reads"] in REASONS):
            readings.setdefault((cell, entry["reads"]), []).append(entry)
    for (cell, reads), entries in readings.items():
        sources = tuple(dict.fromkeys(str(entry["source_id"]) for entry in entries))
        alternative = _alternative(stands, cell, reads, "rival", str(entries[0]["confidence"]), sources, scope.dates)
        if alternative.reads != alternative.coded:
            yield alternative


def _inexact(stands: Stands, wanted: Collection[Variable]) -> Iterator[Alternative]:
    for table, item in _fields(stands.schema, wanted):
        names = [column.name for column in item.expanded()] if item.edtf else []
        for stand in stands.rows[table].values() if names else ():
            text, first, last = (stand.values.get(name) for name in names)
            if text and first and last and first != last:
                values = dict(zip(names, (text, first, last), strict=True))
                yield Alternative(
                    Cell(table, stand.id, item.name), text, text, "day", values=values, days=(first, last)
                )


def _alleged(stands: Stands, wanted: Collection[Variable], scope: Scope) -> Iterator[Alternative]:
    for table, item in _fields(stands.schema, wanted):
        if scope.alleged and item.name == "status" and "alleged" in item.values:
            for stand in stands.rows[table].values():
                if stand.values.get("status") == "alleged":
                    cell = Cell(table, stand.id, "status")
                    yield _alternative(stands, cell, "established", "alleged", None, (), False)


def _fields(schema: Schema, wanted: Collection[Variable]) -> Iterator[tuple[str, Field]]:
    for table in schema.coded:
        yield from ((table.name, item) for item in table.fields if (table.name, item.name) in wanted)


def _alternative(
    stands: Stands,
    cell: Cell,
    reads: str,
    kind: Kind,
    confidence: str | None,
    sources: Sequence[str],
    dates: bool,
) -> Alternative:
    stand = stands.row(cell.table, cell.row)
    item = stand.table.field(cell.variable)
    value = stand.values.get(item.name)
    coded = stand.reasons.get(item.name, "missing") if value is None else to_text(value)
    gone = reads in REASONS
    values = {} if gone else parse(item, reads)
    reasons = {c.name: reads if gone else "open" for c in item.expanded() if values.get(c.name) is None}
    first, last = (values.get(f"{item.name}_{end}") for end in ("earliest", "latest"))
    days = (first, last) if dates and first and last and first != last else None
    return Alternative(cell, coded, reads, kind, confidence, tuple(sources), values, reasons, days)
