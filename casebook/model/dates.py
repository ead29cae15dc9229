"""Dates in the Extended Date/Time Format (EDTF, ISO 8601-2) and their bounds.

Read are levels 0 and 1, and of level 2 marks on parts of a date (``2004-06~-11``), unspecified digits of months and
days (``2004-1X``), and the divisions of a year numbered 25 to 41. Years run from 1 to 9999. Times of day, sets of dates
and exponential years are refused.

A season is three whole months: spring (21) March to May, and so on, as they are in the north; 29 to 32 are those of the
south. A winter counts to the year in which it begins and lasts into the next: ``1995-24`` ends with February 1996.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

_POINT = re.compile(
    r"[?~%]?(?P<year>[0-9]{4}|[0-9]{3}X|[0-9]{2}XX)[?~%]?"
    r"(?:-[?~%]?(?:(?P<division>2[1-9]|3[0-9]|4[01])|(?P<month>0[1-9X]|1[0-2X]|XX)[?~%]?"
    r"(?:-[?~%]?(?P<day>[012][0-9X]|3[01X]|XX))?)[?~%]?)?"
)
_IN_WORDS = re.compile(
    r"(?:(?P<day>[0-9]{1,2})\.? )?(?P<month>[A-Za-z]{3,9})\.?(?: (?P<after>[0-9]{1,2}))?,? (?P<year>[0-9]{4})"
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SEASONS = (3, 6, 9, 12)
_DIVISIONS = {
    **{20 + n: (month, 3) for n, month in enumerate(_SEASONS, 1)},
    **{24 + n: (month, 3) for n, month in enumerate(_SEASONS, 1)},
    **{28 + n: (month, 3) for n, month in enumerate((9, 12, 3, 6), 1)},
    **{32 + n: (3 * n - 2, 3) for n in range(1, 5)},
    **{36 + n: (4 * n - 3, 4) for n in range(1, 4)},
    **{39 + n: (6 * n - 5, 6) for n in range(1, 3)},
}
_LONGEST = 40


class Bounds(NamedTuple):
    """Earliest and latest day that a date allows; None where it is open."""

    earliest: dt.date | None
    latest: dt.date | None


@dataclass(frozen=True)
class Point:
    """A day, month, season or year, perhaps with digits left open: one end of an interval.

    Attributes
    ----------
    earliest, latest : date
        First and last day that it may mean.
    years : tuple of int
        First and last year that it may mean; a winter has the one in which it begins.
    parts : tuple of int
        Year, month and day as far as they are known; empty for a decade or century.
    season : int or None
        1 for spring to 4 for winter.
    """

    earliest: dt.date
    latest: dt.date
    years: tuple[int, int]
    parts: tuple[int, ...]
    season: int | None = None


@dataclass(frozen=True)
class Date:
    """A date in EDTF, read by `Date.parse`.

    Attributes
    ----------
    text : str
        The date as written.
    start, end : Point or None
        Where it begins and ends, the same for a date that is no interval; None where an interval is open.

    Examples
    --------
    >>> date = Date.parse("1985-11~/1986")
    >>> date.earliest, date.latest, date.years, date.approximate
    (datetime.date(1985, 11, 1), datetime.date(1986, 12, 31), (1985, 1986), True)
    """

    text: str
    start: Point | None
    end: Point | None

    @classmethod
    def parse(cls, text: str) -> Date:
        """Read a date.

        Parameters
        ----------
        text : str
            The date, as the head of this module says.

        Returns
        -------
        Date
            The date and its bounds.

        Raises
        ------
        ValueError
            If the text is no such date, names an impossible day, has a blank end, or runs backwards.
        """
        if len(text) > _LONGEST:
            raise ValueError(_not_edtf(f"{text[:_LONGEST]}…"))
        first, slash, last = text.partition("/")
        if not slash:
            point = _point(text, text)
            return cls(text, point, point)
        if not first or not last:
            raise ValueError(f"{text!r} has a blank end; write {first or '..'}/{last or '..'} if it is open or unknown")
        if first == last == "..":
            raise ValueError(f"{text!r} says nothing; write unknown")
        start, end = (None if side == ".." else _point(side, text) for side in (first, last))
        if start and end and start.earliest > end.latest:
            raise ValueError(f"{text!r} runs backwards; write the earlier date first")
        return cls(text, start, end)

    @property
    def earliest(self) -> dt.date | None:
        """The first day that the date allows; None if it is open."""
        return self.start.earliest if self.start else None

    @property
    def latest(self) -> dt.date | None:
        """The last day that the date allows; None if it is open."""
        return self.end.latest if self.end else None

    @property
    def years(self) -> tuple[int | None, int | None]:
        """First and last year; None where the date is open."""
        return (self.start.years[0] if self.start else None, self.end.years[1] if self.end else None)

    @property
    def approximate(self) -> bool:
        """Whether a part is marked by ``~`` or ``%``."""
        return "~" in self.text or "%" in self.text

    @property
    def uncertain(self) -> bool:
        """Whether a part is marked by ``?`` or ``%``."""
        return "?" in self.text or "%" in self.text

    def to_csl(self) -> dict[str, Any]:
        """The date in CSL-JSON.

        What CSL cannot say in parts, a decade or an open end, is text in words; ``circa`` stands for either mark.

        Examples
        --------
        >>> Date.parse("2004-05/2004-06").to_csl()
        {'date-parts': [[2004, 5], [2004, 6]]}
        >>> Date.parse("195X").to_csl(), Date.parse("1961/..").to_csl()
        ({'literal': '1950s'}, {'literal': '1961–'})
        """
        ends = [self.start] if self.start == self.end else [self.start, self.end]
        if all(end and end.parts for end in ends):
            content: dict[str, Any] = {"date-parts": [list(end.parts) for end in ends if end]}
            if len(ends) == 1 and self.start and self.start.season:
                content["season"] = self.start.season
        elif len(ends) == 1:
            content = {"literal": _loosely(self.start)}
        elif self.start is None:
            content = {"literal": f"until {_loosely(self.end)}"}
        else:
            last = _loosely(self.end).rpartition("–")[2] if self.end else ""
            content = {"literal": f"{_loosely(self.start).partition('–')[0]}–{last}"}
        return {**content, **({"circa": True} if self.approximate or self.uncertain else {})}


def parse_day(text: str) -> dt.date:
    """A day written as year, month and day.

    Raises
    ------
    ValueError
        If it is written otherwise, in another form of ISO 8601 too, or is no day.

    Examples
    --------
    >>> parse_day("1962-10-27")
    datetime.date(1962, 10, 27)
    """
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"{text!r} is not a day such as 1962-10-27")
    return dt.date.fromisoformat(text)


@lru_cache(maxsize=4096)
def bounds(text: str) -> Bounds:
    """Bounds of an EDTF date.

    Marks (``~``, ``?``, ``%``) do not widen them.

    Parameters
    ----------
    text : str
        A date as `Date.parse` reads it.

    Returns
    -------
    Bounds
        Earliest and latest day.

    Raises
    ------
    ValueError
        If the text is not such a date, names an impossible day, has a blank end, or runs backwards.

    Examples
    --------
    >>> bounds("1962-10")
    Bounds(earliest=datetime.date(1962, 10, 1), latest=datetime.date(1962, 10, 31))
    >>> bounds("../2005-12-21").earliest is None
    True
    >>> bounds("1962-10-28/1962-10-16")
    Traceback (most recent call last):
    ValueError: '1962-10-28/1962-10-16' runs backwards; write the earlier date first
    """
    date = Date.parse(text)
    return Bounds(date.earliest, date.latest)


def _not_edtf(text: str) -> str:
    right = _in_figures(text) or "for instance 1962-10-27, 1985-11~, 1988-05/1989-12 or ../2005-12-21"
    return f"{text!r} is not a date in EDTF; write {right}"


def _in_figures(text: str) -> str | None:
    """A date that is written in English words, as EDTF has it; None for any other text.

    Examples
    --------
    >>> _in_figures("5 May 2010"), _in_figures("Sept. 2010"), _in_figures("31 June 2010"), _in_figures("soon")
    ('2010-05-05', '2010-09', None, None)
    """
    found = _IN_WORDS.fullmatch(text)
    month = found and next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(found["month"].lower())), None)
    if not found or not month:
        return None
    day = found["day"] or found["after"]
    written = f"{found['year']}-{month:02}{f'-{int(day):02}' if day else ''}"
    try:
        Date.parse(written)
    except ValueError:
        return None
    return written


def _point(piece: str, whole: str) -> Point:
    found = _POINT.fullmatch(piece)
    if found is None:
        raise ValueError(_refusal(piece, whole))
    year, division, month, day = found.group("year", "division", "month", "day")
    if year.replace("X", "0") == "0000":
        raise ValueError(f"{whole!r}: years before 1 cannot be written; give the date in a note and write unknown")
    years = _matching(year)
    span = (years[0], years[-1])
    if division:
        return _division(int(division), span, _known(year), whole)
    earliest = next(_days(years, month, day), None)
    if earliest is None:
        raise ValueError(_not_edtf(whole))
    return Point(earliest, next(_days(years, month, day, -1)), span, _known(year, month, day))


def _division(number: int, span: tuple[int, int], parts: tuple[int, ...], whole: str) -> Point:
    """A season, quarter or other part of a year."""
    first, length = _DIVISIONS[number]
    over, last = divmod(first + length - 2, 12)
    if span[1] + over > dt.MAXYEAR:
        raise ValueError(f"{whole!r}: years after {dt.MAXYEAR} cannot be written")
    end = dt.date(span[1] + over, last + 1, calendar.monthrange(span[1] + over, last + 1)[1])
    return Point(dt.date(span[0], first, 1), end, span, parts, (number - 21) % 4 + 1 if number <= 32 else None)


def _days(years: range, month: str | None, day: str | None, step: int = 1) -> Iterator[dt.date]:
    """The days that may be meant, in order, or from the last one back."""
    months = _matching(month or "XX", 1, 12)[::step]
    for one, other in product(years[::step], months):
        length = calendar.monthrange(one, other)[1]
        for number in _matching(day or "XX", 1, length)[::step]:
            yield dt.date(one, other, number)


def _matching(digits: str, least: int = 1, most: int = dt.MAXYEAR) -> range:
    """Numbers that digits with X at the end may mean."""
    return range(max(int(digits.replace("X", "0")), least), min(int(digits.replace("X", "9")), most) + 1)


def _known(*digits: str | None) -> tuple[int, ...]:
    """Year, month and day up to the first that is not wholly known."""
    known = []
    for part in digits:
        if part is None or "X" in part:
            break
        known.append(int(part))
    return tuple(known)


def _loosely(point: Point | None) -> str:
    """The year, or a decade or century in words."""
    assert point is not None
    if point.parts:
        return str(point.parts[0])
    first, last = point.years
    return f"{first}s" if last - first == 9 else f"{first}–{last}"


def _refusal(piece: str, whole: str) -> str:
    if re.match(r"-[0-9]|Y-", piece):
        return f"{whole!r}: years before 1 cannot be written; give the date in a note and write unknown"
    if re.match(r"Y", piece):
        return f"{whole!r}: a year has four digits and no letter before it; years after {dt.MAXYEAR} cannot be written"
    if piece.startswith(("[", "{")):
        return f"{whole!r}: sets of dates cannot be written; write the interval from the first to the last"
    if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", piece):
        return f"{whole!r}: times of day cannot be written; write {piece[:10]}"
    return _not_edtf(whole)
