import numpy as np
import pytest

from casebook.model.schema import Category, Constraints, Field, Table
from casebook.reliability.alpha import alpha
from casebook.reliability.figures import Settings, group_agreement, variable_agreement
from casebook.reliability.given import Variable
from casebook.reliability.gwet import gwet, ordinal_weights

QUIET = Settings(draws=0)


def variable(ann: list, ben: list, categories: str = "", **declared):
    """A variable of a table that two coders coded."""
    item = Field(
        declared.pop("name", "tone"),
        declared.pop("type", "string"),
        "Tone",
        "",
        categories=tuple(Category(value, value, "") for value in categories.split()),
        **declared,
    )
    units, texts = tuple(map(str, range(len(ann)))), np.array([ann, ben], dtype=object).T
    return Variable(Table("talks", "Talks", "", "talk_id", (item,)), item, units, ("ann", "ben"), texts, 10)


def test_whether_there_is_a_value_at_all_is_measured_apart():
    found = variable_agreement(
        variable(["a", "a", "b", "unknown", "withheld"], ["a", "b", "unknown", "unknown", "unknown"], "a b"), QUIET
    )
    given = np.array([[1.0, 1], [1, 1], [1, 0], [0, 0], [0, 0]])
    assert (found.percent, found.codable) == (40, 80)
    assert found.codable_alpha == alpha(given, "nominal")
    assert (found.both, found.both_percent) == (2, 50)
    assert found.both_alpha == alpha(np.array([[0.0, 0], [0, 1]]), "nominal")


def test_a_category_that_settles_nothing_is_no_value():
    found = variable_agreement(
        variable(["yes", "unclear", "yes"], ["yes", "yes", "no"], "yes no unclear", no_evidence_for=("unclear",)), QUIET
    )
    assert (found.codable, found.both, found.both_percent) == (pytest.approx(200 / 3), 2, 50)
    assert found.alpha == alpha(np.array([[0.0, 0], [2, 0], [0, 1]]), "nominal")


def test_where_there_must_be_a_value_codability_says_nothing():
    found = variable_agreement(variable(["a"], ["b"], "a b", constraints=Constraints(required=True)), QUIET)
    assert np.isnan(found.codable)
    assert np.isnan(found.codable_alpha)


def test_ac1_counts_reasons_and_categories_that_nobody_chose():
    found = variable_agreement(variable(["a", "b", "unknown"], ["a", "a", "unknown"], "a b c"), QUIET)
    assert found.ac == gwet(np.array([[0.0, 0], [1, 0], [3, 3]]), np.eye(4)).coefficient


def test_ordered_categories_have_ac2_without_reasons():
    found = variable_agreement(
        variable(["low", "mid", "unknown"], ["low", "high", "low"], "low mid high", ordered=True), QUIET
    )
    assert (found.level, found.units, found.alpha_units) == ("ordinal", 3, 2)
    ratings = np.array([[0.0, 0], [1, 2]])
    assert found.ac == pytest.approx(gwet(np.vstack([ratings, [[np.nan, 0]]]), ordinal_weights(3)).coefficient)
    assert found.alpha == alpha(ratings, "ordinal")


def test_counts_have_no_coefficient_of_gwet():
    found = variable_agreement(variable(["1", "2"], ["1", "4"], type="integer"), QUIET)
    assert np.isnan(found.ac)
    assert (found.apart, found.percent) == (1, 50)


def test_answers_count_yes_and_no_even_where_nobody_said_no():
    found = variable_agreement(variable(["yes", "yes"], ["yes", "yes"], type="boolean"), QUIET)
    assert np.isnan(found.alpha)
    assert found.ac == 1


def test_a_group_sums_what_its_variables_disagree_on():
    first = variable(["a", "a", "b", "b"], ["a", "b", "b", "b"], "a b")
    second = variable(["x", "y", "y", None], ["x", "y", "unknown", "x"], "x y", name="pitch")
    found = group_agreement([first, second], QUIET)
    assert (found.variables, found.decisions) == (2, 7)
    assert found.percent == pytest.approx(100 * 5 / 7)
    assert found.codable == pytest.approx(100 * 6 / 7)
    observed, expected = 2 + 2, (64 - 9 - 25) / 7 + (36 - 4 - 9 - 1) / 5
    assert found.alpha == pytest.approx(1 - observed / expected)
    parts = [
        gwet(np.array([[0.0, 0], [0, 1], [1, 1], [1, 1]]), np.eye(2)),
        gwet(np.array([[0.0, 0], [1, 1], [1, 2]]), np.eye(3)),
    ]
    chance = sum(part.units * part.expected for part in parts) / 7
    assert found.ac == pytest.approx((5 / 7 - chance) / (1 - chance))


def test_the_interval_of_a_group_resamples_rows():
    first = variable(["a", "a", "b", "b"], ["a", "b", "b", "b"], "a b")
    found = group_agreement([first, first], Settings(draws=200))
    alone = variable_agreement(first, Settings(draws=200))
    assert (found.low, found.high) == (pytest.approx(alone.low), pytest.approx(alone.high))
