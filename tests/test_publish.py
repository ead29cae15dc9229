"""A casebook of one's own becomes a release: the same input, the same files."""

import datetime as dt
import json
import zipfile

import pytest
import yaml
from support import ROOT

from casebook.book import open as open_casebook
from casebook.book import packaged_release
from casebook.errors import CasebookError, InvalidCasebookError
from casebook.model.metadata import Metadata
from casebook.publish import changelog, check_step, citation_cff, prepare, zenodo_json

CASE = "cases/alpha-1990/case.yaml"
DAY = dt.date(2030, 1, 2)


def files(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A first release of the small casebook, and what was written for it."""
    from support import Folder

    folder = Folder(tmp_path_factory.mktemp("released") / "tiny")
    folder.write("CHANGELOG.md", "# Changes\n\n## Unreleased\n\n- Written by hand.\n")
    folder.write("LICENSE-DATA", "CC BY 4.0\n")
    return folder, prepare(folder.path, "1.0.0", DAY)


def test_what_is_written(released):
    folder, written = released
    names = [str(path.relative_to(folder.path)) for path in written]
    assert names == ["casebook.yaml", "tables", "CITATION.cff", ".zenodo.json", "CHANGELOG.md", "dist/tiny-1.0.0.zip"]
    assert "version: 1.0.0\nreleased: 2030-01-02\n" in folder.read("casebook.yaml")
    assert open_casebook(folder.path).metadata.version == "1.0.0"
    assert list(folder.path.rglob("*.tmp")) == []


def test_the_citation_files_name_version_date_and_digest(released):
    folder, _ = released
    digest = open_casebook(folder.path).digest
    cff = yaml.safe_load(folder.read("CITATION.cff"))
    assert (cff["version"], cff["date-released"], cff["authors"]) == ("1.0.0", DAY, [{"name": "Jane Doe"}])
    assert cff["identifiers"][0]["value"] == f"sha256:{digest}"
    zenodo = json.loads(folder.read(".zenodo.json"))
    assert (zenodo["version"], zenodo["publication_date"], zenodo["license"]) == ("1.0.0", "2030-01-02", "cc-by-4.0")
    assert digest in zenodo["notes"]


def test_the_archive_holds_what_a_reader_needs_and_opens_as_a_casebook(released):
    folder, written = released
    book = open_casebook(written[-1])
    assert book.digest == open_casebook(folder.path).digest
    assert book.verify().ok
    with zipfile.ZipFile(written[-1]) as archive:
        names = set(archive.namelist())
        text = archive.read("tiny-1.0.0/codebook.md").decode()
    for name in ("tables/cases.parquet", "schemas/cases.yaml", "CITATION.cff", "LICENSE-DATA", "release.bib"):
        assert f"tiny-1.0.0/{name}" in names
    assert all(f"`{item.name}`" in text for table in book.schema for item in table.fields)


def test_made_twice_it_is_the_same(released):
    folder, _ = released
    before = files(folder.path)
    prepare(folder.path, "1.0.0", DAY)
    assert files(folder.path) == before


def test_the_changelog_keeps_what_people_wrote(released):
    text = released[0].read("CHANGELOG.md")
    assert text.startswith(
        "# Changes\n\n## 1.0.0, 2030-01-02\n\n<!-- data changes: generated -->\n### Data\n- First release."
    )
    assert text.endswith("<!-- end of data changes -->\n\n- Written by hand.\n")
    assert "channels 1" in text


def test_the_next_release_says_what_changed(folder, released):
    folder.replace("casebook.yaml", "version: 0.1.0", "version: 1.0.0")
    folder.write("CHANGELOG.md", released[0].read("CHANGELOG.md"))
    folder.replace(CASE, "violence: none", "violence: threatened")
    prepare(folder.path, "1.0.1", DAY, since=released[1][-1])
    text = folder.read("CHANGELOG.md")
    assert text.index("## 1.0.1") < text.index("## 1.0.0")
    assert "  - `cases` `alpha-1990` violence: none → threatened" in text
    assert text.count("- Written by hand.") == 1


def test_files_may_belong_elsewhere(folder, tmp_path):
    home = tmp_path / "home"
    written = prepare(folder.path, "1.0.0", DAY, home=home)
    assert {path.parent for path in written[2:5]} == {home}
    assert written[-1].parent == home / "dist"


def test_a_step_too_small_is_refused_and_the_version_stays(folder, released):
    for path in sorted((folder.path / "cases/alpha-1990").iterdir()):
        folder.write(f"cases/beta-1991/{path.name}", path.read_text().replace("alpha-1990", "beta-1991"))
    with pytest.raises(
        CasebookError, match=r"since 1\.0\.0 are minor: the next version is 1\.1\.0 at least, not 1\.0\.1"
    ):
        prepare(folder.path, "1.0.1", DAY, since=released[1][-1])
    assert "version: 0.1.0" in folder.read("casebook.yaml")
    prepare(folder.path, "1.1.0", DAY, since=released[1][-1])


@pytest.mark.parametrize(
    ("old", "new", "codebook", "message"),
    [
        ("1.2.3", "1.2.3", "", "does not come after"),
        ("1.2.3", "1.2.2", "", "does not come after"),
        ("1.2.3", "1.3.0", "removed", "the next version is 2.0.0 at least, not 1.3.0"),
        ("0.2.0", "0.2.1", "removed", "the next version is 0.3.0 at least, not 0.2.1"),
    ],
)
def test_steps(tiny, old, new, codebook, message):
    with pytest.raises(CasebookError, match=message):
        check_step(_changes(old, new, codebook))


@pytest.mark.parametrize(
    ("old", "new", "codebook"),
    [
        ("1.2.3", "1.2.4", ""),
        ("1.2.3", "2.0.0", "removed"),
        ("0.2.0", "0.3.0", "removed"),
        ("0.9.0", "1.0.0", "removed"),
    ],
)
def test_steps_that_are_great_enough(old, new, codebook):
    check_step(_changes(old, new, codebook))


def _changes(old, new, codebook):
    from casebook.releases.changes import CellChange, Changes, CodebookChange

    removed = [CodebookChange("cases", "violence", "variable", old="Violence")] if codebook else []
    cells = [CellChange("cases", "a", "violence", "none", "ongoing")]
    return Changes({"version": old}, {"version": new}, removed, {}, {}, cells)


def test_coding_files_with_problems_are_not_released(folder):
    folder.replace(CASE, "violence: none", "violence: much")
    before = files(folder.path)
    with pytest.raises(InvalidCasebookError):
        prepare(folder.path, "1.0.0", DAY)
    assert files(folder.path) == before


@pytest.mark.parametrize("version", ["1.0", "one", "v1.0.0", "1.0.0\nname: x"])
def test_what_is_no_version(folder, version):
    with pytest.raises(CasebookError, match="is not a version such as"):
        prepare(folder.path, version, DAY)


def test_a_folder_without_metadata(tmp_path):
    with pytest.raises(CasebookError, match=r"casebook\.yaml cannot be read"):
        prepare(tmp_path, "1.0.0", DAY)
    (tmp_path / "casebook.yaml").write_text("name: x\n")
    with pytest.raises(CasebookError, match="no line that begins with 'version:'"):
        prepare(tmp_path, "1.0.0", DAY)


def test_a_date_is_added_where_there_is_none(folder):
    folder.replace("casebook.yaml", "released: 2020-01-01\n", "")
    prepare(folder.path, "1.0.0", DAY)
    assert "version: 1.0.0\nreleased: 2030-01-02\nreference_date" in folder.read("casebook.yaml")


def test_people_dois_and_addresses_in_the_citation_files():
    about = Metadata(
        *("x", "X", "Of x.", "1.0.0", DAY, DAY),
        license="CC-BY-4.0",
        homepage="https://example.org",
        doi="10.1/x",
        contributors=("Doe, Jane",),
    )
    cff = yaml.safe_load(citation_cff(about))
    assert cff["authors"] == [{"family-names": "Doe", "given-names": "Jane"}]
    assert cff["identifiers"] == [{"type": "doi", "value": "10.1/x", "description": "DOI of the release"}]
    assert cff["url"] == "https://example.org"
    assert json.loads(zenodo_json(about))["creators"] == [{"name": "Doe, Jane"}]


def test_the_citation_files_of_this_repository_follow_its_metadata():
    """Between releases the data move on; title, authors, version and date are those of ``casebook.yaml``."""
    about = packaged_release().metadata
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    zenodo = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    cff.pop("identifiers", None), zenodo.pop("notes", None)
    assert cff == yaml.safe_load(citation_cff(about))
    assert zenodo == json.loads(zenodo_json(about))


def test_a_changelog_without_an_unreleased_section():
    text = changelog("# Changes\n\n## 0.1.0, 2029-01-01\n\n- Old.\n", "0.2.0", DAY, "- New.")
    assert text.index("## 0.2.0, 2030-01-02") < text.index("## 0.1.0, 2029-01-01")
    assert text.endswith("- Old.\n")
    assert changelog(text, "0.2.0", DAY, "- New.") == text
