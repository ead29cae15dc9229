"""Row rules: small declarations in the schema, checked on data frames.

A rule says which rows it is about (``when``) and what must hold there: ``require`` maps a field to the values
allowed, ``order`` names two fields of which the first must not exceed the second. Besides lists of values a field can
be ``missing`` or ``coded``, or one of the reasons for a missing value. ``table.field`` names a field of the parent row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from casebook.model.schema import REASONS, Rule, Table
from casebook.model.values import to_text


def broken(rule: Rule, frame: pd.DataFrame, reasons: pd.DataFrame | None = None) -> pd.Series:
    """Rows that break a rule.

    Parameters
    ----------
    rule : Rule
        The rule.
    frame : DataFrame
        The rows, with a column for each name the rule uses.
    reasons : DataFrame, optional
        Reasons for missing values, aligned with `frame`. Without it every missing value has the benefit of the doubt.

    Returns
    -------
    Series of bool
        True where the rule is broken.
    """
    applies = pd.Series(True, index=frame.index)
    for name, condition in rule.when.items():
        applies &= _matches(frame, reasons, name, condition, when_null=False)
    holds = pd.Series(True, index=frame.index)
    for name, condition in rule.require.items():
        holds &= _matches(frame, reasons, name, condition, when_null=True)
    if rule.order:
        low, high = (frame[name] for name in rule.order)
        holds &= (low <= high).fillna(True).astype(bool) | low.isna() | high.isna()
    return applies & ~holds


def _matches(
    frame: pd.DataFrame, reasons: pd.DataFrame | None, name: str, condition: str | list[str], *, when_null: bool
) -> pd.Series:
    values = frame[name]
    null = values.isna()
    reason = reasons[name] if reasons is not None and name in reasons else None
    if condition == "missing":
        return null
    if condition == "coded":
        return ~null
    if isinstance(condition, str) and condition in REASONS:
        return null if reason is None else null & (reason == condition)
    allowed = [condition] if isinstance(condition, str) else list(condition)
    among = values.astype("object").map(to_text, na_action="ignore")
    matches = among.isin(allowed) & ~null
    if not when_null:
        return matches
    return matches | (null if reason is None else null & (reason != "not_applicable"))


def join_parents(table: Table, frames: Mapping[str, pd.DataFrame], names: Iterable[str]) -> pd.DataFrame:
    """The table's rows with the parent columns that a rule names as ``table.field``."""
    frame = frames[table.name].reset_index(drop=True)
    for name in names:
        parent, _, column = name.rpartition(".")
        if parent and name not in frame:
            key = next(key for key in table.foreign_keys if key.table == parent)
            lookup = frames[parent].set_index(key.reference)[column]
            frame[name] = lookup.reindex(frame[key.field]).array
    return frame
