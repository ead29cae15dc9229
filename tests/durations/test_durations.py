"""Dates become intervals, every row is counted, and the words say what is supposed."""

from math import inf

import pandas as pd
import pytest
from support import altered

from casebook import durations
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.cells import Cell
from casebook.model.dates import bounds
from casebook.model.schema import REASONS
from casebook.views.intervals import CLOCKS, intervals

CASE = "cases/alpha-1990/case.yaml"


def change(book, **changes):
    """The casebook with other values of the only channel; what is derived from them is left as it is."""
    frame, missing = book.load("channels"), book.load("missing")
    row = {"case_id": "alpha-1990", "table": "channels", "row": "alpha-1990/line"}
    for name, value in changes.items():
        gone = value in REASONS
        cells = {name: None if gone else value}
        if f"{name}_earliest" in frame:
            ends = (None, None) if gone else bounds(value)
            cells |= {f"{name}_earliest": ends[0], f"{name}_latest": ends[1]}
        for cell, content in cells.items():
            frame[cell] = pd.Series([content], dtype=frame[cell].dtype)
        cell = str(Cell("channels", "alpha-1990/line", name))
        missing = missing[missing["missing_id"] != cell]
        if gone:
            missing = pd.concat(
                [missing, pd.DataFrame([row | {"missing_id": cell, "variable": name, "reason": value}])]
            )
    return altered(book, channels=frame, missing=missing)


def only(book, clock="existence", **changes):
    """The interval of the only channel after some changes."""
    return rows(change(book, **changes), clock).iloc[0]


def rows(book, clock):
    return intervals(book.store, CLOCKS[clock], book.load(CLOCKS[clock].table))


def test_inexact_dates_make_bounds(tiny):
    found = only(tiny)
    # From the last day of February 1990, or its first, to 1 June.
    assert (found["lower"], found["upper"], found["kind"]) == (93, 120, "interval")


def test_days_known_on_both_sides_are_exact(tiny):
    found = only(tiny, start="1990-02-01")
    assert (found["lower"], found["upper"], found["kind"]) == (120, 120, "exact")


def test_an_open_earliest_day_of_disclosure_leaves_the_least_open(tiny):
    found = only(tiny, existence_disclosed="../1990-06-01")
    assert (found["lower"], found["upper"], found["kind"]) == (0, 120, "left")


def test_an_open_start_is_that_of_the_case(tiny):
    found = only(tiny, start="../1990-02-10")
    assert (found["lower"], found["upper"]) == (111, 151)


def test_existence_of_unknown_date_was_public_by_the_reference_date(tiny):
    found = only(tiny, existence_disclosed="unknown", existence_disclosure_mode="unknown")
    # The reference date of the small casebook is 2020-01-01.
    assert (found["lower"], found["upper"], found["kind"]) == (0, 10926, "unknown")


def test_terms_of_unknown_date_may_never_have_come_out(tiny):
    found = only(tiny, "terms")
    assert (found["lower"], found["upper"], found["kind"]) == (0, inf, "unknown")


def test_terms_not_disclosed_are_censored_at_the_reference_date(tiny):
    found = only(tiny, "terms", terms_disclosed="not_applicable", terms_disclosure_mode="not_disclosed")
    assert (found["lower"], found["upper"], found["kind"]) == (10899, inf, "right")


def test_terms_without_meaning_are_left_out_and_counted(tiny):
    book = change(tiny, terms_disclosed="not_applicable", terms_disclosure_mode="not_applicable")
    found = durations.analyze("terms", book=book, draws=0)
    assert found.estimates[0].intervals["kind"].tolist() == ["not_applicable"]
    assert found.to_frame().loc["all", ["rows", "not_applicable"]].tolist() == [0, 1]


def test_a_disclosure_still_open_has_no_greatest_number_of_days(tiny):
    found = only(tiny, "terms", terms_disclosed="1991/..", terms_disclosure_mode="leak")
    assert (found["lower"], found["upper"], found["kind"]) == (307, inf, "right")


