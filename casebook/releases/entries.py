"""The entries of evidence, looked up by what they are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casebook.model.cells import Cell

if TYPE_CHECKING:
    import pyarrow

    from casebook.model.derivations import Records
    from casebook.model.schema import Table

SAID = ("source_id", "locator", "confidence", "basis", "reads", "note")
USED = ("table", "row", "variables", "variable", *SAID)
"""Columns of the table ``evidence`` that `Entries` knows; releases before 2.0.0 have one variable in each row."""
_FEW = 20


class Entries:
    """The table ``evidence``, looked up by the row that its entries are about.

    Of a few rows asked about, only their entries are made Python's; of more, all are, once.

    Parameters
    ----------
    data : pyarrow.Table
        Those of the columns `USED` that the table has.
    """

    def __init__(self, data: pyarrow.Table) -> None:
        self._data = data
        self._names: list[str] = data.column("row").to_pylist()
        self._found: dict[str, list[dict[str, Any]]] = {}

    def about(self, table: str, row: str, variable: str) -> list[dict[str, str]]:
        """Entries about a variable of a row, each without what is missing in it."""
        entries = (entry for entry in self._of(row) if entry["table"] == table and variable in _covered(entry))
        return [{name: said for name in SAID if (said := entry.get(name)) is not None} for entry in entries]

    def _of(self, row: str) -> list[dict[str, Any]]:
        if row in self._found:
            return self._found[row]
        if len(self._found) >= _FEW:
            return self._all.get(row, [])
        places = [place for place, name in enumerate(self._names) if name == row]
        span = self._data.slice(places[0], places[-1] - places[0] + 1) if places else self._data.slice(0, 0)
        self._found[row] = [entry for entry in span.to_pylist() if entry["row"] == row]
        return self._found[row]

    @cached_property
    def _all(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for entry in self._data.to_pylist():
            found.setdefault(entry["row"], []).append(entry)
        return found


def _covered(entry: Mapping[str, Any]) -> Sequence[str]:
    return entry["variables"] if "variables" in entry else (entry["variable"],)


def by_cell(
    columns: Mapping[str, Sequence[Any]], records: Records, known: Collection[str]
) -> dict[Cell, tuple[int, ...]]:
    """Places of the entries about each cell: what covers several variables, or the rows of a list under a row, spread.

    Parameters
    ----------
    columns : mapping of list
        The table ``evidence``.
    records : Records
        Rows of the tables.
    known : collection of str
        Tables that could be read.
    """
    lists = {
        (child.within, child.under): _rows_under(child, records)
        for child in records.schema
        if child.parent_evidence and child.name in known
    }
    found: dict[Cell, list[int]] = {}
    covered = columns["variables"] if "variables" in columns else [[name] for name in columns["variable"]]
    for place, (table, row, variables) in enumerate(zip(columns["table"], columns["row"], covered, strict=True)):
        for variable in variables or [""] if table and row else ():
            nested = lists.get((table, variable))
            cells = [Cell(table, row, variable)] if nested is None else nested.get(row, ())
            for cell in cells:
                found.setdefault(cell, []).append(place)
    return {cell: tuple(places) for cell, places in found.items()}


def _rows_under(table: Table, records: Records) -> dict[str, list[Cell]]:
    """The coded cells of the rows of a list, by the row around them."""
    key = table.keys_to(str(table.within))[0]
    found: dict[str, list[Cell]] = {}
    for row in records.rows[table.name].values():
        cells = (Cell(table.name, row.id, item.name) for item in table.coded)
        found.setdefault(row.values.get(key, ""), []).extend(cells)
    return found
