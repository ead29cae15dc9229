"""What a casebook is, whether its tables were just made or lie in a release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from casebook.errors import CasebookError
from casebook.model.cells import Cell
from casebook.model.metadata import Metadata
from casebook.model.schema import Schema, Table

if TYPE_CHECKING:
    import pandas as pd

Frames = Mapping[str, "pd.DataFrame"]
"""All rows of tables, by name."""


class Tables(Protocol):
    """The tables of a casebook with all that describes them.

    Attributes
    ----------
    schema, metadata
        What the tables are, and whose.
    digest : str
        Content digest of all tables.
    frames : mapping of DataFrame
        All rows of every table, alleged ones included, by name.
    reasons : mapping of str
        Why cells are empty.
    """

    @property
    def schema(self) -> Schema: ...
    @property
    def metadata(self) -> Metadata: ...
    @property
    def digest(self) -> str: ...
    @property
    def frames(self) -> Frames: ...
    @property
    def reasons(self) -> Mapping[Cell, str]: ...


def reasons_in(missing: pd.DataFrame) -> dict[Cell, str]:
    """Why cells are empty, as the table ``missing`` has it."""
    cells = map(Cell, missing["table"], missing["row"], missing["variable"])
    return dict(zip(cells, missing["reason"].astype("str"), strict=True))


def by_key(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table indexed by its primary key, which stays a column.

    Raises
    ------
    CasebookError
        If a row has no key, or two rows have one key.
    """
    keys = frame[table.primary_key]
    check_keys(table, keys.astype(object).where(keys.notna(), None).tolist())
    return frame.set_index(table.primary_key, drop=False)


def check_keys(table: Table, keys: Sequence[str | None]) -> None:
    """See that every row has a key of its own.

    Raises
    ------
    CasebookError
        If a row has no key, or two rows have one key.
    """
    known = set(keys)
    if len(known) < len(keys) or None in known:
        wrong = None if None in known else next(key for key, count in Counter(keys).items() if count > 1)
        raise CasebookError(
            f"table {table.name} has a row without a key, or two rows with one key ({wrong!r}); "
            "run 'casebook verify', and build it, download or install it again"
        )


def statements(frames: Frames, schema: Schema) -> pd.DataFrame:
    """The evidence by cell: what covers several variables, or the rows of a list under a row, once for each.

    Parameters
    ----------
    frames : mapping of DataFrame
        The table ``evidence``, and those whose evidence stands with the row around them.
    schema : Schema
        The tables.

    Returns
    -------
    DataFrame
        The columns of ``evidence``, with ``variable`` in place of ``variables``.
    """
    import pandas as pd

    evidence = frames["evidence"]
    if "variables" not in evidence:
        return evidence
    spread = evidence.explode("variables", ignore_index=True).rename(columns={"variables": "variable"})
    nested = {(child.within, child.under): child for child in schema if child.parent_evidence and child.name in frames}
    keys = pd.MultiIndex.from_arrays([spread["table"], spread["variable"]])
    found = [spread[~keys.isin(list(nested))]]
    for (parent, under), child in nested.items():
        key = next(key.field for key in child.foreign_keys if key.table == parent)
        rows = frames[child.name][[child.primary_key, key]].set_axis(["child", "row"], axis=1)
        mine = spread[(spread["table"] == parent) & (spread["variable"] == under)].merge(rows, on="row")
        mine = mine.assign(table=child.name, row=mine["child"]).drop(columns="child")
        found += [mine.assign(variable=item.name) for item in child.fields if item.coded]
    return pd.concat(found, ignore_index=True)
