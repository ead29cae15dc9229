"""The entries of evidence, looked up by what they are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from casebook.model.cells import Cell

if TYPE_CHECKING:
    from casebook.model.derivations import Records
    from casebook.model.schema import Table

SAID = ("source_id", "locator", "confidence", "basis", "reads", "note")
USED = ("table", "row", "variables", "variable", *SAID)
"""Columns of the table ``evidence`` that `Entries` knows; releases before 2.0.0 have one variable in each row."""


class Entries:
    """The table ``evidence``, with an index of the rows that its entries are about.

    Parameters
    ----------
    columns : mapping of list
        Those of the columns `USED` that the table has, by name.
    """

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        self._columns = columns
        self._places: dict[tuple[str, str], list[int]] = {}
        for place, about in enumerate(zip(columns["table"], columns["row"], strict=True)):
            self._places.setdefault(about, []).append(place)
        single = [[name] for name in columns.get("variable", ())]
        self._variables: Sequence[list[str]] = columns.get("variables", single)

    def about(self, table: str, row: str, variable: str) -> list[dict[str, str]]:
        """Entries about a variable of a row, each without what is missing in it."""
        places = (place for place in self._places.get((table, row), ()) if variable in self._variables[place])
        return [{name: said for name in SAID if (said := self._columns[name][place]) is not None} for place in places]


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
        for variable in variables or [""]:
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
        cells = (Cell(table.name, row.id, item.name) for item in table.fields if item.coded)
        found.setdefault(row.values.get(key, ""), []).extend(cells)
    return found
