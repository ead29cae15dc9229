"""Published results are reproduced."""

import sys

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import casebook
from casebook import qca
from casebook.errors import CasebookError, UnknownNameError
from casebook.qca.truthtable import formula, membership, sufficiency

CONDITIONS = ["DEV", "URB", "LIT", "IND", "STB"]

# Survival of democracy between the wars (Lipset's indicators), crisp: Rihoux and Ragin (2009), Configurational
# Comparative Methods, chapter 3; the data set LC of the R package QCA (Dușa 2019, QCA with R).
LIPSET_CRISP = """
AU 1 0 1 1 0 0
BE 1 1 1 1 1 1
CZ 1 1 1 1 1 1
EE 0 0 1 0 1 0
FI 1 0 1 0 1 1
FR 1 0 1 1 1 1
DE 1 1 1 1 0 0
GR 0 0 0 0 0 0
HU 0 0 1 0 0 0
IE 1 0 1 0 1 1
IT 0 0 0 0 1 0
NL 1 1 1 1 1 1
PL 0 0 1 0 0 0
PT 0 0 0 0 0 0
RO 0 0 0 0 1 0
ES 0 0 0 0 0 0
SE 1 0 1 1 1 1
UK 1 1 1 1 1 1
"""
# The same, fuzzy: data set LF of the R package QCA.
LIPSET_FUZZY = """
AU 0.81 0.12 0.99 0.73 0.43 0.05
BE 0.99 0.89 0.98 1.00 0.98 0.95
CZ 0.58 0.98 0.98 0.90 0.91 0.89
EE 0.16 0.07 0.98 0.01 0.91 0.12
FI 0.58 0.03 0.99 0.08 0.58 0.77
FR 0.98 0.03 0.99 0.81 0.95 0.95
DE 0.89 0.79 0.99 0.96 0.31 0.05
GR 0.04 0.09 0.13 0.36 0.43 0.06
HU 0.07 0.16 0.88 0.07 0.13 0.42
IE 0.72 0.05 0.98 0.01 0.95 0.92
IT 0.34 0.10 0.41 0.47 0.58 0.05
NL 0.98 1.00 0.99 0.94 0.99 0.95
PL 0.02 0.17 0.59 0.00 0.00 0.12
PT 0.01 0.02 0.01 0.11 0.01 0.05
RO 0.01 0.03 0.17 0.00 0.84 0.21
ES 0.03 0.30 0.09 0.21 0.20 0.06
SE 0.95 0.13 0.99 0.67 0.91 0.95
UK 0.98 0.99 0.99 1.00 0.98 0.95
"""


def lipset(text):
    rows = [line.split() for line in text.split("\n") if line]
    return pd.DataFrame(rows, columns=["country", *CONDITIONS, "SURV"]).set_index("country").astype(float)


def solve(text, **options):
    return qca.solve(lipset(text), "SURV", CONDITIONS, expect=dict.fromkeys(CONDITIONS, "present"), **options)


def test_the_crisp_solutions_of_lipset_are_the_published_ones():
    result = solve(LIPSET_CRISP)
    assert set(result.formulas["complex"].split(" + ")) == {"DEV·~URB·LIT·STB", "DEV·LIT·IND·STB"}
    assert result.formulas["parsimonious"] == "DEV·STB"
    # As R's QCA gives it for dir.exp = "1,1,1,1,1".
    assert result.formulas["intermediate"] == "DEV·LIT·STB"
    assert all(len(models) == 1 for models in result.models.values())


def test_the_crisp_truth_table_of_lipset():
    result = solve(LIPSET_CRISP)
    seen = result.truth_table[result.truth_table["rows"] > 0]
    assert len(result.truth_table) == 32
    assert list(seen["rows"]) == [4, 3, 2, 2, 2, 2, 1, 1, 1]
    assert not seen["contradictory"].any()
    assert seen.iloc[0]["members"] == "BE, CZ, NL, UK"
    assert "9 occur; the other 23 are logical remainders" in str(result)


