"""Commands that read: tables, cases, codebook, evidence, comparison, citation, exports, notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casebook._support.progress import told
from casebook.cli.options import Data, Json, opened
from casebook.cli.printing import escape, out, print_json, print_records, print_rows, records, width
from casebook.errors import CasebookError
from casebook.exports import FORMATS

app = typer.Typer()


@app.command(epilog="Example: casebook tables")
def tables(data: Data = None, as_json: Json = False) -> None:
    """List the tables."""
    from casebook.views.codebook import listed

    rows = listed(opened(data).store)
    print_records([{name: row[name] for name in row if name != "description"} for row in rows], as_json)


@app.command(epilog="Example: casebook show cuba-1962")
def show(
    case: Annotated[str, typer.Argument(help="Identifier of a case.")], data: Data = None, as_json: Json = False
) -> None:
    """Show a case: narrative, facts, parties, channels, people, deadlines, terms, timeline."""
    page = opened(data).case(case)
    if as_json:
        names = ("parties", "channels", "people", "third_parties", "deadlines", "terms", "events")
        parts = {name: records(getattr(page, name)) for name in names}
        print_json({"case": case, "narrative": page.narrative, "facts": page.facts.to_dict(), **parts})
        return
    print(page.to_text(width()))


@app.command(epilog="Example: casebook codebook channels result")
def codebook(
    table: Annotated[str | None, typer.Argument(help="Name of a table.")] = None,
    variable: Annotated[str | None, typer.Argument(help="Name of one of its variables.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Look up tables and variables."""
    book = opened(data).codebook(table, variable)
    if as_json:
        print_json(book.rows())
    else:
        print(book.to_text(width()))


@app.command(epilog="Example: casebook find secrecy")
def find(
    text: Annotated[str, typer.Argument(help="What to look for.")], data: Data = None, as_json: Json = False
) -> None:
    """Search the codebook."""
    from casebook.views.codebook import found

    variables = found(opened(data).schema, text)
    if variables or as_json:
        print_records(variables, as_json, hidden=["description"])
    else:
        print(f"Nothing found for {text!r}; try a shorter word.")


@app.command(epilog="Example: casebook evidence cuba-1962 outcome")
def evidence(
    row: Annotated[str, typer.Argument(help="Identifier of a case or of a row of any table.")],
    variable: Annotated[str | None, typer.Argument(help="Name of a variable.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show the sources behind a row or one of its values."""
    found = opened(data).evidence(row, variable)
    if as_json:
        print_json(found.rows())
    else:
        print(found.to_text(width()))


@app.command(epilog="Example: casebook compare outcome violence stalemate")
def compare(
    variables: Annotated[list[str], typer.Argument(help="Variables of one table.")],
    table: Annotated[str | None, typer.Option(help="Name of the table, if several have the variables.")] = None,
    case: Annotated[
        list[str] | None, typer.Option("--case", "--cases", help="Only this case; may be given several times.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set cases or channels side by side."""
    found = opened(data).compare(*variables, table=table, cases=case or None)
    header, rows = [*found.names, *found.titles], [[*row.labels, *row.shown] for row in found.rows]
    if as_json:
        print_json([dict(zip(header, row, strict=True)) for row in rows])
    else:
        print_rows(header, rows, labels=len(found.names))


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
    found = opened(data).cite(what, style=style)
    if as_json:
        print_json(list(found))
    else:
        print(found)


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
    with told() as step:
        written = opened(data).export(directory, format_ or None, overwrite=overwrite, progress=step)
    for path in written:
        out.print(f"wrote {escape(str(path))}", soft_wrap=True)


@app.command(
    epilog="Example: casebook lab work --port 8889 --ip 0.0.0.0", context_settings={"ignore_unknown_options": True}
)
def lab(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FOLDER] [OPTION OF JUPYTERLAB]",
            help="Where to put the notebooks, casebook-notebooks if not given; then what JupyterLab is to be told: "
            "--port 8889, --ip 0.0.0.0, --allow-root …",
        ),
    ] = None,
    copy_only: Annotated[bool, typer.Option("--copy-only", help="Copy the notebooks and stop.")] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Start JupyterLab and print its address, for servers.")
    ] = False,
) -> None:
    """Copy the notebooks, trust them, and open them in JupyterLab."""
    from casebook.lab import copy_notebooks, open_lab, trust

    given = arguments or []
    named = given[:1] if given and not given[0].startswith("-") else []
    folder = Path(*(named or ["casebook-notebooks"]))
    options = [*(["--no-browser"] if no_browser else []), *given[len(named) :]]
    written, kept = copy_notebooks(folder)
    trusted = ", trusted by Jupyter" if written and trust(written) else ""
    out.print(f"{len(written)} notebooks copied to {escape(str(folder))}{trusted}", soft_wrap=True)
    for path in kept:
        out.print(f"kept your {escape(str(path))}", soft_wrap=True)
    if not copy_only and (code := open_lab(folder, options)):
        raise CasebookError(f"JupyterLab ended with exit code {code}; its own messages are above")
