"""The figure that `casebook.plots` makes when it is given no Axes: in notebooks its picture has alternative text.

The inline backend of Jupyter shows a figure as ``image/png``, and JupyterLab gives that picture no alternative text,
whatever the metadata of the output say. A figure class of one's own (matplotlib's ``FigureClass``) may also show itself
as HTML, which JupyterLab and nbconvert prefer to the bare picture and which has a place for the text.
"""

from __future__ import annotations

from html import escape
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from casebook.plots.requests import library
from casebook.plots.words import remembered


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
        """The picture as the inline backend makes it, with its alternative text."""
        if not self.alternative:
            return None
        picture = library("IPython.core.pylabtools").print_figure(self, "png", base64=True)
        return f'<img src="data:image/png;base64,{picture}" alt="{escape(self.alternative)}">'
