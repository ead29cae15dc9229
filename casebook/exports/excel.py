"""Excel: one workbook, a sheet for every table, with the codebook as sheets of their own.

Choices:

- Text is written as text cells, never as formulas, whatever it begins with; such cells carry Excel's quote prefix,
  so that they stay text when somebody edits them. Readers get the text unchanged.
- Excel holds no day before March 1900 correctly. A date column with an earlier day is written as text YYYY-MM-DD.
- A cell holds at most 32,767 characters and no control characters; a longer or stranger text stops the export
  instead of being cut. Lists are JSON text. Empty cells are missing; the sheet ``missing`` says why.
- First come the sheets ``about``, ``codebook`` and ``categories``, then the tables.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook._support.optional import needed
from casebook.errors import CasebookError
from casebook.exports.cells import categories, codebook, columns, flat
from casebook.model.schema import Table

if TYPE_CHECKING:
    import pandas as pd

    from casebook.book import Casebook

MAX_CHARACTERS, MAX_ROWS, MAX_SHEET_NAME, WIDTH = 32_767, 1_048_576, 31, 20
FIRST_DAY = dt.date(1900, 3, 1)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NUMBERED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""The sign before what Excel would take for the number of a character, as in ``_x0041_``; it is to read the sign."""
_MISREAD = tuple("=+-@#'")


def write_excel(book: Casebook, path: Path) -> None:
    """Write an Excel workbook.

    Raises
    ------
    CasebookError
        If a name, a text or a table is larger than Excel allows.
    """
    openpyxl = needed("openpyxl", "the format excel", "export")
    sheets = {
        name: [
            tuple(frame.columns),
            *frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None),
        ]
        for name, frame in (("about", _about(book)), ("codebook", codebook(book)), ("categories", categories(book)))
    }
    for table in book.schema:
        taken = [*sheets, "history"]
        if len(table.name) > MAX_SHEET_NAME or table.name.lower() in taken:
            raise CasebookError(
                f"excel: a sheet cannot be named {table.name!r}; Excel allows {MAX_SHEET_NAME} characters, and "
                f"{', '.join(taken)} are taken"
            )
        sheets[table.name] = _rows(book, table)
    for name, rows in sheets.items():
        _refuse(name, rows)
    workbook = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{openpyxl.utils.get_column_letter(len(rows[0]))}{len(rows)}"
        for number in range(1, len(rows[0]) + 1):
            sheet.column_dimensions[openpyxl.utils.get_column_letter(number)].width = WIDTH
        for number, row in enumerate(rows):
            sheet.append([_cell(sheet, value, heading=number == 0) for value in row])
    workbook.properties.title = book.metadata.title
    workbook.properties.creator = "; ".join(author.shown for author in book.metadata.authors)
    workbook.save(path)


def _about(book: Casebook) -> pd.DataFrame:
    import pandas as pd

    about = book.metadata
    facts = {
        "title": about.title,
        "version": about.version,
        "released": about.released.isoformat() if about.released else None,
        "description": " ".join(about.description.split()),
        "license": about.license,
        "homepage": about.homepage,
        "doi": about.doi,
        "content digest": f"sha256:{book.digest}",
        "cite as": str(book.cite()),
        "empty cells": "missing values; the sheet missing says why, where the codebook asks for a reason",
        "status": "rows that are alleged are in the sheets; the package leaves them out unless asked for them",
    }
    return pd.DataFrame(facts.items(), columns=["property", "value"], dtype="str")


def _rows(book: Casebook, table: Table) -> list[tuple[Any, ...]]:
    cells = columns(book, table)
    for item in table.columns:
        days = [value for value in cells[item.name] if value is not None]
        if item.type == "array" or (item.type == "date" and any(day < FIRST_DAY for day in days)):
            cells[item.name] = [flat(value) for value in cells[item.name]]
    return [tuple(cells), *zip(*cells.values(), strict=True)]


def _refuse(sheet: str, rows: list[tuple[Any, ...]]) -> None:
    """Stop at what Excel cannot hold, which openpyxl would cut or only find halfway."""
    if len(rows) > MAX_ROWS:
        raise CasebookError(f"excel: sheet {sheet} has more rows than Excel can hold ({MAX_ROWS - 1})")
    for text in (value for row in rows for value in row if isinstance(value, str)):
        problem = "of more than 32,767 characters" if len(text) > MAX_CHARACTERS else "with control characters"
        if len(text) > MAX_CHARACTERS or _CONTROL.search(text):
            raise CasebookError(
                f"excel: sheet {sheet} has a text {problem}, which Excel cannot hold: {text[:40]!r} …; "
                "export to another format"
            )


def _cell(sheet: Any, value: Any, heading: bool) -> Any:
    """The value itself where openpyxl writes it as it is, or else a cell that says how."""
    if isinstance(value, str):
        value = _NUMBERED.sub("_x005F_", value)
    misread = isinstance(value, str) and value[:1] in _MISREAD
    if not (heading or misread or isinstance(value, dt.date)):
        return value
    cell = needed("openpyxl.cell", "the format excel", "export").WriteOnlyCell(sheet, value)
    if isinstance(value, dt.date):
        cell.number_format = "yyyy-mm-dd"
    else:
        cell.data_type = "s"
        cell.font = needed("openpyxl.styles", "the format excel", "export").Font(bold=heading)
        cell.quotePrefix = misread
    return cell
