"""``CHANGELOG.md``: what changed between releases, in Markdown, and which releases it records."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from packaging.version import Version

from casebook.model.dates import parse_day
from casebook.model.metadata import parse_version
from casebook.model.tables import Tables
from casebook.releases.changes import CellChange, Changes, CodebookChange

MOST = 60
"""Changes of one kind that a changelog lists one by one; more are counted."""
SEE = "`casebook diff` lists them with their evidence"
BEGIN, END = "<!-- data changes: generated -->", "<!-- end of data changes -->"
_SECTION = re.compile(r"^(?=## )", re.MULTILINE)
_HEADING = re.compile(r"## \[?(?P<version>[^\s,\]]+)\]?[\s,(]*(?P<day>\d{4}-\d{2}-\d{2})?")
_COMPARED = re.compile(r"^- (?:Compared with|No change since) (\S+?)\.(?: |$)", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A release that a changelog records.

    Attributes
    ----------
    version : Version
        Its version.
    day : date or None
        Its day, where the heading gives one.
    generated : bool
        Whether the lines about its data were written by `changelog`.
    compared_with : Version or None
        The release before, as those lines say.
    """

    version: Version
    day: dt.date | None
    generated: bool
    compared_with: Version | None


def as_markdown(changes: Changes) -> str:
    """The changes that readers of a changelog need, as a Markdown list.

    Rows of new cases and shared rows (actors, sources) are counted, not listed; derived values are left out, for they
    follow from the others.

    Parameters
    ----------
    changes : Changes
        What `casebook.releases.changes.changes_between` found.
    """
    old, new = changes.old, changes.new
    lines = [f"- Compared with {old['version']}. Content digest `sha256:{new['digest']}`."]
    for verb, rows in (("added", changes.added), ("removed", changes.removed)):
        if cases := rows.get("cases"):
            lines.append(f"- Cases {verb}: {', '.join(f'`{case}`' for case in cases)}.")
        if counts := ", ".join(f"{table} {len(ids)}" for table, ids in rows.items()):
            lines.append(f"- Rows {verb}: {counts}.")
        elsewhere = [
            f"  - `{table}` `{row}`"
            for table, ids in rows.items()
            for row in ids
            if "/" in row and row.partition("/")[0] not in rows.get("cases", [])
        ]
        if len(elsewhere) > MOST:
            lines.append(f"- Of these in other cases: {len(elsewhere)}; {SEE}.")
        else:
            lines += ["- Of these in other cases:", *elsewhere] if elsewhere and rows.get("cases") else elsewhere
    lines += _definitions(changes.codebook)
    lines += _corrections([cell for cell in changes.cells if not cell.derived])
    return "\n".join(lines) if changes else f"- No change since {old['version']}."


def _definitions(codebook: list[CodebookChange]) -> Iterator[str]:
    if len(codebook) <= MOST:
        yield from (f"- Codebook: {item.line(code='`')}." for item in codebook)
        return
    said: dict[str, list[str]] = {}
    for item in codebook:
        verb = "added" if item.added else "removed" if item.removed else "changed"
        what, _, value = item.what.partition(" ")
        name = f"`{item.table}{f'.{item.variable}' if item.variable else ''}{f'={value}' if value else ''}`"
        said.setdefault(f"{what} {verb}", []).append(name)
    for what, names in said.items():
        yield f"- Codebook, {what}: {', '.join(dict.fromkeys(names))}."


def _corrections(cells: list[CellChange]) -> Iterator[str]:
    changed = [cell for cell in cells if cell.old != cell.new]
    if len(changed) > MOST:
        often = Counter(f"`{cell.table}.{cell.variable}`" for cell in changed).most_common()
        listed = ", ".join(f"{name} {count}" for name, count in often)
        yield f"- Values changed in rows that both releases have, {len(changed)} in all ({SEE}): {listed}."
        changed = []
    if changed:
        yield "- Corrections:"
    for cell in changed:
        sources = "".join(
            f"; {word} {', '.join(sorted({_source(entry) for entry in entries}))}"
            for word, entries in (("evidence added:", cell.gained), ("evidence withdrawn:", cell.lost))
            if entries
        )
        yield f"  - `{cell.table}` `{cell.row}` {cell.variable}: {_short(cell.old)} → {_short(cell.new)}{sources}"
    rest: dict[str, int] = {}
    for cell in cells:
        if cell.old == cell.new:
            rest[cell.table] = rest.get(cell.table, 0) + 1
    if rest:
        counts = ", ".join(f"{table} {count}" for table, count in rest.items())
        yield f"- Values unchanged whose evidence was added to or reworded: {counts}."


def _source(entry: str) -> str:
    """The key of the source in a piece of evidence such as ``roe2002rival[p. 3] (high, stated)``."""
    return entry.partition(" ")[0].partition("[")[0]


def _short(text: str, limit: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def sections(text: str) -> list[Section]:
    """The releases that a changelog records, in its order.

    Examples
    --------
    >>> [str(section.version) for section in sections("# Changes\\n\\n## Unreleased\\n\\n## 1.0.0, 2030-01-02\\n")]
    ['1.0.0']
    """
    found = []
    for part in _SECTION.split(text):
        version = _version(part)
        if version:
            heading, compared = _HEADING.match(part), _COMPARED.search(part) if BEGIN in part else None
            day, before = None, None
            with suppress(ValueError):
                day = parse_day(heading["day"] or "") if heading else None
            with suppress(ValueError):
                before = parse_version(compared[1]) if compared else None
            found.append(Section(version, day, BEGIN in part, before))
    return found


def _version(part: str) -> Version | None:
    heading = _HEADING.match(part)
    with suppress(ValueError):
        return parse_version(heading["version"]) if heading else None
    return None


def first_release(tables: Tables) -> str:
    """The data section of a changelog that has no release to compare with."""
    counts = ", ".join(f"{table.name} {len(tables.frames[table.name])}" for table in tables.schema)
    return f"- First release. Content digest `sha256:{tables.digest}`.\n- Rows: {counts}."


def changelog(text: str, version: str, day: dt.date, data: str) -> str:
    """Put the data section of a release into a changelog.

    A section ``## Unreleased`` becomes that of the release; what people wrote there stays. The generated lines stand
    between two markers and are replaced when the release is made again.

    Examples
    --------
    >>> print(changelog("# Changes\\n\\n## Unreleased\\n\\n- A plot.\\n", "1.0.0", dt.date(2030, 1, 2), "- One case."))
    # Changes
    <BLANKLINE>
    ## 1.0.0, 2030-01-02
    <BLANKLINE>
    <!-- data changes: generated -->
    ### Data
    - One case.
    <!-- end of data changes -->
    <BLANKLINE>
    - A plot.
    <BLANKLINE>
    """
    heading = f"## {version}, {day.isoformat()}"
    block = f"{BEGIN}\n### Data\n{data}\n{END}"
    parts = _SECTION.split(text)
    place = next((n for n, part in enumerate(parts) if _version(part) == parse_version(version)), None)
    if place is None:
        place = next((n for n, part in enumerate(parts) if part.lower().startswith("## unreleased")), None)
    if place is None:
        place = 0 if parts[0].startswith("## ") else 1
        parts[:place] = [part.rstrip() + "\n\n" for part in parts[:place]]
        parts.insert(place, "## new\n\n")
    body = parts[place].partition("\n")[2]
    body = re.sub(rf"{re.escape(BEGIN)}.*?{re.escape(END)}\n*", "", body, flags=re.DOTALL).strip()
    parts[place] = "\n\n".join(filter(None, [heading, block, body])) + "\n\n"
    return "".join(parts).strip() + "\n"
