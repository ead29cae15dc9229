"""Who made a casebook, which version it is, and under which terms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casebook.model.coders import Coder


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

    @classmethod
    def from_descriptor(cls, package: Mapping[str, Any]) -> Metadata:
        """Read back what `to_descriptor` wrote."""
        extra = package["casebook"]
        terms = (package.get("licenses") or [{}])[0]
        released = extra.get("released")
        return cls(
            name=package["name"],
            title=package["title"],
            description=package["description"],
            version=package["version"],
            reference_date=dt.date.fromisoformat(extra["reference_date"]),
            coders=tuple(Coder.parse(name, content) for name, content in extra.get("coders", {}).items()),
            released=dt.date.fromisoformat(released) if released else None,
            license=terms.get("name"),
            license_url=terms.get("path"),
            homepage=package.get("homepage"),
            doi=extra.get("doi"),
            contributors=tuple(person["title"] for person in package.get("contributors", [])),
            keywords=tuple(package.get("keywords", [])),
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
        return {
            coder.name: {"material": list(coder.material), **({"kind": coder.kind} if coder.kind else {})}
            for coder in self.coders
        }
