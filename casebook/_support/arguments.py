"""Arguments as users give them: checked once, with an answer that says what would be right."""

from __future__ import annotations

import ast
import datetime as dt
import errno
import inspect
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, wraps
from numbers import Integral, Real
from typing import Any, NamedTuple, ParamSpec, TypeVar

from casebook._support.resources import packaged
from casebook.errors import CasebookError, UnknownNameError

P = ParamSpec("P")
R = TypeVar("R")


class Kind(NamedTuple):
    """What an annotation of a public function stands for."""

    holds: Callable[[Any], bool]
    words: str


def _made_by(name: str, words: str) -> Kind:
    """A class of this package or of an optional library, known by its name, so that it need not be imported."""
    return Kind(lambda value: any(base.__name__ == name for base in type(value).__mro__), words)


_LIST = Kind(lambda value: isinstance(value, Iterable) and not isinstance(value, str), "a list")
_FUNCTION = Kind(callable, "a function")
KINDS = {
    "None": Kind(lambda value: value is None, ""),
    "str": Kind(lambda value: isinstance(value, str), "text"),
    "bool": Kind(lambda value: type(value).__name__ in ("bool", "bool_"), "True or False"),
    "int": Kind(lambda value: isinstance(value, Integral) and not isinstance(value, bool), "a whole number"),
    "float": Kind(lambda value: isinstance(value, Real) and not isinstance(value, bool), "a number"),
    "date": Kind(lambda value: isinstance(value, dt.date), "a date"),
    "PathLike": Kind(lambda value: isinstance(value, os.PathLike), "a path"),
    **dict.fromkeys(("Mapping", "Where"), Kind(lambda value: isinstance(value, Mapping), "a dictionary")),
    **dict.fromkeys(("Iterable", "Sequence", "Collection"), _LIST),
    **dict.fromkeys(("Callable", "Progress", "Analysis"), _FUNCTION),
    "Casebook": Kind(
        lambda value: hasattr(value, "schema") and not inspect.ismodule(value),
        "a Casebook, as casebook.open(folder) gives it",
    ),
    "Schema": _made_by("Schema", "a Schema, as a Casebook has it"),
    "Durations": _made_by("Durations", "what casebook.durations.analyze gives"),
    "QCA": _made_by("QCA", "what casebook.qca.analyze gives"),
    "Axes": _made_by("Axes", "an Axes of matplotlib"),
}
"""What can be checked; an annotation with any other name is left to the function."""


