"""Changes between releases in Markdown, for ``CHANGELOG.md``."""

from __future__ import annotations

from collections.abc import Iterator

from casebook.releases.changes import CellChange, Changes


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
        lines += ["- Of these in other cases:", *elsewhere] if elsewhere and rows.get("cases") else elsewhere
    lines += [f"- Codebook: {item.line(code='`')}." for item in changes.codebook]
    lines += _corrections([cell for cell in changes.cells if not cell.derived])
    return "\n".join(lines) if changes else f"- No change since {old['version']}."


def _corrections(cells: list[CellChange]) -> Iterator[str]:
    changed = [cell for cell in cells if cell.old != cell.new]
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
