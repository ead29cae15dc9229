"""What went wrong, where, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

_LONGEST = 200

_TELLING = 3
"""Letters of a name that must agree with a valid one for it to be meant."""


class CasebookError(Exception):
    """Base class of every error that Casebook raises on purpose."""


class UnknownNameError(CasebookError, KeyError):
    """A table, variable, case or row was asked for that does not exist.

    Parameters
    ----------
    kind : str
        What was asked for, for example ``"table"`` or ``"variable of cases"``.
    name : str
        The name given.
    choices : iterable of str
        The valid names.
    """

    def __init__(self, kind: str, name: object, choices: Iterable[str]) -> None:
        self.kind, self.name, self.choices = kind, name, list(choices)
        super().__init__(name)

    def __str__(self) -> str:
        noun, place = _parted(self.kind)
        return f"there is no {noun} {_cut(self.name)!r}{place}{suggestion(str(self.name), self.choices)}"


def _parted(kind: str) -> tuple[str, str]:
    """What was asked for, and where: the name stands between the two.

    Examples
    --------
    >>> _parted("table"), _parted("variable in table cases")
    (('table', ''), ('variable', ' in table cases'))
    """
    import re

    noun, *place = re.split(r"(?= (?:in|of) | \()", kind, maxsplit=1)
    return noun, "".join(place)


class MissingLibraryError(CasebookError, ImportError):
    """Something was asked for that needs a library which is not installed.

    Parameters
    ----------
    purpose : str
        What was asked for.
    library : str
        The library.
    extra : str
        The extra of this package that installs it.
    """

    def __init__(self, purpose: str, library: str, extra: str) -> None:
        super().__init__(
            f'{purpose} needs the library {library}; install it with pip install "backchannel-casebook[{extra}]" '
            f'(from a checkout: pip install ".[{extra}]")'
        )


class NotWritableError(CasebookError):
    """A file or folder cannot be written."""

    def __init__(self, path: object, error: OSError) -> None:
        super().__init__(f"{path} cannot be written: {error.strerror or error}")


class Mark(NamedTuple):
    """A place in a file; lines are counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Problem(NamedTuple):
    """One thing wrong with a coding file, a schema or a table.

    Examples
    --------
    >>> print(Problem(Mark("channels.yaml", 7), "channels.venue", "unknown category 'mars'"))
    channels.yaml:7: channels.venue: unknown category 'mars'
    """

    mark: Mark
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.mark}: {self.where}: {self.message}"


class InvalidCasebookError(CasebookError):
    """A casebook, schema or coding file does not pass its checks.

    Attributes
    ----------
    problems : list of Problem
        Everything that was found, in order of file and line.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


class Problems:
    """Collects problems so that one run reports them all."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, mark: Mark, where: str, message: str) -> None:
        self.found.append(Problem(mark, where, message))

    def watch(self) -> Watch:
        """Ask later whether anything has gone wrong since."""
        return Watch(self, len(self.found))

    def raise_if_any(self) -> None:
        if self.found:
            raise InvalidCasebookError(self.found)


class Watch:
    """Whether problems were found since it was made by `Problems.watch`.

    Examples
    --------
    >>> problems = Problems()
    >>> here = problems.watch()
    >>> problems.add(Mark("channels.yaml", 7), "channels.venue", "unknown category 'mars'")
    >>> here.failed
    True
    """

    def __init__(self, problems: Problems, before: int) -> None:
        self.problems, self.before = problems, before

    @property
    def failed(self) -> bool:
        return len(self.problems.found) > self.before


def _cut(name: Any) -> Any:
    """A name as it is, unless it is so long that it hides the answer."""
    return f"{name[:_LONGEST]}…" if isinstance(name, str) and len(name) > _LONGEST else name


def suggestion(name: str, choices: Iterable[str], limit: int = 12) -> str:
    """Say which valid name is nearest, and list the valid names while they are few.

    Examples
    --------
    >>> suggestion("chanels", ["cases", "channels"])
    "; did you mean 'channels'?; valid: cases, channels"
    >>> suggestion("China", ["us-china-1971", "us-iran-2012"])
    "; did you mean 'us-china-1971'?; valid: us-china-1971, us-iran-2012"
    >>> suggestion("x", [])
    ''
    """
    import difflib

    choices = [choice for choice in choices if isinstance(choice, str)]  # a damaged table may lack a key
    folded = {choice.casefold(): choice for choice in reversed(choices)}
    asked = name.casefold() if len(name) <= _LONGEST else ""
    near = [folded[found] for found in difflib.get_close_matches(asked, folded, n=1, cutoff=0.6)]
    if not near and len(asked) >= _TELLING:
        near = [choice for choice in choices if asked in choice.casefold()][:1]
    parts = [f"did you mean {near[0]!r}?"] if near else []
    if choices and (len(choices) <= limit or not near):
        more = " …" if len(choices) > limit else ""
        parts.append(f"valid: {', '.join(choices[:limit])}{more}")
    return "".join(f"; {part}" for part in parts)
