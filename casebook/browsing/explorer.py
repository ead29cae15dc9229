"""Rows of a table to look through, in JupyterLab by hand, elsewhere by the same names in code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import names, told
from casebook._support.folding import MANY
from casebook._support.optional import needed
from casebook.book import Casebook, packaged_release
from casebook.browsing.filters import Where, checked, kept
from casebook.errors import CasebookError, MissingLibraryError, UnknownNameError
from casebook.model.cells import case_of
from casebook.views.html import framed, html_table
from casebook.views.text import WIDTH, wrapped

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from casebook.browsing.panel import Panel
    from casebook.model.schema import Table
    from casebook.views.evidence import Evidence

FIRST = {"channels": ("start", "intermediary_type", "result"), "cases": ("start", "outcome")}
"""Variables shown of each row where the user names none."""
_FEW = 3
_FRONT_ENDS = ("JPY_SESSION_NAME", "VSCODE_PID", "COLAB_RELEASE_TAG")
"""Variables of the environment that JupyterLab and Notebook, VS Code, and Colab set where a reader can click."""


@told("casebook.explore('channels', where={'result': ['agreement'], 'start': ('1979', '1990')})")
def explore(
    table: str = "channels",
    *,
    where: Mapping[str, Any] | None = None,
    text: str = "",
    show: Iterable[str] | None = None,
    cases: Iterable[str] | None = None,
    alleged: bool = False,
    book: Casebook | None = None,
) -> Explorer:
    """Look through the rows of a table: filter them, click one, see its timeline and the evidence behind it.

    In JupyterLab it shows itself with filters and a list to click, offline, made with ipywidgets; where nobody can
    click, such as at a prompt, on GitHub or in a converted notebook, as a table.

    Parameters
    ----------
    table : str, default "channels"
        A table with rows of cases.
    where : dict, optional
        Filters to begin with, by variable: a list of categories (``"no value"`` for cells without one), or first and
        last value, None where open: ``{"result": ["agreement"], "start": ("1979", "1990")}``. An inexact date or
        duration is kept where its bounds allow it. ``case_id`` takes cases.
    text : str, optional
        Words that stand somewhere in a row.
    show : iterable of str, optional
        Variables shown in the list.
    cases : iterable of str, optional
        Only rows of these cases, by identifier or title.
    alleged : bool, default False
        Also rows that only an unconfirmed source claims.
    book : Casebook, optional
        A casebook of your own; the packaged one if not given.

    Returns
    -------
    Explorer
        ``.rows`` is the table as it is filtered, ``.where`` and ``.text`` say how, ``.chosen`` which row was clicked,
        ``.evidence`` what stands behind it, ``.timeline()`` draws its case. ``.filter()`` and ``.choose()`` do in code
        what hands do.

    Raises
    ------
    UnknownNameError
        If there is no such table, variable, category or case.
    CasebookError
        If rows of the table belong to no case, or a filter is none.

    Examples
    --------
    >>> import casebook
    >>> found = casebook.explore("channels", where={"result": ["agreement"], "start": ("1962", "1962")})
    >>> found.choose("cuba-1962/kennedy-khrushchev-letters").evidence.arguments[0].title
    'Summary'
    """
    book = book or packaged_release()
    declared = book.schema.table(table)
    if declared.shared or declared.built:
        raise CasebookError(f"rows of {declared.name} belong to no case; casebook.load({declared.name!r}) gives them")
    frame = book.load(declared.name, cases=cases, alleged=alleged)
    shown = names(show, "show", "result")
    found = Explorer(book, declared, frame, [declared.field(name).name for name in shown or _first(declared)], alleged)
    return found.filter(where, text)


def _first(table: Table) -> list[str]:
    """What is shown of a row if nobody says: a date and some categories."""
    chosen = [name for name in FIRST.get(table.name, ()) if name in table.by_name]
    dates = [item.name for item in table.fields if item.edtf][:1]
    return chosen or [*dates, *(item.name for item in table.fields if item.categories)][:_FEW]


class Explorer:
    """Rows to look through, as `casebook.explore` gives them.

    Attributes
    ----------
    book : Casebook
        The casebook.
    table : Table
        The table.
    show : list of str
        Variables shown of each row.
    where : dict
        The filters: categories, or first and last day or number.
    text : str
        Words that stand somewhere in each row.
    rows : DataFrame
        The rows that meet the filters, as `casebook.load` gives them.
    chosen : str or None
        Identifier of the row that was chosen.
    """

    def __init__(self, book: Casebook, table: Table, frame: pd.DataFrame, show: list[str], alleged: bool) -> None:
        self.book, self.table, self.show, self.alleged = book, table, show, alleged
        self.all, self.rows = frame, frame
        self.where: Where = {}
        self.text = ""
        self.chosen: str | None = None
        self._panel: Panel | None = None

    @told("rows.filter({'result': ['agreement'], 'start': ('1979', '1990')})")
    def filter(self, where: Mapping[str, Any] | None = None, text: str = "") -> Explorer:
        """Filter afresh; see `casebook.explore`. Without arguments all rows are back.

        Returns
        -------
        Explorer
            This one.
        """
        asked = checked(self.book.store, self.table, where)
        self.rows = kept(self.book.store, self.table, self.all, asked, text)
        self.where, self.text = asked, text
        if self._panel is not None:
            self._panel.follow()
        return self

    @told("rows.choose('cuba-1962/rfk-dobrynin')")
    def choose(self, row: str) -> Explorer:
        """Choose a row, as a click does.

        Returns
        -------
        Explorer
            This one.

        Raises
        ------
        UnknownNameError
            If it is not among the rows shown.
        """
        if row not in set(self.rows[self.table.primary_key]):
            raise UnknownNameError(f"row of {self.table.name} shown", row, list(self.rows[self.table.primary_key]))
        self.chosen = row
        if self._panel is not None:
            self._panel.follow()
        return self

    @property
    def evidence(self) -> Evidence:
        """What stands behind the row chosen."""
        return self.book.evidence(self._asked())

    def timeline(self) -> Axes:
        """Draw the timeline of the case to which the row chosen belongs; see `casebook.plots.timeline`."""
        from casebook.plots import timeline

        return timeline(case_of(self._asked()), alleged=self.alleged, data=self.book)

    def _asked(self) -> str:
        if self.chosen is None:
            raise CasebookError("no row is chosen; click one, or name it with .choose(row)")
        return self.chosen

    @property
    def widget(self) -> Any:
        """The filters and the list as a widget of ipywidgets, for front ends that casebook does not know.

        Raises
        ------
        MissingLibraryError
            If ipywidgets is not installed.
        """
        return self.panel.box

    @property
    def panel(self) -> Panel:
        """What the widget consists of, made when first asked for."""
        if self._panel is None:
            widgets = needed("ipywidgets", "clicking through rows", "notebooks")
            from casebook.browsing.panel import Panel

            self._panel = Panel(self, widgets)
        return self._panel

    @property
    def summary(self) -> str:
        """How many rows are shown."""
        count, most = len(self.rows), len(self.all)
        return f"{self.table.title}: {count}" + (f" of {most}" if count < most else "")

    def header(self) -> list[str]:
        """Headings of what is shown of each row."""
        return ["Case", self.table.field(self.table.label_field).title, *(self.table.field(n).title for n in self.show)]

    def cells(self, row: str) -> list[str]:
        """What is shown of a row: its case, its name, and the chosen variables."""
        shown = [self.book.store.shown(self.table.name, row, name) for name in (self.table.label_field, *self.show)]
        return [self.book.store.called(case_of(row)), *shown]

    def __len__(self) -> int:
        return len(self.rows)

    def to_text(self, width: int = WIDTH, *, whole: bool = True) -> str:
        """The rows in lines of at most `width` characters, each under its identifier.

        Parameters
        ----------
        width : int, default 80
            Characters in a line; only longer words make it longer.
        whole : bool, default True
            All rows; the first twelve otherwise.
        """
        keys = list(self.rows[self.table.primary_key])
        shown = keys if whole else keys[:MANY]
        lines = [self.summary]
        for key in shown:
            lines += [key, *wrapped(" | ".join(cell or "–" for cell in self.cells(key)[1:]), width, "  ", "      ")]
        if len(shown) < len(keys):
            lines.append(f"… {len(keys) - len(shown)} more; print() shows them all")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return self.to_text(whole=False)

    def _repr_html_(self) -> str:
        keys = self.rows[self.table.primary_key]
        table = html_table([*self.header(), self.table.primary_key], [[*self.cells(key), key] for key in keys])
        return framed(f"<p>{escape(self.summary)}</p>", table)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The widget, where a reader can click; all else is what the other forms give."""
        if not _clickable():
            return {}
        try:
            bundle: dict[str, Any] = self.widget._repr_mimebundle_()
        except MissingLibraryError as error:
            return {"text/html": framed(f"<p>{escape(str(error))}</p>") + self._repr_html_()}
        return {**bundle, "text/plain": repr(self)}


def _clickable() -> bool:
    """Whether a front end is there that shows widgets; a notebook that is only executed has none."""
    return sys.platform == "emscripten" or any(name in os.environ for name in _FRONT_ENDS)
