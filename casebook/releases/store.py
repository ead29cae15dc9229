"""The files of a built casebook: descriptor and Parquet tables, read once and checked."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casebook._support.content import content_of
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.cells import Cell
from casebook.model.joining import joins
from casebook.model.metadata import Metadata
from casebook.model.schema import Schema, Table
from casebook.model.tables import Frames, by_key, check_keys, statements
from casebook.model.texts import as_typed
from casebook.model.values import to_text
from casebook.releases.descriptor import read_descriptor
from casebook.releases.entries import USED, Entries
from casebook.releases.recording import listening

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import pandas as pd
    import pyarrow

    from casebook.releases.memberships import Layout, Memberships


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
        self.checksum: str = described.checksum
        self._frames: dict[str, pd.DataFrame] = {}
        self._indexed: dict[str, pd.DataFrame] = {}
        self._singles: dict[tuple[str, str], dict[str, Any]] = {}
        self._cells: dict[str, dict[str, dict[str, Any]]] = {}
        self._layouts: dict[str, Layout] = {}

    def altered(self, frames: Mapping[str, pd.DataFrame]) -> Store:
        """A copy in which some tables are other ones."""
        store = copy.copy(self)
        for derived in ("reasons", "statements", "_evidence"):
            store.__dict__.pop(derived, None)
        store._frames = {**self._frames, **frames}
        store._indexed, store._singles, store._cells, store._layouts = {}, {}, {}, {}
        return store

    def note(self, name: str) -> None:
        """Tell the recorder, where one listens, that a table is read."""
        if (recorder := listening.get()) is not None:
            recorder.heard.append((self, name))

    def read(self, name: str) -> pd.DataFrame:
        """All rows of a table, alleged ones included."""
        self.note(name)
        return self._read(name)

    def _read(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            from casebook.model.rendering import framed

            self._frames[name] = framed(self.schema.table(name), self._arrow(name))
        return self._frames[name]

    def _arrow(
        self, name: str, columns: Sequence[str] | None = None, among: Mapping[str, Sequence[str]] | None = None
    ) -> pyarrow.Table:
        """A table as Arrow holds it, all of it or a part; `among` narrows the rows of a table that lies in its file."""
        table = self.schema.table(name)
        wanted = [item.name for item in table.columns] if columns is None else list(columns)
        if name in self._frames:
            from casebook.model.rendering import arrow_table

            return arrow_table(table, self._frames[name]).select(wanted)
        from casebook.model.arrow import typed
        from casebook.releases.parquet import read_parquet

        path = self.folder / self.resources[name]["path"]
        try:
            return typed(table, read_parquet(content_of(path), wanted, among).select(wanted))
        except OSError as error:
            raise CasebookError(
                f"{path} is missing or damaged ({error}); build it, or download or install it again"
            ) from error
        except (ValueError, KeyError, TypeError, NotImplementedError) as error:
            raise CasebookError(f"{path} does not hold the table {name!r} ({error}); build again") from error

    def load(
        self,
        table: Table,
        *,
        columns: Sequence[str] | None = None,
        cases: Iterable[str] | None = None,
        wide: bool = False,
        labels: bool = False,
        alleged: bool = False,
    ) -> pd.DataFrame:
        """A copy of a table for the user; see `casebook.book.Casebook.load`."""
        named = None if cases is None else {self.case_id(name) for name in cases}
        own = None if wide or columns is None else [self._own(table, name) for name in columns]
        frame = self.rows(table, alleged=alleged, columns=own, cases=named)
        if named is not None:
            of = self.cases_of(table, frame)
            if of is None:
                raise CasebookError(f"rows of {table.name} belong to no case; leave cases out")
            frame = frame[of.isin(named)].reset_index(drop=True)
        for item in table.columns:
            if item.type == "array" and (own is None or item.name in own):
                frame[item.name] = frame[item.name].map(list, na_action="ignore")
        frame = self.widen(frame, table) if wide else frame
        if columns is not None:
            for name in columns:
                if name not in frame:
                    raise UnknownNameError(
                        f"column of {table.name}, joined with its parents", name, list(map(str, frame))
                    )
            frame = frame[list(columns)]
        return self._labeled(frame, table, wide) if labels else frame

    def _own(self, table: Table, name: str) -> str:
        """The column of that name; for one of a parent, the answer says how to have it."""
        try:
            return table.field(name).name
        except UnknownNameError:
            for join in joins(self.schema, table):
                if name in join.columns:
                    raise CasebookError(
                        f"{name} is a variable of {join.table.name}, not of {table.name}; with wide=True it is the "
                        f"column {join.columns[name]!r}"
                    ) from None
            raise

    def rows(
        self,
        table: Table,
        *,
        alleged: bool,
        columns: Collection[str] | None = None,
        cases: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """A copy of the rows of a table, alleged ones left out unless asked for.

        Of a table that is not in memory no more is read than is asked for: `columns` and what tells which rows are
        meant, and, where a column names the case, the rows of `cases`. Of one that is, all is copied.
        """
        if table.name in self._frames or (columns is None and cases is None):
            frame = self.read(table.name)
        else:
            frame = self._part(table, columns, cases)
        return (frame if alleged else self._established(table, frame).reset_index(drop=True)).copy(deep=True)

    def _part(self, table: Table, columns: Collection[str] | None, cases: Collection[str] | None) -> pd.DataFrame:
        from casebook.model.rendering import framed

        self.note(table.name)
        telling = {table.primary_key, "case_id", "status", *(table.keys_to(table.within) if table.within else ())}
        names = [c.name for c in table.columns if columns is None or c.name in columns or c.name in telling]
        among = {"case_id": sorted(cases)} if cases is not None and "case_id" in table.by_name else None
        return framed(table, self._arrow(table.name, names, among))

    def cases_of(self, table: Table, frame: pd.DataFrame) -> pd.Series | None:
        """The case of each row of a table; None where they belong to none."""
        if "case_id" in table.by_name:
            return frame["case_id"]
        return None if table.shared or table.built else frame[table.primary_key].str.partition("/")[0]

    def _labeled(self, frame: pd.DataFrame, table: Table, wide: bool) -> pd.DataFrame:
        """Categories by their labels instead of their codes."""
        fields = {item.name: item for item in table.columns}
        for join in joins(self.schema, table) if wide else ():
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
        return self._established(table, self.read(table.name))

    def _established(self, table: Table, frame: pd.DataFrame) -> pd.DataFrame:
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
        from casebook.model.conditions import TABLE as CONDITIONS
        from casebook.releases.memberships import laid_out

        self.note(CONDITIONS)
        self.note(table.name)
        if table.name not in self._layouts:
            self._layouts[table.name] = laid_out(self, table)
        return self._layouts[table.name]

    def widen(self, frame: pd.DataFrame, table: Table) -> pd.DataFrame:
        """Join parents, then their parents."""
        for join in joins(self.schema, table):
            columns = self.read(join.table.name)[list(join.columns)].rename(columns=join.columns)
            frame = frame.merge(columns, on=join.key, how="left", validate="many_to_one")
        return frame

    def shown(self, table: str, row: str, variable: str) -> str:
        """A value as readers see it: label, text, days with what dates leave open, or the reason why it is missing."""
        item = self.schema.table(table).field(variable)
        value = self.cells(table)[row][variable]
        if item.type == "array":
            return "; ".join(value) if value is not None else ""
        if value is None:
            return (self.reasons.get(Cell(table, row, variable)) or "").replace("_", " ")
        said = to_text(value) if item.type == "date" else item.label(value)
        if item.lasts:
            least, most = (self.cells(table)[row][part.name] for part in item.expanded()[1:])
            return said if least == most else f"{said} ({least} to {most})"
        return said

    @cached_property
    def reasons(self) -> dict[Cell, str]:
        """Why cells are empty."""
        self.note("missing")
        names, rows, variables, reasons = self._lists("missing", ["table", "row", "variable", "reason"]).values()
        return dict(zip(map(Cell, names, rows, variables), reasons, strict=True))

    @cached_property
    def statements(self) -> pd.DataFrame:
        """The evidence by cell; see `casebook.model.tables.statements`."""
        return statements(self.frames, self.schema)

    def evidence_of(self, cell: Cell) -> list[dict[str, str]]:
        """The evidence entries of a cell in their order, each without what is missing in it."""
        table = self.schema.table(cell.table)
        found = self._about(cell.table, cell.row, cell.variable)
        if table.parent_evidence and table.within and table.under and table.field(cell.variable).coded:
            above = self.cells(cell.table)[cell.row][table.keys_to(table.within)[0]]
            found += self._about(table.within, above, table.under)
        return found

    def _about(self, table: str, row: str, variable: str) -> list[dict[str, str]]:
        try:
            return self._evidence.about(table, row, variable)
        except ValueError as error:
            raise self._unreadable("evidence", error) from error

    @cached_property
    def _evidence(self) -> Entries:
        self.note("evidence")
        return Entries(
            self._arrow("evidence", [name for name in self.schema.table("evidence").by_name if name in USED])
        )

    def cited_as(self, key: str) -> str:
        """How texts name a source; its key where it is not in the table ``sources``."""
        known = "cited_as" in self.schema.table("sources").by_name
        return str(self.column("sources", "cited_as").get(key, key)) if known else key

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
                f"{self.folder / name} is missing or damaged ({error}); build it, or download or install it again"
            ) from error

    def indexed(self, name: str) -> pd.DataFrame:
        """A table indexed by its primary key, which stays a column."""
        frame = self.read(name)
        if name not in self._indexed:
            self._indexed[name] = by_key(self.schema.table(name), frame)
        return self._indexed[name]

    def cells(self, name: str) -> dict[str, dict[str, Any]]:
        """The cells of a table by row and column, as Python holds them, None where one is empty.

        For what is looked up cell by cell, and for a few rows: pandas is not needed.
        """
        self.note(name)
        if name not in self._cells:
            columns = self._lists(name)
            cells = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
            table = self.schema.table(name)
            keys = [row[table.primary_key] for row in cells]
            check_keys(table, keys)
            self._cells[name] = dict(zip(keys, cells, strict=True))
        return self._cells[name]

    def established_cells(self, table: Table) -> dict[str, dict[str, Any]]:
        """The cells of the rows that are neither alleged nor nested in an alleged row; see `cells`."""
        rows = self.cells(table.name)
        if "status" in table.by_name and "alleged" in table.by_name["status"].values:
            return {key: row for key, row in rows.items() if row["status"] != "alleged"}
        if table.within:
            key, above = table.keys_to(table.within)[0], self.established_cells(self.schema.table(table.within))
            return {name: row for name, row in rows.items() if row[key] in above}
        return rows

    def column(self, name: str, variable: str) -> dict[str, Any]:
        """One column of a table by the identifier of the row; the others are not read."""
        self.note(name)
        if (name, variable) not in self._singles:
            key = self.schema.table(name).primary_key
            lists = self._lists(name, list(dict.fromkeys([key, variable])))
            self._singles[name, variable] = dict(zip(lists[key], lists[variable], strict=True))
        return self._singles[name, variable]

    def keys(self, name: str) -> Collection[str]:
        """Identifiers of the rows of a table."""
        return self.column(name, self.schema.table(name).primary_key).keys()

    def lists(self, name: str) -> Mapping[str, Sequence[Any]]:
        """A table by column, as Python holds the cells, None where one is empty."""
        self.note(name)
        return self._lists(name)

    def _lists(self, name: str, columns: Sequence[str] | None = None) -> dict[str, list[Any]]:
        """A table, or some of its columns, as Python holds the cells."""
        data = self._arrow(name, columns)
        try:
            return {column: data.column(column).to_pylist() for column in data.column_names}
        except (ValueError, OverflowError) as error:
            raise self._unreadable(name, error) from error

    def _unreadable(self, name: str, error: Exception) -> CasebookError:
        return CasebookError(f"the table {name!r} in {self.folder} holds no casebook's values ({error})")

    def case_id(self, name: str) -> str:
        """The case of that identifier or title.

        Raises
        ------
        UnknownNameError
            If there is none; the message names the nearest.
        CasebookError
            If it names a row of another table; the message says of which.
        """
        found, known = self.entitled(str(name)), self.keys("cases")
        if found not in known:
            if tables := self.tables_with(found):
                own = {*known} & {found.partition("/")[0]}
                right = f"; its case is {own.pop()!r}" if own else ""
                raise CasebookError(f"{name!r} is no case but a row of {tables[0].name}{right}")
            raise UnknownNameError("case", name, list(known))
        return found

    def entitled(self, name: str) -> str:
        """The identifier of the case that has this title, in full or short; any other name as it is."""
        if name in self.keys("cases"):
            return name
        titles = [self.column("cases", c) for c in ("title", "short_title") if c in self.schema.table("cases").by_name]
        named = {case for column in titles for case, title in column.items() if _same(title, name)}
        return named.pop() if len(named) == 1 else name

    def called(self, case: str) -> str:
        """What a case is called in few words: its short title, else what names it for readers."""
        root = self.schema.root
        name = "short_title" if "short_title" in root.by_name else root.label_field
        return str(self.cells(root.name)[case][name])

    def tables_with(self, row: str) -> list[Table]:
        """Tables of coded rows that hold a row of that identifier."""
        return [table for table in self.schema.coded if row in self.keys(table.name)]

    def identifiers(self) -> list[str]:
        """Identifiers of all coded rows."""
        return [row for table in self.schema.coded for row in self.cells(table.name)]


class _Frames(Mapping[str, "pd.DataFrame"]):
    def __init__(self, store: Store) -> None:
        self.store = store

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.store.read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.store.schema.tables)

    def __len__(self) -> int:
        return len(self.store.schema.tables)


def _same(title: str | None, name: str) -> bool:
    return title is not None and as_typed(title) == as_typed(name)
