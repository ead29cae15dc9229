"""The command line: the interface of `casebook.book` and the builder, in a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table as Grid

from casebook import cli_codings, cli_release
from casebook.errors import CasebookError, InvalidCasebookError
from casebook.exports import FORMATS

if TYPE_CHECKING:
    import pandas as pd

    from casebook.book import Casebook

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    help="Coded cases of back-channel negotiation, every value with its published source.",
)
app.add_typer(cli_codings.app, name="codings")
app.add_typer(cli_release.app)
out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of a casebook of your own; the packaged one if not given.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def main() -> None:
    """Run the command line; errors that have an explanation end with it and exit code 1."""
    try:
        app()
    except InvalidCasebookError as error:
        for problem in error.problems:
            err.print(escape(str(problem)))
        count = len(error.problems)
        err.print(f"[bold]{count} problem{'s' if count != 1 else ''}; nothing was written[/bold]")
        sys.exit(1)
    except CasebookError as error:
        err.print(f"[bold]error:[/bold] {escape(str(error))}")
        sys.exit(1)


@app.command(epilog="Example: casebook tables")
def tables(data: Data = None, as_json: Json = False) -> None:
    """List the tables."""
    _print(_book(data).tables().drop(columns="description").reset_index(), as_json)


@app.command(epilog="Example: casebook show cuba-1962")
def show(
    case: Annotated[str, typer.Argument(help="Identifier of a case.")], data: Data = None, as_json: Json = False
) -> None:
    """Show a case: facts, channels, terms, timeline."""
    page = _book(data).case(case)
    if as_json:
        parts = {"channels": page.channels, "terms": page.terms, "events": page.events}
        _json({"case": case, "facts": page.facts.to_dict(), **{k: _records(v) for k, v in parts.items()}})
        return
    out.print(f"[bold]{escape(page.title)}[/bold]")
    for heading, header, rows in page._blocks():
        out.print(f"\n[bold]{heading}[/bold]")
        out.print(_grid(header, rows))


@app.command(epilog="Example: casebook codebook channels result")
def codebook(
    table: Annotated[str | None, typer.Argument(help="Name of a table.")] = None,
    variable: Annotated[str | None, typer.Argument(help="Name of one of its variables.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Look up tables and variables."""
    book = _book(data).codebook(table, variable)
    if as_json:
        _json(_records(book.to_frame()))
    else:
        out.print(escape(str(book)))


@app.command(epilog="Example: casebook find secrecy")
def find(
    text: Annotated[str, typer.Argument(help="What to look for.")], data: Data = None, as_json: Json = False
) -> None:
    """Search the codebook."""
    _print(_book(data).find(text).drop(columns="description" if not as_json else []), as_json)


