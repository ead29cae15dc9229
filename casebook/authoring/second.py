"""Independent codings: the files of second coders, checked against the casebook and added to it.

Beside each value the coder may give the reason for it, a confidence and the source. A value that names an actor, a
party or another row that the casebook does not have is an answer like any other: it is kept, and marked as unlisted.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casebook._support.files import write_file
from casebook._support.resources import schema_folder
from casebook.authoring.cases import read_coding
from casebook.authoring.marked import listed
from casebook.authoring.schemas import read_schema
from casebook.authoring.spreadsheet import WORKBOOKS, Content, Refused, Rows, read_rows
from casebook.errors import CasebookError, Mark, Problems, suggestion
from casebook.model.cells import case_of
from casebook.model.coders import PUBLISHED, Coder
from casebook.model.integrity import Keys
from casebook.model.metadata import Metadata
from casebook.model.schema import REASONS, Field, Schema, Table
from casebook.model.texts import could_run, names_device, unsafe
from casebook.model.values import misspelt_reason, parse, to_text

COLUMNS = ("coder", "table", "row", "variable", "value")
REMARKS = ("reason", "confidence", "source")
DECISIONS = ("decision", "decision_reason")
"""What became of a value, written beside it when codings are compared."""
HELPERS = ("unit", "definition", "allowed")


@dataclass(frozen=True)
class Entry:
    """One value given by one coder."""

    mark: Mark
    coder: str
    table: str
    row: str
    variable: str
    value: str
    unlisted: bool = False
    reason: str | None = None
    confidence: str | None = None
    source: str | None = None
    decision: str | None = None
    decision_reason: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The row of the table ``codings``."""
        cells = {name: getattr(self, name) for name in (*COLUMNS, *REMARKS, *DECISIONS, "unlisted")}
        return {"coding_id": f"{self.coder}/{self.table}/{self.row}#{self.variable}", **cells}


@dataclass(frozen=True)
class Added:
    """What `add_codings` did.

    Attributes
    ----------
    path : Path
        ``codings/<coder>.csv`` in the casebook folder, written anew or extended.
    entries : list of Entry
        The codings added.
    blank : int
        Number of lines whose value the coder left blank; they were passed over.
    """

    path: Path
    entries: list[Entry]
    blank: int

    @property
    def unlisted(self) -> list[Entry]:
        """Those that name a row which the casebook does not have."""
        return [entry for entry in self.entries if entry.unlisted]


def read_codings(
    folder: Path, schema: Schema, keys: Keys, problems: Problems, unreadable: Collection[str] = ()
) -> list[Entry]:
    """Read the independent codings of a casebook folder.

    Parameters
    ----------
    folder : Path
        Casebook folder; the CSV files in its folder ``codings`` are read.
    schema : Schema
        The tables.
    keys : mapping
        Identifiers of the rows of the casebook by table, to which every coding must refer.
    problems : Problems
        Receives everything wrong with the files.
    unreadable : collection of str, optional
        Tables of which something could not be read, so that rows may be missing among `keys`.

    Returns
    -------
    list of Entry
        One entry per coder, row and variable, in the order of the files; empty if there is no such folder.
    """
    if "codings" not in schema.tables:
        return []
    return list(_read_folder(folder / "codings", _Reader(schema, keys, problems, unreadable)))


def _read_folder(codings: Path, reader: _Reader) -> Iterator[Entry]:
    if codings.exists() and not codings.is_dir():
        reader.problems.add(Mark(str(codings), 1), "codings", "a file where a folder of CSV files is meant; rename it")
        return
    for path in listed(codings, reader.problems) if codings.exists() else []:
        if path.suffix.lower() == ".csv" and not path.is_dir():
            yield from reader.file(path)
        else:
            reader.problems.add(
                Mark(str(path), 1), "codings", "not a CSV file; add it with 'casebook codings add', or move it"
            )


