"""Reading the descriptor of a built casebook, and seeing that it declares what the tables need."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from casebook._support.content import DESCRIPTOR, SUMS, content_of
from casebook._support.files import sha256
from casebook._support.resources import packaged
from casebook.errors import CasebookError
from casebook.model.descriptor import parse_table
from casebook.model.metadata import Metadata
from casebook.model.schema import Schema

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_DIGEST = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Described:
    """What a descriptor says of a casebook.

    Attributes
    ----------
    resources : mapping
        The description of each table's file: ``path``, ``hash``, and under ``casebook`` ``rows`` and ``digest``.
    checksum : str
        SHA-256 of the descriptor itself.
    """

    metadata: Metadata
    schema: Schema
    digest: str
    resources: Mapping[str, Any]
    checksum: str


def read_descriptor(folder: Traversable) -> Described:
    """Read ``datapackage.json``.

    Raises
    ------
    CasebookError
        If there is none, or it is damaged: not JSON, a key missing, a file named outside of the folder, or a table
        that refers to what is not declared.
    """
    path = folder / DESCRIPTOR
    try:
        content = content_of(path)
        text = content.decode("utf-8")
    except FileNotFoundError as error:
        raise CasebookError(f"{folder} holds no built casebook (no {DESCRIPTOR}); run 'casebook build'") from error
    except (OSError, ValueError) as error:
        raise CasebookError(f"{path} cannot be read ({error}); build it, or download or install it again") from error
    try:
        return _described(json.loads(text), sha256(content), folder)
    except RecursionError:
        problem = "it is nested too deeply"
    except KeyError as error:
        problem = f"{error} is missing or not declared"
    except (ValueError, TypeError, AttributeError, LookupError, StopIteration) as error:
        problem = str(error) or repr(error)
    raise CasebookError(f"{path} is damaged ({problem}); build it, or download or install it again")


def _as_built(folder: Traversable, checksum: str) -> bool:
    """Whether this is the descriptor of the package, and the one that was checked when the package was built."""
    if folder != packaged("tables"):
        return False
    try:
        sums = content_of(folder / SUMS).decode("utf-8")
    except (OSError, ValueError):
        return False
    return f"{checksum}  {DESCRIPTOR}\n" in sums


def _described(package: dict[str, Any], checksum: str, folder: Traversable) -> Described:
    metadata = Metadata.from_descriptor(package)
    declared = [resource["schema"] for resource in package["resources"]]
    schema = _schema(declared) if _as_built(folder, checksum) else _checked(json.dumps(declared))
    resources = dict(zip(schema.tables, package["resources"], strict=True))
    for name, resource in resources.items():
        _check_resource(name, resource)
    return Described(metadata, schema, _match(_DIGEST, package["casebook"]["digest"]), resources, checksum)


def _schema(declared: list[dict[str, Any]]) -> Schema:
    """The tables that a descriptor declares."""
    tables = [parse_table(descriptor) for descriptor in declared]
    schema = Schema({table.name: table for table in tables})
    if len(schema.tables) != len(tables):
        raise ValueError("a table stands twice")
    return schema


@lru_cache(maxsize=8)
def _checked(text: str) -> Schema:
    """The same, seen to be a schema; releases that declare the same share it."""
    from casebook.releases.declared import check_schema

    schema = _schema(json.loads(text))
    check_schema(schema)
    return schema


def _check_resource(name: str, resource: Mapping[str, Any]) -> None:
    if resource["name"] != name:
        raise ValueError(f"the resource {resource['name']!r} describes the table {name!r}")
    _match(_FILE, resource["path"])
    _match(_DIGEST, resource["hash"].removeprefix("sha256:"))
    _match(_DIGEST, resource["casebook"]["digest"])
    if type(resource["casebook"]["rows"]) is not int:
        raise TypeError(f"{resource['casebook']['rows']!r} is not a number of rows")


def _match(form: re.Pattern[str], text: str) -> str:
    if not form.fullmatch(text):
        raise ValueError(f"{text!r} does not have the form {form.pattern}")
    return text
