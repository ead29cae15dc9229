"""Groups of rows, and what every result says of them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from casebook.book import Casebook
from casebook.errors import CasebookError, UnknownNameError
from casebook.model import conditions
from casebook.model.joining import joins
from casebook.views.html import framed, html_table

if TYPE_CHECKING:
    import pandas as pd

    from casebook.model.schema import Table

RESAMPLES = 9999
CAUTION = (
    "The cases were chosen, not sampled, and channels of one case are not independent. The p-value says only how often "
    "a reshuffling of these very rows gives a difference as large; it does not carry over to other cases."
)
CAUTION_WITHIN = (
    "The cases were chosen, not sampled. The p-value says only how often a reshuffling of these very rows inside each "
    "stratum gives a difference as large; it does not carry over to other cases, nor say what brings about what."
)
Grouping = str | tuple[str, Sequence[str]]


def groups(book: Casebook, table: str, frame: pd.DataFrame, grouping: Grouping) -> pd.Series:
    """The group of every row, missing where the value is; groups in codebook order."""
    import pandas as pd

    name, values = _parts(grouping)
    declared = book.schema.table(table)
    if name not in declared.by_name:
        known = _conditions(book, table)
        if name not in known:
            raise UnknownNameError(f"variable or condition of {table}", name, [*declared.by_name, *known])
        texts, allowed = _members(book, table, frame, name), ["no", "yes"]
    else:
        item = declared.field(name)
        allowed = ["no", "yes"] if item.type == "boolean" else item.values
        texts = frame[name].map({True: "yes", False: "no"}) if item.type == "boolean" else frame[name].astype("str")
    if not allowed:
        raise CasebookError(f"{table}.{name} has no groups; use a variable with categories or a truth value")
    if values is None:
        return texts.map(lambda value: f"{name}: {value}", na_action="ignore").astype(
            pd.CategoricalDtype([f"{name}: {value}" for value in allowed])
        )
    values = [values] if isinstance(values, str) else list(values)
    for value in values:
        if value not in allowed:
            raise CasebookError(f"{value!r} is not a value of {table}.{name}; valid: {', '.join(allowed)}")
    labels = [f"{name}: other", f"{name}: {' or '.join(values)}"]
    return texts.map(lambda value: labels[value in values], na_action="ignore").astype(pd.CategoricalDtype(labels))


def _parts(grouping: Grouping) -> tuple[str, Sequence[str] | None]:
    if isinstance(grouping, str):
        return grouping, None
    if isinstance(grouping, tuple | list) and len(grouping) == 2 and isinstance(grouping[0], str):
        return grouping[0], grouping[1]
    raise CasebookError(
        "groups are named by a variable such as 'directness', or by a variable and some of its categories such as "
        f"('directness', ['direct']), not by {type(grouping).__name__}"
    )


def two_groups(book: Casebook, table: str, frame: pd.DataFrame, grouping: Grouping) -> pd.Series:
    """As `groups`, where there must be two."""
    split = groups(book, table, frame, grouping)
    if len(split.cat.categories) != 2:
        raise CasebookError(
            f"{grouping!r} makes {len(split.cat.categories)} groups; give the values of one as ({grouping!r}, […])"
        )
    return split


def stratum_of(book: Casebook, table: str, frame: pd.DataFrame, strata: str) -> pd.Series:
    """The stratum of every row: a variable of the table, or one of a parent row by its name in wide tables."""
    declared = book.schema.table(table)
    if strata not in declared.by_name:
        above = _above(book, declared, frame, strata)
        if above is not None:
            return above
    return frame[declared.field(strata).name].astype("str")


def _above(book: Casebook, table: Table, frame: pd.DataFrame, name: str) -> pd.Series | None:
    """What parent rows have in the column that has this name in wide tables; None where there is no such column."""
    for join in joins(book.schema, table):
        column = next((own for own, named in join.columns.items() if named == name != join.key), None)
        if column is not None:
            keys = frame[join.key].astype("str") if join.key in table.by_name else _above(book, table, frame, join.key)
            assert keys is not None
            parents = book.store.rows(join.table, alleged=True)
            values = parents[column].astype("str")
            return keys.map(dict(zip(parents[join.table.primary_key], values, strict=True))).astype("str")
    return None


def html(frame: pd.DataFrame, reading: Sequence[str]) -> str:
    """A result as HTML: its table, then its reading."""
    rows = [
        [str(label), *("" if cell != cell else cell for cell in row)]
        for label, row in zip(frame.index, frame.itertuples(index=False), strict=True)
    ]
    lines = "".join(f"<p>{escape(line)}</p>" for line in reading)
    return framed(html_table(["", *map(str, frame.columns)], rows), lines)


def _conditions(book: Casebook, table: str) -> list[str]:
    if conditions.TABLE not in book.schema.tables:
        return []
    declared = conditions.declared(book.schema.table(conditions.TABLE))
    return [name for name, condition in declared.items() if condition.table == table]


def _members(book: Casebook, table: str, frame: pd.DataFrame, name: str) -> pd.Series:
    """Whether each row is more in than out of a declared set, as text."""
    known = book.schema.table(table)
    found = book.store.memberships(known, [name], alleged=True)
    members = {
        row: "yes" if share > 0.5 else "no"
        for row, share in zip(found.rows, found.values[:, 0].tolist(), strict=True)
        if share == share
    }
    return frame[known.primary_key].map(members).astype("str")
