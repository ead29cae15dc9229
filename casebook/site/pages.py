"""The pages of a site: which there are, and what each shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from casebook.model.cells import case_of
from casebook.model.schema import Table
from casebook.site import figures
from casebook.site.addresses import START, case_page, source_page
from casebook.site.codebook import Codebook
from casebook.site.coding import Coding, Resting
from casebook.site.reading import Piece, Reader, Row, links_of
from casebook.sources.narrative import CITATION, cited_keys, without_citations

if TYPE_CHECKING:
    from casebook.book import Casebook

ROWS = 150
"""Rows that one page of a source shows."""
LIST = 600
"""Entries that one page lists; longer lists have a page for every initial."""
OTHER = "other"
"""What begins with no Latin letter; it comes last."""
CARD = ("outcome", "start", "end")


@dataclass(frozen=True)
class Page:
    """One page: its address, the template that draws it, and what the template shows."""

    address: str
    template: str
    title: str
    shown: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One entry of a list of people or sources."""

    name: str
    to: str
    remark: str


class Pages:
    """All pages of a casebook, in the order in which a reader may come to them.

    Parameters
    ----------
    reader : Reader
        The casebook.
    earlier : Casebook, optional
        An earlier release, with which the casebook is compared on a page of its own.
    """

    def __init__(self, reader: Reader, earlier: Casebook | None = None) -> None:
        self.reader, self.store, self.schema, self.earlier = reader, reader.store, reader.schema, earlier
        self.root = reader.schema.root
        self.codebook, self.coding = Codebook(reader), Coding(reader)
        self.below = [
            table
            for table in self.schema.coded
            if reader.addresses.has_page(table) and not table.shared and table is not self.root
        ]

    def __iter__(self) -> Iterator[Page]:
        yield self.start()
        for row in self.reader.rows(self.root):
            yield self.case(row)
            for table in self.below:
                yield from (self.of_row(inner) for inner in self.reader.rows(table, row.id))
        yield Page("variables/index.html", "codebook.html", "Codebook", {"tables": self.codebook.tables()})
        for shown in self.codebook.variables():
            yield Page(shown.address, "variable.html", f"{shown.item.title} ({shown.table.title})", {"shown": shown})
            for case, name in shown.cases if shown.split else ():
                title = f"{shown.item.title}: {name}"
                yield Page(
                    shown.page_of(case), "variable-case.html", title, {"shown": shown, "case": case, "name": name}
                )
        yield from self.people()
        yield from self.sources()
        yield Page("coding.html", "coding.html", "How the coding was done", {"coding": self.coding})
        yield Page("cite.html", "cite.html", "How to cite", self.citations())
        yield from self.claims()
        yield from self.changes()
        yield Page("explorer.html", "explorer.html", "Explorer")
        yield Page("404.html", "404.html", "Page not found")

    def start(self) -> Page:
        """The first page: what it is, the cases, the counts."""
        cards = [
            {
                "row": row,
                "title": self.title(row),
                "facts": [value for name in CARD if (value := row.value(name)) and not value.empty],
                "secrecy": self.secrecy(row.id),
                "counts": [(table, len(self.reader.established(table, row.id))) for table in self.below],
                "lead": self.lead(row.id),
            }
            for row in self.reader.rows(self.root)
        ]
        counts = [(table, len(self.reader.cells(table.name))) for table in (*self.schema.coded, *self._built())]
        shown = {"cards": cards, "counts": counts, "timeline": figures.of_all(self.reader)}
        return Page(START, "start.html", self.reader.book.metadata.title, shown)

    def _built(self) -> list[Table]:
        return [self.schema.table(name) for name in ("sources", "evidence") if self.schema.table(name).built]

    def case(self, row: Row) -> Page:
        """A case: narrative, facts, and all that belongs to it."""
        lists = [(table, self.ordered(table, self.reader.rows(table, row.id))) for table in self.below]
        everything = [row, *(inner for _, rows in lists for inner in rows)]
        doubts = [
            (inner, doubtful)
            for inner in everything
            if inner.table.name != "events" and (doubtful := [value for value in inner.all_values() if value.doubtful])
        ]
        shown = {
            "row": row,
            "narrative": self.narrative(row.id),
            "lists": [(table, rows) for table, rows in lists if rows],
            "people": self.people_of(lists),
            "doubts": doubts,
            "timeline": figures.of_case(self.reader, row.id),
        }
        return Page(case_page(row.id), "case.html", self.title(row), shown)

    def secrecy(self, case: str) -> str | None:
        """For how many days the existence of the decisive channel stayed secret."""
        channel = self.reader.cells(self.root.name)[case].get("decisive_channel_id")
        table = self.schema.tables.get("channels")
        if channel is None or table is None or "existence_secrecy_days" not in table.by_name:
            return None
        value = self.reader.row(table, channel).value("existence_secrecy_days")
        return None if value is None or value.empty else value.text

    def title(self, row: Row) -> str:
        """The full title of a case, where it has one."""
        return str(self.reader.cells(row.table.name)[row.id].get("title") or row.name)

    def ordered(self, table: Table, rows: Iterable[Row]) -> list[Row]:
        """Rows in order of date, where they have one."""
        dates = [name for name in ("date_earliest", "start_earliest") if name in table.by_name]
        if not dates:
            return list(rows)
        cells = self.reader.cells(table.name)
        return sorted(rows, key=lambda row: str(cells[row.id][dates[0]] or "9999"))

    def of_row(self, row: Row) -> Page:
        """A channel, event, term or claim, with what belongs to it elsewhere."""
        case = self.reader.row(self.root, case_of(row.id))
        related = []
        for table in self.below:
            keys = table.keys_to(row.table.name)
            for key in keys:
                rows = self.reader.naming(table, key, row.id)
                several = len(keys) > 1
                title = f"{table.title}: {table.field(key).title[:1].lower()}{table.field(key).title[1:]}"
                if rows:
                    name = f"{table.name}-{key}" if several else table.name
                    related.append((name, title if several else table.title, table, self.ordered(table, rows)))
        drawn = figures.of_channel(self.reader, row.id) if row.table.name == "channels" else None
        shown = {"row": row, "case": case, "related": related, "timeline": drawn}
        return Page(row.to, "row.html", f"{row.name} ({case.name})", shown)

    def lead(self, case: str) -> str:
        """The beginning of the narrative, without citations."""
        text = str(self.reader.cells(self.root.name)[case].get("narrative") or "")
        first = " ".join(without_citations(text.split("\n\n")[0]).split())
        return first if len(first) <= 260 else f"{first[:260].rpartition(' ')[0]} …"

    def narrative(self, case: str) -> list[list[Piece | list[Piece]]]:
        """Paragraphs of text and groups of citations, each leading to its source."""
        text = str(self.reader.cells(self.root.name)[case].get("narrative") or "")
        paragraphs = []
        for paragraph in filter(None, text.split("\n\n")):
            parts: list[Piece | list[Piece]] = []
            for number, part in enumerate(CITATION.split(paragraph)):
                parts.append([self.reader.source(key) for key in cited_keys(part)] if number % 2 else Piece(part))
            paragraphs.append(parts)
        return paragraphs

    def people_of(self, lists: Iterable[tuple[Table, list[Row]]]) -> list[tuple[Piece, list[tuple[Piece, str]]]]:
        """Who had a part in the channels of a case: in which, as what, and for whom."""
        if not {"roles", "actors"} <= set(self.schema.tables):
            return []
        actors, roles = self.schema.table("actors"), self.reader.cells("roles")
        found: dict[str, list[tuple[Piece, str]]] = {}
        for row in (row for _, rows in lists for row in rows):
            for role in (role for table, inside in row.within if table.name == "roles" for role in inside):
                capacity, party = role.value("capacity"), role.value("party_id")
                said = capacity.text.lower() if capacity and not capacity.empty else ""
                said += f" for {party.text}" if party and not party.empty else ""
                found.setdefault(roles[role.id]["actor_id"], []).append((Piece(row.name, role.to), said.strip()))
        return [
            (Piece(self.reader.name(actors, actor), self.reader.addresses.row(actors, actor)), channels)
            for actor, channels in sorted(found.items())
        ]

    def people(self) -> Iterator[Page]:
        """Everyone named, and where they appear."""
        if "actors" not in self.schema.tables:
            return
        actors = self.schema.table("actors")
        appear = self._appearances()
        entries = []
        for row in self.reader.rows(actors):
            cells = self.reader.cells(actors.name)[row.id]
            count = sum(len(rows) for _, rows in appear.get(row.id, ()))
            entries.append(
                Entry(str(cells.get("sort_name") or row.name), row.to, f"named {count} time{'' if count == 1 else 's'}")
            )
            shown = {"row": row, "appear": appear.get(row.id, [])}
            yield Page(row.to, "person.html", row.name, shown)
        yield from self.listed("people", "People", "People and bodies that had a part in a channel or event.", entries)

    def _appearances(self) -> dict[str, list[tuple[Table, list[tuple[Piece, str]]]]]:
        """Rows that name an actor, by actor and table: where they stand, and what they say."""
        found: dict[str, dict[str, list[tuple[Piece, str]]]] = {}
        for table in self.schema.coded:
            for key in table.keys_to("actors"):
                for row in self.reader.rows(table):
                    actor = self.reader.cells(table.name)[row.id][key]
                    if actor is not None:
                        rows = found.setdefault(actor, {}).setdefault(table.name, [])
                        rows.append((Piece(self._above(table, row.id), row.to), self._said(row, key)))
        return {
            actor: [(self.schema.table(name), rows) for name, rows in tables.items()] for actor, tables in found.items()
        }

    def _said(self, row: Row, key: str) -> str:
        """The first things that are coded of a row that names an actor, or when the event was."""
        said = [
            f"{value.title.lower()}: {value.text}"
            for value in row.values
            if value.coded and value.cell.variable != key and not value.empty and len(value.text) < 80
        ]
        dates = self.reader.cells(row.table.within) if row.table.within else {}
        above = self.reader.above(row.table, row.id)
        return ", ".join(said[:3]) or str(dates.get(above, {}).get("date") or "")

    def _above(self, table: Table, row: str) -> str:
        if table.within is None:
            return self.reader.whole_name(table, row)
        return self.reader.whole_name(self.schema.table(table.within), self.reader.above(table, row))

    def sources(self) -> Iterator[Page]:
        """Every published source, and what rests on it."""
        table = self.schema.table("sources")
        rests = self.coding.resting()
        entries = []
        for key, cells in self.reader.cells(table.name).items():
            shown = {
                "cells": cells,
                "facts": [
                    (item.title, item.label(cells[item.name]))
                    for name in ("kind", "consulted", "reliability", "language", "note")
                    if (item := table.by_name.get(name)) and cells.get(name) is not None
                ],
                "links": links_of(cells),
                "cited": self._citing.get(key, []),
            }
            yield from self._pages_of(key, shown, rests.get(key, []))
            title = str(cells["title"])
            entries.append(
                Entry(self.reader.sources[key], source_page(key), title if len(title) < 120 else f"{title[:110]} …")
            )
        yield from self.listed("sources", "Sources", "Published sources behind the values.", entries)

    def _pages_of(self, key: str, shown: dict[str, Any], rests: list[Resting]) -> Iterator[Page]:
        """The page of a source, and further ones where more rests on it than one page holds."""
        count = max(-(-len(rests) // ROWS), 1)
        further = [Piece(str(number), source_page(key, number)) for number in range(1, count + 1)]
        for number in range(1, count + 1):
            part = {"rests": rests[(number - 1) * ROWS : number * ROWS], "total": len(rests), "number": number}
            title = self.reader.sources[key] + (f", {number}" if number > 1 else "")
            yield Page(source_page(key, number), "source.html", title, {**shown, **part, "further": further})

    @cached_property
    def _citing(self) -> dict[str, list[Piece]]:
        """The narratives in which each source is cited."""
        found: dict[str, list[Piece]] = {}
        for case, cells in self.reader.cells(self.root.name).items():
            for key in dict.fromkeys(cited_keys(str(cells.get("narrative") or ""))):
                where = Piece(self.reader.name(self.root, case), f"{case_page(case)}#the-narrative")
                found.setdefault(key, []).append(where)
        return found

    def listed(self, folder: str, title: str, said: str, entries: list[Entry]) -> Iterator[Page]:
        """A list on one page, or on a page for every initial."""
        ordered = sorted(
            entries,
            key=lambda entry: (_initial(entry.name) == OTHER, _initial(entry.name), entry.name.casefold(), entry.to),
        )
        groups = [(initial, list(group)) for initial, group in groupby(ordered, key=lambda entry: _initial(entry.name))]
        whole = len(entries) <= LIST
        home = f"{folder}/index.html#initial-{{}}" if whole else f"{folder}/initial/{{}}.html"
        letters = [(Piece(initial.title(), home.format(initial)), len(g)) for initial, g in groups]
        shown = {"said": said, "letters": letters, "total": len(entries), "groups": groups if whole else []}
        yield Page(f"{folder}/index.html", "list.html", title, shown)
        for initial, group in () if whole else groups:
            one = {**shown, "groups": [(initial, group)]}
            yield Page(f"{folder}/initial/{initial}.html", "list.html", f"{title}: {initial.title()}", one)

    def claims(self) -> Iterator[Page]:
        """What popular accounts claim, by verdict."""
        if "claims" not in self.schema.tables:
            return
        table = self.schema.table("claims")
        rows = self.reader.rows(table)
        groups = [
            (kind, [row for row in rows if self.reader.cells(table.name)[row.id]["verdict"] == kind.value])
            for kind in table.field("verdict").categories
        ]
        named = {row.id: self.reader.name(self.root, case_of(row.id)) for row in rows}
        yield Page("claims.html", "claims.html", table.title, {"table": table, "groups": groups, "named": named})

    def changes(self) -> Iterator[Page]:
        """What differs from an earlier release, counted."""
        if self.earlier is None:
            return
        found = self.reader.book.changes(self.earlier)
        changed = [cell for cell in found.cells if cell.old != cell.new and not cell.derived]
        names = dict.fromkeys([*found.removed, *found.added, *(cell.table for cell in changed)])
        counts = [
            (
                self.schema.tables[name].title if name in self.schema.tables else name,
                len(found.removed.get(name, ())),
                len(found.added.get(name, ())),
                sum(cell.table == name for cell in changed),
            )
            for name in names
        ]
        title = f"Changes since {found.old['version']}"
        yield Page("changes.html", "changes.html", title, {"found": found, "counts": counts})

    def citations(self) -> dict[str, Any]:
        """The release in the forms in which it is cited."""
        styles = {"APA": "apa", "Chicago": "chicago", "BibTeX": "bibtex", "RIS": "ris"}
        return {"styles": [(name, str(self.reader.book.cite(style=style))) for name, style in styles.items()]}


def _initial(name: str) -> str:
    import unicodedata

    plain = unicodedata.normalize("NFKD", name.lstrip("“\"'‘ ")).casefold()[:1]
    return plain if "a" <= plain <= "z" else OTHER
