"""The command line for a web site: site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casebook._support.progress import told
from casebook.cli.options import Data, opened
from casebook.cli.printing import escape, out
from casebook.exports import FORMATS

app = typer.Typer()


@app.command(epilog="Example: casebook site my-site --data my-casebook")
def site(
    directory: Annotated[Path, typer.Argument(help="Folder to write to: a new one, or that of an earlier site.")],
    url: Annotated[
        str | None,
        typer.Option(help="Where it will be published, for search engines, as https://example.org/casebook/."),
    ] = None,
    download: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Format to offer, can be repeated, or all; the quick ones if not given. One of: {', '.join(FORMATS)}."
        ),
    ] = None,
    since: Annotated[
        Path | None, typer.Option(help="An earlier release: a page counts what has changed since.")
    ] = None,
    data: Data = None,
) -> None:
    """Write a web site: every case, and the evidence behind every value, for any browser."""
    from casebook.site import DOWNLOADS, write_site

    formats = tuple(FORMATS) if download == ["all"] else tuple(download or DOWNLOADS)
    with told() as step:
        earlier = opened(since) if since else None
        made = write_site(opened(data), directory, url=url, downloads=formats, since=earlier, progress=step)
    for name, reason in made.left_out.items():
        out.print(f"{name} is not among the downloads: {escape(reason)}", soft_wrap=True)
    out.print(
        f"{made.pages} pages, {made.size / 1e6:.1f} MB; open {escape(str(made.folder / 'index.html'))}", soft_wrap=True
    )
