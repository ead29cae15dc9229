"""Turnbull's estimate gives the figures of R's package survival (3.5-3), and says what it cannot know."""

import io
from math import inf

import numpy as np
import pandas as pd
import pytest
from support import ROOT

from casebook.durations import turnbull
from casebook.durations.incidence import incidence
from casebook.durations.results import _quantile
from casebook.errors import CasebookError

DAYS = [1, 7, 30, 365, 1826, 3652, 9131]
FROZEN = pd.read_csv(ROOT / "tests/durations/release_1_0_0.csv")


def frozen(clock):
    """Days of secrecy of release 1.0.0 as intervals; unknown dates of terms are not among them."""
    rows = FROZEN[FROZEN["clock"] == clock]
    return rows["lower"].to_numpy(float), rows["upper"].fillna(inf).to_numpy(float)


@pytest.mark.parametrize(
    ("clock", "rows", "median", "shares"),
    [
        ("existence", 70, 161, [0.7946, 0.6300, 0.5869, 0.4127, 0.2146, 0.1285, 0.0630]),
        ("terms", 67, 593, [0.9438, 0.8114, 0.7590, 0.5416, 0.3639, 0.2745, 0.1634]),
    ],
)
def test_the_frozen_durations_give_what_survfit_gives(clock, rows, median, shares):
    lower, upper = frozen(clock)
    found = turnbull(lower, upper)
    assert len(lower) == rows
    assert found.median == median
    # R stops once no share moves by more than 5e-5.
    assert found.at(DAYS) == pytest.approx(shares, abs=2e-4)


def test_the_likelihood_cannot_be_raised_by_moving_mass():
    lower, upper = frozen("existence")
    found = turnbull(lower, upper)
    left_open = lower < upper
    inside = np.where(left_open[:, None], found.left >= lower[:, None], found.left == lower[:, None])
    inside &= found.right <= upper[:, None]
    inside &= ~(left_open[:, None] & (found.right == lower[:, None]))
    gain = (inside / (inside @ found.mass)[:, None]).mean(axis=0)
    assert gain.max() < 1 + 1e-5
    assert gain[found.mass > 1e-4] == pytest.approx(1, abs=1e-4)


def test_the_median_is_given_with_what_the_estimate_leaves_open():
    assert turnbull(*frozen("terms")).quantile() == (565, 621)
    assert turnbull(*frozen("existence")).quantile() == (161, 161)


@pytest.mark.parametrize(
    ("clock", "unknown", "least", "most"),
    [("existence", 0, 4.5, 635), ("terms", 0, 276, 812), ("terms", 3, 265.5, 892.5)],
)
def test_bounds_of_the_median_assume_nothing(clock, unknown, least, most):
    """The three channels whose terms came out at an unknown time are not in the file; they can be of any length."""
    lower, upper = frozen(clock)
    assert _quantile(pd.Series([*lower, *[0] * unknown]), 0.5) == least
    assert _quantile(pd.Series([*upper, *[inf] * unknown]), 0.5) == most


def test_exact_durations_step_down_on_their_own_day():
    """lifelines 0.30 gives 1.00 at day 1 here."""
    found = turnbull([1, 2, 3, 4], [1, 2, 3, 4])
    assert found.at([0.5, 1, 2, 3, 4]).tolist() == [1, 0.75, 0.5, 0.25, 0]


def test_right_censored_durations_give_kaplan_meier():
    """Durability of eight outcomes, four not undone: .875, .75, .625, .5, then flat; the median is not reached."""
    days = [24, 912, 1899, 2888, 10897, 13351, 16743, 23401]
    found = turnbull(days, [*days[:4], *[inf] * 4])
    assert found.at([24, 912, 1899, 2888, 20000]) == pytest.approx([0.875, 0.75, 0.625, 0.5, 0.5])
    assert found.quantile() == (2888, inf)
    assert found.median == inf


def test_a_left_end_is_open_unless_asked_otherwise():
    assert turnbull([1, 1], [1, 3]).at([1]).tolist() == [0.5]
    assert turnbull([1, 1], [1, 3], closed="both").at([1]).tolist() == [0]


