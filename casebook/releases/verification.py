"""Proof that a built casebook is what it says: files, values, schema, references, reasons and evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from casebook._support.files import DESCRIPTOR, SUMS, sha256
from casebook._support.progress import Progress, silent
from casebook.errors import CasebookError
from casebook.model.digest import release_digest, table_digest
from casebook.model.rendering import conform
from casebook.model.schema import Table
from casebook.model.validation import constraints_schema
from casebook.releases.archives import Unpacked, content_of
from casebook.releases.integrity import Finding, disagreements
from casebook.releases.parquet import read_parquet
from casebook.releases.store import Store

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Verification:
    """What `verify` found.

    Attributes
    ----------
    name, version : str
        The casebook and its version.
    digest : str
        Content digest, computed afresh from the values.
    findings : list of Finding
        Everything that is wrong; empty where all is well.
    """

    name: str
    version: str
    digest: str
    findings: list[Finding]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def to_frame(self) -> pd.DataFrame:
        """The findings as data: ``table``, ``row``, ``variable``, ``message``."""
        import pandas as pd

        return pd.DataFrame([vars(item) for item in self.findings], columns=["table", "row", "variable", "message"])

    def __str__(self) -> str:
        count = len(self.findings)
        verdict = "verified" if self.ok else f"{count} finding{'s' if count != 1 else ''}"
        head = f"{self.name} {self.version}: {verdict}; content digest sha256:{self.digest}"
        return "\n".join([*map(str, self.findings), head])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def verify(store: Store, digest: str | None = None, progress: Progress = silent) -> Verification:
    """Check every file and table of a built casebook.

    Parameters
    ----------
    store : Store
        The built casebook.
    digest : str, optional
        Content digest cited in a paper, in full or its first 12 or more hexadecimal digits, with or without
        ``sha256:``.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    Verification
        The digest and the findings.

    Raises
    ------
    CasebookError
        If the cited digest is not one.
    """
    cited = _cited(digest)
    progress("comparing files")
    findings = list(_files(store))
    frames: dict[str, pd.DataFrame] = {}
    digests: dict[str, str] = {}
    for table in store.schema:
        progress(f"checking table {table.name}")
        frame, wrong = _read(store, table)
        findings += wrong
        if frame is None:
            continue
        digests[table.name] = table_digest(frame, table)
        findings += _recorded(store, table, frame, digests[table.name])
        frames[table.name], wrong = _each_key_once(table, frame)
        findings += wrong
        findings += _columns(frames[table.name], table)
    progress("checking references, rules and evidence")
    findings += disagreements(store.schema, frames, store.metadata.reference_date)
    total = release_digest(digests)
    if total != store.digest:
        findings.append(_whole(DESCRIPTOR, f"records the content digest {store.digest}; the tables give {total}"))
    if cited and not total.startswith(cited):
        findings.append(
            _whole(
                "release", f"these are not the data cited: their digest begins with {total[: len(cited)]}, not {cited}"
            )
        )
    return Verification(store.metadata.name, store.metadata.version, total, sorted(set(findings)))


def _whole(table: str, message: str) -> Finding:
    return Finding(table, "", "", message)


def _cited(digest: str | None) -> str | None:
    if digest is None:
        return None
    text = digest.strip().lower().removeprefix("sha256:")
    if not re.fullmatch(r"[0-9a-f]{12,64}", text):
        raise CasebookError(f"digest {digest!r} is not a content digest; give 12 to 64 hexadecimal digits")
    return text


def _files(store: Store) -> Iterator[Finding]:
    """Every file has the checksum listed, and none is missing or unlisted."""
    if isinstance(store.folder, Unpacked):
        for name, reason in store.folder.elsewhere.items():
            yield _whole(name, reason)
    try:
        present = {path.name: path for path in store.folder.iterdir() if path.name != SUMS}
    except OSError as error:
        yield _whole(str(store.folder), f"cannot be read: {error}")
        return
    try:
        lines = content_of(store.folder / SUMS).decode("utf-8").splitlines()
    except FileNotFoundError:
        yield _whole(SUMS, "there is no such file; build or install again")
        return
    except (OSError, ValueError) as error:
        yield _whole(SUMS, f"cannot be read: {error}")
        return
    listed = {name: checksum for checksum, _, name in (line.partition("  ") for line in lines)}
    hashes = {r["path"]: r["hash"].removeprefix("sha256:") for r in store.resources.values()}
    for name in sorted({*listed, *present, *hashes}):
        if name not in present:
            yield _whole(name, "the file is missing")
            continue
        if name not in listed:
            yield _whole(name, f"the file is not listed in {SUMS}")
        try:
            actual = sha256(content_of(present[name]))
        except OSError as error:
            yield _whole(name, f"cannot be read: {error}")
            continue
        for place, expected in ((SUMS, listed.get(name)), (DESCRIPTOR, hashes.get(name))):
            if expected is not None and actual != expected:
                yield _whole(name, f"its SHA-256 is {actual}; {place} says {expected}")


def _read(store: Store, table: Table) -> tuple[pd.DataFrame | None, list[Finding]]:
    """The table with the dtypes declared, values that are no category empty; None where it cannot be read so."""
    path = store.resources[table.name]["path"]
    try:
        raw = read_parquet(content_of(store.folder / path))
    except (OSError, ValueError) as error:
        return None, [_whole(table.name, f"{path} cannot be read: {error}")]
    declared = [column.name for column in table.columns]
    if list(raw.columns) != declared:
        missing, strange = sorted(set(declared) - set(raw)), sorted(map(str, set(raw) - set(declared)))
        parts = [f"without {', '.join(missing)}"] if missing else []
        parts += [f"with {', '.join(strange)}, which the schema does not declare"] if strange else []
        order = "in another order than the schema has them"
        return None, [_whole(table.name, f"its columns are {' and '.join(parts) or order}")]
    try:
        known, unknown = _known_categories(raw, table)
        return conform(table, known), unknown
    except (ValueError, TypeError, OverflowError) as error:
        message = f"a column does not have the type that the schema declares: {error}"
        return None, [_whole(table.name, message)]


def _recorded(store: Store, table: Table, frame: pd.DataFrame, digest: str) -> Iterator[Finding]:
    """The values, and the number of rows, are those that the descriptor records."""
    recorded = store.resources[table.name]["casebook"]
    if digest != recorded["digest"]:
        yield _whole(table.name, f"the values are not those recorded ({digest}, not {recorded['digest']})")
    if len(frame) != recorded["rows"]:
        yield _whole(table.name, f"has {len(frame)} rows; {DESCRIPTOR} says {recorded['rows']}")


def _each_key_once(table: Table, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """The first row of each key, in which everything else can then be looked up."""
    keys = frame[table.primary_key]
    found = [_whole(table.name, f"{keys.isna().sum()} rows have no {table.primary_key}")] if keys.hasnans else []
    twice = keys.duplicated()
    for key, count in keys[keys.isin(keys[twice])].value_counts().items():
        found.append(Finding(table.name, str(key), table.primary_key, f"the key stands {count} times"))
    return frame[keys.notna() & ~twice].reset_index(drop=True), found


def _known_categories(frame: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[Finding]]:
    """The table without values that are no category, and these."""
    known, found = frame, []
    for item in table.columns:
        if not item.categories:
            continue
        column = frame[item.name]
        strange = column.notna() & ~column.isin(item.values)
        if strange.any():
            known = known.assign(**{item.name: column.mask(strange)})
            strange &= frame[table.primary_key].notna()
            for row, value in frame.loc[strange, [table.primary_key, item.name]].values:
                found.append(Finding(table.name, str(row), item.name, f"{value!r} is not a category of the codebook"))
    return known, found


def _columns(frame: pd.DataFrame, table: Table) -> Iterator[Finding]:
    """What pandera says of constraints, cell by cell; every column has the type declared."""
    import pandera.errors

    try:
        constraints_schema(table).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        for failure in errors.failure_cases.to_dict("records"):
            row = "" if failure["index"] is None else str(frame[table.primary_key].iloc[int(failure["index"])])
            yield Finding(table.name, row, failure["column"], f"{failure['failure_case']!r} breaks {failure['check']}")
