"""The citation of a release itself, in every style, made without any library."""

from __future__ import annotations

from typing import Any

from casebook.model.metadata import Metadata
from casebook.sources.labels import initials

_APA_AUTHORS = 20
_CHICAGO_AUTHORS = 10
_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]


def release_item(about: Metadata, digest: str) -> dict[str, Any]:
    """The release in CSL-JSON."""
    released = f"Released {about.released.isoformat()}. " if about.released else ""
    item: dict[str, Any] = {
        "id": f"{about.name}-{about.version}",
        "type": "dataset",
        "title": about.title,
        "author": [_person(name) for name in about.contributors] or [{"literal": "Unknown author"}],
        "version": about.version,
        "genre": "Data set",
        "note": f"{released}Content digest sha256:{digest}",
        "DOI": about.doi,
        "URL": about.homepage,
    }
    if about.released:
        item["issued"] = {"date-parts": [[about.released.year, about.released.month, about.released.day]]}
    return {key: value for key, value in item.items() if value}


def _person(name: str) -> dict[str, str]:
    """A name as given: ``Doe, Jane`` is a person, anything else stands as it is."""
    family, comma, given = name.partition(",")
    return {"family": family.strip(), "given": given.strip()} if comma else {"literal": name}


def release_in_apa(item: dict[str, Any]) -> str:
    """A data set in APA, 7th edition.

    Examples
    --------
    >>> release_in_apa({"author": [{"family": "Doe", "given": "Jane"}], "title": "Talks", "version": "1.0.0",
    ...                 "issued": {"date-parts": [[2020, 1, 1]]}})
    'Doe, J. (2020). Talks (Version 1.0.0) [Data set].'
    """
    names = [who.get("literal") or f"{who['family']}, {initials(who)}" for who in item["author"]]
    if len(names) > _APA_AUTHORS:
        authors = f"{', '.join(names[: _APA_AUTHORS - 1])}, … {names[-1]}"
    else:
        authors = ", & ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    year = item["issued"]["date-parts"][0][0] if "issued" in item else "n.d."
    text = f"{_closed(authors)} ({year}). {item['title']} (Version {item['version']}) [Data set]."
    return " ".join(filter(None, [text, _address(item)]))


def release_in_chicago(item: dict[str, Any]) -> str:
    """A data set in Chicago author-date, 17th edition.

    Examples
    --------
    >>> release_in_chicago({"author": [{"family": "Doe", "given": "Jane"}], "title": "Talks", "version": "1.0.0",
    ...                     "issued": {"date-parts": [[2020, 1, 1]]}})
    'Doe, Jane. 2020. “Talks.” Data set. Version 1.0.0. January 1.'
    """
    first, *others = item["author"]
    shown = others if len(others) < _CHICAGO_AUTHORS else others[:6]
    names = [first.get("literal") or f"{first['family']}, {first['given']}"]
    names += [who.get("literal") or f"{who['given']} {who['family']}" for who in shown]
    if len(shown) < len(others):
        authors = f"{', '.join(names)}, et al."
    else:
        authors = ", and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    title = _closed(item["title"]).replace("“", "‘").replace("”", "’")
    parts = [_closed(authors)]
    if "issued" in item:
        year, month, day = item["issued"]["date-parts"][0]
        parts += [f"{year}. “{title}” Data set. Version {item['version']}. {_MONTHS[month - 1]} {day}."]
    else:
        parts += [f"n.d. “{title}” Data set. Version {item['version']}."]
    return " ".join([*parts, *([f"{_address(item)}."] if _address(item) else [])])


def release_in_bibtex(item: dict[str, Any]) -> str:
    """The release as an entry in BibTeX."""
    fields = {
        "author": " and ".join(
            f"{{{_latex(who['literal'])}}}" if "literal" in who else _latex(f"{who['family']}, {who['given']}")
            for who in item["author"]
        ),
        "title": _latex(item["title"]),
        "version": item["version"],
        "note": f"Data set. {item['note']}",
    }
    if "issued" in item:
        year, month, day = item["issued"]["date-parts"][0]
        fields |= {"year": str(year), "date": f"{year:04}-{month:02}-{day:02}"}
    fields |= {ours: item[theirs] for theirs, ours in (("DOI", "doi"), ("URL", "url")) if theirs in item}
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{item['id']},\n{lines}}}"


def _closed(text: str) -> str:
    """With a period, before a quotation mark that closes, unless there is one or another end."""
    quoted = "”" if text.endswith("”") else ""
    text = text.removesuffix(quoted)
    return f"{text}{'' if text.endswith(('.', '?', '!')) else '.'}{quoted}"


def _address(item: dict[str, Any]) -> str:
    return f"https://doi.org/{item['DOI']}" if "DOI" in item else item.get("URL", "")


def _latex(text: str) -> str:
    """The text with the characters escaped that are commands in LaTeX."""
    escaped = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(escaped.get(letter) or (f"\\{letter}" if letter in "&%$#_{}" else letter) for letter in text)
