"""Survival curves: what share lasted longer than so many days."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from math import inf
from typing import TYPE_CHECKING

from casebook._support.arguments import told
from casebook.errors import CasebookError
from casebook.plots.drawing import SMALL, canvas, entry, finish
from casebook.plots.durations import days_axis
from casebook.plots.requests import library
from casebook.plots.theme import Theme, palette
from casebook.plots.words import between, counted, in_words

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
    handles, by = [], _by(groups)
    for estimate, color, line in zip(groups, colors, cycle(("-", "--", "-.", ":"))):
        label = f"{_group(estimate).removeprefix(f'{by}: ')} ({len(estimate.rows)})"
        handles.append(entry(label, color=color, linestyle=line, linewidth=2))
        days = sorted({0.0, *estimate.rows["lower"], *estimate.rows["upper"], ax.get_xlim()[1]} - {inf})
        shares = estimate.lasting(days)
        ax.fill_between(days, shares["least"], shares["most"], step="post", color=color, alpha=theme.wash, linewidth=0)
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
    answers = [_survives(estimate, found.clock.ended) for estimate in groups]
    rows = sum(len(estimate.rows) for estimate in groups)
    several = f"{counted(len(groups), 'group')}{f' by {by}' if by else ''}, {rows} rows in all."
    answer = f"{answers[0]}." if len(groups) == 1 else several
    return finish(ax, f"{title}: what share lasted how long?", answer, [f"{title}, log scale", *answers], handles)


def _by(groups: Sequence[Estimate]) -> str:
    """The variable that all groups are named after, if they are."""
    named = {_group(estimate).partition(": ")[0] if ": " in estimate.name else "" for estimate in groups}
    return named.pop() if len(named) == 1 else ""


def _group(estimate: Estimate) -> str:
    return "All" if estimate.name == "all" else estimate.name.replace("_", " ")


def _survives(estimate: Estimate, ended: str) -> str:
    who = "Half" if estimate.name == "all" else f"{_group(estimate)}: half"
    told = f"{who} of {counted(len(estimate.rows), 'row')} {ended} {_within(*estimate.bounds())}"
    return told if estimate.survival is None else f"{told}; estimated median {_until(estimate.survival.median)}"


def _within(least: float, most: float) -> str:
    """Within what time, as far as the dates tell."""
    if most == inf:
        return f"after {in_words(least)} at the earliest, if at all"
    return f"within {between(least, most)}"


def _until(days: float) -> str:
    return "a time not reached" if days == inf else in_words(days)
