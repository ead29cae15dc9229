"""That nothing was wrong with some files, remembered from one verification to the next."""

from __future__ import annotations

from collections.abc import Iterable

from casebook._support.cache import key_of, stamp, user_cache

_ROOMS = ("_support", "model", "releases", "reliability", "sources")
_LIBRARIES = ("numpy", "pyarrow", "pycountry")
_MOST = 100_000
"""Bytes that may be taken up; one verification takes less than 100."""


class Remembered:
    """Whether the same files were verified before by the same code, with the same libraries, and nothing was wrong.

    Parameters
    ----------
    files : iterable of bytes or str
        All from which it follows: the descriptor, with the schema and the reference date, and the tables.
    fresh : bool, default False
        Remember nothing.

    Attributes
    ----------
    sound : bool
        Whether they were.
    """

    def __init__(self, files: Iterable[bytes | str], *, fresh: bool = False) -> None:
        self._cache = user_cache("verified", _ROOMS, fresh=fresh, most=_MOST)
        self._key = key_of(stamp(_ROOMS, _LIBRARIES), files)
        self.sound = self._cache.get(self._key) is not None

    def keep(self) -> None:
        """Remember that nothing was wrong with them."""
        if not self.sound:
            self._cache.put(self._key, {})
            self._cache.tidy()
