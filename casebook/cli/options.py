"""Options that several commands share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from casebook.errors import CasebookError
from casebook.model.dates import parse_day

if TYPE_CHECKING:
    from casebook.book import Casebook


class InOrder(click.Group):
    """Commands listed in the order in which they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


PATH = click.Path(path_type=Path)
data = click.option("--data", type=PATH, help="A built casebook of your own; the packaged one if not given.")
folder = click.option(
    "--data", type=PATH, default=Path("data"), help="Folder of the coding files; the folder data here if not given."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")
cases = click.option("--case", "--cases", "case", multiple=True, help="Only this case; may be given several times.")


def opened(data: Path | None) -> Casebook:
    """The casebook that ``--data`` names, or the packaged one."""
    from casebook.book import open as open_casebook
    from casebook.book import packaged_release

    return packaged_release() if data is None else open_casebook(data)


def day(text: str | None, what: str) -> dt.date | None:
    """A day given as an option, or None where none was."""
    try:
        return parse_day(text) if text else None
    except ValueError:
        raise CasebookError(f"{what} {text!r} is not a day such as 2026-01-31") from None
