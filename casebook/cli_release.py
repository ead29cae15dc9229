"""The command line for releases: verify, diff, history, release."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from casebook.errors import CasebookError

app = typer.Typer(rich_markup_mode=None)

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of a casebook of your own; the packaged one if not given.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


@app.command(epilog="Example: casebook verify")
def verify(
    digest: Annotated[
        str | None, typer.Option(help="Content digest cited in a paper, or its first 12 or more digits.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Check files, values, references, reasons and evidence; exit code 1 if anything is wrong."""
    from casebook.cli import _book, _json, _progress, _records, out

    with _progress() as step:
        found = _book(data).verify(digest, progress=step)
    if as_json:
        about = {"name": found.name, "version": found.version, "digest": found.digest, "ok": found.ok}
        _json({**about, "findings": _records(found.to_frame())})
    else:
        out.print(escape(str(found)), soft_wrap=True)
        if digest and found.ok:
            out.print("these are the data cited")
    if not found.ok:
        raise typer.Exit(1)


@app.command(epilog="Example: casebook diff backchannel_casebook-1.0.0-py3-none-any.whl")
def diff(
    old: Annotated[Path, typer.Argument(help="Older release: folder, wheel, source distribution or archive.")],
    new: Annotated[
        Path | None, typer.Argument(help="Newer release; the packaged one, or that of --data, if not given.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown for a changelog.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Compare two releases: codebook, rows, cells and evidence."""
    from casebook.changelog import as_markdown
    from casebook.cli import _book, _json, out

    changes = _book(new or data).changes(old)
    if as_json:
        _json(changes.to_dict())
    elif markdown:
        print(as_markdown(changes))
    else:
        out.print(escape(str(changes)), soft_wrap=True)


@app.command(epilog="Example: casebook history cuba-1962 outcome --releases older")
def history(
    row: Annotated[str, typer.Argument(help="Identifier of a row.")],
    variable: Annotated[str, typer.Argument(help="Name of one of its variables.")],
    releases: Annotated[Path | None, typer.Option(help="Folder with older releases.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Follow one value through releases."""
    from casebook.cli import _book, _print

    found = _book(data).history(row, variable, releases=releases or ())
    _print(found.reset_index(), as_json)


@app.command(epilog="Example: casebook release 1.1.0 --since my-casebook-1.0.0.zip --data my-casebook")
def release(
    version: Annotated[str, typer.Argument(help="Version of the release.")],
    date: Annotated[str | None, typer.Option(help="Day of the release, as 2026-01-31; today if not given.")] = None,
    since: Annotated[Path | None, typer.Option(help="The release before, to be compared with.")] = None,
    home: Annotated[
        Path | None,
        typer.Option(help="Where CITATION.cff, CHANGELOG.md and dist belong; the casebook folder if not given."),
    ] = None,
    data: Annotated[Path, typer.Option("--data", help="Casebook folder.")] = Path("data"),
) -> None:
    """Give a casebook a version: tables, citation files, changelog, exchange archive."""
    from casebook.cli import _progress, out
    from casebook.release import prepare

    try:
        day = dt.date.fromisoformat(date) if date else dt.datetime.now(dt.UTC).date()
    except ValueError:
        raise CasebookError(f"date {date!r} is not a day such as 2026-01-31") from None
    with _progress() as step:
        written = prepare(data, version, day, home=home, since=since, progress=step)
    for path in written:
        out.print(f"wrote {escape(str(path))}", soft_wrap=True)
