"""What the tables are: fields, categories, keys and rules, declared once.

A `Schema` is read from YAML (`casebook.authoring.schemas`) or from a built ``datapackage.json``
(`casebook.model.descriptor`); `casebook.model.rendering`, `casebook.model.arrow` and
`casebook.model.validation` give its forms in pandas, Arrow and pandera.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from casebook._support.arguments import told
from casebook.errors import UnknownNameError
from casebook.model.demands import Completeness, ForeignKey, Implied, Rule

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema

    from casebook.model.conditions import Analysis, Condition
    from casebook.model.derivations import Derivation

Type = Literal["string", "integer", "number", "boolean", "date", "array"]
Level = Literal["nominal", "ordinal", "interval"]
References = Literal["sources", "rows"]
TYPES: tuple[Type, ...] = get_args(Type)
REASONS = ("unknown", "not_applicable", "withheld")
"""Reasons for a missing value that a coder can give; the builder adds ``open`` for the open end of a date."""
LAST = 1000
"""Place of a table that declares none."""


@dataclass(frozen=True)
class Category:
    """One allowed value of a variable, with its label and definition."""

    value: str
    label: str
    description: str


@dataclass(frozen=True)
class Constraints:
    """What every value of a field must be."""

    required: bool = False
    unique: bool = False
    pattern: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None


@dataclass(frozen=True)
class Field:
    """One variable of a table.

    Attributes
    ----------
    coded : bool
        Whether every value needs evidence.
    judgment : bool
        Whether the coder must give a reason.
    optional : bool
        Whether the cell may be empty without a reason.
    edtf : bool
        Whether the values are EDTF dates.
    rule : str or None
        How the coder decides, beyond the definition.
    codes : str or None
        The standard whose codes the values are.
    references : {"sources", "rows"} or None
        To what the items of a list lead.
    cites : tuple of str
        Sources of the concept, as keys of the bibliography.
    file : str or None
        The file of a case that holds the value.
    no_evidence_for : tuple of str
        Values that need no evidence.
    derivation : mapping or None
        How the builder computes the value, as the schema declares it; `derived` is what follows from that.
    generated_from : str or None
        The declared field from which this column was expanded.
    """

    name: str
    type: Type
    title: str
    description: str
    constraints: Constraints = field(default_factory=Constraints)
    categories: tuple[Category, ...] = ()
    ordered: bool = False
    coded: bool = False
    judgment: bool = False
    optional: bool = False
    edtf: bool = False
    rule: str | None = None
    codes: str | None = None
    references: References | None = None
    cites: tuple[str, ...] = ()
    file: str | None = None
    since: str | None = None
    no_evidence_for: tuple[str, ...] = ()
    derivation: Mapping[str, Any] | None = None
    generated_from: str | None = None

    @cached_property
    def derived(self) -> Derivation | None:
        """How the builder computes the value."""
        if not self.derivation:
            return None
        from casebook.model.declaring import parse_derivation

        return parse_derivation(self.derivation)

    @property
    def lasts(self) -> bool:
        """Whether it is a duration, of which the dates allow a least and a greatest."""
        return "days" in (self.derivation or ())

    @property
    def required(self) -> bool:
        return self.constraints.required

    @cached_property
    def values(self) -> list[str]:
        """Allowed values in codebook order; empty where any value may stand."""
        return [category.value for category in self.categories]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Labels of the allowed values."""
        return {category.value: category.label for category in self.categories}

    @property
    def classified(self) -> bool:
        """Whether its values are categories or codes, under which the coder puts what sources say."""
        return bool(self.categories or self.codes) or self.type == "boolean"

    @property
    def key(self) -> str:
        """Name under which coders write the field: identifiers lose their ``_id``."""
        return self.name.removesuffix("_id")

    @property
    def level(self) -> Level:
        """Level of measurement."""
        if self.categories or self.type == "boolean":
            return "ordinal" if self.ordered else "nominal"
        return "interval" if self.type in ("integer", "number", "date") or self.edtf else "nominal"

    def label(self, value: Any) -> str:
        """The label of a category, or the value as text; a truth value may be given as text."""
        if self.type == "boolean" and not isinstance(value, str):
            return "yes" if value else "no"
        return self.labels.get(value, str(value))

    def expanded(self) -> list[Field]:
        """The columns that the field becomes: bounds of dates and durations beside the field itself."""
        return list(self._expanded)

    @cached_property
    def _expanded(self) -> list[Field]:
        if self.edtf:
            return [
                self,
                self._generated("earliest", "date", "earliest day that the date allows"),
                self._generated("latest", "date", "latest day that the date allows"),
            ]
        if self.lasts:
            return [
                self,
                self._generated("min", "integer", "least number of days that the dates allow"),
                self._generated("max", "integer", "greatest number of days that the dates allow"),
            ]
        return [self]

    def _generated(self, suffix: str, type_: Type, meaning: str) -> Field:
        return Field(
            f"{self.name}_{suffix}",
            type_,
            f"{self.title}, {suffix}",
            f"{self.title}: {meaning}.",
            optional=self.optional,
            generated_from=self.name,
        )


