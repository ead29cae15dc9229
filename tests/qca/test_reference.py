"""Every model that R's package QCA lists is found, and no other."""

import json
from itertools import combinations, product
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import qca
from casebook.qca.minimize import KINDS, Rows, covers, primes, shortest

# 120 problems, half crisp and half fuzzy, generated at random and solved with QCA 3.25.1: truthTable() and minimize(),
# include = "" (complex), "?" (parsimonious), and "?" with dir.exp (intermediate).
PROBLEMS = json.loads((Path(__file__).parent / "data" / "qca.json").read_text(encoding="utf-8"))
# 33 more, with other cuts (thirds, .51, .95), least numbers of rows (1 to 3) and memberships (thirds, hundredths, any).
CUTS = json.loads((Path(__file__).parent / "data" / "cuts.json").read_text(encoding="utf-8"))
STATES = {"1": "present", "0": "absent", "-": "either"}

# Split of the working class after 1917: Ragin (1987), The Comparative Method, after Rokkan (1970); data set Rokkan of
# R's package QCA. Conditions C, R, L, E and outcome S.
ROKKAN = """
10110 10010 10010 10001 10001 10001 11101 11010 11010 00111 00011 00001 01100 01100 01000 01000
"""
# Relief won by organizations of the homeless: Cress and Snow (2000), American Journal of Sociology 105(4); data set
# d.CS of R's package QCA. Conditions VI, DT, SA, CS, DF, PF and outcome REL.
HOMELESS = """
1111111 1011111 1110111 1110111 1111111 1110110 1001110 0101011 0100011 0011000 0000011 0000011 0101000 0000000 0000000
"""


def terms(models):
    """Models without regard to the order of conditions, terms and models."""
    return {
        frozenset(frozenset(term.split("*")) for term in ([model] if isinstance(model, str) else model))
        for model in models
    }


def found(result, kind):
    return terms(model.replace("·", "*").split(" + ") for model in result.models[kind])


def table(text, columns):
    return pd.DataFrame([list(map(int, row)) for row in text.split()], columns=columns)


def ask(problem, conditions=None):
    expected = dict(zip(problem["conditions"], map(STATES.get, problem["expectations"]), strict=True))
    return qca.solve(
        pd.DataFrame(problem["data"]),
        problem["outcome"],
        conditions or problem["conditions"],
        expect=expected,
        consistency=problem["incl_cut"],
        pri=problem["pri_cut"],
        frequency=problem["n_cut"],
        contradictory="include",
    )


@pytest.mark.parametrize("problems", [PROBLEMS, CUTS], ids=["reference", "cuts"])
@pytest.mark.parametrize("kind", KINDS)
def test_all_models_of_all_reference_problems_are_those_of_r(kind, problems):
    wrong = []
    for problem in problems:
        right = set() if problem["solution"].get("none") else terms(problem["solution"][kind])
        if found(ask(problem), kind) != right:
            wrong.append(problem["name"])
    assert wrong == []


def test_the_reference_problems_cover_what_can_be_chosen():
    assert (len(PROBLEMS), len(CUTS)) == (120, 33)
    assert {problem["n_cut"] for problem in CUTS} == {1, 2, 3}
    assert {problem["incl_cut"] for problem in CUTS} >= {0.5, 2 / 3, 0.95, 1}


def test_the_reference_problems_are_often_ambiguous():
    several = [sum(len(problem["solution"].get(kind, [])) > 1 for problem in PROBLEMS) for kind in KINDS]
    assert several == [11, 33, 44]


def test_an_intermediate_solution_has_a_model_for_each_pair_of_complex_and_parsimonious_models():
    frame = pd.DataFrame([(1, 1, 1, 1), (0, 0, 0, 1), (0, 1, 0, 0)], columns=["A", "B", "C", "Y"])
    result = qca.solve(frame, "Y", ["A", "B", "C"], expect=dict.fromkeys("ABC", "present"))
    assert found(result, "parsimonious") == terms([["A", "~B"], ["~B", "C"]])
    assert found(result, "intermediate") == terms([["A*C", "~B"]])


def test_published_data_have_the_intermediate_models_that_r_lists():
    names = ["VI", "DT", "SA", "CS", "DF", "PF"]
    homeless = qca.solve(table(HOMELESS, [*names, "REL"]), "REL", names, expect=dict.fromkeys(names, "present"))
    assert found(homeless, "intermediate") == terms([["~VI*PF", "SA*CS*DF*PF"], ["~DF*PF", "VI*SA*CS*PF"]])
    rokkan = qca.solve(table(ROKKAN, [*"CRLES"]), "S", [*"CRLE"], expect=dict.fromkeys("CRLE", "present"))
    assert found(rokkan, "intermediate") == terms([["C*R*L*~E", "~C*~R*E", "~R*~L*~E"]])


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(PROBLEMS), st.randoms(use_true_random=False))
def test_the_order_of_conditions_and_rows_changes_nothing(problem, random):
    conditions = random.sample(problem["conditions"], len(problem["conditions"]))
    frame = pd.DataFrame(problem["data"])
    rows = random.sample(range(len(frame)), len(frame))
    other = ask({**problem, "data": frame.iloc[rows].reset_index(drop=True)}, conditions)
    one = ask(problem)
    for kind in KINDS:
        assert found(other, kind) == found(one, kind)
        first = [terms([result.formulas[kind].replace("·", "*").split(" + ")]) for result in (one, other)]
        assert first[0] == first[1]
    figures = ["rows", "in_outcome", "consistency", "pri", "status", "contradictory"]
    tables = [result.truth_table.set_index(problem["conditions"])[figures].sort_index() for result in (one, other)]
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    necessity = [result.necessity.sort_index() for result in (one, other)]
    pd.testing.assert_frame_equal(*necessity, check_exact=True)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.integers(0, 15), st.booleans(), min_size=1, max_size=12))
def test_minimization_agrees_with_trying_everything(rows):
    positive = frozenset(row for row, value in rows.items() if value)
    negative = frozenset(rows) - positive
    implicants = [(care, state) for care in range(16) for state in range(16) if state & ~care == 0]
    valid = {
        one
        for one in implicants
        if any(covers(one, row) for row in positive) and not any(covers(one, row) for row in negative)
    }
    prime = {one for one in valid if not any(one != other and wider(other, one) for other in valid)}
    assert set(primes(4, positive, negative)) == prime
    models = shortest(Rows(4, positive, negative))
    if positive:
        size = len(models.found[0])
        full = [
            set(choice)
            for choice in combinations(sorted(prime), size)
            if all(any(covers(one, row) for one in choice) for row in positive)
        ]
        shorter = combinations(sorted(prime), size - 1)
        assert not any(all(any(covers(one, row) for one in choice) for row in positive) for choice in shorter)
        assert models.complete
        assert sorted(map(sorted, full)) == sorted(map(sorted, models.found))


def wider(one, other):
    return one[0] & ~other[0] == 0 and covers(one, other[1])


def test_too_many_models_are_said_and_not_listed():
    # Every third configuration of seven conditions, with an outcome that follows no rule of them.
    rows = [bits for number, bits in enumerate(product((0, 1), repeat=7)) if number % 3 == 0]
    frame = pd.DataFrame([(*bits, sum(bits) * 5 // 3 % 2) for bits in rows], columns=[*"ABCDEFGY"])
    result = qca.solve(frame, "Y", [*"ABCDEFG"])
    assert result.models["parsimonious"] is None
    assert result.formulas["parsimonious"]
    assert "too many to list" in str(result)
    assert "one of very many others" in result.conclusions()["parsimonious solution"]
