"""A value's text is read back as the same value: `to_text` is the inverse of `parse`."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.model.schema import Category, Field
from casebook.model.values import parse, to_text

CATEGORY = Field("x", "string", "X", "", categories=(Category("none", "None", ""), Category("some", "Some", "")))
DECIMALS = st.decimals(-(10**14), 10**14, places=6, allow_nan=False).map(float)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        (Field("x", "boolean", "X", ""), st.booleans()),
        (Field("x", "integer", "X", ""), st.integers(-(10**15) + 1, 10**15 - 1)),
        (Field("x", "number", "X", ""), DECIMALS),
        (CATEGORY, st.sampled_from(["none", "some"])),
        (Field("x", "string", "X", ""), st.text("abc é–“”\n", min_size=1).filter(str.strip)),
    ],
)
def test_what_is_written_is_read_back(field, values):
    @given(values)
    def round_trip(value):
        assert parse(field, to_text(value)) == {"x": value}

    round_trip()


@given(st.dates())
def test_a_day_has_four_digits_of_year_and_is_its_own_bounds(day):
    found = parse(Field("x", "string", "X", "", edtf=True), to_text(day))
    assert found == {"x": to_text(day), "x_earliest": day, "x_latest": day}
    assert len(to_text(day)) == 10


def test_what_pandas_holds_is_written_like_what_python_holds():
    assert to_text(np.bool_(True)) == "yes"
    assert to_text(np.int64(3)) == "3"
    assert to_text(np.float64(0.25)) == "0.25"
    assert to_text(dt.datetime(431, 5, 1)) == "0431-05-01"
    assert to_text(np.array(["a", "b"], dtype=object)) == "a; b"
