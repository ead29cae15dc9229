"""Making a release of a casebook: version, tables, citation files, changelog and exchange archive.

Everything is made in memory and compared with the release before. Only then is it written, ``casebook.yaml`` last, all
or nothing. Nothing here depends on the clock, the folder or the machine.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.version import Version

from casebook._support.progress import Progress, silent
from casebook._support.resources import schema_folder
from casebook._support.together import JOURNAL, Content, alone, change_together, undo_unfinished
from casebook.authoring.build import compile_folder, refuse_strange_files, render
from casebook.authoring.metadata import read_metadata
from casebook.book import Casebook
from casebook.errors import CasebookError, Problems
from casebook.exports.document import codebook_markdown
from casebook.model.metadata import parse_version
from casebook.releases.archives import Unpacked, tables_folder
from casebook.releases.changelog import as_markdown, changelog, first_release
from casebook.releases.changes import Changes, changes_between
from casebook.releases.citation import citation_cff, zenodo_json
from casebook.releases.earlier import release_before

__all__ = ["bumped", "changelog", "check_step", "citation_cff", "prepare", "recorded_day", "zenodo_json"]

_VALUE = r"[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*"
"""What stands behind a key, on its line or indented on the next."""
_FIRST_STAMP, _LAST_STAMP = dt.date(1980, 1, 1), dt.date(2107, 12, 31)


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
        The release before, as for `casebook.open`; if not given, the newest archive in ``dist``, or the tables that
        lie in the casebook folder as they were released.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    CasebookError
        If the version is none, comes before one that is recorded or is a smaller step than the changes call for; if
        the day lies before the reference date or that of the release before; if the archive exists with another
        content; or if something cannot be read or written. Everything is then as it was.
    InvalidCasebookError
        If the coding files don't pass their checks; everything is then as it was.
    """
    home = home or folder
    path = folder / "casebook.yaml"
    with alone(folder):
        undo_unfinished(folder / JOURNAL)
    settings = bumped(_text(path), path, version, day)
    log = home / "CHANGELOG.md"
    log_before = _text(log, "# Changes\n")
    coded = compile_folder(folder, progress)
    if coded.metadata.reference_date > day:
        raise CasebookError(
            f"{path}: the reference date {coded.metadata.reference_date} lies after {day}, the day of the release; "
            "write in reference_date until when the coders looked"
        )
    progress("comparing with the release before")
    older = release_before(coded.metadata, version, day, folder=folder, home=home, log=log_before, since=since)
    made = dataclasses.replace(
        coded, metadata=dataclasses.replace(coded.metadata, version=str(parse_version(version)), released=day)
    )
    changes = changes_between(older, made) if older else None
    if changes is not None:
        check_step(changes)
    progress("preparing tables, citation files, changelog and archive")
    tables = render(made)
    book = Casebook(Unpacked(str(folder / "tables"), tables))
    data = as_markdown(changes) if changes is not None else first_release(made)
    texts = {
        home / "CITATION.cff": citation_cff(book.metadata, book.digest).encode(),
        home / ".zenodo.json": zenodo_json(book.metadata, book.digest).encode(),
        log: changelog(log_before, version, day, data).encode(),
    }
    beside = {target.name: content for target, content in texts.items() if not target.name.startswith(".")}
    if (home / "LICENSE-DATA").is_file():
        beside["LICENSE-DATA"] = _bytes(home / "LICENSE-DATA")
    archive = home / "dist" / f"{book.metadata.name}-{version}.zip"
    packed = archive_bytes(book, tables, _schemas(folder), beside)
    _refuse_to_replace(archive, packed, book)
    refuse_strange_files(folder / "tables")
    progress("writing")
    contents: dict[Path, Content] = {folder / "tables": tables, **texts, archive: packed, path: settings.encode()}
    with alone(folder):
        undo_unfinished(folder / JOURNAL)
        change_together(contents, folder / JOURNAL)
    return [path, folder / "tables", *texts, archive]


def recorded_day(folder: Path, version: str) -> dt.date | None:
    """The day that ``casebook.yaml`` gives to a version that was made before."""
    about = read_metadata(folder / "casebook.yaml", Problems())
    return about.released if about and about.version == version else None


