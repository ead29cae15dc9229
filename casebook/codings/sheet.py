"""The blank sheet that a second coder fills: every unit with its definition and the values allowed, and no answers.

Nor hints at answers, as far as the units can be told apart without them: rows stand in the order of their identifiers,
not of the coding files; effects are asked of every channel, whether or not it is only alleged; and labels have lost
their dates. What remains are the identifiers, which name the row; that of an event begins with its date.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook._support.optional import needed
from casebook.authoring.second import COLUMNS, HELPERS, REMARKS
from casebook.errors import CasebookError, NotWritableError, UnknownNameError
from casebook.model.cells import case_of
from casebook.model.coders import PUBLISHED
from casebook.model.schema import REASONS, Field, Table
from casebook.model.texts import could_run
from casebook.model.values import parse

if TYPE_CHECKING:
    import openpyxl

    from casebook.book import Casebook

FORMS = (".csv", ".xlsx")
HEADER = (*COLUMNS, *REMARKS, *HELPERS)
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_YEAR = "(?:1[4-9]|20)[0-9]{2}s?"
_DAYS = "[0-9]{1,2}(?:(?:, | and | or | to |[–-])[0-9]{1,2})*"
_DATE = re.compile(
    rf"\b(?:{_DAYS} {_MONTH}(?: {_YEAR})?|{_MONTH} {_DAYS}(?:, {_YEAR})?|{_MONTH} {_YEAR}|{_YEAR}(?:[–-][0-9]{{2,4}})?"
    rf"|(?<=\b[Ii]n ){_MONTH}|(?<=\bof ){_MONTH}|(?<=\b[Bb]y ){_MONTH}|(?<=\bsince ){_MONTH}|(?<=\buntil ){_MONTH})\b"
)
_WIDTHS = {
    "coder": 12,
    "table": 12,
    "row": 34,
    "variable": 24,
    "value": 26,
    "reason": 34,
    "confidence": 12,
    "source": 24,
    "unit": 44,
    "definition": 60,
    "allowed": 60,
}


@dataclass(frozen=True)
class Line:
    """One unit of the sheet."""

    table: Table
    row: str
    item: Field
    unit: str
    choices: tuple[str, ...]

    @property
    def definition(self) -> str:
        rule = self.item.rule
        return " ".join(filter(None, [f"{self.item.title}: {self.item.description}", f"Rule: {rule}" if rule else ""]))

    @property
    def allowed(self) -> str:
        """The values allowed, in words where they cannot be listed."""
        reasons = [] if self.item.required else list(REASONS)
        if self.item.edtf:
            return " | ".join(["a date in EDTF such as 2001-05-04, 2001-05~ or 2001-05/2002-11", *reasons])
        if self.item.type in ("integer", "number"):
            kind = "a whole number" if self.item.type == "integer" else "a number such as 0.25"
            return " | ".join([kind, *reasons])
        if self.choices and len(self.choices) <= 40:
            return " | ".join(self.choices)
        if key := self.table.reference(self.item.name):
            return " | ".join([f"an identifier from the table {key.table}", *reasons])
        form = self.item.codes or f"text of the form {self.item.constraints.pattern}"
        return " | ".join([str(form), *reasons])


def lines(
    book: Casebook,
    tables: Sequence[str] = (),
    variables: Sequence[str] = (),
    cases: Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
) -> list[Line]:
    """Units for a second coder.

    No value is handed out, but identifiers and labels say which row is meant and can hint at an answer: that of an
    event begins with a date, that of a delegation names the party. Rows that must be complete, such as effects, are
    asked of every parent, so that their absence tells nothing.

    Parameters
    ----------
    book : Casebook
        The casebook; alleged rows take part, because whether a row is alleged is coded too.
    tables, variables, cases : sequence of str, optional
        Only these; all that can be compared if empty.
    sample : int, optional
        Number of rows drawn at random from each table; all of them if not given or if there are fewer.
    seed : int, default 0
        Seed of the sample.

    Returns
    -------
    list of Line
        In the order of the codebook, and within a table in that of the identifiers.

    Raises
    ------
    UnknownNameError
        If a table, variable or case does not exist.
    CasebookError
        If nothing is left, or the sample is not a positive number.
    """
    if sample is not None and sample < 1:
        raise CasebookError(f"sample is {sample}; give a number of rows, 1 or more")
    open_tables = {table.name: table for table in book.schema if table.comparable}
    chosen = []
    for name in tables or open_tables:
        if name not in open_tables:
            raise UnknownNameError("table with coded variables", name, open_tables)
        chosen.append(open_tables[name])
    names = list(dict.fromkeys(item.name for table in chosen for item in table.comparable))
    for name in variables:
        if name not in names:
            raise UnknownNameError("variable that two coders can compare", name, names)
    known = list(book.store.read("cases")["case_id"])
    for case in cases:
        if case not in known:
            raise UnknownNameError("case", case, known)
    found = [line for table in chosen for line in _of_table(book, table, variables, cases, sample, seed)]
    if not found:
        raise CasebookError("no row is left to code; choose other tables, variables or cases")
    return found


def _of_table(
    book: Casebook, table: Table, variables: Sequence[str], cases: Sequence[str], sample: int | None, seed: int
) -> Iterator[Line]:
    units = _units(book, table)
    rows = [row for row in sorted(units) if not cases or case_of(row) in cases]
    if sample is not None and sample < len(rows):
        rows = sorted(random.Random(seed).sample(rows, sample))
    items = [item for item in table.comparable if not variables or item.name in variables]
    dated = any(item.edtf for item in table.comparable)
    for row in rows:
        label = undated(units[row]) if dated else units[row]
        title = "" if table.shared else undated(book.store.called(case_of(row)))
        unit = label if table.name == "cases" or not title else f"{title}: {label}"
        for item in items:
            yield Line(table, row, item, unit, _choices(book, table, item, case_of(row)))


def _units(book: Casebook, table: Table) -> dict[str, str]:
    """Rows with their labels: those of the table, and those that it would have if every parent were complete."""
    labels = book.store.indexed(table.name)[table.label_field]
    units = {str(row): str(label) for row, label in labels.items()}
    if table.complete:
        for parent in book.store.indexed(table.complete.each).index:
            for value in table.offered:
                units.setdefault(f"{parent}/{value}", f"{parent}/{value}")
    return units


def undated(label: str) -> str:
    """A label without its dates; within a sentence something stands for them.

    Examples
    --------
    >>> undated("Mandela–Coetsee, 1984–1990"), undated("NYC transit strike 2005")
    ('Mandela–Coetsee', 'NYC transit strike')
    >>> undated("John Kerry – Bruno Rodríguez, calls of 2014")
    'John Kerry – Bruno Rodríguez, calls'
    >>> undated("Khrushchev's letter of 24 October reaches the embassy.")
    "Khrushchev's letter of … reaches the embassy."
    """
    return re.sub(r"(?:[,:]?(?: of| in| from| since| until)? \(?…\)?)+$", "", _DATE.sub("…", label))


def _choices(book: Casebook, table: Table, item: Field, case: str) -> tuple[str, ...]:
    """The values allowed where they are a closed list; empty where they are not."""
    reasons = () if item.required else REASONS
    if item.categories:
        return (*item.values, *reasons)
    if item.type == "boolean":
        return ("yes", "no", *reasons)
    if key := table.reference(item.name):
        target = book.schema.table(key.table)
        names = sorted(book.store.indexed(target.name).index)
        return (*(name for name in names if target.shared or case_of(name) == case), *reasons)
    return ()


def write_sheet(book: Casebook, units: Sequence[Line], coder: str, path: Path) -> None:
    """Write a blank sheet, never over a file that exists.

    Parameters
    ----------
    book : Casebook
        The casebook.
    units : sequence of Line
        What `lines` returned.
    coder : str
        Name or pseudonym of the coder.
    path : Path
        The file; its ending, ``.csv`` or ``.xlsx``, gives the form. A workbook offers closed lists for choice and has
        the codebook as its second sheet.

    Raises
    ------
    CasebookError
        If the coder's name cannot be used, the file exists or cannot be written, or openpyxl is not installed.
    """
    if coder.casefold() == PUBLISHED:
        raise CasebookError(f"{coder!r} is the published coding; give the second coder another name")
    try:
        parse(book.schema.table("codings").field("coder"), coder)
    except ValueError as error:
        raise CasebookError(f"coder: {error}; use letters without accents, digits, '.', '_' and '-'") from None
    if path.suffix.lower() not in FORMS:
        raise CasebookError(f"{path} ends neither in .csv nor in .xlsx; give the sheet one of these endings")
    content = _csv(units, coder) if path.suffix.lower() == ".csv" else _xlsx(book, units, coder)
    try:
        stream = path.open("xb")
    except FileExistsError:
        raise CasebookError(f"{path} exists already and may hold codings; choose another name") from None
    except OSError as error:
        raise NotWritableError(path, error) from error
    try:
        with stream:
            stream.write(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise NotWritableError(path, error) from error


def _cells(line: Line, coder: str) -> list[str]:
    blank = [""] * (1 + len(REMARKS))
    return [coder, line.table.name, line.row, line.item.name, *blank, line.unit, line.definition, line.allowed]


def _csv(units: Sequence[Line], coder: str) -> bytes:
    """CSV with a byte order mark, by which spreadsheets know UTF-8."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(HEADER)
    for line in units:
        cells = _cells(line, coder)
        for name, text in zip(HEADER, cells, strict=True):
            if could_run(text):
                raise CasebookError(
                    f"sheet: {name} of {line.table.name} {line.row!r} begins with {text[:12]!r}, which spreadsheets "
                    "may run as a formula; ask for a workbook (.xlsx), or begin the text with a word"
                )
        writer.writerow(cells)
    return stream.getvalue().encode("utf-8-sig")


