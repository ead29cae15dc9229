"""schema.org: a Dataset in JSON-LD, for web pages and the search engines that read them.

Put the text of ``schema-org.json`` into a ``<script type="application/ld+json">`` of the page that presents the
casebook. A contributor given as ``Doe, Jane`` is a person, any other an organization. The variables of
all tables stand under ``variableMeasured`` with title, definition and categories. No download address is given, for
a casebook doesn't know where its files will be put; add ``distribution`` there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from casebook.book import Casebook
    from casebook.model.metadata import Contributor

_TYPES = {"integer": "Integer", "number": "Number", "boolean": "Boolean", "date": "Date"}


def write_schemaorg(book: Casebook, path: Path) -> None:
    """Write the description as JSON-LD."""
    description = {**dataset(book), "variableMeasured": _without_empty(_variables(book))}
    text = json.dumps(description, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def dataset(book: Casebook) -> dict[str, Any]:
    """The casebook as a Dataset of schema.org, without its variables."""
    about = book.metadata
    doi = f"https://doi.org/{about.doi}" if about.doi else None
    return _without_empty(
        {
            "@context": "https://schema.org/",
            "@type": "Dataset",
            "@id": doi or about.homepage,
            "name": about.title,
            "alternateName": about.name,
            "description": " ".join(about.description.split()),
            "url": about.homepage or doi,
            "identifier": [value for value in (doi, f"sha256:{book.digest}") if value],
            "version": about.version,
            "datePublished": about.released.isoformat() if about.released else None,
            "license": about.license_url or about.license,
            "creator": [creator(author) for author in about.authors],
            "keywords": list(about.keywords),
            "inLanguage": "en",
            "isAccessibleForFree": True,
            "creditText": str(book.cite()),
        }
    )


def _variables(book: Casebook) -> list[dict[str, Any]]:
    return [
        {
            "@type": "PropertyValue",
            "name": f"{table.name}.{item.name}",
            "alternateName": item.title,
            "description": " ".join(item.description.split()),
            "valueReference": [
                {
                    "@type": "DefinedTerm",
                    "termCode": category.value,
                    "name": category.label,
                    "description": category.description,
                }
                for category in item.categories
            ],
            "additionalType": f"https://schema.org/{_TYPES.get(item.type, 'Text')}",
        }
        for table in book.schema
        for item in table.columns
    ]


def creator(author: Contributor) -> dict[str, str]:
    """A contributor in schema.org.

    Examples
    --------
    >>> from casebook.model.metadata import Contributor
    >>> creator(Contributor.parse("Peace Institute Oslo"))
    {'@type': 'Organization', 'name': 'Peace Institute Oslo'}
    >>> creator(Contributor.parse("Doe, Jane"))
    {'@type': 'Person', 'name': 'Jane Doe', 'familyName': 'Doe', 'givenName': 'Jane'}
    """
    if author.family and author.given:
        names = {"familyName": author.family, "givenName": author.given}
        return {"@type": "Person", "name": author.shown, **names}
    return {"@type": "Organization", "name": author.name}


def _without_empty(value: Any) -> Any:
    """The same without empty properties."""
    if isinstance(value, dict):
        return {key: _without_empty(part) for key, part in value.items() if part not in (None, "", [])}
    return [_without_empty(part) for part in value] if isinstance(value, list) else value
