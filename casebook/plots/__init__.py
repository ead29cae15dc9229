"""Figures of the casebook, ready for print: every function draws on a matplotlib Axes and returns it.

Each takes ``data`` (a `casebook.book.Casebook`; the packaged release if not given) and ``ax`` (an Axes to draw on; a
new figure of fitting size if not given); ``survival`` draws what `casebook.durations` found. Categories are told apart
by shape or text as well as by color, so the figures survive gray print and color blindness. ``describe(ax)`` gives the
alternative text of what was drawn.

The figures need the extra ``notebooks``: ``pip install "backchannel-casebook[notebooks]"``.
"""

from __future__ import annotations

from casebook.plots.drawing import describe
from casebook.plots.durations import outcome, secrecy, survival
from casebook.plots.grids import heatmap
from casebook.plots.hours import calendar
from casebook.plots.people import network
from casebook.plots.timelines import overview, timeline

__all__ = ["calendar", "describe", "heatmap", "network", "outcome", "overview", "secrecy", "survival", "timeline"]
