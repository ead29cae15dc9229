"""Filters of rows by category, by dates and numbers, and by words; an inexact value is kept where it may fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from casebook.errors import CasebookError, UnknownNameError
from casebook.model.cells import case_of
from casebook.model.dates import bounds

if TYPE_CHECKING:
    import pandas as pd

    from casebook.model.schema import Field, Table
    from casebook.releases.store import Store

CASE = "case_id"
EMPTY = "no value"
"""Stands among the categories for cells without one."""
Where = dict[str, tuple[Any, ...]]
"""By variable the categories wanted, or the first and last day or number, None where that end is open."""


def kind_of(item: Field) -> str | None:
    """How a variable can be filtered: by ``category``, by ``range``, or None where only words can be searched."""
    if item.categories or item.type == "boolean":
        return "category"
    return "range" if item.edtf or item.type in ("date", "integer", "number") else None


def choices(item: Field) -> dict[str, str]:
    """Categories of a variable and their labels, those without a value last."""
    labels = item.labels if item.categories else {"yes": "yes", "no": "no"}
    return {**labels, EMPTY: EMPTY}


def checked(store: Store, table: Table, where: Mapping[str, Any] | None) -> Where:
    """Filters as a user gives them, in one form.

    Raises
    ------
    UnknownNameError
        If there is no such variable, category or case.
    CasebookError
        If a variable has neither categories nor an order, or a range is none.
    """
    return {name: _checked(store, table, name, asked) for name, asked in (where or {}).items()}


def _checked(store: Store, table: Table, name: str, asked: Any) -> tuple[Any, ...]:
    if name == CASE:
        return tuple(store.case_id(case) for case in _listed(asked, name))
    item = table.field(name)
    kind = kind_of(item)
    if kind == "category":
        words = [{True: "yes", False: "no"}.get(value, value) for value in _listed(asked, name)]
        for value in words:
            if value not in choices(item):
                raise UnknownNameError(f"category of {name}", str(value), choices(item))
        return tuple(words)
    if kind == "range":
        if isinstance(asked, str) or not isinstance(asked, Sequence) or len(asked) != 2:
            raise CasebookError(f"{name} is filtered by its first and last value; write ({_example(item)}, None)")
        low, high = (_limit(item, value, last) for value, last in zip(asked, (False, True), strict=True))
        return low, high
    raise CasebookError(f"{name} has neither categories nor an order; search it with text='…'")


def _listed(asked: Any, name: str) -> list[Any]:
    if isinstance(asked, str | bool):
        return [asked]
    if not isinstance(asked, Iterable):
        raise CasebookError(f"{name} must be a list of categories, not {type(asked).__name__}")
    return list(asked)


def _limit(item: Field, value: Any, last: bool) -> Any:
    """One end of a range: a number, or the first or last day of a year, month or day."""
    if value is None or value == "":
        return None
    try:
        if not (item.edtf or item.type == "date"):
            return float(value)
        found = bounds(str(value))
    except (TypeError, ValueError):
        what = "a date" if item.edtf or item.type == "date" else "a number"
        raise CasebookError(f"{name_of(item)}: {value!r} is not {what}; write for instance {_example(item)}") from None
    return found.latest if last else found.earliest


def name_of(item: Field) -> str:
    """The title of a variable, as it begins a message."""
    return item.title[:1].upper() + item.title[1:]


def _example(item: Field) -> str:
    return "'1979'" if item.edtf or item.type == "date" else "10"


def kept(store: Store, table: Table, frame: pd.DataFrame, where: Where, words: str = "") -> pd.DataFrame:
    """The rows of a table that meet all filters.

    Parameters
    ----------
    store : Store
        The built casebook.
    table : Table
        The table.
    frame : DataFrame
        Rows of it, as `casebook.load` gives them.
    where : dict of tuple
        Filters as `checked` gives them.
    words : str
        Text that stands somewhere in the row, as readers see it, whatever its case.

    Returns
    -------
    DataFrame
        Those rows. One with an inexact date or duration is kept where its bounds allow it; one without a value only
        where `EMPTY` is asked for.
    """
    import pandas as pd

    among = pd.Series(True, index=frame.index)
    for name, asked in where.items():
        if name == CASE:
            among &= frame[table.primary_key].map(case_of).isin(asked)
        elif kind_of(table.field(name)) == "category":
            among &= _categories(frame[name], asked)
        elif asked != (None, None):
            among &= _within(frame, table.field(name), *asked)
    rows = frame[among]
    wanted = words.casefold().strip()
    if wanted:
        rows = rows[[wanted in _words(store, table, row) for row in rows[table.primary_key]]]
    return rows.reset_index(drop=True)


def _categories(column: pd.Series, asked: tuple[Any, ...]) -> pd.Series:
    values = column.astype(object).map({True: "yes", False: "no"}.get) if column.dtype == "boolean" else column
    return values.isin(asked) | (column.isna() & (EMPTY in asked))


def _within(frame: pd.DataFrame, item: Field, low: Any, high: Any) -> pd.Series:
    """Whether a row has a value that may lie between two limits."""
    import pandas as pd

    expanded = [part.name for part in item.expanded()]
    least, most = (frame[name] for name in (expanded[1:] if len(expanded) == 3 else expanded * 2))
    dated = item.edtf or item.type == "date"
    first, last = (pd.Timestamp(limit) if dated and limit is not None else limit for limit in (low, high))
    among = frame[item.name].notna()
    if first is not None:
        among &= ~(most < first).fillna(False).astype(bool)
    if last is not None:
        among &= ~(least > last).fillna(False).astype(bool)
    return among


def _words(store: Store, table: Table, row: str) -> str:
    """All that stands in a row, in lower case."""
    return "\n".join([row, *(store.shown(table.name, row, item.name) for item in table.fields)]).casefold()
