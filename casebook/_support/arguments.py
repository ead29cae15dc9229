"""Arguments as users give them: checked once, with an answer that says what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from casebook.errors import CasebookError


def text(value: Any, name: str, example: str) -> str:
    """One piece of text.

    Raises
    ------
    CasebookError
        If it is anything else; the message says what to write.

    Examples
    --------
    >>> text(None, "text", "deadline")
    Traceback (most recent call last):
    casebook.errors.CasebookError: text must be text such as 'deadline', not NoneType
    """
    if not isinstance(value, str):
        raise CasebookError(f"{name} must be text such as {example!r}, not {type(value).__name__}")
    return value


def names(values: Iterable[str] | None, name: str, example: str) -> list[str] | None:
    """A list of names, or None where none was given.

    Raises
    ------
    CasebookError
        If it is one text, empty, or holds anything but text.

    Examples
    --------
    >>> names("oslo-1993", "cases", "oslo-1993")
    Traceback (most recent call last):
    casebook.errors.CasebookError: cases must be a list; write cases=['oslo-1993']
    """
    if values is None:
        return None
    if isinstance(values, str):
        raise CasebookError(f"{name} must be a list; write {name}=[{values!r}]")
    try:
        found = list(values)
    except TypeError:
        raise CasebookError(f"{name} must be a list such as [{example!r}], not {type(values).__name__}") from None
    if not found:
        raise CasebookError(f"{name} is an empty list; leave it out for all, or name some, such as {example!r}")
    return [text(value, f"each of {name}", example) for value in found]


def spread(values: Sequence[Any]) -> list[Any]:
    """Names given one by one, or as a single list.

    Examples
    --------
    >>> spread(("outcome", "violence")), spread((["outcome", "violence"],))
    (['outcome', 'violence'], ['outcome', 'violence'])
    """
    if len(values) == 1 and isinstance(values[0], list | tuple):
        return list(values[0])
    return list(values)
