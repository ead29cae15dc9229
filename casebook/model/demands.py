"""What is demanded of the rows of a table: where keys lead, rules, and what must stand beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casebook.model.schema import Table

_READ_BY = {
    "sources": ("kind", "consulted", "reliability", "citation"),
    "evidence": ("table", "row", "variables", "source_id", "locator", "confidence", "basis", "rival", "reads", "note"),
    "missing": ("table", "row", "variable", "reason"),
    "support": ("table", "row", "variable", "rests_on", "basis", "confidence"),
    "codings": ("coder", "table", "row", "variable", "value", "reason"),
    "conditions": ("table", "row", "condition", "membership", "reason"),
}
"""Columns of tables that are not coded in the files of cases, by which everything else is read."""


def lacking(table: Table) -> list[str]:
    """Columns without which a table of that name cannot be read."""
    return [name for name in _READ_BY.get(table.name, ()) if name not in table.by_name]


@dataclass(frozen=True)
class ForeignKey:
    """A field whose values are keys of another table."""

    field: str
    table: str
    reference: str


@dataclass(frozen=True)
class Rule:
    """A rule that every row of a table keeps; see `casebook.model.rules`."""

    name: str
    message: str
    when: Mapping[str, Any] = field(default_factory=dict)
    require: Mapping[str, Any] = field(default_factory=dict)
    order: tuple[str, ...] = ()

    @property
    def fields(self) -> list[str]:
        """Names used by the rule; ``table.name`` belongs to a parent table."""
        return [*self.when, *self.require, *self.order]

    @property
    def parents(self) -> set[str]:
        """Tables to which the rows looked at beside the row itself belong."""
        return {name.rpartition(".")[0] for name in self.fields} - {""}


@dataclass(frozen=True)
class Completeness:
    """Every category of the first naming field is coded under every row of another table."""

    each: str
    where: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Implied:
    """Rows with certain values need rows of another table, under them or beside them under the same row above.

    Where the other rows lie elsewhere, `through` leads to the row under which they lie: who is named in ``attendance``
    needs a row in ``roles`` under the channel of the event by ``through: [event_id, channel_id]``. Nothing is needed
    where a key on the way is empty.

    Attributes
    ----------
    table : str
        The other table.
    through : tuple of str
        Foreign keys, of this table and of each table to which the one before leads.
    same, as_ : str
        A field here whose value must stand in a field there, which has the same name if not given; any value will do
        if neither is.
    least : int
        How many rows there must be.
    where : mapping of list
        Which rows need them; ``table.field`` names a field of a table on the way.
    """

    table: str
    same: str = ""
    as_: str = ""
    least: int = 1
    where: Mapping[str, list[str]] = field(default_factory=dict)
    through: tuple[str, ...] = ()

    @property
    def there(self) -> str:
        """The field of the other table."""
        return self.as_ or self.same

    def path(self, table: Table, other: Table) -> tuple[str, ...]:
        """Foreign keys from a row to the one under which the other rows lie; none where they lie under it."""
        beside = other.within != table.name and table.within
        return self.through or ((table.keys_to(beside)[0],) if beside else ())
