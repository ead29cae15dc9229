"""What differs between two releases: codebook, rows, cells, and the evidence behind them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, NamedTuple

import pandas as pd
from packaging.version import Version

from casebook._support.folding import folded
from casebook.errors import UnknownNameError
from casebook.model.cells import Cell
from casebook.model.descriptor import field_descriptor, table_descriptor
from casebook.model.schema import Field, Table
from casebook.model.tables import Tables, check_keys, statements
from casebook.model.values import to_text
from casebook.releases.store import Store

_SAID = ("source_id", "locator", "confidence", "basis", "reads", "note")


@dataclass(frozen=True)
class CodebookChange:
    """A table, variable, category or definition that was added, removed or changed."""

    table: str
    variable: str
    what: str
    old: str | None = None
    new: str | None = None

    @property
    def added(self) -> bool:
        return self.old is None

    @property
    def removed(self) -> bool:
        return self.new is None

    def line(self, code: str = "") -> str:
        """The change in words, names set between `code` marks."""
        name = f"{code}{self.table}{f'.{self.variable}' if self.variable else ''}{code}"
        verb = "added" if self.added else "removed"
        if self.what in ("table", "variable"):
            return f"{self.what} {name} {verb}"
        if self.added or self.removed:
            return f"{name}: {self.what} {verb}"
        return f"{name}: {self.what} changed from “{self.old}” to “{self.new}”"


@dataclass(frozen=True)
class CellChange:
    """A cell whose value or evidence changed; where only the evidence did, old and new are the same."""

    table: str
    row: str
    variable: str
    old: str
    new: str
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    derived: bool = False


@dataclass(frozen=True)
class Changes:
    """Everything that differs between two releases; made by `changes_between`.

    Attributes
    ----------
    old, new : dict
        Name, version, date and content digest of each release.
    codebook : list of CodebookChange
        Changes of tables, variables, categories, definitions and rules.
    added, removed : dict of list of str
        Identifiers of rows by table.
    cells : list of CellChange
        Changed cells of rows that both releases have.
    """

    old: Mapping[str, str]
    new: Mapping[str, str]
    codebook: list[CodebookChange]
    added: Mapping[str, list[str]]
    removed: Mapping[str, list[str]]
    cells: list[CellChange]

    def __bool__(self) -> bool:
        return bool(self.codebook or self.added or self.removed or self.cells)

    @property
    def level(self) -> str | None:
        """The least step in version that the changes call for: major, minor, patch, or None without any change.

        A change in the wording of a definition counts as a patch here; whether it changes the meaning of a variable,
        and so makes a major version, is for a person to judge.
        """
        if any(item.what == "type" or (item.removed and not item.what.startswith("rule ")) for item in self.codebook):
            return "major"
        if any(item.added for item in self.codebook) or self.added.get("cases"):
            return "minor"
        return "patch" if self else None

    def to_frame(self) -> pd.DataFrame:
        """The changed cells: ``table``, ``row``, ``variable``, ``old``, ``new``, ``gained``, ``lost``, ``derived``."""
        columns = ["table", "row", "variable", "old", "new", "gained", "lost", "derived"]
        return pd.DataFrame([asdict(cell) for cell in self.cells], columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {**asdict(self), "level": self.level}

    def __str__(self) -> str:
        lines = [f"{self.old['name']} {self.old['version']} → {self.new['version']}"]
        lines += [f"  sha256:{self.old['digest']}", f"  sha256:{self.new['digest']}"]
        lines += [entry for entries in self._sections().values() for entry in entries]
        return "\n".join([*lines, self._verdict])

    __repr__ = __str__

    @property
    def _verdict(self) -> str:
        return f"least step in version: {self.level}" if self else "no difference"

    def _sections(self) -> dict[str, list[str]]:
        """What differs, by kind: one entry for each change, over several lines where its evidence changed."""
        return {
            "Codebook": [f"codebook: {item.line()}" for item in self.codebook],
            "Rows added": [f"+ {table} {row}" for table, ids in self.added.items() for row in ids],
            "Rows removed": [f"- {table} {row}" for table, ids in self.removed.items() for row in ids],
            "Cells changed": list(map(_cell, self.cells)),
        }

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(self.old['name'])} {escape(self.old['version'])} → {escape(self.new['version'])}</p>"]
        parts += [f"<div><code>sha256:{escape(release['digest'])}</code></div>" for release in (self.old, self.new)]
        for heading, entries in self._sections().items():
            if entries:
                text = escape("\n".join(entries))
                parts.append(folded(heading, f"<pre style='white-space:pre-wrap'>{text}</pre>", len(entries)))
        return "".join([*parts, f"<p>{escape(self._verdict)}</p>"])


def _cell(cell: CellChange) -> str:
    same = "evidence" if cell.old == cell.new else f"{cell.old} → {cell.new}"
    evidence = [f"    + {entry}" for entry in cell.gained] + [f"    - {entry}" for entry in cell.lost]
    return "\n".join([f"~ {cell.table} {cell.row} {cell.variable}: {same}", *evidence])


def changes_between(old: Tables, new: Tables) -> Changes:
    """Compare two releases.

    Parameters
    ----------
    old, new : Tables
        The releases, or what is to become one.

    Returns
    -------
    Changes
        Codebook, rows, cells and evidence.

    Raises
    ------
    CasebookError
        If a table is damaged.
    """
    before, after = _rows(old), _rows(new)
    added = {table.name: _beyond(after, before, table.name) for table in new.schema if not table.built}
    removed = {table.name: _beyond(before, after, table.name) for table in old.schema if not table.built}
    common = [table for table in new.schema if table.name in after and table.name in before]
    evidence = _evidence_changes(old, new)
    return Changes(
        _about(old),
        _about(new),
        [*_codebook(old, new)],
        {name: rows for name, rows in added.items() if rows},
        {name: rows for name, rows in removed.items() if rows},
        [cell for table in common for cell in _cells(before[table.name], after[table.name], table, evidence)],
    )


def _about(tables: Tables) -> dict[str, str]:
    about = tables.metadata
    released = about.released.isoformat() if about.released else ""
    return {"name": about.name, "version": about.version, "released": released, "digest": tables.digest}


def _codebook(old: Tables, new: Tables) -> Iterator[CodebookChange]:
    for table in old.schema:
        if table.name not in new.schema.tables:
            yield CodebookChange(table.name, "", "table", old=table.title)
    for table in new.schema:
        if table.name not in old.schema.tables:
            yield CodebookChange(table.name, "", "table", new=table.title)
            continue
        before = old.schema.table(table.name)
        yield from _properties(table.name, "", _table_properties(before), _table_properties(table))
        ours, theirs = ({item.name: item for item in side.fields} for side in (table, before))
        for name in [name for name in theirs if name not in ours]:
            yield CodebookChange(table.name, name, "variable", old=theirs[name].title)
        for name, item in ours.items():
            if name not in theirs:
                yield CodebookChange(table.name, name, "variable", new=item.title)
            else:
                yield from _properties(table.name, name, _field_properties(theirs[name]), _field_properties(item))


def _table_properties(table: Table) -> dict[str, Any]:
    whole = table_descriptor(table)
    plain = {key: value for key, value in whole.items() if key not in ("fields", "casebook")}
    extras = dict(whole.get("casebook", {}))
    rules = {f"rule {rule['name']}": rule for rule in extras.pop("rules", ())}
    return {**plain, **extras, **rules}


def _field_properties(item: Field) -> dict[str, Any]:
    whole = field_descriptor(item)
    categories = {f"category {c.value}": f"{c.label}: {c.description}" for c in item.categories}
    plain = {key: value for key, value in whole.items() if key not in ("categories", "casebook")}
    return {**plain, **whole.get("casebook", {}), **categories}


def _properties(table: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CodebookChange]:
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) == new.get(key):
            continue
        before, after = (None if side.get(key) is None else str(side[key]) for side in (old, new))
        if not key.startswith(("category ", "rule ")):
            before, after = before or "", after or ""
        yield CodebookChange(table, name, key, before, after)


class _Rows(NamedTuple):
    """A table as texts: where each row stands, and the cells by variable; empty ones say why they are."""

    places: dict[str, int]
    cells: dict[str, list[str]]


def _rows(tables: Tables) -> dict[str, _Rows]:
    """The tables whose cells are compared."""
    return {table.name: _as_texts(tables, table) for table in tables.schema if table.name != "evidence"}


def _as_texts(tables: Tables, table: Table) -> _Rows:
    frame, reasons = tables.frames[table.name], tables.reasons
    columns = {item.name: _texts(frame[item.name]) for item in table.columns}
    keys = columns[table.primary_key]
    check_keys(table, keys)
    rows = [str(key) for key in keys]
    cells = {
        name: [
            f"({reasons.get(Cell(table.name, row, name), 'empty')})" if text is None else text
            for row, text in zip(rows, texts, strict=True)
        ]
        for name, texts in columns.items()
    }
    return _Rows({row: place for place, row in enumerate(rows)}, cells)


def _texts(column: pd.Series) -> list[str | None]:
    return [value if isinstance(value, str) else _text(value) for value in column.to_numpy(dtype=object)]


def _text(value: Any) -> str | None:
    if not pd.api.types.is_scalar(value):
        return "; ".join(map(str, value))
    if pd.isna(value):
        return None
    return to_text(value) if isinstance(value, dt.date) else str(value)


def _beyond(rows: Mapping[str, _Rows], others: Mapping[str, _Rows], name: str) -> list[str]:
    """Identifiers of the rows of a table that the others do not have."""
    return sorted(rows[name].places.keys() - (others[name].places.keys() if name in others else set()))


def _cells(before: _Rows, after: _Rows, table: Table, evidence: Mapping[Any, Any]) -> Iterator[CellChange]:
    names = [name for name in after.cells if name in before.cells and (table.name, name) != ("missing", "reason")]
    order = {name: position for position, name in enumerate(names)}
    rows = {row: (before.places[row], place) for row, place in after.places.items() if row in before.places}
    seen = {(row, name) for place, row, name in evidence if place == table.name and row in rows and name in order}
    for name in names:
        old, new = before.cells[name], after.cells[name]
        seen |= {(row, name) for row, (one, other) in rows.items() if old[one] != new[other]}
    for row, name in sorted(seen, key=lambda cell: (cell[0], order[cell[1]])):
        gained, lost = evidence.get((table.name, row, name), ((), ()))
        derived = bool(table.by_name[name].derived or table.by_name[name].generated_from)
        one, other = rows[row]
        yield CellChange(
            table.name, row, name, before.cells[name][one], after.cells[name][other], gained, lost, derived
        )


def _evidence_changes(old: Tables, new: Tables) -> dict[Cell, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Entries gained and lost by table, row and variable."""
    before, after = _entries(old), _entries(new)
    found = {}
    for cell in {**before, **after}:
        if before.get(cell) == after.get(cell):
            continue
        theirs, ours = Counter(before.get(cell)), Counter(after.get(cell))
        gained, lost = ours - theirs, theirs - ours
        if gained or lost:
            found[cell] = (tuple(sorted(gained.elements())), tuple(sorted(lost.elements())))
    return found


