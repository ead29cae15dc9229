"""YAML read as text, every piece with its file and line.

Nothing is guessed from the look of a value (``no`` stays text, ``1993-01`` stays text); the schema gives the type.
Aliases, tags and duplicate keys are refused, because coding files are read by people. So is a text that cannot be
published as it stands (`casebook.model.texts.unsafe`), and a comment behind an unquoted value: YAML ends the value at
the first `` #``, so that ``summary: Meeting #3`` would become ``Meeting``. Comments stand on lines of their own, after
``key:`` with entries below it, or after a value in quotes or brackets.
"""

from __future__ import annotations

import difflib
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook._support.optional import needed
from casebook.errors import Mark, Problems, suggestion
from casebook.model.texts import unsafe

if TYPE_CHECKING:
    import yaml
else:
    yaml = needed("yaml", "reading coding files", "authoring")

MAX_DEPTH = 12
MAX_BYTES = 32_000_000
_COMMENT = re.compile(r"[ \t]+#")


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
    """A mapping with its place; its keys are `Text`. What its methods find missing or wrong, they report."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.mark = mark

    def mark_at(self, key: str) -> Mark:
        """The place of a value, or of the mapping where there is none."""
        return mark_of(self.get(key), self.mark)

    def only(self, allowed: Iterable[str], where: str, problems: Problems) -> set[str]:
        """Every key must be one of those allowed; gives the keys not given for which another was perhaps a slip."""
        allowed = list(allowed)
        left, meant = [key for key in allowed if key not in self], set[str]()
        for key in self:
            if key not in allowed:
                problems.add(key.mark, f"{where}.{key}", f"unknown key {str(key)!r}{suggestion(key, allowed)}")
                meant.update(difflib.get_close_matches(key, left, n=1))
        return meant

    def text(self, key: str, where: str, problems: Problems) -> Text | None:
        """The text under a key, which must be there and not be empty."""
        node = self.get(key)
        if isinstance(node, Text) and node:
            return node
        given = isinstance(node, Items | Entries)
        problems.add(self.mark_at(key), where, f"{key} is one piece of text" if given else f"{key} is not given")
        return None

    def choice(self, key: str, allowed: Iterable[str], where: str, problems: Problems) -> Text | None:
        """The text under a key, which must be one of those allowed."""
        node, allowed = self.text(key, where, problems), list(allowed)
        if node is None or node in allowed:
            return node
        problems.add(node.mark, where, f"unknown {key} {str(node)!r}{suggestion(node, allowed)}")
        return None

    def texts(self, key: str, where: str, problems: Problems, example: str = "[one, two]") -> list[Text] | None:
        """The list of texts under a key; nothing where the key is not given."""
        node = self.get(key, Items(self.mark))
        if isinstance(node, Items) and all(isinstance(part, Text) and part for part in node):
            return list(node)
        problems.add(self.mark_at(key), where, f"{key}: expected a list, for example {example}")
        return None

    def entries(self, key: str, where: str, problems: Problems) -> Entries:
        """The mapping under a key; an empty one where the key is not given."""
        node = self.get(key, Entries(self.mark))
        if isinstance(node, Entries):
            return node
        problems.add(self.mark_at(key), where, f"{key}: expected a mapping, for example {{key: value}}")
        return Entries(self.mark)

    def rows(self, key: str, where: str, problems: Problems, first: str = "name") -> list[Entries]:
        """The list of mappings under a key; an empty one where the key is not given."""
        node = self.get(key, Items(self.mark))
        if isinstance(node, Items) and all(isinstance(part, Entries) for part in node):
            return list(node)
        problems.add(self.mark_at(key), where, f"{key}: expected a list, each entry beginning with '- {first}:'")
        return []


Node = Text | Items | Entries


def mark_of(node: object, default: Mark) -> Mark:
    """The place of a node, or `default` for a plain value."""
    return getattr(node, "mark", default)


def read_bytes(path: Path, problems: Problems, name: str | None = None) -> bytes | None:
    """Read a regular file of a size that people write; anything else (a pipe, a device, a folder) is a problem."""
    mark = Mark(name or str(path), 1)
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            kind = "a folder" if stat.S_ISDIR(about.st_mode) else "a pipe or a device"
            problems.add(mark, "file", f"cannot be read: it is {kind}, not a file")
        elif about.st_size > MAX_BYTES:
            problems.add(mark, "file", f"has {about.st_size} bytes; shorten it, for at most {MAX_BYTES} are read")
        else:
            return path.read_bytes()
    except OSError as error:
        problems.add(mark, "file", f"cannot be read: {error.strerror or error}")
    return None


def read_text(path: Path, problems: Problems, name: str | None = None) -> str | None:
    """Read a UTF-8 file; a byte that is not UTF-8 is a problem with its line."""
    name = name or str(path)
    raw = read_bytes(path, problems, name)
    if raw is None:
        return None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.add(Mark(name, line), "file", "not UTF-8 text; save the file in the encoding UTF-8")
        return None


def listed(folder: Path, problems: Problems) -> list[Path]:
    """What lies in a folder, in order of name, hidden files aside; a folder that cannot be read is a problem."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        problems.add(Mark(str(folder), 1), "folder", f"cannot be read: {error.strerror or error}")
        return []


