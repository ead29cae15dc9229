"""Cells of a table as plain Python values, the common ground of all formats."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow

from casebook.model.rendering import arrow_table
from casebook.model.schema import Field, Table

if TYPE_CHECKING:
    from casebook.book import Casebook


def columns(book: Casebook, table: Table) -> dict[str, list[Any]]:
    """All cells of a table by column: text, whole numbers, booleans, dates, lists of texts, or None.

    Examples
    --------
    >>> from casebook.book import packaged_release
    >>> book = packaged_release()
    >>> columns(book, book.schema.table("channels"))["status"][0]
    'established'
    """
    frame = book.load(table.name, alleged=True)
    return {item.name: _plain(frame[item.name], item) for item in table.columns}


def rows(book: Casebook, table: Table) -> Iterator[tuple[Any, ...]]:
    """All rows of a table, with the values of `columns`."""
    return zip(*columns(book, table).values(), strict=True)


def flat(value: Any) -> Any:
    """The value where a format has no lists and no dates: JSON text and YYYY-MM-DD.

    Examples
    --------
    >>> flat(["a", "b"])
    '["a", "b"]'
    >>> flat(3)
    3
    """
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, dt.date) else value


def arrow(book: Casebook, table: Table) -> pyarrow.Table:
    """A table in Arrow, with titles and descriptions as metadata."""
    return arrow_table(table, book.load(table.name, alleged=True))


def codebook(book: Casebook) -> pd.DataFrame:
    """Every column of every table, generated ones included, with its definition: one row per column."""
    return pd.DataFrame(
        {
            "table": table.name,
            "variable": item.name,
            "title": item.title,
            "type": item.type,
            "level": item.level,
            "description": item.description,
            "rule": item.rule,
            "required": item.required,
            "key": "primary" if item.name == table.primary_key else _target(table, item),
        }
        for table in book.schema
        for item in table.columns
    ).astype({"rule": "str", "key": "str"})


def categories(book: Casebook) -> pd.DataFrame:
    """Every category in codebook order: one row per table, variable and value; ``position`` counts from 1."""
    found = [
        (table.name, item.name, number, category.value, category.label, category.description)
        for table in book.schema
        for item in table.columns
        for number, category in enumerate(item.categories, 1)
    ]
    return pd.DataFrame(found, columns=["table", "variable", "position", "value", "label", "description"])


def _target(table: Table, item: Field) -> str | None:
    reference = table.reference(item.name)
    return f"{reference.table}.{reference.reference}" if reference else None


def _plain(column: pd.Series, item: Field) -> list[Any]:
    values = column.astype(object)
    if item.type == "array":
        return [None if value is None else [str(part) for part in value] for value in values]
    converters: dict[str, Callable[[Any], Any]] = {
        "date": pd.Timestamp.date,
        "integer": int,
        "number": float,
        "boolean": bool,
        "string": str,
    }
    convert = converters[item.type]
    return [None if empty else convert(value) for value, empty in zip(values, column.isna(), strict=True)]
