"""One grammar of versions, and one rule by which a contributor is a person or a body."""

import datetime as dt
import json

import pytest
import yaml

from casebook.errors import InvalidCasebookError
from casebook.model.metadata import Contributor, Metadata, parse_version


@pytest.mark.parametrize("text", ["1.0.0", "0.12.3", "1.0.0a1", "1.0.0b2", "1.0.0rc10", "1.0.0.dev1"])
def test_versions(text):
    assert str(parse_version(text)) == text


@pytest.mark.parametrize(
    "text",
    ["1.0", "1", "v1.0.0", "1.0.0a", "1.0.0rc", "1.0.01", "01.0.0", "1.0.0-1", "1.0.0.post1", "1.0.0\n", "١.0.0", ""],
)
def test_what_is_no_version(text, folder):
    with pytest.raises(ValueError, match="is not a version such as"):
        parse_version(text)


def test_casebook_yaml_has_the_same_grammar_as_releases(folder):
    from casebook.authoring.metadata import read_metadata
    from casebook.errors import Problems

    problems = Problems()
    folder.replace("casebook.yaml", "version: 0.1.0", "version: 1.0.0a")
    folder.replace("casebook.yaml", "contributors: [Jane Doe]", "contributors: ['Doe,', A body]")
    assert read_metadata(folder.path / "casebook.yaml", problems) is None
    with pytest.raises(InvalidCasebookError) as caught:
        problems.raise_if_any()
    assert "'1.0.0a' is not a version such as 1.0.0" in str(caught.value)
    assert "'Doe,' is neither a person such as 'Doe, Jane' nor a body" in str(caught.value)


@pytest.mark.parametrize("text", ["Doe,", ", Jane", ",", "", "Doe, Jane, Jr."])
def test_what_is_no_contributor(text):
    with pytest.raises(ValueError, match="is neither a person such as 'Doe, Jane' nor a body"):
        Contributor.parse(text)


NAMES = ("Doe, Jane", "Peace Institute Oslo", "The Group")
ABOUT = Metadata("x", "X", "Of x.", "1.0.0", dt.date(2030, 1, 2), dt.date(2030, 1, 2), contributors=NAMES)


def test_it_comes_back_from_its_descriptor():
    assert Metadata.from_descriptor({**ABOUT.to_descriptor()}) == ABOUT


def test_every_form_tells_persons_and_bodies_by_one_rule():
    from casebook.exports.schemaorg import creator
    from casebook.releases.citation import citation_cff, zenodo_json
    from casebook.sources.bibliography import release_item

    person, *bodies = ABOUT.authors
    assert (person.person, person.family, person.given, person.shown) == (True, "Doe", "Jane", "Jane Doe")
    assert [body.person for body in bodies] == [False, False]
    assert [creator(author)["@type"] for author in ABOUT.authors] == ["Person", "Organization", "Organization"]
    assert creator(person)["name"] == "Jane Doe"
    assert release_item(ABOUT, "")["author"] == [
        {"family": "Doe", "given": "Jane"},
        {"literal": "Peace Institute Oslo"},
        {"literal": "The Group"},
    ]
    assert yaml.safe_load(citation_cff(ABOUT))["authors"] == [
        {"family-names": "Doe", "given-names": "Jane"},
        {"name": "Peace Institute Oslo"},
        {"name": "The Group"},
    ]
    assert [who["name"] for who in json.loads(zenodo_json(ABOUT))["creators"]] == list(NAMES)
