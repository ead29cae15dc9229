"""From coding files to tables: read, check, derive, write."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from casebook._support.files import DESCRIPTOR, SUMS, recover, replace_folder, sha256, staging
from casebook._support.memory import uncollected
from casebook._support.progress import Progress, silent
from casebook._support.resources import schema_folder
from casebook._support.together import JOURNAL, alone, undo_unfinished
from casebook.authoring import checks
from casebook.authoring.bibliography import Source, read_bibliography
from casebook.authoring.cases import Coding, Row, read_coding
from casebook.authoring.chronology import check_chronology
from casebook.authoring.metadata import read_metadata
from casebook.authoring.schemas import read_schema
from casebook.authoring.second import coders_of, read_codings
from casebook.authoring.statements import statements_of, supports_of
from casebook.errors import CasebookError, Problems
from casebook.model.cells import Cell
from casebook.model.conditions import TABLE as CONDITIONS
from casebook.model.conditions import calibrate, declared
from casebook.model.derivations import derive
from casebook.model.descriptor import table_descriptor
from casebook.model.digest import release_digest, table_digest
from casebook.model.grades import Work
from casebook.model.metadata import Metadata
from casebook.model.rendering import arrow_table, frame
from casebook.model.schema import Schema, Table
from casebook.model.tables import reasons_in
from casebook.model.validation import pandera_schema
from casebook.reliability.given import Codings
from casebook.reliability.table import TABLE as AGREEMENT
from casebook.reliability.table import agreement_rows
from casebook.sources.citing import Citations
from casebook.sources.labels import labels

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


@dataclass(frozen=True)
class Build:
    """Checked tables, ready to be written."""

    schema: Schema
    metadata: Metadata
    frames: Mapping[str, pd.DataFrame]
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
        return sum(map(len, self.frames.values()))

    @cached_property
    def reasons(self) -> Mapping[Cell, str]:
        """Why cells are empty, by table, row and variable."""
        return reasons_in(self.frames["missing"])

    def __repr__(self) -> str:
        about = self.metadata
        return f"<Build {about.name} {about.version}: {self.rows} rows in {len(self.frames)} tables>"


@uncollected()
def compile_folder(folder: Path, progress: Progress = silent) -> Build:
    """Read and check a casebook folder without writing anything.

    Parameters
    ----------
    folder : Path
        Folder with ``casebook.yaml``, ``cases/``, ``actors.yaml`` and ``sources.bib``; the packaged schemas apply
        unless it has ``schemas/`` of its own.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    Build
        The tables.

    Raises
    ------
    InvalidCasebookError
        With every problem found in one run.
    """
    if not folder.is_dir():
        raise CasebookError(f"there is no folder {str(folder)!r}; name the folder that holds casebook.yaml")
    progress("reading schemas")
    schema = read_schema(schema_folder(folder))
    problems = Problems()
    progress("reading coding files")
    metadata = read_metadata(folder / "casebook.yaml", problems)
    reading = problems.watch()
    sources = read_bibliography(folder / "sources.bib", schema.tables["sources"], problems)
    unread = {"sources"} if reading.failed else set()
    citations = Citations([source.csl for source in sources.values()])
    coding = read_coding(folder, schema, problems)
    coding.unreadable |= unread
    codings = read_codings(folder, coding, problems)
    progress("checking references and evidence")
    checks.complete_local_references(coding)
    checks.check_references(coding, sources, problems)
    checks.check_evidence(coding, sources, problems)
    checks.check_order(coding, problems)
    checks.check_choices(coding, problems)
    checks.check_company(coding, problems)
    checks.check_completeness(coding, problems)
    checks.check_citations(coding, sources, problems)
    if metadata is None:
        problems.raise_if_any()
    assert metadata is not None
    check_chronology(coding, sources, metadata.reference_date, problems)
    progress("deriving values and checking rules")
    derive(coding, metadata.reference_date)
    frames = {table.name: frame(table, (row.values for row in coding.rows[table.name].values())) for table in schema}
    reasons = {table.name: pd.DataFrame([row.reasons for row in coding.rows[table.name].values()]) for table in schema}
    checks.check_rules(coding, frames, reasons, problems)
    problems.raise_if_any()
    progress("collecting evidence and formatting citations")
    frames.update(_built(schema, coding, sources, citations))
    if "codings" in schema.tables:
        frames["codings"] = frame(schema.tables["codings"], (entry.values for entry in codings))
    if "coders" in schema.tables:
        frames["coders"] = frame(schema.tables["coders"], coders_of(metadata, codings))
    if AGREEMENT in schema.tables:
        progress("measuring agreement")
        rows = agreement_rows(Codings(schema, frames, metadata.reference_date)) if codings else ()
        frames[AGREEMENT] = frame(schema.tables[AGREEMENT], rows)
    progress("validating tables")
    frames = {table.name: frames[table.name] for table in schema}
    for table in schema:
        if len(frames[table.name]):
            pandera_schema(table).validate(frames[table.name])
    digests = {table.name: table_digest(frames[table.name], table) for table in schema}
    text = "".join(f"{source.bibtex}\n\n" for source in sources.values())
    return Build(schema, metadata, frames, digests, [source.csl for source in sources.values()], text)


def _built(
    schema: Schema, coding: Coding, sources: Mapping[str, Source], citations: Citations
) -> dict[str, pd.DataFrame]:
    works = {key: Work.of(source.row) for key, source in sources.items()}
    evidence = statements_of(coding, works)
    missing = [entry for row in coding for entry in _missing(row)]
    uses = pd.Series([entry["source_id"] for entry in evidence], dtype="str").value_counts()
    apa, chicago, named = citations["apa"], citations["chicago"], labels([source.csl for source in sources.values()])
    bibliography = [
        {
            **source.row,
            "cited_as": str(named[key]),
            "citation": apa[key],
            "citation_chicago": chicago[key],
            "evidence_count": int(uses.get(key, 0)),
        }
        for key, source in sources.items()
    ]
    tables = schema.tables
    built = {
        "evidence": frame(tables["evidence"], evidence),
        "missing": frame(tables["missing"], missing),
        "sources": frame(tables["sources"], bibliography),
    }
    if "support" in tables:
        built["support"] = frame(tables["support"], supports_of(coding, evidence, works))
    if CONDITIONS in tables:
        built[CONDITIONS] = frame(tables[CONDITIONS], calibrate(declared(tables[CONDITIONS]), coding))
    return built


def _missing(row: Row) -> list[dict[str, Any]]:
    entries = []
    for item in row.table.columns:
        if row.values.get(item.name) is not None or (item.optional and item.name not in row.reasons):
            continue
        if row.table.built or row.table.name == "sources":
            continue
        base = item.generated_from or item.name
        coded = row.table.by_name[base]
        notes = [s.note for s in checks.supports(row, coded) if s.note] if coded.coded else []
        entries.append(
            {
                "missing_id": str(Cell(row.table.name, row.id, item.name)),
                "case_id": row.case,
                "table": row.table.name,
                "row": row.id,
                "variable": item.name,
                "reason": row.reasons.get(item.name, "open"),
                "note": notes[0] if notes else None,
            }
        )
    return entries


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
        content = _parquet(build.frames[table.name], table)
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
                "casebook": {"rows": len(build.frames[table.name]), "digest": build.digests[table.name]},
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


def _parquet(data: pd.DataFrame, table: Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(arrow_table(table, data), buffer, compression="zstd")
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
