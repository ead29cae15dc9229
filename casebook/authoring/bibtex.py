"""BibTeX as people write it: entries with their lines, LaTeX made plain, entries written in one form."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from casebook._support.optional import needed
from casebook.errors import Mark, Problems, suggestion
from casebook.model.texts import unsafe

_PURPOSE, _EXTRA = "reading sources.bib", "authoring"
bibtexparser = needed("bibtexparser", _PURPOSE, _EXTRA)
model = needed("bibtexparser.model", _PURPOSE, _EXTRA)
names = needed("bibtexparser.middlewares.names", _PURPOSE, _EXTRA)
latex2text = needed("pylatexenc.latex2text", _PURPOSE, _EXTRA)
latexwalker = needed("pylatexenc.latexwalker", _PURPOSE, _EXTRA)
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())

VERBATIM = {"url", "doi", "isbn", "date", "origdate", "kind", "consulted", "langid"}
_ACCENTS = set("'`^\"~=.") | {*"uvHtcdbkr"}
_BARE_ACCENT = re.compile(r"""(?<!\\)(?:\\\\)*\\(?:['`^"~=.]|[uvHtcdbkr](?![A-Za-z]))\s*(?:\{\s*\}|\}|$)""")
_STRAY_ACCENT = re.compile(r"(?:^|[^\w\u0300-\u036f]|\d)[\u0300-\u036f]")
_FORMULA = re.compile(r"(?<!\\)\$[^$]*[\\^_{][^$]*(?<!\\)\$")
_SUFFIX = re.compile(r"(?:Jn?r|Sn?r|[IVX]+|[2-9](?:nd|rd|th)|Esq|fils|père)\.?", re.IGNORECASE)
_MISPLACED = re.compile(r"(?:^|.*\s)(?:Jn?r\.?|Sn?r\.?|II|III|IV)")
_STYLING = {
    *("emph", "textit", "textbf", "textsc", "texttt", "textrm", "textsf", "textup", "textnormal"),
    *("textsuperscript", "textsubscript", "em", "it", "bf", "sc", "rm", "tt", "sf", "itshape", "bfseries", "scshape"),
}


@dataclass(frozen=True)
class Entry:
    """One entry: type and names of fields in lower case, values as they stand between braces or quotation marks."""

    key: str
    type: str
    mark: Mark
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Name:
    """A person, or a body, which has no given name."""

    family: str
    given: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.family, self.given, self.suffix) if part)


