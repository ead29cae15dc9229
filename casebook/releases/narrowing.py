"""A casebook with only some cases, or only the channels that meet a concept, and what belongs to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from casebook.errors import CasebookError, UnknownNameError
from casebook.releases.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from casebook.model.demands import ForeignKey
    from casebook.model.schema import Table
    from casebook.releases.memberships import Memberships

CHANNELS, CONCEPT = "channels", "concept"


class Narrowed(Store):
    """A store without the rows of other cases and concepts; each table is narrowed when it is first read.

    Parameters
    ----------
    store : Store
        The whole casebook.
    concepts, cases : collection of str or None
        What stays, as for `casebook.book.Casebook.narrow`; None for all.

    Raises
    ------
    UnknownNameError
        If there is no such concept or case.
    CasebookError
        If the codebook declares no concepts.
    """

    def __init__(self, store: Store, concepts: Collection[str] | None, cases: Collection[str] | None) -> None:
        self.folder, self.metadata, self.schema = store.folder, store.metadata, store.schema
        self.digest, self.resources = store.digest, store.resources
        self._frames, self._indexed, self._cells, self._layouts, self._singles = {}, {}, {}, {}, {}
        self._whole, self._concepts = store, concepts
        self._cases = None if cases is None else {store.case_id(name) for name in cases}
        self._gone: dict[str, set[str]] = {}
        if concepts is not None:
            _check(store, concepts)

    def note(self, name: str) -> None:
        self._whole.note(name)

    def altered(self, frames: Mapping[str, pd.DataFrame]) -> Store:
        return self._whole.altered({table.name: self.read(table.name) for table in self.schema} | dict(frames))

    def memberships(self, table: Table, conditions: Sequence[str], *, alleged: bool) -> Memberships:
        import pandas as pd

        found = self._whole.memberships(table, conditions, alleged=alleged)
        return found.only(pd.Index(found.rows).isin(self.read(table.name)[table.primary_key]))

    def _read(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            frame = self._whole.read(name)
            lost = self._lost(self.schema.table(name), frame)
            self._frames[name] = frame[~lost].reset_index(drop=True) if lost.any() else frame
        return self._frames[name]

    def _arrow(self, name: str, *args: Any, **kwargs: Any) -> Any:
        self._read(name)
        return super()._arrow(name, *args, **kwargs)

    def _rows_gone(self, table: Table) -> set[str]:
        if table.name not in self._gone:
            frame = self._whole.read(table.name)
            self._gone[table.name] = set(frame.loc[self._lost(table, frame), table.primary_key])
        return self._gone[table.name]

    def _lost(self, table: Table, frame: pd.DataFrame) -> pd.Series:
        """Which rows are of another case or concept, or belong to a row that is."""
        import pandas as pd

        lost = pd.Series(False, index=frame.index)
        if {"table", "row"} <= set(frame.columns):
            for name in frame["table"].unique():
                lost |= (frame["table"] == name) & frame["row"].isin(self._rows_gone(self.schema.table(name)))
            return lost
        if self._cases is not None and (of := self.cases_of(table, frame)) is not None:
            lost |= ~of.isin(self._cases) & of.notna()
        if self._concepts is not None:
            if table.name == CHANNELS:
                lost |= ~frame[CONCEPT].isin(list(self._concepts))
            for key in _homes(table):
                lost |= frame[key.field].isin(self._rows_gone(self.schema.table(key.table)))
        return lost.astype(bool)


def _homes(table: Table) -> Iterator[ForeignKey]:
    """Foreign keys to what a row belongs to: the row around it, or its channel."""
    for key in table.foreign_keys:
        if key.table in (table.within, CHANNELS) and key.table != table.name:
            yield key


def _check(store: Store, concepts: Collection[str]) -> None:
    table = store.schema.tables.get(CHANNELS)
    if table is None or CONCEPT not in table.by_name:
        raise CasebookError("this casebook has no variable 'concept' in a table channels by which it could be narrowed")
    for concept in concepts:
        if concept not in (allowed := table.by_name[CONCEPT].values):
            raise UnknownNameError("concept", concept, allowed)
