import datetime as dt
import re
import timeit

import pytest
from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from casebook.model.dates import Date, bounds

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
        ("0990-02", D(990, 2, 1), D(990, 2, 28)),
        ("0001", D(1, 1, 1), D(1, 12, 31)),
        ("9999-12-31", D(9999, 12, 31), D(9999, 12, 31)),
    ],
)
def test_bounds(text, earliest, latest):
    assert bounds(text) == (earliest, latest)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("195X", D(1950, 1, 1), D(1959, 12, 31)),
        ("19XX", D(1900, 1, 1), D(1999, 12, 31)),
        ("1985-XX", D(1985, 1, 1), D(1985, 12, 31)),
        ("1985-04-XX", D(1985, 4, 1), D(1985, 4, 30)),
        ("1985-XX-XX", D(1985, 1, 1), D(1985, 12, 31)),
        ("1985-XX-31", D(1985, 1, 31), D(1985, 12, 31)),
        ("156X-12-XX", D(1560, 12, 1), D(1569, 12, 31)),
        ("200X-02-29", D(2000, 2, 29), D(2008, 2, 29)),
        ("2004-1X", D(2004, 10, 1), D(2004, 12, 31)),
        ("2004-06-2X", D(2004, 6, 20), D(2004, 6, 29)),
        ("2004-02-3X", None, None),
        ("1930-XX/1931", D(1930, 1, 1), D(1931, 12, 31)),
        ("1930/1931-XX", D(1930, 1, 1), D(1931, 12, 31)),
        ("1960-XX/1960-XX", D(1960, 1, 1), D(1960, 12, 31)),
        ("193X/196X", D(1930, 1, 1), D(1969, 12, 31)),
        ("1921/197X", D(1921, 1, 1), D(1979, 12, 31)),
        ("2004-06-XX/2004-07-XX", D(2004, 6, 1), D(2004, 7, 31)),
    ],
)
def test_unspecified_digits(text, earliest, latest):
    if earliest is None:
        with pytest.raises(ValueError, match="is not a date in EDTF"):
            bounds(text)
    else:
        assert bounds(text) == (earliest, latest)


@pytest.mark.parametrize(
    ("number", "first", "last"),
    [
        (21, (3, 1), (5, 31)), (22, (6, 1), (8, 31)), (23, (9, 1), (11, 30)), (25, (3, 1), (5, 31)),
        (29, (9, 1), (11, 30)), (31, (3, 1), (5, 31)), (32, (6, 1), (8, 31)), (33, (1, 1), (3, 31)),
        (36, (10, 1), (12, 31)), (37, (1, 1), (4, 30)), (39, (9, 1), (12, 31)), (40, (1, 1), (6, 30)),
        (41, (7, 1), (12, 31)),
    ],
)  # fmt: skip
def test_parts_of_a_year(number, first, last):
    assert bounds(f"1993-{number}") == (D(1993, *first), D(1993, *last))


def test_a_winter_runs_into_the_next_year():
    assert bounds("1995-24") == bounds("1995-28") == bounds("1995-30") == (D(1995, 12, 1), D(1996, 2, 29))
    assert Date.parse("1995-24").years == (1995, 1995)


