"""Worlds: a casebook as it would stand if its sources were read otherwise.

Rival readings, the bounds of dates and rows that are only alleged are data. A world takes some of them as true, and
computes again whatever follows from them by the declared rules: durations, counts, flags and conditions.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, product
from math import prod
from typing import Any

import pandas as pd

from casebook.book import Casebook
from casebook.errors import UnknownNameError
from casebook.model import conditions
from casebook.model.cells import Cell
from casebook.model.derivations import Index, following, order
from casebook.model.rendering import dtype, frame
from casebook.model.rules import broken
from casebook.model.schema import REASONS, Field, Rule, Schema, Table
from casebook.model.values import parse, to_text

MAX_VARIANTS = 1000
Variable = tuple[str, str]


@dataclass(frozen=True)
class Reading:
    """Another value that one cell could have.

    Attributes
    ----------
    table, row, variable : str
        The cell.
    coded, reads : str
        The coded value and the other one, as text.
    kind : {"rival", "bound", "alleged"}
        A rival reading of the sources, a bound of a date, or a row that only an unconfirmed source claims.
    confidence : str or None
        Confidence of a rival reading.
    values, reasons : mapping
        What the columns of the variable hold then.
    """

    table: str
    row: str
    variable: str
    coded: str
    reads: str
    kind: str
    confidence: str | None = field(default=None, compare=False)
    values: Mapping[str, Any] = field(default_factory=dict, compare=False)
    reasons: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def cell(self) -> tuple[str, str, str]:
        return self.table, self.row, self.variable

    def __str__(self) -> str:
        return f"{self.table} {self.row}, {self.variable}: {self.reads} instead of {self.coded}"


@dataclass
class Stand:
    """A row as it stands in a built table; a `casebook.model.derivations.Record`."""

    table: Table
    id: str
    case: str | None
    values: dict[str, Any]
    reasons: dict[str, str]

    def copy(self) -> Stand:
        return dataclasses.replace(self, values=dict(self.values), reasons=dict(self.reasons))

    def forget(self, item: Field) -> None:
        for column in item.expanded():
            self.values.pop(column.name, None)
            self.reasons.pop(column.name, None)

    def take(self, reading: Reading) -> None:
        self.forget(self.table.field(reading.variable))
        self.values.update(reading.values)
        self.reasons.update(reading.reasons)


@dataclass
class Stands:
    """Rows of all coded tables."""

    schema: Schema
    rows: dict[str, dict[str, Stand]]

    @cached_property
    def index(self) -> Index:
        return Index(self.rows)


class Worlds:
    """All readings of a casebook, and the worlds they make.

    Parameters
    ----------
    book : Casebook
        The casebook as coded.
    """

    def __init__(self, book: Casebook) -> None:
        self.book, self.schema = book, book.schema
        self.stands = Stands(book.schema, {})
        self._derived = order(book.schema)
        for table in book.schema:
            if not table.built:
                self.stands.rows[table.name] = {row.id: row for row in self._stands(table)}

    def _stands(self, table: Table) -> Iterator[Stand]:
        reasons: dict[str, dict[str, str]] = {}
        for (name, row, variable), reason in self.book.store.reasons.items():
            if name == table.name:
                reasons.setdefault(row, {})[variable] = reason
        for values in self.book.store.read(table.name).astype(object).to_dict("records"):
            known = {str(name): _plain(value) for name, value in values.items()}
            known = {name: value for name, value in known.items() if value is not None}
            row = str(known[table.primary_key])
            yield Stand(table, row, known.get("case_id") or self._case(table, known), known, reasons.get(row, {}))

    def _case(self, table: Table, values: Mapping[str, Any]) -> str | None:
        if table.within is None:
            return None
        key = next(key.field for key in table.foreign_keys if key.table == table.within)
        return self.stands.rows[table.within][values[key]].case

    def readings(
        self,
        *,
        variables: Collection[Variable] | None = None,
        min_confidence: str = "low",
        dates: bool = True,
        alleged: bool = False,
        cases: Collection[str] | None = None,
    ) -> list[Reading]:
        """Every value that could be read otherwise.

        Parameters
        ----------
        variables : collection of (table, variable), optional
            Only these variables.
        min_confidence : {"low", "medium", "high"}, default "low"
            Least confidence of a rival reading.
        dates : bool, default True
            Also read a date that is not exact as its earliest and as its latest day.
        alleged : bool, default False
            Also read alleged rows as established.
        cases : collection of str, optional
            Only rows of these cases.

        Raises
        ------
        UnknownNameError
            If there is no such confidence or case.
        """
        known = list(self.stands.rows["cases"])
        for case in cases or ():
            if case not in known:
                raise UnknownNameError("case", case, known)
        wanted = set(self.variables if variables is None else variables)
        found = [self._rivals(min_confidence, wanted)]
        if dates:
            found.append(self._bounds(wanted))
        if alleged:
            found.append(self._alleged(wanted))
        unique: dict[tuple[str, ...], Reading] = {}
        for reading in chain.from_iterable(found):
            if reading.reads != reading.coded and (cases is None or self._row(reading).case in cases):
                unique.setdefault((*reading.cell, reading.reads), reading)
        return list(unique.values())

    def _row(self, reading: Reading) -> Stand:
        return self.stands.rows[reading.table][reading.row]

    @property
    def variables(self) -> list[Variable]:
        """Every coded variable."""
        return [(table.name, item.name) for table in self.schema for item in table.fields if item.coded]

    def _rivals(self, min_confidence: str, wanted: set[Variable]) -> Iterator[Reading]:
        levels = self.schema.table("evidence").field("confidence").values
        if min_confidence not in levels:
            raise UnknownNameError("confidence", min_confidence, levels)
        evidence = self.book.store.read("evidence")
        rivals = evidence[evidence["rival"] & (evidence["confidence"] >= min_confidence)]
        for entry in rivals.sort_values("confidence", ascending=False, kind="stable").to_dict("records"):
            item = self.schema.table(entry["table"]).field(entry["variable"])
            if (entry["table"], item.name) not in wanted or (item.required and entry["reads"] in REASONS):
                continue
            yield self._reading(entry["table"], entry["row"], item, entry["reads"], "rival", entry["confidence"])
            if item.edtf and entry["reads"] not in REASONS:
                bounds = parse(item, entry["reads"])
                yield from self._pinned(entry["table"], entry["row"], item, bounds, "rival", entry["confidence"])

    def _bounds(self, wanted: set[Variable]) -> Iterator[Reading]:
        for table, rows in self.stands.rows.items():
            for item in self.schema.table(table).fields:
                for row in rows.values() if item.edtf and (table, item.name) in wanted else ():
                    yield from self._pinned(table, row.id, item, row.values, "bound", None)

    def _pinned(
        self, table: str, row: str, item: Field, values: Mapping[str, Any], kind: str, confidence: str | None
    ) -> Iterator[Reading]:
        days = [values.get(f"{item.name}_earliest"), values.get(f"{item.name}_latest")]
        if days[0] != days[1]:
            for day in filter(None, days):
                yield self._reading(table, row, item, day.isoformat(), kind, confidence)

    def _alleged(self, wanted: set[Variable]) -> Iterator[Reading]:
        for table, rows in self.stands.rows.items():
            for row in rows.values():
                if row.values.get("status") == "alleged" and (table, "status") in wanted:
                    yield self._reading(table, row.id, row.table.field("status"), "established", "alleged", None)

    def _reading(self, table: str, row: str, item: Field, reads: str, kind: str, confidence: str | None) -> Reading:
        stand = self.stands.rows[table][row]
        value = stand.values.get(item.name)
        coded = stand.reasons.get(item.name, "missing") if value is None else to_text(value)
        columns = [column.name for column in item.expanded()]
        gone = reads in REASONS
        values = {} if gone else parse(item, reads)
        reasons = {column: reads if gone else "open" for column in columns if values.get(column) is None}
        return Reading(table, row, item.name, coded, reads, kind, confidence, values, reasons)

    def consequences(self, variable: Variable) -> set[Variable]:
        """Columns that may change with a variable: itself, its bounds, what is derived from it, and conditions.

        A condition is given as ``("conditions", name)``.
        """
        table, name = variable
        item = self.schema.table(table).field(name)
        found = {(table, column.name) for column in item.expanded()}
        for other, derived in following(self.schema, [variable]):
            found |= {(other.name, column.name) for column in derived.expanded()}
        for condition in self._conditions().values():
            counts_rows = condition.across == table and (self.schema.table(table).reference(name) or name == "status")
            if counts_rows or not found.isdisjoint(condition.uses):
                found.add((conditions.TABLE, condition.name))
        return found

    def _conditions(self) -> dict[str, conditions.Condition]:
        table = self.schema.tables.get(conditions.TABLE)
        return conditions.declared(table) if table else {}

    def without(self, columns: Iterable[Variable]) -> Casebook:
        """The casebook as coded, with columns and conditions taken out."""
        frames: dict[str, pd.DataFrame] = {}
        for table, column in columns:
            frame = frames.get(table, self.book.store.read(table))
            left = frame["condition"] != column if table == conditions.TABLE else None
            frames[table] = frame.drop(columns=column) if left is None else frame[left]
        return self.book.altered(frames, self.book.store.reasons)

    def world(self, chosen: Iterable[Reading], needed: Collection[str]) -> Casebook:
        """The casebook in which some readings hold.

        Parameters
        ----------
        chosen : iterable of Reading
            At most one for each cell.
        needed : collection of str
            Tables that will be read; only these are made anew.
        """
        rows = {name: dict(stands) for name, stands in self.stands.rows.items()}
        records = Stands(self.schema, rows)
        fresh: dict[tuple[str, str], Stand] = {}

        def own(table: str, row: str) -> Stand:
            if (table, row) not in fresh:
                fresh[table, row] = rows[table][row] = rows[table][row].copy()
            return fresh[table, row]

        changed: dict[Variable, set[str]] = {}
        for reading in chosen:
            own(reading.table, reading.row).take(reading)
            changed.setdefault((reading.table, reading.variable), set()).add(reading.row)
        for parent, item in self._derived:
            for row in self._affected(parent, item, changed, records):
                stand = own(parent.name, row)
                stand.forget(item)
                assert item.derived is not None
                item.derived.compute(stand, item, records, self.book.metadata.reference_date)
                changed.setdefault((parent.name, item.name), set()).add(row)
        frames = {name: self._frame(name, rows[name]) for name in {table for table, _ in fresh} & set(needed)}
        if conditions.TABLE in needed:
            frames[conditions.TABLE] = self._calibrated(records)
        kept = {cell: reason for cell, reason in self.book.store.reasons.items() if cell[:2] not in fresh}
        new = {Cell(*key, name): why for key, stand in fresh.items() for name, why in stand.reasons.items()}
        if "missing" in needed:
            frames["missing"] = self._missing({**kept, **new}, records)
        return self.book.altered(frames, {**kept, **new})

    def _frame(self, name: str, rows: Mapping[str, Stand]) -> pd.DataFrame:
        """The table with the columns replaced in which a row changed."""
        table, frame = self.schema.table(name), self.book.store.read(name).copy(deep=False)
        before = self.stands.rows[name]
        changed = [row for key, row in rows.items() if row is not before[key]]
        for column in table.columns:
            if any(row.values.get(column.name) != before[row.id].values.get(column.name) for row in changed):
                values = [row.values.get(column.name) for row in rows.values()]
                frame[column.name] = pd.Series(values, dtype=dtype(column), index=frame.index)
        return frame

    def _calibrated(self, records: Stands) -> pd.DataFrame:
        table, frame = self.schema.table(conditions.TABLE), self.book.store.read(conditions.TABLE).copy(deep=False)
        found = {entry["membership_id"]: entry for entry in conditions.calibrate(self._conditions(), records)}
        for name in ("membership", "reason"):
            values = [found[identifier][name] for identifier in frame["membership_id"]]
            frame[name] = pd.Series(values, dtype=dtype(table.field(name)), index=frame.index)
        return frame

    def _missing(self, reasons: Mapping[Cell, str], records: Stands) -> pd.DataFrame:
        rows = (
            {"missing_id": str(cell), "case_id": records.rows[cell.table][cell.row].case, "reason": reason}
            | cell._asdict()
            for cell, reason in reasons.items()
        )
        return frame(self.schema.table("missing"), rows)

    def _affected(self, table: Table, item: Field, changed: Mapping[Variable, set[str]], records: Stands) -> list[str]:
        """Rows whose derived value may be another one, now that some values have changed."""
        assert item.derived is not None
        rows: set[str] = set()
        for name in item.derived.inputs:
            rows |= changed.get((table.name, table.by_name[name].generated_from or name), set())
        for child, looked_at in item.derived.children.items():
            keys = self.schema.table(child).keys_to(table.name)
            for name in (*looked_at, *keys):
                for row in changed.get((child, name), ()):
                    for stand in (self.stands.rows[child][row], records.rows[child][row]):
                        rows |= {str(stand.values[key]) for key in keys if stand.values.get(key) is not None}
        return [row for row in records.rows[table.name] if row in rows] if rows else []

    def variants(
        self, readings: Iterable[Reading], touched: Collection[Variable], seed: int
    ) -> list[list[tuple[Reading, ...]]]:
        """For every row with readings, the combinations that keep the codebook's rules; the coded one comes first.

        A rule binds only where what it demands is among the variables touched. Where a row has more than 1,000
        combinations, as many are drawn.
        """
        rng = random.Random(seed)
        by_row: dict[tuple[str, str], dict[str, list[Reading | None]]] = {}
        for reading in readings:
            by_row.setdefault((reading.table, reading.row), {}).setdefault(reading.variable, [None]).append(reading)
        found = []
        for (table, row), cells in by_row.items():
            options = list(cells.values())
            if prod(map(len, options)) <= MAX_VARIANTS:
                combinations = [tuple(filter(None, pick)) for pick in product(*options)]
            else:
                drawn = [tuple(filter(None, map(rng.choice, options))) for _ in range(MAX_VARIANTS)]
                combinations = list(dict.fromkeys([(), *drawn]))
            found.append(self._coherent(self.stands.rows[table][row], combinations, touched))
        return found

    def stands_alone(self, reading: Reading, touched: Collection[Variable]) -> bool:
        """Whether a reading keeps the codebook's rules when everything else is as coded."""
        return len(self._coherent(self._row(reading), [(), (reading,)], touched)) == 2

    def _coherent(
        self, stand: Stand, combinations: list[tuple[Reading, ...]], touched: Collection[Variable]
    ) -> list[tuple[Reading, ...]]:
        rules = [bound for rule in stand.table.rules if (bound := _binding(rule, stand.table, touched))]
        if not rules:
            return combinations
        names = list(dict.fromkeys(name for rule in rules for name in rule.fields))
        values, reasons = [], []
        for combination in combinations:
            taken = {name: reading for reading in combination for name in (*reading.values, *reading.reasons)}
            values.append({n: taken[n].values.get(n) if n in taken else stand.values.get(n) for n in names})
            reasons.append({n: taken[n].reasons.get(n) if n in taken else stand.reasons.get(n) for n in names})
        types = {name: dtype(stand.table.field(name)) for name in names}
        frame = pd.DataFrame({name: pd.Series([row[name] for row in values], dtype=types[name]) for name in names})
        why = pd.DataFrame(reasons, columns=names)
        bad = pd.concat([broken(rule, frame, why) for rule in rules], axis=1).any(axis=1)
        return [combination for combination, out in zip(combinations, bad, strict=True) if not out or not combination]


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist") and not hasattr(value, "isoformat"):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return list(value)
    if pd.isna(value):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


def _binding(rule: Rule, table: Table, touched: Collection[Variable]) -> Rule | None:
    """The part of a rule that binds the variables touched."""

    def is_touched(name: str) -> bool:
        item = table.field(name)
        return (table.name, item.generated_from or item.name) in touched

    if rule.crosses_tables:
        return None
    require = {name: allowed for name, allowed in rule.require.items() if is_touched(name)}
    order = rule.order if any(map(is_touched, rule.order)) else ()
    return dataclasses.replace(rule, require=require, order=order) if require or order else None
