"""Row rules: small declarations in the schema, checked on data frames.

A rule says which rows it is about (``when``) and what must hold there: ``require`` maps a field to the values
allowed, ``order`` names two fields of which the first must not exceed the second. Besides lists of values a field can
be ``missing`` or ``coded``, or one of the reasons for a missing value. ``table.field`` names a field of the parent row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from casebook.model.rendering import decoded
from casebook.model.schema import REASONS, Rule, Schema, Table
from casebook.model.values import to_text

Reasons = pd.DataFrame | Mapping[str, list[str | None]]


def broken(rule: Rule, frame: pd.DataFrame, reasons: Reasons | None = None) -> pd.Series:
    """Rows that break a rule.

    Parameters
    ----------
    rule : Rule
        The rule.
    frame : DataFrame
        The rows, with a column for each name the rule uses.
    reasons : DataFrame or mapping of lists, optional
        Reasons for missing values by variable, aligned with `frame`. Without it every missing value has the
        benefit of the doubt.

    Returns
    -------
    Series of bool
        True where the rule is broken.
    """
    bad = np.ones(len(frame), dtype=bool)
    for name, condition in rule.when.items():
        bad &= _matches(frame, reasons, name, condition, when_null=False)
    holds = np.ones(len(frame), dtype=bool)
    for name, condition in rule.require.items():
        holds &= _matches(frame, reasons, name, condition, when_null=True)
    if rule.order:
        low, high = (frame[name] for name in rule.order)
        holds &= ((low <= high).fillna(True).astype(bool) | low.isna() | high.isna()).to_numpy()
    return pd.Series(bad & ~holds, index=frame.index)


def _matches(
    frame: pd.DataFrame, reasons: Reasons | None, name: str, condition: str | list[str], *, when_null: bool
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    values = frame[name]
    null = values.array.isna()
    reason = np.array(reasons[name], dtype=object) if reasons is not None and name in reasons else None
    if condition == "missing":
        return null
    if condition == "coded":
        return ~null
    if isinstance(condition, str) and condition in REASONS:
        return null if reason is None else null & (reason == condition)
    allowed = [condition] if isinstance(condition, str) else list(condition)
    among = zip(decoded(values), null, strict=True)
    matches = np.array([not empty and to_text(value) in allowed for value, empty in among], dtype=bool)
    if not when_null:
        return matches
    return matches | (null if reason is None else null & (reason != "not_applicable"))


def join_parents(table: Table, frames: Mapping[str, pd.DataFrame], rules: Iterable[Rule]) -> pd.DataFrame:
    """The columns that rules name, those of a parent as ``table.field``; one row for each of the table's."""
    frame = frames[table.name]
    columns = {}
    for name in dict.fromkeys(name for rule in rules for name in rule.fields):
        parent, _, column = name.rpartition(".")
        if parent:
            key = next(key for key in table.foreign_keys if key.table == parent)
            places = pd.Index(frames[parent][key.reference]).get_indexer(frame[key.field])
            columns[name] = frames[parent][column].array.take(places, allow_fill=True)
        else:
            columns[name] = frame[name].array
    return pd.DataFrame(columns, index=range(len(frame)), copy=False)


def named_in_rules(schema: Schema) -> dict[str, list[str]]:
    """The columns, by table, that `join_parents` needs for all row rules."""
    names: dict[str, dict[str, None]] = {}
    for table in schema:
        for name in (name for rule in table.rules for name in rule.fields):
            parent, _, column = name.rpartition(".")
            asked = [(parent or table.name, column)]
            if parent:
                key = next(key for key in table.foreign_keys if key.table == parent)
                asked += [(table.name, key.field), (parent, key.reference)]
            for owner, variable in asked:
                names.setdefault(owner, {})[variable] = None
    return {owner: list(found) for owner, found in names.items()}
