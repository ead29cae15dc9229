"""Exports: a casebook in the formats that other programs read.

Every format is made from the schema and the tables of an opened casebook, so that a casebook of your own exports like
the packaged one. All rows are written, those with status alleged included; the column ``status`` tells them apart.

==========  ==========================  ============================  ================================================
format      what is written             read with                     what it cannot express
==========  ==========================  ============================  ================================================
csv         ``csv/``, a data package    frictionless, pandas, R       reasons of missing values (see ``missing``);
                                        (by its ``read.R``)           text that a spreadsheet would run is refused
parquet     ``parquet/``, the release   polars, pandas, DuckDB        foreign keys (in ``datapackage.json``)
sqlite      ``NAME.sqlite``             sqlite3, R, any SQL client    lists (JSON text); reasons (see ``missing``)
duckdb      ``NAME.duckdb``             DuckDB in any language        reasons of missing values (see ``missing``)
excel       ``NAME.xlsx``               Excel, LibreOffice, openpyxl  keys; reasons; lists (JSON text); dates
                                                                      before March 1900 (the column becomes text)
stata       ``stata/``, .dta files      Stata, R (haven), pandas      keys; reasons of missing text; lists
                                                                      (JSON text); names beyond 32 characters
spss        ``spss/``, .sav files       SPSS, PSPP, R (haven)         keys; reasons of missing text and dates; lists
                                                                      (JSON text); text beyond 32,767 bytes
jsonl       ``jsonl/``, JSON Lines      anything that reads JSON      types of dates (text); reasons
croissant   ``croissant/``, with data   mlcroissant, dataset search   foreign keys (in words); reasons
ddi         ``ddi.xml``                 data archives                 rows; foreign keys (in words)
schema-org  ``schema-org.json``         web search engines            rows; keys; order of categories
html        ``codebook.html``           a web browser                 rows
markdown    ``codebook.md``             people, GitHub, pandoc        rows
==========  ==========================  ============================  ================================================

The modules of this package say what was chosen for each family of formats, and why.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from casebook._support.progress import Progress, silent
from casebook.errors import CasebookError, suggestion

if TYPE_CHECKING:
    from casebook.book import Casebook

FORMATS = {
    "csv": ("csv", "text:write_csv"),
    "parquet": ("parquet", "parquet:write_parquet"),
    "sqlite": ("{name}.sqlite", "databases:write_sqlite"),
    "duckdb": ("{name}.duckdb", "databases:write_duckdb"),
    "excel": ("{name}.xlsx", "excel:write_excel"),
    "stata": ("stata", "statistics:write_stata"),
    "spss": ("spss", "statistics:write_spss"),
    "jsonl": ("jsonl", "text:write_jsonl"),
    "croissant": ("croissant", "croissant:write_croissant"),
    "ddi": ("ddi.xml", "ddi:write_ddi"),
    "schema-org": ("schema-org.json", "schemaorg:write_schemaorg"),
    "html": ("codebook.html", "document:write_html"),
    "markdown": ("codebook.md", "document:write_markdown"),
}
"""Where each format is written inside the target folder, and the function that writes it."""
SYNONYMS = {"xlsx": "excel", "dta": "stata", "sav": "spss", "json": "jsonl", "md": "markdown", "sql": "sqlite"}
"""Other names by which a format is asked for."""


def export(
    book: Casebook,
    directory: str | PathLike[str],
    formats: str | Iterable[str] | None = None,
    *,
    overwrite: bool = False,
    progress: Progress = silent,
) -> list[Path]:
    """Write a casebook in other formats; see `casebook.book.Casebook.export`."""
    from casebook._support.files import staging

    named = wanted(formats)
    target = Path(directory)
    places = {name: FORMATS[name][0].format(name=book.metadata.name) for name in named}
    if target.exists() and not target.is_dir():
        raise CasebookError(f"{target} is a file; name a folder to write the exports to")
    present = [place for place in places.values() if (target / place).exists()]
    if present and not overwrite:
        raise CasebookError(
            f"{target} already holds {', '.join(present)}; name another folder, or ask to overwrite "
            "(overwrite=True, on the command line --overwrite)"
        )
    with staging(target) as temporary:
        for name, place in places.items():
            module, function = FORMATS[name][1].split(":")
            progress(f"writing {name}")
            getattr(import_module(f"casebook.exports.{module}"), function)(book, temporary / place)
        _move(temporary, target, list(places.values()))
    return [target / place for place in places.values()]


def wanted(formats: str | Iterable[str] | None) -> list[str]:
    """The formats asked for, by their names in `FORMATS`; all of them if none is given.

    Raises
    ------
    CasebookError
        If there is no such format, or the list is empty.
    """
    asked = [formats] if isinstance(formats, str) else list(FORMATS if formats is None else formats)
    named = list(dict.fromkeys(SYNONYMS.get(name, name) for name in asked))
    for name in named:
        if name not in FORMATS:
            raise CasebookError(f"there is no format {name!r}{suggestion(str(name), FORMATS, limit=len(FORMATS))}")
    if not named:
        raise CasebookError(f"no format given; valid: {', '.join(FORMATS)}")
    return named


def _move(temporary: Path, target: Path, places: list[str]) -> None:
    """Move finished exports to the target; if one cannot be moved, all that was there before is put back."""
    target.mkdir(exist_ok=True)
    old = temporary / "old"
    old.mkdir()
    moved: list[str] = []
    try:
        for place in places:
            if (target / place).exists():
                (target / place).rename(old / place)
            moved.append(place)
            (temporary / place).rename(target / place)
    except OSError:
        for place in moved:
            if (target / place).exists():
                (target / place).rename(temporary / place)
            if (old / place).exists():
                (old / place).rename(target / place)
        raise
