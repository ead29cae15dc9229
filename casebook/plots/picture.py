"""The figure that `casebook.plots` makes when it is given no Axes: in notebooks its picture has alternative text.

The inline backend of Jupyter shows a figure as ``image/png``, and JupyterLab gives that picture no alternative text,
whatever the metadata of the output say. A figure class of one's own (matplotlib's ``FigureClass``) can show itself as
HTML too, which JupyterLab and nbconvert prefer to the bare picture and which has a place for the text.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from casebook.plots.requests import library
from casebook.plots.words import remembered

_SVG = "image/svg+xml"
_PICTURES = ("image/png", "image/jpeg", _SVG)


class Picture(Figure):
    """A figure that knows what it shows."""

    @property
    def alternative(self) -> str:
        """Alternative text of all that casebook.plots drew on it."""
        return remembered(self.axes)

    def get_tightbbox(self, renderer: Any = None, *, bbox_extra_artists: Any = None) -> Bbox:
        """What a picture is cut to, in inches: also legend and answer, which have no part in the layout."""
        box = super().get_tightbbox(renderer, bbox_extra_artists=bbox_extra_artists)
        aside: list[Artist] = [
            artist
            for ax in self.axes
            for artist in (ax.get_legend(), *ax.texts)
            if artist is not None and artist.get_visible() and not artist.get_in_layout()
        ]
        boxes = [artist.get_window_extent(renderer) for artist in aside]
        return Bbox.union([box, *(found.transformed(self.dpi_scale_trans.inverted()) for found in boxes)])

    def _repr_html_(self) -> str | None:
        """A picture with its alternative text."""
        return self._html("image/png", library("IPython.core.pylabtools").print_figure(self, "png", base64=True), {})

    def _ipython_display_(self) -> None:
        """Show it in the formats that IPython was asked for, drawn once in each, and as HTML with alternative text."""
        asked = library("IPython").get_ipython().display_formatter
        shown: dict[str, str] = {}
        about: dict[str, dict[str, int]] = {}
        for kind in [kind for kind in asked.active_types if kind != "text/html"]:
            made = asked.formatters[kind](self)
            data, size = made if isinstance(made, tuple) else (made, {})
            if data is not None:
                shown[kind] = data
                about |= {kind: size} if size else {}
        kind = next((kind for kind in _PICTURES if kind in shown), None)
        if kind and (html := self._html(kind, shown[kind], about.get(kind, {}))):
            shown["text/html"] = html
        library("IPython.display").display(shown, metadata=about, raw=True)

    def _html(self, kind: str, data: str, size: dict[str, int]) -> str | None:
        if not self.alternative:
            return None
        data = b64encode(data.encode()).decode() if kind == _SVG else data
        sides = "".join(f' {side}="{pixels}"' for side, pixels in size.items())
        return f'<img src="data:{kind};base64,{data}"{sides} alt="{escape(self.alternative)}">'
