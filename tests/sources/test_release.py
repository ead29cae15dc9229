"""Citations of a release, made by hand, are those that pandoc makes of the same item."""

import datetime as dt

import pytest
import rispy
from pybtex.database import parse_string

from casebook.model.metadata import Metadata
from casebook.sources.citing import format_sources
from casebook.sources.release import release_in_apa, release_in_bibtex, release_in_chicago, release_item
from casebook.sources.ris import to_ris

CONTRIBUTORS = [
    ["Jane Doe"],
    ["Doe, Jane Q."],
    ["Doe, Jane", "The Institute"],
    ["The Institute", "Doe, Jane", "Roe, Jean-Paul"],
    [f"Doe{n}, Jane" for n in range(10)],
    [f"Doe{n}, Jane" for n in range(11)],
    [f"Doe{n}, Jane" for n in range(20)],
    [f"Doe{n}, Jane" for n in range(21)],
    ["The Institute Inc."],
    [],
]


def item(contributors, **more):
    about = dict.fromkeys(Metadata.__dataclass_fields__)
    about |= {"name": "tiny", "title": "A tiny casebook", "version": "0.1.0", "released": dt.date(2020, 1, 31)}
    return release_item(Metadata(**{**about, "contributors": contributors, **more}), "0" * 64)


@pytest.mark.parametrize("contributors", CONTRIBUTORS, ids=len)
def test_authors_are_those_of_pandoc(contributors):
    made = item(contributors)
    assert release_in_apa(made) == format_sources([made], "apa")[made["id"]]
    assert release_in_chicago(made) == format_sources([made], "chicago")[made["id"]]


@pytest.mark.parametrize(
    "more",
    [
        {"released": None},
        {"doi": "10.1234/abc"},
        {"homepage": "https://example.org/a"},
        {"doi": "10.1234/abc", "homepage": "https://example.org/a"},
        {"title": "Who spoke?"},
        {"title": "Casebook: the “back channel” in peace and war"},
        {"title": "Casebook: all about the “back channel”"},
        {"released": None, "homepage": "https://example.org/a"},
    ],
    ids=str,
)
def test_dates_addresses_and_titles_are_those_of_pandoc(more):
    made = item(["Doe, Jane"], **more)
    assert release_in_apa(made) == format_sources([made], "apa")[made["id"]]
    assert release_in_chicago(made) == format_sources([made], "chicago")[made["id"]]


def test_bibtex_and_ris_read_back():
    made = item(["Doe, Jane", "Müller & Söhne"], title="50% of a_b")
    (entry,) = parse_string(release_in_bibtex(made), "bibtex").entries.values()
    assert entry.fields["title"] == r"50\% of a\_b"
    assert [str(person) for person in entry.persons["author"]] == ["Doe, Jane", r"{Müller \& Söhne}"]
    (read,) = rispy.loads(to_ris(made))
    assert (read["type_of_reference"], read["date"], read["edition"]) == ("DATA", "2020/01/31", "0.1.0")
