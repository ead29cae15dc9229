"""Making a release of a casebook: version, citation files, changelog and exchange archive."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import re
import zipfile
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version

from casebook._support.progress import Progress, silent
from casebook._support.resources import schema_folder
from casebook.authoring.build import compile_folder, write
from casebook.book import Casebook
from casebook.book import open as open_casebook
from casebook.errors import CasebookError
from casebook.exports.document import codebook_markdown
from casebook.model.metadata import Metadata
from casebook.releases.changelog import as_markdown
from casebook.releases.changes import Changes, changes_between
from casebook.sources.release import release_item

BEGIN, END = "<!-- data changes: generated -->", "<!-- end of data changes -->"
BESIDE = ("CITATION.cff", "CHANGELOG.md", "LICENSE-DATA")


def prepare(
    folder: Path,
    version: str,
    day: dt.date,
    *,
    home: Path | None = None,
    since: Path | None = None,
    progress: Progress = silent,
) -> list[Path]:
    """Give a casebook a version and write all that belongs to its release.

    The version is written to ``casebook.yaml``, the one place where it stands; from it follow the tables,
    ``CITATION.cff``, ``.zenodo.json``, the data section of ``CHANGELOG.md`` and the exchange archive in ``dist``. The
    same input gives the same files, byte for byte.

    Parameters
    ----------
    folder : Path
        Casebook folder.
    version : str
        Version of the release, for example ``1.2.0``.
    day : date
        Day of the release.
    home : Path, optional
        Where ``CITATION.cff``, ``.zenodo.json``, ``CHANGELOG.md`` and ``dist`` belong; the casebook folder if not
        given.
    since : Path, optional
        The release before, as for `casebook.open`; without it the changelog counts rows.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    CasebookError
        If the version is none, or a smaller step than the changes call for.
    InvalidCasebookError
        If the coding files don't pass their checks; ``casebook.yaml`` is then as it was.
    """
    home = home or folder
    older = open_casebook(since) if since else None
    path = folder / "casebook.yaml"
    before = path.read_bytes() if path.exists() else b""
    try:
        bump(path, version, day)
        made = compile_folder(folder, progress)
        progress("writing tables")
        write(made, folder / "tables")
        book = open_casebook(folder)
        changes = changes_between(older.store, book.store) if older else None
        if changes:
            check_step(changes)
    except Exception:
        if before:
            path.write_bytes(before)
        raise
    progress("writing citation files, changelog and archive")
    log = home / "CHANGELOG.md"
    text = log.read_text(encoding="utf-8") if log.exists() else "# Changes\n"
    texts = {
        home / "CITATION.cff": citation_cff(book.metadata, book.digest),
        home / ".zenodo.json": zenodo_json(book.metadata, book.digest),
        log: changelog(text, version, day, as_markdown(changes) if changes is not None else first_release(book)),
    }
    for target, content in texts.items():
        _write(target, content.encode())
    archive = home / "dist" / f"{book.metadata.name}-{version}.zip"
    _write(archive, archive_bytes(book, folder, home))
    return [path, folder / "tables", *texts, archive]


def bump(path: Path, version: str, day: dt.date) -> None:
    """Write version and date to ``casebook.yaml``, leaving all else as it stands.

    Raises
    ------
    CasebookError
        If the version is not one, or the file holds no version.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc|\.dev)\d+)?", version):
        raise CasebookError(f"{version!r} is not a version such as 1.0.0")
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CasebookError(f"{path} cannot be read: {error.strerror}") from error
    text, found = re.subn(r"^version:.*$", f"version: {version}", text, count=1, flags=re.MULTILINE)
    if not found:
        raise CasebookError(f"{path} has no line that begins with 'version:'")
    released = f"released: {day.isoformat()}"
    text, found = re.subn(r"^released:.*$", released, text, count=1, flags=re.MULTILINE)
    if not found:
        text = re.sub(r"^(version:.*)$", rf"\1\n{released}", text, count=1, flags=re.MULTILINE)
    _write(path, text.encode())


def check_step(changes: Changes) -> None:
    """The step in version must be as great as the changes call for.

    Before 1.0.0 a minor step is enough for any change.

    Raises
    ------
    CasebookError
        If it is not; the message says which version would do.
    """
    old, new = changes.old["version"], changes.new["version"]
    try:
        before, after = Version(old), Version(new)
    except InvalidVersion as error:
        raise CasebookError(str(error)) from error
    if after <= before:
        raise CasebookError(f"version {new} does not come after {old}, the release before")
    level = {"major": "minor"}.get(changes.level or "", changes.level) if before.major == 0 else changes.level
    least = {
        "major": Version(f"{before.major + 1}.0.0"),
        "minor": Version(f"{before.major}.{before.minor + 1}.0"),
    }.get(level or "")
    if least and after.release < least.release:
        raise CasebookError(f"the changes since {old} are {level}: the next version is {least} at least, not {new}")


