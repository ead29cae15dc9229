"""A casebook in which some cells are other ones, without a copy of the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from casebook.model.cells import Cell
from casebook.model.conditions import TABLE, declared
from casebook.model.rendering import frame as make_frame
from casebook.model.schema import Table
from casebook.releases.memberships import Memberships
from casebook.releases.store import Store
from casebook.worlds.alternatives import Variable
from casebook.worlds.loaded import Cells, Loaded

Patches = Callable[[frozenset[Variable] | None], Sequence["Patch"]]
KEPT = 64
"""How many selections of rows of loaded tables are kept."""


@dataclass
class Patch:
    """Cells that differ from the casebook as coded.

    Attributes
    ----------
    cells : dict
        By table: column, place of the row, counted from 0, and value.
    reasons : dict
        Why cells are empty, or None where they need no reason any more; and the case to which the row belongs.
    late : callable, optional
        What is still to be added for the table ``conditions``, once that is read.
    """

    cells: dict[str, list[tuple[str, int, Any]]] = field(default_factory=dict)
    reasons: dict[Cell, tuple[str | None, str | None]] = field(default_factory=dict)
    late: Callable[[Patch], None] | None = None

    def change(self, table: str, column: str, place: int, value: Any) -> None:
        self.cells.setdefault(table, []).append((column, place, value))

    def add(self, other: Patch) -> None:
        """Also what differs by another patch."""
        for table, cells in other.cells.items():
            self.cells.setdefault(table, []).extend(cells)
        self.reasons.update(other.reasons)

    def of(self, table: str) -> Sequence[tuple[str, int, Any]]:
        """What differs in a table."""
        if (late := self.late) and table == TABLE:
            late(self)
            self.late = None
        return self.cells.get(table, ())


class Base:
    """What all worlds share: the store as coded, and tables loaded from it.

    Parameters
    ----------
    store : Store
        The casebook as coded.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._loaded: dict[tuple[str, bytes], Loaded] = {}
        self._masks: dict[str, np.ndarray[Any, Any]] = {}
        self._parents: dict[str, np.ndarray[Any, Any]] = {}
        self._variables: dict[str, frozenset[Variable]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_loaded": {}}

    def mask(self, table: Table) -> np.ndarray[Any, Any]:
        """Which rows are established as coded."""
        if table.name not in self._masks:
            frame = self.store.read(table.name)
            self._masks[table.name] = frame.index.isin(self.store.established(table).index)
        return self._masks[table.name]

    def parents(self, table: Table) -> np.ndarray[Any, Any]:
        """Place of the row in which each row is nested."""
        if table.name not in self._parents:
            assert table.within is not None
            parent = self.store.schema.table(table.within)
            key = next(key.field for key in table.foreign_keys if key.table == parent.name)
            identifiers = pd.Index(self.store.read(parent.name)[parent.primary_key])
            self._parents[table.name] = identifiers.get_indexer(self.store.read(table.name)[key])
        return self._parents[table.name]

    def variables(self, table: str) -> frozenset[Variable]:
        """The columns of a table; of the table ``conditions``, its conditions."""
        if table not in self._variables:
            of = self.store.schema.table(table)
            names = declared(of) if table == TABLE else (column.name for column in of.columns)
            self._variables[table] = frozenset((table, name) for name in names)
        return self._variables[table]

    def whole(self, name: str) -> Loaded:
        """A whole table as coded."""
        return self.loaded(self.store.schema.table(name), np.ones(len(self.store.read(name)), bool))

    def loaded(self, table: Table, mask: np.ndarray[Any, Any]) -> Loaded:
        """Some rows of a table as coded."""
        place = (table.name, mask.tobytes())
        if place not in self._loaded:
            if len(self._loaded) >= KEPT:
                del self._loaded[next(iter(self._loaded))]
            rows = self.store.read(table.name)[mask].reset_index(drop=True)
            self._loaded[place] = Loaded(rows, np.where(mask, np.cumsum(mask) - 1, -1))
        return self._loaded[place]


class Patched(Store):
    """A casebook in which some cells are other ones.

    Parameters
    ----------
    base : Base
        The casebook as coded.
    patches : callable
        Gives what differs in some columns, or in all for None; no cell is in two patches.
    """

    def __init__(self, base: Base, patches: Patches) -> None:
        self.__dict__.update(base.store.__dict__)
        self.__dict__.pop("reasons", None)
        self._base, self._patches = base, patches
        self._frames, self._indexed, self._cells, self._layouts, self._singles = {}, {}, {}, {}, {}
        self._merged: dict[tuple[str, frozenset[Variable]], Cells] = {}

    def altered(self, frames: Mapping[str, pd.DataFrame]) -> Store:
        """A plain copy in which some tables are other ones."""
        return self._base.store.altered({table.name: self.read(table.name) for table in self.schema} | dict(frames))

    def _differing(self, table: str, wanted: frozenset[Variable]) -> Cells:
        """What differs in a table; all of it, as far as the columns wanted are concerned."""
        place = (table, wanted)
        if place not in self._merged:
            merged: dict[str, tuple[list[int], list[Any]]] = {}
            for patch in self._patches(wanted):
                for name, row, value in patch.of(table):
                    rows, values = merged.get(name) or merged.setdefault(name, ([], []))
                    rows.append(row)
                    values.append(value)
            self._merged[place] = merged
        return self._merged[place]

    def _columns(self, table: str) -> Callable[[str | None], Cells]:
        whole = self._base.variables(table)
        return lambda name: self._differing(table, whole if name is None else frozenset([(table, name)]))

    def _read(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            frame = self._base.store.read(name)
            if name == "missing":
                self._frames[name] = self._missing(frame)
            else:
                self._frames[name] = self._base.whole(name).with_cells(self._columns(name)(None))
        return self._frames[name]

    def _arrow(self, name: str, *args: Any, **kwargs: Any) -> Any:
        self._read(name)
        return super()._arrow(name, *args, **kwargs)

    def _missing(self, frame: pd.DataFrame) -> pd.DataFrame:
        changed = {cell: reason for patch in self._patches(None) for cell, reason in patch.reasons.items()}
        if not changed:
            return frame
        cells = zip(frame["table"], frame["row"], frame["variable"], strict=True)
        kept = frame[[cell not in changed for cell in cells]]
        rows = (
            {"missing_id": str(cell), "case_id": case, "reason": reason} | cell._asdict()
            for cell, (reason, case) in changed.items()
            if reason is not None
        )
        new = make_frame(self.schema.table("missing"), rows)
        return pd.concat([kept, new], ignore_index=True).astype(frame.dtypes.to_dict())

    @cached_property
    def reasons(self) -> dict[Cell, str]:
        """Why cells are empty."""
        self.note("missing")
        known = dict(self._base.store.reasons)
        for patch in self._patches(None):
            for cell, (reason, _) in patch.reasons.items():
                if reason is None:
                    known.pop(cell, None)
                else:
                    known[cell] = reason
        return known

    def _mask(self, table: Table) -> np.ndarray[Any, Any]:
        """Which rows are established."""
        base = self._base.mask(table)
        if "status" in table.by_name and "alleged" in table.by_name["status"].values:
            places, values = self._columns(table.name)("status").get("status", ((), ()))
            if not places:
                return base
            mask = base.copy()
            mask[list(places)] = [value != "alleged" for value in values]
            return mask
        if table.within is None:
            return base
        parent = self.schema.table(table.within)
        above = self._mask(parent)
        if above is self._base.mask(parent):
            return base
        return np.asarray(above[self._base.parents(table)])

    def rows(
        self,
        table: Table,
        *,
        alleged: bool,
        columns: Collection[str] | None = None,
        cases: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """A copy of the rows of a table, all columns of all cases; see `casebook.releases.store.Store.rows`."""
        if table.name == "missing":
            return super().rows(table, alleged=alleged)
        self.note(table.name)
        mask = np.ones(len(self._base.store.read(table.name)), bool) if alleged else self._mask(table)
        return self._base.loaded(table, mask).handed(self._columns(table.name))

    def memberships(self, table: Table, conditions: Sequence[str], *, alleged: bool) -> Memberships:
        """Memberships of the rows of a table; see `casebook.releases.store.Store.memberships`."""
        layout = self._base.store.layout(table)
        cells = self._differing(TABLE, frozenset((TABLE, name) for name in conditions)).get("membership")
        whole = (layout.with_cells(*cells) if cells else layout.memberships).of(conditions)
        return whole if alleged else whole.only(self._mask(table))