def told(example: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Check every call of a public function against its own signature, and answer in words.

    Parameters
    ----------
    example : str
        A call that is right, with the name by which users know the function.

    Returns
    -------
    callable
        A decorator. What it makes of a function raises `CasebookError` where an argument is missing, unknown, or of
        another type than declared, as far as `KINDS` knows it.

    Examples
    --------
    >>> @told("casebook.pick('oslo-1993')")
    ... def pick(case: str, *, least: int = 0) -> str:
    ...     return case
    >>> pick()
    Traceback (most recent call last):
    casebook.errors.CasebookError: casebook.pick needs case; write for instance casebook.pick('oslo-1993')
    >>> pick(["oslo-1993"])
    Traceback (most recent call last):
    casebook.errors.CasebookError: case must be text, not list; write 'oslo-1993'
    >>> pick("oslo-1993", lest=3)
    Traceback (most recent call last):
    casebook.errors.UnknownNameError: there is no argument 'lest' of casebook.pick; did you mean 'least'?; valid: ...
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        signature = cache(lambda: inspect.signature(function))

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            _check(signature(), args, kwargs, example)
            try:
                return function(*args, **kwargs)
            except (AttributeError, KeyError) as error:
                if lacking := _lacking(error, [*args, *kwargs.values()]):
                    raise CasebookError(f"{example.partition('(')[0]} needs {lacking}") from error
                raise

        return call

    return decorate


def _lacking(error: AttributeError | KeyError, given: Iterable[Any]) -> str:
    """The variable that a function looked for in a casebook whose own codebook does without it; nothing if none."""
    name = error.name if isinstance(error, AttributeError) else next(iter(error.args), None)
    for value in given:
        schema = getattr(value, "schema", None)
        if schema is None or not hasattr(schema, "tables") or any(name in table.by_name for table in schema):
            continue
        homes = [table for table, names in _published().items() if name in names]
        if homes:
            return f"the variable {homes[0]}.{name}, which the codebook of {value.metadata.name} does not have"
    return ""


@cache
def _published() -> dict[str, set[str]]:
    """Variables of the packaged casebook, by table."""
    package = json.loads((packaged("tables") / "datapackage.json").read_text(encoding="utf-8"))
    return {table["name"]: {field["name"] for field in table["schema"]["fields"]} for table in package["resources"]}


def _check(signature: inspect.Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any], example: str) -> None:
    function, instead = example.partition("(")[0], f"write for instance {example}"
    declared = signature.parameters
    for name in kwargs:
        if name not in declared:
            raise UnknownNameError(f"argument of {function}", name, (one for one in declared if one != "self"))
    try:
        given = signature.bind_partial(*args, **kwargs).arguments
    except TypeError as error:
        raise CasebookError(f"{function}: {error}; {instead}") from None
    free = inspect.Parameter.VAR_POSITIONAL
    needed = [name for name, one in declared.items() if one.default is one.empty and one.kind != free]
    if missing := [name for name in needed if name not in given]:
        raise CasebookError(f"{function} needs {' and '.join(missing)}; {instead}")
    for name, value in given.items():
        if declared[name].kind != free and (wrong := _wrong(name, value, declared[name].annotation, instead)):
            raise CasebookError(f"{name} must be {wrong}")
        if "PathLike" in str(declared[name].annotation) and (wrong := _no_path(value)):
            raise CasebookError(f"{name} {str(value)[:60]!r} cannot be a path: {wrong}")


def _wrong(name: str, value: Any, annotation: Any, instead: str) -> str:
    """What an argument must be and is not; nothing if it is, or if nobody can tell."""
    names = _names(annotation) if isinstance(annotation, str) else []
    kinds = [KINDS[one] for one in names if one in KINDS]
    if len(kinds) < len(names) or not names or any(kind.holds(value) for kind in kinds):
        return ""
    if isinstance(value, str) and _LIST in kinds:
        return f"a list; write {name}=[{value!r}]"
    alone = value[0] if isinstance(value, list | tuple) and len(value) == 1 else None
    right = f"write {alone!r}" if isinstance(alone, str) and "str" in names else instead
    return f"{' or '.join(kind.words for kind in kinds if kind.words)}, not {type(value).__name__}; {right}"


def _no_path(value: Any) -> str:
    """Why a text or path can be that of nothing; nothing if it can."""
    if not isinstance(value, str | os.PathLike):
        return ""
    if value == "":
        return "it is empty; write '.' for the folder here"
    try:
        os.stat(value)
    except (ValueError, UnicodeError) as error:
        return str(error)
    except OSError as error:
        return error.strerror or str(error) if error.errno in (errno.ENAMETOOLONG, errno.ELOOP) else ""
    return ""


@cache
def _names(annotation: str) -> list[str]:
    """The names that an annotation is a choice of.

    >>> _names("str | Iterable[str | PathLike[str]] | dt.date | None")
    ['str', 'Iterable', 'date', 'None']
    """

    def of(node: ast.expr) -> list[str]:
        if isinstance(node, ast.BinOp):
            return of(node.left) + of(node.right)
        whole = node.value if isinstance(node, ast.Subscript) else node
        return [ast.unparse(whole).rpartition(".")[2]]

    return of(ast.parse(annotation, mode="eval").body)


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
    if len(values) == 1 and _LIST.holds(values[0]):
        return list(values[0])
    return list(values)