def test_a_duration_of_no_days_counts_as_exact():
    assert turnbull([0, 0, 2], [0, 0, 2]).at([0, 1, 2]) == pytest.approx([1 / 3, 1 / 3, 0])


def test_mass_inside_a_cell_is_bounded_not_guessed():
    least, most = turnbull([0, 0], [10, 10]).bounds([5])
    assert (least.tolist(), most.tolist()) == ([0], [1])


def test_weights_count_rows_several_times():
    one = turnbull([0, 3, 5], [4, 8, 5], weights=[2, 1, 0])
    other = turnbull([0, 0, 3], [4, 4, 8])
    assert one.at(range(9)) == pytest.approx(other.at(range(9)))


def test_truncation_weighs_rows_against_those_that_could_not_be_known_yet():
    """For known durations it is the product limit of Lynden-Bell in reversed time, here by hand.

    Of those seen by day 3 two of four could be watched so long; 1 - 1/2 lasted at most 2 days, and of the three that
    lasted at most 2 days and could be watched for 2, one lasted 2: 1/2 x 2/3 lasted at most 1 day.
    """
    found = turnbull([1, 1, 2, 3], [1, 1, 2, 3], limits=[2, 9, 2, 9])
    assert found.at([1, 2, 3]) == pytest.approx([2 / 3, 1 / 2, 0], abs=1e-3)


def test_rows_watched_alike_are_not_corrected():
    lower, upper = frozen("existence")
    plain, limited = turnbull(lower, upper), turnbull(lower, upper, limits=np.full(len(lower), 23458))
    assert limited.at(DAYS) == pytest.approx(plain.at(DAYS), abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lower": [], "upper": []}, "no row"),
        ({"lower": [1], "upper": [1, 2]}, "one value for each row"),
        ({"lower": [1, 3], "upper": [1, 2]}, "row 1 .*upper must not be below lower"),
        ({"lower": [-1], "upper": [1]}, "row 0 .*0 or more"),
        ({"lower": [1], "upper": [1], "weights": [0]}, "no row"),
        ({"lower": [5], "upper": [6], "limits": [4]}, "could not have been observed"),
        ({"lower": [1], "upper": [1], "closed": "left"}, "closed is 'right' or 'both'"),
    ],
)
def test_what_cannot_be_is_refused(arguments, message):
    with pytest.raises(CasebookError, match=message):
        turnbull(**arguments)


def test_competing_endings_give_the_estimate_of_aalen_and_johansen():
    """R: survfit(Surv(days, factor(ending)) ~ 1), probabilities in state at 2, 5 and 8 days."""
    days = [1, 2, 2, 3, 4, 5, 6, 7, 8, 9]
    endings = ["leak", "memoir", None, "leak", None, "memoir", "leak", None, "memoir", "leak"]
    upper = [day if ending else inf for day, ending in zip(days, endings, strict=True)]
    found = incidence(days, upper, endings, [2, 5, 8])["estimate"]
    assert found["leak"].tolist() == pytest.approx([0.1, 0.2142857143, 0.3514285714], abs=1e-5)
    assert found["memoir"].tolist() == pytest.approx([0.1, 0.2371428571, 0.4428571429], abs=1e-5)


def test_endings_in_intervals_are_bounded_and_their_estimates_lie_between():
    rows = pd.read_csv(io.StringIO("lower,upper,how\n0,5,leak\n2,4,leak\n1,9,memoir\n3,inf,\n"))
    how = [None if value != value else value for value in rows["how"]]
    found = incidence(rows["lower"], rows["upper"], how, [1, 4, 9])
    assert found.loc["leak", "least"].tolist() == [0, 0.25, 0.5]
    assert found.loc["leak", "most"].tolist() == [0.25, 0.75, 0.75]
    assert (found["least"] <= found["estimate"] + 1e-9).all()
    assert (found["estimate"] <= found["most"] + 1e-9).all()


def test_spans_of_time_are_not_taken_for_days():
    spans = pd.Series(pd.to_timedelta([10, 20], "D"))
    with pytest.raises(CasebookError, match=r"lower must be numbers of days, not dates or times; .* lower.dt.days"):
        turnbull(spans, spans)
    assert turnbull(spans.dt.days, spans.dt.days).median == 15
