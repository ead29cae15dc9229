"""Long lists in notebooks: folded, with a heading that says how much is inside."""

from __future__ import annotations

from html import escape

MANY = 12
"""With more entries than this a list is folded, or cut at a prompt."""


def folded(heading: str, content: str, count: int, *, said: str = "", opened: bool | None = None) -> str:
    """HTML under a heading, folded where it is long.

    Parameters
    ----------
    heading : str
        What is inside, as plain text.
    content : str
        HTML.
    count : int
        How many entries the content has.
    said : str, optional
        What the content comes to, as plain text behind the heading.
    opened : bool, optional
        Whether a reader sees the content unasked; if not given, only where it has no more than `MANY` entries.

    Returns
    -------
    str
        A ``<details>``, which notebooks keep also where they are not trusted.

    Examples
    --------
    >>> folded("Sources", "<p>…</p>", 40)
    '<details><summary><b>Sources</b> (40)</summary><p>…</p></details>'
    """
    opened = count <= MANY if opened is None else opened
    fold = "<details open>" if opened else "<details>"
    title = f"<b>{escape(heading)}</b>{escape(f': {said}') if said else ''}"
    return f"{fold}<summary>{title} ({count})</summary>{content}</details>"
