"""Variables with their definitions, categories and rules, in notebooks (HTML) and terminals (text)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from casebook._support.folding import folded
from casebook.errors import UnknownNameError
from casebook.model.schema import Field, Schema, Table
from casebook.views.html import framed, html_table
from casebook.views.text import WIDTH, wrapped

if TYPE_CHECKING:
    import pandas as pd

    from casebook.releases.store import Store


def look_up(schema: Schema, table: str | None, variable: str | None, cited: Callable[[str], str] = str) -> Codebook:
    """All tables, one table or one variable; see `casebook.book.Casebook.codebook`.

    `cited` names a source of which the key is given.
    """
    if table is not None and variable is None and table not in schema.tables:
        owner, dot, name = table.rpartition(".")
        if dot and owner in schema.tables:
            table, variable = owner, name
        elif any(table in declared.by_name for declared in schema):
            table, variable = None, table
    tables = [schema.table(table)] if table else list(schema)
    if variable is not None and not any(variable in declared.by_name for declared in tables):
        names = {item.name: None for declared in tables for item in declared.columns}
        raise UnknownNameError(f"variable in table {table}" if table else "variable", variable, names)
    return Codebook(tables, variable, cited)


def listed(store: Store) -> list[dict[str, Any]]:
    """The tables, one dictionary each; see `casebook.book.Casebook.tables`."""
    return [
        {
            "table": table.name,
            "title": table.title,
            "rows": store.resources[table.name]["casebook"]["rows"],
            "variables": len(table.fields),
            "description": " ".join(table.description.split()),
        }
        for table in store.schema
    ]


def find(schema: Schema, text: str) -> pd.DataFrame:
    """Variables whose description contains a text; see `casebook.book.Casebook.find`."""
    from casebook.views.frames import Readable

    said = f"Nothing in the codebook contains {text!r}; try a shorter word."
    return Readable(found(schema, text), columns=["table", "variable", "title", "description"]).saying(said)


def found(schema: Schema, text: str) -> list[dict[str, str]]:
    """What `find` finds, one dictionary per variable."""
    wanted = text.casefold()
    return [
        {"table": table.name, "variable": item.name, "title": item.title, "description": item.description}
        for table in schema
        for item in table.fields
        if any(form in piece.casefold() for form in _forms(wanted) for piece in _searchable(item))
    ]


def _forms(word: str) -> list[str]:
    """The word, and its stem where it ends like an English word form: secret also finds secrecy.

    Examples
    --------
    >>> _forms("secret"), _forms("disclosures"), _forms("war")
    (['secret', 'secre'], ['disclosures', 'disclos'], ['war'])
    """
    for ending in ("nesses", "ations", "ation", "ences", "ances", "ities", "ures", "ence", "ance", "ity", "ies", "ure"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return [word, word.removesuffix(ending)]
    for ending in ("ing", "ed", "es", "cy", "t", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 5:
            return [word, word.removesuffix(ending)]
    return [word]


def _searchable(item: Field) -> Iterator[str]:
    yield from (item.name, item.title, item.description, item.rule or "")
    for category in item.categories:
        yield from (category.value, category.label, category.description)


class Codebook:
    """Variables with their definitions, categories and rules.

    Attributes
    ----------
    tables : list of Table
        The tables covered.
    fields : list of Field
        The variables covered.
    """

    def __init__(self, tables: Sequence[Table], variable: str | None = None, cited: Callable[[str], str] = str) -> None:
        self.tables = list(tables)
        self._cited = cited
        self.variable = variable
        if variable is not None:
            self.tables = [t for t in tables if variable in t.by_name]
            self.fields = [t.field(variable) for t in self.tables]
            self._pairs = list(zip(self.tables, self.fields, strict=True))
        else:
            self._pairs = [(table, item) for table in self.tables for item in table.fields]
            self.fields = [item for _, item in self._pairs]

    def to_frame(self) -> pd.DataFrame:
        """The codebook as data.

        Returns
        -------
        DataFrame
            One row per variable: ``table``, ``variable``, ``title``, ``type``, ``level``, ``description``, ``rule``,
            ``categories``, ``needs_evidence``, ``derived``.
        """
        import pandas as pd

        return pd.DataFrame(self.rows())

    def rows(self) -> list[dict[str, Any]]:
        """The codebook as `to_frame` has it, one dictionary per variable."""
        return [
            {
                "table": table.name,
                "variable": item.name,
                "title": item.title,
                "type": "edtf date" if item.edtf else item.type,
                "level": item.level,
                "description": item.description,
                "rule": item.rule,
                "categories": "; ".join(item.values),
                "needs_evidence": item.coded,
                "derived": item.derived is not None,
            }
            for table, item in self._pairs
        ]

    def to_text(self, width: int = WIDTH) -> str:
        """The codebook in lines of at most `width` characters."""
        lines = ((line, line[: len(line) - len(line.lstrip())]) for line in str(self).splitlines())
        return "\n".join(part for line, indent in lines for part in wrapped(line.lstrip(), width, indent))

    def __str__(self) -> str:
        if self.variable is None:
            lines = []
            for table in self.tables:
                lines += [f"{table.name} – {table.title}", f"  {' '.join(table.description.split())}"]
                lines += [f"    {item.name}: {item.description}" for item in table.fields]
            return "\n".join(lines)
        return "\n".join(line for table, item in self._pairs for line in self._describe(table, item))

    def _literature(self, item: Field) -> str:
        return "; ".join(map(self._cited, item.cites))

    def _describe(self, table: Table, item: Field) -> list[str]:
        lines = [f"{table.name}.{item.name} – {item.title}", f"  {item.description}"]
        if rule := item.rule:
            lines.append(f"  Rule: {rule}")
        if item.cites:
            lines.append(f"  Literature: {self._literature(item)}")
        return lines + [f"    {c.value} ({c.label}): {c.description}" for c in item.categories]

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = []
        if self.variable is None:
            for table in self.tables:
                header = ["variable", "title", "definition", "categories"]
                variables = [(f.name, f.title, f.description, ", ".join(f.values)) for f in table.fields]
                shown = f"<p>{escape(table.description)}</p>{html_table(header, variables)}"
                heading = f"<h3>{escape(table.title)} <code>{escape(table.name)}</code></h3>"
                alone = len(self.tables) == 1
                parts.append(
                    heading + shown
                    if alone
                    else folded(f"{table.title} – {table.name}", shown, len(variables), opened=False)
                )
        else:
            for table, item in self._pairs:
                parts.append(f"<h3>{escape(item.title)} <code>{escape(table.name)}.{escape(item.name)}</code></h3>")
                parts.append(f"<p>{escape(item.description)}</p>")
                if rule := item.rule:
                    parts.append(f"<p><b>Coder's rule.</b> {escape(rule)}</p>")
                if item.cites:
                    parts.append(f"<p><b>Literature.</b> {escape(self._literature(item))}</p>")
                if item.categories:
                    rows = [(c.value, c.label, c.description) for c in item.categories]
                    parts.append(html_table(["value", "label", "definition"], rows))
        return framed(*parts)
