import numpy as np
import pytest

from casebook.model.dates import bounds
from casebook.model.schema import Field, Table
from casebook.reliability.dates import date_agreement, days_apart
from casebook.reliability.given import Variable


def dates(**given):
    item = Field("start", "string", "Start", "", edtf=True)
    texts = np.array(list(given.values()), dtype=object).T
    units, table = tuple(map(str, range(len(texts)))), Table("talks", "Talks", "", "talk_id", (item,))
    return date_agreement(Variable(table, item, units, tuple(given), texts, len(units)))


@pytest.mark.parametrize(
    ("one", "other", "days"),
    [
        ("1990-02", "1990-02-14", 0),
        ("1990-02", "1990-03-01", 1),
        ("1990-03-01", "1990-02", 1),
        ("1990-02/..", "1995", 0),
        ("1990-02/..", "1989-12-31", 32),
        ("../1990", "1991-01-01", 1),
        ("../1990", "1995/..", 1462),
        ("1990/..", "1995/..", 0),
        ("../1990", "../1995", 0),
    ],
)
def test_days_are_counted_outside_the_bounds(one, other, days):
    assert days_apart(bounds(one), bounds(other)) == days_apart(bounds(other), bounds(one)) == days


def test_shares_of_pairs_that_are_identical_overlap_or_lie_near():
    found = dates(
        ann=["1990-02", "1990-02~", "1990-02", "1990-02-01", "1990-02-01", "1990-02-01", "1990-02-01"],
        ben=["1990-02", "1990-02-01/1990-02-28", "1990-02-03", "1990-02-02", "1990-02-08", "1990-03-04", "1992-02-01"],
    )
    assert (found.units, found.pairs) == (7, 7)
    shares = (found.identical, found.overlapping, found.day, found.week, found.month, found.year)
    assert shares == pytest.approx([100 * n / 7 for n in (2, 3, 4, 5, 6, 6)])
    assert (found.median, found.p90, found.most) == (1, 730, 730)


def test_decades_between_the_rows_change_nothing():
    near = dates(ann=["1990-02-01", "1990-05-01"], ben=["1990-03-01", "1990-05-01"])
    far = dates(ann=["1962-02-01", "1990-05-01"], ben=["1962-03-01", "1990-05-01"])
    assert near == far


def test_reasons_are_no_dates():
    found = dates(ann=["1990", "unknown", None], ben=["1990", "1990", "1990"])
    assert (found.units, found.pairs, found.identical) == (1, 1, 100)


def test_three_coders_are_three_pairs():
    found = dates(ann=["1990"], ben=["1990"], cid=["1991-01-01"])
    assert (found.units, found.pairs, found.identical) == (1, 3, pytest.approx(100 / 3))


def test_without_a_pair_there_are_no_shares():
    found = dates(ann=["unknown"], ben=["1990"])
    assert found.pairs == 0
    assert np.isnan([found.identical, found.year, found.median, found.most]).all()
