"""What differs between two releases, where they lie in whatever form."""

import json
import shutil
import tarfile
import zipfile

import pytest

from casebook.authoring.build import compile_folder
from casebook.book import open as open_casebook
from casebook.errors import CasebookError, UnknownNameError
from casebook.releases.archives import tables_folder
from casebook.releases.changelog import as_markdown
from casebook.releases.changes import changes_between

CASE, CHANNELS, TERMS = (f"cases/alpha-1990/{name}.yaml" for name in ("case", "channels", "terms"))


def differing(tiny, folder):
    return folder.build().changes(tiny)


def test_no_difference(tiny, folder):
    changes = differing(tiny, folder)
    assert not changes
    assert changes.level is None
    assert str(changes).endswith("no difference")
    assert as_markdown(changes) == "- No change since 0.1.0."


def test_tables_just_made_compare_as_those_in_a_folder(tiny, folder):
    made = compile_folder(folder.path)
    assert not changes_between(tiny.store, made)
    assert not changes_between(made, tiny.store)
    made = compile_folder(folder.replace(CASE, "violence: none", "violence: threatened").path)
    assert str(changes_between(tiny.store, made)) == str(folder.build().changes(tiny))


def test_a_corrected_value_with_its_evidence(tiny, folder):
    folder.replace(CASE, "violence: none", "violence: threatened")
    folder.replace(
        CASE,
        "evidence:\n",
        "evidence:\n  - {on: violence, source: 'roe2002rival[p. 3]', confidence: high, note: Threats.}\n",
    )
    folder.replace(CASE, "start, end, violence, deadline", "start, end, deadline")
    changes = differing(tiny, folder)
    (cell,) = [cell for cell in changes.cells if cell.table == "cases"]
    assert (cell.row, cell.variable, cell.old, cell.new) == ("alpha-1990", "violence", "none", "threatened")
    assert cell.gained == ("roe2002rival[p. 3] (high, classified): Threats.",)
    assert cell.lost == ("doe2001talks (high, classified): As told there.",)
    assert changes.level == "patch"
    assert "~ cases alpha-1990 violence: none → threatened\n    + roe2002rival[p. 3] (high" in str(changes)
    markdown = as_markdown(changes)
    assert (
        "violence: none → threatened; evidence added: roe2002rival; evidence withdrawn: doe2001talks\n"
        in markdown + "\n"
    )
    assert "evidence_count" not in markdown
    assert "evidence_count" in set(changes.to_frame()["variable"])


def test_evidence_alone(tiny, folder):
    folder.replace(TERMS, "confidence: high", "confidence: medium")
    (cell, *_) = differing(tiny, folder).cells
    assert cell.old == cell.new
    assert (cell.gained, cell.lost) == (("doe2001talks (medium, stated)",), ("doe2001talks (high, stated)",))
    assert "evidence was added to or reworded: terms" in as_markdown(differing(tiny, folder))


def test_a_reason_that_changed(tiny, folder):
    folder.replace(CHANNELS, "circle: unknown", "circle: withheld")
    cells = {(cell.variable, cell.old, cell.new) for cell in differing(tiny, folder).cells}
    assert ("circle", "(unknown)", "(withheld)") in cells


def test_added_and_removed_rows(tiny, folder):
    folder.replace(TERMS, "- term: truce", "- term: peace")
    folder.replace(TERMS, "summary: Both sides", "summary: All sides")
    changes = differing(tiny, folder)
    assert changes.added == {"terms": ["alpha-1990/peace"]}
    assert changes.removed == {"terms": ["alpha-1990/truce"]}
    assert changes.level == "patch"
    assert "+ terms alpha-1990/peace" in str(changes)
    assert "- terms alpha-1990/truce" in str(changes)
    assert "  - `terms` `alpha-1990/peace`" in as_markdown(changes)