def test_an_outcome_not_reversed_is_censored_and_no_agreement_has_no_durability(folder, tiny):
    found = rows(tiny, "durability").iloc[0]
    assert (found["lower"], found["upper"], found["kind"]) == (10806, inf, "right")
    text = folder.read(CASE).replace("outcome: partial_settlement", "outcome: no_agreement")
    for name in ("outcome_form: oral", "implementation: full", "reversal: none"):
        text = text.replace(name, f"{name.split(':')[0]}: not_applicable")
    text = text.replace("reads: no_agreement", "reads: partial_settlement")
    assert rows(folder.write(CASE, text).build(), "durability")["kind"].tolist() == ["not_applicable"]


def test_the_life_of_a_channel_runs_from_first_to_last_contact(tiny):
    found = rows(tiny, "life").iloc[0]
    assert (found["lower"], found["upper"]) == (91, 118)


def test_a_limit_is_the_time_that_could_be_watched(tiny):
    assert rows(tiny, "existence")["limit"].tolist() == [10926]
    assert rows(tiny, "terms")["limit"].tolist() == [inf]


def test_every_row_of_the_packaged_release_is_counted_once():
    for clock in CLOCKS:
        found = durations.analyze(clock, draws=0)
        frame = found.to_frame().loc["all"]
        kinds = frame[["exact", "interval", "left", "right", "unknown"]].sum()
        assert kinds == frame["rows"]
        spans = found.estimates[0].rows
        assert (spans["lower"] <= spans["upper"]).all()
        assert (spans["upper"] <= spans["limit"]).all()


def test_groups_take_the_rows_apart_and_keep_those_of_missing_value():
    whole = durations.analyze("existence", draws=0).to_frame()
    parts = durations.analyze("existence", by="secrecy_scope", draws=0).to_frame()
    assert parts["rows"].sum() == whole["rows"].sum()


def test_estimates_lie_within_the_bounds_that_assume_nothing():
    shares = durations.analyze("existence", draws=20).lasting([1, 365, 3652])
    assert (shares["least"] <= shares["estimate"] + 1e-9).all()
    assert (shares["estimate"] <= shares["most"] + 1e-9).all()
    assert (shares["low"] <= shares["high"]).all()


def test_the_interval_comes_from_whole_cases_and_from_the_seed():
    first = durations.analyze("life", draws=30).to_frame()
    assert first.equals(durations.analyze("life", draws=30).to_frame())
    assert not first.equals(durations.analyze("life", draws=30, seed=1).to_frame())


def test_a_truth_value_selects_and_groups():
    whole = durations.analyze("durability", draws=0).to_frame()
    parts = durations.analyze("durability", by="prior_channel", draws=0).to_frame()
    chosen = durations.analyze("durability", where={"prior_channel": True}, draws=0).to_frame()
    assert parts["rows"].sum() == whole["rows"].sum()
    assert chosen.loc["all", "rows"] == parts.loc["prior_channel: yes", "rows"]


def test_the_median_of_what_half_outlasted_is_not_made_up(tiny):
    text = str(durations.analyze("durability", book=tiny))
    assert "half of them were undone after 10,806 days at the earliest, if at all" in text
    assert "has nothing to do with its length: 10,806 days or more" in text


def test_one_case_has_no_interval(tiny):
    found = durations.analyze("existence", book=tiny)
    assert found.to_frame()[["low", "high"]].isna().all(axis=None)
    assert "interval" not in str(found)


def test_the_reading_says_what_is_supposed_and_that_there_is_no_sample(tiny):
    text = str(durations.analyze("existence", book=tiny))
    assert "Whatever the dates leave open, half of them were public within 93 to 120 days." in text
    assert "if how well a duration is known has nothing to do with its length" in text
    assert "in the table only because it had ended in time" in text
    assert "not sampled" in text
    assert "only because" not in str(durations.analyze("life", book=tiny))


