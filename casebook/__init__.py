"""Casebook: coded cases of back-channel negotiation, every value with its published source.

Start with ``casebook.tables()``, ``casebook.load("channels")`` and ``casebook.codebook("channels")``. The functions
here are the methods of `casebook.book.Casebook` on the packaged release; ``casebook.open(folder)`` gives the same
methods on a casebook of your own.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casebook import plots as plots
    from casebook import qca as qca
    from casebook import small as small
    from casebook.book import Casebook as Casebook
    from casebook.book import open_casebook, packaged_release
    from casebook.errors import CasebookError as CasebookError
    from casebook.errors import InvalidCasebookError as InvalidCasebookError
    from casebook.errors import UnknownNameError as UnknownNameError
    from casebook.fragility import multiverse as multiverse

    _book = packaged_release()
    open = open_casebook
    tables, load, codebook, find = _book.tables, _book.load, _book.codebook, _book.find
    case, evidence, compare, cite = _book.case, _book.evidence, _book.compare, _book.cite
    agreement, export = _book.agreement, _book.export
    bibliography, verify, history = _book.bibliography, _book.verify, _book.history
    __version__: str

_METHODS = (
    "tables",
    "load",
    "codebook",
    "find",
    "case",
    "evidence",
    "compare",
    "cite",
    "agreement",
    "export",
    "bibliography",
    "verify",
    "history",
)
_NAMES = {
    "open": ("casebook.book", "open_casebook"),
    "multiverse": ("casebook.fragility", "multiverse"),
    "Casebook": ("casebook.book", "Casebook"),
    "CasebookError": ("casebook.errors", "CasebookError"),
    "InvalidCasebookError": ("casebook.errors", "InvalidCasebookError"),
    "UnknownNameError": ("casebook.errors", "UnknownNameError"),
}
_MODULES = ("plots", "qca", "small")
__all__ = [*_METHODS, *_NAMES, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _METHODS or name == "__version__":
        release = import_module("casebook.book").packaged_release()
        return release.metadata.version if name == "__version__" else getattr(release, name)
    if name in _MODULES:
        return import_module(f"casebook.{name}")
    if name in _NAMES:
        module, attribute = _NAMES[name]
        return getattr(import_module(module), attribute)
    raise AttributeError(f"module 'casebook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
