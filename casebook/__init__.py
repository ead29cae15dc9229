"""Casebook: coded cases of back-channel negotiation, every value with its published source.

Start with ``casebook.tables()``, ``casebook.load("channels")`` and ``casebook.codebook("channels")``. The functions
here are the methods of `casebook.book.Casebook` on the packaged release; ``casebook.open(folder)`` gives the same
methods on a casebook of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casebook.errors import CasebookError, InvalidCasebookError, UnknownNameError

if TYPE_CHECKING:
    from casebook.book import Casebook, open_casebook, packaged_release

    _book = packaged_release()
    open = open_casebook
    tables, load, codebook, find = _book.tables, _book.load, _book.codebook, _book.find
    case, evidence, compare, cite = _book.case, _book.evidence, _book.compare, _book.cite
    __version__: str

_METHODS = ("tables", "load", "codebook", "find", "case", "evidence", "compare", "cite")
__all__ = [*_METHODS, "open", "Casebook", "CasebookError", "InvalidCasebookError", "UnknownNameError"]


def __getattr__(name: str) -> Any:
    if name in _METHODS:
        from casebook.book import packaged_release

        return getattr(packaged_release(), name)
    if name == "open":
        from casebook.book import open_casebook

        return open_casebook
    if name == "Casebook":
        from casebook.book import Casebook

        return Casebook
    if name == "__version__":
        from casebook.book import packaged_release

        return packaged_release().metadata.version
    raise AttributeError(f"module 'casebook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
