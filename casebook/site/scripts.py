"""Data for the scripts of a site: a page opened from a folder may run a script there, but not read a file."""

from __future__ import annotations

import json
from typing import Any


def script(name: str, data: Any) -> bytes:
    """A script that gives data to other scripts under a name.

    Examples
    --------
    >>> script("casebookIndex", ["é", 1])
    b'window.casebookIndex=["\\xc3\\xa9",1];\\n'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):x}")
    return f"window.{name}={text};\n".encode()


def singular(title: str) -> str:
    """What one row of a table is called.

    Examples
    --------
    >>> singular("Parties"), singular("Third parties"), singular("Crosswalk")
    ('Party', 'Third party', 'Crosswalk')
    """
    return f"{title[:-3]}y" if title.endswith("ies") else title.removesuffix("s")
