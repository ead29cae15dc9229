"""What an analysis says against itself, and the figures that decide at the edge."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook import qca
from casebook.errors import CasebookError, UnknownNameError
from casebook.qca.reading import figure
from casebook.qca.truthtable import necessity, total

# Settlement of nine disputes: hurting stalemate, deadline, front channel blocked, settled. A stalled front and a
# partial settlement have two thirds.
DISPUTES = """
cuba-1962 1 1 0 .67
cuba-1963 0 0 1 0
cuba-2014 0 1 0 .67
interim-1994 0 1 .67 .67
iran-1979 1 1 1 1
mandela-coetsee 1 0 1 .33
nyc-transit-2005 .33 1 1 1
nyc-watershed .33 1 .67 1
oslo-1993 1 1 .67 .33
"""


def disputes(third=0.33, two=0.67):
    rows = [line.split() for line in DISPUTES.strip().splitlines()]
    exact = {".33": third, ".67": two}
    values = [[exact.get(value, float(value)) for value in row[1:]] for row in rows]
    return pd.DataFrame(values, index=[row[0] for row in rows], columns=["ripe", "deadline", "blocked", "settled"])


def settle(frame, **options):
    expect = dict.fromkeys(["ripe", "deadline", "blocked"], "present")
    return qca.solve(frame, "settled", list(expect), expect=expect, unit="cases", **options)


def test_a_condition_at_exactly_nine_tenths_is_necessary():
    frame = pd.DataFrame({"A": [0.8, 0.6, 0.9, 0.1], "B": [0.2, 0.9, 0.1, 0.3], "Y": [0, 0.7, 0.3, 0]})
    result = qca.solve(frame, "Y", ["A", "B"])
    assert result.necessity.loc["A", "consistency"] < 0.9
    assert result.conclusions()["A is necessary"]
    assert "A passes as necessary (consistency 0.90" in str(result)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([(0.8, 4, 5), (0.9, 9, 10)]),
    st.lists(
        st.sampled_from([n / parts for parts in (3, 10, 30) for n in range(parts + 1) if 2 * n > parts]), min_size=1
    ),
)
def test_a_figure_at_exactly_the_cut_passes(cut, pieces):
    # Of `whole` rows with the same membership, `kept` are in the other set too: the share is the cut, whatever the sum.
    share, kept, whole = cut
    full = [piece for piece in pieces for _ in range(whole)]
    less = [piece * (place < kept) for piece in pieces for place in range(whole)]
    frame = pd.DataFrame({"full": full, "less": less, "all": 1.0})
    sufficient = qca.solve(frame, "less", ["full", "all"], consistency=share, pri=0, contradictory="include")
    assert sufficient.truth_table.iloc[0]["status"] == "sufficient"
    if share == 0.9:
        assert qca.solve(frame, "full", ["less", "all"]).conclusions()["less is necessary"]


def test_exact_thirds_give_the_same_solution_as_two_digits_and_six():
    answers = [
        settle(disputes(*thirds), contradictory="include").formulas
        for thirds in [(0.33, 0.67), (1 / 3, 2 / 3), (0.333333, 0.666667)]
    ]
    assert answers[0]["complex"] == "deadline"
    assert answers[0] == answers[1] == answers[2]


def test_figures_are_not_rounded_across_a_cut():
    assert figure(0.896, 0.9) == "0.896"
    assert figure(0.8999999999999999, 0.9) == "0.90"
    frame = pd.DataFrame({"A": [1] * 896 + [0] * 104, "B": [1, 0] * 500, "Y": [1] * 1000})
    assert "the nearest is A (consistency 0.896, below 0.9)" in str(qca.solve(frame, "Y", ["A", "B"]))


def test_rounding_errors_beyond_the_edges_and_around_the_middle_are_no_values_of_their_own():
    frame = pd.DataFrame({"A": [1.0000000000000002, 0.1 + 0.2 + 0.2, -1e-17], "B": [1, 1, 0], "Y": [1, 1, 0]})
    result = qca.solve(frame, "Y", ["A", "B"])
    assert list(result.memberships["A"]) == [1, 0]
    assert result.set_aside == {"1": "exactly 0.5, neither in nor out, in A"}


def test_one_gap_sets_one_row_aside_also_where_its_name_stands_twice():
    frame = pd.DataFrame({"A": [1, 1, 0, 0], "B": [1, 0, 1, 0], "Y": [1, 1, 0, None]}, index=["FR", "DE", "UK", "FR"])
    result = qca.solve(frame, "Y", ["A", "B"])
    assert list(result.memberships.index) == ["FR", "DE", "UK"]
    assert result.set_aside == {"FR (row 4)": "no membership in Y"}
    assert "FR (row 1)" in list(result.truth_table["members"])


def test_rows_of_a_hierarchical_index_are_named_in_words():
    index = pd.MultiIndex.from_tuples([("FR", 1990), ("FR", 1991), ("DE", 1990)])
    result = qca.solve(pd.DataFrame({"A": [1, 1, 0], "B": [1, 0, 1], "Y": [1, 1, 0]}, index=index), "Y", ["A", "B"])
    assert sorted(result.truth_table["members"])[-3:] == ["DE 1990", "FR 1990", "FR 1991"]


@pytest.mark.parametrize("order", list(permutations("ABC")))
def test_the_nearest_necessary_conditions_are_named_together(order):
    frame = pd.DataFrame({"A": [1, 1, 0, 0], "B": [1, 0, 1, 0], "C": [0, 0, 0, 1], "Y": [1, 1, 1, 0]})
    text = str(qca.solve(frame.assign(C=[0, 1, 1, 1]), "Y", list(order)))
    nearest = text.partition("the nearest are ")[2].partition(" (")[0]
    assert set(nearest.split(" and ")) == {"A", "B", "C"}


def test_ambiguity_is_said_for_every_kind_and_in_the_conclusions():
    rows = [(1, 1, 1, 1, 1), (0, 0, 0, 0, 1), (0, 1, 0, 0, 0), (1, 0, 0, 1, 0)]
    result = qca.solve(pd.DataFrame(rows, columns=[*"ABCDY"]), "Y", [*"ABCD"], expect={"A": "present"})
    for kind, models in result.models.items():
        sentence = next(line for line in result.reading() if line.startswith(f"The {kind} solution"))
        assert ("one reading among several" in sentence) == (len(models) > 1)
        assert result.conclusions()[f"{kind} solution"] == " or ".join(models)
        assert set(result.solutions.query("solution == @kind")["model"]) == set(range(1, len(models) + 1))
    assert len(result.models["intermediate"]) > 1


def test_the_opposite_question_is_headed_as_such():
    frame = disputes()
    asked = settle(frame, title="When was the dispute settled?", negate=True)
    assert str(asked).startswith("The opposite of “When was the dispute settled?” (~settled)\n")
    assert "The opposite of “When was the dispute settled?” (~settled)" in asked._repr_html_()
    assert list(asked.memberships.columns)[-1] == "~settled"
    packaged = qca.analyze("settlement", negate=True)
    assert packaged.title == "The opposite of “Under what circumstances was the dispute settled?”"


def test_a_contradictory_configuration_is_not_taken_as_sufficient_unless_asked():
    rows = [(1, 1, 1)] * 4 + [(1, 1, 0), (0, 1, 0), (1, 0, 0)]
    frame = pd.DataFrame(rows, columns=["A", "B", "Y"])
    left_out = qca.solve(frame, "Y", ["A", "B"])
    assert left_out.formulas["complex"] == ""
    assert "A·B reaches the cuts although contradictory, and counts as not sufficient" in str(left_out)
    taken = qca.solve(frame, "Y", ["A", "B"], contradictory="include")
    assert taken.formulas["complex"] == "A·B"
    assert "A·B reaches the cuts although contradictory, and counts as sufficient" in str(taken)


def test_few_cases_are_shown_as_a_typology_with_deviant_cases():
    result = settle(disputes())
    types = result.typology().set_index("type")
    assert types.loc["ripe·deadline·blocked"].to_dict() == {
        "rows": 2,
        "outcome": "mixed",
        "with_outcome": "iran-1979",
        "without_outcome": "oslo-1993",
        "undecided": "",
        "deviant": "oslo-1993",
    }
    assert types.loc["~ripe·deadline·blocked", "outcome"] == "present"
    assert types["rows"].sum() == 9
    assert "this is a typology" in str(result)
    page = result._repr_html_()
    assert page.index("<b>Typology") < page.index("<b>Truth table") < page.index("<b>Solutions (they sum up")
    many = settle(pd.concat([disputes()] * 2))
    assert "typology" not in str(many)


def test_a_solution_below_the_cut_and_a_trivial_necessity_are_said():
    result = settle(disputes(), contradictory="include")
    text = str(result)
    assert "deadline, with consistency 0.76 and coverage 0.94; that lies below the 0.8 asked of each" in text
    assert (
        "deadline passes as necessary (consistency 0.94, coverage 0.76, relevance 0.55); but with a relevance" in text
    )
    assert "Within 0.01 of the cut of 0.8, where little decides: ripe·deadline·~blocked (0.80)" in text


def test_terms_that_rest_on_one_row_or_one_case_are_said():
    rows = [(1, 0, 1), (1, 1, 0), (0, 1, 1), (0, 1, 1), (0, 0, 0), (0, 0, 0)]
    frame = pd.DataFrame(rows, columns=["A", "B", "Y"], index=list("abcdef"))
    text = str(qca.solve(frame, "Y", ["A", "B"], clusters=[1, 1, 2, 2, 1, 2]))
    assert "Terms that rest on one of the rows alone: A·~B (a)" in text
    assert "Terms that rest on one case alone: ~A·B (2)" in text


def test_skewed_sets_are_said():
    rows = [(1, 1, 1), (1, 0, 1), (1, 1, 1), (1, 0, 1), (1, 1, 1), (0, 1, 0), (1, 0, 1), (1, 1, 0)]
    text = str(qca.solve(pd.DataFrame(rows, columns=["A", "B", "Y"]), "Y", ["A", "B"]))
    assert "Skewed, so that figures come out high by themselves: A (7 of 8 in)." in text


def test_assumptions_for_an_outcome_and_its_absence_are_seen_and_can_be_refused():
    # Both parsimonious solutions would count A·~B and ~A·B: Y goes with A or B, ~Y with ~A or ~B.
    frame = pd.DataFrame([(1, 1, 1), (0, 0, 0)] * 2, columns=["A", "B", "Y"])
    result = qca.solve(frame, "Y", ["A", "B"])
    assert result.models["parsimonious"] == ["A", "B"]
    assert "parsimonious solutions of Y and of ~Y both count A·~B, ~A·B as sufficient" in str(result)
    assert list(result.assumptions["contradictory"]) == [True, True]
    enhanced = qca.solve(frame, "Y", ["A", "B"], enhanced=True)
    assert enhanced.formulas["parsimonious"] == "A·B"
    assert qca.solve(frame, "Y", ["A", "B"], enhanced=True, negate=True).formulas["parsimonious"] == "~A·~B"
    assert "nothing is assumed, because it is untenable: A·~B, ~A·B." in str(enhanced)


def test_assumptions_made_for_one_side_only_are_not_contradictory():
    frame = pd.DataFrame([(1, 1, 1, 1), (0, 0, 0, 0), (0, 1, 1, 0)], columns=["A", "B", "C", "Y"])
    result = qca.solve(frame, "Y", ["A", "B", "C"])
    assert result.models["parsimonious"] == ["A"]
    assert list(result.assumptions["parsimonious"]) == [True, True, True, False, False]
    assert list(result.assumptions["opposite"]) == [False, False, False, True, True]
    assert not result.assumptions["contradictory"].any()
    assert "Contradictory assumptions" not in str(result)


def test_an_enhanced_analysis_assumes_nothing_against_a_necessary_condition():
    rows = [(1, 1, 1, 1), (1, 0, 1, 1), (0, 0, 0, 0), (0, 0, 1, 0), (1, 0, 0, 0), (0, 1, 0, 0)]
    frame = pd.DataFrame(rows, columns=["A", "B", "C", "Y"])
    refused = qca.solve(frame, "Y", ["A", "B", "C"], enhanced=True).assumptions.query("refused")
    assert [tuple(row) for row in refused[["A", "B", "C"]].to_numpy()] == [(1, 1, 0), (0, 1, 1)]


def covers(formula, row):
    terms = (term.split("·") for term in formula.split(" + "))
    return any(all(row[sign.lstrip("~")] == (not sign.startswith("~")) for sign in term) for term in terms)


def test_contradictory_assumptions_are_the_remainders_that_the_solutions_of_both_sides_cover():
    rng, met = np.random.default_rng(1), 0
    for _ in range(30):
        rows = rng.permutation(8)[:4]
        frame = pd.DataFrame([[row >> 2 & 1, row >> 1 & 1, row & 1] for row in rows], columns=["A", "B", "C"])
        frame["Y"] = [1, 1, 0, 0]
        one, other = (qca.solve(frame, "Y", ["A", "B", "C"], negate=negate) for negate in (False, True))
        if max(len(side.models["parsimonious"]) for side in (one, other)) > 1:
            continue
        assumed = one.assumptions
        both = [
            all(covers(side.formulas["parsimonious"], row) for side in (one, other))
            for row in assumed[["A", "B", "C"]].to_dict("records")
        ]
        assert list(assumed["contradictory"]) == both
        met += any(both)
    assert met > 2


def test_clusters_show_where_a_term_holds():
    frame = pd.DataFrame(
        {"A": [1, 1, 1, 1, 0, 0], "B": [1, 1, 0, 0, 1, 0], "Y": [1, 1, 1, 0, 0, 0]}, index=list("abcdef")
    )
    result = qca.solve(frame, "Y", ["A", "B"], consistency=0.5, pri=0, contradictory="include", clusters=list("xxxyyy"))
    assert result.formulas["complex"] == "A"
    fit = result.clusters("complex").set_index(["level", "cluster"])
    assert fit.loc[("pooled", ""), "consistency"] == 0.75
    assert fit.loc[("within", "x"), "consistency"] == 1
    assert fit.loc[("within", "y"), "consistency"] == 0
    # Means of A are 1 and 1/3, of Y 1 and 0.
    assert fit.loc[("between", ""), "consistency"] == pytest.approx(0.75)
    # As SetMethods: the root of (1 - 1/2)² + (0 - 1/2)².
    assert fit.loc[("pooled", ""), "distance"] == pytest.approx(0.5**0.5)
    with pytest.raises(CasebookError, match=r"give solve\(…, clusters=…\)"):
        settle(disputes()).clusters()
    with pytest.raises(UnknownNameError, match="there is no solution 'complx'; did you mean 'complex'"):
        result.clusters("complx")


def test_channels_know_their_cases():
    fit = qca.analyze("production", consistency=0.5, pri=0.3, contradictory="include").clusters()
    assert {"cuba-1962", "iran-1979"} <= set(fit["cluster"])
    assert qca.analyze("settlement").solved.sets.clusters is None


def test_what_the_caller_changes_spoils_nothing():
    result = settle(disputes())
    before = str(result)
    for name in ("truth_table", "necessity", "solutions", "memberships", "assumptions"):
        frame = getattr(result, name)
        for column in list(frame.columns):
            del frame[column]
    result.formulas.clear()
    result.models.clear()
    result.set_aside["x"] = "y"
    result.conditions.clear()
    assert str(result) == before
    with pytest.raises(AttributeError):
        result.title = "another"


def test_the_callers_frame_can_change_afterwards():
    frame = disputes()
    result = settle(frame)
    before = str(result)
    frame.iloc[:, :] = 0.0
    assert str(result) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"expect": {"A": "presnt"}}, "there is no expectation 'presnt'; did you mean 'present'"),
        ({"expect": {"C": "present"}}, "there is no column 'C'"),
        ({"contradictory": "drop"}, "contradictory must be 'exclude' or 'include', not 'drop'"),
        ({"consistency": float("nan")}, "consistency must lie between 0 and 1, not nan"),
        ({"frequency": 1.5}, "frequency must be a whole number, not float"),
        ({"clusters": ["x"]}, "clusters must have a label for each of the 2 rows, not 1"),
    ],
)
def test_impossible_choices_are_refused(options, message):
    frame = pd.DataFrame({"A": [1, 0], "B": [1, 0], "Y": [1, 0]})
    with pytest.raises(CasebookError, match=message):
        qca.solve(frame, "Y", ["A", "B"], **options)


def test_impossible_frames_are_refused():
    frame = pd.DataFrame({"A": [1, 0], "B": ["in", "out"], "Y": [1, 0], "~C": [1, 0]})
    with pytest.raises(CasebookError, match="memberships in A, B, Y must be numbers from 0 to 1"):
        qca.solve(frame, "Y", ["A", "B"])
    with pytest.raises(CasebookError, match="name the column '~C' without ~, which stands for absence"):
        qca.solve(frame, "Y", ["A", "~C"])
    twice = pd.DataFrame([[1, 1, 1, 1], [0, 0, 0, 0]], columns=["A", "A", "B", "Y"])
    with pytest.raises(CasebookError, match="the column 'A' stands twice"):
        qca.solve(twice, "Y", ["A", "B"])


@given(st.lists(st.lists(st.floats(0, 1), min_size=12, max_size=12), min_size=1, max_size=9), st.randoms())
def test_a_sum_is_the_same_to_the_last_bit_whether_taken_alone_or_with_others(lines, random):
    values = np.array(lines)
    alone = [float(total(line)) for line in values]
    assert total(values).tolist() == total(np.asfortranarray(values)).tolist() == alone
    order = random.sample(range(12), 12)
    assert total(values[:, order]).tolist() == alone


def test_necessity_of_several_sets_is_that_of_each():
    frame = disputes()
    y = frame["settled"].to_numpy()
    lines = frame[["ripe", "deadline", "blocked"]].to_numpy().T
    together = necessity(lines, y)
    assert [dict(zip(together, fit, strict=True)) for fit in zip(*together.values(), strict=True)] == [
        necessity(line, y) for line in lines
    ]
