"""How commands print: frames as grids or blocks, records as JSON, errors on standard error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

if TYPE_CHECKING:
    import pandas as pd

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def print_frame(frame: pd.DataFrame, as_json: bool, labels: int = 1) -> None:
    """Print a frame as a grid, or where its words don't fit side by side as one block per row."""
    header = [str(name) for name in frame.columns]
    rows = [[str(cell) for cell in row] for row in frame.itertuples(index=False)]
    longest = [
        max(len(word) for cell in column for word in cell.split() or [""]) for column in zip(header, *rows, strict=True)
    ]
    if as_json:
        print_json(records(frame))
    elif sum(longest) + 2 * len(header) <= out.width:
        out.print(grid(header, rows))
    else:
        for row in rows:
            out.print(f"[bold]{escape(' | '.join(row[:labels]))}[/bold]")
            out.print(
                grid(
                    ["", ""],
                    [(f"  {name}", cell) for name, cell in zip(header[labels:], row[labels:], strict=True)],
                    False,
                )
            )


def grid(header: list[str], rows: Any, show_header: bool = True) -> Grid:
    grid = Grid(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0), show_header=show_header)
    for name in header:
        grid.add_column(escape(name), overflow="fold")
    for row in rows:
        grid.add_row(*(escape(str(cell)) for cell in row))
    return grid


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", date_format="iso", default_handler=str))
    return records


def print_json(content: Any) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=2))
