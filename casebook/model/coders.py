"""Who coded: what a casebook records about its coders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casebook.errors import suggestion

KINDS = ("human", "machine")


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

    @classmethod
    def parse(cls, name: str, content: Mapping[str, Any]) -> Coder:
        """Read what is recorded under a coder's name.

        Raises
        ------
        ValueError
            If a key or the kind is unknown, or the material is no list of words.

        Examples
        --------
        >>> Coder.parse("ann", {"kind": "human", "material": ["sources"]})
        Coder(name='ann', kind='human', material=('sources',))
        >>> Coder.parse("ann", {"kind": "robot"})
        Traceback (most recent call last):
        ValueError: ann: unknown kind 'robot'; valid: human, machine
        """
        for key in content:
            if key not in ("kind", "material"):
                raise ValueError(f"{name}: unknown key {str(key)!r}{suggestion(str(key), ('kind', 'material'))}")
        kind, material = content.get("kind"), content.get("material", [])
        if kind is not None and kind not in KINDS:
            raise ValueError(f"{name}: unknown kind {str(kind)!r}{suggestion(str(kind), KINDS)}")
        if not isinstance(material, Sequence) or isinstance(material, str) or not all(map(_is_word, material)):
            raise ValueError(f"{name}: the material is not a list such as [sources, dossiers]")
        return cls(str(name), None if kind is None else str(kind), tuple(map(str, material)))

    def __str__(self) -> str:
        known = [*filter(None, [self.kind]), *([f"from {' and '.join(self.material)}"] if self.material else [])]
        return f"{self.name} ({', '.join(known) or 'not recorded who or what'})"


def _is_word(part: object) -> bool:
    return isinstance(part, str) and bool(part.strip())
