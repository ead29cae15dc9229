"""Cells of what spreadsheet programs save: CSV in their several dialects, and Excel workbooks.

A CSV file may be separated by commas, semicolons or tabs (its first line shows by what), and be UTF-8 or UTF-16 with a
byte order mark, which is what Excel calls Unicode text. Other encodings do not say which they are and are refused. Of
a workbook the sheet ``Coding`` is read, or else the only one. Columns without a name and content are left out, as are
blank rows.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook._support.optional import needed
from casebook.authoring.marked import read_bytes, read_text
from casebook.errors import Mark, Problems

WORKBOOKS = (".xlsx", ".xlsm")
MAX_CELLS, MAX_ROW, MAX_UNPACKED = 1_000_000, 1_048_576, 100_000_000
_OTHERS = (".xls", ".xlsb", ".ods", ".numbers")


@dataclass(frozen=True)
class Refused:
    """A cell that cannot be taken as a text; `message` says why and what would be right."""

    message: str


Content = str | Refused
Rows = list[tuple[int, list[Content]]]


def read_rows(path: Path, problems: Problems) -> Rows | None:
    """Rows of a CSV file or workbook with the line on which each begins.

    Parameters
    ----------
    path : Path
        The file; its ending, in capitals or not, says whether it is a workbook.
    problems : Problems
        Receives what is wrong with the file as a whole.

    Returns
    -------
    list of (int, list of str or Refused), or None
        The first row is the header, as long as every other of a workbook; None where the file cannot be read.
    """
    ending = path.suffix.lower()
    if ending in _OTHERS:
        problems.add(Mark(str(path), 1), "file", f"cannot read {ending} files; save it as .xlsx, or as .csv in UTF-8")
        return None
    rows = _workbook(path, problems) if ending in WORKBOOKS else _csv(path, problems)
    return _tidy(rows) if rows else rows


def _tidy(rows: Rows) -> Rows:
    """Leave out blank cells behind the last column, and columns without name and content."""
    header = rows[0][1]
    nameless = [place for place, name in enumerate(header) if not name]
    empty = {place for place in nameless if not any(cells[place] for _, cells in rows if place < len(cells))}
    tidy = []
    for line, row in rows:
        cells = list(row)
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        tidy.append((line, [cell for place, cell in enumerate(cells) if place not in empty]))
    return tidy


def _csv(path: Path, problems: Problems) -> Rows | None:
    text = _decoded(path, problems)
    if text is None:
        return None
    start = text.split("\n", 1)[0].rstrip("\r").casefold()
    skipped = 1 if start.startswith("sep=") and len(start) == 5 else 0
    body = text.split("\n", 1)[-1] if skipped else text
    reader = csv.reader(io.StringIO(body, newline=""), strict=True, delimiter=_separator(body))
    rows: Rows = []
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((line + skipped, [cell.strip() for cell in row]))
            line = reader.line_num + 1
    except csv.Error as error:
        message = f"not a CSV file ({error}); check the quotes from here on"
        problems.add(Mark(str(path), line + skipped), "codings", message)
        return None
    return rows


def _decoded(path: Path, problems: Problems) -> str | None:
    raw = read_bytes(path, problems)
    if raw is None:
        return None
    mark = Mark(str(path), 1)
    if raw.startswith(b"PK\x03\x04"):
        problems.add(mark, "file", "is a workbook, not a CSV file; name it .xlsx")
        return None
    marks = (codecs.BOM_UTF32_LE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    found = next((mark for mark in marks if raw.startswith(mark)), b"")
    if len(found) != 2 and b"\0" in raw[:40]:
        problems.add(mark, "file", "neither UTF-8 nor UTF-16 with its mark; save the file in the encoding UTF-8")
        return None
    if not found:
        return read_text(path, problems)
    try:
        return raw.decode("utf-16").replace("\r\n", "\n")
    except UnicodeDecodeError:
        problems.add(mark, "file", "not UTF-16 text to its end; save the file in the encoding UTF-8")
        return None


def _separator(text: str) -> str:
    """The sign that separates the names in the first line that is not blank."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _workbook(path: Path, problems: Problems) -> Rows | None:
    openpyxl = needed("openpyxl", "a workbook (unlike a .csv file)", "agreement")
    mark = Mark(str(path), 1)
    raw = read_bytes(path, problems)
    if raw is None:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_UNPACKED:
            problems.add(mark, "file", f"unpacks to {unpacked} bytes; copy the rows that are coded into a new workbook")
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = openpyxl.load_workbook(io.BytesIO(raw), read_only=True)
            sheets = workbook.worksheets
            named = [sheet for sheet in sheets if sheet.title.strip().casefold() == "coding"]
            if len(sheets) > 1 and not named:
                names = ", ".join(sheet.title for sheet in sheets)
                problems.add(mark, "file", f"has several sheets ({names}); name the one to be read Coding")
                return None
            sheet = (named or sheets)[0]
            sheet.reset_dimensions()
            return list(_filled(sheet.iter_rows()))
    except _TooLargeError:
        message = "the sheet is too large to be a coder's; copy the rows that are coded into a new workbook"
        problems.add(mark, "file", message)
    except Exception as error:
        problems.add(mark, "file", f"cannot be read as an Excel workbook: {error}")
    return None


class _TooLargeError(Exception):
    pass


def _filled(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, list[Content]]]:
    """The rows that are not blank; as many cells as the widest has, up to a number that no sheet needs."""
    seen, width = 0, 0
    found: Rows = []
    for line, row in enumerate(rows, 1):
        seen += len(row)
        if seen > MAX_CELLS or line > MAX_ROW:
            raise _TooLargeError
        cells = [_content(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            width = max(width, len(cells))
            found.append((line, cells))
            if width * len(found) > MAX_CELLS:
                raise _TooLargeError
    for line, cells in found:
        yield line, cells + [""] * (width - len(cells))


def _content(cell: Any) -> Content:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Refused(f"{cell.coordinate} holds a formula; write its result as text")
    if cell.data_type == "e":
        return Refused(f"{cell.coordinate} holds the error {value}; write the value as text")
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        message = f"the spreadsheet took {cell.coordinate} for a date; format the cell as text and write it in EDTF"
        return Refused(message)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _unescape(str(value)).replace("\r\n", "\n").strip()


def _unescape(text: str) -> str:
    """Characters that XML cannot hold stand in workbooks as their numbers: a line end of Windows as ``_x000D_``."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
