"""A casebook with only the channels that meet a concept, and what belongs to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from casebook.errors import CasebookError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

    from casebook.model.schema import ForeignKey, Table
    from casebook.releases.store import Store

CHANNELS, CONCEPT = "channels", "concept"


def narrowed(store: Store, concepts: Collection[str]) -> Store:
    """The store without rows of channels of other concepts; see `casebook.book.Casebook.narrow`."""
    table = store.schema.tables.get(CHANNELS)
    if table is None or CONCEPT not in table.by_name:
        raise CasebookError("this casebook has no variable 'concept' in a table channels by which it could be narrowed")
    allowed = table.by_name[CONCEPT].values
    for concept in concepts:
        if concept not in allowed:
            raise UnknownNameError("concept", concept, allowed)
    channels = store.read(CHANNELS)
    gone = {CHANNELS: set(channels.loc[~channels[CONCEPT].isin(list(concepts)), table.primary_key])}
    frames = {}
    for table in store.schema:
        frame = store.read(table.name)
        lost = _lost(table, frame, gone)
        if lost is not None and lost.any():
            frames[table.name] = frame[~lost].reset_index(drop=True)
            gone.setdefault(table.name, set(frame.loc[lost, table.primary_key]))
    return store.altered(frames)


def _lost(table: Table, frame: pd.DataFrame, gone: dict[str, set[str]]) -> pd.Series | None:
    """Which rows of a table go with rows that are gone; None where none can."""
    if table.name in gone:
        return frame[table.primary_key].isin(gone[table.name])
    if {"table", "row"} <= set(frame.columns):
        return _of_rows(frame, gone)
    found = None
    for mask in (frame[key.field].isin(gone[key.table]) for key in _homes(table) if key.table in gone):
        found = mask if found is None else found | mask
    return found


def _homes(table: Table) -> Iterator[ForeignKey]:
    """Foreign keys to what a row belongs to: the row around it, or its channel."""
    for key in table.foreign_keys:
        if key.table in (table.within, CHANNELS):
            yield key


def _of_rows(frame: pd.DataFrame, gone: dict[str, set[str]]) -> pd.Series:
    import pandas as pd

    lost = pd.Series(False, index=frame.index)
    for name, rows in gone.items():
        lost |= (frame["table"] == name) & frame["row"].isin(rows)
    return lost
