"""Libraries that only exports need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from casebook.errors import CasebookError


def optional(module: str, purpose: str) -> Any:
    """Import a library of the extra ``export``.

    Parameters
    ----------
    module : str
        Name of the module.
    purpose : str
        What it is for, as the error says it.

    Raises
    ------
    CasebookError
        If it is not installed; the message says how to install it.

    Examples
    --------
    >>> optional("no_such_library", "the format abc")
    Traceback (most recent call last):
    ...
    casebook.errors.CasebookError: the format abc needs the library no_such_library; install it with
    pip install "backchannel-casebook[export]"
    """
    try:
        return import_module(module)
    except ImportError as error:
        library = module.partition(".")[0]
        raise CasebookError(
            f'{purpose} needs the library {library}; install it with pip install "backchannel-casebook[export]"'
        ) from error
