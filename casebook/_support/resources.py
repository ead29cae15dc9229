"""Where the packaged files are: beside the code in a wheel, at the top level of a checkout."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

_CHECKOUT = {"tables": "data/tables", "schemas": "schemas", "notebooks": "notebooks"}


def packaged(name: str) -> Traversable:
    """A packaged folder: ``tables``, ``schemas`` or ``notebooks``.

    Works from a wheel, an editable checkout, and a zip of the wheel's content.
    """
    inside = files("casebook") / "_data" / name
    return inside if inside.is_dir() else Path(__file__).parents[2] / _CHECKOUT[name]


def schema_folder(folder: Path) -> Path:
    """Folder of the schemas that apply to a casebook folder: its own, or the packaged ones."""
    own = folder / "schemas"
    return own if own.exists() else Path(str(packaged("schemas")))
