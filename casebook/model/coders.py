"""Who coded: what a casebook records about its coders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.errors import suggestion
from casebook.model.dates import Date

PUBLISHED = "casebook"
"""The coder whose values are the tables themselves."""
KINDS = ("human", "machine")
LISTS = ("material", "saw")
TEXTS = ("coded", "codebook", "instrument")
KEYS = ("kind", *LISTS, *TEXTS)


@dataclass(frozen=True)
class Coder:
    """A coder of the casebook; ``casebook`` is the published coding.

    Attributes
    ----------
    name : str
        Name or pseudonym, as in the table ``codings``.
    kind : {"human", "machine"} or None
        None where it is not recorded.
    material : tuple of str
        From what they coded, for instance ``sources`` or ``dossiers``; coders who name the same share it.
    saw : tuple of str
        What else they could see, for instance ``published`` values; empty where nothing, or not recorded.
    coded : str or None
        When, in EDTF.
    codebook : str or None
        Version of the codebook by which they coded.
    instrument : str or None
        What is known of a machine: model and version; or of a human coder's training.

    Examples
    --------
    >>> print(Coder("ann", "human", ("sources",)))
    ann (human, from sources)
    >>> print(Coder("ben"))
    ben (not recorded who or what)
    """

    name: str
    kind: str | None = None
    material: tuple[str, ...] = ()
    saw: tuple[str, ...] = ()
    coded: str | None = None
    codebook: str | None = None
    instrument: str | None = None

    @classmethod
    def parse(cls, name: str, content: Mapping[str, Any]) -> Coder:
        """Read what is recorded under a coder's name.

        Raises
        ------
        ValueError
            If a key or the kind is unknown, the material is no list of words, or the date is none.

        Examples
        --------
        >>> Coder.parse("ann", {"kind": "human", "material": ["sources"]})
        Coder(name='ann', kind='human', material=('sources',), saw=(), coded=None, codebook=None, instrument=None)
        >>> Coder.parse("ann", {"kind": "robot"})
        Traceback (most recent call last):
        ValueError: ann: unknown kind 'robot'; valid: human, machine
        """
        for key in content:
            if key not in KEYS:
                raise ValueError(f"{name}: unknown key {str(key)!r}{suggestion(str(key), KEYS)}")
        kind = content.get("kind")
        if kind is not None and kind not in KINDS:
            raise ValueError(f"{name}: unknown kind {str(kind)!r}{suggestion(str(kind), KINDS)}")
        lists = {}
        for key in LISTS:
            lists[key] = found = content.get(key, [])
            if not isinstance(found, Sequence) or isinstance(found, str) or not all(map(_is_word, found)):
                raise ValueError(f"{name}: the {key} is not a list such as [sources, dossiers]")
        texts = {key: content.get(key) for key in TEXTS}
        for key, text in texts.items():
            if text is not None and not _is_word(text):
                raise ValueError(f"{name}: {key} is not a piece of text")
        if texts["coded"] is not None:
            Date.parse(str(texts["coded"]))
        given: dict[str, Any] = {key: tuple(map(str, found)) for key, found in lists.items()}
        given |= {key: None if text is None else str(text) for key, text in texts.items()}
        return cls(str(name), None if kind is None else str(kind), **given)

    def to_dict(self) -> dict[str, Any]:
        """What is recorded, as `parse` reads it."""
        given = {"kind": self.kind, **{key: list(getattr(self, key)) for key in LISTS}}
        given |= {key: getattr(self, key) for key in TEXTS}
        return {key: value for key, value in given.items() if value}

    def __str__(self) -> str:
        known = [*filter(None, [self.kind]), *([f"from {' and '.join(self.material)}"] if self.material else [])]
        return f"{self.name} ({', '.join(known) or 'not recorded who or what'})"


def _is_word(part: object) -> bool:
    return isinstance(part, str) and bool(part.strip())
