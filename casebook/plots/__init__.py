"""Figures of the casebook, ready for print: every function draws on a matplotlib Axes and returns it.

Each takes ``data`` (a `casebook.book.Casebook`; the packaged release if not given) and ``ax`` (an Axes to draw on; a
new figure of fitting size if not given); ``survival`` draws what `casebook.durations` found. The title asks a question,
and the line under it answers it from what is drawn. One mark has one meaning in all figures (`casebook.plots.theme`).
Categories are told apart by shape or text as well as by color, so the figures survive gray print and color blindness;
colors come from the background, so styles such as ``dark_background`` work. ``describe(ax)`` gives the alternative
text; in a notebook the picture of a new figure carries it.

To save a figure: ``ax.figure.savefig("name.pdf", bbox_inches="tight")``.

The figures need the extra ``notebooks``: ``pip install "backchannel-casebook[notebooks]"``.
"""

from __future__ import annotations

from casebook.plots.curves import survival
from casebook.plots.durations import outcome, secrecy
from casebook.plots.grids import heatmap
from casebook.plots.hours import calendar
from casebook.plots.pages import panorama
from casebook.plots.people import network
from casebook.plots.timelines import overview, timeline
from casebook.plots.words import describe
from casebook.plots.worldmap import places

__all__ = [
    "calendar",
    "describe",
    "heatmap",
    "network",
    "outcome",
    "overview",
    "panorama",
    "places",
    "secrecy",
    "survival",
    "timeline",
]
