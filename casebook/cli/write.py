"""Commands for those who code: new, validate, build."""

from __future__ import annotations

from typing import Annotated

import typer

from casebook._support.progress import told
from casebook.cli.options import FOLDER, Folder, day
from casebook.cli.printing import escape, out
from casebook.errors import CasebookError

app = typer.Typer()


@app.command(epilog="Example: casebook build --data my-casebook")
def build(
    data: Folder = FOLDER,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if the built tables are not up to date.")
    ] = False,
) -> None:
    """Check the coding files and write the tables."""
    from casebook.authoring.build import compile_folder, stale_files, write

    with told() as step:
        made = compile_folder(data, step)
    target = data / "tables"
    if check:
        if stale := stale_files(made, target):
            raise CasebookError(f"{target} is not up to date: {', '.join(stale)}; run 'casebook build'")
        out.print(f"{escape(str(target))} is up to date, content digest {made.digest}", soft_wrap=True)
        return
    write(made, target)
    out.print(f"{made.rows} rows in {len(made.frames)} tables written to {escape(str(target))}", soft_wrap=True)
    out.print(f"content digest {made.digest}")


@app.command(epilog="Example: casebook validate --data my-casebook")
def validate(data: Folder = FOLDER) -> None:
    """Check the coding files without writing anything."""
    from casebook.authoring.build import compile_folder

    with told() as step:
        made = compile_folder(data, step)
    out.print(f"no problem found; {made.rows} rows in {len(made.frames)} tables")


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
