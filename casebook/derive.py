"""Values that the builder computes: durations, counts and flags, each declared in the schema."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol

from casebook.schema import Field, Schema, Table


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
    """Rows of several tables, by table and identifier."""

    @property
    def schema(self) -> Schema: ...
    @property
    def rows(self) -> Mapping[str, Mapping[str, Record]]: ...


def derive(records: Records, reference_date: dt.date) -> None:
    """Compute every derived field of every row, in place.

    Parameters
    ----------
    records : Records
        The rows; evidence and sources are counted later, by the builder.
    reference_date : date
        Day to which durations without an end are counted.
    """
    for rows in records.rows.values():
        for row in rows.values():
            for item in row.table.fields:
                if item.derived:
                    compute(row, item, records, reference_date)


def compute(row: Record, item: Field, records: Records, reference_date: dt.date) -> None:
    """Compute one derived field of one row, in place."""
    rule = item.derived
    assert rule is not None
    names = [column.name for column in item.expanded()]
    if "unless" in rule and _matches(row.values, rule["unless"]):
        row.reasons.update(dict.fromkeys(names, "not_applicable"))
    elif "days" in rule:
        _days(row, item, rule, reference_date)
    elif "is" in rule:
        source = next(iter(rule["is"]))
        if row.values.get(source) is None:
            row.reasons[item.name] = row.reasons.get(source, "unknown")
        else:
            row.values[item.name] = _matches(row.values, rule["is"])
    elif "map" in rule:
        value = row.values.get(rule["map"])
        row.values[item.name] = next(to for to, values in rule["to"].items() if value in values)
    elif "distinct" in rule:
        row.values[item.name] = len({child.case for name in rule["across"] for child in pointing(records, name, row)})
    elif "count" in rule and rule["count"] in records.rows and not records.schema.tables[rule["count"]].built:
        where = rule.get("where", {})
        row.values[item.name] = sum(_matches(child.values, where) for child in pointing(records, rule["count"], row))


def _days(row: Record, item: Field, rule: Mapping[str, Any], reference_date: dt.date) -> None:
    first, last = rule["days"]
    names = [column.name for column in item.expanded()]
    end = (row.values.get(f"{last}_earliest"), row.values.get(f"{last}_latest"))
    missing = [name for name in (first, last) if row.values.get(name) is None]
    if missing == [last] and rule.get("until") and row.reasons.get(last) == "not_applicable":
        end, missing = (reference_date, reference_date), []
    if missing:
        row.reasons.update(dict.fromkeys(names, row.reasons.get(missing[0], "unknown")))
        return
    least = _between(row.values.get(f"{first}_latest"), end[0])
    most = _between(row.values.get(f"{first}_earliest"), end[1])
    middle = (least + most) // 2 if least is not None and most is not None else None
    for name, value in zip(names, (middle, least, most), strict=True):
        if value is None:
            row.reasons[name] = "open"
        else:
            row.values[name] = value


def _between(start: dt.date | None, end: dt.date | None) -> int | None:
    return None if start is None or end is None else max((end - start).days, 0)


def _matches(values: Mapping[str, Any], conditions: Mapping[str, list[str]]) -> bool:
    return all(values.get(name) in allowed for name, allowed in conditions.items())


def pointing(records: Records, table: str, row: Record) -> list[Record]:
    """Rows of a table whose foreign key is this row."""
    keys = [key.field for key in records.schema.tables[table].foreign_keys if key.table == row.table.name]
    return [other for other in records.rows[table].values() if any(other.values.get(key) == row.id for key in keys)]
