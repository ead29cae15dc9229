"""Progress of long work: the caller says who is told, the library never prints by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
Progress = Callable[[str], None]
"""Called with the name of each step."""


def silent(step: str) -> None:
    """Tell nobody."""


@contextmanager
def told() -> Iterator[Progress]:
    """Show the name of the current step on the terminal's standard error while it lasts."""
    from rich.console import Console

    with Console(stderr=True, highlight=False).status("starting") as status:
        yield lambda step: status.update(f"{step} …")


def counted(items: Iterable[T], label: str, total: int | None = None, *, show: bool = True) -> Iterable[T]:
    """The items, with a bar on standard error that counts them, where that is a terminal or a notebook.

    Examples
    --------
    >>> list(counted([1, 2], "worlds", show=False))
    [1, 2]
    """
    if not show:
        return items
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    if not (console.is_terminal or console.is_jupyter):
        return items
    return track(items, f"{label} …", total=total, console=console, transient=True)
