"""Dates in the Extended Date/Time Format (EDTF, ISO 8601-2) and their bounds."""

from __future__ import annotations

import datetime as dt
import math
import re
import time
from functools import lru_cache
from typing import NamedTuple

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException


class Bounds(NamedTuple):
    """Earliest and latest day that a date allows; None where it is open."""

    earliest: dt.date | None
    latest: dt.date | None


@lru_cache(maxsize=4096)
def bounds(text: str) -> Bounds:
    """Bounds of an EDTF date.

    Uncertainty marks (``~``, ``?``) are kept in the text and do not widen the bounds.

    Parameters
    ----------
    text : str
        An EDTF date of level 0 or 1: a day, month, year, season, or an interval, open ends included.

    Returns
    -------
    Bounds
        Earliest and latest day.

    Raises
    ------
    ValueError
        If the text is not an EDTF date, names an impossible day, or runs backwards.

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
    try:
        if days := re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:/(\d{4}-\d{2}-\d{2}))?", text, re.ASCII):
            earliest: dt.date | None = dt.date.fromisoformat(days[1])
            latest: dt.date | None = dt.date.fromisoformat(days[2] or days[1])
        else:
            parsed = parse_edtf(text)
            earliest, latest = _day(parsed.lower_strict()), _day(parsed.upper_strict())
    except (EDTFParseException, AttributeError, NotImplementedError, OverflowError, TypeError, ValueError):
        raise ValueError(
            f"{text!r} is not a date in EDTF; write for instance 1962-10-27, 1985-11~, 1988-05/1989-12 or ../2005-12-21"
        ) from None
    if earliest and latest and earliest > latest:
        raise ValueError(f"{text!r} runs backwards; write the earlier date first")
    if earliest is None and latest is None:
        raise ValueError(f"{text!r} says nothing; write unknown")
    return Bounds(earliest, latest)


def _day(moment: time.struct_time | float | None) -> dt.date | None:
    if moment is None or (isinstance(moment, float) and math.isinf(moment)):
        return None
    assert isinstance(moment, time.struct_time)
    return dt.date(moment.tm_year, moment.tm_mon, moment.tm_mday)
