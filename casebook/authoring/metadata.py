"""Reading ``casebook.yaml``: who made a casebook, which version it is, and under which terms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from casebook.authoring.marked import Entries, Items, Text, mark_of, read_yaml
from casebook.errors import Mark, Problems, suggestion
from casebook.model.coders import Coder
from casebook.model.dates import parse_day
from casebook.model.links import not_a_doi, not_an_address
from casebook.model.metadata import Contributor, Metadata, parse_version

REQUIRED = ("name", "title", "description", "version", "reference_date")
OPTIONAL = ("released", "license", "license_url", "homepage", "doi", "contributors", "keywords", "coders")


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
    if key == "coders":
        if not isinstance(node, Entries) or not all(isinstance(content, Entries) for content in node.values()):
            raise ValueError("expected coders by name, for example ann: {kind: human, material: [sources]}")
        return tuple(Coder.parse(name, content) for name, content in node.items())
    if key in ("contributors", "keywords"):
        if not isinstance(node, Items) or not all(isinstance(part, Text) for part in node):
            raise ValueError("expected a list, for example [one, two]")
        names = tuple(str(part) for part in node)
        if twice := next((name for place, name in enumerate(names) if name in names[:place]), None):
            raise ValueError(f"{twice!r} stands twice; name each once")
        return tuple(Contributor.parse(name).name for name in names) if key == "contributors" else names
    if not isinstance(node, Text):
        raise ValueError("expected one piece of text")
    if key in ("reference_date", "released"):
        try:
            return parse_day(node)
        except ValueError:
            raise ValueError(f"{str(node)!r} is not a day such as 2026-01-31") from None
    if key == "version":
        return str(parse_version(node))
    if key == "name" and not re.fullmatch(r"[a-z0-9]+([._-][a-z0-9]+)*", node):
        raise ValueError(f"{str(node)!r} cannot be a name; use lower case, digits and hyphens")
    if message := _NOT[key](node) if key in _NOT else None:
        raise ValueError(message)
    return str(node)


def _not_a_license(text: str) -> str | None:
    try:
        written = str(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return f"{str(text)!r} is not a license of the SPDX list; write for instance CC-BY-4.0 or CC0-1.0"
    return None if written == text else f"{str(text)!r} is no license as SPDX writes it; write {written}"


_NOT = {
    "license": _not_a_license,
    "license_url": not_an_address,
    "homepage": not_an_address,
    "doi": not_a_doi,
}
