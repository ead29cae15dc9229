"""A folder of Parquet files, checked against the declarations of its tables by an engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import told
from casebook._support.progress import Progress, silent
from casebook.engines.checking import MISSING, Breach, Checker
from casebook.engines.connecting import connected, explained
from casebook.engines.expressions import anchored, fits
from casebook.engines.folders import Files, declared, found, lacking, read
from casebook.errors import CasebookError, suggestion
from casebook.model.integrity import Finding
from casebook.model.schema import Field, Schema, Table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Checked:
    """What `validate_tables` found.

    Attributes
    ----------
    rows : mapping of int
        Number of rows by table.
    breaches : tuple of Breach
        Every demand that is broken, with the number of rows that break it, and the first of them.
    unchecked : tuple of str
        What is declared and was not looked at, by name.
    """

    rows: Mapping[str, int]
    breaches: tuple[Breach, ...]
    unchecked: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with what was looked at."""
        return not self.breaches

    @property
    def findings(self) -> list[Finding]:
        """The rows named."""
        return [finding for breach in self.breaches for finding in breach.findings]

    def to_frame(self) -> pd.DataFrame:
        """The rows named as data: ``table``, ``row``, ``variable``, ``message``."""
        import pandas as pd

        columns = ["table", "row", "variable", "message"]
        return pd.DataFrame(
            [{name: getattr(item, name) for name in columns} for item in self.findings], columns=columns
        )

    def __str__(self) -> str:
        lines: list[str] = []
        for breach in self.breaches:
            lines += map(str, breach.findings)
            if (more := breach.count - len(breach.findings)) > 0:
                place = f"{breach.table} {breach.variable}".strip()
                lines.append(f"{place}: and {more:,} more")
        lines += [f"not checked: {item}" for item in self.unchecked]
        total, tables, wrong = sum(self.rows.values()), len(self.rows), len(self.breaches)
        verdict = f"{wrong} demand{'s' if wrong != 1 else ''} broken" if wrong else "no problem found"
        size = f"{total:,} row{'s' if total != 1 else ''} in {tables} table{'s' if tables != 1 else ''}"
        return "\n".join([*lines, f"{size}; {verdict}"])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


@told("casebook.validate_tables('my-tables')")
def validate_tables(
    folder: str | PathLike[str],
    *,
    schema: Schema | None = None,
    engine: Any = "duckdb",
    limit: int = 10,
    progress: Progress = silent,
) -> Checked:
    """Check tables of any size, where they lie, against their declarations.

    Each table is a file ``TABLE.parquet`` or a folder ``TABLE`` of Parquet files at any depth, whose folders may be
    partitions such as ``case_id=cuba-1962``. Types, categories and codes, ranges, patterns, lengths, keys, foreign keys
    and row rules are looked at, in one pass over each table and one more for each unique column. A table may be left
    out; what then cannot be looked at is listed, as is what needs more than a query (derived values, EDTF, evidence).

    Parameters
    ----------
    folder : path
        Holds the tables.
    schema : Schema, optional
        What the tables must be, such as ``casebook.open("my-casebook").schema``. If not given, ``datapackage.json`` in
        the folder says so, or that of the packaged release.
    engine : {"duckdb", "spark"} or ibis backend, default "duckdb"
        DuckDB within this process, which writes to disk what does not fit into 1.8 GB of memory; Spark, in the active
        session or a local one; or a connection of ibis to one of them, with settings of your own.
    limit : int, default 10
        How many rows to name for each demand that is broken; all are counted.
    progress : callable, optional
        Called with the name of each step.

    Returns
    -------
    Checked
        ``.ok``, ``.breaches`` with counts, ``.findings`` with rows named, ``.unchecked``.

    Raises
    ------
    CasebookError
        If there is no such folder, no table in it, or a file cannot be read.
    MissingLibraryError
        If the engine is not installed.

    Examples
    --------
    >>> import casebook, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cases = casebook.load("cases")[["case_id"]].assign(violence="wild")
    ...     cases.head(2).to_parquet(f"{folder}/cases.parquet")
    ...     found = validate_tables(folder, limit=1)
    >>> found.ok, [breach.count for breach in found.breaches if breach.variable == "violence"]
    (False, [2])
    >>> print(found.findings[-1])
    cases cuba-1962 violence: 'wild' is not a category of the codebook
    """
    place = Path(folder)
    if not isinstance(limit, int) or limit < 1:
        raise CasebookError(f"limit must be a whole number of at least 1, not {limit!r}")
    schema = schema or (declared(place) if place.is_dir() else Schema({}))
    tables, strange = found(place, schema)
    breaches = [_whole(name, "", "has the name of no table" + suggestion(name, schema.tables)) for name in strange]
    rows, unchecked = {}, []
    with connected(engine) as connection:
        views: dict[str, Any] = {}
        for name, files in tables.items():
            with explained(f"table {name} in {files.path}"):
                views[name], wrong = _opened(connection, schema.tables[name], files)
                breaches += wrong
        others = {name: view for name, view in views.items() if name != "missing" or {*MISSING} <= set(view.columns)}
        for name, files in tables.items():
            progress(f"checking {name}")
            with explained(f"table {name} in {files.path}"):
                table, left = _expressible(connection, schema.tables[name])
                checker = Checker(table, schema, views[name], others, limit)
                twice = list(checker.twice())
                if any(breach.variable == table.primary_key for breach in twice):
                    others[name] = views[name].distinct(on=table.primary_key, keep="first")
                rows[name], wrong = checker.breaches()
            breaches += [*twice, *wrong]
            left += [*checker.left_out(), *_beyond(table)]
            unchecked += [f"{name}: {'; '.join(left)}"] if left else []
    absent = [name for name in schema.tables if name not in tables]
    unchecked += [f"tables that are not there: {', '.join(absent)}"] if absent else []
    return Checked(rows, tuple(breaches), tuple(unchecked))


