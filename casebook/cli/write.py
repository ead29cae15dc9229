"""Commands for those who code: new, validate, build."""

from __future__ import annotations

from pathlib import Path

import click

from casebook._support.content import DESCRIPTOR
from casebook._support.progress import told
from casebook.cli.options import PATH, day, folder
from casebook.cli.printing import escape, out
from casebook.errors import CasebookError

fresh = click.option("--fresh", is_flag=True, help="Make everything anew, whatever was kept from builds before.")


@click.command(epilog="Example: casebook build --data my-casebook")
@folder
@click.option("--check", is_flag=True, help="Write nothing; fail if the built tables are not up to date.")
@fresh
def build(data: Path, check: bool, fresh: bool) -> None:
    """Check the coding files and write the tables; what follows from unchanged files is kept between builds."""
    from casebook.authoring.build import compile_folder, stale_files, write
    from casebook.authoring.kept import build_cache

    with told() as step:
        made = compile_folder(data, step, build_cache(fresh=fresh))
    target = data / "tables"
    if check:
        if stale := stale_files(made, target):
            raise CasebookError(f"{target} is not up to date: {', '.join(stale)}; run 'casebook build'")
        out.print(f"{escape(str(target))} is up to date, content digest {made.digest}", soft_wrap=True)
        return
    write(made, target)
    out.print(f"{made.rows} rows in {len(made.tables)} tables written to {escape(str(target))}", soft_wrap=True)
    out.print(f"content digest {made.digest}")


@click.command(epilog="Example: casebook validate --data my-casebook")
@folder
@fresh
@click.option(
    "--tables",
    type=PATH,
    help="Check a folder of tables of any size instead, TABLE.parquet or TABLE/*.parquet, partitions allowed.",
)
@click.option("--engine", default="duckdb", help="What checks --tables: duckdb or spark.")
@click.option("--limit", type=int, default=10, help="With --tables, how many rows to name for each demand broken.")
def validate(data: Path, fresh: bool, tables: Path | None, engine: str, limit: int) -> None:
    """Check the coding files without writing tables, or tables of any size."""
    if tables is not None:
        _validate_tables(tables, data, engine, limit)
        return
    from casebook.authoring.workflow import validate as checked

    with told() as step:
        made = checked(data, progress=step, fresh=fresh)
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
        raise click.exceptions.Exit(1)


@click.command(epilog="Example: casebook new suez-1956 --data my-casebook --reference-date 2026-01-31")
@click.argument("case", required=False, help="Name of the new case: lower case, digits and hyphens.")
@folder
@click.option(
    "--reference-date",
    help="For a new casebook: the day to which open durations are counted; to be filled in later.",
)
@click.option("--schemas", is_flag=True, help="Also copy the schemas, to which variables of your own can be added.")
def new(case: str | None, data: Path, reference_date: str | None, schemas: bool) -> None:
    """Write the blank coding files of a new case."""
    from casebook.authoring.workflow import new as write_new

    reference = day(reference_date, "reference date")
    for path in write_new(data, case, reference_date=reference, schemas=schemas):
        out.print(f"wrote {escape(str(path))}", soft_wrap=True)
    out.print(f"Fill them in, then run: casebook build --data {escape(str(data))}", soft_wrap=True)
