"""One case as a readable page, in notebooks (HTML) and terminals (text)."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from casebook.sources.labels import labels
from casebook.sources.narrative import replace_citations
from casebook.views.html import STYLE, html_table

if TYPE_CHECKING:
    import pandas as pd

    from casebook.releases.store import Store


class Case:
    """One case as a readable page; made by `casebook.book.Casebook.case`.

    Attributes
    ----------
    case_id, title : str
        Identifier and title.
    narrative : str
        Text in Markdown with source keys; empty where none was written.
    """

    def __init__(self, store: Store, case_id: str) -> None:
        self._store = store
        self.case_id = store.case_id(case_id)
        row = self._part("cases").iloc[0]
        self.title = str(row["title"])
        self.narrative = str(row["narrative"]) if row["narrative"] == row["narrative"] else ""

    def _part(self, table: str) -> pd.DataFrame:
        frame = self._store.load(self._store.schema.table(table))
        return frame[frame["case_id"] == self.case_id].reset_index(drop=True)

    @property
    def facts(self) -> pd.Series:
        """Variables of the case, by title; missing values show their reason."""
        import pandas as pd

        table = self._store.schema.table("cases")
        skipped = (table.primary_key, "title", "short_title", "narrative")
        fields = [item for item in table.fields if item.name not in skipped]
        values = {item.title: self._store.shown("cases", self.case_id, item.name) for item in fields}
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

    def blocks(self) -> list[tuple[str, list[str], list[list[str]]]]:
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
        keys = rows[self._store.schema.table(table).primary_key]
        return [[self._store.shown(table, key, name) for name in variables] for key in keys]

    def _cited(self, keys: list[str]) -> str:
        """A citation in the narrative as the sources are cited in text, the full citation as its tooltip."""
        sources = self._store.indexed("sources")
        if "cited_as" in sources:
            named = {key: str(sources.at[key, "cited_as"]) for key in keys}
        else:  # built before the table had this column
            named = {key: str(label) for key, label in labels(self._store.csl.values()).items()}
        shown = [
            f"<span title='{escape(str(sources.at[key, 'citation']))}'>{escape(named[key])}</span>" for key in keys
        ]
        return f"<span class='quiet'>({'; '.join(shown)})</span>"

    def __str__(self) -> str:
        lines = [self.title, "=" * len(self.title)]
        for heading, _, rows in self.blocks():
            lines += ["", heading, "-" * len(heading)]
            lines += ["  " + " | ".join(row) for row in rows]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Case {self.case_id}: {self.title}>"

    def _repr_html_(self) -> str:
        parts = [STYLE, f"<div class='casebook page'><h2>{escape(self.title)}</h2>"]
        for paragraph in filter(None, self.narrative.split("\n\n")):
            parts.append("<p>" + replace_citations(escape(paragraph), self._cited) + "</p>")
        for heading, header, rows in self.blocks():
            parts.append(f"<details open><summary><b>{heading}</b></summary>{html_table(header, rows)}</details>")
        return "".join([*parts, "</div>"])
