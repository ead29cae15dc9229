"""Small frames that are read rather than computed with: in notebooks no text is cut or pushed to the right."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pandas as pd

from casebook.views.html import framed, html_table


class Readable(pd.DataFrame):
    """A DataFrame that notebooks show in full, text on the left; what is made of it is a plain one.

    Examples
    --------
    >>> found = Readable({"variable": ["deadline"], "description": ["Whether a deadline lay ahead. " * 4]})
    >>> "…" in found._repr_html_(), "..." in found._repr_html_(), type(found.head()) is pd.DataFrame
    (False, False, True)
    """

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def saying(self, words: str) -> Readable:
        """The frame, to be shown as these words where it is empty."""
        self.attrs["empty"] = words
        return self

    def __repr__(self) -> str:
        return str(self.attrs["empty"]) if self.empty and "empty" in self.attrs else repr(pd.DataFrame(self))

    def _repr_html_(self) -> str:
        """All rows and columns; an index without a name only numbers the rows, and is left out."""
        if self.empty and "empty" in self.attrs:
            return f"<p>{escape(repr(self))}</p>"
        named = any(name is not None for name in self.index.names)
        shown = self.reset_index() if named else pd.DataFrame(self)
        cells = shown.astype(object).where(shown.notna(), "")
        return framed(html_table(list(map(str, shown.columns)), cells.itertuples(index=False)))
