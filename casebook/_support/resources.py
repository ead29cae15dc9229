"""Where the packaged files are: beside the code in a wheel, at the top level of a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_CHECKOUT = {"tables": "data/tables", "schemas": "schemas", "notebooks": "notebooks"}


def packaged(name: str) -> Traversable:
    """A packaged folder: ``tables``, ``schemas`` or ``notebooks``.

    Works from a wheel, an editable checkout, and a zip of the wheel's content.
    """
    package = Path(__file__).parents[1]
    for place in (package / "_data" / name, package.parent / _CHECKOUT[name]):
        if place.is_dir():
            return place
    from importlib.resources import files

    return files("casebook") / "_data" / name


def schema_folder(folder: Path) -> Path:
    """Folder of the schemas that apply to a casebook folder: its own, or the packaged ones."""
    own = folder / "schemas"
    return own if own.exists() else Path(str(packaged("schemas")))
