"""Casebooks whose codebook is not the packaged one: few tables, few variables, few rows."""

import pytest
from support import BUILT, FILES, Folder, casebook, schemas

from casebook import durations, explore, multiverse, plots
from casebook.authoring.templates import new_case
from casebook.codings.sheet import lines
from casebook.errors import CasebookError

CODEBOOK = """\
name: cases
title: Cases
description: One row per case.
primaryKey: case_id
casebook: {since: 1.0.0, file: case.yaml, label: title}
fields:
  - {name: case_id, type: string, title: Case, description: Its name., constraints: {required: true, unique: true}}
  - {name: title, type: string, title: Title, description: Its title., constraints: {required: true}}
  - name: color
    type: string
    title: Color
    description: Its color.
    casebook: {coded: true}
    categories: [{value: red, label: Red, description: Red.}, {value: blue, label: Blue, description: Blue.}]
"""
CASE = """\
case: one
title: The one case
color: red
evidence:
  - {on: color, source: doe2001talks, confidence: high, note: As told there.}
  - {on: color, source: roe2002rival, reads: blue, confidence: low, note: Roe saw another.}
"""


class Small(Folder):
    """A casebook of one table, with one case or none."""

    def __init__(self, path, case=CASE):
        self.path = path
        self.write("casebook.yaml", FILES["casebook.yaml"])
        self.write("sources.bib", FILES["sources.bib"] if case else "")
        self.write("schemas/cases.yaml", CODEBOOK)
        for name in BUILT:
            self.write(f"schemas/{name}", (schemas() / name).read_text(encoding="utf-8"))
        (self.path / "cases").mkdir()
        if case:
            self.write("cases/one/case.yaml", case)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return Small(tmp_path_factory.mktemp("small") / "small").build()


def test_pages_and_lists_show_what_there_is(small):
    assert str(small.case("one")) == (
        'The one case\n============\n\nFacts\n-----\n  Color | Red\n  Evidence: casebook.evidence("one", "color")'
    )
    assert ">The one case</td>" in explore("cases", book=small)._repr_html_()
    assert [line.unit for line in lines(small)] == ["The one case"]
    assert small.compare("color").to_frame().to_dict("list") == {"Color": ["Red"]}


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda book: plots.outcome(data=book), "plots.outcome needs the variable cases.start_earliest, which"),
        (lambda book: plots.secrecy(data=book), "there is no table 'channels'"),
        (lambda book: plots.network("one", data=book), "there is no table 'events'"),
        (lambda book: durations.analyze("existence", book=book), "there is no table 'channels'"),
        (lambda book: multiverse(lambda world: 1, book=book), "must return named conclusions"),
    ],
)
def test_what_needs_another_codebook_says_so(small, ask, message):
    with pytest.raises(CasebookError, match=message):
        ask(small)


def test_a_mistake_of_ones_own_is_not_taken_for_a_gap_in_the_codebook(small, monkeypatch):
    monkeypatch.setattr("casebook.plots.durations.chosen", lambda *_: {}["no such variable"])
    with pytest.raises(KeyError, match="no such variable"):
        plots.outcome(data=small)


def test_a_new_case_has_files_for_the_tables_that_there_are(tmp_path):
    folder = Small(tmp_path / "small", case="")
    new_case(folder.path, "two")
    assert not (folder.path / "actors.yaml").exists()


def test_a_casebook_without_cases_is_built_exported_and_verified(tmp_path):
    folder = Small(tmp_path / "none", case="")
    book = folder.build()
    assert book.tables()["rows"].sum() == 0
    assert casebook("verify", "--data", folder.path).returncode == 0
    assert book.export(tmp_path / "exports")
    with pytest.raises(CasebookError, match="holds no case to draw"):
        plots.outcome(data=book)
