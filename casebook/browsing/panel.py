"""The widgets of an explorer: filters, the list of rows, and below them what stands behind the row clicked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

from casebook.browsing.filters import CASE, choices, kind_of
from casebook.errors import CasebookError

if TYPE_CHECKING:
    from casebook.browsing.explorer import Explorer

_ROWS, _CHOICES = 12, 6
_WIDE = {"description_width": "initial"}


class Panel:
    """Widgets that show and change an `Explorer`.

    Attributes
    ----------
    box : VBox
        All of them.
    search : Text
        Words to look for.
    add : Dropdown
        Variables by which one can filter.
    filters : dict of Box
        By variable, the widgets of its filter.
    clear : Button
        Takes all filters away.
    said : HTML
        How many rows there are, or what was wrong.
    list : Select
        The rows.
    timeline, evidence : HTML
        Of the row clicked.
    """

    def __init__(self, explorer: Explorer, widgets: Any) -> None:
        self._explorer, self._widgets, self._quiet = explorer, widgets, False
        self._shown: str | None = None
        wide = widgets.Layout(width="auto", max_width="70em")
        self.search = widgets.Text(description="Search", placeholder="words in any text", continuous_update=False)
        self.add = widgets.Dropdown(description="Filter by", options=[("choose a variable", ""), *self._variables()])
        self.clear = widgets.Button(description="Clear filters")
        self.filters: dict[str, Any] = {}
        self._shelf = widgets.HBox(layout=widgets.Layout(flex_flow="row wrap"))
        self.said = widgets.HTML()
        self.list = widgets.Select(options=[], rows=_ROWS, layout=wide)
        self.timeline, self.evidence = widgets.HTML(layout=wide), widgets.HTML(layout=wide)
        top = widgets.HBox([self.search, self.add, self.clear], layout=widgets.Layout(flex_flow="row wrap"))
        self.box = widgets.VBox([top, self._shelf, self.said, self.list, self.timeline, self.evidence])
        self.follow()
        self.search.observe(self._changed, "value")
        self.add.observe(self._added, "value")
        self.clear.on_click(lambda _: explorer.filter())
        self.list.observe(self._clicked, "value")

    def _variables(self) -> Iterator[tuple[str, str]]:
        """Titles and names of what can be filtered, the case first."""
        yield "Case", CASE
        yield from sorted((item.title, item.name) for item in self._explorer.table.fields if kind_of(item))

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Set widgets without taking that for what a reader did."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def follow(self) -> None:
        """Show what the explorer has come to be."""
        explorer = self._explorer
        with self._quietly():
            self.search.value, self.add.value = explorer.text, ""
            self.filters = {name: self.filters.get(name) or self._filter(name) for name in explorer.where}
            for name, asked in explorer.where.items():
                self._set(name, asked)
            self._shelf.children = tuple(self.filters.values())
            self._say(explorer.summary)
            keys = list(explorer.rows[explorer.table.primary_key])
            self.list.options = [(" · ".join(filter(None, explorer.cells(key))), key) for key in keys]
            self.list.value = explorer.chosen if explorer.chosen in keys else None
        self._show()

    def _filter(self, name: str) -> Any:
        """The widgets of one filter."""
        widgets, item = self._widgets, None if name == CASE else self._explorer.table.field(name)
        title = "Case" if item is None else item.title
        if item is None or kind_of(item) == "category":
            options = self._cases() if item is None else [(label, value) for value, label in choices(item).items()]
            parts = [
                widgets.SelectMultiple(
                    description=title, options=options, rows=min(len(options), _CHOICES), style=_WIDE
                )
            ]
        else:
            hint = "1979 or 1979-11-04" if item.edtf or item.type == "date" else "a number"
            parts = [
                widgets.Text(description=name, placeholder=hint, continuous_update=False, style=_WIDE)
                for name in (f"{title}, from", "to")
            ]
        for part in parts:
            part.observe(self._changed, "value")
        return widgets.HBox(parts)

    def _cases(self) -> list[tuple[str, str]]:
        store, root = self._explorer.book.store, self._explorer.book.schema.root
        return sorted((store.called(key), key) for key in store.cells(root.name))

    def _set(self, name: str, asked: tuple[Any, ...]) -> None:
        parts = self.filters[name].children
        if len(parts) == 1:
            parts[0].value = asked
            return
        for part, limit in zip(parts, asked, strict=True):
            part.value = "" if limit is None else f"{limit:g}" if isinstance(limit, float) else str(limit)

    def _asked(self) -> dict[str, Any]:
        """The filters as the widgets have them; one in which nothing is chosen keeps every row."""
        found: dict[str, Any] = {}
        for name, box in self.filters.items():
            parts = box.children
            value = parts[0].value if len(parts) == 1 else tuple(part.value.strip() or None for part in parts)
            if any(part is not None for part in value):
                found[name] = value
        return found

    def _added(self, change: Any) -> None:
        if self._quiet or not change["new"]:
            return
        name = change["new"]
        with self._quietly():
            self.filters.setdefault(name, self._filter(name))
            self._shelf.children = tuple(self.filters.values())
            self.add.value = ""

    def _changed(self, change: Any) -> None:
        if self._quiet:
            return
        waiting = dict(self.filters)
        try:
            self._explorer.filter(self._asked(), self.search.value)
        except CasebookError as error:
            self._say(f"{error}")
            return
        self.filters = {**waiting, **self.filters}
        self._shelf.children = tuple(self.filters.values())

    def _clicked(self, change: Any) -> None:
        if self._quiet or change["new"] is None:
            return
        self._explorer.chosen = change["new"]
        self._show()

    def _say(self, words: str) -> None:
        self.said.value = _common(f"<p>{escape(words)}</p>")

    def _show(self) -> None:
        """The timeline and the evidence of the row chosen."""
        explorer = self._explorer
        if explorer.chosen is None or explorer.chosen == self._shown:
            return
        self._shown = explorer.chosen
        self.timeline.value = _common(_tried(self._picture))
        self.evidence.value = _common(f"<p><code>{escape(explorer.chosen)}</code></p>{_tried(self._argument)}")

    def _picture(self) -> str:
        from matplotlib import pyplot

        figure: Any = self._explorer.timeline().get_figure()
        picture: str = figure._repr_html_()
        pyplot.close(figure)
        return picture.replace("<img ", "<img style='max-width:100%' ", 1)

    def _argument(self) -> str:
        return self._explorer.evidence._repr_html_()


def _tried(make: Callable[[], str]) -> str:
    """HTML, or the reason why there is none."""
    try:
        return make()
    except (CasebookError, ImportError) as error:
        return f"<p>{escape(str(error))}</p>"


def _common(html: str) -> str:
    """HTML with the colors that JupyterLab gives to the outputs of cells."""
    return f"<div class='jp-RenderedHTMLCommon'>{html}</div>"