def read_yaml(path: Path, problems: Problems, name: str | None = None) -> Node | None:
    """Read one YAML file into marked text.

    Parameters
    ----------
    path : Path
        The file.
    problems : Problems
        Receives what is wrong with the file, every text that is unsafe or cut short among it.
    name : str, optional
        How to name the file in messages.

    Returns
    -------
    Text, Items, Entries or None
        The content, or None where the file is not YAML of the kind described above.
    """
    name = name or str(path)
    text = read_text(path, problems, name)
    if text is None:
        return None
    tree = _Tree(name, text)
    try:
        root = tree.document()
    except _RefusedError as refused:
        problems.add(refused.mark, "YAML", refused.message)
    except yaml.YAMLError as error:
        problems.add(_mark_of_error(error, name, text), "YAML", _explain(error))
    else:
        for mark, where, message in tree.faults:
            problems.add(mark, where, message)
        return root
    return None


class _RefusedError(Exception):
    def __init__(self, mark: Mark, message: str) -> None:
        super().__init__(message)
        self.mark, self.message = mark, message


class _Tree:
    """Turns parser events into marked text."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.source = name, text
        self.events: Iterator[Any] = iter(yaml.CSafeLoader(text).get_event, None)
        self.faults: list[tuple[Mark, str, str]] = []

    def document(self) -> Node:
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            raise _RefusedError(Mark(self.name, 1), "the file is empty; delete it or write at least one entry")
        root = self.node(next(self.events), 0, "YAML")
        next(self.events)
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise _RefusedError(self.mark(event), "a second document starts here; keep one per file")
        if isinstance(root, Text) and not root:
            raise _RefusedError(root.mark, "the file is empty; delete it or write at least one entry")
        return root

    def mark(self, event: Any) -> Mark:
        return Mark(self.name, event.start_mark.line + 1)

    def node(self, event: Any, depth: int, where: str) -> Node:
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
            return self.text(event, mark, where)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.items(Items(mark), depth, where)
        return self.entries(Entries(mark), depth)

    def text(self, event: Any, mark: Mark, where: str) -> Text:
        text = Text(event.value.strip(), mark)
        end = event.end_mark
        if not event.style and _COMMENT.match(self.source, end.index):
            cut = "' #' ends the text here; quote text that holds ' #', and put a comment on a line of its own"
            self.faults.append((Mark(self.name, end.line + 1), where, cut))
        elif message := unsafe(text):
            self.faults.append((mark, where, message))
        return text

    def items(self, items: Items, depth: int, where: str) -> Items:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1, where))
        return items

    def entries(self, entries: Entries, depth: int) -> Entries:
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1, "YAML")
            if not isinstance(key, Text):
                raise _RefusedError(key.mark, "a key must be plain text")
            if key in entries:
                raise _RefusedError(key.mark, f"key {str(key)!r} stands twice in one entry; keep one")
            entries[key] = self.node(next(self.events), depth + 1, str(key))
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