def _xlsx(book: Casebook, units: Sequence[Line], coder: str) -> bytes:
    openpyxl = needed("openpyxl", "a workbook (unlike a .csv file)", "agreement")
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "Coding"
    _fill(sheet, [[*HEADER], *(_cells(line, coder) for line in units)], list(_WIDTHS.values()))
    _fill(workbook.create_sheet("Codebook"), list(_codebook(book, units)), [14, 26, 30, 34, 90])
    _offer(workbook, units, book.schema.table("evidence").field("confidence").values)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _fill(sheet: Any, rows: list[list[str]], widths: list[int]) -> None:
    """Write rows as text, so that no date or formula is made of them."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.number_format = "@"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if text:
                cell.value, cell.data_type = text, "s"
                cell.quotePrefix = could_run(text)
            if number == 1:
                cell.font = Font(bold=True)
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"


def _codebook(book: Casebook, units: Sequence[Line]) -> Iterator[list[str]]:
    yield ["table", "variable", "value", "label", "definition"]
    for line in {(line.table.name, line.item.name): line for line in reversed(units)}.values():
        yield [line.table.name, line.item.name, "", line.item.title, line.definition]
        for category in line.item.categories:
            yield [line.table.name, line.item.name, category.value, category.label, category.description]
    for category in book.schema.table("missing").field("reason").categories:
        if category.value in REASONS:
            yield ["", "", category.value, category.label, category.description]


def _offer(workbook: openpyxl.Workbook, units: Sequence[Line], confidence: Sequence[str]) -> None:
    """Give every cell with a closed list a drop-down; the lists stand in a hidden third sheet."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.cell_range import MultiCellRange
    from openpyxl.worksheet.datavalidation import DataValidation

    lists = workbook.create_sheet("Values")
    lists.sheet_state = "hidden"
    value, sure = (get_column_letter(HEADER.index(name) + 1) for name in ("value", "confidence"))
    places: dict[tuple[str, ...], list[str]] = {tuple(confidence): [f"{sure}2:{sure}{len(units) + 1}"]}
    for number, line in enumerate(units, 2):
        if line.choices:
            places.setdefault(line.choices, []).append(f"{value}{number}")
    for column, (choices, cells) in enumerate(places.items(), 1):
        for position, choice in enumerate(choices, 1):
            lists.cell(position, column, choice).data_type = "s"
        letter = get_column_letter(column)
        workbook["Coding"].add_data_validation(
            DataValidation(
                "list",
                formula1=f"Values!${letter}$1:${letter}${len(choices)}",
                allow_blank=True,
                showErrorMessage=True,
                errorTitle="Not an allowed value",
                error="Choose one of the values in the list; the second sheet explains them.",
                sqref=MultiCellRange(" ".join(cells)),
            )
        )