def test_a_new_case_is_a_minor_step_and_its_rows_are_counted(tiny, folder):
    for path in sorted((folder.path / "cases/alpha-1990").iterdir()):
        text = path.read_text().replace("alpha-1990", "beta-1991")
        folder.write(f"cases/beta-1991/{path.name}", text)
    changes = differing(tiny, folder)
    assert changes.level == "minor"
    assert changes.added["cases"] == ["beta-1991"]
    markdown = as_markdown(changes)
    assert "- Cases added: `beta-1991`." in markdown
    assert "events 2" in markdown
    assert "beta-1991/" not in markdown


def test_more_than_a_reader_can_take_is_counted_in_the_changelog(tiny, folder, monkeypatch):
    monkeypatch.setattr("casebook.releases.changelog.MOST", 1)
    folder.own_schemas()
    folder.replace("schemas/terms.yaml", "description: ", "description: In other words, ")
    folder.replace("schemas/claims.yaml", "description: ", "description: In other words, ")
    folder.replace(TERMS, "issue: security", "issue: recognition")
    folder.replace(CHANNELS, "venue: remote", "venue: mixed")
    changes = differing(tiny, folder)
    markdown = as_markdown(changes)
    assert "- Codebook, description changed: `terms`, `claims`." in markdown
    assert "- Values changed in rows that both releases have, 2 in all" in markdown
    assert "`channels.venue` 1, `terms.issue` 1." in markdown
    assert "alpha-1990" not in markdown
    assert "alpha-1990" in str(changes)


def test_changes_of_the_codebook(tiny, folder):
    folder.own_schemas()
    text = folder.read("schemas/terms.yaml")
    folder.write("schemas/terms.yaml", text.replace("title: Issue", "title: Matter", 1))
    changes = differing(tiny, folder)
    (change,) = changes.codebook
    assert (change.table, change.variable, change.what, change.old, change.new) == (
        *("terms", "issue", "title"),
        *("Issue", "Matter"),
    )
    assert changes.level == "patch"
    assert "codebook: terms.issue: title changed from “Issue” to “Matter”" in str(changes)


def test_a_removed_variable_or_category_is_a_major_step_an_added_one_minor(tiny, folder):
    folder.own_schemas()
    text = folder.read("schemas/events.yaml")
    new = "  - name: weather\n    type: string\n    title: Weather\n    description: Sun or rain.\n"
    folder.write("schemas/events.yaml", text.rstrip() + "\n" + new + "    casebook: {optional: true}\n")
    book = folder.build()
    (added,) = book.changes(tiny).codebook
    assert (added.what, added.variable, added.added, book.changes(tiny).level) == ("variable", "weather", True, "minor")
    assert "variable `events.weather` added" in as_markdown(book.changes(tiny))
    (removed,) = tiny.changes(book).codebook
    assert (removed.removed, tiny.changes(book).level) == (True, "major")


def test_a_rule_is_told_by_its_name(tiny, folder):
    folder.own_schemas()
    text = folder.read("schemas/terms.yaml")
    start, stop = text.index("    - name: mutual_terms_have"), text.index("    - name: unfulfilled_has")
    folder.write("schemas/terms.yaml", text[:start] + text[stop:])
    book = folder.build()
    added, removed = tiny.changes(book), book.changes(tiny)
    assert "codebook: terms: rule mutual_terms_have_no_direction added" in str(added)
    assert "codebook: terms: rule mutual_terms_have_no_direction removed" in str(removed)
    assert (added.level, removed.level) == ("minor", "patch")


def test_a_removed_table_and_category(tiny, folder):
    folder.own_schemas()
    (folder.path / "schemas/crosswalk.yaml").unlink()
    text = folder.read("schemas/cases.yaml")
    start = text.index("      - {value: ongoing")
    stop = text.index("    casebook:", start)
    folder.write("schemas/cases.yaml", text[:start] + text[stop:])
    changes = differing(tiny, folder)
    assert ("crosswalk", "", "table", True) in {(c.table, c.variable, c.what, c.removed) for c in changes.codebook}
    assert ("cases", "violence", "category ongoing", True) in {
        (c.table, c.variable, c.what, c.removed) for c in changes.codebook
    }
    assert changes.level == "major"
    assert "table crosswalk removed" in str(changes)
    assert "cases.violence: category ongoing removed" in str(changes)