@app.command(epilog="Example: casebook evidence cuba-1962 outcome")
def evidence(
    row: Annotated[str, typer.Argument(help="Identifier of a case or of a row of any table.")],
    variable: Annotated[str | None, typer.Argument(help="Name of a variable.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show the sources behind a row or one of its values."""
    found = _book(data).evidence(row, variable)
    if as_json:
        _json(_records(found))
        return
    if found.empty:
        out.print(f"Nothing is recorded for {escape(row)}; its variables may need no evidence.")
    for (table, name), entries in found.groupby(["table", "variable"], sort=False):
        out.print(f"[bold]{escape(f'{table}.{name}')}[/bold] = {escape(str(entries['value'].iloc[0]))}")
        said = ["reads", "confidence", "basis", "note"]
        for (reads, confidence, basis, note), sources in entries.fillna({"reads": "", "note": ""}).groupby(
            said, sort=False
        ):
            reading = f"rival reading {reads}" if reads else "supported"
            remark = f"{reading} ({confidence}, {basis})" + (f": {note}" if note else "")
            out.print(Padding(escape(remark), (0, 0, 0, 2)))
            for source in sources.fillna({"locator": ""}).to_dict("records"):
                place = f" ({source['locator']})" if source["locator"] else ""
                out.print(Padding(escape(f"– {source['citation']}{place}"), (0, 0, 0, 4)))


@app.command(epilog="Example: casebook compare outcome violence stalemate")
def compare(
    variables: Annotated[list[str], typer.Argument(help="Variables of one table.")],
    table: Annotated[str | None, typer.Option(help="Name of the table, if several have the variables.")] = None,
    case: Annotated[list[str] | None, typer.Option(help="Only this case; may be given several times.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set cases or channels side by side."""
    frame = _book(data).compare(*variables, table=table, cases=case or None).to_frame()
    _print(frame.reset_index(), as_json, labels=frame.index.nlevels)


@app.command(epilog="Example: casebook cite cuba-1962 --style bibtex")
def cite(
    what: Annotated[
        str | None, typer.Argument(help="A case, row, table or variable (channels.result); the release if not given.")
    ] = None,
    style: Annotated[str, typer.Option(help="apa, chicago, bibtex, ris or csl-json.")] = "apa",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Cite the release, or the sources behind a part of it."""
    found = _book(data).cite(what, style=style)
    if as_json:
        _json(list(found))
    else:
        out.print(escape(str(found)), soft_wrap=True)


@app.command(epilog="Example: casebook export exports --format csv --format stata")
def export(
    directory: Annotated[Path, typer.Argument(help="Folder to write to; made if it doesn't exist.")],
    format_: Annotated[
        list[str] | None,
        typer.Option("--format", help=f"{', '.join(FORMATS)}; may be given several times; all if not given."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace exports that the folder already holds.")
    ] = False,
    data: Data = None,
) -> None:
    """Write the casebook in other formats."""
    with _progress() as step:
        written = _book(data).export(directory, format_ or None, overwrite=overwrite, progress=step)
    for path in written:
        out.print(f"wrote {escape(str(path))}", soft_wrap=True)


@app.command(epilog="Example: casebook build --data my-casebook")
def build(
    data: Annotated[Path, typer.Option("--data", help="Casebook folder.")] = Path("data"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if the built tables are not up to date.")
    ] = False,
) -> None:
    """Check the coding files and write the tables."""
    from casebook.build import unchanged, write

    made = _check(data)
    target = data / "tables"
    if check:
        if stale := unchanged(made, target):
            raise CasebookError(f"{target} is not up to date: {', '.join(stale)}; run 'casebook build'")
        out.print(f"{escape(str(target))} is up to date, content digest {made.digest}", soft_wrap=True)
        return
    write(made, target)
    out.print(
        f"{sum(map(len, made.frames.values()))} rows in {len(made.frames)} tables written to {escape(str(target))}",
        soft_wrap=True,
    )
    out.print(f"content digest {made.digest}")


@app.command(epilog="Example: casebook validate --data my-casebook")
def validate(data: Annotated[Path, typer.Option("--data", help="Casebook folder.")] = Path("data")) -> None:
    """Check the coding files without writing anything."""
    made = _check(data)
    out.print(f"no problem found; {sum(map(len, made.frames.values()))} rows in {len(made.frames)} tables")


@app.command(epilog="Example: casebook new suez-1956 --data my-casebook")
def new(
    case: Annotated[str, typer.Argument(help="Name of the new case: lower case, digits and hyphens.")],
    data: Annotated[Path, typer.Option("--data", help="Casebook folder; made if it doesn't exist.")] = Path("data"),
) -> None:
    """Write the blank coding files of a new case."""
    from casebook.templates import new_case

    for path in new_case(data, case):
        out.print(f"wrote {escape(str(path))}", soft_wrap=True)
    out.print(f"Fill them in, then run: casebook build --data {escape(str(data))}", soft_wrap=True)


@app.command(epilog="Example: casebook lab")
def lab(
    folder: Annotated[Path, typer.Argument(help="Where to put the notebooks.")] = Path("casebook-notebooks"),
    copy_only: Annotated[bool, typer.Option("--copy-only", help="Copy the notebooks and stop.")] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Start JupyterLab and print its address, for servers.")
    ] = False,
) -> None:
    """Copy the notebooks and open them in JupyterLab."""
    from casebook.lab import copy_notebooks, open_lab

    written, kept = copy_notebooks(folder)
    out.print(f"{len(written)} notebooks copied to {escape(str(folder))}", soft_wrap=True)
    for path in kept:
        out.print(f"kept your {escape(str(path))}", soft_wrap=True)
    if not copy_only and (code := open_lab(folder, ["--no-browser"] if no_browser else [])):
        raise CasebookError(f"JupyterLab ended with exit code {code}; its own messages are above")


def _book(data: Path | None) -> Casebook:
    from casebook.book import open_casebook, packaged_release

    return packaged_release() if data is None else open_casebook(data)


def _check(data: Path) -> Any:
    from casebook.build import check

    with _progress() as step:
        return check(data, progress=step)


@contextmanager
def _progress() -> Iterator[Any]:
    with err.status("starting") as status:
        yield lambda step: status.update(f"{step} …")


def _print(frame: pd.DataFrame, as_json: bool, labels: int = 1) -> None:
    """Print a frame as a grid, or where its words don't fit side by side as one block per row."""
    header = [str(name) for name in frame.columns]
    rows = [[str(cell) for cell in row] for row in frame.itertuples(index=False)]
    longest = [
        max(len(word) for cell in column for word in cell.split() or [""]) for column in zip(header, *rows, strict=True)
    ]
    if as_json:
        _json(_records(frame))
    elif sum(longest) + 2 * len(header) <= out.width:
        out.print(_grid(header, rows))
    else:
        for row in rows:
            out.print(f"[bold]{escape(' | '.join(row[:labels]))}[/bold]")
            out.print(
                _grid(
                    ["", ""],
                    [(f"  {name}", cell) for name, cell in zip(header[labels:], row[labels:], strict=True)],
                    False,
                )
            )


def _grid(header: list[str], rows: Any, show_header: bool = True) -> Grid:
    grid = Grid(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0), show_header=show_header)
    for name in header:
        grid.add_column(escape(name), overflow="fold")
    for row in rows:
        grid.add_row(*(escape(str(cell)) for cell in row))
    return grid


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", date_format="iso", default_handler=str))
    return records


def _json(content: Any) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
