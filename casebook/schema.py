"""What the tables are: fields, categories, keys and rules, declared once in Frictionless terms.

A `Schema` is read from YAML (`casebook.schemafile`) or from a built ``datapackage.json`` and renders itself for
pandera, Arrow and Frictionless. Our additions to the standard sit under the one key ``casebook``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from casebook.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa
    import pyarrow

Level = Literal["nominal", "ordinal", "interval"]
REASONS = ("unknown", "not_applicable", "withheld")
TYPES = ("string", "integer", "number", "boolean", "date", "array")
_ARROW = {"string": "string", "integer": "int64", "number": "float64", "boolean": "bool", "date": "date32"}
_PANDAS = {
    "string": "str",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
    "array": "object",
}


@dataclass(frozen=True)
class Category:
    """One allowed value of a variable, with its label and definition."""

    value: str
    label: str
    description: str


@dataclass(frozen=True)
class Field:
    """One variable of a table."""

    name: str
    type: str
    title: str
    description: str
    constraints: Mapping[str, Any] = field(default_factory=dict)
    categories: tuple[Category, ...] = ()
    ordered: bool = False
    casebook: Mapping[str, Any] = field(default_factory=dict)

    @property
    def coded(self) -> bool:
        """Whether every value needs evidence."""
        return bool(self.casebook.get("coded"))

    @property
    def judgment(self) -> bool:
        """Whether the coder must give a reason."""
        return bool(self.casebook.get("judgment"))

    @property
    def optional(self) -> bool:
        """Whether the cell may be empty without a reason."""
        return bool(self.casebook.get("optional"))

    @property
    def edtf(self) -> bool:
        """Whether the values are EDTF dates."""
        return bool(self.casebook.get("edtf"))

    @property
    def derived(self) -> Mapping[str, Any] | None:
        """The rule by which the builder computes the value."""
        return self.casebook.get("derived")

    @property
    def generated_from(self) -> str | None:
        """The declared field from which this column was expanded."""
        return self.casebook.get("generated_from")

    @property
    def required(self) -> bool:
        return bool(self.constraints.get("required"))

    @property
    def values(self) -> list[str]:
        """Allowed values in codebook order; empty where any value may stand."""
        return [category.value for category in self.categories]

    @property
    def key(self) -> str:
        """Name under which coders write the field: identifiers lose their ``_id``."""
        return self.name.removesuffix("_id")

    @property
    def level(self) -> Level:
        """Level of measurement: nominal, ordinal or interval."""
        if self.categories or self.type == "boolean":
            return "ordinal" if self.ordered else "nominal"
        return "interval" if self.type in ("integer", "number", "date") or self.edtf else "nominal"

    def label(self, value: Any) -> str:
        """The label of a category, or the value as text."""
        if self.type == "boolean":
            return "yes" if value else "no"
        return next((c.label for c in self.categories if c.value == value), str(value))

    def expanded(self) -> list[Field]:
        """The columns that the field becomes: bounds of dates and durations beside the field itself."""
        if self.edtf:
            return [
                self,
                self._generated("earliest", "date", "earliest day that the date allows"),
                self._generated("latest", "date", "latest day that the date allows"),
            ]
        if self.derived and "days" in self.derived:
            return [
                self,
                self._generated("min", "integer", "least number of days that the dates allow"),
                self._generated("max", "integer", "greatest number of days that the dates allow"),
            ]
        return [self]

    def _generated(self, suffix: str, type_: str, meaning: str) -> Field:
        return Field(
            f"{self.name}_{suffix}",
            type_,
            f"{self.title}, {suffix}",
            f"{self.title}: {meaning}.",
            casebook={"generated_from": self.name, "optional": self.optional},
        )

    def pandas_dtype(self) -> Any:
        """The dtype that `casebook.load` gives the column."""
        if self.categories:
            import pandas as pd

            return pd.CategoricalDtype(self.values, ordered=self.ordered)
        return _PANDAS[self.type]

    def to_pandera(self) -> pa.Column:
        """Render as a pandera column with this field's dtype and constraints."""
        import pandera.pandas as pa

        checks = []
        if pattern := self.constraints.get("pattern"):
            checks.append(pa.Check.str_matches(f"^(?:{pattern})$"))
        if (minimum := self.constraints.get("minimum")) is not None:
            checks.append(pa.Check.ge(minimum))
        if (maximum := self.constraints.get("maximum")) is not None:
            checks.append(pa.Check.le(maximum))
        if (length := self.constraints.get("maxLength")) is not None:
            checks.append(pa.Check.str_length(max_value=length))
        return pa.Column(
            self.pandas_dtype(),
            checks,
            nullable=not self.required,
            unique=bool(self.constraints.get("unique")),
            name=self.name,
            title=self.title,
            description=self.description,
        )

    def to_arrow(self) -> pyarrow.Field:
        """Render as an Arrow field with title and description as metadata."""
        import pyarrow

        kind = pyarrow.list_(pyarrow.string()) if self.type == "array" else _ARROW[self.type]
        return pyarrow.field(
            self.name,
            kind if self.type == "array" else pyarrow.type_for_alias(kind),
            nullable=not self.required,
            metadata={"title": self.title, "description": self.description},
        )

    def to_frictionless(self) -> dict[str, Any]:
        """Render as a Frictionless field descriptor."""
        descriptor: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "title": self.title,
            "description": self.description,
        }
        if self.constraints:
            descriptor["constraints"] = dict(self.constraints)
        if self.categories:
            descriptor["categories"] = [
                {"value": c.value, "label": c.label, "description": c.description} for c in self.categories
            ]
            descriptor["categoriesOrdered"] = self.ordered
        if self.casebook:
            descriptor["casebook"] = dict(self.casebook)
        return descriptor


