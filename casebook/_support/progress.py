"""Progress of long work: the caller says who is told, the library never prints by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from html import escape
from importlib import import_module
from typing import Any, TypeVar

T = TypeVar("T")
_EVERY = 0.3
"""Seconds between two steps of a bar in a notebook."""
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
    if console.is_jupyter:
        return _in_notebook(items, label, total)
    return track(items, f"{label} …", total=total, console=console, transient=True) if console.is_terminal else items


def _in_notebook(items: Iterable[T], label: str, total: int | None) -> Iterator[T]:
    """The items, with a bar in the colors of the notebook that leaves nothing behind.

    That of rich has colors of its own, and leaves a widget that says "Output()" wherever the notebook is only read.
    """
    ipython: Any = import_module("IPython.display")
    most = total if total is not None else len(items) if isinstance(items, Sized) else None
    handle, shown = ipython.display({"text/html": "", "text/plain": ""}, raw=True, display_id=True), 0.0
    try:
        for count, item in enumerate(items):
            if time.monotonic() - shown > _EVERY:
                bar, of = (f" value='{count}' max='{most}'", f" of {most}") if most is not None else ("", "")
                words = f"{escape(label)} … <progress{bar}></progress> {count}{of}"
                handle.update({"text/html": words, "text/plain": f"{label} … {count}{of}"}, raw=True)
                shown = time.monotonic()
            yield item
    finally:
        handle.update({"text/html": "", "text/plain": ""}, raw=True)