def _opened(connection: Any, table: Table, files: Files) -> tuple[Any, list[Breach]]:
    """The table without the columns that cannot be looked at, and what is wrong with these."""
    view = read(connection, table, files)
    kinds = view.schema()
    wrong = [_whole(table.name, item.name, "the column is missing") for item in table.columns if item.name not in kinds]
    for name, without in lacking(files, table).items():
        more = f" and {len(without) - 1:,} more" if len(without) > 1 else ""
        wrong.append(_whole(table.name, name, f"the column is missing in {without[0]}{more}"))
    kept = []
    for name, kind in kinds.items():
        if name not in table.by_name:
            strange = name not in files.partitions
            wrong += [_whole(table.name, name, "the schema does not declare the column")] if strange else []
        elif fits(table.by_name[name], kind):
            kept.append(name)
        else:
            held = (
                "without a type, for every cell is empty" if kind.is_unknown() or kind.is_null() else f"of type {kind}"
            )
            wrong.append(_whole(table.name, name, f"is {held}, and must be {table.by_name[name].type}"))
    if not kept:
        raise CasebookError(f"{files.path} has no column of the table {table.name}")
    return view.select(*kept), wrong


def _whole(table: str, variable: str, message: str) -> Breach:
    return Breach(table, variable, message, 0, (Finding(table, "", variable, message),))


def _expressible(connection: Any, table: Table) -> tuple[Table, list[str]]:
    """The table without patterns that the engine does not understand, and these by name."""
    import ibis

    refused = {}
    for item in table.columns:
        if item.constraints.pattern is not None:
            try:
                with explained(item.name):
                    connection.to_pyarrow(ibis.literal("").re_search(anchored(item.constraints.pattern)))
            except CasebookError:
                refused[item.name] = replace(item, constraints=replace(item.constraints, pattern=None))
    left = [f"the pattern of {name}, which the engine does not understand" for name in refused]
    return table.with_fields(refused), left


def _beyond(table: Table) -> Iterator[str]:
    """What a table declares that is more than a query."""

    def named(fields: Iterable[Field]) -> str:
        return ", ".join(item.name for item in fields)

    if edtf := named(item for item in table.fields if item.edtf):
        yield f"that these are EDTF, with their bounds: {edtf}"
    if derived := named(item for item in table.fields if item.derived):
        yield f"that these follow from other values: {derived}"
    if lists := named(item for item in table.fields if item.references):
        yield f"where the items of these lead: {lists}"
    if any(item.coded for item in table.fields):
        yield "evidence"
    if not table.built:
        yield "reasons for empty cells"
    if table.dated_by:
        yield f"that identifiers begin with {table.dated_by}"
    if table.complete:
        yield f"that no {table.id[0]} is left out"
    if table.implies:
        yield f"that there is a row of {table.implies.table} for each {table.implies.same}"
    if table.named:
        yield "that every row is named somewhere"
