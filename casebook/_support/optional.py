"""Libraries that only some purposes need, each in an extra of its own."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from casebook.errors import MissingLibraryError


def needed(module: str, purpose: str, extra: str) -> Any:
    """Import a library of an extra.

    Parameters
    ----------
    module : str
        Name of the module.
    purpose : str
        What it is for, as the error says it.
    extra : str
        The extra that installs it.

    Raises
    ------
    MissingLibraryError
        If it is not installed; the message says how to install it.

    Examples
    --------
    >>> needed("no_such_library", "the format abc", "export")
    Traceback (most recent call last):
    ...
    casebook.errors.MissingLibraryError: the format abc needs the library no_such_library; install it with
    pip install "backchannel-casebook[export]" (from a checkout: pip install ".[export]")
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingLibraryError(purpose, module.partition(".")[0], extra) from error
