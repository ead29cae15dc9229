"""Whether tables agree with each other: references, row rules, reasons for empty cells, evidence for coded ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from casebook.model.rules import broken, join_parents
from casebook.model.schema import Schema, Table

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, order=True)
class Finding:
    """Something that is not as recorded or declared; row and variable are empty where the whole table is meant."""

    table: str
    row: str
    variable: str
    message: str

    def __str__(self) -> str:
        place = self.table + (f" {self.row}" if self.row else "") + (f" {self.variable}" if self.variable else "")
        return f"{place}: {self.message}"


def disagreements(schema: Schema, frames: Frames) -> Iterator[Finding]:
    """Everything in which the tables of a casebook contradict each other or their schema.

    Parameters
    ----------
    schema : Schema
        The declared tables.
    frames : mapping of DataFrame
        The tables that could be read, all rows, by name.

    Yields
    ------
    Finding
        With row and variable wherever it is about one cell.
    """
    tables = [table for table in schema if table.name in frames]
    keys = {table.name: set(frames[table.name][table.primary_key]) for table in tables}
    for table in tables:
        yield from _references(table, frames[table.name], keys)
        yield from _rules(table, frames)
    yield from _reasons(tables, frames)
    yield from _evidence(tables, frames, keys)


def _references(table: Table, frame: pd.DataFrame, keys: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Foreign keys and lists of references lead to rows."""
    rows = frame.set_index(table.primary_key, drop=False)
    for key in table.foreign_keys:
        for row, value in rows[key.field].dropna().items():
            if key.table in keys and value not in keys[key.table]:
                yield Finding(table.name, str(row), key.field, f"{value!r} is not in the table {key.table}")
    for item in table.fields:
        if kind := item.references:
            for row, value in rows[item.name].explode().dropna().items():
                target, _, name = value.partition("#")[0].partition(":") if kind == "rows" else (kind, "", value)
                if name not in keys.get(target, ()):
                    yield Finding(table.name, str(row), item.name, f"{value!r} leads to no row")


def _rules(table: Table, frames: Frames) -> Iterator[Finding]:
    frame, missing = frames[table.name], frames.get("missing")
    reasons = None
    if missing is not None:
        own = missing[missing["table"] == table.name].astype({"reason": "str"})
        wide = own.pivot(index="row", columns="variable", values="reason")
        reasons = wide.reindex(frame[table.primary_key]).reset_index(drop=True)
    for rule in table.rules:
        if all(name.rpartition(".")[0] in ("", *frames) for name in rule.fields):
            joined = join_parents(table, frames, rule.fields)
            for row in frame.loc[broken(rule, joined, reasons).to_numpy(), table.primary_key]:
                yield Finding(table.name, row, "", f"breaks the rule {rule.name}: {rule.message}")


def _reasons(tables: list[Table], frames: Frames) -> Iterator[Finding]:
    """Every empty cell has a reason, and no cell with a value has one."""
    if "missing" not in frames:
        return
    given = _cells(frames["missing"])
    empty = set()
    for table in tables:
        if table.built or table.name == "sources":
            continue
        rows = frames[table.name].set_index(table.primary_key, drop=False)
        for item in table.columns:
            for row in map(str, rows.index[rows[item.name].isna()]):
                empty.add((table.name, row, item.name))
                if (table.name, row, item.name) not in given and not item.optional:
                    yield Finding(table.name, row, item.name, "is empty, and the table missing does not say why")
    for cell in given - empty:
        if cell[0] in frames:
            yield Finding(*cell, "the table missing explains an empty cell that is not there")


def _evidence(tables: list[Table], frames: Frames, keys: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Every coded value has evidence, and all evidence belongs to a cell."""
    if "evidence" not in frames:
        return
    supported = _cells(frames["evidence"])
    for table in tables:
        for name, row, variable in supported:
            if name == table.name and (row not in keys[name] or variable not in table.by_name):
                yield Finding(name, row, variable, "there is evidence for a cell that does not exist")
        for item in table.fields:
            if item.coded:
                values = frames[table.name].set_index(table.primary_key)[item.name].dropna()
                for key, value in values[~values.isin(item.no_evidence_for)].items():
                    if (table.name, key, item.name) not in supported:
                        yield Finding(table.name, str(key), item.name, f"{value!r} has no evidence")


def _cells(frame: pd.DataFrame) -> set[tuple[str, str, str]]:
    return set(frame[["table", "row", "variable"]].itertuples(index=False, name=None))
