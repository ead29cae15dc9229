"""A casebook of one's own becomes a release: the same input, the same files."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
import yaml
from support import ROOT

from casebook import publish
from casebook._support.together import JOURNAL, change_together
from casebook.book import open as open_casebook
from casebook.book import packaged_release
from casebook.errors import CasebookError, InvalidCasebookError
from casebook.model.metadata import Metadata
from casebook.publish import changelog, check_step, citation_cff, prepare, zenodo_json
from casebook.releases.changes import CellChange, Changes, CodebookChange

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


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_values_on_a_line_of_their_own_are_replaced_too(tmp_path, end):
    text = "version:\n  0.1.0\nreleased: >-\n\t 2020-01-01\nname: tiny\n".replace("\n", end)
    text = publish.bumped(text, tmp_path, "1.0.0", DAY)
    assert text == "version: 1.0.0\nreleased: 2030-01-02\nname: tiny\n".replace("\n", end)


def test_a_release_before_its_reference_date_is_refused(folder):
    before = files(folder.path)
    with pytest.raises(
        CasebookError, match="the reference date 2020-01-01 lies after 2019-12-31, the day of the release"
    ):
        prepare(folder.path, "1.0.0", dt.date(2019, 12, 31))
    assert files(folder.path) == before


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
    assert not (folder.path / "tables").exists()
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


@pytest.fixture
def again(released, tmp_path):
    """The first release, in a folder of its own."""
    from support import Folder

    shutil.copytree(released[0].path, tmp_path / "tiny")
    again = Folder.__new__(Folder)
    again.path = tmp_path / "tiny"
    return again


def refused(folder, version, day, message, **options):
    before = files(folder.path)
    with pytest.raises(CasebookError, match=message):
        prepare(folder.path, version, day, **options)
    assert files(folder.path) == before


def test_the_newest_archive_is_the_release_before(again):
    again.replace(CASE, "violence: none", "violence: threatened")
    again.replace("CHANGELOG.md", "# Changes\n", "# Changes\n\n## Unreleased\n\n- Threats were found.\n")
    refused(again, "1.0.0", DAY, "tiny-1.0.0.zip exists and holds other data; a release is not changed")
    refused(again, "0.5.0", DAY, r"version 0\.5\.0 does not come after 1\.0\.0, which .*tiny-1\.0\.0\.zip records")
    refused(again, "1.0.1", DAY - dt.timedelta(1), r"2030-01-01 lies before the release of 1\.0\.0, on 2030-01-02")
    prepare(again.path, "1.0.1", DAY)
    text = again.read("CHANGELOG.md")
    assert "- Compared with 1.0.0." in text
    assert text.count("First release") == 1
    shutil.rmtree(again.path / "dist")
    refused(again, "1.0.1", DAY, r"1\.0\.0 was released before, and its archive is not in .*dist; name it")
    again.write("CHANGELOG.md", "# Changes\n")
    prepare(again.path, "1.0.2", DAY)
    assert "- No change since 1.0.1." in again.read("CHANGELOG.md")


def test_tables_that_were_built_again_are_no_release(again):
    shutil.rmtree(again.path / "dist")
    again.replace(CASE, "violence: none", "violence: threatened").build()
    refused(again, "1.0.1", DAY, r"1\.0\.0 was released before, and its archive is not in")


def test_a_day_before_the_release_named(again, released):
    refused(again, "1.0.1", dt.date(2020, 1, 1), "2020-01-01 lies before the release of 1.0.0", since=released[1][-1])


def test_from_a_version_announced_to_that_version():
    added = CodebookChange("cases", "weather", "variable", new="Weather")
    for old, new in (("1.1.0rc1", "1.1.0"), ("2.0.0.dev1", "2.0.0"), ("1.1.1rc1", "1.2.0")):
        check_step(Changes({"version": old}, {"version": new}, [added], {}, {}, []))
    with pytest.raises(CasebookError, match=r"the next version is 1\.2\.0 at least, not 1\.1\.1"):
        check_step(Changes({"version": "1.1.1rc1"}, {"version": "1.1.1"}, [added], {}, {}, []))


def test_what_cannot_be_written_leaves_all_as_it_was(folder):
    folder.write("dist", "a file")
    refused(folder, "1.0.0", DAY, "dist/tiny-1.0.0.zip cannot be written")
    (folder.path / "dist").unlink()
    (folder.path / "CITATION.cff").mkdir()
    refused(folder, "1.0.0", DAY, r"CITATION\.cff cannot be written: there is a folder of that name")
    (folder.path / "CHANGELOG.md").write_bytes(b"\xff")
    refused(folder, "1.0.0", DAY, r"CHANGELOG\.md is not UTF-8 text")
    assert [path.name for path in folder.path.rglob(".*")] == []


def test_a_release_that_breaks_off_at_any_change_is_undone_and_can_be_made_again(again, monkeypatch):
    """What `change_together` promises, with the files of a release; ``casebook.yaml`` comes last."""
    again.replace(CASE, "violence: none", "violence: threatened")
    before, seen = files(again.path), []
    monkeypatch.setattr(publish, "change_together", lambda contents, journal: seen.append(contents))
    prepare(again.path, "1.0.1", DAY)
    contents = seen[0]
    assert list(contents)[-1] == again.path / "casebook.yaml"
    for number in range(1, 8):
        calls = []

        def interrupted(*places, original=os.replace, calls=calls, number=number):
            calls.append(places)
            if len(calls) == number:
                raise KeyboardInterrupt
            original(*places)

        with monkeypatch.context() as patch:
            patch.setattr("casebook._support.together.os.replace", interrupted)
            with pytest.raises(KeyboardInterrupt):
                change_together(contents, again.path / JOURNAL)
        assert files(again.path) == before
    change_together(contents, again.path / JOURNAL)
    assert open_casebook(again.path).metadata.version == "1.0.1"
    assert "version: 1.0.1" in again.read("casebook.yaml")


def test_the_archive_depends_on_nothing_but_the_casebook(folder, released, tmp_path):
    other = shutil.copytree(folder.path, tmp_path / "another place" / "tiny")
    shutil.copy(released[0].path / "LICENSE-DATA", other)
    (other / "CHANGELOG.md").write_text("# Changes\n\n## Unreleased\n\n- Written by hand.\n")
    environment = {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1893542400"}
    result = subprocess.run(
        [sys.executable, "-m", "casebook", "release", "1.0.0", "--data", str(other)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        umask=0o077,
    )
    assert "released 2030-01-02 (from SOURCE_DATE_EPOCH)" in result.stdout
    assert (other / "dist/tiny-1.0.0.zip").read_bytes() == released[1][-1].read_bytes()


def test_casebook_yaml_keeps_all_else():
    text = "# mine\r\nname: x\r\nversion: 0.1.0 \r\nreference_date: 2020-01-01\r\n"
    expected = "# mine\r\nname: x\r\nversion: 1.0.0\r\nreleased: 2030-01-02\r\nreference_date: 2020-01-01\r\n"
    assert publish.bumped(text, ROOT / "casebook.yaml", "1.0.0", DAY) == expected
    assert publish.bumped(expected, ROOT / "casebook.yaml", "1.0.0", DAY) == expected


def test_a_changelog_knows_its_versions():
    text = changelog("# Changes\n\n## 1.0.0rc1, 2029-01-01\n\n- Soon.\n", "1.0.0", DAY, "- New.")
    assert text.index("## 1.0.0, 2030-01-02") < text.index("## 1.0.0rc1, 2029-01-01")
    assert changelog("", "1.0.0", DAY, "- New.").startswith("## 1.0.0, 2030-01-02\n")