def citation_cff(about: Metadata, digest: str | None = None) -> str:
    """``CITATION.cff`` in the Citation File Format 1.2.0.

    Parameters
    ----------
    about : Metadata
        Description of the release.
    digest : str, optional
        Content digest of the release.
    """
    authors = [
        {"family-names": name["family"], "given-names": name["given"]}
        if "family" in name
        else {"name": name["literal"]}
        for name in release_item(about, digest or "")["author"]
    ]
    identifiers = [{"type": "doi", "value": about.doi, "description": "DOI of the release"}] if about.doi else []
    if digest:
        identifiers.append({"type": "other", "value": f"sha256:{digest}", "description": "Content digest of the data"})
    content = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it with its version.",
        "title": about.title,
        "abstract": " ".join(about.description.split()),
        "type": "dataset",
        "version": about.version,
        "date-released": about.released,
        "license": about.license,
        "url": about.homepage,
        "authors": authors,
        "identifiers": identifiers,
        "keywords": list(about.keywords),
    }
    given = {key: value for key, value in content.items() if value}
    return yaml.safe_dump(given, sort_keys=False, allow_unicode=True, width=120)


def zenodo_json(about: Metadata, digest: str | None = None) -> str:
    """``.zenodo.json``: the metadata of a deposit at Zenodo."""
    people = release_item(about, digest or "")["author"]
    content: dict[str, Any] = {
        "title": about.title,
        "upload_type": "dataset",
        "description": " ".join(about.description.split()),
        "version": about.version,
        "publication_date": about.released.isoformat() if about.released else None,
        "creators": [{"name": who.get("literal") or f"{who['family']}, {who['given']}"} for who in people],
        "license": about.license.lower() if about.license else None,
        "access_right": "open" if about.license else None,
        "keywords": list(about.keywords),
        "notes": f"Content digest sha256:{digest}" if digest else None,
    }
    return json.dumps({key: value for key, value in content.items() if value}, ensure_ascii=False, indent=2) + "\n"


def first_release(book: Casebook) -> str:
    """The data section of a changelog that has no release to compare with."""
    rows = book.tables()["rows"]
    counts = ", ".join(f"{table} {count}" for table, count in rows.items())
    return f"- First release. Content digest `sha256:{book.digest}`.\n- Rows: {counts}."


def changelog(text: str, version: str, day: dt.date, data: str) -> str:
    """Put the data section of a release into a changelog.

    A section ``## Unreleased`` becomes that of the release; what people wrote there stays. The generated lines stand
    between two markers and are replaced when the release is made again.

    Examples
    --------
    >>> print(changelog("# Changes\\n\\n## Unreleased\\n\\n- A plot.\\n", "1.0.0", dt.date(2030, 1, 2), "- One case."))
    # Changes
    <BLANKLINE>
    ## 1.0.0, 2030-01-02
    <BLANKLINE>
    <!-- data changes: generated -->
    ### Data
    - One case.
    <!-- end of data changes -->
    <BLANKLINE>
    - A plot.
    <BLANKLINE>
    """
    heading = f"## {version}, {day.isoformat()}"
    block = f"{BEGIN}\n### Data\n{data}\n{END}"
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    place = next((n for n, part in enumerate(parts) if re.match(rf"## {re.escape(version)}\b", part)), None)
    if place is None:
        place = next((n for n, part in enumerate(parts) if part.lower().startswith("## unreleased")), None)
    if place is None:
        place = 1
        parts = [parts[0].rstrip() + "\n\n", "## new\n\n", *parts[1:]]
    body = parts[place].partition("\n")[2]
    body = re.sub(rf"{re.escape(BEGIN)}.*?{re.escape(END)}\n*", "", body, flags=re.DOTALL).strip()
    parts[place] = "\n\n".join(filter(None, [heading, block, body])) + "\n\n"
    return "".join(parts).rstrip() + "\n"


def archive_bytes(book: Casebook, folder: Path, home: Path) -> bytes:
    """The exchange archive: tables, schemas, codebook, sources, citation and license, the same for the same content."""
    about = book.metadata
    day = about.released or dt.date(1980, 1, 1)
    stamp = (day.year, day.month, day.day, 0, 0, 0)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(_contents(book, folder, home)):
            member = zipfile.ZipInfo(f"{about.name}-{about.version}/{name}", stamp)
            member.external_attr = 0o644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return buffer.getvalue()


def _contents(book: Casebook, folder: Path, home: Path) -> Iterator[tuple[str, bytes]]:
    sources: list[tuple[str, Traversable]] = [("tables", book.store.folder), ("schemas", schema_folder(folder))]
    for name, place in sources:
        for path in place.iterdir():
            if path.is_file():
                yield f"{name}/{path.name}", path.read_bytes()
    for name in BESIDE:
        if (home / name).is_file():
            yield name, (home / name).read_bytes()
    for style, name in (("bibtex", "release.bib"), ("ris", "release.ris"), ("csl-json", "release.csl.json")):
        yield name, f"{book.cite(style=style)}\n".encode()
    yield "codebook.md", codebook_markdown(book).encode()


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except OSError as error:
        raise CasebookError(f"{path} cannot be written: {error.strerror or error}") from error
