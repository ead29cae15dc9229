"""Which releases came before: as archives, changelog and ``casebook.yaml`` record them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from casebook.errors import CasebookError
from casebook.model.metadata import Metadata, parse_version
from casebook.releases.archives import tables_folder
from casebook.releases.changelog import sections
from casebook.releases.store import Store


@dataclass(frozen=True)
class Release:
    """A release of which something tells.

    Attributes
    ----------
    version, day : Version, date or None
        Its version and day.
    place : str
        What tells of it, for messages.
    made : bool
        Whether it was made by this program, so that it can be compared with.
    """

    version: Version
    day: dt.date | None
    place: str
    made: bool = False


def release_before(
    about: Metadata, version: str, day: dt.date, *, folder: Path, home: Path, log: str, since: Path | None
) -> Store | None:
    """The release with which a new one is compared, once it is certain that the new one comes after all.

    Parameters
    ----------
    about : Metadata
        What ``casebook.yaml`` says so far.
    version, day : str, date
        The new release.
    folder, home : Path
        The casebook folder, and the one in which ``dist`` and ``CITATION.cff`` lie.
    log : str
        The changelog.
    since : Path, optional
        The release before; if not given, the newest archive in ``dist``, or the tables as they lie in the casebook
        folder if changelog or citation file vouch that they are those of the release before.

    Returns
    -------
    Store or None
        None if this is the first release.

    Raises
    ------
    CasebookError
        If a later version or day is recorded, or the release before is, but cannot be found.
    """
    new = parse_version(version)
    given = Store(tables_folder(since)) if since else None
    known = [*_recorded(about, home / "dist", log, new)]
    if given:
        known.append(Release(parse_version(given.metadata.version), given.metadata.released, str(since)))
    for release in known:
        if release.version > new:
            raise CasebookError(f"version {new} does not come after {release.version}, which {release.place} records")
        if release.version < new:
            _check_day(release, day)
    if given:
        return given
    made = [release.version for release in known if release.made and release.version < new]
    last = max(made, default=None)
    if last and (archive := _archives(about.name, home / "dist").get(last)):
        store = Store(tables_folder(archive))
        if store.metadata.version != str(last):
            raise CasebookError(f"{archive} holds version {store.metadata.version}; give it its right name")
        _check_day(Release(last, store.metadata.released, str(archive)), day)
        return store
    built = _vouched_tables(folder, home, log)
    if built and parse_version(built.metadata.version) < new and (not last or built.metadata.version == str(last)):
        return built
    if last:
        raise CasebookError(
            f"{last} was released before, and its archive is not in {home / 'dist'}; name it, to be compared with"
            f" (--since {about.name}-{last}.zip)"
        )
    return None


def _check_day(release: Release, day: dt.date) -> None:
    if release.day and release.day > day:
        raise CasebookError(
            f"{day} lies before the release of {release.version}, on {release.day} as {release.place} records"
        )


def _recorded(about: Metadata, dist: Path, log: str, new: Version) -> Iterator[Release]:
    for version, path in _archives(about.name, dist).items():
        yield Release(version, None, str(path), made=True)
    for section in sections(log):
        yield Release(section.version, section.day, "the changelog", section.generated)
        if section.compared_with and section.version <= new:
            yield Release(section.compared_with, None, "the changelog", made=True)
    if about.released:
        yield Release(parse_version(about.version), about.released, "casebook.yaml")


def _archives(name: str, dist: Path) -> dict[Version, Path]:
    found = {}
    try:
        paths = sorted(dist.iterdir()) if dist.is_dir() else []
    except OSError as error:
        raise CasebookError(f"{dist} cannot be read: {error.strerror or error}") from error
    for path in paths:
        if path.name.startswith(f"{name}-") and path.suffix.lower() == ".zip":
            try:
                found[parse_version(path.stem.removeprefix(f"{name}-"))] = path
            except ValueError:
                continue
    return found


def _vouched_tables(folder: Path, home: Path, log: str) -> Store | None:
    """The tables in the casebook folder, if they are those of a release and not of a later build."""
    try:
        cited = (home / "CITATION.cff").read_text(encoding="utf-8") if (home / "CITATION.cff").is_file() else ""
        store = Store(folder / "tables")
    except (CasebookError, OSError, ValueError):
        return None
    return store if f"sha256:{store.digest}" in log + cited else None
