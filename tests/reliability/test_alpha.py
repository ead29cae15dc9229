import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.reliability.alpha import alpha, pairable, pooled_alphas, resampled_alphas, samples

NAN = float("nan")

# Krippendorff (2011), "Computing Krippendorff's alpha-reliability", example B: two observers, 12 articles, nominal.
BEN, GERRY = "aabbdcccedda", "babbbccceddd"
# Worked example of the article on alpha in Wikipedia: three observers, 15 units.
THREE = [
    [NAN, NAN, NAN, NAN, NAN, 3, 4, 1, 2, 1, 1, 3, 3, NAN, 3],
    [1, NAN, 2, 1, 3, 3, 4, 3, NAN, NAN, NAN, NAN, NAN, NAN, NAN],
    [NAN, NAN, 2, 1, 3, 4, 4, NAN, 2, 1, 1, 3, 3, NAN, 4],
]


def units(*observers):
    return np.array(observers, dtype=float).T


def test_two_observers_nominal():
    assert round(alpha(units(list(map(ord, BEN)), list(map(ord, GERRY))), "nominal"), 3) == 0.692


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_four_observers_with_gaps_at_three_levels(four, level, published):
    assert round(alpha(four, level), 3) == published


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.4765), ("ordinal", 0.7598), ("interval", 0.7574)])
def test_five_observers_of_forty_units(hayes, level, published):
    assert round(alpha(hayes, level), 4) == published


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.691), ("interval", 0.811)])
def test_three_observers_with_gaps(level, published):
    assert round(alpha(units(*THREE), level), 3) == published


def test_no_variation_leaves_alpha_undefined():
    assert np.isnan(alpha(units([1, 1, 1], [1, 1, 1]), "nominal"))
    assert np.isnan(alpha(units([1, 2, NAN], [NAN, NAN, 1]), "interval"))


def test_opposite_answers_are_worse_than_chance():
    assert alpha(units([0, 1], [1, 0]), "nominal") == pytest.approx(-0.5)


RATINGS = (
    st.integers(2, 4)
    .flatmap(
        lambda coders: st.lists(
            st.lists(st.one_of(st.just(NAN), st.integers(-3, 3).map(float)), min_size=coders, max_size=coders),
            min_size=1,
            max_size=12,
        )
    )
    .map(np.array)
)


@given(RATINGS, st.sampled_from(["nominal", "ordinal", "interval"]))
def test_alpha_and_its_resamples_are_those_of_the_library(ratings, level):
    compared = pairable(ratings)
    values = np.unique(compared[~np.isnan(compared)])
    if len(values) < 2:
        assert np.isnan(alpha(ratings, level))
        return
    assert alpha(ratings, level) == pytest.approx(krippendorff.alpha(ratings.T, level_of_measurement=level), abs=1e-9)
    for counts, drawn in zip(samples(len(compared), 4, 1)[1:], resampled_alphas(ratings, level, 4, 1)[1], strict=True):
        sample = np.repeat(compared, counts.astype(int), axis=0)
        if len(np.unique(sample[~np.isnan(sample)])) < 2:
            assert np.isnan(drawn)
        else:
            assert drawn == pytest.approx(krippendorff.alpha(sample.T, level_of_measurement=level), abs=1e-9)


def test_samples_hold_as_many_units_as_there_are():
    assert samples(5, 30, 0).sum(axis=1).tolist() == [5.0] * 31


def test_the_samples_are_the_same_on_every_machine():
    assert samples(4, 3, 7).tolist() == [[1, 1, 1, 1], [1, 0, 1, 2], [1, 1, 0, 2], [0, 3, 0, 1]]


def test_variables_pool_their_disagreements_not_their_categories():
    # Each is worse than chance; one table of all values would find agreement, because the variables differ.
    first, second = units([0, 0, 1], [0, 1, 0]), units([8, 8, 9], [8, 9, 8])
    assert alpha(np.vstack([first, second]), "nominal") == pytest.approx(1 - 8 * 11 / (144 - 16 - 4 - 16 - 4))
    assert pooled_alphas([first, second], 0, 0)[0] == pytest.approx(alpha(first, "nominal")) == -0.25


def test_pooled_disagreements_are_weighted_by_values():
    # Observed: none of 4 values and all 6 of 6; expected: 2 * 2 * 2 / 3 and 2 * 3 * 3 / 5.
    one, other = units([0, 1, NAN], [0, 1, 1]), units([0, 1, 0], [1, 0, 1])
    assert pooled_alphas([one, other], 0, 0)[0] == pytest.approx(1 - (0 + 6) / (8 / 3 + 18 / 5))


def test_variables_without_variation_leave_the_pool_as_it_is(four):
    steady = np.ones_like(four)
    assert pooled_alphas([four, steady], 0, 0)[0] == pytest.approx(alpha(four, "nominal"))
    assert np.isnan(pooled_alphas([steady], 0, 0)[0])


def test_a_sample_takes_a_unit_with_all_its_variables():
    # Two variables that always fail together: pooled, a sample is as good or bad as for one of them.
    one = units([0, 0, 1, 1], [0, 0, 1, 0])
    pair, single = (pooled_alphas(items, 50, 3)[1] for items in ([one, one + 5], [one]))
    assert pair == pytest.approx(single, nan_ok=True)


def test_the_seed_fixes_the_resamples(four):
    same = [resampled_alphas(four, "ordinal", 20, 7)[1] for _ in range(2)]
    assert same[0].tolist() == same[1].tolist()
    assert same[0].tolist() != resampled_alphas(four, "ordinal", 20, 8)[1].tolist()


def test_dates_far_from_zero_lose_no_precision():
    near = units([1, 5, 9], [2, 5, 7])
    assert alpha(near + 730_000, "interval") == pytest.approx(alpha(near, "interval"), abs=1e-12)
