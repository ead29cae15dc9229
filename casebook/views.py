"""What the reader sees: codebook and case pages, in notebooks (HTML) and terminals (text)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from casebook.schema import Field, Table

if TYPE_CHECKING:
    import pandas as pd

    from casebook.reading import Reading

_STYLE = (
    "<style>.casebook{max-width:60em}.casebook table th,.casebook table td{text-align:left!important;"
    "vertical-align:top}.casebook.page table td{min-width:6em}.casebook .quiet{color:#595959}</style>"
)


def html_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table with every cell escaped."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


class Codebook:
    """Variables with their definitions, categories and rules.

    Attributes
    ----------
    tables : list of Table
        The tables covered.
    fields : list of Field
        The variables covered.
    """

    def __init__(self, tables: Sequence[Table], variable: str | None = None) -> None:
        self.tables = list(tables)
        self.variable = variable
        if variable is not None:
            self.tables = [t for t in tables if variable in t.by_name] or [tables[0]]
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

        return pd.DataFrame(
            {
                "table": table.name,
                "variable": item.name,
                "title": item.title,
                "type": "edtf date" if item.edtf else item.type,
                "level": item.level,
                "description": item.description,
                "rule": item.casebook.get("rule"),
                "categories": "; ".join(item.values),
                "needs_evidence": item.coded,
                "derived": item.derived is not None,
            }
            for table, item in self._pairs
        )

    def __str__(self) -> str:
        if self.variable is None:
            lines = []
            for table in self.tables:
                lines += [f"{table.name} – {table.title}", f"  {' '.join(table.description.split())}"]
                lines += [f"    {item.name}: {item.description}" for item in table.fields]
            return "\n".join(lines)
        return "\n".join(line for table, item in self._pairs for line in _describe(table, item))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [_STYLE, "<div class='casebook'>"]
        if self.variable is None:
            for table in self.tables:
                parts.append(f"<h3>{escape(table.title)} <code>{escape(table.name)}</code></h3>")
                parts.append(f"<p>{escape(table.description)}</p>")
                header = ["variable", "title", "definition", "categories"]
                variables = [(f.name, f.title, f.description, ", ".join(f.values)) for f in table.fields]
                parts.append(html_table(header, variables))
        else:
            for table, item in self._pairs:
                parts.append(f"<h3>{escape(item.title)} <code>{escape(table.name)}.{escape(item.name)}</code></h3>")
                parts.append(f"<p>{escape(item.description)}</p>")
                if rule := item.casebook.get("rule"):
                    parts.append(f"<p><b>Coder's rule.</b> {escape(rule)}</p>")
                if item.categories:
                    rows = [(c.value, c.label, c.description) for c in item.categories]
                    parts.append(html_table(["value", "label", "definition"], rows))
        return "".join([*parts, "</div>"])


def _describe(table: Table, item: Field) -> list[str]:
    lines = [f"{table.name}.{item.name} – {item.title}", f"  {item.description}"]
    if rule := item.casebook.get("rule"):
        lines.append(f"  Rule: {rule}")
    return lines + [f"    {c.value} ({c.label}): {c.description}" for c in item.categories]


class Case:
    """One case as a readable page; made by `casebook.book.Casebook.case`.

    Attributes
    ----------
    case_id, title : str
        Identifier and title.
    narrative : str
        Text in Markdown with source keys; empty where none was written.
    """

    def __init__(self, book: Reading, case_id: str) -> None:
        self._book = book
        self.case_id = case_id
        row = self._part("cases").iloc[0]
        self.title = str(row["title"])
        self.narrative = str(row["narrative"]) if row["narrative"] == row["narrative"] else ""

    def _part(self, table: str) -> pd.DataFrame:
        frame = self._book.load(table)
        return frame[frame["case_id"] == self.case_id].reset_index(drop=True)

    @property
    def facts(self) -> pd.Series:
        """Variables of the case, by title; missing values show their reason."""
        import pandas as pd

        table = self._book.schema.table("cases")
        skipped = (table.primary_key, "title", "short_title", "narrative")
        fields = [item for item in table.fields if item.name not in skipped]
        values = {item.title: self._book.store.shown("cases", self.case_id, item.name) for item in fields}
        return pd.Series(values, name=self.title, dtype="str")

    @property
    def channels(self) -> pd.DataFrame:
        """Its established channels."""
        return self._part("channels")

    @property
    def events(self) -> pd.DataFrame:
        """Its established events in order of date."""
        return self._part("events").sort_values(["date_earliest", "date_latest"], kind="stable", ignore_index=True)

    @property
    def terms(self) -> pd.DataFrame:
        """Its established terms."""
        return self._part("terms")

    def _blocks(self) -> list[tuple[str, list[str], list[list[str]]]]:
        """Heading, header and rows of each part of the page."""
        names = self.channels.set_index("channel_id")["name"]
        facts = [[str(title), value] for title, value in self.facts.items()]
        timeline = self._shown("events", self.events, "date", "channel_id", "summary")
        for row, track in zip(timeline, self._shown("events", self.events, "track"), strict=True):
            row[1] = names.get(row[1], track[0])
        return [
            ("Facts", ["variable", "value"], facts),
            (
                "Channels",
                ["channel", "from", "to", "result", "summary"],
                self._shown("channels", self.channels, "name", "start", "end", "result", "summary"),
            ),
            (
                "Terms",
                ["term", "publicity", "fulfilled"],
                self._shown("terms", self.terms, "summary", "publicity", "fulfilled"),
            ),
            ("Timeline", ["date", "channel", "event"], timeline),
        ]

    def _shown(self, table: str, rows: pd.DataFrame, *variables: str) -> list[list[str]]:
        keys = rows[self._book.schema.table(table).primary_key]
        return [[self._book.store.shown(table, key, name) for name in variables] for key in keys]

    def _cited(self, match: re.Match[str]) -> str:
        """A Markdown citation as author and year, the full citation as its tooltip."""
        sources = self._book.store.indexed("sources")
        shown = []
        for key in re.findall(r"@([a-z][a-z0-9]*)", match[1]):
            source = sources.loc[key]
            author, title = str(source["author"]).split(";")[0].split(",")[0], str(source["title"])
            who = author if source["author"] == source["author"] else f"“{' '.join(title.split()[:3])} …”"
            year = (re.search(r"[0-9]{4}", str(source["date"])) or ["n.d."])[0]
            shown.append(f"<span title='{escape(str(source['citation']))}'>{escape(f'{who} {year}')}</span>")
        return f"<span class='quiet'>({'; '.join(shown)})</span>"

    def __str__(self) -> str:
        lines = [self.title, "=" * len(self.title)]
        for heading, _, rows in self._blocks():
            lines += ["", heading, "-" * len(heading)]
            lines += ["  " + " | ".join(row) for row in rows]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Case {self.case_id}: {self.title}>"

    def _repr_html_(self) -> str:
        parts = [_STYLE, f"<div class='casebook page'><h2>{escape(self.title)}</h2>"]
        for paragraph in filter(None, self.narrative.split("\n\n")):
            parts.append("<p>" + re.sub(r"\[(@[^\]]+)\]", self._cited, escape(paragraph)) + "</p>")
        for heading, header, rows in self._blocks():
            parts.append(f"<details open><summary><b>{heading}</b></summary>{html_table(header, rows)}</details>")
        return "".join([*parts, "</div>"])
