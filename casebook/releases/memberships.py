"""Memberships of rows in conditions, laid out as an array that analyses can take as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook.model.conditions import TABLE, declared

if TYPE_CHECKING:
    from casebook.model.schema import Table
    from casebook.releases.store import Store


@dataclass(frozen=True, eq=False)
class Memberships:
    """Memberships of the rows of a table in the conditions that are declared for it.

    Attributes
    ----------
    rows : tuple of str
        Identifiers of the rows.
    cases : tuple of str
        The case of each; the row itself where nothing is said of it.
    conditions : tuple of str
        Names of the conditions.
    values : ndarray
        Memberships from 0 to 1, one line for each row and one column for each condition; NaN where missing.
    """

    rows: tuple[str, ...]
    cases: tuple[str, ...]
    conditions: tuple[str, ...]
    values: Any

    def __post_init__(self) -> None:
        self.values.setflags(write=False)

    def of(self, conditions: Sequence[str]) -> Memberships:
        """The columns of some conditions."""
        places = [self.conditions.index(name) for name in conditions]
        return replace(self, conditions=tuple(conditions), values=self.values[:, places])

    def only(self, kept: Any) -> Memberships:
        """Only the rows that are marked."""
        if kept.all():
            return self
        rows, cases = (tuple(compress(names, kept.tolist())) for names in (self.rows, self.cases))
        return replace(self, rows=rows, cases=cases, values=self.values[kept])


@dataclass(frozen=True, eq=False)
class Layout:
    """Memberships of all rows of a table, and where each row of the table ``conditions`` stands among them.

    Attributes
    ----------
    memberships : Memberships
        The memberships as published.
    cells : ndarray
        By row of the table ``conditions`` the place in `memberships.values`, counted through; -1 for those of other
        tables.
    """

    memberships: Memberships
    cells: Any

    def with_cells(self, places: Sequence[int], values: Sequence[float | None]) -> Memberships:
        """The memberships, where some rows of the table ``conditions`` say otherwise."""
        cells, numbers = self.cells[list(places)], np.array(values, dtype=float)
        mine = cells >= 0
        if not mine.any():
            return self.memberships
        fresh = self.memberships.values.copy()
        fresh.reshape(-1)[cells[mine]] = numbers[mine]
        return replace(self.memberships, values=fresh)


def laid_out(store: Store, table: Table) -> Layout:
    """The memberships of the rows of a table, alleged ones included."""
    long = store.read(TABLE)
    names = [c.name for c in declared(store.schema.table(TABLE)).values() if c.table == table.name]
    rows = pd.Index(store.read(table.name)[table.primary_key])
    lines = rows.get_indexer(pd.Index(long["row"]))
    columns = pd.Index(names, dtype="str").get_indexer(pd.Index(long["condition"].astype("str")))
    mine = ((long["table"] == table.name) & (lines >= 0) & (columns >= 0)).to_numpy(bool)
    cells = np.where(mine, lines * len(names) + columns, -1)
    values = np.full((len(rows), len(names)), np.nan)
    values.reshape(-1)[cells[mine]] = long["membership"].to_numpy(dtype=float, na_value=np.nan)[mine]
    cases = np.array(rows, dtype=object)
    known = mine & long["case_id"].notna().to_numpy(bool)
    cases[lines[known]] = long["case_id"].to_numpy(dtype=object)[known]
    return Layout(Memberships(tuple(rows), tuple(cases), tuple(names), values), cells)