@dataclass(frozen=True)
class ForeignKey:
    """A field whose values are keys of another table."""

    field: str
    table: str
    reference: str

    def to_frictionless(self) -> dict[str, Any]:
        return {"fields": [self.field], "reference": {"resource": self.table, "fields": [self.reference]}}


@dataclass(frozen=True)
class Rule:
    """A rule that every row of a table keeps; see `casebook.rules`."""

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
    def crosses_tables(self) -> bool:
        return any("." in name for name in self.fields)

    def to_descriptor(self) -> dict[str, Any]:
        parts = {"name": self.name, "message": self.message, "when": dict(self.when), "require": dict(self.require)}
        return {key: value for key, value in {**parts, "order": list(self.order)}.items() if value}


@dataclass(frozen=True)
class Table:
    """One table: its fields, keys, rules and place in the coding files."""

    name: str
    title: str
    description: str
    primary_key: str
    fields: tuple[Field, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    rules: tuple[Rule, ...] = ()
    casebook: Mapping[str, Any] = field(default_factory=dict)

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

    @cached_property
    def comparable(self) -> list[Field]:
        """Coded variables on which two coders can agree: neither free text nor a list, and not naming the row."""
        naming = (self.primary_key, *self.casebook.get("id", []))
        return [item for item in self.fields if item.coded and item.name not in naming and not self._free(item)]

    def _free(self, item: Field) -> bool:
        bound = item.categories or item.edtf or item.type not in ("string", "array")
        return not (bound or self.reference(item.name) or item.constraints.get("pattern") or item.casebook.get("codes"))

    @property
    def within(self) -> str | None:
        """Table in whose rows the coder nests this table's rows."""
        return self.casebook.get("within")

    @property
    def built(self) -> bool:
        """Whether the builder makes the rows, none of which is coded in the files of the cases."""
        return bool(self.casebook.get("built"))

    @property
    def shared(self) -> bool:
        """Whether rows belong to the casebook as a whole, not to a case."""
        return self.casebook.get("scope") == "casebook"

    @property
    def label_field(self) -> str:
        """The field that names a row for readers."""
        return str(self.casebook.get("label", self.primary_key))

    def to_pandera(self) -> pa.DataFrameSchema:
        """Render as a strict pandera schema with the row rules that need no other table."""
        import pandera.pandas as pa

        from casebook.rules import broken

        checks = [
            pa.Check(lambda frame, rule=rule: ~broken(rule, frame), name=rule.name, error=rule.message)
            for rule in self.rules
            if not rule.crosses_tables
        ]
        return pa.DataFrameSchema(
            {column.name: column.to_pandera() for column in self.columns},
            checks=checks,
            strict=True,
            ordered=True,
            name=self.name,
            title=self.title,
            description=self.description,
        )

    def to_arrow(self) -> pyarrow.Schema:
        """Render as an Arrow schema with titles and descriptions as metadata."""
        import pyarrow

        return pyarrow.schema(
            [column.to_arrow() for column in self.columns],
            metadata={"name": self.name, "title": self.title, "description": self.description},
        )

    def to_frictionless(self) -> dict[str, Any]:
        """Render as a Frictionless Table Schema."""
        extra = {**self.casebook}
        if self.rules:
            extra["rules"] = [rule.to_descriptor() for rule in self.rules]
        schema: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "fields": [column.to_frictionless() for column in self.columns],
            "primaryKey": [self.primary_key],
        }
        if self.foreign_keys:
            schema["foreignKeys"] = [key.to_frictionless() for key in self.foreign_keys]
        if extra:
            schema["casebook"] = extra
        return schema

    def frame(self, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
        """Make a DataFrame of rows; columns in codebook order, each with the dtype of its field."""
        import pandas as pd

        rows = list(rows)
        return pd.DataFrame(
            {c.name: pd.Series([row.get(c.name) for row in rows], dtype=c.pandas_dtype()) for c in self.columns}
        )

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give every column the dtype of its field, in codebook order."""
        return frame[[c.name for c in self.columns]].astype({c.name: c.pandas_dtype() for c in self.columns})


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

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables.values())

    def nested(self, name: str) -> set[str]:
        """The named table and all whose rows lie within its rows, at any depth."""
        return {name}.union(*(self.nested(child.name) for child in self.children(name)))

    def children(self, name: str) -> list[Table]:
        """Tables whose rows the coder nests in rows of the named table."""
        return [table for table in self.tables.values() if table.within == name]
