"""Who made a casebook, which version it is, and under which terms."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casebook.model.coders import Coder
from casebook.model.dates import parse_day

if TYPE_CHECKING:
    from packaging.version import Version

_NUMBER = "(0|[1-9][0-9]*)"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}((a|b|rc|\.dev){_NUMBER})?")


def parse_version(text: str) -> Version:
    """Read the version of a release: three numbers, and ``a1``, ``b1``, ``rc1`` or ``.dev1`` for one that comes before.

    Raises
    ------
    ValueError
        If the text is no version, or not the usual way to write it.

    Examples
    --------
    >>> parse_version("1.10.0") > parse_version("1.9.0") > parse_version("1.9.0rc2")
    True
    >>> parse_version("1.0")
    Traceback (most recent call last):
    ValueError: '1.0' is not a version such as 1.0.0
    """
    from packaging.version import Version

    return Version(version_text(text))


def version_text(text: str) -> str:
    """The version of a release as it is written; see `parse_version`."""
    if not _VERSION.fullmatch(text):
        raise ValueError(f"{str(text)!r} is not a version such as 1.0.0")
    return text


@dataclass(frozen=True)
class Contributor:
    """A person or a body that made a casebook.

    Attributes
    ----------
    name : str
        For bibliographies: ``Doe, Jane``, or the name of the body.
    family, given : str or None
        The parts of a person's name; a body has neither.
    """

    name: str
    family: str | None = None
    given: str | None = None

    @classmethod
    def parse(cls, text: str) -> Contributor:
        """Read a name as ``casebook.yaml`` gives it: one with a comma is a person's, any other that of a body.

        Raises
        ------
        ValueError
            If the comma does not part a family name from a given one.

        Examples
        --------
        >>> Contributor.parse("Doe, Jane").shown, Contributor.parse("Peace Institute Oslo").shown
        ('Jane Doe', 'Peace Institute Oslo')
        >>> Contributor.parse("Doe,")
        Traceback (most recent call last):
        ValueError: 'Doe,' is neither a person such as 'Doe, Jane' nor a body, whose name has no comma
        """
        family, comma, given = (part.strip() for part in text.partition(","))
        if not comma and family:
            return cls(family)
        if not family or not given or "," in given:
            raise ValueError(
                f"{str(text)!r} is neither a person such as 'Doe, Jane' nor a body, whose name has no comma"
            )
        return cls(f"{family}, {given}", family, given)

    @property
    def person(self) -> bool:
        """Whether this is a person."""
        return self.family is not None

    @property
    def shown(self) -> str:
        """The name as it is spoken: ``Jane Doe``."""
        return f"{self.given} {self.family}" if self.person else self.name


@dataclass(frozen=True)
class Metadata:
    """Description of a casebook release."""

    name: str
    title: str
    description: str
    version: str
    reference_date: dt.date
    released: dt.date | None = None
    license: str | None = None
    license_url: str | None = None
    homepage: str | None = None
    doi: str | None = None
    coders: tuple[Coder, ...] = ()
    contributors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    @cached_property
    def authors(self) -> tuple[Contributor, ...]:
        """The contributors, each known as a person or a body."""
        return tuple(map(Contributor.parse, self.contributors))

    @classmethod
    def from_descriptor(cls, package: Mapping[str, Any]) -> Metadata:
        """Read back what `to_descriptor` wrote.

        Raises
        ------
        KeyError, TypeError, ValueError, AttributeError
            If the descriptor is damaged.
        """
        extra = package["casebook"]
        terms = (package.get("licenses") or [{}])[0]
        released = extra.get("released")
        return cls(
            name=_text(package["name"]),
            title=_text(package["title"]),
            description=_text(package["description"]),
            version=version_text(_text(package["version"])),
            reference_date=parse_day(extra["reference_date"]),
            coders=tuple(Coder.parse(name, content) for name, content in extra.get("coders", {}).items()),
            released=parse_day(released) if released else None,
            license=_optional(terms.get("name")),
            license_url=_optional(terms.get("path")),
            homepage=_optional(package.get("homepage")),
            doi=_optional(extra.get("doi")),
            contributors=tuple(
                Contributor.parse(_text(person["title"])).name for person in package.get("contributors", [])
            ),
            keywords=tuple(map(_text, package.get("keywords", []))),
        )

    def to_descriptor(self) -> dict[str, Any]:
        """Package-level properties of a Frictionless descriptor."""
        descriptor: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "version": self.version,
            "homepage": self.homepage,
            "keywords": list(self.keywords),
            "contributors": [{"title": name, "roles": ["author"]} for name in self.contributors],
            "licenses": [{"name": self.license, **({"path": self.license_url} if self.license_url else {})}]
            if self.license
            else [],
            "casebook": {
                "reference_date": self.reference_date.isoformat(),
                **({"released": self.released.isoformat()} if self.released else {}),
                **({"doi": self.doi} if self.doi else {}),
                **({"coders": self._coders} if self.coders else {}),
            },
        }
        return {key: value for key, value in descriptor.items() if value}

    @property
    def _coders(self) -> dict[str, Any]:
        return {coder.name: coder.to_dict() for coder in self.coders}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _optional(value: Any) -> str | None:
    return None if value is None else _text(value)
