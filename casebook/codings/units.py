"""Agreement on what there is to code: a coder's own list of, say, the channels, beside the rows of the casebook."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from casebook.authoring.marked import read_text
from casebook.errors import Mark, Problems, suggestion
from casebook.model.cells import case_of

if TYPE_CHECKING:
    from casebook.book import Casebook

COLUMNS = ("coder", "case", "table", "unit", "row")


@dataclass(frozen=True)
class Unit:
    """A unit that a coder found, and a row of the casebook that it is; no row where the casebook has none."""

    coder: str
    case: str
    table: str
    unit: str
    row: str = ""
    mark: Mark = field(default=Mark("units", 0), compare=False, repr=False)


@dataclass(frozen=True)
class UnitAgreement:
    """Which units a coder and the casebook have in common, in the cases that the coder went through.

    Attributes
    ----------
    found, held : int
        Units of the coder, and rows of the casebook.
    same : tuple of str
        Rows that are one unit of the coder, and the whole of it.
    split, merged : tuple of str
        Rows that the coder took for several units, and rows of which the coder took several for one unit.
    missed, added : tuple of str
        Rows that the coder does not have, and units that the casebook does not have.
    """

    coder: str
    table: str
    cases: tuple[str, ...]
    found: int
    held: int
    same: tuple[str, ...]
    split: tuple[str, ...]
    merged: tuple[str, ...]
    missed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def f1(self) -> float:
        """F1: twice the units that are the same, divided by all units of both (Dice, 1945, Ecology 26(3), 297-302).

        Chance is not taken out, for nobody can say how many channels there might be; and Krippendorff's alpha for
        unitizing needs units that follow one another, while channels run side by side.
        """
        return 2 * len(self.same) / (self.found + self.held) if self.found + self.held else float("nan")


def read_units(path: Path) -> list[Unit]:
    """Read a coder's list of units.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with the columns coder, case, table, unit and row. One line per unit and row that belong
        together: a unit that is two rows has two lines, so has each of two units that are one row; the row is blank
        where the casebook has none. Cases without a line were not gone through.

    Returns
    -------
    list of Unit

    Raises
    ------
    InvalidCasebookError
        With every problem of the file.
    """
    problems = Problems()
    text = read_text(path, problems)
    problems.raise_if_any()
    assert text is not None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    if sorted(header) != sorted(COLUMNS):
        expected = f"the first line is {','.join(header)!r}; write {','.join(COLUMNS)}"
        problems.add(Mark(str(path), 1), "units", expected)
        problems.raise_if_any()
    units = []
    for cells in reader:
        if len(cells) == len(header):
            texts = dict(zip(header, map(str.strip, cells), strict=True))
            units.append(Unit(**texts, mark=Mark(str(path), reader.line_num)))
        elif cells:
            message = f"has {len(cells)} cells, not {len(header)}"
            problems.add(Mark(str(path), reader.line_num), "units", message)
    problems.raise_if_any()
    return units


def unit_agreement(book: Casebook, units: Sequence[Unit]) -> list[UnitAgreement]:
    """Compare lists of units with the rows of a casebook.

    Parameters
    ----------
    book : Casebook
        The casebook; alleged rows take part.
    units : sequence of Unit
        What coders found, for instance by `read_units`.

    Returns
    -------
    list of UnitAgreement
        One per coder and table.

    Raises
    ------
    InvalidCasebookError
        If a table, case or row does not exist, or a unit and row stand twice.
    """
    _check(book, units)
    lists: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    for unit in units:
        lists[unit.coder, unit.table].append(unit)
    return [_compared(book, coder, table, found) for (coder, table), found in lists.items()]


def _compared(book: Casebook, coder: str, table: str, units: Sequence[Unit]) -> UnitAgreement:
    cases = tuple(dict.fromkeys(unit.case for unit in units))
    held = [row for row in book.store.indexed(table).index if case_of(row) in cases]
    links = _Links()
    for unit in units:
        links.add((unit.case, unit.unit), unit.row)
    return UnitAgreement(
        coder,
        table,
        cases,
        len(links.rows),
        len(held),
        same=tuple(row for row in held if links.whole(row)),
        split=tuple(row for row in held if len(links.units[row]) > 1),
        merged=tuple(row for row in held if any(len(links.rows[unit]) > 1 for unit in links.units[row])),
        missed=tuple(row for row in held if not links.units[row]),
        added=tuple(name for (_, name), rows in links.rows.items() if not rows),
    )


@dataclass
class _Links:
    """Which units and rows belong together."""

    rows: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    units: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, unit: tuple[str, str], row: str) -> None:
        rows = self.rows[unit]
        if row:
            rows.append(row)
            self.units[row].append(unit)

    def whole(self, row: str) -> bool:
        return len(self.units[row]) == 1 and len(self.rows[self.units[row][0]]) == 1


def _check(book: Casebook, units: Sequence[Unit]) -> None:
    problems = Problems()
    seen: set[Unit] = set()
    for unit in units:
        for message in _wrong(book, unit):
            problems.add(unit.mark, "units", message)
        if unit in seen:
            problems.add(unit.mark, "units", f"{unit.unit!r} of {unit.coder} stands twice with this row; keep one line")
        seen.add(unit)
    problems.raise_if_any()


def _wrong(book: Casebook, unit: Unit) -> Iterator[str]:
    tables = [table.name for table in book.schema.coded if not table.shared]
    cases = list(book.store.read("cases")["case_id"])
    if not unit.coder or not unit.unit:
        yield "the coder or the unit is blank; name both"
    if unit.coder.casefold() == "casebook":
        yield "casebook is the published list; give the coder another name"
    if unit.case not in cases:
        yield f"there is no case {unit.case!r}{suggestion(unit.case, cases)}"
    if unit.table not in tables:
        yield f"there is no table {unit.table!r} with units of a case{suggestion(unit.table, tables)}"
    elif unit.row:
        rows = [row for row in book.store.indexed(unit.table).index if case_of(row) == unit.case]
        if unit.row not in rows:
            yield f"there is no row {unit.row!r} of {unit.case} in {unit.table}{suggestion(unit.row, rows)}"
