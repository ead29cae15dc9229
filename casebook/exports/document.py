"""The codebook as a document: Markdown, and the same rendered to a web page that needs nothing else.

Every table with its keys and rules, every variable with its definition, the coder's rule and all categories;
generated columns are named with the variable they come from. The web page is made from the Markdown by
markdown-it-py, with raw HTML switched off; all text of the schemas is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from casebook._support.optional import needed
from casebook.model.schema import Field, Table

if TYPE_CHECKING:
    from casebook.book import Casebook

_SPECIAL = re.compile(
    r"[\\`*\[\]<>|~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|^[#+=-]|(?<=^\d)[.)](?= )|(?<=^\d{4})[.)](?= )"
)
STYLE = """
body { max-width: 60em; margin: 2em auto; padding: 0 1em; font: 1rem/1.5 system-ui, sans-serif }
body { color: #1a1a1a; background: #fff }
table { border-collapse: collapse; margin: .5em 0 1em }
th, td { text-align: left; vertical-align: top; padding: .25em .75em .25em 0; border-bottom: 1px solid #ccc }
h2 { margin-top: 2.5em; border-bottom: 2px solid #1a1a1a } h3 { margin-bottom: 0 }
code { background: #f2f2f2; padding: 0 .2em } a { color: #0b57a4 }
"""


def write_markdown(book: Casebook, path: Path) -> None:
    """Write the codebook in Markdown (GitHub's dialect)."""
    path.write_text(codebook_markdown(book), encoding="utf-8")


def write_html(book: Casebook, path: Path) -> None:
    """Write the codebook as one web page."""
    markdown_it = needed("markdown_it", "the format html", "export")
    parser = markdown_it.MarkdownIt("commonmark", {"html": False}).enable("table")
    body = parser.render(codebook_markdown(book))
    body = re.sub(r"<h2>(.*?) <code>(\w+)</code></h2>", r'<h2 id="\2">\1 <code>\2</code></h2>', body)
    title = escape(f"{book.metadata.title}: codebook")
    head = (
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>"
    )
    page = f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}</body>\n</html>\n'
    path.write_text(page, encoding="utf-8")


def codebook_markdown(book: Casebook) -> str:
    """The codebook as Markdown text.

    Examples
    --------
    >>> from casebook.book import packaged_release
    >>> print(codebook_markdown(packaged_release()).splitlines()[0])
    # Casebook...: codebook
    """
    about = book.metadata
    tables = ((f"[{table.name}](#{table.name})", plain(table.title), len(table.fields)) for table in book.schema)
    lines = [
        f"# {plain(about.title)}: codebook",
        "",
        f"Version {plain(about.version)}. {plain(about.description)}",
        "",
        f"Cite as: {plain(str(book.cite()))}",
        "",
        *_table(("Table", "Title", "Variables"), tables),
    ]
    for table in book.schema:
        lines += _section(table)
    return "\n".join(lines) + "\n"


def _section(table: Table) -> Iterator[str]:
    yield from ("", f"## {plain(table.title)} `{table.name}`", "", plain(table.description))
    yield from ("", f"Key: `{table.primary_key}`.")
    for key in table.foreign_keys:
        yield from ("", f"`{key.field}` refers to `{key.table}.{key.reference}`.")
    for rule in table.rules:
        yield from ("", f"Rule `{rule.name}`: {plain(rule.message)}.")
    for item in table.fields:
        yield from _variable(table, item)


def _variable(table: Table, item: Field) -> Iterator[str]:
    facts = ["date (EDTF)" if item.edtf else item.type, item.level]
    facts += ["required"] * item.required + ["needs evidence"] * item.coded + ["derived"] * (item.derived is not None)
    yield from ("", f"### {plain(item.title)} `{item.name}`", "", f"{plain(item.description)} ({', '.join(facts)})")
    if generated := [column.name for column in item.expanded()[1:]]:
        yield from ("", f"Also as {', '.join(f'`{name}`' for name in generated)}.")
    if rule := item.rule:
        yield from ("", f"Coder's rule: {plain(str(rule))}")
    if item.categories:
        yield ""
        rows = ((f"`{c.value}`", plain(c.label), plain(c.description)) for c in item.categories)
        yield from _table(("Value", "Label", "Definition"), rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def plain(text: str) -> str:
    """Text as Markdown that shows just this text, on one line.

    Examples
    --------
    >>> print(plain("a *b* | c"))
    a \\*b\\* \\| c
    """
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
