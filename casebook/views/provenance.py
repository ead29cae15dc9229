"""Which published sources stand behind values: those of a case, row, table or variable, or of any loaded frame."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from casebook.errors import CasebookError, UnknownNameError
from casebook.model.derivations import Look
from casebook.model.joining import joins
from casebook.model.schema import Field, Table
from casebook.model.values import to_text
from casebook.sources.narrative import cited_keys

if TYPE_CHECKING:
    import pandas as pd

    from casebook.releases.store import Store


@dataclass(frozen=True)
class Cells:
    """Cells of one table: some of its rows, some of its variables."""

    table: Table
    rows: frozenset[str]
    variables: frozenset[str]


def sources_behind(store: Store, what: str) -> set[str]:
    """Keys of the sources behind a case, row, table or variable.

    The rows that a derived value counts are followed only where that variable is named.

    Parameters
    ----------
    store : Store
        The built casebook.
    what : str
        ``"cuba-1962"``, ``"cuba-1962/rfk-dobrynin"``, ``"channels"`` or ``"channels.result"``.

    Returns
    -------
    set of str
        Keys; empty where the rows need no evidence.

    Raises
    ------
    UnknownNameError
        If there is no such case, row, table or variable.
    """
    name, dot, variable = what.partition(".")
    if name in store.schema.tables:
        table = store.schema.table(name)
        variables = frozenset([table.field(variable).name]) if dot else _not_derived(table)
        return sources_of(store, [Cells(table, _ids(store, table), variables)])
    what = store.entitled(what)
    holders = store.tables_with(what)
    if not holders:
        raise UnknownNameError("case, row, table or variable", what, [*store.schema.tables, *store.identifiers()])
    found = [Cells(table, frozenset([what]), _not_derived(table)) for table in holders]
    for table in store.schema:
        if not table.built and (key := table.reference("case_id")) and key.table in [h.name for h in holders]:
            frame = store.read(table.name)
            rows = frozenset(frame.loc[frame[key.field] == what, table.primary_key])
            found.append(Cells(table, rows, _not_derived(table)))
    return sources_of(store, found)


def cells_in(store: Store, frame: pd.DataFrame) -> list[Cells]:
    """Recognize the cells of the casebook in a frame that was loaded from it.

    Rows are recognized by the primary keys that are still there as columns or index levels, columns by their names as
    `casebook.load` gives them, plain or wide. Columns of the author's own are passed over.

    Parameters
    ----------
    store : Store
        The built casebook.
    frame : DataFrame
        Filtered, merged or wide; rows in any order.

    Returns
    -------
    list of Cells
        One entry per table recognized.

    Raises
    ------
    CasebookError
        If no row or no variable can be recognized.
    UnknownNameError
        If a key is not in this casebook.

    Warns
    -----
    UserWarning
        If a column carries the name of a coded variable, but the key of its rows is gone.
    """
    frame = _framed(frame)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    present = {name for name in frame.columns if isinstance(name, str)}
    keyed = [table for table in store.schema if table.primary_key in present]
    if not keyed:
        keys = ", ".join(table.primary_key for table in store.schema)
        raise CasebookError(f"no column says which rows these are; keep one of the keys: {keys}")
    inner = {key.table for table in keyed for key in table.foreign_keys if key.field in present}
    found, taken = [], set()
    for table in keyed:
        if table.name in inner:
            continue
        places = [(table, table.primary_key, {name: name for name in table.by_name if name in present})]
        for join in joins(store.schema, table):
            if join.key in present:
                names = {column: name for name, column in join.columns.items() if column in present}
                names |= {name: name for name in join.table.by_name if name in present and name not in table.by_name}
                places.append((join.table, join.key, names))
        for place, key, names in places:
            found.append(Cells(place, _rows(store, place, frame[key]), frozenset(names.values())))
            taken |= set(names)
    if not any(cells.variables - {cells.table.primary_key} for cells in found):
        raise CasebookError("no column besides the keys is a variable of the casebook; keep the columns that you used")
    lost = {item.name for table in store.schema for item in table.columns if item.coded} & present - taken
    if lost:
        warnings.warn(
            f"no sources for {', '.join(sorted(lost))}: the key of their rows is not in the frame", stacklevel=4
        )
    return found


def _framed(frame: object) -> pd.DataFrame:
    """The frame, or an answer to whoever gave something else."""
    import pandas as pd

    if isinstance(frame, pd.DataFrame):
        return frame
    if isinstance(frame, pd.Series):
        raise CasebookError(
            f"a column alone does not say which rows it is about; keep the key: frame[['channel_id', {frame.name!r}]]"
        )
    raise CasebookError(
        f"bibliography takes a frame loaded from the casebook, not {type(frame).__name__}; "
        "casebook.cite gives the sources behind a case, row, table or variable"
    )


def _not_derived(table: Table) -> frozenset[str]:
    return frozenset(item.name for item in table.fields if not item.derived)


def _ids(store: Store, table: Table) -> frozenset[str]:
    return frozenset(store.read(table.name)[table.primary_key])


def _rows(store: Store, table: Table, keys: pd.Series) -> frozenset[str]:
    rows, known = frozenset(keys.dropna().astype("str")), _ids(store, table)
    if unknown := sorted(rows - known):
        raise UnknownNameError(f"row of {table.name}", unknown[0], sorted(known))
    return rows


def sources_of(store: Store, cells: list[Cells]) -> set[str]:
    """Keys of the sources behind cells.

    A derived value rests on the evidence of what it was derived from, a bound of a date on that of the date. Sources
    that the cells name themselves belong to it: in narratives, lists of sources, and the tables of evidence.
    """
    evidence = store.statements
    keys: set[str] = set()
    for part in _with_inputs(store, cells):
        among = (evidence["table"] == part.table.name) & evidence["row"].isin(part.rows)
        keys |= set(evidence.loc[among & evidence["variable"].isin(part.variables), "source_id"])
        for name in part.variables & set(part.table.by_name):
            item = part.table.by_name[name]
            if _names_sources(part.table, item):
                frame = store.read(part.table.name)
                values = frame.loc[frame[part.table.primary_key].isin(part.rows), name].dropna()
                texts = values if item.file is not None else values.explode().dropna()
                keys |= {key for text in texts for key in (cited_keys(text) if item.file is not None else [text])}
    return keys & set(store.csl)


def _names_sources(table: Table, item: Field) -> bool:
    reference = table.reference(item.name)
    return (
        item.file is not None
        or item.references == "sources"
        or (reference is not None and reference.table == "sources")
        or (table.name == "sources" and item.name == table.primary_key)
    )


def _with_inputs(store: Store, cells: list[Cells]) -> Iterator[Cells]:
    """The cells, and those from which they were derived, at any remove."""
    waiting, seen = list(cells), set[Cells]()
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        variables = {part.table.by_name[name].generated_from or name for name in part.variables} | part.variables
        inputs = set[str]()
        for name in variables:
            if derived := part.table.by_name[name].derived:
                inputs |= set(derived.inputs)
                waiting += [found for look in derived.looks for found in _looked_at(store, part, look)]
        if inputs:
            waiting.append(Cells(part.table, part.rows, frozenset(inputs)))
        yield Cells(part.table, part.rows, frozenset(variables))


def _looked_at(store: Store, part: Cells, look: Look) -> Iterator[Cells]:
    """The rows of another table that a derived value looked at."""
    table = store.schema.table(look.table)
    if table.built:
        return
    targets, towards = part.rows, part.table
    if look.key is not None:
        own = store.read(part.table.name)
        reference = part.table.reference(look.key)
        assert reference is not None
        among = own[part.table.primary_key].isin(part.rows)
        targets, towards = frozenset(own.loc[among, look.key].dropna()), store.schema.table(reference.table)
        if not look.beside:
            yield Cells(table, targets, frozenset(look.fields))
            return
    frame = store.read(table.name)
    for key in table.keys_to(towards.name):
        among = frame[key].isin(targets)
        for name, allowed in look.where.items():
            among &= frame[name].map(to_text, na_action="ignore").isin(allowed)
        yield Cells(table, frozenset(frame.loc[among, table.primary_key]), frozenset(look.fields or table.by_name))
