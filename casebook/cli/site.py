"""The command line for a web site: site."""

from __future__ import annotations

from pathlib import Path

import click

from casebook._support.progress import told
from casebook.cli.options import PATH, data, opened
from casebook.cli.printing import escape, out
from casebook.exports import FORMATS


@click.command(epilog="Example: casebook site my-site --data my-casebook")
@click.argument("directory", type=PATH, help="Folder to write to: a new one, or that of an earlier site.")
@click.option("--url", help="Where it will be published, for search engines, as https://example.org/casebook/.")
@click.option(
    "--download",
    multiple=True,
    help=f"Format to offer, can be repeated, or all; the quick ones if not given. One of: {', '.join(FORMATS)}.",
)
@click.option("--since", type=PATH, help="An earlier release: a page counts what has changed since.")
@data
def site(directory: Path, url: str | None, download: tuple[str, ...], since: Path | None, data: Path | None) -> None:
    """Write a web site: every case, and the evidence behind every value, for any browser."""
    from casebook.site import DOWNLOADS, write_site

    formats = tuple(FORMATS) if download == ("all",) else download or tuple(DOWNLOADS)
    with told() as step:
        earlier = opened(since) if since else None
        made = write_site(opened(data), directory, url=url, downloads=formats, since=earlier, progress=step)
    for name, reason in made.left_out.items():
        out.print(f"{name} is not among the downloads: {escape(reason)}", soft_wrap=True)
    out.print(
        f"{made.pages} pages, {made.size / 1e6:.1f} MB; open {escape(str(made.folder / 'index.html'))}", soft_wrap=True
    )
