"""What the pages show of rows and values: names, links, and the argument behind each value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casebook.errors import UnknownNameError
from casebook.model.cells import Cell, Link, case_of
from casebook.model.schema import Field, Table
from casebook.site.addresses import Addresses, source_page, variable_page
from casebook.sources.labels import labels
from casebook.views.evidence import Argument, argument

if TYPE_CHECKING:
    from casebook.book import Casebook

NONE = "no value"
ORDER = ("high", "medium", "low")


@dataclass(frozen=True)
class Piece:
    """Some text of a page, and the address to which it leads, if to any."""

    text: str
    to: str | None = None


@dataclass(frozen=True)
class Value:
    """A value with its evidence, as a page shows it.

    Attributes
    ----------
    cell : Cell
        The cell.
    title : str
        Title of the variable.
    meaning : str
        The address of its definition.
    anchor : str
        The anchor of its evidence on the page of its row.
    pieces : tuple of Piece
        The value in words; a list has several.
    argument : Argument
        What is said for and against it.
    coded : bool
        Whether a coder gave it with evidence, or the reason for its absence.
    """

    cell: Cell
    title: str
    meaning: str
    anchor: str
    pieces: tuple[Piece, ...]
    argument: Argument
    coded: bool

    @property
    def empty(self) -> bool:
        """Whether there is no value, but at most a reason."""
        return self.argument.value is None

    @cached_property
    def note(self) -> str | None:
        """What else is to be said of a value without evidence: whence it follows, or more on why there is none."""
        note = self.argument.note
        if note is None or not self.empty:
            return note
        note = note.removeprefix("empty: ").removeprefix(self.text).removeprefix("; ")
        return None if not note or self.text == NONE else note

    @cached_property
    def confidence(self) -> str | None:
        """The best confidence of those statements that support the value."""
        found = {statement.confidence for statement in self.argument.statements if not statement.reads}
        return next((grade for grade in ORDER if grade in found), None)

    @cached_property
    def rivals(self) -> int:
        """How many rival readings there are."""
        return sum(bool(statement.reads) for statement in self.argument.statements)

    @property
    def doubtful(self) -> bool:
        """Whether there are rival readings, or low confidence at best."""
        return self.rivals > 0 or self.confidence == "low"

    @cached_property
    def text(self) -> str:
        """The value in words."""
        return "; ".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Row:
    """A row as a page shows it, with the rows that lie within it.

    Attributes
    ----------
    table : Table
        Its table.
    id : str
        Its identifier.
    name : str
        Its name for readers.
    to : str
        Its address.
    anchor : str
        Its anchor, where it stands on the page of another row.
    values : tuple of Value
        Its values in codebook order, without those that the page shows otherwise.
    within : tuple of (Table, tuple of Row)
        The rows that lie within it and stand on its page, by table.
    alleged : bool
        Whether only an unconfirmed source claims it.
    """

    table: Table
    id: str
    name: str
    to: str
    anchor: str
    values: tuple[Value, ...]
    within: tuple[tuple[Table, tuple[Row, ...]], ...]
    alleged: bool

    def all_values(self) -> Iterator[Value]:
        """The values of the row and of the rows within it."""
        yield from self.values
        for _, rows in self.within:
            for row in rows:
                yield from row.all_values()

    @property
    def single(self) -> Value | None:
        """The one coded value of a row that has nothing else to say than what follows from it."""
        coded = [value for value in self.values if value.coded]
        return coded[0] if len(coded) == 1 and not self.within else None

    def value(self, variable: str) -> Value | None:
        """The value of a variable, where the row has it."""
        return self._by_variable.get(variable)

    @cached_property
    def _by_variable(self) -> dict[str, Value]:
        return {value.cell.variable: value for value in self.values}


class Reader:
    """Reads a casebook for its pages, each row once.

    Parameters
    ----------
    book : Casebook
        The casebook.
    """

    def __init__(self, book: Casebook) -> None:
        self.book, self.store, self.schema = book, book.store, book.schema
        self.addresses = Addresses(book.schema)
        self._known: dict[tuple[str, str], Row] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._names_inside: dict[tuple[str, str], str] = {}
        self._cases: dict[str, dict[str, list[str]]] = {}
        self._naming: dict[tuple[str, str], dict[str, list[str]]] = {}

    def cells(self, table: str) -> dict[str, dict[str, Any]]:
        """The cells of a table by row and column, None where one is empty."""
        return self.store.cells(table)

    @cached_property
    def sources(self) -> dict[str, str]:
        """The sources by key, as they are cited in text."""
        if "cited_as" in self.schema.table("sources").by_name:
            return {key: str(cells["cited_as"]) for key, cells in self.cells("sources").items()}
        return {key: str(label) for key, label in labels(self.store.csl.values()).items()}

    @cached_property
    def _inside(self) -> dict[tuple[str, str, str], list[str]]:
        """Identifiers of the rows within rows: by table, table above and row above."""
        found = defaultdict(list)
        for table in self.schema.coded:
            if table.within is not None:
                for row in self.cells(table.name):
                    found[table.name, table.within, self.above(table, row)].append(row)
        return found

    def rows(self, table: Table, case: str | None = None) -> list[Row]:
        """The rows of a table, or those of a case."""
        return [self.row(table, row) for row in (self.cells(table.name) if case is None else self.ids(table, case))]

    def ids(self, table: Table, case: str) -> list[str]:
        """Identifiers of the rows of a table that belong to a case."""
        if table.name not in self._cases:
            found = self._cases[table.name] = defaultdict(list)
            for row in self.cells(table.name):
                found[case_of(row)].append(row)
        return self._cases[table.name].get(case, [])

    def established(self, table: Table, case: str) -> list[str]:
        """Identifiers of the rows of a table that belong to a case, without those that are only alleged."""
        kept = self.store.established_cells(table)
        return [row for row in self.ids(table, case) if row in kept]

    def naming(self, table: Table, key: str, target: str) -> list[Row]:
        """The rows of a table that name another row in a variable."""
        if (table.name, key) not in self._naming:
            found = self._naming[table.name, key] = defaultdict(list)
            for row, cells in self.cells(table.name).items():
                if cells[key] is not None:
                    found[cells[key]].append(row)
        return [self.row(table, row) for row in self._naming[table.name, key].get(target, [])]

    def row(self, table: Table, row: str) -> Row:
        """One row with all that lies within it."""
        if (table.name, row) not in self._known:
            within = tuple(
                (child, tuple(self.row(child, inner) for inner in self._inside[child.name, table.name, row]))
                for child in self.schema.children(table.name)
                if not self.addresses.has_page(child) and (child.name, table.name, row) in self._inside
            )
            self._known[table.name, row] = Row(
                table,
                row,
                self.name(table, row),
                self.addresses.row(table, row),
                self.addresses.place(table, row)[1],
                tuple(self.value(table, row, item) for item in self._shown(table)),
                within,
                self.cells(table.name)[row].get("status") == "alleged",
            )
        return self._known[table.name, row]

    def _shown(self, table: Table) -> list[Field]:
        """The variables that stand among the values of a row; its name and its place are said elsewhere."""
        elsewhere = {table.primary_key, "title", "short_title", "name", *table.id}
        if table.label_field in table.by_name and not table.field(table.label_field).coded:
            elsewhere.add(table.label_field)
        elsewhere |= {key.field for key in table.foreign_keys if key.table in (table.within, self.schema.root.name)}
        return [item for item in table.fields if (item.name not in elsewhere or item.coded) and item.file is None]

    def value(self, table: Table, row: str, item: Field) -> Value:
        """A value with its evidence."""
        said = argument(self.store, table, row, item)
        return Value(
            said.cell,
            item.title,
            variable_page(table.name, item.name),
            self.addresses.value(table, row, item.name).partition("#")[2],
            tuple(self._pieces(table, item, self.cells(table.name)[row][item.name], said)),
            said,
            item.coded,
        )

    def _pieces(self, table: Table, item: Field, value: Any, said: Argument) -> Iterator[Piece]:
        if value is None:
            yield Piece(said.label or NONE)
        elif item.references == "sources":
            yield from (self.source(key) for key in value)
        elif item.references == "rows":
            yield from map(self.link, value)
        elif (target := self._targets[table.name].get(item.name)) and value in self.cells(target.name):
            yield Piece(self.name(target, value), self.addresses.row(target, value))
        else:
            yield Piece(said.label)

    @cached_property
    def _targets(self) -> dict[str, dict[str, Table]]:
        """By table and variable, the table whose rows the values name: declared or, where derived, by their name."""
        named = {
            table.name: {
                item.name: other
                for item in table.fields
                if item.derived
                for other in reversed(self.schema.coded)
                if item.name.endswith(f"_{other.primary_key}")
            }
            for table in self.schema
        }
        for table in self.schema:
            named[table.name] |= {key.field: self.schema.table(key.table) for key in table.foreign_keys}
        return named

    def source(self, key: str) -> Piece:
        """A source as it is cited in text, leading to its page."""
        return Piece(self.sources[key], source_page(key)) if key in self.sources else Piece(key)

    def link(self, text: str) -> Piece:
        """The row or value that an entry of a list names, leading to it."""
        try:
            link = Link.parse(text)
            table = self.schema.table(link.table)
            name = self.name(table, link.row)
            if link.variable is None:
                return Piece(name, self.addresses.row(table, link.row))
            item = table.field(link.variable)
            return Piece(
                f"{name}: {item.title}", self.addresses.value(table, link.row, item.generated_from or item.name)
            )
        except (ValueError, UnknownNameError, KeyError):
            return Piece(text)

    def name(self, table: Table, row: str) -> str:
        """What readers call a row: its name, or what tells it from the others of its parent."""
        place = (table.name, row)
        if place not in self._names:
            self._names[place] = self._name(table, row)
        return self._names[place]

    def _name(self, table: Table, row: str) -> str:
        cells = self.cells(table.name)[row]
        if table.label_field != table.primary_key and cells.get(table.label_field):
            return str(cells[table.label_field])
        parts = []
        for name in table.id:
            value, key = cells[name], table.reference(name)
            if key and value in self.cells(key.table):
                parts.append(self.name(self.schema.table(key.table), value))
            elif value is not None:
                parts.append(table.field(name).label(value))
        return " – ".join(parts) or row

    def name_inside(self, table: Table, row: str) -> str:
        """The name of a row with those of the rows above it, without that of the case."""
        place = (table.name, row)
        if place not in self._names_inside:
            name = self.name(table, row).removesuffix(".")
            if table.within not in (None, self.schema.root.name):
                name += f", {self.name_inside(self.schema.table(table.within), self.above(table, row))}"
            self._names_inside[place] = name
        return self._names_inside[place]

    def whole_name(self, table: Table, row: str) -> str:
        """The name of a row with those of the rows above it, the case last."""
        name, root, case = self.name_inside(table, row), self.schema.root, case_of(row)
        inside = table is not root and case in self.cells(root.name)
        return f"{name}, {self.name(root, case).removesuffix('.')}" if inside else name

    def above(self, table: Table, row: str) -> str:
        """The identifier of the row in which a row lies; empty where it lies in none."""
        key = next((key.field for key in table.foreign_keys if key.table == table.within), None)
        return str(self.cells(table.name)[row][key]) if key else ""


def links_of(cells: dict[str, Any]) -> list[str]:
    """Addresses at which a source can be read; nothing but the web's own kinds of address is made a link."""
    doi, url = cells.get("doi"), cells.get("url")
    found = [f"https://doi.org/{doi}"] if doi else []
    return found + ([str(url)] if url and str(url).startswith(("https://", "http://")) else [])