def test_as_json(tiny, folder):
    folder.replace(CASE, "violence: none", "violence: threatened")
    content = json.loads(json.dumps(differing(tiny, folder).to_dict()))
    assert content["level"] == "patch"
    assert content["cells"][0]["new"] == "threatened"


@pytest.mark.usefixtures("unchecked")
def test_it_shows_in_notebooks_as_text(tiny, folder):
    changes = differing(tiny, folder.replace(TERMS, "Both sides", "<b>Both</b> sides"))
    assert "&lt;b&gt;Both" in changes._repr_html_()


@pytest.fixture
def archives(tiny, tmp_path):
    """The small casebook as wheel, zip, source distribution and folder."""
    tables = tiny.store.folder
    shutil.copytree(tables, tmp_path / "older/tables")
    for name, home in (("tiny-0.1.0.whl", "casebook/tables"), ("tiny-0.1.0.zip", "tiny-0.1.0/tables")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("other/datapackage.json", "{}")
            for path in tables.iterdir():
                archive.write(path, f"{home}/{path.name}")
    with tarfile.open(tmp_path / "tiny-0.1.0.tar.gz", "w:gz") as archive:
        archive.add(tables, "tiny-0.1.0/data/tables")
    (tmp_path / "notes.txt").write_text("not a release")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize("name", ["older", "older/tables", "tiny-0.1.0.whl", "tiny-0.1.0.zip", "tiny-0.1.0.tar.gz"])
def test_releases_open_wherever_they_lie(tiny, archives, name):
    book = open_casebook(archives / name)
    assert book.digest == tiny.digest
    assert book.verify().ok
    assert book.load("cases").equals(tiny.load("cases"))
    assert not tiny.changes(archives / name)


def test_a_checkout_is_a_casebook(tiny, tmp_path):
    shutil.copytree(tiny.store.folder, tmp_path / "data/tables")
    assert open_casebook(tmp_path).digest == tiny.digest


def test_what_is_no_release(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "a.zip").write_text("x")
    (tmp_path / "a.tar.gz").write_text("x")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    for name, message in {
        "none": "there is no folder or file",
        "a.txt": "neither a folder nor an archive",
        "a.zip": "not a readable archive",
        "a.tar.gz": "not a readable archive",
        "b.zip": "holds no built casebook",
    }.items():
        with pytest.raises(CasebookError, match=message):
            tables_folder(tmp_path / name)


class TestHistory:
    @pytest.fixture
    def newer(self, folder):
        folder.replace("casebook.yaml", "version: 0.1.0", "version: 0.10.0")
        return folder.replace(CASE, "violence: none", "violence: threatened").build()

    def test_one_value_through_the_releases(self, newer, archives, tiny):
        history = newer.history("alpha-1990", "violence", releases=archives)
        assert history.index.to_list() == ["0.1.0", "0.10.0"]
        assert history["value"].to_list() == ["none", "threatened"]
        assert history["sources"].to_list() == ["doe2001talks", "doe2001talks"]
        assert history["digest"].to_list() == [tiny.digest, newer.digest]

    def test_releases_are_put_in_order_of_version(self, newer, tiny, archives, folder):
        history = tiny.history("alpha-1990", "violence", releases=[folder.path, archives / "tiny-0.1.0.zip"])
        assert history["value"].to_list() == ["none", "threatened"]

    def test_a_row_that_an_older_release_did_not_have(self, folder, archives):
        folder.replace("casebook.yaml", "version: 0.1.0", "version: 0.2.0").replace(TERMS, "term: truce", "term: peace")
        history = folder.build().history("alpha-1990/peace", "issue", releases=archives / "older/..")
        assert history["value"].isna().to_list() == [True, False]

    def test_wrong_names(self, tiny, tmp_path):
        with pytest.raises(UnknownNameError, match="no row 'alpha'"):
            tiny.history("alpha", "violence")
        with pytest.raises(UnknownNameError, match="no variable 'violins' of alpha-1990; did you mean 'violence'"):
            tiny.history("alpha-1990", "violins")
        with pytest.raises(CasebookError, match="there is no folder"):
            tiny.history("alpha-1990", "violence", releases=tmp_path / "none")
