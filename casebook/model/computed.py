"""The kinds of derivation: durations, summaries of a row, and what other rows say.

Durations and comparisons of dates: `Days`, `Precedes`, `Overlap`. From the same row: `Is`, `MapTo`, `Choose`. From
other rows: `Count`, `Distinct`, `Every`, `Highest`, `From`, `Lookup`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook.model.derivations import Allowed, Conditions, Derivation, Look, Record, Records, matches, verdict
from casebook.model.values import parse, to_text

if TYPE_CHECKING:
    from casebook.model.schema import Field

REFERENCE_DATE = "reference_date"


@dataclass(frozen=True, kw_only=True)
class Days(Derivation):
    """Days from one date to another: the midpoint, and the least and greatest number that the dates allow.

    Where the dates allow an end before the start as well as after it, the least is 0.

    Attributes
    ----------
    until : tuple of str
        To what is counted where the last date is not applicable: the first of these dates that is known, of which the
        last may be ``reference_date``.
    may_be_early : bool
        Whether the last date may lie before the first and then counts as 0 days; else it is refused.
    """

    first: str
    last: str
    until: tuple[str, ...] = ()
    may_be_early: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.first, self.last, *(name for name in self.until if name != REFERENCE_DATE), *self.unless)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        names = [column.name for column in item.expanded()]
        end = (row.values.get(f"{self.last}_earliest"), row.values.get(f"{self.last}_latest"))
        missing = [name for name in (self.first, self.last) if row.values.get(name) is None]
        if missing == [self.last] and row.reasons.get(self.last) == "not_applicable":
            for name in self.until:
                if name == REFERENCE_DATE:
                    end, missing = (reference_date, reference_date), []
                elif row.values.get(name) is not None:
                    end, missing = (row.values.get(f"{name}_earliest"), row.values.get(f"{name}_latest")), []
                    break
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
class Precedes(Derivation):
    """Whether one date lies before another: ``yes``, ``no`` or, where the bounds leave it open, ``unclear``.

    A date that is not applicable, because the thing never happened, does not lie before.
    """

    first: str
    second: str

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.first, self.second, *self.unless)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        (first_earliest, first_latest), (second_earliest, second_latest) = (
            (row.values.get(f"{name}_earliest"), row.values.get(f"{name}_latest")) for name in (self.first, self.second)
        )
        if row.values.get(self.first) is None and row.reasons.get(self.first) == "not_applicable":
            row.values[item.name] = "no"
        elif first_latest and second_earliest and first_latest < second_earliest:
            row.values[item.name] = "yes"
        elif first_earliest and second_latest and first_earliest >= second_latest:
            row.values[item.name] = "no"
        else:
            row.values[item.name] = "unclear"


@dataclass(frozen=True, kw_only=True)
class Overlap(Derivation):
    """Whether a date of the row falls, as far as the dates allow, into the span of a row beside it.

    Attributes
    ----------
    table : str
        The table with the spans.
    through : str
        Own foreign key to the row to which those rows point as well.
    span : tuple of str
        Dates at which a span begins and ends.
    at : str
        The own date.
    """

    table: str
    through: str
    span: tuple[str, str]
    at: str

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.at, self.through, *self.unless)

    @property
    def looks(self) -> tuple[Look, ...]:
        return (Look(self.table, self.span, key=self.through, beside=True),)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        earliest, latest = row.values.get(f"{self.at}_earliest"), row.values.get(f"{self.at}_latest")
        if row.values.get(self.at) is None:
            row.reasons[item.name] = row.reasons.get(self.at, "unknown")
            return
        begin, end = self.span
        row.values[item.name] = any(
            _not_after(other.values.get(f"{begin}_earliest"), latest)
            and _not_after(earliest, other.values.get(f"{end}_latest"))
            for other in self.looks[0].rows(row, records)
        )


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


@dataclass(frozen=True)
class Choice:
    """A value, or the reason why there is none, and when it is the one."""

    value: str
    when: Conditions = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Choose(Derivation):
    """The first of several values whose conditions hold; unknown where an unknown value leaves it undecided."""

    choices: tuple[Choice, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*dict.fromkeys(name for choice in self.choices for name in choice.when), *self.unless)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        for choice in self.choices:
            holds = verdict(row, choice.when)
            if holds is None:
                break
            if holds:
                put(row, item, choice.value)
                return
        row.reasons[item.name] = "unknown"


@dataclass(frozen=True, kw_only=True)
class Count(Derivation):
    """How many rows of a table point to the row and have certain values."""

    table: str
    where: Allowed = field(default_factory=dict)

    @property
    def looks(self) -> tuple[Look, ...]:
        return (Look(self.table, tuple(self.where)),)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        if not records.schema.tables[self.table].built:
            found = self.looks[0].rows(row, records)
            row.values[item.name] = sum(matches(other.values, self.where) for other in found)


@dataclass(frozen=True, kw_only=True)
class Distinct(Derivation):
    """In how many cases rows of some tables point to the row."""

    tables: tuple[str, ...]

    @property
    def looks(self) -> tuple[Look, ...]:
        return tuple(map(Look, self.tables))

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        row.values[item.name] = len({other.case for look in self.looks for other in look.rows(row, records)})


@dataclass(frozen=True, kw_only=True)
class Every(Derivation):
    """Whether all rows of a table that point to the row, and have certain values, have certain others.

    Attributes
    ----------
    least : int
        Not applicable where fewer rows are concerned.
    """

    table: str
    conditions: Conditions
    where: Allowed = field(default_factory=dict)
    least: int = 1

    @property
    def looks(self) -> tuple[Look, ...]:
        return (Look(self.table, (*self.conditions, *self.where)),)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        found = [other for other in self.looks[0].rows(row, records) if matches(other.values, self.where)]
        verdicts = [verdict(other, self.conditions) for other in found]
        if len(verdicts) < self.least:
            row.reasons[item.name] = "not_applicable"
        elif False in verdicts:
            row.values[item.name] = False
        elif None in verdicts:
            row.reasons[item.name] = "unknown"
        else:
            row.values[item.name] = True


@dataclass(frozen=True, kw_only=True)
class Highest(Derivation):
    """The greatest value that an ordered variable has in the rows of a table that point to the row.

    Attributes
    ----------
    none : str or None
        The value where there are no such rows; not applicable if not given.
    """

    table: str
    take: str
    none: str | None = None

    @property
    def looks(self) -> tuple[Look, ...]:
        return (Look(self.table, (self.take,)),)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        values = [other.values.get(self.take) for other in self.looks[0].rows(row, records)]
        if not values:
            put(row, item, self.none or "not_applicable")
        elif None in values:
            row.reasons[item.name] = "unknown"
        else:
            row.values[item.name] = max(map(str, values), key=item.values.index)


@dataclass(frozen=True, kw_only=True)
class From(Derivation):
    """The value that a variable has in the one row of a table that points to the row and has certain values.

    Attributes
    ----------
    none : str or None
        The value where no row points to it; not applicable if not given.
    """

    table: str
    take: str
    where: Allowed = field(default_factory=dict)
    none: str | None = None

    @property
    def looks(self) -> tuple[Look, ...]:
        return (Look(self.table, (self.take, *self.where), where=self.where),)

    def chosen(self, row: Record, records: Records) -> list[Record]:
        """The rows meant; more than one is a mistake of the coding."""
        return [other for other in self.looks[0].rows(row, records) if matches(other.values, self.where)]

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        chosen = self.chosen(row, records)
        if chosen:
            _copy(chosen[0], self.take, row, item)
        elif self.looks[0].rows(row, records):
            row.reasons[item.name] = "unknown"
        else:
            put(row, item, self.none or "not_applicable")


@dataclass(frozen=True, kw_only=True)
class Lookup(Derivation):
    """The value that a variable has in the row to which a foreign key leads."""

    key: str
    table: str
    take: str

    @property
    def inputs(self) -> tuple[str, ...]:
        return (self.key, *self.unless)

    @property
    def looks(self) -> tuple[Look, ...]:
        return (Look(self.table, (self.take,), key=self.key),)

    def _compute(self, row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
        found = self.looks[0].rows(row, records)
        if found:
            _copy(found[0], self.take, row, item)
        else:
            row.reasons[item.name] = row.reasons.get(self.key, "unknown")


def put(row: Record, item: Field, text: str) -> None:
    """Give a row a declared value, or a reason why it has none."""
    from casebook.model.schema import REASONS

    if text in REASONS:
        row.reasons[item.name] = text
    else:
        row.values.update(parse(item, text))


def _copy(source: Record, name: str, row: Record, item: Field) -> None:
    value: Any = source.values.get(name)
    if value is None:
        row.reasons[item.name] = source.reasons.get(name, "unknown")
    else:
        row.values[item.name] = value


def _between(start: dt.date | None, end: dt.date | None) -> int | None:
    return None if start is None or end is None else max((end - start).days, 0)


def _not_after(first: dt.date | None, second: dt.date | None) -> bool:
    """Whether one bound is not after another; an open one never is."""
    return first is None or second is None or first <= second
