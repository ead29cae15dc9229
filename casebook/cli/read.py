"""Commands that read: tables, cases, codebook, evidence, comparison, citation, exports, notebooks."""

from __future__ import annotations

from pathlib import Path

import click

from casebook.cli.options import PATH, as_json, cases, data, opened
from casebook.cli.printing import escape, out, print_json, print_records, print_rows, records, say, width
from casebook.errors import CasebookError
from casebook.exports import FORMATS

_LISTED = ("case_id", "title", "channel_count")
"""What the list of cases says of each."""


@click.command(epilog="Example: casebook tables")
@data
@as_json
def tables(data: Path | None, as_json: bool) -> None:
    """List the tables."""
    from casebook.views.codebook import listed

    rows = listed(opened(data).store)
    print_records([{name: row[name] for name in row if name != "description"} for row in rows], as_json)


@click.command(epilog="Example: casebook show cuba-1962")
@click.argument("case", required=False, help="Identifier or title of a case; all are listed if not given.")
@data
@as_json
def show(case: str | None, data: Path | None, as_json: bool) -> None:
    """Show a case: narrative, facts, parties, channels, people, deadlines, terms, timeline."""
    book = opened(data)
    if case is None:
        names = [name for name in _LISTED if name in book.schema.root.by_name]
        cases = book.store.cells(book.schema.root.name).values()
        print_records([{name: row[name] for name in names} for row in cases], as_json)
        return
    page = book.case(case)
    if as_json:
        shown = ("parties", "channels", "people", "third_parties", "deadlines", "terms", "events")
        parts = {name: records(getattr(page, name)) for name in shown}
        print_json({"case": case, "narrative": page.narrative, "facts": page.facts.to_dict(), **parts})
        return
    say(page.to_text(width()))


@click.command(epilog="Example: casebook codebook channels result")
@click.argument("table", required=False, help="Name of a table.")
@click.argument("variable", required=False, help="Name of one of its variables.")
@data
@as_json
def codebook(table: str | None, variable: str | None, data: Path | None, as_json: bool) -> None:
    """Look up tables and variables."""
    book = opened(data).codebook(table, variable)
    if as_json:
        print_json(book.rows())
    else:
        say(book.to_text(width()))


@click.command(epilog="Example: casebook find secrecy")
@click.argument("text", help="What to look for.")
@data
@as_json
def find(text: str, data: Path | None, as_json: bool) -> None:
    """Search the codebook."""
    from casebook.views.codebook import found

    variables = found(opened(data).schema, text)
    if variables or as_json:
        print_records(variables, as_json, hidden=["description"])
    else:
        say(f"Nothing found for {text!r}; try a shorter word.")


@click.command(epilog="Example: casebook evidence cuba-1962 outcome")
@click.argument("row", help="Identifier of a case or of a row of any table.")
@click.argument("variable", required=False, help="Name of a variable.")
@data
@as_json
def evidence(row: str, variable: str | None, data: Path | None, as_json: bool) -> None:
    """Show the sources behind a row or one of its values."""
    found = opened(data).evidence(row, variable)
    if as_json:
        print_json(found.rows())
    else:
        say(found.to_text(width()))


@click.command(epilog="Example: casebook compare outcome violence stalemate")
@click.argument("variables", nargs=-1, required=True, help="Variables of one table.")
@click.option("--table", help="Name of the table, if several have the variables.")
@cases
@data
@as_json
def compare(
    variables: tuple[str, ...], table: str | None, case: tuple[str, ...], data: Path | None, as_json: bool
) -> None:
    """Set cases or channels side by side."""
    found = opened(data).compare(*variables, table=table, cases=case or None)
    header, rows = [*found.names, *found.titles], [[*row.labels, *row.shown] for row in found.rows]
    if as_json:
        print_json([dict(zip(header, row, strict=True)) for row in rows])
    else:
        print_rows(header, rows, labels=len(found.names))


@click.command(epilog="Example: casebook cite cuba-1962 --style bibtex")
@click.argument(
    "what", required=False, help="A case, row, table or variable (channels.result); the release if not given."
)
@click.option("--style", default="apa", help="apa, chicago, bibtex, ris or csl-json.")
@data
@as_json
def cite(what: str | None, style: str, data: Path | None, as_json: bool) -> None:
    """Cite the release, or the sources behind a part of it."""
    found = opened(data).cite(what, style=style)
    if as_json:
        print_json(list(found))
    else:
        say(found)


@click.command(epilog="Example: casebook export exports --format csv --format stata")
@click.argument("directory", type=PATH, help="Folder to write to; made if it doesn't exist.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    help=f"{', '.join(FORMATS)}; may be given several times; all if not given.",
)
@click.option("--overwrite", is_flag=True, help="Replace exports that the folder already holds.")
@data
def export(directory: Path, formats: tuple[str, ...], overwrite: bool, data: Path | None) -> None:
    """Write the casebook in other formats."""
    from casebook._support.progress import told

    with told() as step:
        written = opened(data).export(directory, formats or None, overwrite=overwrite, progress=step)
    for path in written:
        out.print(f"wrote {escape(str(path))}", soft_wrap=True)


@click.command(
    epilog="Example: casebook lab work --port 8889 --ip 0.0.0.0", context_settings={"ignore_unknown_options": True}
)
@click.argument(
    "arguments",
    nargs=-1,
    metavar="[FOLDER] [OPTION OF JUPYTERLAB]",
    help="Where to put the notebooks, casebook-notebooks if not given; then what JupyterLab is to be told: "
    "--port 8889, --ip 0.0.0.0, --allow-root …",
)
@click.option("--copy-only", is_flag=True, help="Copy the notebooks and stop.")
@click.option("--no-browser", is_flag=True, help="Start JupyterLab and print its address, for servers.")
def lab(arguments: tuple[str, ...], copy_only: bool, no_browser: bool) -> None:
    """Copy the notebooks, trust them, and open them in JupyterLab."""
    from casebook.lab import copy_notebooks, open_lab, trust

    named = arguments[:1] if arguments and not arguments[0].startswith("-") else ()
    folder = Path(*(named or ["casebook-notebooks"]))
    options = [*(["--no-browser"] if no_browser else []), *arguments[len(named) :]]
    written, kept = copy_notebooks(folder)
    trusted = ", trusted by Jupyter" if written and trust(written) else ""
    out.print(f"{len(written)} notebooks copied to {escape(str(folder))}{trusted}", soft_wrap=True)
    for path in kept:
        out.print(f"kept your {escape(str(path))}", soft_wrap=True)
    if not copy_only and (code := open_lab(folder, options)):
        raise CasebookError(f"JupyterLab ended with exit code {code}; its own messages are above")
