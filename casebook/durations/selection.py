"""Which rows of a table an analysis takes, and in what groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from casebook.book import Casebook
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.values import to_text

if TYPE_CHECKING:
    import pandas as pd

Where = Mapping[str, str | bool | Sequence[str]]


def select(book: Casebook, table: str, where: Where | None, cases: Iterable[str] | None, alleged: bool) -> pd.DataFrame:
    """The rows of a table, of some cases, whose variables have some values."""
    frame = book.load(table, cases=cases, alleged=alleged)
    for name, values in (where or {}).items():
        texts, allowed = _texts(book, table, frame, name)
        values = [to_text(values)] if isinstance(values, str | bool) else list(values)
        for value in values:
            if value not in allowed:
                raise UnknownNameError(f"value of {table}.{name}", value, allowed)
        frame = frame[texts.isin(values)]
    if frame.empty:
        raise CasebookError(f"{book.metadata.name} has no such row in {table}")
    return frame.reset_index(drop=True)


def grouped(book: Casebook, table: str, frame: pd.DataFrame, by: str | None) -> Iterator[tuple[str, pd.Series]]:
    """Names of groups of rows in codebook order, those of missing value last, and which rows belong to each."""
    if by is None:
        yield "all", frame.notna().any(axis=1)
        return
    texts, allowed = _texts(book, table, frame, by)
    for value in allowed:
        if (texts == value).any():
            yield f"{by}: {value}", (texts == value).fillna(False)
    if texts.isna().any():
        yield f"{by}: missing", texts.isna()


def _texts(book: Casebook, table: str, frame: pd.DataFrame, name: str) -> tuple[pd.Series, list[str]]:
    """A variable as text, and its values."""
    item = book.schema.table(table).field(name)
    allowed = ["no", "yes"] if item.type == "boolean" else item.values
    if not allowed:
        raise CasebookError(f"{table}.{name} has no groups; use a variable with categories or a truth value")
    if item.type == "boolean":
        return frame[name].map({True: "yes", False: "no"}), allowed
    return frame[name].astype("str"), allowed
