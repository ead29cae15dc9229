"""Who made a casebook, which version it is, and under which terms: the file ``casebook.yaml``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook.errors import Mark, Problems, suggestion
from casebook.marked import Entries, Items, Text, mark_of, read_yaml

REQUIRED = ("name", "title", "description", "version", "reference_date")
OPTIONAL = ("released", "license", "license_url", "homepage", "doi", "contributors", "keywords")


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
            },
        }
        return {key: value for key, value in descriptor.items() if value}


def read_metadata(path: Path, problems: Problems) -> Metadata | None:
    """Read and check ``casebook.yaml``.

    Returns
    -------
    Metadata or None
        None where something is wrong; `problems` then says what.
    """
    if not path.exists():
        problems.add(Mark(str(path), 1), "casebook", "there is no casebook.yaml; make one with 'casebook new CASE'")
        return None
    tree = read_yaml(path, problems)
    if tree is None:
        return None
    if not isinstance(tree, Entries):
        problems.add(tree.mark, "casebook", "expected a mapping with name, title, version …")
        return None
    before = len(problems.found)
    known = (*REQUIRED, *OPTIONAL)
    for key in tree:
        if key not in known:
            problems.add(key.mark, f"casebook.{key}", f"unknown key {str(key)!r}{suggestion(key, known)}")
    for key in REQUIRED:
        if not tree.get(key):
            problems.add(tree.mark, f"casebook.{key}", f"{key} is not given")
    values: dict[str, Any] = {}
    for key in known:
        if key not in tree:
            continue
        node = tree[key]
        try:
            values[key] = _value(key, node)
        except ValueError as error:
            problems.add(mark_of(node, tree.mark), f"casebook.{key}", str(error))
    return Metadata(**values) if len(problems.found) == before else None


def _value(key: str, node: Any) -> Any:
    if key in ("contributors", "keywords"):
        if not isinstance(node, Items) or not all(isinstance(part, Text) for part in node):
            raise ValueError("expected a list, for example [one, two]")
        return tuple(str(part) for part in node)
    if not isinstance(node, Text):
        raise ValueError("expected one piece of text")
    if key in ("reference_date", "released"):
        try:
            return dt.date.fromisoformat(node)
        except ValueError:
            raise ValueError(f"{str(node)!r} is not a day such as 2026-01-31") from None
    if key == "version" and not re.fullmatch(r"\d+\.\d+\.\d+([ab]|rc|\.dev)?\d*", node):
        raise ValueError(f"{str(node)!r} is not a version such as 1.0.0")
    if key == "name" and not re.fullmatch(r"[a-z0-9]+([._-][a-z0-9]+)*", node):
        raise ValueError(f"{str(node)!r} cannot be a name; use lower case, digits and hyphens")
    return str(node)