def test_a_clock_that_tells_nothing_says_so(tiny):
    text = str(durations.analyze("terms", book=tiny))
    assert "1 of unknown length" in text
    assert "there is no estimate" in text


def test_retrospective_dates_can_be_read_as_upper_bounds(tiny):
    book = change(tiny, existence_disclosure_mode="memoir_or_interview", existence_disclosed="1999-06-01")
    found = durations.analyze("existence", book=book, retrospective="upper_bound").estimates[0].intervals.iloc[0]
    # At least as long as the channel: 28 February to 30 May.
    assert (found["lower"], found["kind"]) == (91, "left")


def test_ways_of_disclosure_compete(tiny):
    found = durations.analyze("existence", book=tiny).incidence([30, 100, 200])
    assert found.loc[("all", "leak"), "least"].tolist() == [0, 0, 1]
    assert found.loc[("all", "leak"), "most"].tolist() == [0, 1, 1]
    with pytest.raises(CasebookError, match="existence, terms, durability"):
        durations.analyze("life", book=tiny).incidence()


def test_pages_are_escaped(tiny):
    found = durations.analyze("existence", book=tiny, by="directness")
    assert "<table>" in found._repr_html_()
    assert "directness: relayed" in found._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"clock": "existance"}, UnknownNameError, "did you mean 'existence'"),
        ({"clock": "terms", "where": {"directnes": "direct"}}, UnknownNameError, "did you mean 'directness'"),
        ({"clock": "terms", "where": {"directness": "direkt"}}, UnknownNameError, "did you mean 'direct'"),
        ({"clock": "terms", "where": {"directness": "direct"}}, CasebookError, "tiny has no such row in channels"),
        ({"clock": "terms", "by": "name"}, CasebookError, "channels.name has no groups"),
        ({"clock": "terms", "retrospective": "guess"}, CasebookError, "'date' or 'upper_bound'"),
        ({"clock": "terms", "draws": -1}, CasebookError, "draws must be 0 to 1,000,000"),
        ({"clock": "terms", "confidence": 95}, CasebookError, "confidence between 0 and 1"),
    ],
)
def test_impossible_questions_are_refused(tiny, arguments, error, message):
    with pytest.raises(error, match=message):
        durations.analyze(book=tiny, **arguments)


class TestOrder:
    @pytest.mark.parametrize(
        ("disclosed", "answer"),
        [
            ("1990-06-01", "before"),
            ("1990-05-30", "same_day"),
            ("1990-05", "unclear"),
            ("1990-04", "after"),
            ("../1991", "unclear"),
        ],
    )
    def test_dates_are_ordered_as_far_as_their_bounds_settle_it(self, tiny, disclosed, answer):
        book = change(tiny, existence_disclosed=disclosed)
        found = durations.order("end", "existence_disclosed", book=book)
        assert found.answers == {"alpha-1990/line": answer}

    def test_what_has_not_happened_comes_last(self, tiny):
        book = change(tiny, terms_disclosed="not_applicable", terms_disclosure_mode="not_disclosed")
        book = change(book, existence_disclosed="unknown")
        assert (
            durations.order("existence_disclosed", "terms_disclosed", book=book).to_frame()["channels"]["before"] == 1
        )
        assert durations.order("terms_disclosed", "end", book=book).to_frame()["channels"]["after"] == 1

    def test_what_has_no_meaning_is_left_out_and_counted(self, tiny):
        book = change(tiny, terms_disclosed="not_applicable", terms_disclosure_mode="not_applicable")
        found = durations.order("end", "terms_disclosed", book=book)
        assert found.to_frame()["channels"]["not_applicable"] == 1
        assert "1 left out" in str(found)
        assert "<table>" in found._repr_html_()

    def test_only_dates_can_be_ordered(self, tiny):
        with pytest.raises(CasebookError, match=r"channels\.result is no date; channels has the dates start, end"):
            durations.order("result", "end", book=tiny)
