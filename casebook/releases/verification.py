"""Proof that a built casebook is what it says: files, values, schema, references, reasons and evidence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import compress
from typing import TYPE_CHECKING, Any

from casebook._support.content import DESCRIPTOR, SUMS, content_of
from casebook._support.files import sha256
from casebook._support.memory import uncollected
from casebook._support.progress import Progress, silent
from casebook.errors import CasebookError
from casebook.model.arrow import typed
from casebook.model.constraints import broken_constraints
from casebook.model.digest import arrow_digest, release_digest
from casebook.model.schema import Table
from casebook.releases.archives import Unpacked
from casebook.releases.integrity import Finding, disagreements
from casebook.releases.parquet import read_parquet
from casebook.releases.records import Columns
from casebook.releases.remembered import Remembered
from casebook.releases.store import Store

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow


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


@uncollected()
def verify(
    store: Store, digest: str | None = None, progress: Progress = silent, *, fresh: bool = False
) -> Verification:
    """Check every file and table of a built casebook.

    Checksums, types and digests are always computed. That nothing else is wrong with the same bytes is remembered in
    the user's cache folder, under a key of the files, the code and the libraries; findings never are.

    Parameters
    ----------
    store : Store
        The built casebook.
    digest : str, optional
        Content digest cited in a paper, in full or its first 12 or more hexadecimal digits, with or without
        ``sha256:``.
    progress : callable, optional
        Called with the name of each step.
    fresh : bool, default False
        Check everything anew, and remember nothing.

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
    contents = {table: _content(store, table) for table in store.schema}
    files = [content for content in contents.values() if isinstance(content, bytes)]
    remembered = Remembered([store.checksum, *files], fresh=fresh)
    columns: dict[str, Columns] = {}
    digests: dict[str, str] = {}
    for table, content in contents.items():
        progress(f"checking table {table.name}")
        found = _read(store, table, content, plain=not remembered.sound)
        if isinstance(found, Finding):
            findings.append(found)
            continue
        data, values = found
        digests[table.name] = arrow_digest(data, table)
        findings += _recorded(store, table, data.num_rows, digests[table.name])
        if not remembered.sound:
            columns[table.name], wrong = _checked(table, values)
            findings += wrong
    if not remembered.sound:
        progress("checking references, rules and evidence")
        findings += disagreements(store.schema, columns, store.metadata.reference_date)
    total = release_digest(digests)
    if total != store.digest:
        findings.append(_whole(DESCRIPTOR, f"records the content digest {store.digest}; the tables give {total}"))
    if cited and not total.startswith(cited):
        findings.append(
            _whole(
                "release", f"these are not the data cited: their digest begins with {total[: len(cited)]}, not {cited}"
            )
        )
    if not findings:
        remembered.keep()
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
        yield _whole(SUMS, "there is no such file; build it, or download or install it again")
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


def _content(store: Store, table: Table) -> bytes | OSError:
    try:
        return content_of(store.folder / store.resources[table.name]["path"])
    except OSError as error:
        return error


def _read(
    store: Store, table: Table, content: bytes | OSError, *, plain: bool
) -> tuple[pyarrow.Table, dict[str, list[Any]]] | Finding:
    """The table with the types declared, in Arrow and, if wanted, as plain values; or why it cannot be read so."""
    try:
        if isinstance(content, OSError):
            raise content
        raw = read_parquet(content)
    except (OSError, ValueError) as error:
        return _whole(table.name, f"{store.resources[table.name]['path']} cannot be read: {error}")
    declared = [column.name for column in table.columns]
    if raw.column_names != declared:
        given = set(raw.column_names)
        missing, strange = sorted(set(declared) - given), sorted(given - set(declared))
        parts = [f"without {', '.join(missing)}"] if missing else []
        parts += [f"with {', '.join(strange)}, which the schema does not declare"] if strange else []
        order = "in another order than the schema has them"
        return _whole(table.name, f"its columns are {' and '.join(parts) or order}")
    try:
        data = typed(table, raw)
        return data, {name: data.column(name).to_pylist() for name in declared if plain}
    except (ValueError, TypeError, OverflowError, NotImplementedError) as error:
        return _whole(table.name, f"a column does not have the type that the schema declares: {error}")


def _recorded(store: Store, table: Table, rows: int, digest: str) -> Iterator[Finding]:
    """The values, and the number of rows, are those that the descriptor records."""
    recorded = store.resources[table.name]["casebook"]
    if digest != recorded["digest"]:
        yield _whole(table.name, f"the values are not those recorded ({digest}, not {recorded['digest']})")
    if rows != recorded["rows"]:
        yield _whole(table.name, f"has {rows} rows; {DESCRIPTOR} says {recorded['rows']}")


def _checked(table: Table, values: dict[str, list[Any]]) -> tuple[Columns, list[Finding]]:
    """The cells of a table by column, each key once, without unknown categories; and what is wrong with them."""
    findings = [*_known_categories(values, table), *_gapless(values, table)]
    first, wrong = _each_key_once(table, values[table.primary_key])
    columns = {name: list(compress(cells, first)) for name, cells in values.items()}
    return columns, [*findings, *wrong, *_constraints(columns, table)]


def _each_key_once(table: Table, keys: Sequence[str | None]) -> tuple[list[bool], list[Finding]]:
    """Which rows are the first of their key, in which everything else can then be looked up."""
    counts = Counter(keys)
    lost = counts.pop(None, 0)
    found = [_whole(table.name, f"{lost} rows have no {table.primary_key}")] if lost else []
    for key, count in counts.items():
        if count > 1:
            found.append(Finding(table.name, str(key), table.primary_key, f"the key stands {count} times"))
    if len(counts) == len(keys):
        return [True] * len(keys), found
    firsts = set({key: place for place, key in reversed([*enumerate(keys)]) if key is not None}.values())
    return [place in firsts for place in range(len(keys))], found


def _known_categories(columns: dict[str, list[Any]], table: Table) -> list[Finding]:
    """Empty the cells whose values are no category, and name these."""
    found = []
    for item in table.columns:
        cells, strange = columns[item.name], set[str]()
        if item.categories:
            strange = set(cells) - {None, *item.values}
        for place, value in enumerate(cells) if strange else ():
            if value in strange:
                cells[place] = None
                if (row := columns[table.primary_key][place]) is not None:
                    message = f"{value!r} is not a category of the codebook"
                    found.append(Finding(table.name, row, item.name, message))
    return found


def _gapless(columns: dict[str, list[Any]], table: Table) -> Iterator[Finding]:
    """Take empty items out of lists, and name the cells."""
    for item in table.columns:
        cells = columns[item.name]
        for place, cell in enumerate(cells) if item.type == "array" else ():
            if cell and None in cell:
                cells[place] = [value for value in cell if value is not None]
                row = columns[table.primary_key][place] or ""
                yield Finding(table.name, row, item.name, "has an empty item")


def _constraints(columns: Columns, table: Table) -> Iterator[Finding]:
    """What the constraints of the columns demand, cell by cell."""
    for item in table.columns:
        for place, message in broken_constraints(item.constraints, columns[item.name]):
            yield Finding(table.name, columns[table.primary_key][place], item.name, message)
