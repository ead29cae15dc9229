"""A table's declaration as a pandera schema, which checks types, constraints and row rules of a DataFrame."""

from __future__ import annotations

from functools import lru_cache, partial

import pandas as pd
import pandera.pandas as pa

from casebook.model.demands import Rule
from casebook.model.rendering import dtype
from casebook.model.rules import broken
from casebook.model.schema import Field, Table


@lru_cache(maxsize=64)
def pandera_schema(table: Table) -> pa.DataFrameSchema:
    """The table as a strict pandera schema, with the row rules that need no other table."""
    checks = [
        pa.Check(partial(_holds, rule), name=rule.name, error=rule.message) for rule in table.rules if not rule.parents
    ]
    return pa.DataFrameSchema(
        {column.name: _pandera_column(column) for column in table.columns},
        checks=checks,
        strict=True,
        ordered=True,
        name=table.name,
        title=table.title,
        description=table.description,
    )


def _holds(rule: Rule, data: pd.DataFrame) -> pd.Series:
    return ~broken(rule, data)


def _pandera_column(item: Field) -> pa.Column:
    demands, checks = item.constraints, []
    if demands.pattern is not None:
        checks.append(pa.Check.str_matches(f"^(?:{demands.pattern})$"))
    if demands.minimum is not None:
        checks.append(pa.Check.ge(demands.minimum))
    if demands.maximum is not None:
        checks.append(pa.Check.le(demands.maximum))
    if demands.max_length is not None:
        checks.append(pa.Check.str_length(max_value=demands.max_length))
    return pa.Column(
        dtype(item),
        checks,
        nullable=not demands.required,
        unique=demands.unique,
        name=item.name,
        title=item.title,
        description=item.description,
    )