def test_necessity_of_lipset_is_the_published_one():
    found = solve(LIPSET_CRISP).necessity.round(3)
    # inclN, covN and RoN as superSubset() of R's QCA prints them.
    assert list(found.loc["DEV"]) == [1.0, 0.8, 0.8]
    assert list(found.loc["LIT"]) == [1.0, 0.615, 0.5]
    assert list(found.loc["STB"]) == [1.0, 0.727, 0.7]


def test_the_fuzzy_measures_of_lipset_are_the_published_ones():
    found = solve(LIPSET_FUZZY, consistency=0.7, pri=0).solutions.set_index(["solution", "term"]).round(3)
    measures = ["consistency", "pri", "raw_coverage", "unique_coverage"]
    # inclS, PRI, covS and covU as minimize() of R's QCA prints them.
    assert list(found.loc[("complex", "DEV·~URB·LIT·STB"), measures]) == [0.809, 0.761, 0.433, 0.196]
    assert list(found.loc[("complex", "DEV·LIT·IND·STB"), measures]) == [0.843, 0.821, 0.622, 0.385]
    assert list(found.loc[("complex", "(all terms)"), measures[:3]]) == [0.871, 0.851, 0.818]
    assert list(found.loc[("intermediate", "DEV·LIT·STB"), measures[:3]]) == [0.869, 0.848, 0.824]
    assert list(found.loc[("parsimonious", "DEV·STB"), measures[:3]]) == [0.869, 0.848, 0.824]


def test_the_absence_of_an_outcome_turns_expectations_round():
    result = solve(LIPSET_CRISP, negate=True)
    assert result.outcome == "~SURV"
    assert set(result.formulas["complex"].split(" + ")) == {"DEV·LIT·IND·~STB", "~DEV·~URB·~IND"}
    assert set(result.formulas["parsimonious"].split(" + ")) == {"~DEV", "~STB"}
    # DEV, LIT and IND are expected to be absent, so that their presence may be dropped; the absences stay.
    assert set(result.formulas["intermediate"].split(" + ")) == {"~STB", "~DEV·~URB·~IND"}


def test_contradictions_ambiguity_and_rare_rows_are_said():
    frame = pd.DataFrame(
        {"A": [1, 1, 0, 0, 1], "B": [1, 1, 0, 0, 0], "Y": [1, 0, 0, 0, 1]}, index=["a", "b", "c", "d", "e"]
    )
    result = qca.solve(frame, "Y", ["A", "B"])
    assert "A·B (1 of 2 in the outcome: a, b)" in str(result)
    assert "No single condition" not in str(result)
    rare = qca.solve(frame, "Y", ["A", "B"], frequency=2)
    assert "1 of them are too rare to count" in str(rare)
    assert "No configuration is sufficient" in str(rare)
    assert rare.conclusions()["complex solution"] == "none"


def test_equally_short_formulas_are_counted():
    # A·~B and ~A·B and A·B lead to Y in the three-condition example where two covers exist (Quine's cyclic chart).
    rows = [
        (0, 0, 0, 0),
        (0, 0, 1, 1),
        (0, 1, 0, 1),
        (0, 1, 1, 1),
        (1, 0, 0, 1),
        (1, 0, 1, 1),
        (1, 1, 0, 1),
        (1, 1, 1, 0),
    ]
    result = qca.solve(pd.DataFrame(rows, columns=["A", "B", "C", "Y"]), "Y", ["A", "B", "C"])
    assert len(result.models["complex"]) == 2
    assert "other formulas as short: 1" in str(result)


def test_rows_without_membership_are_set_aside():
    frame = pd.DataFrame({"A": [1, 0, None, 0.5], "B": [1, 0, 1, 1], "Y": [1, 0, 1, 1]}, index=list("abcd"))
    result = qca.solve(frame, "Y", ["A", "B"])
    assert result.set_aside == {"c": "no membership in A", "d": "exactly 0.5, neither in nor out, in A"}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from([0, 0.2, 0.4, 0.6, 0.8, 1])] * 4), min_size=2, max_size=12))
