import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.model.dates import bounds

D = dt.date


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1962-10-27", D(1962, 10, 27), D(1962, 10, 27)),
        ("1988-02", D(1988, 2, 1), D(1988, 2, 29)),
        ("1993", D(1993, 1, 1), D(1993, 12, 31)),
        ("1985-11~", D(1985, 11, 1), D(1985, 11, 30)),
        ("1962?", D(1962, 1, 1), D(1962, 12, 31)),
        ("1995-21", D(1995, 3, 1), D(1995, 5, 31)),
        ("1988-05/1989-12", D(1988, 5, 1), D(1989, 12, 31)),
        ("../2005-12-21", None, D(2005, 12, 21)),
        ("1988-05/..", D(1988, 5, 1), None),
    ],
)
def test_bounds(text, earliest, latest):
    assert bounds(text) == (earliest, latest)


@pytest.mark.parametrize("text", ["", "soon", "1962-13-01", "1962-02-30", "27.10.1962", "10/27/1962", "1962-1-1", "19"])
def test_what_is_not_edtf_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="is not a date in EDTF; write for instance 1962-10-27"):
        bounds(text)


def test_backward_intervals_are_refused():
    with pytest.raises(ValueError, match="runs backwards"):
        bounds("1990-02/1990-01")


def test_an_interval_open_at_both_ends_says_nothing():
    with pytest.raises(ValueError, match="says nothing; write unknown"):
        bounds("../..")


@given(st.dates(D(1000, 1, 1), D(2999, 12, 31)))
def test_a_day_bounds_itself(day):
    assert bounds(day.isoformat()) == (day, day)


@given(st.dates(D(1000, 1, 1), D(2999, 12, 31)), st.dates(D(1000, 1, 1), D(2999, 12, 31)))
def test_an_interval_runs_from_its_first_to_its_last_day(one, other):
    first, last = sorted((one, other))
    assert bounds(f"{first}/{last}") == (first, last)


@given(st.text(max_size=20))
def test_any_text_gives_ordered_bounds_or_a_value_error(text):
    try:
        earliest, latest = bounds(text)
    except ValueError:
        return
    assert earliest is None or latest is None or earliest <= latest
