"""Commands for those who code: new, validate, build."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casebook._support.files import DESCRIPTOR
from casebook._support.progress import told
from casebook.cli.options import FOLDER, Folder, day
from casebook.cli.printing import escape, out
from casebook.errors import CasebookError

app = typer.Typer()
Fresh = Annotated[bool, typer.Option("--fresh", help="Make everything anew, whatever was kept from builds before.")]


@app.command(epilog="Example: casebook build --data my-casebook")
def build(
    data: Folder = FOLDER,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if the built tables are not up to date.")
    ] = False,
    fresh: Fresh = False,
) -> None:
    """Check the coding files and write the tables; what follows from unchanged files is kept between builds."""
    from casebook.authoring.build import compile_folder, stale_files, write
    from casebook.authoring.kept import user_cache

    with told() as step:
        made = compile_folder(data, step, user_cache(fresh=fresh))
    target = data / "tables"
    if check:
        if stale := stale_files(made, target):
            raise CasebookError(f"{target} is not up to date: {', '.join(stale)}; run 'casebook build'")
        out.print(f"{escape(str(target))} is up to date, content digest {made.digest}", soft_wrap=True)
        return
    write(made, target)
    out.print(f"{made.rows} rows in {len(made.tables)} tables written to {escape(str(target))}", soft_wrap=True)
    out.print(f"content digest {made.digest}")


@app.command(epilog="Example: casebook validate --data my-casebook")
def validate(
    data: Folder = FOLDER,
    fresh: Fresh = False,
    tables: Annotated[
        Path | None,
        typer.Option(
            help="Check a folder of tables of any size instead, TABLE.parquet or TABLE/*.parquet, partitions allowed."
        ),
    ] = None,
    engine: Annotated[str, typer.Option(help="What checks --tables: duckdb or spark.")] = "duckdb",
    limit: Annotated[int, typer.Option(help="With --tables, how many rows to name for each demand broken.")] = 10,
) -> None:
    """Check the coding files without writing tables, or tables of any size."""
    if tables is not None:
        _validate_tables(tables, data, engine, limit)
        return
    from casebook.authoring.build import compile_folder
    from casebook.authoring.kept import user_cache

    with told() as step:
        made = compile_folder(data, step, user_cache(fresh=fresh), second=False)
    out.print(f"no problem found; {made.rows} rows in {len(made.tables)} tables")


def _validate_tables(folder: Path, data: Path, engine: str, limit: int) -> None:
    """Check tables by ``datapackage.json`` beside them, by the schemas of a casebook, or by the packaged ones."""
    from casebook.engines.validation import validate_tables

    schema = None
    if (data / "schemas").is_dir() and not (folder / DESCRIPTOR).exists():
        from casebook.authoring.schemas import read_schema

        schema = read_schema(data / "schemas")
    with told() as step:
        found = validate_tables(folder, schema=schema, engine=engine, limit=limit, progress=step)
    out.print(escape(str(found)), soft_wrap=True)
    if not found.ok:
        raise typer.Exit(1)


@app.command(epilog="Example: casebook new suez-1956 --data my-casebook --reference-date 2026-01-31")
def new(
    case: Annotated[str | None, typer.Argument(help="Name of the new case: lower case, digits and hyphens.")] = None,
    data: Folder = FOLDER,
    reference_date: Annotated[
        str | None,
        typer.Option(help="For a new casebook: the day to which open durations are counted; to be filled in later."),
    ] = None,
    schemas: Annotated[
        bool, typer.Option("--schemas", help="Also copy the schemas, to which variables of your own can be added.")
    ] = False,
) -> None:
    """Write the blank coding files of a new case."""
    from casebook.authoring.workflow import new as write_new

    reference = day(reference_date, "reference date")
    for path in write_new(data, case, reference_date=reference, schemas=schemas):
        out.print(f"wrote {escape(str(path))}", soft_wrap=True)
    out.print(f"Fill them in, then run: casebook build --data {escape(str(data))}", soft_wrap=True)