@pytest.mark.parametrize("text", ["1985-04-12?", "1985-04~", "1985%", "?2004-06-~11", "2004?-06-11", "2011-23~"])
def test_marks_do_not_widen_the_bounds(text):
    plain = "".join(letter for letter in text if letter not in "?~%")
    assert bounds(text) == bounds(plain)
    date = Date.parse(text)
    assert date.approximate == ("~" in text or "%" in text)
    assert date.uncertain == ("?" in text or "%" in text)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "1962-13-01", "1962-02-30", "27.10.1962", "10/27/1962", "1962-1-1", "19", "1900-02-29", "2003-02-29",
     "1985-13", "2005S1", "1X05", "X5XX", "? 1990-10", "1984-XX- XX/2000", "2005-01-01\n", " 2005", "٢٠٠٥", "195x",
     "1990-20", "1990-42", "1993-22-01", "1985-00", "1985-04-00", "1985??", "2005/2006/2007", "..", "..2005"],
)  # fmt: skip
def test_what_is_not_edtf_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="is not a date in EDTF; write for instance 1962-10-27"):
        bounds(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1990-06/", "'1990-06/' has a blank end; write 1990-06/.. if it is open or unknown"),
        ("/1990-06", "'/1990-06' has a blank end; write ../1990-06 if it is open or unknown"),
        ("1990~/", "write 1990~/.. if it is open or unknown"),
        ("../", "'../' has a blank end"),
        ("-0044-03-15", "years before 1 cannot be written"),
        ("-0662", "years before 1 cannot be written"),
        ("0000", "years before 1 cannot be written"),
        ("000X", "years before 1 cannot be written"),
        ("-0044/0012", "years before 1 cannot be written"),
        ("Y-17000", "years before 1 cannot be written"),
        ("Y170000", "a year has four digits and no letter before it"),
        ("Y1E99999999", "a year has four digits and no letter before it"),
        ("9999-24", "years after 9999 cannot be written"),
        ("[2005,2006]", "sets of dates cannot be written; write the interval"),
        ("{2005,2006}", "sets of dates cannot be written; write the interval"),
        ("1990-10-27T10:00:00Z", "times of day cannot be written; write 1990-10-27"),
        ("[" + "2005," * 900 + "2006]", "is not a date in EDTF"),
        ("October 27, 1962", "is not a date in EDTF; write 1962-10-27"),
        ("31 June 1962", "is not a date in EDTF; write for instance"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_edtf_but_not_read_is_refused_with_what_to_write(text, message):
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        bounds(text)
    assert len(str(caught.value)) < 250


def test_backward_intervals_are_refused():
    with pytest.raises(ValueError, match="runs backwards"):
        bounds("1990-02/1990-01")


def test_an_interval_open_at_both_ends_says_nothing():
    with pytest.raises(ValueError, match="says nothing; write unknown"):
        bounds("../..")


@pytest.mark.parametrize(
    ("text", "csl"),
    [
        ("2001", {"date-parts": [[2001]]}),
        ("2001-05-03", {"date-parts": [[2001, 5, 3]]}),
        ("2004-05/2004-06", {"date-parts": [[2004, 5], [2004, 6]]}),
        ("2004-05-01/2004-06-10", {"date-parts": [[2004, 5, 1], [2004, 6, 10]]}),
        ("1985-04-XX", {"date-parts": [[1985, 4]]}),
        ("1985-XX-31", {"date-parts": [[1985]]}),
        ("1993-22", {"date-parts": [[1993]], "season": 2}),
        ("1993-33", {"date-parts": [[1993]]}),
        ("1973~", {"date-parts": [[1973]], "circa": True}),
        ("1973?", {"date-parts": [[1973]], "circa": True}),
        ("195X", {"literal": "1950s"}),
        ("19XX", {"literal": "1900–1999"}),
        ("18XX/19XX", {"literal": "1800–1999"}),
        ("1955/196X", {"literal": "1955–1960s"}),
        ("1961/..", {"literal": "1961–"}),
        ("../1963", {"literal": "until 1963"}),
    ],
)
def test_dates_in_csl(text, csl):
    assert Date.parse(text).to_csl() == csl


def test_years():
    assert Date.parse("1985/1986-03").years == (1985, 1986)
    assert Date.parse("../1986-03").years == (None, 1986)
    assert Date.parse("195X").years == (1950, 1959)


days = st.dates(D(1, 1, 1), D(9999, 12, 31))


@given(days)
def test_a_day_bounds_itself(day):
    assert bounds(day.isoformat()) == (day, day)


@given(days, days)
def test_an_interval_runs_from_its_first_to_its_last_day(one, other):
    first, last = sorted((one, other))
    assert bounds(f"{first}/{last}") == (first, last)


@given(st.text(max_size=20) | st.text("0123456789-X/.~?%", max_size=25))
def test_any_text_gives_ordered_bounds_or_a_value_error(text):
    try:
        earliest, latest = bounds(text)
    except ValueError:
        return
    assert earliest is None or latest is None or earliest <= latest


years = st.integers(1, 9998).map("{:04}".format) | st.from_regex(r"[1-9][0-9]([0-9]X|XX)", fullmatch=True)
months = st.integers(1, 12).map("{:02}".format)
points = st.one_of(
    years,
    st.tuples(years, months | st.just("XX") | st.sampled_from(["21", "22", "23"])).map("-".join),
    st.tuples(years, months, st.integers(1, 31).map("{:02}".format) | st.just("XX")).map("-".join),
    st.tuples(years, st.just("XX"), st.just("XX")).map("-".join),
)
marked = st.tuples(points, st.sampled_from(["", "", "~", "?", "%"])).map("".join)
dates = marked | st.tuples(marked | st.just(".."), marked | st.just("..")).map("/".join)


@settings(deadline=None)
@given(dates)
@example("1962-10-27")
@example("1930-01/1931")
def test_levels_0_and_1_have_the_bounds_that_the_library_edtf_gives_them(text):
    """It has faults, which are left out: 29 February in a span of years gets a day that does not exist; it cannot read
    marks behind open digits, seasons of open years, or months left open in an interval; it ends a winter with
    December, and takes a blank end for ten years."""
    assume(text != "../..")
    assume(
        not any("X" in year and rest[:2] == "02" for year, _, rest in (end.partition("-") for end in text.split("/")))
    )
    try:
        expected = theirs(text)
    except (EDTFParseException, AttributeError, TypeError, ValueError):
        assume(not re.search("X.*[~?%]|[~?%].*X|X.*/|/.*X|-2[1-4]", text))
        expected = None
    if expected is None:
        with pytest.raises(ValueError, match="is not a date in EDTF"):
            bounds(text)
    elif None not in expected and expected[0] > expected[1]:
        with pytest.raises(ValueError, match="runs backwards"):
            bounds(text)
    else:
        assert bounds(text) == expected


def theirs(text):
    parsed = parse_edtf(text)
    moments = (parsed.lower_strict(), parsed.upper_strict())
    return tuple(None if isinstance(moment, float) else D(*moment[:3]) for moment in moments)


def test_reading_a_date_takes_no_time():
    for text in ("1962-10-27", "1962", "1962-10~", "1988-05/1989-12", "1993-22", "19XX-XX-XX"):
        assert min(timeit.repeat(lambda text=text: Date.parse(text), number=100, repeat=5)) / 100 < 0.001
