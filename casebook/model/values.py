"""Values as coders write them, and as typed values: `parse` reads the text, `to_text` is its inverse."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from casebook.errors import suggestion
from casebook.model.dates import bounds
from casebook.model.texts import unsafe

if TYPE_CHECKING:
    from casebook.model.schema import Field

N = TypeVar("N", int, float)


def parse(field: Field, text: str) -> dict[str, Any]:
    """Values of a field and of the columns generated from it.

    Parameters
    ----------
    field : Field
        The declared field.
    text : str
        What the coder wrote; reasons for missing values are handled before.

    Returns
    -------
    dict
        Column names and values; dates as `datetime.date`, booleans as `bool`, integers as `int`.

    Raises
    ------
    ValueError
        If the text is not a value of the field; the message says what would be right.

    Examples
    --------
    >>> from casebook.model.schema import Constraints, Field
    >>> parse(Field("deadline", "boolean", "Deadline", ""), "yes")
    {'deadline': True}
    >>> parse(Field("meetings_min", "integer", "Meetings", "", Constraints(minimum=0)), "-1")
    Traceback (most recent call last):
    ValueError: -1 is less than the minimum 0
    """
    if not text:
        reasons = "" if field.required else ", or unknown, not_applicable or withheld"
        raise ValueError(f"the value is empty; write one{reasons}")
    if message := unsafe(text):
        raise ValueError(message)
    if (reason := misspelt_reason(text)) and reason not in field.values:
        raise ValueError(f"{str(text)!r} is no value; write {reason} if that is meant")
    if field.edtf:
        span = bounds(text)
        return {field.name: text, f"{field.name}_earliest": span.earliest, f"{field.name}_latest": span.latest}
    if field.categories:
        if text not in field.values:
            raise ValueError(f"unknown category {str(text)!r}{suggestion(text, field.values)}")
        return {field.name: str(text)}
    if field.type == "boolean":
        if text not in ("yes", "no"):
            raise ValueError(f"{str(text)!r} is neither yes nor no")
        return {field.name: text == "yes"}
    if field.type == "integer":
        return {field.name: _integer(field, text)}
    if field.type == "number":
        return {field.name: _number(field, text)}
    return {field.name: _string(field, str(text))}


def misspelt_reason(text: str) -> str | None:
    """The reason for a missing value that a text means but spells otherwise.

    Examples
    --------
    >>> misspelt_reason("Unknown"), misspelt_reason("not applicable"), misspelt_reason("unknown")
    ('unknown', 'not_applicable', None)
    """
    from casebook.model.schema import REASONS

    meant = text.casefold().replace(" ", "_").replace("-", "_")
    return meant if meant in REASONS and text != meant else None


def to_text(value: Any) -> str:
    """A typed value as a coder writes it: the inverse of `parse`.

    Parameters
    ----------
    value : str, bool, int, float, date, list or numpy scalar
        The value; not a missing one.

    Returns
    -------
    str
        For instance ``yes``, ``12``, ``0.25``, ``1962-10-27``; items of a list are joined by semicolons.

    Examples
    --------
    >>> to_text(True), to_text(0.25), to_text(dt.date(431, 5, 1)), to_text(["a", "b"])
    ('yes', '0.25', '0431-05-01', 'a; b')
    """
    if isinstance(value, str):
        return value
    if hasattr(value, "item") and not isinstance(value, dt.date) and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        from decimal import Decimal

        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, int):
        return str(value)
    return "; ".join(map(str, value))


def _integer(field: Field, text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        raise ValueError(f"{str(text)!r} is not a whole number")
    return _within(field, int(text))


def _number(field: Field, text: str) -> float:
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", text):
        raise ValueError(f"{str(text)!r} is not a number such as 0.25")
    return _within(field, float(text))


def _within(field: Field, number: N) -> N:
    minimum, maximum = field.constraints.minimum, field.constraints.maximum
    if minimum is not None and number < minimum:
        raise ValueError(f"{number} is less than the minimum {minimum}")
    if maximum is not None and number > maximum:
        raise ValueError(f"{number} is more than the maximum {maximum}")
    return number


def _string(field: Field, text: str) -> str:
    pattern, length = field.constraints.pattern, field.constraints.max_length
    if field.codes == "iso3166-1-alpha-3" and text not in countries():
        meant = _country(text)
        advice = f"; write {meant}" if meant else suggestion(text, countries())
        raise ValueError(f"{text!r} is not an ISO 3166-1 alpha-3 code{advice}")
    if pattern and not re.fullmatch(pattern, text):
        raise ValueError(f"{text!r} does not have the form {pattern}")
    if length is not None and len(text) > length:
        raise ValueError(f"has {len(text)} characters; at most {length} are allowed")
    return text


def _country(text: str) -> str | None:
    """The alpha-3 code of a country given by its name or another of its codes."""
    import pycountry

    try:
        return str(pycountry.countries.lookup({"UK": "GB"}.get(text.upper(), text)).alpha_3)
    except LookupError:
        return None


@cache
def countries() -> dict[str, str]:
    """ISO 3166-1 alpha-3 codes and short names of countries."""
    import pycountry

    return {country.alpha_3: country.name for country in pycountry.countries}
