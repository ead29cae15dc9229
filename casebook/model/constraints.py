"""What a column demands of its values beyond their type, checked on plain values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from casebook.errors import CasebookError
from casebook.model.schema import Constraints, Table


def broken_constraints(demands: Constraints, cells: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """Where the cells of a column break what is demanded, and what is wrong there.

    Parameters
    ----------
    demands : Constraints
        What is demanded.
    cells : sequence
        Text or numbers, None where a cell is empty.

    Examples
    --------
    >>> list(broken_constraints(Constraints(required=True, minimum=0), [2, None, -3]))
    [(1, 'is empty, and a value is required'), (2, '-3 breaks minimum 0')]
    """
    if demands.required:
        yield from ((place, "is empty, and a value is required") for place, cell in enumerate(cells) if cell is None)
    if demands == Constraints(required=demands.required):
        return
    breaks = _demanded(demands)
    counts = Counter(cells)
    counts.pop(None, None)
    wrong = {cell: said for cell in counts if (said := [demand for demand, broken in breaks.items() if broken(cell)])}
    if demands.unique:
        for cell in (cell for cell, count in counts.items() if count > 1):
            wrong.setdefault(cell, []).append("unique")
    for place, cell in enumerate(cells) if wrong else ():
        if cell in wrong:
            yield place, f"{cell!r} breaks {', '.join(wrong[cell])}"


def check_cells(table: Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """See that every cell of a table is one that its column can have.

    Parameters
    ----------
    table : Table
        The declaration.
    columns : mapping of sequence
        The cells by column, None where one is empty.

    Raises
    ------
    CasebookError
        At the first that is not.
    """
    for item in table.columns:
        cells = columns[item.name] if item.categories or item.constraints != Constraints() else ()
        strange = set(cells) - {None, *item.values} if item.categories else ()
        wrong = [f"{value!r} is not a category of the codebook" for value in strange]
        if wrong := wrong or [message for _, message in broken_constraints(item.constraints, cells)]:
            raise CasebookError(f"{table.name}.{item.name}: {wrong[0]}")


def _demanded(demands: Constraints) -> dict[str, Callable[[Any], bool]]:
    """Each demand, with what tells whether a value breaks it."""
    least, most, length, pattern = demands.minimum, demands.maximum, demands.max_length, demands.pattern
    found: dict[str, Callable[[Any], bool]] = {}
    if least is not None:
        found[f"minimum {least}"] = lambda cell: bool(cell < least)
    if most is not None:
        found[f"maximum {most}"] = lambda cell: bool(cell > most)
    if length is not None:
        found[f"max_length {length}"] = lambda cell: len(cell) > length
    if pattern is not None:
        matches = re.compile(pattern).fullmatch
        found[f"pattern {pattern}"] = lambda cell: matches(cell) is None
    return found
