"""The files of a built casebook: descriptor and Parquet tables, read once and checked."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from casebook.errors import CasebookError
from casebook.model.metadata import Metadata
from casebook.model.schema import Schema, Table
from casebook.model.tables import Frames, by_key, reasons_in
from casebook.releases.archives import content_of
from casebook.releases.descriptor import read_descriptor

if TYPE_CHECKING:
    import pandas as pd
    from pybtex.database import Entry


@dataclass(frozen=True)
class Join:
    """A parent table in a wide frame: the column that holds its key there, and the names of its variables."""

    table: Table
    key: str
    columns: Mapping[str, str]


class Store:
    """Tables of a built casebook as they lie in its folder.

    The frames that it hands out are shared: whoever changes them must copy them first.

    Parameters
    ----------
    folder : Traversable
        Folder with ``datapackage.json`` and the Parquet files.
    """

    def __init__(self, folder: Traversable) -> None:
        self.folder = folder
        described = read_descriptor(folder)
        self.metadata: Metadata = described.metadata
        self.schema: Schema = described.schema
        self.digest: str = described.digest
        self.resources: dict[str, Any] = dict(described.resources)
        self._frames: dict[str, pd.DataFrame] = {}
        self._indexed: dict[str, pd.DataFrame] = {}

    def altered(self, frames: Mapping[str, pd.DataFrame], reasons: Mapping[tuple[str, str, str], str]) -> Store:
        """A copy in which some tables, and the reasons for empty cells, are other ones."""
        store = copy.copy(self)
        store._frames, store._indexed = {**self._frames, **frames}, {}
        store.reasons = dict(reasons)
        return store

    @property
    def in_use(self) -> set[str]:
        """Tables that were read so far."""
        return set(self._frames)

    def forget(self) -> None:
        """Read every table anew when it is next asked for."""
        self._frames, self._indexed = {}, {}

    def read(self, name: str) -> pd.DataFrame:
        """All rows of a table, alleged ones included."""
        table = self.schema.table(name)
        if name not in self._frames:
            from casebook.model.rendering import conform
            from casebook.releases.parquet import read_parquet

            path = self.folder / self.resources[name]["path"]
            try:
                self._frames[name] = conform(table, read_parquet(content_of(path)))
            except OSError as error:
                raise CasebookError(f"{path} is missing or damaged ({error}); build or install again") from error
            except (ValueError, KeyError, TypeError) as error:
                raise CasebookError(f"{path} does not hold the table {name!r} ({error}); build again") from error
        return self._frames[name]

    @property
    def frames(self) -> Frames:
        """All rows of every table, each read when it is first asked for."""
        return _Frames(self)

    def established(self, table: Table) -> pd.DataFrame:
        """Rows that are neither alleged nor nested in an alleged row."""
        frame = self.read(table.name)
        if "status" in table.by_name and "alleged" in table.by_name["status"].values:
            return frame[frame["status"] != "alleged"]
        if table.within:
            parent = self.schema.table(table.within)
            key = next(key.field for key in table.foreign_keys if key.table == parent.name)
            return frame[frame[key].isin(self.established(parent)[parent.primary_key])]
        return frame

    def joins(self, table: Table) -> list[Join]:
        """Parents of a table, then their parents, each once and by the shortest way."""
        targets = [key.table for key in table.foreign_keys]
        repeated = {name for name in targets if targets.count(name) > 1}
        present = {column.name for column in table.columns}
        waiting = list(table.foreign_keys)
        joined = {table.name}
        joins = []
        while waiting:
            key = waiting.pop(0)
            if key.table in joined:
                continue
            parent = self.schema.table(key.table)
            prefix = (key.field if key.table in repeated else parent.primary_key).removesuffix("_id")
            names = {column.name: _prefixed(column.name, prefix) for column in parent.columns}
            names[parent.primary_key] = key.field
            if key.table not in repeated:
                joined.add(key.table)
            for further in parent.foreign_keys:
                if further.field in present:
                    del names[further.field]
                elif further.field == further.reference:
                    names[further.field] = further.field
                    waiting.append(further)
            present |= set(names.values())
            joins.append(Join(parent, key.field, names))
        return joins

    def widen(self, frame: pd.DataFrame, table: Table) -> pd.DataFrame:
        """Join parents, then their parents."""
        for join in self.joins(table):
            columns = self.read(join.table.name)[list(join.columns)].rename(columns=join.columns)
            frame = frame.merge(columns, on=join.key, how="left", validate="many_to_one")
        return frame

    def shown(self, table: str, row: str, variable: str) -> str:
        """A value as readers see it: label, text, or the reason why it is missing."""
        import pandas as pd

        item = self.schema.table(table).field(variable)
        value: Any = self.indexed(table).at[row, variable]
        if item.type == "array":
            return "; ".join(value) if value is not None else ""
        if pd.isna(value):
            return (self.reasons.get((table, row, variable)) or "").replace("_", " ")
        return f"{value:%Y-%m-%d}" if item.type == "date" else item.label(value)

    @cached_property
    def reasons(self) -> dict[tuple[str, str, str], str]:
        """Why cells are empty, by table, row and variable."""
        return reasons_in(self.read("missing"))

    @cached_property
    def csl(self) -> dict[str, dict[str, Any]]:
        """The published sources in CSL-JSON, by key."""
        return {item["id"]: item for item in json.loads(self._text("sources.csl.json"))}

    @cached_property
    def bibtex(self) -> dict[str, Entry]:
        """The published sources in BibTeX, by key."""
        from pybtex.database import parse_string

        return dict(parse_string(self._text("sources.bib"), "bibtex").entries)

    def _text(self, name: str) -> str:
        try:
            return content_of(self.folder / name).decode("utf-8")
        except (OSError, ValueError) as error:
            raise CasebookError(
                f"{self.folder / name} is missing or damaged ({error}); build or install again"
            ) from error

    def indexed(self, name: str) -> pd.DataFrame:
        """A table indexed by its primary key, which stays a column."""
        if name not in self._indexed:
            self._indexed[name] = by_key(self.schema.table(name), self.read(name))
        return self._indexed[name]

    def tables_with(self, row: str) -> list[Table]:
        """Tables of coded rows that hold a row of that identifier."""
        return [table for table in self.schema if not table.built and row in self.indexed(table.name).index]

    def identifiers(self) -> list[str]:
        """Identifiers of all coded rows."""
        return [row for table in self.schema if not table.built for row in self.indexed(table.name).index]


class _Frames(Mapping[str, "pd.DataFrame"]):
    def __init__(self, store: Store) -> None:
        self.store = store

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.store.read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.store.schema.tables)

    def __len__(self) -> int:
        return len(self.store.schema.tables)


def _prefixed(name: str, prefix: str) -> str:
    return name if name.startswith(f"{prefix}_") else f"{prefix}_{name}"
