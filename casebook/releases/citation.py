"""How to cite a release: ``CITATION.cff``, and the metadata of a deposit at Zenodo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from casebook._support.optional import needed
from casebook.model.metadata import Contributor, Metadata

if TYPE_CHECKING:
    import yaml
else:
    yaml = needed("yaml", "writing CITATION.cff", "authoring")

UNKNOWN = (Contributor("Unknown author"),)


def citation_cff(about: Metadata, digest: str | None = None) -> str:
    """``CITATION.cff`` in the Citation File Format 1.2.0.

    Parameters
    ----------
    about : Metadata
        Description of the release.
    digest : str, optional
        Content digest of the release.
    """
    authors = [
        {"family-names": author.family, "given-names": author.given} if author.person else {"name": author.name}
        for author in about.authors or UNKNOWN
    ]
    identifiers = [{"type": "doi", "value": about.doi, "description": "DOI of the release"}] if about.doi else []
    if digest:
        identifiers.append({"type": "other", "value": f"sha256:{digest}", "description": "Content digest of the data"})
    content = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it with its version.",
        "title": about.title,
        "abstract": " ".join(about.description.split()),
        "type": "dataset",
        "version": about.version,
        "date-released": about.released,
        "license": about.license,
        "url": about.homepage,
        "authors": authors,
        "identifiers": identifiers,
        "keywords": list(about.keywords),
    }
    given = {key: value for key, value in content.items() if value}
    return yaml.safe_dump(given, sort_keys=False, allow_unicode=True, width=120)


def zenodo_json(about: Metadata, digest: str | None = None) -> str:
    """``.zenodo.json``: the metadata of a deposit at Zenodo."""
    content: dict[str, Any] = {
        "title": about.title,
        "upload_type": "dataset",
        "description": " ".join(about.description.split()),
        "version": about.version,
        "publication_date": about.released.isoformat() if about.released else None,
        "creators": [{"name": author.name} for author in about.authors or UNKNOWN],
        "license": about.license.lower() if about.license else None,
        "access_right": "open" if about.license else None,
        "keywords": list(about.keywords),
        "notes": f"Content digest sha256:{digest}" if digest else None,
    }
    return json.dumps({key: value for key, value in content.items() if value}, ensure_ascii=False, indent=2) + "\n"