def coders_of(metadata: Metadata, counts: Counter[str]) -> Iterator[dict[str, Any]]:
    """Rows of the table ``coders``: those recorded in ``casebook.yaml``, and others who gave so many codings."""
    recorded = {coder.name: coder for coder in metadata.coders}
    for name in dict.fromkeys([*recorded, *([PUBLISHED] if counts else []), *counts]):
        yield {"coder_id": name, **recorded.get(name, Coder(name)).to_dict(), "coding_count": counts[name]}


def add_codings(folder: Path, path: Path) -> Added:
    """Add a coder's file to a casebook.

    Parameters
    ----------
    folder : Path
        Casebook folder.
    path : Path
        The coder's file, CSV or an Excel workbook (see `casebook.authoring.spreadsheet`): the columns coder, table,
        row, variable and value in any order, and reason, confidence and source where they are given; what a blank
        sheet has besides is left out. Lines without a value are passed over.

    Returns
    -------
    Added
        Where the codings are now, and what was added.

    Raises
    ------
    InvalidCasebookError
        With every problem of the file and of the casebook found in one run; nothing is written.
    CasebookError
        If the file lies among the codings already, holds several coders or no value, or cannot be written.
    """
    codings = folder / "codings"
    if path.resolve().parent == codings.resolve():
        raise CasebookError(f"{path} lies among the codings already; 'casebook build' reads it")
    if not folder.is_dir():
        raise CasebookError(f"there is no folder {str(folder)!r}; name the folder that holds casebook.yaml")
    problems = Problems()
    schema = read_schema(schema_folder(folder))
    keys = read_coding(folder, schema, problems).rows
    problems.raise_if_any()
    reader = _Reader(schema, keys, problems)
    held = list(_read_folder(codings, reader))
    added = list(reader.file(path, coders_own=True))
    problems.raise_if_any()
    if not added:
        raise CasebookError(f"{path} has no value yet; fill the column value, in as many lines as you like")
    coders = sorted({entry.coder for entry in added})
    if len(coders) > 1:
        raise CasebookError(f"{path} holds codings by {', '.join(coders)}; give each coder a file of their own")
    target = codings / f"{coders[0]}.csv"
    _replace(target, [*(entry for entry in held if Path(entry.mark.file) == target), *added])
    return Added(target, added, reader.blank)


def _replace(target: Path, entries: list[Entry]) -> None:
    names = [*COLUMNS, *(name for name in (*REMARKS, *DECISIONS) if any(getattr(entry, name) for entry in entries))]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([getattr(entry, name) for name in names] for entry in entries)
    write_file(target, stream.getvalue().encode())


