"""What a text must not hold: signs that nobody sees, letters that pass for others, markup, what a template left.

Every text that people write goes through `unsafe` where it enters: YAML files, narratives, the bibliography and the
sheets of second coders.
"""

from __future__ import annotations

import html
import re
import unicodedata

TEMPLATE_TEXTS = (
    "Replace this entry by a source of your own",
    "Say in a sentence what this casebook is about.",
    "Why this value.",
)
"""What the blank files of a new case say where the coder has to write."""

READ_AS_MISSING = frozenset(["", ".", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "none", "null", "nil"])
"""Texts, in lower case, that pandas, R or a spreadsheet reads as an empty cell."""

_EMPTY_CELLS = frozenset(
    ["~", ".", "NA", "N/A", "n/a", "NULL", "Null", "null", "NaN", "nan", "-NaN", "-nan", "None", "<NA>", "#NA", "#N/A"]
)
"""Whole texts, as they are spelled, that YAML, pandas or R reads as no value; the category ``none`` is none of them."""

_HARMLESS = re.compile(r"[ -%'-;=-~]*").fullmatch
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>|<!--")
_ENTITY = re.compile(r"&#?\w+;")
_FORMULA = re.compile(r"\s*(?:[=@＝＋－＠]|[+-](?![\d.,:/~?%X-]*$))|[\t\r\n]")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_LOOK_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "FULLWIDTH", "MATHEMATICAL")
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_CONTROL = re.compile("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
_TYPED = str.maketrans("–—’‘", "--''")
_JOINERS = "\u200c\u200d"


def unsafe(text: str) -> str | None:
    """Why a text cannot be published as it stands.

    Refused are control characters, also those that turn the direction of writing; characters without width; spaces
    other than the plain one; characters that Unicode does not assign, or that stand for a lost one; accents written
    apart from their letter (Unicode NFC); words with letters of two alphabets that look alike; HTML tags and
    entities; what other programs read as an empty cell; and what a template left to be replaced. A line break is fine.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str or None
        What is wrong and what would be right, or None where nothing is.

    Examples
    --------
    >>> unsafe("Łódź, “Правда” & R&D: 1 < 2") is None
    True
    >>> unsafe("Os\\u200blo")
    'contains the invisible character U+200B (zero width space); remove it'
    >>> unsafe("\\u041eslo")
    "'\\u041eslo' has letters of two alphabets, among them 'О' (Cyrillic capital letter o); type the word anew"
    >>> unsafe("Aland &amp; Bland")
    "contains the HTML entity '&amp;'; write the character itself"
    >>> unsafe("NULL")
    "'NULL' is read as an empty cell by other programs; write it out, or unknown where there is no value"
    """
    if message := says_nothing(text):
        return message
    if _HARMLESS(text):
        return None
    if text.isascii() and text.isprintable():
        return _markup(text)
    for place, character in enumerate(text):
        if not (character.isascii() and character.isprintable()) and (message := _sign(text, place)):
            return message
    if not unicodedata.is_normalized("NFC", text):
        apart = next(word for word in text.split() if not unicodedata.is_normalized("NFC", word))
        return f"{apart!r} has letters and accents apart; write them as one character (Unicode NFC)"
    words = _WORD.findall(text)
    return next(filter(None, map(_mixed, words)), None) or _stray(words) or _markup(text)


def says_nothing(text: str) -> str | None:
    """Why a text as a whole is none: a template left it, or other programs lose it. None where it is one."""
    whole = text.strip()
    if whole in TEMPLATE_TEXTS:
        return f"{whole!r} is what the template left for you to replace; write your own"
    if whole not in _EMPTY_CELLS:
        return None
    return f"{whole!r} is read as an empty cell by other programs; write it out, or unknown where there is no value"


def names_device(name: str) -> bool:
    """Whether Windows takes the name of a file or folder for that of a device, whatever its ending and capitals.

    Examples
    --------
    >>> names_device("con"), names_device("Aux.csv"), names_device("console")
    (True, True, False)
    """
    return bool(_DEVICE.fullmatch(name))


def visible(text: str) -> str:
    """The text with control characters, and those that turn the writing, spelled out, as a terminal may show it.

    Examples
    --------
    >>> visible("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def as_typed(title: str) -> str:
    """A title as a keyboard has it: accents on their letters, plain hyphens and apostrophes, no capitals.

    Examples
    --------
    >>> as_typed("US–Cuba talks, 1974–1976")
    'us-cuba talks, 1974-1976'
    """
    return unicodedata.normalize("NFC", title).translate(_TYPED).casefold()


def could_run(text: str) -> bool:
    """Whether a spreadsheet that opens the text as a cell of a CSV file could run it as a formula.

    Examples
    --------
    >>> could_run("=1+1"), could_run("- a point"), could_run("-0044-03-15"), could_run("a = b")
    (True, True, False, False)
    """
    return bool(_FORMULA.match(text))


def _sign(text: str, place: int) -> str | None:
    character = text[place]
    kind = unicodedata.category(character)
    named = _named(character)
    if character == "\n" or (character in _JOINERS and _joins(text, place)):
        return None
    if character == "\t":
        return "contains a tab; write spaces"
    if kind == "Zs" and character != " ":
        return f"contains {named}; write a plain space"
    if character == "\ufffd":
        return f"contains {named}, which stands for a character that was lost; write that"
    if kind in ("Co", "Cn"):
        return f"contains {named}, which Unicode does not define; write it another way"
    if kind in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in _INVISIBLE or "VARIATION SELECTOR" in named.upper():
        return f"contains the invisible character {named}; remove it"
    return None


def _joins(text: str, place: int) -> bool:
    """Whether a joiner stands between two letters of a script that is spelled with joiners, as Persian is."""
    around = text[place - 1 : place] + text[place + 1 : place + 2]
    return len(around) == 2 and all(c.isalpha() and _alphabet(c) not in _LOOK_ALIKE for c in around)


def _mixed(word: str) -> str | None:
    if word.isascii():
        return None
    alphabets = {letter: _alphabet(letter) for letter in word if letter.isalpha()}
    found = [name for name in alphabets.values() if name in _LOOK_ALIKE]
    if len(set(found)) < 2:
        return None
    rare = min(sorted(set(found)), key=found.count)
    letter = next(letter for letter, name in alphabets.items() if name == rare)
    name = unicodedata.name(letter).capitalize()
    return f"{word!r} has letters of two alphabets, among them {letter!r} ({name}); type the word anew"


def _stray(words: list[str]) -> str | None:
    """The Cyrillic letter that stands alone, as an article or initial, among words of which none is Cyrillic."""
    foreign = [word for word in words if _alphabet(word[0]) == "CYRILLIC"]
    if not foreign or len(foreign) == len(words) or any(len(word) > 1 for word in foreign):
        return None
    return f"contains the {_named(foreign[0])} among words of another alphabet; type the letter anew"


def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _named(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def _markup(text: str) -> str | None:
    if "<" in text and (tag := _TAG.search(text)):
        return f"contains the HTML tag {tag[0]!r}; write plain text"
    for entity in _ENTITY.findall(text) if "&" in text else ():
        if html.unescape(entity) != entity:
            return f"contains the HTML entity {entity!r}; write the character itself"
    return None