def test_complex_lies_within_intermediate_within_parsimonious(rows):
    frame = pd.DataFrame(rows, columns=["A", "B", "C", "Y"])
    result = qca.solve(frame, "Y", ["A", "B", "C"], expect={"A": "present", "B": "absent"}, consistency=0.6, pri=0)
    corners = pd.DataFrame([(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)], columns=["A", "B", "C"])

    def corners_in(kind):
        found = set()
        for term in result.formulas[kind].split(" + ") if result.formulas[kind] else []:
            literals = [] if term == "(always)" else term.split("·")
            wanted = tuple(1 if name in literals else 0 if f"~{name}" in literals else None for name in "ABC")
            found |= set(corners.index[membership(corners, wanted) > 0.5])
        return found

    positive = result.truth_table[result.truth_table["status"] == "sufficient"]
    negative = result.truth_table[result.truth_table["status"] == "not sufficient"]
    number = {(row.A, row.B, row.C): row.Index for row in corners.itertuples()}
    assert corners_in("complex") == {number[row.A, row.B, row.C] for row in positive.itertuples()}
    assert corners_in("complex") <= corners_in("intermediate") <= corners_in("parsimonious")
    assert not corners_in("parsimonious") & {number[row.A, row.B, row.C] for row in negative.itertuples()}


def test_pri_of_crisp_sets_is_their_consistency():
    import numpy as np

    found = sufficiency(np.array([1.0, 1, 1, 0]), np.array([1.0, 1, 0, 1]))
    assert found["pri"] == found["consistency"] == pytest.approx(2 / 3)
    assert formula(["A", "B"], [(None, None)]) == "(always)"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"conditions": ["A"]}, "2 to 8 different conditions"),
        ({"conditions": ["A", "A"]}, "different conditions"),
        ({"conditions": ["A", "C"]}, "there is no column 'C'"),
        ({"consistency": 1.5}, "consistency must lie between 0 and 1"),
        ({"frequency": 0}, "frequency must be at least 1"),
    ],
)
def test_impossible_questions_are_refused(options, message):
    frame = pd.DataFrame({"A": [1, 0], "B": [1, 0], "Y": [1, 0]})
    with pytest.raises(CasebookError, match=message):
        qca.solve(frame, "Y", **{"conditions": ["A", "B"], **options})


def test_raw_values_are_refused():
    with pytest.raises(CasebookError, match="calibrate the values first"):
        qca.solve(pd.DataFrame({"A": [1, 20], "B": [1, 0], "Y": [1, 0]}), "Y", ["A", "B"])


def test_declared_analyses_run_on_the_packaged_casebook():
    result = qca.analyze("production")
    assert result.unit == "channels"
    assert len(result.memberships) + len(result.set_aside) == len(casebook.load("channels"))
    page = result._repr_html_()
    assert "Truth table" in page
    assert "What sort of channel" in page


def test_unknown_names_are_answered_with_the_valid_ones(tiny):
    with pytest.raises(
        UnknownNameError, match=r"there is no declared analysis 'settlment' .*; did you mean 'settlement'"
    ):
        qca.analyze("settlment", book=tiny)
    with pytest.raises(UnknownNameError, match="there is no outcome 'setled'; did you mean 'settled'"):
        qca.analyze("setled", ["asymmetric", "recognized"], book=tiny)
    with pytest.raises(UnknownNameError, match="there is no condition 'deniable' of cases"):
        qca.analyze("settled", ["asymmetric", "deniable"], book=tiny)


def test_one_row_is_too_few(tiny):
    with pytest.raises(CasebookError, match="only 1 of 1 cases have all memberships"):
        qca.analyze("settlement", book=tiny)


def test_no_library_for_qca_is_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "qca", None)
    assert solve(LIPSET_CRISP).formulas["parsimonious"] == "DEV·STB"