def read_bibtex(text: str, file: str, problems: Problems) -> list[Entry]:
    """Read the entries of a BibTeX file.

    An abbreviation (``@string``) may stand for a whole value; values are not joined by ``#``.

    Parameters
    ----------
    text : str
        Content of the file.
    file : str
        Its name in messages.
    problems : Problems
        Receives broken and duplicate entries, unknown abbreviations and invisible characters.

    Returns
    -------
    list of Entry
        The entries that could be read, in order.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if message := unsafe(line.expandtabs()):
            problems.add(Mark(file, number), "sources", message)
    library = bibtexparser.parse_string(text, parse_stack=[])
    strings = {block.key.lower(): block.value for block in library.strings}
    entries: list[Entry] = []
    previous = None
    for block in library.blocks:
        mark = Mark(file, (block.start_line or 0) + 1)
        if isinstance(block, model.Entry):
            if (entry := _entry(block, mark, strings, problems)) is not None:
                entries.append(entry)
        elif message := _message(block, mark, previous):
            if type(block) is model.ParsingFailedBlock:
                mark = Mark(file, _line(text, block.error.end_index))
            key = re.match(r"@\w+\s*[{(]\s*([^\s,={]+)", block.raw or "")
            where = f"sources.{key[1]}" if key and not isinstance(block, model.Preamble) else "sources"
            problems.add(mark, where, f"BibTeX: {message}")
        previous = block
    return entries


def _line(text: str, position: int) -> int:
    """The line of the first character that shows, at a position or behind it."""
    while position < len(text) and text[position].isspace():
        position += 1
    return text.count("\n", 0, position) + 1


def _message(block: Any, mark: Mark, previous: Any) -> str | None:
    """What is wrong with a block that is no entry; None for comments and abbreviations."""
    if isinstance(block, model.DuplicateFieldKeyBlock):
        return f"field {min(block.duplicate_keys)!r} stands twice in one entry; keep one"
    if isinstance(block, model.DuplicateBlockKeyBlock):
        earlier = f" (the first is in line {(block.previous_block.start_line or 0) + 1})"
        if isinstance(block.ignore_error_block, model.String):
            return f"the abbreviation {block.key!r} stands twice{earlier}; keep one"
        return f"the key stands twice; keep one entry{earlier}"
    if isinstance(block, model.ParsingFailedBlock):
        return f"the entry that begins in line {mark.line} is broken; check the braces and commas near this line"
    if isinstance(block, model.Preamble):
        return "@preamble has no use here; take it out"
    if isinstance(block, model.ImplicitComment) and not isinstance(previous, model.ParsingFailedBlock):
        looks_like_entry = re.search(r"\w\s*[{(]\s*[^\s,=]+\s*,|=\s*[{\"]", block.comment)
        return "this text stands outside every entry; begin an entry with @" if looks_like_entry else None
    return None


def _entry(block: Any, mark: Mark, strings: Mapping[str, str], problems: Problems) -> Entry | None:
    where, before = f"sources.{block.key}", len(problems.found)
    fields: dict[str, str] = {}
    for field in block.fields:
        name = field.key.lower()
        if name in fields:
            problems.add(mark, where, f"BibTeX: field {name!r} stands twice in one entry; keep one")
        try:
            fields[name] = _value(field.value, strings)
        except ValueError as error:
            problems.add(Mark(mark.file, (field.start_line or 0) + 1), where, f"BibTeX: {name}: {error}")
    return Entry(block.key, block.entry_type.lower(), mark, fields) if len(problems.found) == before else None


def _value(text: str, strings: Mapping[str, str]) -> str:
    """What stands between braces or quotation marks, or for an abbreviation; white space as single blanks."""
    text = text.strip()
    if not (text.isdigit() or _enclosed(text)):
        if not re.fullmatch(r"[^\s{}\"#,=()]+", text):
            raise ValueError("is not one text in braces; check the commas and braces, and do not join texts by #")
        if text.lower() not in strings:
            raise ValueError(f"unknown abbreviation {text!r}{suggestion(text, strings)}; put text in braces")
        text = strings[text.lower()].strip()
        if not (text.isdigit() or _enclosed(text)):
            raise ValueError("the abbreviation stands for others; write its text out in braces")
    return " ".join((text if text.isdigit() else text[1:-1]).split())


def _enclosed(text: str) -> bool:
    """Whether a text is one group in braces or quotation marks."""
    if len(text) < 2 or text[0] + text[-1] not in ("{}", '""'):
        return False
    inner = text[1:-1]
    return _balanced(inner) and (text[0] == "{" or '"' not in _outside(inner))


def _balanced(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"\\.|[{}]", text, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0


def _outside(text: str) -> str:
    """The text without what stands in braces."""
    depth, kept = 0, []
    for piece in re.findall(r"\\.|[{}]|[^\\{}]+|\\", text, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(piece, 0)
        if depth == 0 and piece != "}":
            kept.append(piece)
    return "".join(kept)


def plain(latex: str) -> str:
    """Text without LaTeX markup; ``%``, ``&`` and ``#`` are characters, as BibTeX has it.

    Raises
    ------
    ValueError
        If it has a formula, an accent on no letter, or a LaTeX command that is no letter, accent, symbol or style; or
        if it stands for a text that is `unsafe`.

    Examples
    --------
    >>> plain(r"Agents {\\&} Envoys, 1961--1963: a 50% solution")
    'Agents & Envoys, 1961–1963: a 50% solution'
    """
    if not re.search(r"[\\{}~$`]|--|''", latex):
        return " ".join(latex.split())
    for command in re.findall(r"\\([A-Za-z]+|[^A-Za-z])", latex.replace("\\\\", "")):
        if not _understood(command):
            raise ValueError(f"the LaTeX command \\{command} is not understood; write the character itself")
    if formula := _FORMULA.search(latex):
        raise ValueError(f"{formula[0]!r} is a formula; write its characters, and a dollar as \\$")
    if _BARE_ACCENT.search(latex):
        raise ValueError("a LaTeX accent stands on no letter; write the character itself")
    try:
        escaped = re.sub(r"(?<!\\)[%&#]", r"\\\g<0>", latex)
        text = _decoder().latex_to_text(escaped, latex_context=_commands())
    except RecursionError:
        raise ValueError("braces are nested too deeply; take those out that do nothing") from None
    text = re.sub(r"`(.+?)'(?!\w)", r"‘\1’", " ".join(text.split()))
    if _STRAY_ACCENT.search(text) and not _STRAY_ACCENT.search(latex.strip("{}")):
        raise ValueError("a LaTeX accent stands on no letter; write the character itself")
    if (message := unsafe(text)) and not unsafe(latex.strip("{}")):
        raise ValueError(message)
    return text


@cache
def _understood(command: str) -> bool:
    if command in _ACCENTS or command in _STYLING or command in set("&%$#_{} \n,;!/"):
        return True
    known = latex2text.get_default_latex_context_db().get_macro_spec(command)
    text = known.simplify_repl if known is not None else None
    return isinstance(text, str) and bool(text.strip()) and not re.search("[%<]", text) and command != "today"


@cache
def _decoder() -> Any:
    return latex2text.LatexNodes2Text(math_mode="verbatim")


@cache
def _commands() -> Any:
    return latexwalker.get_default_latex_context_db()


def verbatim(text: str) -> str:
    """An address, code or date, in which LaTeX only escapes characters.

    Examples
    --------
    >>> verbatim(r"10.1007/3\\_16"), verbatim(r"https://a.org/\\%7Edoe/\\textasciitilde{}x"), verbatim("1973~")
    ('10.1007/3_16', 'https://a.org/%7Edoe/~x', '1973~')
    """
    text = re.sub(r"\{?\\textasciitilde(?:\{\}|\}|(?![A-Za-z]))|\\~\{\}", "~", text)
    text = re.sub(r"\{?\\textunderscore(?:\{\}|\}|(?![A-Za-z]))", "_", text)
    text = re.sub(r"\{(\\[%&_#$~])\}", r"\1", text.strip())
    while _enclosed(text) and text[0] == "{":
        text = text[1:-1].strip()
    return re.sub(r"\\([%&_#$~{}])", r"\1", text)


def read_names(latex: str) -> list[Name]:
    """Names joined by ``and``; what stands in double braces is the name of a body.

    Raises
    ------
    ValueError
        If they are joined otherwise, or one is no name.

    Examples
    --------
    >>> read_names("Doe, Jr., John M. and {Coast Authority}")
    [Name(family='Doe', given='John M.', suffix='Jr.'), Name(family='Coast Authority', given='', suffix='')]
    """
    if wrong := re.search("[;&]", _outside(latex)):
        raise ValueError(f"names are joined by and, not by {wrong[0]!r}; put the name of a body in double braces")
    found = []
    for name in names.split_multiple_persons_names(latex):
        if joiner := re.search(r"(?<!\S)(?:and|und|et|with|/|Others)(?!\S)", _outside(name)):
            advice = "; write and others" if joiner[0] in ("et", "Others") else f", not by {joiner[0]!r}"
            meant = "by one and between two of them" if joiner[0] == "and" else f"by and{advice}"
            raise ValueError(f"{name!r}: names are joined {meant}")
        try:
            parts = names.parse_single_name_into_parts(name)
        except names.InvalidNameError:
            raise ValueError(f"{name!r} is not a name; write for instance Doe, Jane or Doe, Jr., John M.") from None
        family, given, suffix = (" ".join(part) for part in (parts.von + parts.last, parts.first, parts.jr))
        read = Name(plain(family), plain(given), plain(suffix))
        if message := _misread(read, _enclosed(name)):
            raise ValueError(f"{name!r}: {message}; write for instance Doe, Jane or Doe, Jr., John M.")
        found.append(read)
    return found


def _misread(name: Name, body: bool) -> str | None:
    """Why a name cannot be meant as BibTeX reads it."""
    if not name.family:
        return "there is no family name"
    if name.suffix and not _SUFFIX.fullmatch(name.suffix):
        return f"{name.suffix!r} stands where a suffix such as Jr. does"
    if not body and any(_MISPLACED.fullmatch(part) for part in (name.family, name.given)):
        return "a suffix stands between family and given name"
    if re.search(r"\(eds?\.?\)", f"{name.family} {name.given}", re.IGNORECASE):
        return "who edited a work is named under editor"
    return None


def normalized(entry: Entry, **more: str) -> str:
    """An entry in the one form in which bibliographies are published.

    Characters that LaTeX would take for commands are escaped, except in addresses, codes and dates.

    Parameters
    ----------
    entry : Entry
        The entry.
    **more : str
        Further fields.

    Examples
    --------
    >>> print(normalized(Entry("doe1999", "book", Mark("a.bib", 1), {"title": "A & B", "url": r"a\\_b"}), year="1999"))
    @book{doe1999,
      title = {A \\& B},
      url = {a_b},
      year = {1999},
    }
    """
    lines = [f"  {name} = {{{value}}},\n" for name, value in [*_written(entry.fields), *more.items()]]
    return f"@{entry.type}{{{entry.key},\n{''.join(lines)}}}"


def _written(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        yield name, verbatim(value) if name in VERBATIM else re.sub(r"(?<!\\)([%&#_])", r"\\\1", value)
