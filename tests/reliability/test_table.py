"""The table ``agreement``, as the builder makes it and ``casebook verify`` makes it again."""

import numpy as np
import pandas as pd
import pytest
from support import Folder, altered

from casebook.model.rendering import arrow_table
from casebook.releases.integrity import disagreements

HEAD = "coder,table,row,variable,value,decision,decision_reason\n"
EFFECTS = ["keep_deniability", "explore_options", "build_trust", "misread"]
RECORD = """\
coders:
  ann: {kind: human, codebook: "1"}
  ben: {kind: human, codebook: "1"}
  cid: {kind: human, codebook: "2"}
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Two coders by one codebook, a third by another, one value of the second decided; tests must not change it."""
    lines = [
        f"{coder},effects,alpha-1990/line/{effect},observed,{value},{'kept,As told.' if decided else ','}"
        for coder, values in (("ann", "yes no no no"), ("ben", "yes no yes no"), ("cid", "yes no no no"))
        for effect, value in zip(EFFECTS, values.split(), strict=True)
        for decided in [coder == "ben" and effect == "build_trust"]
    ]
    lines += [f"{coder},channels,alpha-1990/line,existence_disclosed,1990-06,," for coder in ("ann", "ben")]
    folder = Folder(tmp_path_factory.mktemp("table") / "book").write("codings/all.csv", HEAD + "\n".join(lines) + "\n")
    return folder.write("casebook.yaml", folder.read("casebook.yaml") + RECORD).build()


@pytest.fixture(scope="module")
def table(book):
    return book.load("agreement").set_index("agreement_id")


def test_each_coder_is_compared_with_the_published_coding_and_with_those_by_the_same_codebook(table):
    pairs = table[["coder", "other_coder", "adjudication"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [
        ["ann", "ben", "before"],
        ["ann", "casebook", "undecided"],
        ["ben", "casebook", "after"],
        ["cid", "casebook", "undecided"],
    ]


def test_the_figures_are_those_of_the_function(book, table):
    found = book.agreement(coders=["ann", "ben"])
    variable = found.to_frame().set_index("variable").query("part == ''").loc["observed"]
    row = table.loc["ann/ben/effects#observed"]
    names = ["units", "percent", "codable", "alpha", "ac", "both", "both_percent", "both_alpha"]
    assert row[names].tolist() == pytest.approx(variable[names].tolist(), abs=5e-5)
    assert row[["alpha_low", "alpha_high"]].tolist() == pytest.approx(variable[["low", "high"]].tolist(), abs=5e-5)
    group = found.to_frame("groups").set_index("table").loc["effects"]
    pooled = table.loc["ann/ben/effects/judgments"]
    assert pooled["pooled"]
    assert pooled[["variables", "units", "alpha"]].tolist() == pytest.approx(
        group[["variables", "decisions", "alpha"]].tolist(), abs=5e-5
    )


def test_parts_and_what_follows_from_codings_have_rows_of_their_own(table):
    part = table.loc["ann/ben/effects#observed/misread"]
    assert (part["part"], part["units"], part["percent"]) == ("misread", 1, 100)
    assert pd.isna(part["alpha"])
    date = table.loc["ann/casebook/channels#existence_disclosed"]
    assert (date["level"], date["percent"], date["overlapping"]) == ("date", 0, 100)
    assert pd.isna(date["alpha"])


def test_the_published_coding_is_a_coder_like_any_other(book):
    assert list(book.load("coders")["coder_id"]) == ["ann", "ben", "cid", "casebook"]


def test_a_casebook_without_codings_has_no_row(tiny):
    assert tiny.load("agreement").empty
    assert tiny.load("coders").empty


class TestVerified:
    def found(self, book, **frames):
        store = altered(book, **frames).store
        tables = {name: arrow_table(book.schema.table(name), frame) for name, frame in store.frames.items()}
        columns = {name: table.to_pydict() for name, table in tables.items()}
        found = disagreements(book.schema, columns, book.metadata.reference_date)
        return [str(each) for each in found]

    def test_figures_follow_from_the_codings(self, book):
        assert self.found(book) == []

    def test_a_changed_figure_is_found_with_its_cell(self, book):
        frame = book.load("agreement")
        frame.loc[frame["agreement_id"] == "ann/ben/effects#observed", "alpha"] = 0.9
        (problem,) = self.found(book, agreement=frame)
        assert problem.startswith("agreement ann/ben/effects#observed alpha: is 0.9; from the codings follows 0.")

    def test_rows_left_out_or_added_are_found(self, book):
        frame = book.load("agreement")
        assert self.found(book, agreement=frame.iloc[1:]) == [
            f"agreement {frame['agreement_id'][0]}: there is no such row; from the codings follows one"
        ]
        frame.loc[0, "agreement_id"] = "ann/dan/x"
        assert len(self.found(book, agreement=frame)) == 2

    def test_codings_that_no_coder_can_give_end_in_a_finding(self, book):
        codings = book.load("codings")
        codings["value"] = np.where(codings["variable"] == "existence_disclosed", "no day", codings["value"])
        problems = self.found(book, codings=codings)
        assert any(problem.startswith("agreement: cannot be computed from the codings: ") for problem in problems)
