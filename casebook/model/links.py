"""DOIs and addresses that can be followed."""

from __future__ import annotations

import re

_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_ADDRESS = re.compile(r"(?i:https?|ftp)://[^\s{}<>\"\\/?#]+[^\s{}<>\"\\]*")


def not_a_doi(text: str) -> str | None:
    """Why a text is no DOI, or None where it is one.

    Examples
    --------
    >>> not_a_doi("https://doi.org/10.1234/x")
    "'https://doi.org/10.1234/x' is no DOI; write what begins with 10., for instance 10.1017/S0020818300027764"
    """
    if _DOI.fullmatch(text):
        return None
    return f"{str(text)!r} is no DOI; write what begins with 10., for instance 10.1017/S0020818300027764"


def not_an_address(text: str) -> str | None:
    """Why a text is no address of the web, or None where it is one.

    Examples
    --------
    >>> not_an_address("example.org")
    "'example.org' is no address; write one, for instance https://example.org/page"
    """
    if _ADDRESS.fullmatch(text):
        return None
    return f"{str(text)!r} is no address; write one, for instance https://example.org/page"