def _entries(tables: Tables) -> dict[Cell, list[str]]:
    """The entries of evidence for each cell, in words."""
    evidence = tables.frames["evidence"]
    said = [_texts(evidence[name]) if name in evidence else [None] * len(evidence) for name in _SAID]
    worded = evidence.assign(entry=[_entry(*parts) for parts in zip(*said, strict=True)])
    spread = statements({**tables.frames, "evidence": worded}, tables.schema)
    entries: dict[Cell, list[str]] = {}
    cells = map(Cell, *(spread[name].tolist() for name in ("table", "row", "variable")))
    for cell, entry in zip(cells, spread["entry"].tolist(), strict=True):
        entries.setdefault(cell, []).append(entry)
    return entries


def _entry(source: str, locator: str | None, confidence: str, basis: str, reads: str | None, note: str | None) -> str:
    where = f"[{locator}]" if locator is not None else ""
    rival = f", reads {reads}" if reads is not None else ""
    return f"{source}{where} ({confidence}, {basis}{rival})" + (f": {note}" if note is not None else "")


def history(stores: Iterable[Store], row: str, variable: str) -> pd.DataFrame:
    """One value through several releases; see `casebook.book.Casebook.history`."""
    found = []
    ordered = _in_order(stores)
    if not any(store.tables_with(row) for store in ordered):
        raise UnknownNameError("row", row, ordered[-1].identifiers())
    for store in ordered:
        tables: list[str | None] = [table.name for table in store.tables_with(row) if variable in table.by_name]
        evidence = store.statements
        for table in tables or [None]:
            cell = evidence[
                (evidence["table"] == table) & (evidence["row"] == row) & (evidence["variable"] == variable)
            ]
            found.append(
                {
                    **_about(store),
                    "table": table,
                    "value": _value(store, Cell(table, row, variable)) if table else None,
                    "sources": ", ".join(sorted(set(cell["source_id"]))),
                }
            )
    if not any(entry["table"] for entry in found):
        names = {name for store in ordered for table in store.tables_with(row) for name in table.by_name}
        raise UnknownNameError(f"variable of {row}", variable, sorted(names))
    columns = ["version", "released", "table", "value", "sources", "digest"]
    return pd.DataFrame(found, columns=columns, dtype="str").set_index("version")


def _value(store: Store, cell: Cell) -> str:
    rows = _as_texts(store, store.schema.table(cell.table))
    return rows.cells[cell.variable][rows.places[cell.row]]


def _in_order(stores: Iterable[Store]) -> list[Store]:
    """By version; copies of one release, such as its wheel and its archive, count once."""
    unique = {(Version(store.metadata.version), store.digest): store for store in stores}
    return [unique[key] for key in sorted(unique)]