@dataclass
class _Reader:
    """Checks files one after the other; what stands in one may not stand in another."""

    schema: Schema
    keys: Keys
    problems: Problems
    unreadable: Collection[str] = ()
    seen: dict[tuple[str, ...], Mark] = field(default_factory=dict)
    coders: dict[str, tuple[str, Mark]] = field(default_factory=dict)
    blank: int = 0

    def file(self, path: Path, coders_own: bool = False) -> Iterator[Entry]:
        """Codings of one file; one that comes from the coder may have the columns of a blank sheet and blank values."""
        rows = read_rows(path, self.problems)
        if rows is None or not (header := self.header(path, rows, HELPERS if coders_own else ())):
            return
        hint = "; of merged cells only the first holds the text" if path.suffix.lower() in WORKBOOKS else ""
        for line, row in rows[1:]:
            mark = Mark(str(path), line)
            if len(row) != len(header):
                message = f"has {len(row)} cells where the first line has {len(header)}"
                self.problems.add(mark, "codings", f"{message}; quote a value that holds the separator")
                continue
            cells = self.cells(mark, dict(zip(header, row, strict=True)))
            if cells is None:
                continue
            if coders_own and not any(cells[name] for name in ("value", *REMARKS)):
                self.blank += 1
            elif (entry := self.entry(mark, cells, hint)) is not None:
                yield entry

    def header(self, path: Path, rows: Rows, helpers: tuple[str, ...]) -> list[str]:
        """Names of the columns; empty where they are not as they should be."""
        expected = f"the first line is {','.join(COLUMNS)}"
        if not rows:
            self.problems.add(Mark(str(path), 1), "codings", f"the file is empty; {expected}, then one line per value")
            return []
        mark, names = Mark(str(path), rows[0][0]), [cell if isinstance(cell, str) else "" for cell in rows[0][1]]
        allowed = (*COLUMNS, *REMARKS, *DECISIONS, *helpers)
        here = self.problems.watch()
        for number, name in enumerate(names):
            if not name:
                line = next(line for line, cells in rows if number < len(cells) and cells[number])
                message = f"column {number + 1} has no name but something in it; name it or empty it"
                self.problems.add(Mark(str(path), line), "codings", message)
            elif name not in allowed:
                self.problems.add(mark, "codings", f"unknown column {name!r}{suggestion(name, allowed)}; {expected}")
            elif name in names[:number]:
                self.problems.add(mark, f"codings.{name}", "the column stands twice; keep one")
        for name in COLUMNS:
            if name not in names:
                self.problems.add(mark, f"codings.{name}", f"the column is not there; {expected}")
        if len(rows) == 1:
            self.problems.add(mark, "codings", "the file has no line after the first; add one per value, or delete it")
        return [] if here.failed else names

    def cells(self, mark: Mark, given: dict[str, Content]) -> dict[str, str] | None:
        """The cells of a line as texts; nothing where one that is kept cannot be."""
        here = self.problems.watch()
        cells = dict.fromkeys((*COLUMNS, *REMARKS, *DECISIONS), "")
        for name, cell in given.items():
            if name not in cells:
                continue
            message = cell.message if isinstance(cell, Refused) else unsafe(cell)
            if message is None and isinstance(cell, str) and could_run(cell):
                message = f"begins with {cell[:12]!r}, which spreadsheets may run as a formula; begin with a word"
            if message is not None:
                self.problems.add(mark, f"codings.{name}", message)
            elif isinstance(cell, str):
                cells[name] = cell
        return None if here.failed else cells

    def entry(self, mark: Mark, cells: dict[str, str], hint: str) -> Entry | None:
        here = self.problems.watch()
        for name in COLUMNS:
            if not cells[name]:
                meant = ", unknown, not_applicable or withheld; delete the line if it was not coded"
                advice = meant if name == "value" else hint
                self.problems.add(mark, f"codings.{name}", f"is blank; write the {name}{advice}")
        if cells["coder"]:
            self.coder(mark, cells["coder"])
        for name in ("confidence", "decision"):
            if cells[name]:
                self.choice(mark, name, cells[name])
        found = self.unit(mark, cells) if cells["table"] else None
        value = self.value(mark, *found, cells["value"]) if found and cells["value"] else None
        if value is None or here.failed:
            return None
        coder, table, row, variable = key = tuple(cells[name] for name in COLUMNS[:-1])
        if key in self.seen:
            message = f"{coder} coded {variable} of {row!r} already at {self.seen[key]}; keep one"
            self.problems.add(mark, "codings.row", message)
            return None
        self.seen[key] = mark
        remarks: dict[str, Any] = {name: cells[name] or None for name in (*REMARKS, *DECISIONS)}
        return Entry(mark, coder, table, row, variable, *value, **remarks)

    def choice(self, mark: Mark, name: str, text: str) -> None:
        allowed = self.schema.tables["codings"].field(name).values
        if text not in allowed:
            message = f"unknown {name} {text!r}{suggestion(text, allowed)}"
            self.problems.add(mark, f"codings.{name}", message)

    def coder(self, mark: Mark, coder: str) -> None:
        if coder.casefold() == PUBLISHED:
            self.problems.add(
                mark,
                "codings.coder",
                f"{coder!r} is the published coding, which is taken from the tables; give the coder another name",
            )
            return
        try:
            parse(self.schema.tables["codings"].field("coder"), coder)
        except ValueError as error:
            self.problems.add(mark, "codings.coder", f"{error}; use letters without accents, digits, '.', '_' and '-'")
            return
        if names_device(coder):
            message = f"{coder!r} cannot be the name of a file on Windows; give the coder another name"
            self.problems.add(mark, "codings.coder", message)
            return
        spelling, first = self.coders.setdefault(coder.casefold(), (coder, mark))
        if spelling != coder:
            self.problems.add(
                mark, "codings.coder", f"{coder!r} is written {spelling!r} at {first}; spell a coder's name one way"
            )

    def unit(self, mark: Mark, cells: dict[str, str]) -> tuple[Table, str, Field] | None:
        """The table, row and variable that a line is about."""
        names = [table.name for table in self.schema if table.comparable]
        if cells["table"] not in names:
            message = f"there is no table {cells['table']!r} with coded variables{suggestion(cells['table'], names)}"
            self.problems.add(mark, "codings.table", message)
            return None
        table = self.schema.tables[cells["table"]]
        here = self.problems.watch()
        known = not cells["row"] or table.name in self.unreadable or self.offered(table, cells["row"])
        if not known:
            rows = self.keys[table.name]
            message = f"there is no row {cells['row']!r} in {table.name}{_nearest(cells['row'], rows)}"
            self.problems.add(mark, "codings.row", message)
        item = next((item for item in table.comparable if item.name == cells["variable"]), None)
        if cells["variable"] and item is None:
            self.problems.add(mark, "codings.variable", _not_comparable(table, cells["variable"]))
        return None if here.failed or item is None or not cells["row"] else (table, cells["row"], item)

    def offered(self, table: Table, row: str) -> bool:
        """Whether a row exists, or would if its parent were coded on everything, as a blank sheet asks."""
        if row in self.keys[table.name]:
            return True
        parent, _, name = row.rpartition("/")
        return table.complete is not None and parent in self.keys[table.complete.each] and name in table.offered

    def value(self, mark: Mark, table: Table, row: str, item: Field, text: str) -> tuple[str, bool] | None:
        """The value as it is kept, and whether it names a row that the casebook does not have."""
        where = "codings.value"
        if text in REASONS:
            if item.required:
                self.problems.add(mark, where, f"{item.name} cannot be missing{suggestion(text, item.values)}")
                return None
            return text, False
        if reason := misspelt_reason(text):
            self.problems.add(mark, where, f"{item.name}: {text!r} is no value; write {reason} if that is meant")
            return None
        if key := table.reference(item.name):
            rows, case = self.keys[key.table], case_of(row)
            own = text in rows and (self.schema.tables[key.table].shared or case_of(text) == case)
            if not own and (whole := f"{case}/{text}") in rows:
                return whole, False
            return text, not own and key.table not in self.unreadable
        try:
            return to_text(parse(item, text)[item.name]), False
        except ValueError as error:
            self.problems.add(mark, where, f"{item.name}: {error}")
            return None


def _nearest(name: str, rows: Iterable[str]) -> str:
    """The row meant, where only the spelling differs or the case was left out; else the nearest."""
    rows = list(rows)
    same = [row for row in rows if row.casefold() == name.casefold() or row.endswith(f"/{name}")]
    return f"; write {same[0]!r}" if len(same) == 1 else suggestion(name, rows)


def _not_comparable(table: Table, name: str) -> str:
    names = [item.name for item in table.comparable]
    item = table.by_name.get(name)
    if item is None:
        return f"there is no variable {name!r} in {table.name}{suggestion(name, names)}"
    if item.derived or item.generated_from:
        why = "is computed, not coded"
    elif name in (table.primary_key, *table.id):
        why = "names the row and is given to the coder"
    elif item.coded:
        why = "is free text, on which agreement is not measured"
    else:
        why = "is not a coded variable"
    return f"{name} {why}{suggestion(name, names)}"
