"""Survival curves: what share lasted longer than so many days."""

from __future__ import annotations

from itertools import cycle
from math import inf
from typing import TYPE_CHECKING

from casebook._support.arguments import told
from casebook.errors import CasebookError
from casebook.plots.drawing import SMALL, canvas, entry, finish
from casebook.plots.durations import days_axis
from casebook.plots.requests import library
from casebook.plots.theme import Theme, palette
from casebook.plots.words import counted, in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from casebook.durations import Durations, Estimate


@told("casebook.plots.survival(casebook.durations.analyze('existence'))")
def survival(found: Durations, *, ax: Axes | None = None) -> Axes:
    """Share that lasted longer than so many days, with what the dates leave open.

    One curve per group: Turnbull's estimate. The band around it is where the share of these rows lies whatever the
    dates leave open; it supposes nothing and is no interval of confidence. A group of which no row tells more than
    its bounds has a band only.

    Parameters
    ----------
    found : Durations
        What `casebook.durations.analyze` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        Days on a log scale (matplotlib's symlog, linear between 0 and 1 day).

    Raises
    ------
    CasebookError
        If no row has a duration.

    Examples
    --------
    >>> import casebook
    >>> ax = casebook.plots.survival(casebook.durations.analyze("terms", draws=0))
    >>> ax.get_ylabel()
    'Share not yet public'
    """
    library("matplotlib")
    groups = [estimate for estimate in found.estimates if len(estimate.rows)]
    if not groups:
        raise CasebookError(f"nothing to draw: {found.clock.title} applies to no row")
    ends = [day for estimate in groups for name in ("lower", "upper") for day in estimate.rows[name] if day < inf]
    ax = canvas(ax, 8.0, 4.6)
    theme = Theme.of(ax)
    days_axis(ax, max([*ends, 365]) * 1.5)
    colors = palette(len(groups))
    handles = []
    for estimate, color, line in zip(groups, colors, cycle(("-", "--", "-.", ":"))):
        handles.append(entry(f"{_group(estimate)} ({len(estimate.rows)})", color=color, linestyle=line, linewidth=2))
        days = sorted({0.0, *estimate.rows["lower"], *estimate.rows["upper"], ax.get_xlim()[1]} - {inf})
        shares = estimate.lasting(days)
        ax.fill_between(days, shares["least"], shares["most"], step="post", color=color, alpha=0.15, linewidth=0)
        if estimate.survival is not None:
            places = sorted({0.0, *estimate.survival.jumps, ax.get_xlim()[1]} - {inf})
            curve = estimate.survival.at(places)
            ax.plot(places, curve, drawstyle="steps-post", color=color, linestyle=line, linewidth=2, gid="survival")
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(library("matplotlib.ticker").PercentFormatter(1))
    ax.grid(axis="y", color=theme.faint, linewidth=0.6)
    ax.set_xlabel("Days (log scale); band: what the dates leave open", fontsize=SMALL)
    ax.set_ylabel(f"Share not yet {found.clock.ended}", fontsize=SMALL, color=theme.ink)
    title = f"{found.clock.title[0].upper()}{found.clock.title[1:]}"
    answers = [_survives(estimate) for estimate in groups]
    answer = (
        f"{answers[0]}."
        if len(groups) == 1
        else f"{counted(len(groups), 'group')}, {sum(len(estimate.rows) for estimate in groups)} rows in all."
    )
    return finish(ax, f"{title}: what share lasted how long?", answer, [f"{title}, log scale", *answers], handles)


def _group(estimate: Estimate) -> str:
    return "All" if estimate.name == "all" else estimate.name.replace("_", " ")


def _survives(estimate: Estimate) -> str:
    least, most = (_until(bound) for bound in estimate.bounds())
    told = (
        f"{_group(estimate)}: half of {counted(len(estimate.rows), 'row')} over within {least} at least, {most} at most"
    )
    return told if estimate.survival is None else f"{told}; estimated median {_until(estimate.survival.median)}"


def _until(days: float) -> str:
    return "a time not reached" if days == inf else in_words(days)
