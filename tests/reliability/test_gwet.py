import numpy as np
import pytest

from casebook.reliability.gwet import Chance, gwet, ordinal_weights, pooled

# distrib.6raters of irrCAC: 15 patients, six psychiatrists, five diagnoses; how many chose each.
SIX = "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031"


def quadratic(size):
    places = np.arange(size)
    return 1 - (places[:, np.newaxis] - places) ** 2 / (size - 1) ** 2


def linear(size):
    places = np.arange(size)
    return 1 - np.abs(places[:, np.newaxis] - places) / (size - 1)


def listed(text):
    """Raters one by one, from how many chose each category."""
    rows = [[place for place, count in enumerate(unit) for _ in range(int(count))] for unit in text.split()]
    return np.array(rows, dtype=float)


def test_ac1_of_four_raters_with_gaps_is_that_of_irrcac(four):
    found = gwet(four - 1, np.eye(5))
    assert found.units == 11
    assert round(found.observed, 7) == 0.8181818
    assert round(found.expected, 7) == 0.1903212
    assert round(found.coefficient, 5) == 0.77544


def test_ac1_of_six_raters_is_that_of_irrcac():
    assert round(gwet(listed(SIX), np.eye(5)).coefficient, 7) == 0.4448007


@pytest.mark.parametrize(("weights", "published"), [(linear, 0.85874), (quadratic, 0.914), (ordinal_weights, 0.89894)])
def test_ac2_of_four_raters_with_gaps_is_that_of_irrcac(four, weights, published):
    assert round(gwet(four - 1, weights(5)).coefficient, 5) == published


@pytest.mark.parametrize(("weights", "published"), [(np.eye, 0.50935), (linear, 0.7068), (quadratic, 0.84764)])
def test_five_observers_of_forty_units_are_as_irrcac_has_them(hayes, weights, published):
    assert round(gwet(hayes, weights(4)).coefficient, 5) == published


def test_a_category_that_nobody_chose_lowers_chance():
    ratings = np.array([[0.0, 0], [1, 1], [0, 1]])
    assert gwet(ratings, np.eye(3)).expected == pytest.approx(gwet(ratings, np.eye(2)).expected / 2)


def test_where_one_value_is_common_ac1_stays_near_percent_agreement():
    # 19 units out of 20 are 0 for both, one is 0 for one and 1 for the other: alpha is 0, by Scott's paradox.
    ratings = np.array([[0.0, 0]] * 19 + [[0, 1]])
    found = gwet(ratings, np.eye(2))
    share = 1 / 40
    assert found.observed == 0.95
    assert found.expected == pytest.approx(2 * share * (1 - share))
    assert found.coefficient == pytest.approx((0.95 - found.expected) / (1 - found.expected))


def test_full_agreement_is_1_even_without_variation():
    assert gwet(np.zeros((4, 2)), np.eye(2)).coefficient == 1


@pytest.mark.parametrize(("ratings", "size"), [([[0.0, np.nan]], 2), ([[0.0, 0]], 1)])
def test_without_two_values_or_two_categories_there_is_no_coefficient(ratings, size):
    assert np.isnan(gwet(np.array(ratings), np.eye(size)).coefficient)


def test_ordinal_weights_are_those_of_irrcac():
    assert ordinal_weights(3) == pytest.approx(np.array([[1, 2 / 3, 0], [2 / 3, 1, 2 / 3], [0, 2 / 3, 1]]))


def test_variables_pool_by_their_units():
    nothing = Chance(0, float("nan"), float("nan"))
    found = pooled([Chance(10, 0.8, 0.5), nothing, Chance(30, 1.0, 0.1)])
    assert (found.units, found.observed, found.expected) == (40, pytest.approx(0.95), pytest.approx(0.2))
    assert found.coefficient == pytest.approx(0.75 / 0.8)
    assert np.isnan(pooled([nothing]).coefficient)
