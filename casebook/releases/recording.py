"""Which tables are read while something runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from casebook.releases.store import Store


class Recorder:
    """Notes which tables are read, and of which stores.

    Examples
    --------
    >>> from casebook.book import packaged_release
    >>> book = packaged_release()
    >>> with recording() as recorder:
    ...     cases = book.load("cases")
    >>> recorder.tables(book.store)
    {'cases'}
    """

    def __init__(self) -> None:
        self.heard: list[tuple[Store, str]] = []

    def tables(self, store: Store) -> set[str]:
        """Tables that were read of a store."""
        return {name for heard, name in self.heard if heard is store}

    def elsewhere(self, store: Store) -> set[str]:
        """Tables that were read of other stores with the same content."""
        return {name for heard, name in self.heard if heard is not store and heard.digest == store.digest}


listening: ContextVar[Recorder | None] = ContextVar("listening", default=None)


@contextmanager
def recording() -> Iterator[Recorder]:
    """Record which tables are read meanwhile."""
    recorder = Recorder()
    token = listening.set(recorder)
    try:
        yield recorder
    finally:
        listening.reset(token)