def bumped(text: str, path: Path, version: str, day: dt.date) -> str:
    """The text of ``casebook.yaml`` with another version and day, all else as it stands.

    Raises
    ------
    CasebookError
        If the version is not one, or the text holds none.
    """
    try:
        parse_version(version)
    except ValueError as error:
        raise CasebookError(str(error)) from None
    text, found = re.subn(rf"^version:{_VALUE}", f"version: {version}", text, count=1, flags=re.MULTILINE)
    if not found:
        raise CasebookError(f"{path} has no line that begins with 'version:'")
    released = f"released: {day.isoformat()}"
    text, found = re.subn(rf"^released:{_VALUE}", released, text, count=1, flags=re.MULTILINE)
    if not found:
        newline = "\r\n" if "\r\n" in text else "\n"
        text = re.sub(r"^(version:[^\r\n]*)", rf"\1{newline}{released}", text, count=1, flags=re.MULTILINE)
    return text


def check_step(changes: Changes) -> None:
    """The step in version must be as great as the changes call for.

    Before 1.0.0 a minor step is enough for any change. From a version that comes before another (``1.1.0rc1``) to that
    one is the step that it announced.

    Raises
    ------
    CasebookError
        If it is not; the message says which version would do.
    """
    old, new = changes.old["version"], changes.new["version"]
    try:
        before, after = parse_version(old), parse_version(new)
    except ValueError as error:
        raise CasebookError(str(error)) from None
    if after <= before:
        raise CasebookError(f"version {new} does not come after {old}, the release before")
    level = {"major": "minor"}.get(changes.level or "", changes.level) if before.major == 0 else changes.level
    announced = before.is_prerelease and before.micro == 0
    minor = before.minor if announced else before.minor + 1
    major = before.major if announced and before.minor == 0 else before.major + 1
    least = {"major": Version(f"{major}.0.0"), "minor": Version(f"{before.major}.{minor}.0")}.get(level or "")
    if least and after.release < least.release:
        raise CasebookError(f"the changes since {old} are {level}: the next version is {least} at least, not {new}")


def archive_bytes(
    book: Casebook, tables: Mapping[str, bytes], schemas: Mapping[str, bytes], beside: Mapping[str, bytes]
) -> bytes:
    """The exchange archive: tables, schemas, codebook, sources, citation and license, the same for the same content.

    Parameters
    ----------
    book : Casebook
        The casebook that is released.
    tables, schemas, beside : mapping of bytes
        Files by name: the built ones, the schemas, and what lies beside their folders.
    """
    about = book.metadata
    day = min(max(about.released or _FIRST_STAMP, _FIRST_STAMP), _LAST_STAMP)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(_contents(book, tables, schemas, beside)):
            member = zipfile.ZipInfo(f"{about.name}-{about.version}/{name}", (day.year, day.month, day.day, 0, 0, 0))
            member.create_system = 3
            member.external_attr = 0o644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return buffer.getvalue()


def _contents(
    book: Casebook, tables: Mapping[str, bytes], schemas: Mapping[str, bytes], beside: Mapping[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    for home, files in (("tables/", tables), ("schemas/", schemas), ("", beside)):
        for name, content in files.items():
            yield f"{home}{name}", content
    for style, name in (("bibtex", "release.bib"), ("ris", "release.ris"), ("csl-json", "release.csl.json")):
        yield name, f"{book.cite(style=style)}\n".encode()
    yield "codebook.md", codebook_markdown(book).encode()


def _schemas(folder: Path) -> dict[str, bytes]:
    return {path.name: _bytes(path) for path in sorted(schema_folder(folder).glob("[!.]*.yaml"))}


def _refuse_to_replace(archive: Path, content: bytes, book: Casebook) -> None:
    """A release is never changed: its archive stays, unless it would be the same."""
    if not archive.exists() or _bytes(archive) == content:
        return
    try:
        same = Casebook(tables_folder(archive)).digest == book.digest
    except CasebookError:
        same = False
    what = "the same data, and other files beside them" if same else "other data"
    raise CasebookError(
        f"{archive} exists and holds {what}; a release is not changed after it was published: take the next version, "
        "or remove the file if nobody has it yet"
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CasebookError(f"{path} cannot be read: {error.strerror or error}") from error


def _text(path: Path, default: str | None = None) -> str:
    if default is not None and not os.path.lexists(path):
        return default
    try:
        return _bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise CasebookError(f"{path} is not UTF-8 text; save it in the encoding UTF-8") from None
