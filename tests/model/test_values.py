import re

import pytest

from casebook.model.schema import Category, Constraints, Field
from casebook.model.values import parse

COLOR = Field("color", "string", "Color", "", categories=(Category("red", "Red", ""), Category("blue", "Blue", "")))


def test_a_date_becomes_three_columns():
    field = Field("start", "string", "Start", "", edtf=True)
    assert list(parse(field, "1993-01")) == ["start", "start_earliest", "start_latest"]


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        (COLOR, "rod", "unknown category 'rod'; did you mean 'red'?; valid: red, blue"),
        (Field("flag", "boolean", "", ""), "true", "'true' is neither yes nor no"),
        (Field("n", "integer", "", ""), "1.5", "'1.5' is not a whole number"),
        (Field("x", "number", "", ""), "a half", "'a half' is not a number such as 0.25"),
        (Field("x", "number", "", "", Constraints(maximum=1)), "1.5", "1.5 is more than the maximum 1"),
        (Field("n", "integer", "", "", Constraints(minimum=0)), "-1", "-1 is less than the minimum 0"),
        (Field("n", "integer", "", "", Constraints(maximum=9)), "10", "10 is more than the maximum 9"),
        (Field("t", "string", "", "", Constraints(pattern="[0-9]+")), "x", "'x' does not have the form [0-9]+"),
        (Field("t", "string", "", "", Constraints(max_length=3)), "long", "has 4 characters; at most 3 are allowed"),
        (
            Field("t", "string", "", "", codes="iso3166-1-alpha-3"),
            "SUN",
            "not an ISO 3166-1 alpha-3 code",
        ),
        (Field("t", "string", "", ""), "a\x00b", "the invisible character U+0000"),
        (Field("t", "string", "", ""), "a\u202eb", "the invisible character U+202E"),
        (Field("t", "string", "", ""), "Unknown", "'Unknown' is no value; write unknown if that is meant"),
        (
            Field("d", "string", "", "", edtf=True),
            "Not applicable",
            "is no value; write not_applicable if that is meant",
        ),
        (Field("t", "string", "", ""), "NULL", "'NULL' is read as an empty cell by other programs"),
        (Field("t", "string", "", ""), "", "the value is empty; write one, or unknown"),
        (Field("t", "string", "", "", Constraints(required=True)), "", "the value is empty; write one"),
    ],
)
def test_bad_values_are_explained(field, text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse(field, text)


def test_good_values_get_their_type():
    assert parse(COLOR, "blue") == {"color": "blue"}
    assert parse(Field("flag", "boolean", "", ""), "no") == {"flag": False}
    assert parse(Field("n", "integer", "", ""), "08") == {"n": 8}
    assert parse(Field("t", "string", "", "", codes="iso3166-1-alpha-3"), "PSE") == {"t": "PSE"}


def test_a_number_may_have_a_fraction():
    assert parse(Field("x", "number", "X", "", Constraints(minimum=0)), "0.25") == {"x": 0.25}
