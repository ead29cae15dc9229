"""YAML read as text, every piece with its file and line.

Nothing is guessed from the look of a value (``no`` stays text, ``1993-01`` stays text); the schema gives the type.
Aliases, tags and duplicate keys are refused, because coding files are read by people.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from casebook.errors import Mark, Problems

MAX_DEPTH = 12


class Text(str):
    """A scalar with its place."""

    mark: Mark

    def __new__(cls, value: str, mark: Mark) -> Text:
        text = super().__new__(cls, value)
        text.mark = mark
        return text


class Items(list[Any]):
    """A sequence with its place."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark


class Entries(dict[Any, Any]):
    """A mapping with its place; its keys are `Text`."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark


Node = Text | Items | Entries


def mark_of(node: object, default: Mark) -> Mark:
    """The place of a node, or `default` for a plain value."""
    return getattr(node, "mark", default)


def read_text(path: Path, problems: Problems, name: str | None = None) -> str | None:
    """Read a UTF-8 file; a byte that is not UTF-8 is a problem with its line."""
    name = name or str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.add(Mark(name, 1), "file", f"cannot be read: {error.strerror or error}")
        return None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.add(Mark(name, line), "file", "not UTF-8 text; save the file in the encoding UTF-8")
        return None


def read_yaml(path: Path, problems: Problems, name: str | None = None) -> Node | None:
    """Read one YAML file into marked text.

    Parameters
    ----------
    path : Path
        The file.
    problems : Problems
        Receives what is wrong with the file.
    name : str, optional
        How to name the file in messages.

    Returns
    -------
    Text, Items, Entries or None
        The content, or None where the file cannot be read.
    """
    name = name or str(path)
    text = read_text(path, problems, name)
    if text is None:
        return None
    try:
        return _Tree(name, yaml.parse(text, Loader=yaml.CSafeLoader)).document()
    except _RefusedError as refused:
        problems.add(refused.mark, "YAML", refused.message)
    except yaml.YAMLError as error:
        problems.add(_mark_of_error(error, name, text), "YAML", _explain(error))
    return None


class _RefusedError(Exception):
    def __init__(self, mark: Mark, message: str) -> None:
        super().__init__(message)
        self.mark, self.message = mark, message


class _Tree:
    """Turns parser events into marked text."""

    def __init__(self, name: str, events: Iterator[Any]) -> None:
        self.name, self.events = name, events

    def document(self) -> Node:
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            raise _RefusedError(Mark(self.name, 1), "the file is empty; delete it or write at least one entry")
        root = self.node(next(self.events), 0)
        next(self.events)
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise _RefusedError(self.mark(event), "a second document starts here; keep one per file")
        if isinstance(root, Text) and not root:
            raise _RefusedError(root.mark, "the file is empty; delete it or write at least one entry")
        return root

    def mark(self, event: Any) -> Mark:
        return Mark(self.name, event.start_mark.line + 1)

    def node(self, event: Any, depth: int) -> Node:
        mark = self.mark(event)
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError(mark, f"alias '*{event.anchor}'; write the value out")
        if event.anchor is not None:
            raise _RefusedError(mark, f"anchor '&{event.anchor}'; quote the text if it begins with '&'")
        if event.tag is not None and event.tag != "!":
            raise _RefusedError(mark, f"tag {event.tag!r}; quote the text if it begins with '!'")
        if depth > MAX_DEPTH:
            raise _RefusedError(mark, f"nested more than {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.ScalarEvent):
            return Text(event.value.strip(), mark)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.items(Items(mark), depth)
        return self.entries(Entries(mark), depth)

    def items(self, items: Items, depth: int) -> Items:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        return items

    def entries(self, entries: Entries, depth: int) -> Entries:
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            if not isinstance(key, Text):
                raise _RefusedError(key.mark, "a key must be plain text")
            if key in entries:
                raise _RefusedError(key.mark, f"key {str(key)!r} stands twice in one entry; keep one")
            entries[key] = self.node(next(self.events), depth + 1)
        return entries


def _mark_of_error(error: yaml.YAMLError, name: str, text: str) -> Mark:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return Mark(name, min(mark.line + 1, text.count("\n") + 1))
    position = getattr(error, "position", 0) or 0
    return Mark(name, text[:position].count("\n") + 1)


def _explain(error: yaml.YAMLError) -> str:
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if "\\t" in problem or "tab" in problem or "cannot start any token" in problem:
        return f"{problem}; indent with spaces, never tabs, and quote text that begins with a special character"
    if "mapping values are not allowed" in problem:
        return f"{problem}; quote text that contains ': '"
    return f"{problem}; check the indentation and the quotes near this line"
