"""Casebook: coded cases of back-channel negotiation, every value with its published source.

Start with ``casebook.tables()``, ``casebook.load("channels")`` and ``casebook.codebook("channels")``. The functions
here are the methods of `casebook.Casebook` on the packaged release; ``casebook.open(folder)`` gives the same methods on
a casebook of your own.

The names listed in ``__all__`` are the interface. Everything else is internal organization and may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casebook import durations as durations
    from casebook import plots as plots
    from casebook import qca as qca
    from casebook import small as small
    from casebook._api import __version__ as __version__
    from casebook._api import agreement as agreement
    from casebook._api import bibliography as bibliography
    from casebook._api import case as case
    from casebook._api import cite as cite
    from casebook._api import codebook as codebook
    from casebook._api import compare as compare
    from casebook._api import evidence as evidence
    from casebook._api import export as export
    from casebook._api import find as find
    from casebook._api import history as history
    from casebook._api import load as load
    from casebook._api import narrow as narrow
    from casebook._api import schema as schema
    from casebook._api import tables as tables
    from casebook._api import verify as verify
    from casebook.authoring.workflow import build as build
    from casebook.authoring.workflow import new as new
    from casebook.authoring.workflow import validate as validate
    from casebook.book import Casebook as Casebook
    from casebook.book import open as open
    from casebook.browsing.explorer import explore as explore
    from casebook.engines.scanning import scan as scan
    from casebook.engines.validation import validate_tables as validate_tables
    from casebook.errors import CasebookError as CasebookError
    from casebook.errors import InvalidCasebookError as InvalidCasebookError
    from casebook.errors import MissingLibraryError as MissingLibraryError
    from casebook.errors import UnknownNameError as UnknownNameError
    from casebook.worlds.multiverse import multiverse as multiverse

_HOME = {
    **dict.fromkeys(
        ("tables", "load", "codebook", "find", "case", "evidence", "compare", "cite", "bibliography"), "_api"
    ),
    **dict.fromkeys(("narrow", "schema", "verify", "history", "agreement", "export", "__version__"), "_api"),
    **dict.fromkeys(("new", "validate", "build"), "authoring.workflow"),
    "validate_tables": "engines.validation",
    "scan": "engines.scanning",
    **dict.fromkeys(("open", "Casebook"), "book"),
    **dict.fromkeys(("CasebookError", "InvalidCasebookError", "MissingLibraryError", "UnknownNameError"), "errors"),
    "multiverse": "worlds.multiverse",
    "explore": "browsing.explorer",
    **dict.fromkeys(("durations", "plots", "qca", "small"), ""),
}
__all__ = [name for name in _HOME if name != "__version__"]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'casebook' has no attribute {name!r}{_advice(name)}")
    home = import_module(f"casebook.{_HOME[name] or name}")
    found = getattr(home, name) if _HOME[name] else home
    globals()[name] = found
    return found


def _advice(name: str) -> str:
    from casebook._support.resources import packaged

    if name.startswith("_") or not (packaged("tables") / f"{name}.parquet").is_file():
        return ""
    return f"; the table is casebook.load({name!r})"


def __dir__() -> list[str]:
    return sorted(_HOME)
