"""Chicago as the manual has it, for every type that sources.bib knows; no stray terms."""

import re

import pytest

from casebook.book import packaged_release
from casebook.sources.citing import format_sources

ROE = [{"family": "Roe", "given": "Jo Ann"}]
TWO = [*ROE, {"family": "Poe", "given": "Ed"}]
DATE = {"date-parts": [[1999, 5, 3]]}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            {"type": "article-journal", "author": TWO, "title": "Who spoke?", "container-title": "Journal of Doubt",
             "volume": "3", "issue": "2", "page": "101-109", "issued": DATE, "DOI": "10.1/x"},
            "Roe, Jo Ann, and Ed Poe. 1999. “Who spoke?” Journal of Doubt 3 (2): 101–9. https://doi.org/10.1/x.",
        ),
        (
            {"type": "article-newspaper", "author": ROE, "title": "Talks", "container-title": "The Daily",
             "issued": {"date-parts": [[1999, 5]]}},
            "Roe, Jo Ann. 1999. “Talks.” The Daily, May 1999.",
        ),
        (
            {"type": "book", "editor": TWO, "title": "Envoys", "publisher": "Press", "publisher-place": "Oslo",
             "edition": "Second", "issued": DATE},
            "Roe, Jo Ann, and Ed Poe, eds. 1999. Envoys. 2nd ed. Oslo: Press.",
        ),
        (
            {"type": "chapter", "author": ROE, "title": "Cable", "container-title": "Papers", "number": "12",
             "editor": [{"family": "Poe", "given": "Ed"}], "publisher": "Press", "issued": DATE},
            "Roe, Jo Ann. 1999. “Cable.” In Papers, No. 12, edited by Ed Poe. Press.",
        ),
        (
            {"type": "book", "author": ROE, "title": "Letters", "editor": [{"family": "Poe", "given": "Ed"}],
             "publisher": "Press", "issued": DATE},
            "Roe, Jo Ann. 1999. Letters. Edited by Ed Poe. Press.",
        ),
        (
            {"type": "webpage", "title": "A page", "URL": "https://example.org/a", "issued": DATE},
            "“A page.” 1999. May 3. https://example.org/a.",
        ),
        (
            {"type": "document", "title": "Minutes", "publisher": "State Archive"},
            "“Minutes.” n.d. State Archive.",
        ),
        (
            {"type": "article-newspaper", "author": ROE, "title": "The “Algerian Connection”",
             "container-title": "The Daily", "issued": DATE},
            "Roe, Jo Ann. 1999. “The ‘Algerian Connection.’” The Daily, May 3, 1999.",
        ),
        (
            {"type": "manuscript", "author": [{"literal": "A body"}], "title": "Draft"},
            "A body. n.d. “Draft.” Unpublished manuscript.",
        ),
        (
            {"type": "thesis", "author": ROE, "title": "Lines", "publisher": "A University", "issued": DATE},
            "Roe, Jo Ann. 1999. “Lines.” A University.",
        ),
        (
            {"type": "report", "author": ROE, "title": "Findings", "publisher": "Institute", "number": "7",
             "issued": DATE},
            "Roe, Jo Ann. 1999. Findings. No. 7. Institute.",
        ),
        (
            {"type": "paper-conference", "author": ROE, "title": "Talk", "container-title": "Proceedings",
             "issued": DATE},
            "Roe, Jo Ann. 1999. “Talk.” Proceedings, May 3, 1999.",
        ),
    ],
)  # fmt: skip
def test_chicago_by_type(item, expected):
    assert format_sources([{"id": "x", **item}], "chicago") == {"x": expected}


def test_every_packaged_source_comes_out_clean_in_chicago():
    formatted = format_sources(packaged_release().store.csl.values(), "chicago")
    assert len(formatted) == len(packaged_release().load("sources"))
    strays = re.compile(r"Edition\.$|\s[,;]|\.\.(?!\.)|,,|\(\s*\)|[”?]\.|\bNone\b")
    assert [text for text in formatted.values() if strays.search(re.sub(r"https?://\S+", "", text))] == []
    assert all(text.endswith((".", "”")) for text in formatted.values())
