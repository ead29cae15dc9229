"""From coding files to tables: read, check, derive, write."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from casebook import checks
from casebook.citation import format_sources
from casebook.coding import Coding, Row, read_coding
from casebook.codings import read_codings
from casebook.conditions import TABLE as CONDITIONS
from casebook.conditions import calibrate, declared
from casebook.derive import derive
from casebook.digest import release_digest, table_digest
from casebook.errors import CasebookError, Problems
from casebook.metadata import Metadata, read_metadata
from casebook.resources import schema_folder
from casebook.schema import Schema, Table
from casebook.schemafile import read_schema
from casebook.sourcefile import Source, read_bibliography

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
Progress = Callable[[str], None]


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


def check(folder: Path, progress: Progress = lambda step: None) -> Build:
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
    coding = read_coding(folder, schema, problems)
    before = len(problems.found)
    sources = read_bibliography(folder / "sources.bib", schema.tables["sources"], problems)
    if len(problems.found) > before:
        coding.unreadable.add("sources")
    codings = read_codings(folder, coding, problems)
    progress("checking references and evidence")
    checks.complete_local_references(coding)
    checks.check_references(coding, sources, problems)
    checks.check_evidence(coding, sources, problems)
    checks.check_completeness(coding, problems)
    checks.check_citations(coding, sources, problems)
    if metadata is None:
        problems.raise_if_any()
    assert metadata is not None
    progress("deriving values and checking rules")
    derive(coding, metadata.reference_date)
    frames = {table.name: table.frame(row.values for row in coding.rows[table.name].values()) for table in schema}
    reasons = {table.name: pd.DataFrame([row.reasons for row in coding.rows[table.name].values()]) for table in schema}
    checks.check_rules(coding, frames, reasons, problems)
    problems.raise_if_any()
    progress("collecting evidence and formatting citations")
    frames.update(_built(schema, coding, sources))
    if "codings" in schema.tables:
        frames["codings"] = schema.tables["codings"].frame(entry.values for entry in codings)
    progress("validating tables")
    frames = {table.name: table.conform(frames[table.name]) for table in schema}
    for table in schema:
        table.to_pandera().validate(frames[table.name])
    digests = {table.name: table_digest(frames[table.name], table) for table in schema}
    text = (folder / "sources.bib").read_text(encoding="utf-8")
    return Build(schema, metadata, frames, digests, [sources[key].csl for key in sources], text)


def _built(schema: Schema, coding: Coding, sources: Mapping[str, Source]) -> dict[str, pd.DataFrame]:
    evidence = [entry for row in coding for entry in _evidence(row)]
    missing = [entry for row in coding for entry in _missing(row, evidence)]
    uses = pd.Series([entry["source_id"] for entry in evidence], dtype="str").value_counts()
    citations = format_sources([source.csl for source in sources.values()])
    bibliography = [
        {**source.row, "citation": citations[key], "evidence_count": int(uses.get(key, 0))}
        for key, source in sources.items()
    ]
    tables = schema.tables
    built = {
        "evidence": tables["evidence"].frame(evidence),
        "missing": tables["missing"].frame(missing),
        "sources": tables["sources"].frame(bibliography),
    }
    if CONDITIONS in tables:
        built[CONDITIONS] = tables[CONDITIONS].frame(calibrate(declared(tables[CONDITIONS]), coding))
    return built


def _evidence(row: Row) -> list[dict[str, Any]]:
    entries = []
    for item in row.table.fields:
        if not item.coded:
            continue
        number = 0
        for support in checks.supports(row, item):
            for source, locator in support.sources:
                number += 1
                entries.append(
                    {
                        "evidence_id": f"{row.table.name}/{row.id}#{item.name}/{number}",
                        "case_id": row.case,
                        "table": row.table.name,
                        "row": row.id,
                        "variable": item.name,
                        "source_id": source,
                        "locator": locator,
                        "confidence": support.confidence,
                        "basis": support.basis,
                        "rival": support.reads is not None,
                        "reads": support.reads,
                        "note": support.note,
                    }
                )
    return entries


def _missing(row: Row, evidence: list[dict[str, Any]]) -> list[dict[str, Any]]:
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
                "missing_id": f"{row.table.name}/{row.id}#{item.name}",
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
    if target.exists():
        strange = sorted(
            path.name for path in target.iterdir() if path.suffix not in (".parquet", ".json", ".bib", ".txt")
        )
        if strange:
            raise CasebookError(
                f"{target} holds {strange[0]!r}, which is not a table; move it, or choose another folder"
            )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
        try:
            for name, content in files.items():
                (temporary / name).write_bytes(content)
            temporary.chmod(0o755)
            _replace(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise CasebookError(f"{target} cannot be written: {error.strerror or error}") from error


def _replace(temporary: Path, target: Path) -> None:
    if not target.exists():
        temporary.rename(target)
        return
    old = target.with_name(f".{target.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    target.rename(old)
    try:
        temporary.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


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
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "casebook": {"rows": len(build.frames[table.name]), "digest": build.digests[table.name]},
                "schema": table.to_frictionless(),
            }
        )
    package = {"$schema": PROFILE, **build.metadata.to_descriptor(), "resources": resources}
    package["casebook"]["digest"] = build.digest
    files["datapackage.json"] = _json(package)
    files["sources.csl.json"] = _json(build.csl)
    files["sources.bib"] = build.bibliography.encode()
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    files["SHA256SUMS.txt"] = sums.encode()
    return files


def _parquet(frame: pd.DataFrame, table: Table) -> bytes:
    schema = table.to_arrow()
    plain = frame.astype({c.name: "str" for c in table.columns if c.categories})
    arrow = pa.table({f.name: pa.array(plain[f.name], type=f.type, from_pandas=True) for f in schema}, schema=schema)
    buffer = io.BytesIO()
    pq.write_table(arrow, buffer, compression="zstd")
    return buffer.getvalue()


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def unchanged(build: Build, target: Path) -> list[str]:
    """Names of tables whose committed content differs from a fresh build; empty where nothing differs."""
    try:
        package = json.loads((target / "datapackage.json").read_text(encoding="utf-8"))
        recorded = {item["name"]: item["casebook"]["digest"] for item in package["resources"]}
    except (OSError, ValueError, KeyError) as error:
        raise CasebookError(f"{target / 'datapackage.json'} cannot be read: {error}") from error
    names = sorted({*recorded, *build.digests})
    return [name for name in names if recorded.get(name) != build.digests.get(name)]
