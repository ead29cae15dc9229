"""What stands behind a value: the sources that support it, rival readings, and why a cell is empty or derived."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from casebook._support.folding import folded
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.cells import Cell
from casebook.model.values import to_text
from casebook.sources.hypertext import hypertext
from casebook.views.html import framed
from casebook.views.text import WIDTH, wrapped

if TYPE_CHECKING:
    import pandas as pd

    from casebook.model.schema import Field, Table
    from casebook.releases.store import Store

COLUMNS = (
    *("table", "row", "variable", "value", "label", "reads", "confidence", "basis"),
    *("source_id", "locator", "note", "citation"),
)

_UNFOLDED = 3
"""Of more values than this each is folded in a notebook."""


@dataclass(frozen=True)
class Citation:
    """A source named for a statement, and the place in it."""

    source_id: str
    locator: str | None
    citation: str
    works: Callable[[], Mapping[str, Mapping[str, Any]]] = field(default=dict, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.citation} ({self.locator})" if self.locator else self.citation

    def to_html(self) -> str:
        """The same with italics and links."""
        return hypertext(str(self), self.works().get(self.source_id, {}))


@dataclass(frozen=True)
class Statement:
    """What some sources are held to show of a value: that it is so, or a rival reading."""

    reads: str | None
    reads_label: str | None
    confidence: str
    basis: str
    note: str | None
    sources: tuple[Citation, ...]

    def __str__(self) -> str:
        what = f"rival reading {self.reads_label}" if self.reads else "supported"
        return f"{what} ({self.confidence}, {self.basis})" + (f": {self.note}" if self.note else "")


@dataclass(frozen=True)
class Argument:
    """One cell with all that is said for and against it.

    Attributes
    ----------
    cell : Cell
        The cell.
    title : str
        Title of the variable.
    value : str or None
        The value as coded, in text; None where the cell is empty.
    label : str
        The value in words; for an empty cell the reason.
    note : str or None
        Why the cell is empty, or from what its value was derived.
    statements : tuple of Statement
        Support first, then rival readings.
    rests_on : str or None
        The best support that the value has, in words; None where nothing is recorded of it.
    """

    cell: Cell
    title: str
    value: str | None
    label: str
    note: str | None
    statements: tuple[Statement, ...]
    rests_on: str | None = None


class Evidence:
    """What stands behind a row or one of its values, as `casebook.evidence` gives it.

    Shows itself in notebooks and terminals.

    Attributes
    ----------
    arguments : tuple of Argument
        One for each cell.
    """

    def __init__(self, row: str, arguments: tuple[Argument, ...]) -> None:
        self.row, self.arguments = row, arguments

    def __len__(self) -> int:
        return len(self.arguments)

    def __iter__(self) -> Iterator[Argument]:
        return iter(self.arguments)

    def to_frame(self) -> pd.DataFrame:
        """The statements as data.

        Returns
        -------
        DataFrame
            One row per value and source: ``table``, ``row``, ``variable``, ``value`` (as coded), ``label`` (in words),
            ``reads`` (what a rival reading gives, as coded), ``confidence``, ``basis``, ``source_id``, ``locator``,
            ``note``, ``citation``. Empty where nothing is recorded.
        """
        import pandas as pd

        return pd.DataFrame(self.rows(), columns=list(COLUMNS), dtype="str")

    def rows(self) -> list[dict[str, str | None]]:
        """The statements as `to_frame` has them, one dictionary per value and source."""
        return [
            {
                **argument.cell._asdict(),
                "value": argument.value,
                "label": argument.label,
                "reads": statement.reads,
                "confidence": statement.confidence,
                "basis": statement.basis,
                "source_id": source.source_id,
                "locator": source.locator,
                "note": statement.note,
                "citation": source.citation,
            }
            for argument in self.arguments
            for statement in argument.statements
            for source in statement.sources
        ]

    def to_text(self, width: int = WIDTH) -> str:
        """The argument in lines of at most `width` characters, addresses excepted."""
        if not self.arguments:
            return f"Nothing is recorded for {self.row}; its variables need no evidence."
        return "\n".join(line for argument in self.arguments for line in _lines(argument, width))

    def __str__(self) -> str:
        return self.to_text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if not self.arguments:
            return f"<p>{escape(str(self))}</p>"
        if len(self.arguments) <= _UNFOLDED:
            return framed(*map(_html, self.arguments))
        return framed(
            *(
                folded(found.title, _html(found), len(found.statements), said=found.label, opened=False)
                for found in self.arguments
            )
        )


def evidence(store: Store, row: str, variable: str | None = None) -> Evidence:
    """What stands behind a row or one of its values; see `casebook.book.Casebook.evidence`."""
    row = store.entitled(row)
    holders = store.tables_with(row)
    if not holders and row in store.schema.tables:
        first = next(iter(store.cells(row)), "")
        raise CasebookError(f"{row!r} is a table; name one of its rows, for example {first!r}")
    if not holders:
        raise UnknownNameError("row", row, store.identifiers())
    if variable is not None:
        holders_of_it = [table for table in holders if variable in table.by_name]
        if not holders_of_it:
            raise _elsewhere(store, holders, row, variable)
        return Evidence(row, tuple(argument(store, table, row, table.field(variable)) for table in holders_of_it))
    arguments = (argument(store, table, row, item) for table in holders for item in table.fields if item.coded)
    return Evidence(row, tuple(found for found in arguments if found.statements))


def _elsewhere(store: Store, holders: list[Table], row: str, variable: str) -> CasebookError:
    """What to ask instead, for a variable that a row does not have."""
    homes = [table for table in store.schema.coded if variable in table.by_name]
    below = [(t.name, key) for t in homes for key in store.cells(t.name) if key.startswith(f"{row}/")]
    if below:
        table, key = below[0]
        return CasebookError(
            f"{variable} is a variable of {table}, not of {holders[0].name}; name a row of it, for example {key!r}"
        )
    names = [item.name for table in holders for item in table.columns]
    return UnknownNameError(f"variable of {row}", variable, names)


def argument(store: Store, table: Table, row: str, item: Field) -> Argument:
    """One cell with all that is said for and against it, whether or not it has a value."""
    base = table.field(item.generated_from or item.name)
    cell = Cell(table.name, row, item.name)
    value = store.cells(table.name)[row][item.name]
    empty = value is None
    note = _why(store, cell) if empty else None
    if base.derived:
        note = _inputs(store, table, row, base)
    return Argument(
        cell,
        item.title,
        None if empty else to_text(value),
        store.shown(*cell),
        note,
        tuple(_statements(store, table, row, base)),
        _rests_on(store, Cell(table.name, row, base.name)),
    )


def _rests_on(store: Store, cell: Cell) -> str | None:
    found = store.column("support", "rests_on").get(str(cell)) if "support" in store.schema.tables else None
    if found is None:
        return None
    label = store.schema.table("support").field("rests_on").label(found)
    return f"rests on {label[:1].lower()}{label[1:]}"


def _why(store: Store, cell: Cell) -> str:
    found = store.cells("missing").get(str(cell))
    if found is None:
        return "empty: it is optional, and nothing was coded"
    why = f"; {found['note']}" if found["note"] is not None else ""
    return f"empty: {str(found['reason']).replace('_', ' ')}{why}"


def _inputs(store: Store, table: Table, row: str, item: Field) -> str:
    """From what a derived value follows, in words."""
    assert item.derived is not None
    own = [f"{name} = {store.shown(table.name, row, name) or 'empty'}" for name in item.derived.inputs]
    rows = [f"the rows of {look.table} that belong to it" for look in item.derived.looks if look.key is None]
    rows += [f"the row of {look.table}" for look in item.derived.looks if look.key is not None]
    return f"derived from {'; '.join([*own, *rows])}"


def _statements(store: Store, table: Table, row: str, item: Field) -> Iterator[Statement]:
    """The evidence entries of a cell, those that say the same of several sources as one."""
    entries = store.evidence_of(Cell(table.name, row, item.name))
    citations = store.column("sources", "citation") if entries else {}
    found: dict[tuple[Any, ...], list[Citation]] = {}
    for entry in entries:
        said = tuple(entry.get(name) for name in ("reads", "confidence", "basis", "note"))
        key = entry["source_id"]
        source = Citation(key, entry.get("locator"), str(citations[key]), partial(getattr, store, "csl"))
        found.setdefault(said, []).append(source)
    for (reads, confidence, basis, note), cited in found.items():
        label = item.label(reads) if reads is not None else None
        yield Statement(reads, label, confidence, basis, note, tuple(cited))


def _lines(argument: Argument, width: int) -> Iterator[str]:
    yield f"{argument.cell.name} = {argument.label}"
    for remark in filter(None, (argument.note, argument.rests_on)):
        yield from wrapped(remark, width, "  ")
    for statement in argument.statements:
        yield from wrapped(str(statement), width, "  ")
        for source in statement.sources:
            yield from wrapped(f"– {source}", width, "    ")


def _html(argument: Argument) -> str:
    head = f"<h4>{escape(argument.title)} <code>{escape(argument.cell.name)}</code>: {escape(argument.label)}</h4>"
    note = "".join(f"<p>{escape(remark)}</p>" for remark in (argument.note, argument.rests_on) if remark)
    said = "".join(
        f"<li>{escape(str(statement))}<ul>{''.join(f'<li>{s.to_html()}</li>' for s in statement.sources)}</ul></li>"
        for statement in argument.statements
    )
    return f"{head}{note}<ul>{said}</ul>"
