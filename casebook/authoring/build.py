"""From coding files to tables: read, check, derive, write."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow
import pyarrow.compute as pc
import pyarrow.parquet as pq

from casebook._support.cache import Cache, key_of
from casebook._support.content import DESCRIPTOR, SUMS
from casebook._support.files import recover, replace_folder, sha256, staging
from casebook._support.memory import uncollected
from casebook._support.progress import Progress, silent
from casebook._support.resources import schema_folder
from casebook._support.together import JOURNAL, alone, undo_unfinished
from casebook.authoring import checks
from casebook.authoring.assembly import codings_table, declared, joined, keys_of, uses
from casebook.authoring.cases import case_folders, read_shared
from casebook.authoring.chronology import check_publication
from casebook.authoring.kept import basis_of, fingerprint, from_bytes, to_bytes
from casebook.authoring.library import keep, read_library
from casebook.authoring.metadata import read_metadata
from casebook.authoring.parts import Compiler, apart
from casebook.authoring.schemas import read_schema
from casebook.authoring.second import coders_of
from casebook.errors import CasebookError, Problems
from casebook.model.arrow import Cells, arrow_rows
from casebook.model.cells import Cell
from casebook.model.constraints import check_cells
from casebook.model.descriptor import table_descriptor
from casebook.model.digest import arrow_digest, release_digest
from casebook.model.metadata import Metadata
from casebook.model.rendering import framed
from casebook.model.schema import Schema, Table
from casebook.model.tables import reasons_in
from casebook.reliability.given import Codings
from casebook.reliability.table import TABLE as AGREEMENT
from casebook.reliability.table import agreement_rows

_SHOWN = 20_000
"""Rows that pandera sees at once."""
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


@dataclass(frozen=True)
class Build:
    """Checked tables, ready to be written."""

    schema: Schema
    metadata: Metadata
    tables: Mapping[str, pyarrow.Table]
    digests: Mapping[str, str]
    csl: list[dict[str, Any]]
    bibliography: str

    @property
    def digest(self) -> str:
        """Content digest of the release."""
        return release_digest(self.digests)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.num_rows for table in self.tables.values())

    @cached_property
    def frames(self) -> Mapping[str, pd.DataFrame]:
        """All rows of every table, by name."""
        return {table.name: framed(table, self.tables[table.name]) for table in self.schema}

    @cached_property
    def reasons(self) -> Mapping[Cell, str]:
        """Why cells are empty, by table, row and variable."""
        return reasons_in(self.frames["missing"])

    def __repr__(self) -> str:
        about = self.metadata
        return f"<Build {about.name} {about.version}: {self.rows} rows in {len(self.tables)} tables>"


@uncollected()
def compile_folder(
    folder: Path, progress: Progress = silent, cache: Cache | None = None, *, second: bool = True
) -> Build:
    """Read and check a casebook folder without writing anything.

    Parameters
    ----------
    folder : Path
        Folder with ``casebook.yaml``, ``cases/``, ``actors.yaml`` and ``sources.bib``; the packaged schemas apply
        unless it has ``schemas/`` of its own.
    progress : callable, optional
        Called with the name of each step.
    cache : Cache, optional
        Keeps what follows from files that are still the same; if not given, everything is made anew.
    second : bool, default True
        Whether pandera looks at the tables too, as it must before they are written; it takes long to load.

    Returns
    -------
    Build
        The tables, the same with and without a cache.

    Raises
    ------
    InvalidCasebookError
        With every problem found in one run.
    """
    if not folder.is_dir():
        raise CasebookError(f"there is no folder {str(folder)!r}; name the folder that holds casebook.yaml")
    problems = Problems()
    progress("reading schemas")
    basis = basis_of(schema_folder(folder))
    schema = read_schema(schema_folder(folder))
    if cache is None or not basis or basis != basis_of(schema_folder(folder)):
        cache = Cache()
    progress("reading sources, and what cases share")
    metadata = read_metadata(folder / "casebook.yaml", problems)
    reading = problems.watch()
    library = read_library(folder / "sources.bib", schema.tables["sources"], problems, cache, basis)
    unread = {"sources"} if reading.failed else set()
    shared = read_shared(folder, schema, problems)
    shared.unreadable.update(unread)
    reference_date = metadata.reference_date if metadata else None
    compiler = Compiler(folder, shared, library.sources, reference_date, problems, cache, basis)
    progress("reading and checking cases")
    paths = case_folders(folder, problems)
    if apart(schema, shared.own):
        parts = compiler.cases(paths)
        keys = keys_of(schema, parts, shared.rows)
        parts.append(compiler.rest(parts, keys))
    else:
        parts = [compiler.all_at_once(paths)]
        keys = keys_of(schema, parts, {})
    unreadable = shared.unreadable.union(*(part.coding.unreadable for part in parts if part.coding))
    progress("checking what leads from one to another")
    codings = codings_table(folder, schema, keys, problems, unreadable, cache, basis)
    if not unreadable:
        outward = (link for part in parts for link in part.outward)
        checks.check_outward(outward, schema, {**keys, "sources": library.sources}, problems)
        checks.check_uses({key for part in parts for key in part.works}, library.sources, schema, problems)
    if reference_date is not None:
        check_publication(library.sources, reference_date, problems)
    problems.raise_if_any()
    assert metadata is not None
    progress("collecting evidence and formatting citations")
    tables = joined(schema, parts)
    del parts
    pyarrow.default_memory_pool().release_unused()
    sources = arrow_rows(schema.tables["sources"], library.rows(uses(tables["evidence"])))
    tables["sources"] = declared(schema.tables["sources"], sources)
    if "codings" in schema.tables:
        tables["codings"] = declared(schema.tables["codings"], codings)
    if "coders" in schema.tables:
        coders = coders_of(metadata, Counter(codings["coder"].to_pylist()))
        tables["coders"] = declared(schema.tables["coders"], arrow_rows(schema.tables["coders"], coders))
    if AGREEMENT in schema.tables:
        progress("measuring agreement")
        tables[AGREEMENT] = _agreement(schema, tables, metadata.reference_date, cache, basis)
    tables = {table.name: tables[table.name] for table in schema}
    progress("validating tables")
    digests = {table.name: _validated(table, tables[table.name], cache, basis, second) for table in schema}
    keep(library, folder / "sources.bib", cache, basis)
    cache.tidy()
    return Build(schema, metadata, tables, digests, library.csl, library.bibtex)


def _agreement(
    schema: Schema, tables: Mapping[str, pyarrow.Table], reference_date: dt.date, cache: Cache, basis: str
) -> pyarrow.Table:
    """The table of agreement, which follows from the codings and from the published values of the same rows."""
    table, rows = schema.tables[AGREEMENT], tables["codings"]["row"]
    if not len(rows):
        return declared(table, None)
    used = [each for each in schema if not each.built or each.name in ("codings", "coders", "missing")]
    coded = {each.name: _about(tables[each.name], each, rows) for each in used}
    key = key_of(basis, AGREEMENT, str(reference_date), *(fingerprint(coded[each.name]) for each in used))
    if (kept := cache.get(key)) is not None:
        return from_bytes(kept["agreement.arrow"])
    given = Codings(schema, lambda name: Cells(tables[name]), reference_date)
    found = declared(table, arrow_rows(table, agreement_rows(given)))
    cache.put(key, {"agreement.arrow": to_bytes(found)})
    return found


def _about(rows: pyarrow.Table, table: Table, coded: pyarrow.ChunkedArray) -> pyarrow.Table:
    """Those rows that somebody coded a second time, or that tell of one."""
    name = "row" if "row" in rows.column_names else table.primary_key
    return rows if table.name == "coders" else rows.filter(pc.is_in(rows[name], coded))


def _validated(table: Table, rows: pyarrow.Table, cache: Cache, basis: str, second: bool) -> str:
    """The digest of a table that is as declared; a table that was seen before is not looked at again."""
    mark = fingerprint(rows)
    keys = [key_of(basis, kind, table.name, mark) for kind in ["valid", *([] if second else ["checked"])]]
    if (kept := next(filter(None, map(cache.get, keys)), None)) is not None:
        return kept["digest"].decode()
    try:
        check_cells(table, Cells(rows))
        if second:
            second_opinion(table, rows)
    except CasebookError as error:
        raise CasebookError(
            f"the table {table.name} is not what its schema demands ({error}); look at schemas/{table.name}.yaml, "
            "which must allow what the builder writes into it"
        ) from error
    digest = arrow_digest(rows, table)
    cache.put(keys[-1], {"digest": digest.encode()})
    return digest


def second_opinion(table: Table, rows: pyarrow.Table) -> None:
    """Ask pandera, which takes as long to load as pandas, whether a table is as declared.

    It is shown a part of a long table at a time: each copy of a table in pandas takes several times its memory.
    """
    from pandera.errors import SchemaError

    from casebook.model.validation import pandera_schema

    declared_so = pandera_schema(table)
    try:
        for start in range(0, rows.num_rows, _SHOWN):
            declared_so.validate(framed(table, rows.slice(start, _SHOWN)))
    except SchemaError as error:
        raise CasebookError(str(error).partition("\n")[0]) from error


def write(build: Build, target: Path) -> None:
    """Write tables, descriptor, bibliography and checksums; the target is replaced whole or not at all.

    Parameters
    ----------
    build : Build
        What `check` returned.
    target : Path
        Folder of the tables, usually ``<casebook>/tables``.

    Raises
    ------
    CasebookError
        If the target holds files that are not tables, or cannot be written.
    """
    files = render(build)
    with alone(target.parent):
        undo_unfinished(target.with_name(JOURNAL))
        recover(target)
        refuse_strange_files(target)
        with staging(target) as temporary:
            for name, content in files.items():
                (temporary / name).write_bytes(content)
            replace_folder(temporary, target)


def refuse_strange_files(target: Path) -> None:
    """See that a folder which is to be replaced holds nothing but tables.

    Raises
    ------
    CasebookError
        If it holds other files, is none, or cannot be read.
    """
    try:
        names = [path.name for path in target.iterdir()] if target.exists() else []
    except OSError as error:
        raise CasebookError(f"{target} cannot be read: {error.strerror or error}") from error
    strange = sorted(name for name in names if not name.endswith((".parquet", ".json", ".bib", ".txt")))
    if strange:
        raise CasebookError(f"{target} holds {strange[0]!r}, which is not a table; move it, or choose another folder")


def render(build: Build) -> dict[str, bytes]:
    """The files of a release: name and content, the same for the same input and library versions."""
    files: dict[str, bytes] = {}
    resources = []
    for table in build.schema:
        content = _parquet(build.tables[table.name])
        files[f"{table.name}.parquet"] = content
        resources.append(
            {
                "name": table.name,
                "title": table.title,
                "path": f"{table.name}.parquet",
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "bytes": len(content),
                "hash": f"sha256:{sha256(content)}",
                "casebook": {"rows": build.tables[table.name].num_rows, "digest": build.digests[table.name]},
                "schema": table_descriptor(table),
            }
        )
    package = {"$schema": PROFILE, **build.metadata.to_descriptor(), "resources": resources}
    package["casebook"]["digest"] = build.digest
    files[DESCRIPTOR] = _json(package)
    files["sources.csl.json"] = _json(build.csl)
    files["sources.bib"] = build.bibliography.encode()
    sums = "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files))
    files[SUMS] = sums.encode()
    return files


def _parquet(table: pyarrow.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def stale_files(build: Build, target: Path) -> list[str]:
    """Names of built files that are missing, damaged, or do not hold what a fresh build gives; empty if none.

    A Parquet file that another version of pyarrow wrote may have other bytes; it is up to date if it is whole, and
    holds the same values under the same declaration.
    """
    try:
        package = json.loads((target / DESCRIPTOR).read_text(encoding="utf-8"))
        recorded = {item["name"]: item for item in package["resources"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CasebookError(f"{target / DESCRIPTOR} cannot be read: {error}; run 'casebook build'") from error
    stale = []
    for table in build.schema:
        found, path = recorded.pop(table.name, {}), target / f"{table.name}.parquet"
        whole = path.is_file() and found.get("hash") == f"sha256:{sha256(path.read_bytes())}"
        same = found.get("casebook", {}).get("digest") == build.digests[table.name]
        if not (whole and same and found.get("schema") == table_descriptor(table)):
            stale.append(path.name)
    stale += [f"{name}.parquet" for name in recorded]
    fresh = {**build.metadata.to_descriptor()}
    if {key: package.get(key) for key in fresh if key != "casebook"} != {
        key: value for key, value in fresh.items() if key != "casebook"
    } or package.get("casebook") != {**fresh["casebook"], "digest": build.digest}:
        stale.append(DESCRIPTOR)
    texts = {"sources.csl.json": _json(build.csl), "sources.bib": build.bibliography.encode()}
    stale += [name for name, text in texts.items() if _bytes(target / name) != text]
    return stale


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
