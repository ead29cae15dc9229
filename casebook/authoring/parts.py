"""A casebook in parts that are compiled apart: each case, and what all cases share.

What a case comes to follows from its own files, the codebook, the reference date, what the sources that it cites weigh,
and whether the shared rows that it names exist. So it is compiled once and kept until one of these is another; see
`casebook._support.cache`. Only parts in which nothing was wrong are kept, so that every problem is found anew.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow

from casebook._support.cache import Cache, key_of
from casebook.authoring import checks
from casebook.authoring.bibliography import Source
from casebook.authoring.cases import Coding, Row, read_cases
from casebook.authoring.checks import Outward
from casebook.authoring.chronology import check_chronology
from casebook.authoring.kept import as_json, contents, from_bytes, to_bytes
from casebook.authoring.statements import missing_of, statements_of, supports_of
from casebook.errors import Mark, Problems
from casebook.model.arrow import arrow_rows
from casebook.model.cells import case_of
from casebook.model.computed import Count, Distinct
from casebook.model.conditions import TABLE as CONDITIONS
from casebook.model.conditions import calibrate, declared
from casebook.model.derivations import derive, derived_fields
from casebook.model.grades import Work
from casebook.model.integrity import Keys
from casebook.model.schema import Schema

PACK = 16
"""Cases whose rows are put together."""


@dataclass(frozen=True)
class Part:
    """What some cases, or what all share, come to.

    Attributes
    ----------
    tables : mapping of Table
        Rows of the tables that have any, those that the builder makes included; none where something was wrong.
    works : mapping of Work
        The sources cited.
    names : mapping of set
        Identifiers of the shared rows to which foreign keys lead, by table.
    outward : list of Outward
        References that lead to none of the rows of the part.
    coding : Coding or None
        The rows as they were read, where something was wrong.
    """

    tables: dict[str, pyarrow.Table]
    works: dict[str, Work | None]
    names: dict[str, set[str]]
    outward: list[Outward]
    coding: Coding | None = None

    def column(self, table: str, name: str) -> list[Any]:
        """The values of a column; empty ones are None."""
        if self.coding is not None:
            return [row.values.get(name) for row in self.coding.rows[table].values() if table in self.coding.own]
        return self.tables[table][name].to_pylist() if table in self.tables else []

    def to_files(self) -> dict[str, bytes]:
        """The part as bytes to be kept; places in files by the name of the file in the folder of the case."""
        about = {
            "works": {key: astuple(work) for key, work in self.works.items() if work is not None},
            "names": {table: sorted(names) for table, names in self.names.items()},
            "outward": [
                [Path(link.mark.file).name, link.mark.line, link.table, link.variable, link.value]
                for link in self.outward
            ],
        }
        return {"about.json": as_json(about), **{f"{name}.arrow": to_bytes(t) for name, t in self.tables.items()}}

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], folder: Path) -> Part:
        """Read back what `to_files` gave."""
        about = json.loads(files["about.json"])
        return cls(
            {name.removesuffix(".arrow"): from_bytes(raw) for name, raw in files.items() if name != "about.json"},
            {key: Work(*work) for key, work in about["works"].items()},
            {table: set(names) for table, names in about["names"].items()},
            [Outward(Mark(str(folder / file), line), *link) for file, line, *link in about["outward"]],
        )


def packed(parts: Sequence[Part]) -> list[Part]:
    """The same rows in one part: a small table takes several times the memory of what is in it.

    Parts in which something was wrong stay as they are.
    """
    if any(part.coding for part in parts):
        return list(parts)
    names = dict.fromkeys(name for part in parts for name in part.tables)
    found = {name: [part.tables[name] for part in parts if name in part.tables] for name in names}
    whole = Part({name: pyarrow.concat_tables(tables).combine_chunks() for name, tables in found.items()}, {}, {}, [])
    for part in parts:
        whole.works.update(part.works)
        whole.outward.extend(part.outward)
    return [whole]


def apart(schema: Schema, shared: frozenset[str]) -> bool:
    """Whether no value of a case follows from another case, or from a row that cases share.

    Shared rows may count the rows of cases that point to them.
    """
    for table, item in derived_fields(schema):
        for look in item.derived.looks if item.derived and not table.built else ():
            key = table.reference(look.key) if look.key else None
            if table.name in shared:
                if not isinstance(item.derived, Count | Distinct):
                    return False
            elif look.table in shared or (key and key.table in shared):
                return False
    for table in schema:
        parents = {name for rule in table.rules for name in rule.parents}
        beyond = parents | ({table.complete.each} if table.complete else set())
        implied = {table.name, table.implies.table} if table.implies else set()
        if (beyond - shared if table.name in shared else beyond & shared) or implied & shared:
            return False
    used = (
        {condition.table, *(name for name, _ in condition.uses)} for table in schema for condition in table.conditions
    )
    return not any(tables & shared for tables in used)


@dataclass(frozen=True)
class Compiler:
    """Compiles the parts of one casebook.

    Attributes
    ----------
    folder : Path
        The casebook folder.
    shared : Coding
        The rows that cases share.
    sources : mapping of Source
        The bibliography.
    reference_date : date or None
        None where it could not be read; values that follow from others are then not computed.
    problems : Problems
        Receives what is wrong.
    cache : Cache
        Keeps parts.
    basis : str
        A key of the code and the codebook.
    """

    folder: Path
    shared: Coding
    sources: Mapping[str, Source]
    reference_date: dt.date | None
    problems: Problems
    cache: Cache
    basis: str
    works: dict[str, Work] = field(init=False)

    def __post_init__(self) -> None:
        works = {key: Work.of(source.row) for key, source in self.sources.items()}
        object.__setattr__(self, "works", works)

    @property
    def schema(self) -> Schema:
        return self.shared.schema

    def cases(self, paths: Sequence[Path]) -> list[Part]:
        """Each case by itself, several packed together as soon as they are compiled."""
        found: list[Part] = []
        for start in range(0, len(paths), PACK):
            found += packed([self.case(path) for path in paths[start : start + PACK]])
        return found

    def case(self, path: Path) -> Part:
        """One case."""
        key = self._key(path)
        if (kept := self._kept(key, path)) is not None:
            return kept
        here = self.problems.watch()
        coding = read_cases([path], self.folder, self.shared, self.problems)
        part = self._compiled(coding, coding.rows, here.failed)
        if key is not None and part.coding is None and key == self._key(path):
            self.cache.put(key, part.to_files())
        return part

    def all_at_once(self, paths: Sequence[Path]) -> Part:
        """All cases and what they share, where values of one follow from others."""
        here = self.problems.watch()
        coding = read_cases(paths, self.folder, self.shared, self.problems)
        coding.own = frozenset(self.schema.tables)
        return self._compiled(coding, coding.rows, here.failed)

    def rest(self, parts: Sequence[Part], keys: Keys) -> Part:
        """What cases share, given all of them."""
        coding = self.shared
        for part in parts:
            coding.unreadable |= part.coding.unreadable if part.coding else set()
        pointing, nowhere = self._pointing(), Mark("", 0)
        nothing: dict[str, Any] = {"reasons": {}, "marks": {}, "support": [], "unread": set()}
        for name, columns in pointing.items():
            table, rows = self.schema.tables[name], coding.rows[name]
            alike: dict[str, dict[str, Any]] = {}
            for part in parts:
                cells = (part.column(name, column) for column in (table.primary_key, *columns))
                for row, *values in zip(*cells, strict=True):
                    given = alike.setdefault(repr(values), dict(zip(columns, values, strict=True)))
                    rows[row] = Row(table, row, case_of(row), nowhere, values=given, **nothing)
        part = self._compiled(coding, keys, False)
        for name in pointing:
            coding.rows[name] = {}
        coding.__dict__.pop("index", None)
        return part

    def _pointing(self) -> dict[str, list[str]]:
        """Columns of the tables of cases that lead to shared rows, and what is counted there."""
        asked: dict[str, set[str]] = {}
        for table in self.schema:
            for key in table.foreign_keys if table.name not in self.shared.own and not table.built else ():
                if key.table in self.shared.own:
                    asked.setdefault(table.name, set()).add(key.field)
        for table, item in derived_fields(self.schema):
            for look in item.derived.looks if item.derived and table.name in self.shared.own else ():
                if look.table in asked:
                    asked[look.table].update(look.fields)
        return {name: sorted(columns) for name, columns in asked.items()}

    def _key(self, path: Path) -> str | None:
        files = contents([path]) if self.reference_date is not None else None
        return None if files is None else key_of(self.basis, str(self.reference_date), path.name, files)

    def _kept(self, key: str | None, path: Path) -> Part | None:
        files = self.cache.get(key) if key is not None else None
        if files is None:
            return None
        part = Part.from_files(files, path)
        same = all(self.works.get(name) == work for name, work in part.works.items())
        there = all(names <= self.shared.rows[table].keys() for table, names in part.names.items())
        return part if same and there else None

    def _compiled(self, coding: Coding, keys: Keys, failed: bool) -> Part:
        here, problems = self.problems.watch(), self.problems
        checks.complete_local_references(coding)
        checks.check_references(coding, keys, self.sources, problems)
        checks.check_evidence(coding, self.works, problems)
        checks.check_order(coding, problems)
        checks.check_choices(coding, problems)
        checks.check_company(coding, problems)
        checks.check_completeness(coding, problems)
        works = {key: self.works.get(key) for key in sorted(checks.cited(coding, self.sources, problems))}
        outward = list(checks.outward(coding))
        tables: dict[str, pyarrow.Table] = {}
        if self.reference_date is not None:
            check_chronology(coding, self.reference_date, problems)
            derive(coding, self.reference_date, coding.own)
            own = [table for table in self.schema if table.name in coding.own and not table.built]
            tables = {t.name: arrow_rows(t, (row.values for row in coding.rows[t.name].values())) for t in own}
            checks.check_rules(coding, problems)
        if failed or here.failed or coding.unreadable or not tables:
            return Part({}, works, self._names(coding), outward, coding)
        tables |= self._made(coding)
        return Part({name: t for name, t in tables.items() if t.num_rows}, works, self._names(coding), outward)

    def _names(self, coding: Coding) -> dict[str, set[str]]:
        names: dict[str, set[str]] = {}
        for row in coding:
            for key in row.table.foreign_keys:
                if key.table in self.shared.own and row.values.get(key.field) is not None:
                    names.setdefault(key.table, set()).add(row.values[key.field])
        return names

    def _made(self, coding: Coding) -> dict[str, pyarrow.Table]:
        """The rows that the builder makes."""
        tables = self.schema.tables
        evidence = statements_of(coding, self.works)
        made = {
            "evidence": arrow_rows(tables["evidence"], evidence),
            "missing": arrow_rows(tables["missing"], missing_of(coding)),
        }
        if "support" in tables:
            made["support"] = arrow_rows(tables["support"], supports_of(coding, evidence, self.works))
        if CONDITIONS in tables and {c.table for c in tables[CONDITIONS].conditions} & coding.own:
            made[CONDITIONS] = arrow_rows(tables[CONDITIONS], calibrate(declared(tables[CONDITIONS]), coding))
        return made
