"""Rows as they stand in a built casebook, in plain Python, so that derived values can be computed anew."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casebook.model.derivations import Index, Record
from casebook.model.rendering import plain_value
from casebook.model.schema import Schema, Table

if TYPE_CHECKING:
    from casebook.releases.store import Store


@dataclass
class Stand:
    """A row as it stands in a built table; a `casebook.model.derivations.Record`.

    Attributes
    ----------
    place : int
        Number of the row in its table, from 0.
    """

    table: Table
    id: str
    place: int
    case: str | None
    values: dict[str, Any]
    reasons: dict[str, str]

    def copy(self) -> Stand:
        return Stand(self.table, self.id, self.place, self.case, dict(self.values), dict(self.reasons))

    def forget(self, names: Iterable[str]) -> None:
        for name in names:
            self.values.pop(name, None)
            self.reasons.pop(name, None)

    def take(self, names: Iterable[str], values: Mapping[str, Any], reasons: Mapping[str, str]) -> None:
        """Give the columns of a variable other values."""
        self.forget(names)
        self.values.update((name, value) for name, value in values.items() if value is not None)
        self.reasons.update(reasons)


class Stands:
    """Rows of all coded tables, made when a table is first asked for; `casebook.model.derivations.Records`."""

    def __init__(self, store: Store) -> None:
        self.schema: Schema = store.schema
        self.rows: Mapping[str, dict[str, Stand]] = _Rows(store)

    @cached_property
    def index(self) -> Index:
        return Index(self.rows)

    def row(self, table: str, row: str) -> Stand:
        return self.rows[table][row]

    def changed(self) -> Changed:
        """The same rows, of which some can be made to stand otherwise."""
        return Changed(self)


class Changed:
    """Rows of which some stand otherwise than in the casebook as coded; foreign keys change before any is followed."""

    def __init__(self, stands: Stands) -> None:
        self.schema = stands.schema
        self._stands = stands
        self._fresh: dict[str, dict[str, Stand]] = {}
        self.rows: Mapping[str, Mapping[str, Stand]] = _Overlaid(stands.rows, self._fresh)

    def own(self, table: str, row: str) -> Stand:
        """A row that may be changed."""
        fresh = self._fresh.setdefault(table, {})
        if row not in fresh:
            fresh[row] = self._stands.row(table, row).copy()
        return fresh[row]

    @cached_property
    def index(self) -> Index:
        return _ChangedIndex(self._stands, self._fresh)


class _ChangedIndex(Index):
    """Who points to whom; only groups in which a row stands otherwise are made anew."""

    def __init__(self, stands: Stands, fresh: Mapping[str, Mapping[str, Stand]]) -> None:
        super().__init__(stands.rows)
        self._stands, self._fresh = stands, fresh

    def pointing(self, child: Table, row: Record) -> list[Record]:
        found = super().pointing(child, row)
        fresh = self._fresh.get(child.name)
        return [fresh.get(other.id, other) for other in found] if fresh else found

    def by(self, child: str, key: str) -> Mapping[str, list[Record]]:
        if (child, key) not in self._found:
            groups = dict(self._stands.index.by(child, key))
            fresh, coded = self._fresh.get(child, {}), self._stands.rows[child]
            moved: dict[str, set[str]] = {}
            for row, stand in fresh.items():
                ends = (stand.values.get(key), coded[row].values.get(key))
                for target in ends if ends[0] != ends[1] else ():
                    if target is not None:
                        moved.setdefault(target, set()).add(row)
            for target, others in moved.items():
                rows = sorted(others.union(row.id for row in groups.get(target, ())), key=lambda row: coded[row].place)
                stands = (fresh.get(row) or coded[row] for row in rows)
                groups[target] = [stand for stand in stands if stand.values.get(key) == target]
            self._found[child, key] = groups
        return self._found[child, key]


class _Rows(dict[str, dict[str, Stand]]):
    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    def __missing__(self, name: str) -> dict[str, Stand]:
        table = self._store.schema.table(name)
        if table.built:
            raise KeyError(name)
        self[name] = {stand.id: stand for stand in self._read(table)}
        return self[name]

    @cached_property
    def _reasons(self) -> dict[tuple[str, str], dict[str, str]]:
        reasons: dict[tuple[str, str], dict[str, str]] = {}
        for cell, reason in self._store.reasons.items():
            reasons.setdefault((cell.table, cell.row), {})[cell.variable] = reason
        return reasons

    def _read(self, table: Table) -> Iterator[Stand]:
        for place, values in enumerate(self._store.read(table.name).astype(object).to_dict("records")):
            known = {str(name): plain_value(value) for name, value in values.items()}
            known = {name: value for name, value in known.items() if value is not None}
            row = known[table.primary_key]
            reasons = dict(self._reasons.get((table.name, row), {}))
            yield Stand(table, row, place, known.get("case_id") or self._case(table, known), known, reasons)

    def _case(self, table: Table, values: Mapping[str, Any]) -> str | None:
        if table.within is None:
            return None
        key = next(key.field for key in table.foreign_keys if key.table == table.within)
        return self[table.within][values[key]].case


class _Overlaid(dict[str, Mapping[str, Stand]]):
    def __init__(self, base: Mapping[str, dict[str, Stand]], fresh: dict[str, dict[str, Stand]]) -> None:
        super().__init__()
        self._base, self._fresh = base, fresh

    def __missing__(self, name: str) -> Mapping[str, Stand]:
        self[name] = ChainMap(self._fresh.setdefault(name, {}), self._base[name])
        return self[name]
