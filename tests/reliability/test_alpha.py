import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.reliability.alpha import alpha, pairable, resampled_alphas

NAN = float("nan")

# Krippendorff (2011), "Computing Krippendorff's alpha-reliability", example B: two observers, 12 articles, nominal.
BEN, GERRY = "aabbdcccedda", "babbbccceddd"
# The same, examples C and D: four observers, 12 units, incomplete data.
FOUR = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]
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
def test_four_observers_with_gaps_at_three_levels(level, published):
    assert round(alpha(units(*FOUR), level), 3) == published


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
    picks = np.random.default_rng(1).integers(0, len(compared), (4, len(compared)))
    for pick, drawn in zip(picks, resampled_alphas(ratings, level, 4, 1), strict=True):
        sample = compared[pick]
        if len(np.unique(sample[~np.isnan(sample)])) < 2:
            assert np.isnan(drawn)
        else:
            assert drawn == pytest.approx(krippendorff.alpha(sample.T, level_of_measurement=level), abs=1e-9)


def test_the_seed_fixes_the_resamples():
    same = [resampled_alphas(units(*FOUR), "ordinal", 20, 7) for _ in range(2)]
    assert same[0].tolist() == same[1].tolist()
    assert same[0].tolist() != resampled_alphas(units(*FOUR), "ordinal", 20, 8).tolist()


def test_dates_far_from_zero_lose_no_precision():
    near = units([1, 5, 9], [2, 5, 7])
    assert alpha(near + 730_000, "interval") == pytest.approx(alpha(near, "interval"), abs=1e-12)
