"""Writing a site: every page drawn, then all of it put in its place at once."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from casebook._support.files import recover, replace_folder, sha256, staging
from casebook._support.memory import uncollected
from casebook._support.optional import needed
from casebook._support.progress import Progress, silent
from casebook.errors import CasebookError, NotWritableError
from casebook.exports import export, wanted
from casebook.site.addresses import variable_page
from casebook.site.described import Described
from casebook.site.explorer import explored
from casebook.site.links import Links
from casebook.site.manifest import NAME, Manifest, fingerprint
from casebook.site.pages import Page, Pages
from casebook.site.reading import Reader
from casebook.site.search import index
from casebook.site.values import Values

if TYPE_CHECKING:
    from casebook.book import Casebook

DOWNLOADS = ("parquet", "csv", "markdown", "schema-org")
"""Formats that a site offers if no others are asked for: the quick ones."""
STATIC = ("style.css", "search.js", "page.js", "explorer.js")
VENDORED = ("d3.min.js", "plot.min.js", "minisearch.js", "d3.LICENSE.txt", "plot.LICENSE.txt", "minisearch.LICENSE.txt")
"""Libraries of others that pages run, each with its license; they lie in the folder ``vendor``."""


@dataclass(frozen=True)
class Built:
    """What was written.

    Attributes
    ----------
    folder : Path
        The site; open its ``index.html``.
    pages : int
        How many pages it has.
    size : int
        Bytes of all files.
    left_out : dict of str
        Formats that are not among the downloads, with the reason.
    """

    folder: Path
    pages: int
    size: int
    left_out: dict[str, str]


@uncollected()
def write_site(
    book: Casebook,
    directory: str | PathLike[str],
    *,
    url: str | None = None,
    downloads: tuple[str, ...] = DOWNLOADS,
    since: Casebook | None = None,
    progress: Progress = silent,
) -> Built:
    """Write a casebook as a web site.

    Everything is made in a temporary place first; the target changes only when all is done. An earlier site there is
    replaced; files that did not change keep their time. If it was made of the same values, codebook, options and code,
    left no format out and is whole, it stays as it is.

    Parameters
    ----------
    book : Casebook
        The casebook.
    directory : path
        Folder to write to; made if it doesn't exist. It must hold nothing but an earlier site.
    url : str, optional
        Where the site will be published, such as ``https://example.org/casebook/``; only search engines and the page
        for wrong addresses need it.
    downloads : tuple of str
        Formats to offer, of `casebook.exports.FORMATS`.
    since : Casebook, optional
        An earlier release; a page counts what has changed since.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    Built
        What was written.

    Raises
    ------
    CasebookError
        If the folder holds other files, the address is not one, a format is unknown, or a library is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from casebook.book import packaged_release
    >>> write_site(packaged_release(), tempfile.gettempdir() + "/", url="example.org")
    Traceback (most recent call last):
    casebook.errors.CasebookError: 'example.org' is no address of a site; write it as https://example.org/casebook/
    """
    target = Path(os.path.realpath(directory))
    base = _base(url)
    formats = wanted(downloads) if downloads else []
    reader = Reader(book)
    links = Links(reader)
    environment = _environment(links, base, since)
    earlier = _earlier(target)
    progress("comparing with what is there")
    made_of = fingerprint(book, since, (base, formats))
    if earlier.made_of == made_of and earlier.holds(target):
        return Built(target, earlier.pages, _size(target), {})
    with staging(target) as temporary:
        made = temporary / "site"
        made.mkdir()
        offered, left_out = _offer(book, made / "downloads", formats, progress)
        environment.globals["described"] = Described(book, base, offered).of
        progress("reading rows and evidence")
        composed = Pages(reader, since)
        pages = list(composed)
        searched = index(pages, composed)
        pages += [
            Page("search.html", "search.html", "Search", {"parts": list(searched)}),
            Page("downloads.html", "downloads.html", "Downloads", {"offered": offered, "left_out": left_out}),
        ]
        progress(f"drawing {len(pages)} pages")
        _refuse_twins(pages)
        contents = {page.address: _drawn(environment, links, page) for page in pages}
        contents |= searched
        contents["explorer-data.js"] = explored(reader)
        for folder, names in (("static", STATIC), ("vendor", VENDORED)):
            contents |= {f"static/{name}": (files("casebook.site") / folder / name).read_bytes() for name in names}
        if base:
            contents["sitemap.xml"] = _sitemap(base, pages)
        _write(made, contents)
        sums = {name: sha256(content) for name, content in contents.items()}
        sums |= {part["to"]: part["sha256"] for offer in offered for part in offer["parts"]}
        manifest = Manifest("" if left_out else made_of, len(pages), dict(sorted(sums.items())))
        manifest.write(made, book)
        _keep_times(made, manifest, target, earlier)
        size = _size(made)
        replace_folder(made, target)
    return Built(target, len(pages), size, left_out)


def _base(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise CasebookError(f"{url!r} is no address of a site; write it as https://example.org/casebook/")
    return url if url.endswith("/") else f"{url}/"


def _environment(links: Links, base: str | None, since: Casebook | None) -> Any:
    """The templates, with what every page says."""
    jinja2 = needed("jinja2", "a site", "export")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (files("casebook.site") / "templates" / name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    same = _Same(environment, links)
    environment.globals |= {"to": links.to, "link": links.link, "joined": links.joined, "values": Values(links)}
    environment.globals |= {"same": same.drawn, "variable_page": variable_page}
    book = links.reader.book
    environment.globals |= {"about": book.metadata, "digest": book.digest, "release": str(book.cite())}
    environment.globals |= {"schema": book.schema, "base": base, "since": since and since.metadata}
    return environment


class _Same:
    """Parts that are the same on every page of a folder, each drawn once."""

    def __init__(self, environment: Any, links: Links) -> None:
        self.environment, self.links = environment, links
        self.known: dict[tuple[str, str], Any] = {}

    def drawn(self, name: str) -> Any:
        """What a template gives on the pages of the folder."""
        place = (self.links.folder, name)
        if place not in self.known:
            self.known[place] = needed("markupsafe", "a site", "export").Markup(
                self.environment.get_template(name).render()
            )
        return self.known[place]


def _earlier(target: Path) -> Manifest:
    """The manifest of an earlier site in the folder.

    Raises
    ------
    CasebookError
        If it holds anything else.
    """
    recover(target)
    if not target.exists():
        return Manifest()
    if not target.is_dir():
        raise CasebookError(f"{target} is a file; name a folder to write the site to")
    manifest = Manifest.read(target)
    known = {NAME, *manifest.files} if manifest.files else set()
    found = {
        path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    if strange := sorted(found - known):
        raise CasebookError(f"{target} holds {strange[0]}, which no earlier site of casebook has; name another folder")
    return manifest


def _offer(
    book: Casebook, folder: Path, formats: list[str], progress: Progress
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Export the formats that can hold the casebook; what stands in the way of the others."""
    offered, left_out = [], {}
    for name in formats:
        try:
            [path] = export(book, folder, name, progress=progress)
        except NotWritableError:
            raise
        except CasebookError as error:
            left_out[name] = str(error).replace(f"{folder}/", "")
            continue
        inside = sorted(part for part in path.rglob("*") if part.is_file()) if path.is_dir() else [path]
        parts = [
            {
                "name": part.relative_to(folder).as_posix(),
                "to": f"downloads/{part.relative_to(folder).as_posix()}",
                "size": part.stat().st_size,
                "sha256": sha256(part.read_bytes()),
            }
            for part in inside
        ]
        offered.append({"format": name, "parts": parts})
    return offered, left_out


