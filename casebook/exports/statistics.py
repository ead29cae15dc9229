"""Statistical packages: Stata .dta and SPSS .sav, one file per table, with variable and value labels.

Choices:

- Categories become whole numbers from 1 in codebook order, booleans 0 and 1, each with its label as value label. The
  file ``codes.csv`` beside the data says which number stands for which category.
- *Missing values.* Numbers and categories carry the reason: in Stata the extended missing values .a (the first reason
  of the table ``missing``), .b, .c …; in SPSS user-missing codes -99, -98 …, or -999, -998 … where a variable has
  values that low. Both are labeled with the reason. Dates carry it in Stata only, for haven takes a user-missing date
  of SPSS for a real one. A cell that needs no reason is plainly missing (``.`` or system-missing). Text can carry no
  reason in these formats: it is empty, and ``missing`` says why.
- *Dates* are real dates. SPSS counts from 14 October 1582; a date column with an earlier day is written as text.
- *Lengths.* Stata allows 32 characters in a name, 80 in a variable label and 32,000 bytes in a value label; text
  beyond 2,045 bytes becomes strL. SPSS allows 64 bytes in a name, 256 in a variable label, 120 in a value label,
  32,767 in a text, and drops spaces at the end of a text. A name or label that is too long is shortened, a name that
  the format reserves gets an underscore, and every such change is listed in ``changes.csv`` with what it was. A text
  that is too long stops the export.
- Text, EDTF dates among it, is nominal, and Stata shows up to 244 bytes of it.
- Lists are JSON text. Stata and SPSS have no keys.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook._support.optional import needed
from casebook.errors import CasebookError
from casebook.exports.cells import columns, flat
from casebook.model.schema import Field, Table
from casebook.model.texts import could_run

if TYPE_CHECKING:
    from casebook.book import Casebook

_STATA_RESERVED = re.compile(
    "_all|_b|byte|_coef|_cons|double|float|if|in|int|long|_n|_N|_pi|_pred|_rc|_skip|strL|str[0-9]+|using|with"
)
_STATA_WIDTH = 244
_SPSS_RESERVED = re.compile("(?i)all|and|by|eq|ge|gt|le|lt|ne|not|or|to|with")


@dataclass(frozen=True)
class Package:
    """What a statistical package allows; `measure` tells whether it counts characters or bytes."""

    name: str
    suffix: str
    name_length: int
    reserved: re.Pattern[str]
    label_length: int
    value_label_length: int
    file_label_length: int
    text_length: int
    measure: Callable[[str], int]
    epoch: dt.date
    first_day: dt.date
    units_per_day: int
    date_format: str
    number_format: str
    fraction_format: str
    dates_tell_reasons: bool


def _bytes(text: str) -> int:
    return len(text.encode("utf-8"))


STATA = Package(
    name="stata",
    suffix="dta",
    name_length=32,
    reserved=_STATA_RESERVED,
    label_length=80,
    value_label_length=32_000,
    file_label_length=80,
    text_length=2_000_000_000,
    measure=len,
    epoch=dt.date(1960, 1, 1),
    first_day=dt.date(100, 1, 1),
    units_per_day=1,
    date_format="%td",
    number_format="%12.0g",
    fraction_format="%9.0g",
    dates_tell_reasons=True,
)
SPSS = Package(
    name="spss",
    suffix="sav",
    name_length=64,
    reserved=_SPSS_RESERVED,
    label_length=256,
    value_label_length=120,
    file_label_length=64,
    text_length=32_767,
    measure=_bytes,
    epoch=dt.date(1582, 10, 14),
    first_day=dt.date(1582, 10, 15),
    units_per_day=86_400,
    date_format="SDATE10",
    number_format="F8.0",
    fraction_format="F8.6",
    dates_tell_reasons=False,
)


@dataclass
class DataFile:
    """One table as a statistical package takes it; everything by the name that the variable has there."""

    columns: dict[str, pd.Series] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    value_labels: dict[str, dict[Any, str]] = field(default_factory=dict)
    missing: dict[str, list[Any]] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)


def write_stata(book: Casebook, folder: Path) -> None:
    """Write Stata files, format 118 (Stata 14 and later)."""
    pyreadstat = needed("pyreadstat", "the format stata", "export")
    conversion = Conversion(book, STATA)
    folder.mkdir()
    for table in book.schema:
        data = conversion.convert(table)
        pyreadstat.write_dta(
            pd.DataFrame(data.columns),
            folder / f"{table.name}.dta",
            file_label=conversion.shorten(table.title, STATA.file_label_length, table, "", "file label"),
            column_labels=data.labels,
            variable_value_labels=data.value_labels,
            missing_user_values=data.missing,
            variable_format=data.formats,
            version=14,
        )
    conversion.report(folder)


def write_spss(book: Casebook, folder: Path) -> None:
    """Write SPSS files."""
    pyreadstat = needed("pyreadstat", "the format spss", "export")
    conversion = Conversion(book, SPSS)
    folder.mkdir()
    for table in book.schema:
        data = conversion.convert(table)
        pyreadstat.write_sav(
            pd.DataFrame(data.columns),
            folder / f"{table.name}.sav",
            file_label=conversion.shorten(table.title, SPSS.file_label_length, table, "", "file label"),
            column_labels=data.labels,
            variable_value_labels=data.value_labels,
            missing_ranges={name: [{"lo": min(codes), "hi": max(codes)}] for name, codes in data.missing.items()},
            variable_format=data.formats,
            variable_measure=data.measures,
            row_compress=True,
        )
    conversion.report(folder)


class Conversion:
    """Turns tables into what a package takes, and remembers the codes it gave and the changes it made.

    Parameters
    ----------
    book : Casebook
        The casebook.
    package : Package
        `STATA` or `SPSS`.
    """

    def __init__(self, book: Casebook, package: Package) -> None:
        self.book, self.package = book, package
        self.reasons = {c.value: c.label for c in book.schema.table("missing").field("reason").categories}
        self.codes: list[tuple[str, str, Any, str, str]] = []
        self.changes: list[tuple[str, str, str, str, str]] = []

    def convert(self, table: Table) -> DataFile:
        """Columns and labels of one table."""
        data, package = DataFile(), self.package
        cells = columns(self.book, table)
        for item in table.columns:
            values = cells[item.name]
            name = self._name(item, table, data.columns)
            data.labels[name] = self.shorten(item.title, package.label_length, table, item.name, "label")
            data.measures[name] = {"nominal": "nominal", "ordinal": "ordinal", "interval": "scale"}[item.level]
            if self._is_text(item, table, values):
                texts = self._texts(values, table, item, cells[table.primary_key])
                data.columns[name], data.measures[name] = texts, "nominal"
                if package is STATA:
                    data.formats[name] = f"%-{min(max([*map(_bytes, texts), 9]), _STATA_WIDTH)}s"
                continue
            numbers = [_number(value, item, package) for value in values]
            labels = self._value_labels(table, item, name)
            signs = self._signs(numbers)
            told = package.dates_tell_reasons or item.type != "date"
            why = [
                self.book.reason(table.name, key, item.name) if told and number is None else None
                for key, number in zip(cells[table.primary_key], numbers, strict=True)
            ]
            used = {reason: sign for reason, sign in signs.items() if reason in why}
            signed = [signs[reason] if reason else number for number, reason in zip(numbers, why, strict=True)]
            lettered = package is STATA and bool(used)
            data.columns[name] = pd.Series(signed, dtype="object" if lettered else "float64")
            if used:
                data.missing[name] = list(used.values())
            for reason, sign in used.items():
                labels[sign] = self.reasons[reason]
                self.codes.append((table.name, name, f".{sign}" if lettered else sign, reason, self.reasons[reason]))
            if labels:
                data.value_labels[name] = labels
            formats = {"date": package.date_format, "number": package.fraction_format}
            data.formats[name] = formats.get(item.type, package.number_format)
        return data

    def report(self, folder: Path) -> None:
        """Write ``codes.csv``, and ``changes.csv`` if anything had to be changed."""
        _write_list(folder / "codes.csv", ("table", "variable", "code", "value", "label"), self.codes)
        if self.changes:
            _write_list(folder / "changes.csv", ("table", "variable", "what", "was", "is"), self.changes)

    def shorten(self, text: str, limit: int, table: Table, variable: str, what: str) -> str:
        """The text, or as much of it as the package holds, with the change remembered."""
        if self.package.measure(text) <= limit:
            return text
        short = text
        while self.package.measure(f"{short}…") > limit:
            short = short[:-1]
        self.changes.append((table.name, variable, what, text, f"{short}…"))
        return f"{short}…"

    def _is_text(self, item: Field, table: Table, values: Sequence[Any]) -> bool:
        if item.type != "date":
            return item.type in ("string", "array") and not item.categories
        first = min((value for value in values if value is not None), default=self.package.first_day)
        if first >= self.package.first_day:
            return False
        self.changes.append(
            (table.name, item.name, "type", "date", f"text, for {self.package.name} has no day {first}")
        )
        return True

    def _texts(self, values: Sequence[Any], table: Table, item: Field, keys: Sequence[str]) -> pd.Series:
        texts = ["" if value is None else str(flat(value)) for value in values]
        for key, text in zip(keys, texts, strict=True):
            if _bytes(text) > self.package.text_length:
                raise CasebookError(
                    f"{self.package.name}: {item.name} of {table.name} {key!r} has {_bytes(text)} bytes, more than the "
                    f"{self.package.text_length} that the format holds; shorten it, or export to another format"
                )
            if self.package is SPSS and text != text.rstrip(" "):
                self.changes.append((table.name, item.name, f"spaces at the end of {key}", text, text.rstrip(" ")))
        return pd.Series(texts, dtype="str")

    def _value_labels(self, table: Table, item: Field, name: str) -> dict[Any, str]:
        labels = {}
        coded = [(number, c.value, c.label) for number, c in enumerate(item.categories, 1)]
        if item.type == "boolean":
            coded = [(0, "false", item.label(False)), (1, "true", item.label(True))]
        for number, value, label in coded:
            self.codes.append((table.name, name, number, value, label))
            labels[number] = self.shorten(label, self.package.value_label_length, table, item.name, "value label")
        return labels

    def _signs(self, numbers: Sequence[float | None]) -> dict[str, Any]:
        """What stands for each reason: letters in Stata; in SPSS numbers below all values."""
        if self.package is STATA:
            return dict(zip(self.reasons, "abcdefghijklmnopqrstuvwxyz", strict=False))
        least = min((number for number in numbers if number is not None), default=0)
        first = -99
        while least < first + len(self.reasons):
            first = first * 10 - 9
        return {reason: first + step for step, reason in enumerate(self.reasons)}

    def _name(self, item: Field, table: Table, taken: dict[str, pd.Series]) -> str:
        name = re.sub(r"\W", "_", item.name, flags=re.ASCII)
        if not name[0].isalpha():
            name = f"v_{name}"
        if self.package.reserved.fullmatch(name):
            name = f"{name}_"
        base, number = name[: self.package.name_length], 1
        name = base
        while name.casefold() in {other.casefold() for other in taken}:
            number += 1
            name = f"{base[: self.package.name_length - len(str(number)) - 1]}_{number}"
        if name != item.name:
            self.changes.append((table.name, item.name, "name", item.name, name))
        return name


def _number(value: Any, item: Field, package: Package) -> float | None:
    if value is None:
        return None
    if item.categories:
        return item.values.index(value) + 1
    if item.type == "date":
        return (value - package.epoch).days * package.units_per_day
    return float(value) if item.type == "number" else int(value)


def _write_list(path: Path, header: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            for text in row:
                if isinstance(text, str) and could_run(text):
                    raise CasebookError(
                        f"{path.parent.name}: {' '.join(row[:2])} has a text that begins with {text[:12]!r}, which "
                        f"spreadsheets that open {path.name} may run as a formula; begin the text with a word"
                    )
            writer.writerow(row)
