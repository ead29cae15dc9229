"""How a text names its sources: author, year, and a letter where two works would have the same name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

_WITHOUT_EDITOR = {"article-journal", "article-newspaper", "chapter", "paper-conference"}
_UNDATED = "n.d."


@dataclass(frozen=True)
class Label:
    """The name of a work in running text, ``Doe and Roe 1999a`` or ``Doe n.d.-a``."""

    who: str
    year: str
    letter: str = ""

    def __str__(self) -> str:
        return f"{self.who} {self.year}{self.letter}"


def labels(items: Iterable[Mapping[str, Any]]) -> dict[str, Label]:
    """Names for works that tell all of them apart.

    Where first authors share a family name, their initials stand before it. Works of the same name and year get
    letters in order of date, then title.

    Parameters
    ----------
    items : iterable of dict
        CSL-JSON items.

    Returns
    -------
    dict of Label
        By key, in the order given.

    Examples
    --------
    >>> doe = {"author": [{"family": "Doe", "given": "Jane"}], "issued": {"date-parts": [[1999]]}}
    >>> works = [{"id": "b", "title": "Two", "type": "book", **doe}, {"id": "a", "title": "One", "type": "book", **doe}]
    >>> {key: str(label) for key, label in labels(works).items()}
    {'b': 'Doe 1999b', 'a': 'Doe 1999a'}
    """
    works = {item["id"]: item for item in items}
    by_family = defaultdict(set)
    for item in works.values():
        for person in _people(item)[:1]:
            by_family[_family(person)].add(initials(person))
    shared = {family for family, found in by_family.items() if len(found) > 1}
    found = {key: Label(_who(item, shared), year_of(item)) for key, item in works.items()}
    alike = defaultdict(list)
    for key, label in found.items():
        alike[label].append(key)
    for label, keys in alike.items():
        if len(keys) > 1:
            for number, key in enumerate(sorted(keys, key=lambda key: _order(works[key]))):
                hyphen = "" if "date-parts" in works[key].get("issued", {}) else "-"
                found[key] = replace(label, letter=hyphen + _letters(number))
    return found


def year_of(item: Mapping[str, Any]) -> str:
    """The year of a work as citations show it, ``1999``, ``1998–1999``, ``ca. 1973``, ``1950s`` or ``n.d.``

    Examples
    --------
    >>> year_of({"issued": {"date-parts": [[2004, 5], [2005]], "circa": True}})
    'ca. 2004–2005'
    """
    issued = item.get("issued", {})
    years = dict.fromkeys(str(parts[0]) for parts in issued.get("date-parts", []))
    text = issued.get("literal") or "–".join(years)
    return f"{'ca. ' if issued.get('circa') else ''}{text}" if text else _UNDATED


def _people(item: Mapping[str, Any]) -> list[dict[str, str]]:
    """Those under whose name a bibliography lists the work."""
    editors = [] if item["type"] in _WITHOUT_EDITOR else item.get("editor", [])
    return item.get("author") or editors


def _who(item: Mapping[str, Any], shared: set[str]) -> str:
    people = _people(item)
    if not people:
        words = item["title"].split()
        return f"“{' '.join(words[:3])}{' …' if len(words) > 3 else ''}”"
    first = _family(people[0])
    if first in shared and initials(people[0]):
        first = f"{initials(people[0])} {first}"
    if len(people) > 2 or people[1:] == [{"literal": "others"}]:
        return f"{first} et al."
    return " and ".join([first, *map(_family, people[1:])])


def _family(person: Mapping[str, str]) -> str:
    return person.get("literal") or person["family"]


def initials(person: Mapping[str, str]) -> str:
    """Initials of the given names.

    Examples
    --------
    >>> initials({"family": "Poe", "given": "Jean-Paul E."})
    'J.-P. E.'
    """
    names = person.get("given", "").split()
    return " ".join("-".join(f"{part[0].upper()}." for part in re.split("[-‐]", name) if part) for name in names)


def _order(item: Mapping[str, Any]) -> tuple[Any, ...]:
    return item.get("issued", {}).get("date-parts", []), item["title"].casefold(), item["id"]


def _letters(number: int) -> str:
    """a to z, then aa, ab …"""
    more, last = divmod(number, 26)
    return (_letters(more - 1) if more else "") + "abcdefghijklmnopqrstuvwxyz"[last]
