"""Options that several commands share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casebook.errors import CasebookError

if TYPE_CHECKING:
    from casebook.book import Casebook

Data = Annotated[
    Path | None, typer.Option("--data", help="A built casebook of your own; the packaged one if not given.")
]
Folder = Annotated[Path, typer.Option("--data", help="Folder of the coding files; the folder data here if not given.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
FOLDER = Path("data")


def opened(data: Path | None) -> Casebook:
    """The casebook that ``--data`` names, or the packaged one."""
    from casebook.book import open as open_casebook
    from casebook.book import packaged_release

    return packaged_release() if data is None else open_casebook(data)


def day(text: str | None, what: str) -> dt.date | None:
    """A day given as an option, or None where none was."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise CasebookError(f"{what} {text!r} is not a day such as 2026-01-31") from None
