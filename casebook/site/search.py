"""The index that the search page reads: one entry for every page that a reader may look for."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.site.pages import Page, Pages
from casebook.site.scripts import script, singular
from casebook.sources.narrative import without_citations

_KINDS = {
    "case.html": ("cases", "Case"),
    "person.html": ("people", "Person"),
    "source.html": ("sources", "Source"),
    "variable.html": ("variables", "Variable"),
}


def index(pages: list[Page], made: Pages) -> dict[str, bytes]:
    """Scripts that hold the index by address, one for each kind of thing, the shortest first.

    A page opened from a folder may run a script there, but not read a file. The search page runs one after the other
    when something is looked for.
    """
    found: dict[str, list[list[str]]] = {}
    for page in pages:
        if (kind := _kind(page)) and page.shown.get("number", 1) == 1:
            part, called, title = kind
            found.setdefault(f"search/{part}.js", []).append(
                [called, title, page.address, " ".join(_words(page, made))]
            )
    scripts = {address: script("casebookIndex", entries) for address, entries in found.items()}
    return dict(sorted(scripts.items(), key=lambda part: len(part[1])))


def _kind(page: Page) -> tuple[str, str, str] | None:
    """The part of the index in which a page stands, what such a thing is called, and its title."""
    if page.template == "row.html":
        table = page.shown["row"].table
        return table.name, singular(table.title), page.shown["row"].name
    return (*_KINDS[page.template], page.title) if page.template in _KINDS else None


def _words(page: Page, made: Pages) -> Iterator[str]:
    shown = page.shown
    if page.template == "case.html":
        yield from (value.text for value in shown["row"].values if not value.empty)
        yield without_citations(str(made.reader.cells(made.root.name)[shown["row"].id].get("narrative") or ""))
    elif page.template == "source.html":
        yield str(shown["cells"].get("citation") or shown["cells"]["title"])
    elif page.template == "variable.html":
        yield f"{shown['shown'].table.name}.{shown['shown'].item.name} {shown['shown'].item.description}"
    else:
        if case := shown.get("case"):
            yield f"{case.name}."
        wanted = ("summary", "statement", "correction", "place", "other_names", "date", "start", "office")
        said = [value for value in shown["row"].values if value.cell.variable in wanted and not value.empty]
        yield from (value.text for value in said if value.text != shown["row"].name)
