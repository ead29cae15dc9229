"""One case as a readable page, in notebooks (HTML) and terminals (text)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from casebook._support.folding import MANY, folded
from casebook.model.cells import case_of
from casebook.sources.narrative import replace_citations
from casebook.views.html import framed, html_row, html_table_of
from casebook.views.text import WIDTH, wrapped

if TYPE_CHECKING:
    import pandas as pd

    from casebook.releases.store import Store

_FACTS = "Facts"
_SIDELESS = "no side"
_DAYS = ("date_earliest", "date_latest")


@dataclass(frozen=True)
class Block:
    """One part of the page.

    Attributes
    ----------
    heading : str
        What it lists.
    header : list of str
        Headings of its columns.
    rows : list of list of str
        Cells.
    asked : list of tuple of str
        For each row, the arguments with which `casebook.evidence` says what stands behind it.
    """

    heading: str
    header: list[str]
    rows: list[list[str]]
    asked: list[tuple[str, ...]]

    @property
    def long(self) -> bool:
        """Whether it has more rows than a reader wants to see unasked; facts are always wanted."""
        return len(self.rows) > MANY and self.heading != _FACTS

    @property
    def calls(self) -> list[str]:
        """For each row, the call that says what stands behind it."""
        return [f"casebook.evidence({', '.join(json.dumps(name) for name in names)})" for names in self.asked]


class Case:
    """One case as a readable page; made by `casebook.book.Casebook.case`.

    Shows itself in notebooks; ``print`` gives it as text, and a prompt the text with long lists cut.

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
        row = store.cells("cases")[self.case_id]
        self.title = str(row["title"])
        self.narrative = str(row.get("narrative") or "")

    def _part(self, table: str) -> pd.DataFrame:
        """The established rows of the case; none where the codebook has no such table."""
        import pandas as pd

        if table not in self._store.schema.tables:
            return pd.DataFrame()
        return self._store.load(self._store.schema.table(table), cases=[self.case_id])

    def _rows(self, table: str) -> dict[str, dict[str, Any]]:
        """What `_part` gives, as plain cells by row."""
        if table not in self._store.schema.tables:
            return {}
        rows = self._store.established_cells(self._store.schema.table(table))
        return {key: cells for key, cells in rows.items() if case_of(key) == self.case_id}

    @property
    def facts(self) -> pd.Series:
        """Variables of the case, by title; missing values show their reason."""
        import pandas as pd

        block = self._facts()
        return pd.Series(dict(block.rows), name=self.title, dtype="str")

    @property
    def channels(self) -> pd.DataFrame:
        """Its established channels."""
        return self._part("channels")

    @property
    def parties(self) -> pd.DataFrame:
        """The parties to the dispute."""
        return self._part("parties")

    @property
    def people(self) -> pd.DataFrame:
        """Who did what in its channels: one row per person, channel and capacity."""
        return self._part("roles")

    @property
    def third_parties(self) -> pd.DataFrame:
        """Who stood between the sides of its channels; empty where the codebook doesn't ask."""
        return self._part("third_parties")

    @property
    def deadlines(self) -> pd.DataFrame:
        """The days by which something had to be settled; empty where the codebook doesn't ask."""
        return self._part("deadlines")

    @property
    def events(self) -> pd.DataFrame:
        """Its established events in order of date."""
        return self._part("events").sort_values(["date_earliest", "date_latest"], kind="stable", ignore_index=True)

    @property
    def terms(self) -> pd.DataFrame:
        """Its established terms."""
        return self._part("terms")

    def blocks(self) -> list[Block]:
        """The parts of the page that have something to show."""
        names = {key: str(cells["name"]) for key, cells in self._rows("channels").items()}
        days = {key: [row[name] or dt.date.max for name in _DAYS] for key, row in self._rows("events").items()}
        events = sorted(days, key=lambda key: days[key])
        timeline = self._block("Timeline", "events", events, date="date", channel="channel_id", event="summary")
        tracks = self._shown("events", events, "track")
        for row, (track,) in zip(timeline.rows, tracks, strict=True):
            row[1] = names.get(row[1], track)
        channels = {"channel": "name", "from": "start", "to": "end", "result": "result", "summary": "summary"}
        found = [
            self._facts(),
            self._block("Parties", "parties", self._rows("parties"), party="name", standing="standing", kind="kind"),
            self._block("Channels", "channels", self._rows("channels"), **channels),
            self._people(names),
            self._third_parties(names),
            self._deadlines(),
            self._block(
                "Terms", "terms", self._rows("terms"), term="summary", publicity="publicity", fulfilled="fulfilled"
            ),
            timeline,
        ]
        return [block for block in found if block.rows]

    def _facts(self) -> Block:
        table = self._store.schema.table("cases")
        skipped = (table.primary_key, "title", "short_title", "narrative")
        fields = [item for item in table.fields if item.name not in skipped]
        rows = [[item.title, self._store.shown("cases", self.case_id, item.name)] for item in fields]
        return Block(_FACTS, ["variable", "value"], rows, [(self.case_id, item.name) for item in fields])

    def _people(self, channels: dict[str, str]) -> Block:
        """People side by side, those of no side last."""
        shown = {"side": "party_id", "person": "actor_id", "capacity": "capacity", "channel": "channel_id"}
        block = self._block("People", "roles", self._rows("roles"), **shown, office="office")
        parties = {key: str(cells["name"]) for key, cells in self._rows("parties").items()}
        people = self._store.cells("actors") if block.rows else {}
        order = [*parties.values(), _SIDELESS]
        for row in block.rows:
            row[:2] = parties.get(row[0], _SIDELESS), str(people[row[1]]["name"])
            row[3] = channels.get(row[3], row[3])
        inside = sorted(range(len(block.rows)), key=lambda n: (order.index(block.rows[n][0]), block.rows[n][1]))
        return Block(block.heading, block.header, [block.rows[n] for n in inside], [block.asked[n] for n in inside])

    def _third_parties(self, channels: dict[str, str]) -> Block:
        shown = {"name": "name", "kind": "kind", "role": "role", "channel": "channel_id"}
        block = self._block("Third parties", "third_parties", self._rows("third_parties"), **shown)
        for row in block.rows:
            row[3] = channels.get(row[3], row[3])
        return block

    def _deadlines(self) -> Block:
        shown = {"date": "date", "set by": "set_by", "presses": "presses", "what followed": "followed"}
        return self._block("Deadlines", "deadlines", self._rows("deadlines"), deadline="summary", **shown)

    def _block(self, heading: str, table: str, keys: Iterable[str], **columns: str) -> Block:
        keys = list(keys)
        return Block(heading, list(columns), self._shown(table, keys, *columns.values()), [(key,) for key in keys])

    def _shown(self, table: str, keys: Iterable[str], *variables: str) -> list[list[str]]:
        return [[self._store.shown(table, key, name) for name in variables] for key in keys]

    def _named(self, keys: list[str]) -> list[str]:
        """Sources as they are cited in text."""
        if "cited_as" in self._store.schema.table("sources").by_name:
            cited = self._store.column("sources", "cited_as")
            return [str(cited[key]) for key in keys]
        from casebook.sources.labels import labels

        named = labels(self._store.csl.values())  # built before the table had this column
        return [str(named[key]) for key in keys]

    def _cited(self, keys: list[str]) -> str:
        """A citation in the narrative, the full citation as its tooltip."""
        citations = self._store.column("sources", "citation")
        full = {key: str(citations[key]) for key in keys}
        shown = [
            f"<span title='{escape(full[key])}'>{escape(name)}</span>"
            for key, name in zip(keys, self._named(keys), strict=True)
        ]
        return f"<small>({'; '.join(shown)})</small>"

    def to_text(self, width: int = WIDTH, *, whole: bool = True) -> str:
        """The page as text, the narrative with citations by author and year.

        Parameters
        ----------
        width : int, default 80
            Characters in a line; only longer words make it longer.
        whole : bool, default True
            All rows of long lists; the first twelve of each otherwise.
        """
        return "\n".join(self._lines(width, whole))

    def _lines(self, width: int, whole: bool) -> Iterator[str]:
        yield from wrapped(self.title, width)
        yield "=" * min(len(self.title), width)
        for paragraph in filter(None, self.narrative.split("\n\n")):
            yield ""
            yield from wrapped(replace_citations(paragraph, lambda keys: f"({'; '.join(self._named(keys))})"), width)
        for block in self.blocks():
            yield from ("", block.heading, "-" * len(block.heading))
            shown = block.rows[:MANY] if block.long and not whole else block.rows
            for row in shown:
                yield from wrapped(" | ".join(cell or "–" for cell in row), width, "  ", "      ")
            if len(shown) < len(block.rows):
                yield f"  … {len(block.rows) - len(shown)} more; print() shows them all"
            yield from wrapped(f"Evidence: {min(block.calls, key=len)}", width, "  ")

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return self.to_text(whole=False)

    def _repr_html_(self) -> str:
        parts = [f"<h2>{escape(self.title)}</h2>"]
        for paragraph in filter(None, self.narrative.split("\n\n")):
            parts.append("<p>" + replace_citations(escape(paragraph), self._cited) + "</p>")
        return framed(*parts, *map(_html, self.blocks()))


def _html(block: Block) -> str:
    """A part of the page, folded where it is long; under the last cell of a row the call that asks for its evidence."""
    rows = (
        html_row(
            [*map(escape, row[:-1]), f"{escape(row[-1]) or '–'}<div><small><code>{escape(call)}</code></small></div>"]
        )
        for row, call in zip(block.rows, block.calls, strict=True)
    )
    return folded(block.heading, html_table_of(block.header, rows), len(block.rows), opened=not block.long)
