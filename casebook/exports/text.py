"""Text: a CSV data package with its Frictionless descriptor, and JSON Lines.

Choices:

- CSV is UTF-8 without byte order mark, comma, double quote, line feed. A missing value is an empty cell; the table
  ``missing`` says why. Lists are JSON text, which is how Frictionless writes its type ``array``. The script ``read.R``
  beside the files reads them in base R with types, categories in codebook order, and labels.
- *Formula injection.* Spreadsheets run a cell of a CSV file that begins with ``=``, ``+``, ``-`` or ``@``, quoted or
  not. Every known guard changes the text (an apostrophe or a space before it), so that programs would read back
  another value. Casebook therefore refuses: a text that a spreadsheet could run as a formula stops the export with
  its table, row and variable, and nothing is written. Texts of digits and date signs alone (``-0044-03-15``) can
  only be computed, run nothing, and pass. Reword the text, or use another format: all others keep it as it is. The
  promise holds for spreadsheets that split at the comma; one told to split at another character sees other cells.
- JSON Lines has one object per row with every key; a missing value is ``null``, lists are lists, dates are text.
"""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook.errors import CasebookError
from casebook.exports.cells import columns, flat, rows
from casebook.exports.rscript import r_script
from casebook.model.descriptor import table_descriptor
from casebook.model.schema import Table
from casebook.model.texts import could_run

if TYPE_CHECKING:
    from casebook.book import Casebook

DIALECT = {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\n", "header": True}
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def write_csv(book: Casebook, folder: Path) -> None:
    """Write a data package of CSV files.

    Raises
    ------
    CasebookError
        If a text could run as a formula in a spreadsheet.
    """
    folder.mkdir()
    for table in book.schema:
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(column.name for column in table.columns)
            for row in rows(book, table):
                _refuse_formulas(table, row)
                writer.writerow(_csv_cell(value) for value in row)
    (folder / "read.R").write_text(r_script(book), encoding="ascii", newline="")
    text = json.dumps(_descriptor(book, folder), ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(text + "\n", encoding="utf-8")


def write_jsonl(book: Casebook, folder: Path) -> None:
    """Write a folder of JSON Lines files."""
    folder.mkdir()
    for table in book.schema:
        cells = columns(book, table)
        with (folder / f"{table.name}.jsonl").open("w", encoding="utf-8", newline="") as file:
            for row in zip(*cells.values(), strict=True):
                plain = (value if isinstance(value, list) else flat(value) for value in row)
                record = dict(zip(cells, plain, strict=True))
                file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _descriptor(book: Casebook, folder: Path) -> dict[str, Any]:
    resources = []
    for table in book.schema:
        content = (folder / f"{table.name}.csv").read_bytes()
        resources.append(
            {
                "name": table.name,
                "title": table.title,
                "type": "table",
                "path": f"{table.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "dialect": DIALECT,
                "schema": {**table_descriptor(table), "missingValues": [""]},
            }
        )
    package = {"$schema": PROFILE, **book.metadata.to_descriptor(), "resources": resources}
    package["casebook"] = {**package["casebook"], "digest": book.digest}
    return package


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else flat(value)


def _refuse_formulas(table: Table, row: tuple[Any, ...]) -> None:
    cells = dict(zip(table.by_name, row, strict=True))
    for name, value in cells.items():
        if isinstance(value, str) and could_run(value):
            raise CasebookError(
                f"csv: {name} of {table.name} {cells[table.primary_key]!r} begins with {value[:12]!r}, which "
                "spreadsheets may run as a formula; begin the text with a word, or export to another format"
            )
