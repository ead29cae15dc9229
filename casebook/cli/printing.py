"""How commands print: rows as grids or blocks, records as JSON, errors on standard error.

Rich and pandas take longer to import than most commands take to run: they come in when something needs them.
"""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from casebook.model.texts import visible

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table as Grid


class Terminal:
    """A console of rich, made when it first prints."""

    def __init__(self, **options: Any) -> None:
        self._options = options

    @cached_property
    def console(self) -> Console:
        from rich.console import Console

        return Console(highlight=False, **self._options)

    def print(self, *content: Any, **how: Any) -> None:
        self.console.print(*content, **how)


out = Terminal(soft_wrap=False)
err = Terminal(stderr=True, soft_wrap=True)


def escape(text: str) -> str:
    """The text, so that rich prints it as it is."""
    from rich.markup import escape

    return escape(visible(text))


def say(text: object) -> None:
    """Print lines as they are, but for characters with which a terminal would do something."""
    print(visible(str(text)))


def width() -> int:
    """How many characters a line of the terminal has; 80 where there is none."""
    return shutil.get_terminal_size().columns


def print_frame(frame: pd.DataFrame, as_json: bool, labels: int = 1) -> None:
    """Print a frame; see `print_rows`."""
    if as_json:
        print_json(records(frame))
    else:
        print_rows([str(name) for name in frame.columns], frame.itertuples(index=False), labels)


def print_rows(header: Sequence[str], rows: Iterable[Sequence[Any]], labels: int = 1) -> None:
    """Print rows as a grid, or where their words don't fit side by side as one block per row."""
    rows = [[visible(str(cell)) for cell in row] for row in rows]
    columns = list(zip(header, *rows, strict=True))
    longest = [max(len(word) for cell in column for word in cell.split() or [""]) for column in columns]
    if sum(longest) + 2 * len(header) <= width():
        if not _print_plainly(header, rows):
            out.print(grid(header, rows))
        return
    for row in rows:
        out.print(f"[bold]{escape(' | '.join(row[:labels]))}[/bold]")
        further = zip(header[labels:], row[labels:], strict=True)
        out.print(grid(["", ""], [(f"  {name}", cell) for name, cell in further], False))


def _print_plainly(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Print a grid as rich would, where every row is one line of letters that are one column wide."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)) for row in (header, *rows)]
    if len(lines[0]) > width() or not all(map(_narrow, lines)):
        return False
    bold = (click.style(part, bold=True) for part in map(str.ljust, header, widths))
    click.echo(click.style("  ", bold=True).join(bold), color=True if os.environ.get("FORCE_COLOR") else None)
    click.echo("".join(f"{line}\n" for line in lines[1:]), nl=False)
    return True


def _narrow(line: str) -> bool:
    if line.isascii():
        return line.isprintable()
    return all(
        char.isprintable() and unicodedata.east_asian_width(char) not in "WF" and not unicodedata.combining(char)
        for char in line
    )


def grid(header: Sequence[str], rows: Any, show_header: bool = True) -> Grid:
    from rich.table import Table as Grid

    grid = Grid(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0), show_header=show_header)
    for name in header:
        grid.add_column(escape(name), overflow="fold")
    for row in rows:
        grid.add_row(*(escape(str(cell)) for cell in row))
    return grid


def print_records(found: Sequence[Mapping[str, Any]], as_json: bool, hidden: Sequence[str] = ()) -> None:
    """Print dictionaries with the same keys; JSON also tells what is hidden from readers."""
    if as_json:
        print_json(list(found))
    elif found:
        header = [name for name in found[0] if name not in hidden]
        print_rows(header, [[row[name] for name in header] for row in found])


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", date_format="iso", default_handler=str))
    return records


def print_json(content: Any) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=2))
