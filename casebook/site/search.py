"""The index that the search page reads: one entry for every page that a reader may look for."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.site.pages import Page, Pages
from casebook.site.scripts import script, singular
from casebook.sources.narrative import CITATION

_KINDS = {"case.html": "Case", "person.html": "Person", "source.html": "Source", "variable.html": "Variable"}


def index(pages: list[Page], made: Pages) -> bytes:
    """A script that holds the index: a page opened from a folder may run a script there, but not read a file."""
    entries = [list(entry) for page in pages if (entry := _entry(page, made))]
    return script("casebookIndex", entries)


def _entry(page: Page, made: Pages) -> tuple[str, str, str, str] | None:
    """Kind, title, address and further words of a page."""
    kind = _KINDS.get(page.template)
    if page.shown.get("number", 1) > 1:
        return None
    title = page.title
    if page.template == "row.html":
        kind, title = singular(page.shown["row"].table.title), page.shown["row"].name
    return (kind, title, page.address, " ".join(_words(page, made))) if kind else None


def _words(page: Page, made: Pages) -> Iterator[str]:
    shown = page.shown
    if page.template == "case.html":
        yield from (value.text for value in shown["row"].values if not value.empty)
        yield CITATION.sub("", str(made.reader.cells(made.root.name)[shown["row"].id].get("narrative") or ""))
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
