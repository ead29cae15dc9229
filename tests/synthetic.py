"""Casebooks and events of any size, made from the schemas alone: the same seed gives the same.

`casebook` writes coding files of so many cases, which build without problems; `events` multiplies the events of a built
casebook into a partitioned folder of Parquet files. What the schemas declare is followed as declared (categories,
references, nesting, completeness, row rules), so that a new variable needs no change here.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from casebook._support.resources import packaged
from casebook.authoring.schemas import read_schema
from casebook.model.computed import From
from casebook.model.demands import Rule
from casebook.model.derivations import derived_fields
from casebook.model.schema import REASONS, Field, Schema, Table

ROOT = Path(__file__).parents[1]
ROWS = {"parties": 2, "channels": 3, "events": 40, "terms": 6, "claims": 2}
"""Rows of a case, or of the row around them; one of every other table."""
ACTORS = 4
FIRST, LAST = dt.date(1900, 1, 1).toordinal(), dt.date(1990, 1, 1).toordinal()
GIVEN = {
    "cases": {"selection": "Made by a program."},
    # Its existence becomes known after its end, so that nothing can have come of exposure.
    "channels": {"exposure_consequence": "not_applicable", "end_reason": "agreement"},
    "third_parties": {"main": "yes"},
    "parties": {"standing": "principal"},
}
"""What rules ask for by way of derived values, which only the builder computes."""
Record = dict[str, Any]


def casebook(folder: Path, cases: int, seed: int = 0) -> Path:
    """Write the coding files of a casebook; returns the folder."""
    schema = read_schema(Path(str(packaged("schemas"))))
    made = _Maker(schema, random.Random(f"{seed}/{cases}"))
    for number in range(cases):
        made.case(f"case-{number:04}")
        for name, content in made.files.items():
            _write(folder / "cases" / made.name / name, content)
    _write(folder / "actors.yaml", made.actors)
    (folder / "sources.bib").write_text(_cited_by_schemas() + "".join(map(_source, made.sources)), encoding="utf-8")
    (folder / "casebook.yaml").write_text((ROOT / "data/casebook.yaml").read_text("utf-8"), encoding="utf-8")
    return folder


def events(tables: Path, folder: Path, rows: int, parts: int = 10) -> Path:
    """Write so many events, each with an identifier of its own, beside the tables to which they point.

    Parameters
    ----------
    tables : Path
        Folder of a built casebook.
    folder : Path
        Where ``events/part=0/0.parquet`` … go, and copies of other tables.
    """
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    for name in ("datapackage.json", "cases.parquet", "channels.parquet", "missing.parquet"):
        shutil.copy(tables / name, folder)
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        kept = "track <> 'back_channel' OR channel_id IS NOT NULL"
        connection.execute(f"CREATE TABLE base AS SELECT * FROM '{tables}/events.parquet' WHERE {kept}")
        (count,) = connection.execute("SELECT count(*) FROM base").fetchone()
        each = -(-rows // parts)
        for part in range(parts):
            place = folder / "events" / f"part={part}"
            place.mkdir(parents=True, exist_ok=True)
            wanted = min(each, rows - part * each)
            connection.execute(
                f"COPY (SELECT event_id || '-{part}-' || copy AS event_id, base.* EXCLUDE (event_id) "
                f"FROM range({-(-wanted // count)}) copies(copy), base LIMIT {wanted}) "
                f"TO '{place}/0.parquet' (FORMAT parquet, COMPRESSION zstd)"
            )
    return folder


class _Maker:
    """Makes one case after another.

    Attributes
    ----------
    files : dict
        Rows of the last case by file.
    actors, sources : list
        What all cases share.
    """

    def __init__(self, schema: Schema, rng: random.Random) -> None:
        self.schema, self.rng = schema, rng
        self.sources = [f"maker{1900 + number}study" for number in range(10)]
        self.actors: list[Record] = []
        self._cycle = itertools.cycle(self.sources)
        self._number = itertools.count(1)

    def case(self, name: str) -> None:
        """Make a case: first the rows to which others point."""
        self.name, self.files, self.keys, self.spans = name, {}, {}, {}
        shared = self.schema.tables["actors"]
        begun = self.rng.randrange(FIRST, LAST)
        self.keys["actors"] = []
        for _ in range(ACTORS):
            key = f"actor-{len(self.actors)}"
            self.actors.append(self.record(shared, {shared.field(shared.primary_key).key: key}, (begun, begun)))
            self.keys["actors"].append(key)
        for table in self.schema:
            if table.file and not (table.built or table.shared):
                span = self.spans.get(name, (begun, begun + 2000))
                rows = [self.record(table, given, span) for given in self.named(table)]
                self.files[table.file] = rows[0] if table is self.schema.root else rows

    def named(self, table: Table) -> Iterator[Record]:
        """What names each row of a table under one row: every category or row where one field does, else numbers."""
        if table is self.schema.root:
            yield {"case": self.name, "dispute": self.name}
            return
        if table.id:
            item = table.field(table.id[0])
            reference = table.reference(item.name)
            choices = self.keys[reference.table] if reference else item.values
            wanted = choices if table.complete or reference else choices[: ROWS.get(table.name, 1)]
            yield from ({item.key: value} for value in wanted or [f"{_slug(table)}-1"])
            return
        for _ in range(ROWS.get(table.name, 1)):
            yield {table.field(table.primary_key).key: f"{_slug(table)}-{next(self._number)}"}

    def record(self, table: Table, given: Record, span: tuple[int, int]) -> Record:
        """A row with its evidence and the rows within it."""
        skipped = {key.field for key in table.foreign_keys if key.table in (table.within, "cases")}
        channel = next((key for key in table.foreign_keys if key.table == "channels" and not table.within), None)
        row = {item.key: given[item.key] for item in table.fields if item.key in given}
        if channel:
            row[table.field(channel.field).key] = chosen = self.rng.choice(self.keys["channels"])
            span = self.spans[chosen]
        dates = self.dates(table, span)
        for item in table.fields:
            composed = bool(table.id) and item.name == table.primary_key
            if item.derived or composed or item.file or item.name in skipped or item.key in row:
                continue
            if item.optional and not item.references:
                continue
            row[item.key] = dates.get(item.name) or GIVEN.get(table.name, {}).get(item.key) or self.value(table, item)
        self.single(table, row)
        self.keep_rules(table, row)
        key = table.field(table.primary_key).key
        if table.dated_by:
            row[key] = f"{row[table.dated_by]}-{row[key]}"
        if len(dates) > 1:
            first, last, *_ = map(_day, dates.values())
            span = first, last
        if key in row and not table.shared:
            self.keys.setdefault(table.name, []).append(row[key])
            self.spans[row[key]] = span
        if not table.parent_evidence and any(item.coded for item in table.fields):
            confidence = self.rng.choice(["low", "medium", "high"])
            row["evidence"] = [{"source": next(self._cycle), "confidence": confidence, "note": "As made."}]
        for child in self.schema.children(table.name):
            made = [self.record(child, named, span) for named in self.named(child)]
            plain = [next(iter(each.values())) if len(each) == 1 else each for each in made]
            row[child.under or child.name] = plain if child.parent_evidence else made
        return row

    def dates(self, table: Table, span: tuple[int, int]) -> dict[str, str]:
        """Dates in the order of their fields: the first two within a span, the others after it."""
        names = [item.name for item in table.fields if item.edtf]
        within = sorted(self.rng.randint(*span) for _ in names[:2])
        after = itertools.accumulate((self.rng.randint(1, 900) for _ in names[2:]), initial=span[1])
        days = [*within, *itertools.islice(after, 1, None)]
        return {name: dt.date.fromordinal(day).isoformat() for name, day in zip(names, days, strict=True)}

    def value(self, table: Table, item: Field) -> Any:
        """A value as a coder writes it, now and then the reason why there is none."""
        number, reference = next(self._number), table.reference(item.name)
        if not (item.required or item.optional) and self.rng.random() < 0.05 and not item.references:
            return "unknown"
        if reference:
            return self.rng.choice(self.keys[reference.table])
        if item.references:
            return [next(self._cycle)] if item.references == "sources" else [f"channels:{self.keys['channels'][0]}"]
        if item.categories:
            return self.rng.choice([value for value in item.values if value != "alleged"])
        if item.type == "boolean":
            return self.rng.choice(["yes", "no"])
        if item.type in ("integer", "number"):
            return str(self.rng.randint(item.constraints.minimum or 0, 9))
        if item.codes:
            return self.rng.choice(["CUB", "FRA", "NOR", "USA"])
        if item.constraints.pattern:
            return f"{item.key.replace('_', '-')}-{number}"
        return f"{item.title} {number}"[: item.constraints.max_length]

    def single(self, table: Table, row: Record) -> None:
        """Say yes in the first row of a case alone, where a value is taken from the row that says yes."""
        for _, item in derived_fields(self.schema):
            if isinstance(item.derived, From) and item.derived.table == table.name and not table.within:
                row.update(dict.fromkeys(item.derived.where, "no" if self.keys.get(table.name) else "yes"))

    def keep_rules(self, table: Table, row: Record) -> None:
        """Change what breaks a rule, rule by rule, until none is broken."""
        keys = {item.name: item.key for item in table.fields}
        for _ in range(10):
            broken = [rule for rule in table.rules if _breaks(rule, row, keys)]
            if not broken:
                return
            for rule in broken:
                for name, asked in rule.require.items():
                    row[keys[name]] = _asked(asked)
                if rule.order:
                    low, high = (keys[name] for name in rule.order)
                    row[low], row[high] = sorted((row[low], row[high]))
        raise AssertionError(f"{table.name}: no row keeps all rules; see {broken[0].name}")


def _breaks(rule: Rule, row: Record, keys: Mapping[str, str]) -> bool:
    """Whether a row breaks a rule by its own coded values."""
    if any(name not in keys for name in (*rule.when, *rule.require)):
        return False
    if not all(_holds(row.get(keys[name]), asked) for name, asked in rule.when.items()):
        return False
    if not all(_holds(row.get(keys[name]), asked) for name, asked in rule.require.items()):
        return True
    if rule.order and all(name in keys for name in rule.order):
        low, high = (row.get(keys[name]) for name in rule.order)
        return bool(low and high) and low not in REASONS and high not in REASONS and low > high
    return False


def _holds(value: str | None, asked: str | list[str]) -> bool:
    missing = value is None or value in REASONS
    if asked == "missing":
        return missing
    if asked == "coded":
        return not missing
    return value == asked if isinstance(asked, str) else value in asked


def _asked(asked: str | list[str]) -> str:
    return {"missing": "not_applicable"}.get(asked, asked) if isinstance(asked, str) else asked[0]


def _day(date: str) -> int:
    return dt.date.fromisoformat(date).toordinal()


def _write(path: Path, rows: Any) -> None:
    """Rows as YAML; JSON is such, and fast to write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")


def _cited_by_schemas() -> str:
    """The published sources that the codebook cites."""
    named = set(
        re.findall(r"[a-z0-9]+", "".join(path.read_text("utf-8") for path in (ROOT / "schemas").glob("*.yaml")))
    )
    entries = re.split(r"(?m)^(?=@)", (ROOT / "data/sources.bib").read_text("utf-8"))
    keys = (re.match(r"@\w+\{([^,]+),", entry) for entry in entries)
    return "".join(entry for key, entry in zip(keys, entries, strict=True) if key and key[1] in named)


def _source(key: str) -> str:
    year = re.findall(r"\d+", key)[0]
    fields = {
        **{"author": f"Maker, {year}", "title": f"Made in {year}", "publisher": "Press", "date": year},
        **{"kind": "scholarly", "consulted": "full", "reliability": "scrutinized"},
    }
    return f"@book{{{key},\n" + "".join(f"  {name} = {{{text}}},\n" for name, text in fields.items()) + "}\n\n"


def _slug(table: Table) -> str:
    return table.name.replace("_", "-")
