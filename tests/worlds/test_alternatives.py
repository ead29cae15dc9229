"""What could be read otherwise is found, each reading once."""

import datetime as dt

import pytest

from casebook.errors import UnknownNameError
from casebook.worlds.alternatives import Scope, find
from casebook.worlds.worlds import Worlds

CASE = "cases/alpha-1990/case.yaml"


def disputes(book, **scope):
    worlds = Worlds(book)
    return find(book.store, worlds.stands, worlds.variables, Scope(**scope))


def test_rival_readings_are_found_with_their_sources(tiny):
    (found,) = disputes(tiny, dates=False)
    assert [str(a) for a in found.rivals] == ["cases alpha-1990, outcome: no_agreement instead of partial_settlement"]
    assert (found.rivals[0].confidence, found.rivals[0].sources) == ("low", ("roe2002rival",))
    assert disputes(tiny, dates=False, min_confidence="medium") == []


def test_one_reading_of_several_sources_is_one_alternative_of_the_best_confidence(folder):
    folder.replace(
        CASE,
        "parties:\n",
        "  - {on: outcome, source: doe2001talks, reads: no_agreement, confidence: medium, note: So does she.}\n"
        "parties:\n",
    )
    found = {d.cell.variable: d for d in disputes(folder.build(), dates=False)}
    (rival,) = found["outcome"].rivals
    assert (rival.reads, rival.confidence, rival.sources) == (
        "no_agreement",
        "medium",
        ("doe2001talks", "roe2002rival"),
    )


def test_a_rival_date_is_one_reading_however_exact_it_is(folder):
    folder.replace(
        CASE,
        "parties:\n",
        "  - {on: start, source: roe2002rival, reads: 1989, confidence: low, note: A year earlier.}\n"
        "  - {on: end, source: roe2002rival, reads: ../1991-02, confidence: low, note: By then.}\n"
        "parties:\n",
    )
    found = {d.cell.variable: d for d in disputes(folder.build()) if d.cell.table == "cases"}
    (rival,) = found["start"].rivals
    assert rival.days == (dt.date(1989, 1, 1), dt.date(1989, 12, 31))
    assert rival.day_count == 365
    assert [a.reads for a in rival.ends] == ["1989-01-01", "1989-12-31"]
    assert rival.on(31).values["start_earliest"] == dt.date(1989, 2, 1)
    assert found["start"].coded is None, "the coded day is exact"
    (open_end,) = found["end"].rivals
    assert open_end.days is None, "no day can be drawn where an end is open"


def test_inexact_dates_lie_within_their_bounds(tiny):
    found = {d.cell: d for d in disputes(tiny)}
    start = next(d for cell, d in found.items() if cell.variable == "start" and cell.table == "channels")
    assert start.rivals == ()
    assert start.coded.days == (dt.date(1990, 2, 1), dt.date(1990, 2, 28))
    assert [d for d in disputes(tiny, dates=False) if d.coded] == []


def test_alleged_rows_can_be_let_in(tiny):
    found = [a.row for d in disputes(tiny, alleged=True) for a in d.rivals if a.kind == "alleged"]
    assert found == ["alpha-1990/1990-03-rumor"]


def test_unknown_choices_are_answered(tiny):
    with pytest.raises(UnknownNameError, match="confidence 'lo'"):
        disputes(tiny, min_confidence="lo")
    with pytest.raises(UnknownNameError, match="case 'beta'"):
        disputes(tiny, cases=["beta"])
