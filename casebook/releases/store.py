"""The files of a built casebook: descriptor and Parquet tables, read once and checked."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from casebook.errors import CasebookError, UnknownNameError
from casebook.model.cells import Cell
from casebook.model.conditions import TABLE as CONDITIONS
from casebook.model.metadata import Metadata
from casebook.model.schema import Schema, Table
from casebook.model.tables import Frames, by_key, reasons_in, statements
from casebook.model.values import to_text
from casebook.releases.archives import content_of
from casebook.releases.descriptor import read_descriptor

if TYPE_CHECKING:
    import pandas as pd

    from casebook.releases.memberships import Layout, Memberships


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
        self._cells: dict[str, dict[str, dict[str, Any]]] = {}
        self._layouts: dict[str, Layout] = {}

    def altered(self, frames: Mapping[str, pd.DataFrame]) -> Store:
        """A copy in which some tables are other ones."""
        store = copy.copy(self)
        for derived in ("reasons", "statements", "_entries"):
            store.__dict__.pop(derived, None)
        store._frames = {**self._frames, **frames}
        store._indexed, store._cells, store._layouts = {}, {}, {}
        return store

    def note(self, name: str) -> None:
        """Tell the recorder, where one listens, that a table is read."""
        if (recorder := _listening.get()) is not None:
            recorder.heard.append((self, name))

    def read(self, name: str) -> pd.DataFrame:
        """All rows of a table, alleged ones included."""
        self.note(name)
        return self._read(name)

    def _read(self, name: str) -> pd.DataFrame:
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

    def load(
        self,
        table: Table,
        *,
        cases: Iterable[str] | None = None,
        wide: bool = False,
        labels: bool = False,
        alleged: bool = False,
    ) -> pd.DataFrame:
        """A copy of a table for the user; see `casebook.book.Casebook.load`."""
        frame = self.rows(table, alleged=alleged)
        for column in table.columns:
            if column.type == "array":
                frame[column.name] = frame[column.name].map(list, na_action="ignore")
        if cases is not None:
            of = self.cases_of(table, frame)
            if of is None:
                raise CasebookError(f"rows of {table.name} belong to no case; leave cases out")
            frame = frame[of.isin({self.case_id(name) for name in cases})].reset_index(drop=True)
        frame = self.widen(frame, table) if wide else frame
        return self._labeled(frame, table, wide) if labels else frame

    def rows(self, table: Table, *, alleged: bool) -> pd.DataFrame:
        """A copy of the rows of a table, alleged ones left out unless asked for."""
        frame = self.read(table.name) if alleged else self.established(table).reset_index(drop=True)
        return frame.copy(deep=True)

    def cases_of(self, table: Table, frame: pd.DataFrame) -> pd.Series | None:
        """The case of each row of a table; None where they belong to none."""
        if "case_id" in table.by_name:
            return frame["case_id"]
        return None if table.shared or table.built else frame[table.primary_key].str.partition("/")[0]

    def _labeled(self, frame: pd.DataFrame, table: Table, wide: bool) -> pd.DataFrame:
        """Categories by their labels instead of their codes."""
        fields = {item.name: item for item in table.columns}
        for join in self.joins(table) if wide else ():
            fields |= {join.columns[name]: join.table.by_name[name] for name in join.columns}
        for name, item in fields.items():
            if item.categories and name in frame:
                frame[name] = frame[name].cat.rename_categories(item.labels)
        return frame

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

    def memberships(self, table: Table, conditions: Sequence[str], *, alleged: bool) -> Memberships:
        """Memberships of the rows of a table in some conditions, alleged ones left out unless asked for."""
        whole = self.layout(table).memberships.of(conditions)
        return whole if alleged else whole.only(self.read(table.name).index.isin(self.established(table).index))

    def layout(self, table: Table) -> Layout:
        """Memberships of all rows of a table, laid out once."""
        from casebook.releases.memberships import laid_out

        self.note(CONDITIONS)
        self.note(table.name)
        if table.name not in self._layouts:
            self._layouts[table.name] = laid_out(self, table)
        return self._layouts[table.name]

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
        item = self.schema.table(table).field(variable)
        value = self.cells(table)[row][variable]
        if item.type == "array":
            return "; ".join(value) if value is not None else ""
        if value is None:
            return (self.reasons.get(Cell(table, row, variable)) or "").replace("_", " ")
        return to_text(value) if item.type == "date" else item.label(value)

    @cached_property
    def reasons(self) -> dict[Cell, str]:
        """Why cells are empty."""
        return reasons_in(self.read("missing"))

    @cached_property
    def statements(self) -> pd.DataFrame:
        """The evidence by cell; see `casebook.model.tables.statements`."""
        return statements(self.frames, self.schema)

    def evidence_of(self, cell: Cell) -> list[dict[str, str]]:
        """The evidence entries of a cell in their order, each without what is missing in it."""
        return self._entries.get(cell, [])

    @cached_property
    def _entries(self) -> dict[Cell, list[dict[str, str]]]:
        """All evidence entries by cell, gathered in one pass."""
        found: dict[Cell, list[dict[str, str]]] = {}
        for entry in self.statements.astype(object).to_dict("records"):
            given = {str(k): str(v) for k, v in entry.items() if v == v and v is not None}
            found.setdefault(Cell(given["table"], given["row"], given["variable"]), []).append(given)
        return found

    def cited_as(self, key: str) -> str:
        """How texts name a source; its key where it is not in the table ``sources``."""
        sources = self.indexed("sources")
        return str(sources.at[key, "cited_as"]) if "cited_as" in sources and key in sources.index else key

    @cached_property
    def csl(self) -> dict[str, dict[str, Any]]:
        """The published sources in CSL-JSON, by key."""
        return {item["id"]: item for item in json.loads(self._text("sources.csl.json"))}

    @cached_property
    def bibtex(self) -> dict[str, str]:
        """The published sources in BibTeX, by key; in a built file, every entry begins on a line of its own."""
        entries = re.split(r"^(?=@)", self._text("sources.bib"), flags=re.MULTILINE)
        keys = [re.match(r"@\w+\s*\{\s*([^,\s]+)\s*,", entry) for entry in entries]
        return {key[1]: entry.strip() for key, entry in zip(keys, entries, strict=True) if key}

    def _text(self, name: str) -> str:
        try:
            return content_of(self.folder / name).decode("utf-8")
        except (OSError, ValueError) as error:
            raise CasebookError(
                f"{self.folder / name} is missing or damaged ({error}); build or install again"
            ) from error

    def indexed(self, name: str) -> pd.DataFrame:
        """A table indexed by its primary key, which stays a column."""
        frame = self.read(name)
        if name not in self._indexed:
            self._indexed[name] = by_key(self.schema.table(name), frame)
        return self._indexed[name]

    def cells(self, name: str) -> dict[str, dict[str, Any]]:
        """The cells of a table by row and column, None where one is empty: what is looked up cell by cell."""
        self.note(name)
        if name not in self._cells:
            frame = self.indexed(name).astype(object)
            frame = frame.where(frame.notna(), None)
            rows = zip(*(frame[column].tolist() for column in frame), strict=True)
            names = list(map(str, frame))
            cells = (dict(zip(names, row, strict=True)) for row in rows)
            self._cells[name] = dict(zip(map(str, frame.index), cells, strict=True))
        return self._cells[name]

    def case_id(self, name: str) -> str:
        """The case of that identifier or title.

        Raises
        ------
        UnknownNameError
            If there is none; the message names the nearest.
        CasebookError
            If it names a row of another table; the message says of which.
        """
        cases = self.read("cases")
        found = self.entitled(str(name))
        if found not in set(cases["case_id"]):
            if tables := self.tables_with(found):
                own = set(cases["case_id"]) & {found.partition("/")[0]}
                right = f"; its case is {own.pop()!r}" if own else ""
                raise CasebookError(f"{name!r} is no case but a row of {tables[0].name}{right}")
            raise UnknownNameError("case", name, list(cases["case_id"]))
        return found

    def entitled(self, name: str) -> str:
        """The identifier of the case that has this title, in full or short; any other name as it is."""
        cases = self.read("cases")
        named = [column for column in ("title", "short_title") if column in cases]
        titles = cases[named].apply(lambda column: column.str.casefold())
        found = list(cases.loc[titles.eq(name.casefold()).any(axis=1), "case_id"])
        return str(found[0]) if len(found) == 1 and name not in set(cases["case_id"]) else name

    def tables_with(self, row: str) -> list[Table]:
        """Tables of coded rows that hold a row of that identifier."""
        return [table for table in self.schema if not table.built and row in self.indexed(table.name).index]

    def identifiers(self) -> list[str]:
        """Identifiers of all coded rows."""
        return [row for table in self.schema if not table.built for row in self.indexed(table.name).index]


class Recorder:
    """Notes which tables are read, and of which stores.

    Examples
    --------
    >>> from casebook.book import packaged_release
    >>> book = packaged_release()
    >>> with recording() as recorder:
    ...     cases = book.load("cases")
    >>> recorder.tables(book.store)
    {'cases'}
    """

    def __init__(self) -> None:
        self.heard: list[tuple[Store, str]] = []

    def tables(self, store: Store) -> set[str]:
        """Tables that were read of a store."""
        return {name for heard, name in self.heard if heard is store}

    def elsewhere(self, store: Store) -> set[str]:
        """Tables that were read of other stores with the same content."""
        return {name for heard, name in self.heard if heard is not store and heard.digest == store.digest}


_listening: ContextVar[Recorder | None] = ContextVar("listening", default=None)


@contextmanager
def recording() -> Iterator[Recorder]:
    """Record which tables are read meanwhile."""
    recorder = Recorder()
    token = _listening.set(recorder)
    try:
        yield recorder
    finally:
        _listening.reset(token)


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
