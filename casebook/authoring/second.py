"""Independent codings: the CSV files of second coders, checked against the casebook and added to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casebook._support.files import write_file
from casebook._support.optional import needed
from casebook._support.resources import schema_folder
from casebook.authoring.cases import Coding, Row, read_coding
from casebook.authoring.marked import read_text
from casebook.authoring.schemas import read_schema
from casebook.errors import CasebookError, Mark, Problems, suggestion
from casebook.model.schema import REASONS, Field, Table
from casebook.model.values import parse

COLUMNS = ("coder", "table", "row", "variable", "value")
HELPERS = ("unit", "definition", "allowed")
PUBLISHED = "casebook"

Cells = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Entry:
    """One value given by one coder."""

    mark: Mark
    coder: str
    table: str
    row: str
    variable: str
    value: str

    @property
    def values(self) -> dict[str, Any]:
        """The row of the table ``codings``."""
        cells = {name: getattr(self, name) for name in COLUMNS}
        return {"coding_id": f"{self.coder}/{self.table}/{self.row}#{self.variable}", **cells}


def read_codings(folder: Path, coding: Coding, problems: Problems) -> list[Entry]:
    """Read the independent codings of a casebook folder.

    Parameters
    ----------
    folder : Path
        Casebook folder; the CSV files in its folder ``codings`` are read.
    coding : Coding
        The rows of the casebook, to which every coding must refer.
    problems : Problems
        Receives everything wrong with the files.

    Returns
    -------
    list of Entry
        One entry per coder, row and variable, in the order of the files; empty if there is no such folder.
    """
    if "codings" not in coding.schema.tables:
        return []
    return list(_read_folder(folder / "codings", _Reader(coding, problems)))


def _read_folder(codings: Path, reader: _Reader) -> Iterator[Entry]:
    for path in sorted(codings.iterdir()) if codings.is_dir() else []:
        if path.suffix == ".csv" and path.is_file():
            yield from reader.file(path)
        elif not path.name.startswith("."):
            reader.problems.add(
                Mark(str(path), 1), "codings", "not a CSV file; add it with 'casebook codings add', or move it"
            )


def add_codings(folder: Path, path: Path) -> tuple[Path, int]:
    """Add a coder's file to a casebook.

    Parameters
    ----------
    folder : Path
        Casebook folder.
    path : Path
        The coder's file, CSV or an Excel workbook (``.xlsx``, first sheet): the columns coder, table, row, variable
        and value in any order; those that a blank sheet has besides are left out.

    Returns
    -------
    path : Path
        ``codings/<coder>.csv`` in the casebook folder, written anew or extended.
    count : int
        Number of codings added.

    Raises
    ------
    InvalidCasebookError
        With every problem of the file and of the casebook found in one run; nothing is written.
    CasebookError
        If the file lies among the codings already, holds several coders, or cannot be written.
    """
    codings = folder / "codings"
    if path.resolve().parent == codings.resolve():
        raise CasebookError(f"{path} lies among the codings already; 'casebook build' reads it")
    if not folder.is_dir():
        raise CasebookError(f"there is no folder {str(folder)!r}; name the folder that holds casebook.yaml")
    problems = Problems()
    coding = read_coding(folder, read_schema(schema_folder(folder)), problems)
    problems.raise_if_any()
    reader = _Reader(coding, problems)
    held = list(_read_folder(codings, reader))
    added = list(reader.file(path, (*COLUMNS, *HELPERS)))
    problems.raise_if_any()
    coders = sorted({entry.coder for entry in added})
    if len(coders) > 1:
        raise CasebookError(f"{path} holds codings by {', '.join(coders)}; give each coder a file of their own")
    target = codings / f"{coders[0]}.csv"
    _replace(target, [*(entry for entry in held if entry.mark.file == str(target)), *added])
    return target, len(added)


def _replace(target: Path, entries: Iterable[Entry]) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(entry, name) for name in COLUMNS] for entry in entries)
    write_file(target, stream.getvalue().encode())


@dataclass
class _Reader:
    """Checks files one after the other; what stands in one may not stand in another."""

    coding: Coding
    problems: Problems
    seen: dict[tuple[str, ...], Mark] = field(default_factory=dict)
    coders: dict[str, tuple[str, Mark]] = field(default_factory=dict)

    def file(self, path: Path, columns: tuple[str, ...] = COLUMNS) -> Iterator[Entry]:
        cells = _workbook(path, self.problems) if path.suffix == ".xlsx" else _csv(path, self.problems)
        if cells is None or not (header := self.header(path, cells, columns)):
            return
        for line, row in cells[1:]:
            mark = Mark(str(path), line)
            if len(row) != len(header):
                self.problems.add(
                    mark,
                    "codings",
                    f"has {len(row)} cells where the first line has {len(header)}; quote a value that holds a comma",
                )
                continue
            entry = self.entry(mark, dict(zip(header, row, strict=True)))
            if entry is not None:
                yield entry

    def header(self, path: Path, cells: Cells, columns: tuple[str, ...]) -> list[str]:
        """Names of the columns; empty where they are not as they should be."""
        expected = f"the first line is {','.join(COLUMNS)}"
        if not cells:
            self.problems.add(Mark(str(path), 1), "codings", f"the file is empty; {expected}, then one line per value")
            return []
        mark, header = Mark(str(path), cells[0][0]), cells[0][1]
        before = len(self.problems.found)
        if len(header) == 1 and any(sign in header[0] for sign in ";\t"):
            self.problems.add(mark, "codings", "the cells are not separated by commas; save it as CSV with commas")
            return []
        for number, name in enumerate(header):
            if name not in columns:
                self.problems.add(mark, "codings", f"unknown column {name!r}{suggestion(name, columns)}; {expected}")
            elif name in header[:number]:
                self.problems.add(mark, f"codings.{name}", "the column stands twice; keep one")
        for name in COLUMNS:
            if name not in header:
                self.problems.add(mark, f"codings.{name}", f"the column is not there; {expected}")
        if len(cells) == 1:
            self.problems.add(mark, "codings", "the file has no line after the first; add one per value, or delete it")
        return header if len(self.problems.found) == before else []

    def entry(self, mark: Mark, cells: dict[str, str]) -> Entry | None:
        before = len(self.problems.found)
        for name in COLUMNS:
            if not cells[name]:
                hint = ", unknown, not_applicable or withheld; delete the line if it was not coded"
                self.problems.add(
                    mark, f"codings.{name}", f"is blank; write the {name}{hint if name == 'value' else ''}"
                )
        if cells["coder"]:
            self.coder(mark, cells["coder"])
        found = self.unit(mark, cells) if cells["table"] else None
        value = self.value(mark, *found, cells["value"]) if found and cells["value"] else None
        if value is None or len(self.problems.found) > before:
            return None
        key = tuple(cells[name] for name in COLUMNS[:-1])
        if key in self.seen:
            self.problems.add(
                mark, "codings.row", f"{key[0]} coded {key[3]} of {key[2]!r} already at {self.seen[key]}; keep one"
            )
            return None
        self.seen[key] = mark
        return Entry(mark, cells["coder"], cells["table"], cells["row"], cells["variable"], value)

    def coder(self, mark: Mark, coder: str) -> None:
        if coder.casefold() == PUBLISHED:
            self.problems.add(
                mark,
                "codings.coder",
                f"{coder!r} is the published coding, which is taken from the tables; give the coder another name",
            )
            return
        try:
            parse(self.coding.schema.tables["codings"].field("coder"), coder)
        except ValueError as error:
            self.problems.add(mark, "codings.coder", f"{error}; use letters without accents, digits, '.', '_' and '-'")
            return
        spelling, first = self.coders.setdefault(coder.casefold(), (coder, mark))
        if spelling != coder:
            self.problems.add(
                mark, "codings.coder", f"{coder!r} is written {spelling!r} at {first}; spell a coder's name one way"
            )

    def unit(self, mark: Mark, cells: dict[str, str]) -> tuple[Row, Field] | None:
        """The row and the variable that a line is about."""
        names = [table.name for table in self.coding.schema if table.comparable]
        if cells["table"] not in names:
            self.problems.add(
                mark,
                "codings.table",
                f"there is no table {cells['table']!r} with coded variables{suggestion(cells['table'], names)}",
            )
            return None
        table = self.coding.schema.tables[cells["table"]]
        rows = self.coding.rows[table.name]
        if cells["row"] and cells["row"] not in rows and table.name not in self.coding.unreadable:
            self.problems.add(
                mark,
                "codings.row",
                f"there is no row {cells['row']!r} in {table.name}{_nearest(cells['row'], rows)}",
            )
        item = next((item for item in table.comparable if item.name == cells["variable"]), None)
        if cells["variable"] and item is None:
            self.problems.add(mark, "codings.variable", _not_comparable(table, cells["variable"]))
        return (rows[cells["row"]], item) if cells["row"] in rows and item else None

    def value(self, mark: Mark, row: Row, item: Field, text: str) -> str | None:
        where = "codings.value"
        if text in REASONS:
            if item.required:
                self.problems.add(mark, where, f"{item.name} cannot be missing{suggestion(text, item.values)}")
                return None
            return text
        key = row.table.reference(item.name)
        if key is not None:
            rows = self.coding.rows[key.table]
            shared = self.coding.schema.tables[key.table].shared
            choices = [name for name, other in rows.items() if shared or other.case == row.case]
            text = text if text in choices or f"{row.case}/{text}" not in choices else f"{row.case}/{text}"
            if text not in choices and key.table not in self.coding.unreadable:
                self.problems.add(
                    mark, where, f"{text!r} is not in the table {key.table}{suggestion(text, [*choices, *REASONS])}"
                )
                return None
            return text
        try:
            value = parse(item, text)[item.name]
        except ValueError as error:
            self.problems.add(mark, where, f"{item.name}: {error}")
            return None
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)


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


def _csv(path: Path, problems: Problems) -> Cells | None:
    """Cells of a CSV file with the line on which each row begins; blank rows are left out."""
    text = read_text(path, problems)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    cells, line = [], 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                cells.append((line, [cell.strip() for cell in row]))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.add(Mark(str(path), line), "codings", f"not a CSV file ({error}); check the quotes from here on")
        return None
    return cells


def _workbook(path: Path, problems: Problems) -> Cells | None:
    """Cells of the first sheet of an Excel workbook with the number of their row."""
    openpyxl = needed("openpyxl", "a workbook (unlike a .csv file)", "agreement")
    try:
        sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    except Exception as error:
        problems.add(Mark(str(path), 1), "file", f"cannot be read as an Excel workbook: {error}")
        return None
    cells: Cells = []
    for row in sheet.iter_rows():
        texts = []
        for cell in row:
            if cell.is_date:
                problems.add(
                    Mark(str(path), cell.row),
                    "codings.value",
                    f"the spreadsheet took {cell.coordinate} for a date; format the cell as text and write it in EDTF",
                )
            texts.append(_text(cell.value))
        if any(texts):
            cells.append((row[0].row, texts))
    return cells


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()
