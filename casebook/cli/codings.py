"""The commands for second coders: ``casebook codings sheet``, ``add`` and ``agreement``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casebook.cli.options import FOLDER, Data, Folder, Json, opened
from casebook.cli.printing import escape, out, print_frame, print_json, records
from casebook.errors import CasebookError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Independent codings, for measuring agreement.")


@app.command(epilog="Example: casebook codings sheet ann --table channels --sample 10")
def sheet(
    coder: Annotated[str, typer.Argument(help="Name or pseudonym of the second coder.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A .csv or .xlsx file; CODER.csv if not given.")
    ] = None,
    table: Annotated[list[str] | None, typer.Option(help="Only this table; may be given several times.")] = None,
    variable: Annotated[list[str] | None, typer.Option(help="Only this variable; may be given several times.")] = None,
    case: Annotated[list[str] | None, typer.Option(help="Only this case; may be given several times.")] = None,
    sample: Annotated[int | None, typer.Option(help="Draw this many rows of each table at random.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random draw.")] = 0,
    data: Data = None,
) -> None:
    """Write the blank sheet that a second coder fills, without the published answers."""
    from casebook.codings.sheet import lines, write_sheet

    book = opened(data)
    path = output or Path(f"{coder}.csv")
    units = lines(book, table or (), variable or (), case or (), sample, seed)
    write_sheet(book, units, coder, path)
    rows = len({(line.table.name, line.row) for line in units})
    out.print(f"wrote {escape(str(path))}: {len(units)} values to code in {rows} rows", soft_wrap=True)
    place = "" if data else ", in a checkout of the casebook, where its coding files are"
    where = f" --data {data}" if data else ""
    out.print(
        f"Fill the column value, then run{place}: casebook codings add {escape(f'{path}{where}')}", soft_wrap=True
    )


@app.command(epilog="Example: casebook codings add ann.csv --data my-casebook")
def add(
    file: Annotated[Path, typer.Argument(help="The coder's file, .csv or .xlsx.")],
    data: Folder = FOLDER,
) -> None:
    """Check a coder's file and add it to the casebook; on any problem nothing is written."""
    from casebook.authoring.second import add_codings

    added = add_codings(data, file)
    out.print(f"{len(added.entries)} codings added to {escape(str(added.path))}", soft_wrap=True)
    if added.blank:
        out.print(f"{added.blank} lines without a value were passed over")
    for entry in added.unlisted:
        named = f"{entry.table} {entry.row}, {entry.variable}: {entry.value!r} is in no table of the casebook"
        out.print(f"{escape(named)}; it is kept as the coder's answer", soft_wrap=True)
    out.print(f"Now run: casebook build --data {escape(str(data))}", soft_wrap=True)


@app.command(epilog="Example: casebook codings agreement channels")
def agreement(
    table: Annotated[str | None, typer.Argument(help="Name of a table.")] = None,
    variable: Annotated[str | None, typer.Argument(help="Name of one of its variables.")] = None,
    coder: Annotated[list[str] | None, typer.Option(help="Only this coder; give at least two.")] = None,
    missing: Annotated[str, typer.Option(help="Count reasons for missing values as a value, or drop them.")] = "value",
    draws: Annotated[int, typer.Option(help="Bootstrap samples; 0 for no interval.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.")] = 0,
    few: Annotated[int, typer.Option(help="With fewer units a variable is shown with its group.")] = 30,
    units: Annotated[Path | None, typer.Option(help="CSV of what coders found that there is to code.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Measure agreement between coders, the published coding among them."""

    book = opened(data)
    waiting = Path(str(book.store.folder)).parent / "codings"
    if book.load("codings").empty and waiting.is_dir() and any(waiting.glob("*.csv")):
        raise CasebookError(f"the codings in {waiting} are not in the tables yet; run 'casebook build' first")
    found = book.agreement(
        table, variable, coders=coder or None, units=units, missing=missing, draws=draws, seed=seed, few=few
    )
    if as_json:
        parts = {part: records(found.to_frame(part)) for part in ("groups", "dates", "units")}
        figures = {"agreement": records(found.to_frame()), **parts}
        print_json({**figures, "disagreements": records(found.disagreements()), "warnings": found.warnings})
        return
    out.print(escape(found.introduction))
    for title, frame in found.sections():
        out.print(f"\n[bold]{escape(title)}[/bold]")
        print_frame(frame, False)
    out.print(f"\n{escape(found.reading)}")
