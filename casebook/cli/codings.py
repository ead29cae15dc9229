"""The commands for second coders: ``casebook codings sheet``, ``add`` and ``agreement``."""

from __future__ import annotations

from pathlib import Path

import click

from casebook.cli.options import PATH, InOrder, as_json, data, folder, opened
from casebook.cli.printing import escape, out, print_frame, print_json, records
from casebook.errors import CasebookError


@click.group(cls=InOrder, no_args_is_help=True)
def codings() -> None:
    """Independent codings, for measuring agreement."""


@codings.command(epilog="Example: casebook codings sheet ann --table channels --sample 10")
@click.argument("coder", help="Name or pseudonym of the second coder.")
@click.option("--output", "-o", type=PATH, help="A .csv or .xlsx file; CODER.csv if not given.")
@click.option("--table", multiple=True, help="Only this table; may be given several times.")
@click.option("--variable", multiple=True, help="Only this variable; may be given several times.")
@click.option("--case", multiple=True, help="Only this case; may be given several times.")
@click.option("--sample", type=int, help="Draw this many rows of each table at random.")
@click.option("--seed", type=int, default=0, help="Seed of the random draw.")
@data
def sheet(
    coder: str,
    output: Path | None,
    table: tuple[str, ...],
    variable: tuple[str, ...],
    case: tuple[str, ...],
    sample: int | None,
    seed: int,
    data: Path | None,
) -> None:
    """Write the blank sheet that a second coder fills, without the published answers."""
    from casebook.codings.sheet import lines, write_sheet

    book = opened(data)
    path = output or Path(f"{coder}.csv")
    units = lines(book, table, variable, case, sample, seed)
    write_sheet(book, units, coder, path)
    rows = len({(line.table.name, line.row) for line in units})
    out.print(f"wrote {escape(str(path))}: {len(units)} values to code in {rows} rows", soft_wrap=True)
    place = "" if data else ", in a checkout of the casebook, where its coding files are"
    where = f" --data {data}" if data else ""
    out.print(
        f"Fill the column value, then run{place}: casebook codings add {escape(f'{path}{where}')}", soft_wrap=True
    )


@codings.command(epilog="Example: casebook codings add ann.csv --data my-casebook")
@click.argument("file", type=PATH, help="The coder's file, .csv or .xlsx.")
@folder
def add(file: Path, data: Path) -> None:
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


@codings.command(epilog="Example: casebook codings agreement channels")
@click.argument("table", required=False, help="Name of a table.")
@click.argument("variable", required=False, help="Name of one of its variables.")
@click.option("--coder", multiple=True, help="Only this coder; give at least two.")
@click.option("--missing", default="value", help="Count reasons for missing values as a value, or drop them.")
@click.option("--draws", type=int, default=1000, help="Bootstrap samples; 0 for no interval.")
@click.option("--seed", type=int, default=0, help="Seed of the bootstrap.")
@click.option("--few", type=int, default=30, help="With fewer units a variable is shown with its group.")
@click.option("--units", type=PATH, help="CSV of what coders found that there is to code.")
@data
@as_json
def agreement(
    table: str | None,
    variable: str | None,
    coder: tuple[str, ...],
    missing: str,
    draws: int,
    seed: int,
    few: int,
    units: Path | None,
    data: Path | None,
    as_json: bool,
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