def _drawn(environment: Any, links: Links, page: Page) -> bytes:
    links.stand_on(page.address)
    return f"{environment.get_template(page.template).render(page=page)}\n".encode()


def _refuse_twins(pages: list[Page]) -> None:
    """Say so rather than let one page take the place of another."""
    seen: dict[str, str] = {}
    for page in pages:
        if page.address in seen:
            raise CasebookError(f"{seen[page.address]!r} and {page.title!r} would have the same page {page.address}")
        seen[page.address] = page.title


def _sitemap(base: str, pages: list[Page]) -> bytes:
    from xml.sax.saxutils import escape

    found = "".join(
        f"<url><loc>{escape(base + page.address)}</loc></url>\n" for page in pages if page.address != "404.html"
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return f"{head}{found}</urlset>\n".encode()


def _write(made: Path, contents: dict[str, bytes]) -> None:
    for folder in {posixpath.dirname(name) for name in contents}:
        (made / folder).mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        with open(os.path.join(made, name), "wb") as file:
            file.write(content)


def _keep_times(made: Path, manifest: Manifest, target: Path, earlier: Manifest) -> None:
    """Give files that did not change the time that they had, so that only the others are published anew."""
    for name, known in manifest.files.items():
        if earlier.files.get(name) == known and (old := target / name).is_file():
            os.utime(made / name, ns=(old.stat().st_atime_ns, old.stat().st_mtime_ns))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
