"""The words of the figures: numbers and dates as readers say them, and the alternative text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from casebook._support.arguments import told
from casebook.errors import CasebookError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_texts: WeakKeyDictionary[Axes, str] = WeakKeyDictionary()
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "case"), counted(2, "case")
    ('1 case', '2 cases')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def in_words(days: float) -> str:
    """A number of days as readers say it.

    Examples
    --------
    >>> in_words(1), in_words(45), in_words(200), in_words(9631)
    ('1 day', '45 days', '6.6 months', '26.4 years')
    """
    if days < 60:
        return counted(round(days), "day")
    return f"{days / 30.44:.1f} months" if days < 730 else f"{days / 365.25:.1f} years"


def between(least: float, most: float) -> str:
    """Two numbers of days, as one where they read the same.

    Examples
    --------
    >>> between(93, 120), between(400, 400)
    ('3.1 months to 3.9 months', '13.1 months')
    """
    told = in_words(least), in_words(most)
    return told[0] if told[0] == told[1] else " to ".join(told)


def month(date: Any) -> str:
    """Month in three letters of English, whatever the locale."""
    return _MONTHS[date.month - 1]


def weekday(date: Any) -> str:
    """A day such as Mon 22 Oct 1962, whatever the locale.

    Examples
    --------
    >>> import datetime
    >>> weekday(datetime.date(1962, 10, 22))
    'Mon 22 Oct 1962'
    """
    return f"{_DAYS[date.weekday()]} {date.day} {month(date)} {date.year}"


def wrapped(text: str, width: int) -> str:
    """Text in lines of at most ``width`` characters where words allow."""
    return textwrap.fill(text, max(width, 1), break_long_words=False)


def fitted(text: str, width: int, lines: int) -> str:
    """Text in at most so many lines of at most ``width`` characters, cut with an ellipsis where it is longer.

    Examples
    --------
    >>> fitted("Andover conference", 12, 2), fitted("Andover conference", 12, 1)
    ('Andover\\nconference', 'Andover…')
    """
    return "\n".join(textwrap.wrap(text, max(width, 8), max_lines=lines, placeholder="…", break_long_words=False))


def remember(ax: Axes, sentences: Iterable[str]) -> None:
    """Keep the words for what was drawn on the Axes."""
    _texts[ax] = " ".join(f"{sentence.rstrip('.')}." for sentence in sentences)


def remembered(axes: Iterable[Axes]) -> str:
    """The words for what was drawn on these Axes, without those on which nothing was."""
    return " ".join(_texts[ax] for ax in axes if ax in _texts)


@told("casebook.plots.describe(casebook.plots.timeline('cuba-1962'))")
def describe(ax: Axes) -> str:
    """Alternative text of a figure, made from the data that were drawn.

    In a notebook the picture of a figure that casebook.plots made carries it by itself; give it to other pages by hand.

    Parameters
    ----------
    ax : matplotlib Axes
        What a function of `casebook.plots` returned.

    Returns
    -------
    str
        One sentence on the figure and its scale, then one for each row or group in the order drawn.

    Raises
    ------
    CasebookError
        If the Axes was not drawn by casebook.plots.

    Examples
    --------
    >>> import casebook
    >>> ax = casebook.plots.outcome(cases=["cuba-1962"])
    >>> casebook.plots.describe(ax)
    'Outcome and durability of 1 case...'
    """
    if ax not in _texts:
        raise CasebookError("nothing is known of this Axes; give describe() what a function of casebook.plots returned")
    return _texts[ax]