@dataclass(frozen=True)
class Table:
    """One table: its fields, keys, rules and place in the coding files.

    Attributes
    ----------
    order : int
        Its place among the tables, as far as the tables to which it points allow.
    file : str or None
        The coding file in which its rows stand.
    within, under : str or None
        Table in whose rows the coder nests this table's rows, and the key under which they stand there.
    id : tuple of str
        Fields that name a nested row, together with its parent.
    shared : bool
        Whether rows belong to the casebook as a whole, not to a case.
    built : bool
        Whether the builder makes the rows, none of which is coded in the files of the cases.
    optional : bool
        Whether a row above may well have none of these rows, so that coders are shown an empty list.
    parent_evidence : bool
        Whether the evidence for a row stands in the row around it.
    complete : Completeness or None
        What must not be left out.
    dated_by : str or None
        The date with which the identifiers of the rows begin.
    implies : Implied or None
        What the rows need beside them.
    named : bool
        Whether a row has a use only where another names it.
    conditions, analyses : tuple
        Declared sets and analyses; only the table ``conditions`` has them.
    """

    name: str
    title: str
    description: str
    primary_key: str
    fields: tuple[Field, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    rules: tuple[Rule, ...] = ()
    since: str | None = None
    order: int = LAST
    file: str | None = None
    within: str | None = None
    under: str | None = None
    id: tuple[str, ...] = ()
    label: str | None = None
    shared: bool = False
    built: bool = False
    optional: bool = False
    parent_evidence: bool = False
    complete: Completeness | None = None
    dated_by: str | None = None
    implies: Implied | None = None
    named: bool = False
    conditions: tuple[Condition, ...] = ()
    analyses: tuple[Analysis, ...] = ()

    def __hash__(self) -> int:
        return hash((self.name, self.title, self.primary_key))

    @cached_property
    def columns(self) -> list[Field]:
        """All columns in order, generated ones included."""
        return [column for declared in self.fields for column in declared.expanded()]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {column.name: column for column in self.columns}

    def field(self, name: str) -> Field:
        """The field or generated column of that name.

        Raises
        ------
        UnknownNameError
            If there is none; the message names the nearest.
        """
        if name not in self.by_name:
            raise UnknownNameError(f"variable in table {self.name}", name, self.by_name)
        return self.by_name[name]

    def reference(self, name: str) -> ForeignKey | None:
        """The foreign key of a field, if it has one."""
        return next((key for key in self.foreign_keys if key.field == name), None)

    def keys_to(self, table: str) -> list[str]:
        """Fields that are foreign keys to a table."""
        return [key.field for key in self.foreign_keys if key.table == table]

    @cached_property
    def coded(self) -> list[Field]:
        """Variables whose values need evidence."""
        return [item for item in self.fields if item.coded]

    @cached_property
    def comparable(self) -> list[Field]:
        """Coded variables on which two coders can agree: neither free text nor a list, and not naming the row."""
        naming = (self.primary_key, *self.id)
        return [item for item in self.coded if item.name not in naming and not self._free(item)]

    def _free(self, item: Field) -> bool:
        bound = item.categories or item.edtf or item.type not in ("string", "array")
        return not (bound or self.reference(item.name) or item.constraints.pattern or item.codes)

    @property
    def offered(self) -> list[str]:
        """The last part of the identifier of every row that a parent has where the table must be complete."""
        return self.field(self.id[0]).values if self.complete else []

    @property
    def label_field(self) -> str:
        """The field that names a row for readers."""
        return self.label or self.primary_key

    def with_fields(self, fields: Mapping[str, Field]) -> Table:
        """The table with some of its fields replaced."""
        return replace(self, fields=tuple(fields.get(item.name, item) for item in self.fields))


@dataclass(frozen=True)
class Schema:
    """All tables of a casebook, parents before children."""

    tables: Mapping[str, Table]

    def table(self, name: str) -> Table:
        """The table of that name.

        Raises
        ------
        UnknownNameError
            If there is none; the message names the nearest.
        """
        if name not in self.tables:
            raise UnknownNameError("table", name, self.tables)
        return self.tables[name]

    @told("casebook.schema('channels')")
    def __call__(self, table: str) -> DataFrameSchema:
        """What a table must be, as a pandera schema with which a frame of one's own can be validated.

        Parameters
        ----------
        table : str
            Name of the table, as in `casebook.tables`.

        Returns
        -------
        DataFrameSchema
            A fresh copy: columns in order with their types, constraints and definitions, and the row rules that need no
            other table. ``.validate(frame)`` returns the frame or raises pandera's ``SchemaError``; with ``lazy=True``
            it names all that is wrong. For a frame of plain text, as from a CSV file, set ``.coerce = True`` first.

        Raises
        ------
        UnknownNameError
            If there is no such table.

        Examples
        --------
        >>> import casebook
        >>> mine = casebook.load("channels").head(3)
        >>> len(casebook.schema("channels").validate(mine))
        3
        >>> mine["meetings_min"] = -1
        >>> casebook.schema("channels").validate(mine)
        Traceback (most recent call last):
        pandera.errors.SchemaError: Column 'meetings_min' failed element-wise validator...
        """
        from copy import deepcopy

        from casebook.model.validation import pandera_schema

        return deepcopy(pandera_schema(self.table(table)))

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables.values())

    @cached_property
    def root(self) -> Table:
        """The table with one row per case, in whose folder the case is coded."""
        return next(table for table in self if table.file == "case.yaml")

    @cached_property
    def coded(self) -> list[Table]:
        """Tables whose rows people code."""
        return [table for table in self if not table.built]

    def nested(self, name: str) -> set[str]:
        """The named table and all whose rows lie within its rows, at any depth."""
        return {name}.union(*(self.nested(child.name) for child in self.children(name)))

    def children(self, name: str) -> list[Table]:
        """Tables whose rows the coder nests in rows of the named table."""
        return [table for table in self.tables.values() if table.within == name]
