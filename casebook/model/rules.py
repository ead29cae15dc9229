"""Row rules: small declarations in the schema, checked on columns.

A rule says which rows it is about (``when``) and what must hold there: ``require`` maps a field to the values
allowed, ``order`` names two fields of which the first must not exceed the second. Besides lists of values a field can
be ``missing`` or ``coded``, or one of the reasons for a missing value. ``table.field`` names a field of the parent row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from casebook.model.demands import Rule
from casebook.model.schema import REASONS
from casebook.model.values import to_text

if TYPE_CHECKING:
    import pandas as pd

Columns = Mapping[str, Sequence[Any]]
"""Plain values by name, None where a cell is empty."""


def broken(rule: Rule, frame: pd.DataFrame, reasons: pd.DataFrame | None = None) -> pd.Series:
    """Rows of a frame that break a rule.

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
    import pandas as pd

    from casebook.model.rendering import decoded

    columns = {}
    for name in rule.fields:
        cells = zip(decoded(frame[name]), frame[name].array.isna(), strict=True)
        columns[name] = [None if empty else value for value, empty in cells]
    why = {name: list(reasons[name]) for name in rule.fields if name in reasons} if reasons is not None else {}
    return pd.Series(breaks(rule, columns, why, len(frame)), index=frame.index, dtype=bool)


def breaks(rule: Rule, columns: Columns, reasons: Columns, count: int) -> list[bool]:
    """Whether each of so many rows breaks a rule; a column without reasons has the benefit of the doubt."""
    tests = [_test(columns[name], reasons.get(name), asked, doubt=False) for name, asked in rule.when.items()]
    holds = [_test(columns[name], reasons.get(name), asked, doubt=True) for name, asked in rule.require.items()]
    if rule.order:
        low, high = (columns[name] for name in rule.order)
        holds.append([a is None or b is None or bool(a <= b) for a, b in zip(low, high, strict=True)])
    return [all(test[n] for test in tests) and not all(hold[n] for hold in holds) for n in range(count)]


def _test(
    values: Sequence[Any], reasons: Sequence[Any] | None, asked: str | list[str], *, doubt: bool
) -> Sequence[bool]:
    """Whether each value is as asked; with `doubt` a missing one is, unless it is not applicable."""
    if asked == "missing":
        return [value is None for value in values]
    if asked == "coded":
        return [value is not None for value in values]
    given: Sequence[Any] = reasons if reasons is not None else [asked] * len(values)
    if isinstance(asked, str) and asked in REASONS:
        return [value is None and reason == asked for value, reason in zip(values, given, strict=True)]
    allowed = [asked] if isinstance(asked, str) else asked
    return [
        to_text(value) in allowed if value is not None else doubt and reason != "not_applicable"
        for value, reason in zip(values, given, strict=True)
    ]
