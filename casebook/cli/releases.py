"""The command line for releases: verify, diff, history, release."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click

from casebook._support.progress import told
from casebook.cli.options import PATH, as_json, data, day, folder, opened
from casebook.cli.printing import escape, out, print_frame, print_json, records, say
from casebook.errors import CasebookError


@click.command(epilog="Example: casebook verify")
@click.option("--digest", help="Content digest cited in a paper, or its first 12 or more digits.")
@click.option("--fresh", is_flag=True, help="Check everything anew, whatever was found in order before.")
@data
@as_json
def verify(digest: str | None, fresh: bool, data: Path | None, as_json: bool) -> None:
    """Check files, values, references, reasons and evidence; exit code 1 if anything is wrong.

    Checksums and digests are computed every time; that the values of the same files are in order is remembered.
    """
    with told() as step:
        found = opened(data).verify(digest, progress=step, fresh=fresh)
    if as_json:
        about = {"name": found.name, "version": found.version, "digest": found.digest, "ok": found.ok}
        print_json({**about, "findings": records(found.to_frame())})
    else:
        out.print(escape(str(found)), soft_wrap=True)
        if digest and found.ok:
            out.print("these are the data cited")
    if not found.ok:
        raise click.exceptions.Exit(1)


@click.command(epilog="Example: casebook diff backchannel_casebook-1.0.0-py3-none-any.whl")
@click.argument("old", type=PATH, help="Older release: folder, wheel, source distribution or archive.")
@click.argument(
    "new", type=PATH, required=False, help="Newer release; the packaged one, or that of --data, if not given."
)
@click.option("--markdown", is_flag=True, help="Print Markdown for a changelog.")
@data
@as_json
def diff(old: Path, new: Path | None, markdown: bool, data: Path | None, as_json: bool) -> None:
    """Compare two releases: codebook, rows, cells and evidence."""
    from casebook.releases.changelog import as_markdown

    changes = opened(new or data).changes(old)
    if as_json:
        print_json(changes.to_dict())
    elif markdown:
        say(as_markdown(changes))
    else:
        out.print(escape(str(changes)), soft_wrap=True)


@click.command(epilog="Example: casebook history cuba-1962 outcome --releases older")
@click.argument("row", help="Identifier of a row.")
@click.argument("variable", help="Name of one of its variables.")
@click.option("--releases", type=PATH, help="Folder with older releases.")
@data
@as_json
def history(row: str, variable: str, releases: Path | None, data: Path | None, as_json: bool) -> None:
    """Follow one value through releases."""
    found = opened(data).history(row, variable, releases=releases or ())
    print_frame(found.reset_index(), as_json)


@click.command(epilog="Example: casebook release 1.1.0 --since my-casebook-1.0.0.zip --data my-casebook")
@click.argument("version", help="Version of the release.")
@click.option(
    "--date",
    help="Day of the release, as 2026-01-31; if not given, that of SOURCE_DATE_EPOCH, "
    "the one that casebook.yaml has for this version, or today (UTC).",
)
@click.option("--since", type=PATH, help="The release before, to be compared with; the newest in dist if not given.")
@click.option(
    "--home", type=PATH, help="Where CITATION.cff, CHANGELOG.md and dist belong; the casebook folder if not given."
)
@folder
def release(version: str, date: str | None, since: Path | None, home: Path | None, data: Path) -> None:
    """Give a casebook a version: tables, citation files, changelog, exchange archive."""
    from casebook.publish import prepare

    released, whence = _release_day(date, data, version)
    with told() as step:
        written = prepare(data, version, released, home=home, since=since, progress=step)
    out.print(f"released {released} ({whence})", soft_wrap=True)
    for path in written:
        out.print(f"wrote {escape(str(path))}", soft_wrap=True)


def _release_day(date: str | None, folder: Path, version: str) -> tuple[dt.date, str]:
    """The day of a release, and whence it comes; only where nothing gives it does the clock."""
    from casebook.publish import recorded_day

    if given := day(date, "date"):
        return given, "as given"
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        try:
            return dt.datetime.fromtimestamp(int(epoch), dt.UTC).date(), "from SOURCE_DATE_EPOCH"
        except (ValueError, OverflowError, OSError):
            raise CasebookError(f"SOURCE_DATE_EPOCH {epoch!r} is not a number of seconds since 1970") from None
    if recorded := recorded_day(folder, version):
        return recorded, "as casebook.yaml records it"
    return dt.datetime.now(dt.UTC).date(), "today; --date gives another day"
