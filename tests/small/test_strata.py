"""Comparisons inside strata give R's figures, and looks are counted."""

import sys
from math import comb, inf

import numpy as np
import pandas as pd
import pytest

from casebook import small
from casebook.book import packaged_release
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.rendering import dtype
from casebook.small.grouping import stratum_of
from casebook.small.looks import holm
from casebook.small.pairs import compare

# Agresti 1990, in the documentation of R's mantelhaen.test: cured and died, with penicillin at once and delayed.
RABBITS = [[[0, 6], [0, 5]], [[3, 3], [0, 6]], [[6, 0], [2, 4]], [[5, 1], [6, 0]], [[2, 0], [5, 0]]]
# R's UCBAdmissions: rejected and admitted, women and men, departments A to F.
BERKELEY = [
    [[19, 89], [313, 512]],
    [[8, 17], [207, 353]],
    [[391, 202], [205, 120]],
    [[244, 131], [279, 138]],
    [[299, 94], [138, 53]],
    [[317, 24], [351, 22]],
]


class Frames:
    """A casebook with made-up channels."""

    def __init__(self, tiny, **columns):
        import pandas as pd

        self.schema = tiny.schema
        table = tiny.schema.table("channels")
        self.frame = pd.DataFrame(
            {name: pd.Series(values, dtype=dtype(table.field(name))) for name, values in columns.items()}
        )

    def load(self, table, cases=None, alleged=False):
        return self.frame


def channels(tiny, tables):
    """Channels with these counts: in each case direct or relayed, agreement or failure."""
    rows = [
        (f"case-{case}", directness, result)
        for case, table in enumerate(tables)
        for directness, counts in zip(("relayed", "direct"), table, strict=True)
        for result, count in zip(("failure", "agreement"), counts, strict=True)
        for _ in range(count)
    ]
    cases, directness, result = map(list, zip(*rows, strict=True))
    return Frames(tiny, case_id=cases, directness=directness, result=result)


ASKED = ("directness", "direct"), ("result", "agreement")


class TestMantelHaenszel:
    def test_the_exact_test_of_the_rabbits(self):
        found = small.mantel_haenszel(RABBITS)
        assert found.p_value == pytest.approx(0.0399449, abs=5e-7)
        assert found.odds_ratio == pytest.approx(7)

    def test_the_exact_test_and_the_odds_ratio_of_berkeley(self):
        found = small.mantel_haenszel(BERKELEY)
        assert found.p_value == pytest.approx(0.2277625268, abs=1e-9)
        assert found.odds_ratio == pytest.approx(0.9046968, abs=5e-8)

    def test_the_difference_and_its_variance_are_those_of_metafor(self):
        """R: rma.mh(measure = "RD"), metafor 3.8."""
        found = small.mantel_haenszel(BERKELEY)
        assert found.difference == pytest.approx(-0.0184251961909)
        assert found.variance == pytest.approx(0.0002197923203)

    def test_one_stratum_gives_fishers_test_and_the_plain_difference(self):
        found = small.mantel_haenszel([[[3, 1], [1, 3]]])
        assert found.p_value == pytest.approx(34 / comb(8, 4))
        assert found.difference == 0.5

    def test_no_library_is_needed(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "scipy.stats", None)
        assert small.mantel_haenszel([[[3, 1], [1, 3]]]).p_value == pytest.approx(34 / comb(8, 4))

    def test_strata_with_one_group_change_nothing(self):
        assert small.mantel_haenszel([*RABBITS, [[0, 0], [4, 2]]]) == small.mantel_haenszel(RABBITS)

    def test_without_both_groups_nothing_is_known(self):
        found = small.mantel_haenszel([[[0, 0], [4, 2]]])
        assert found.difference != found.difference
        assert found.p_value == 1

    @pytest.mark.parametrize("tables", [[[1, 2], [3, 4]], [[[1.5, 2], [3, 4]]], [[[-1, 2], [3, 4]]]])
    def test_what_are_no_counts_is_refused(self, tables):
        with pytest.raises(CasebookError, match="tables"):
            small.mantel_haenszel(tables)


class TestStratified:
    def test_a_difference_between_cases_is_not_one_within_them(self, tiny):
        """Half of the channels of one case agree, and none of the other; most direct ones are of the first."""
        found = small.stratified(*ASKED, book=channels(tiny, [[[1, 1], [4, 4]], [[8, 0], [2, 0]]]))
        assert found.crude == pytest.approx(0.3)
        assert found.result.difference == 0
        assert found.p_value == pytest.approx(1)

    def test_counts_stand_by_case_with_what_is_left_without_it(self, tiny):
        found = small.stratified(*ASKED, book=channels(tiny, RABBITS))
        frame = found.to_frame()
        assert frame.loc["case-1", ["with_yes", "with_all", "without_yes", "without_all"]].tolist() == [6, 6, 3, 6]
        rest = small.mantel_haenszel([RABBITS[0], *RABBITS[2:]])
        assert frame.loc["case-1", "difference_without"] == pytest.approx(rest.difference)
        assert frame.loc["case-1", "p_without"] == pytest.approx(rest.p_value)

    def test_the_reading_counts_what_is_left_out_and_what_says_nothing(self, tiny):
        book = channels(tiny, [*RABBITS, [[0, 0], [1, 1]]])
        book.frame.loc[0, "result"] = None
        text = str(small.stratified(*ASKED, book=book))
        assert "1 left out because a value is missing. 1 strata have only one of the groups" in text
        assert "not sampled" in text

    def test_a_variable_of_the_parent_row_makes_strata(self):
        by_case = small.stratified("authorized", "productive")
        by_dispute = small.stratified("authorized", "productive", strata="case_dispute")
        assert by_dispute.crude == by_case.crude
        assert set(by_dispute.strata) <= set(found_rows("cases")["dispute"])
        assert len(by_dispute.strata) < len(by_case.strata)

    @pytest.mark.parametrize("name", ["channel_venue", "case_dispute", "actor_kind"])
    def test_strata_of_any_parent_row_are_those_of_wide_tables(self, name):
        book = packaged_release()
        table = "roles" if name == "actor_kind" else "events"
        wide = book.load(table, wide=True)[name].astype("str")
        assert wide.nunique() > 1
        pd.testing.assert_series_equal(stratum_of(book, table, book.load(table), name), wide, check_names=False)

    def test_a_declared_condition_makes_groups(self):
        found = small.stratified("authorized", "productive")
        assert found.labels == ("authorized: yes", "productive: yes")
        assert "<table>" in found._repr_html_()

    def test_impossible_questions_are_refused(self, tiny):
        with pytest.raises(UnknownNameError, match="did you mean 'authorized'"):
            small.stratified("authorised", "productive", book=tiny)
        with pytest.raises(CasebookError, match="makes 3 groups"):
            small.stratified("directness", ("result", "agreement"), book=tiny)
        with pytest.raises(UnknownNameError, match="did you mean 'case_id'"):
            small.stratified(*ASKED, strata="case", book=tiny)


class TestPairs:
    def test_the_chance_to_last_longer_is_bounded_by_what_the_dates_settle(self):
        lower, upper = np.array([1, 4, 3, 10.0]), np.array([2, 6, 5, inf])
        found = compare(lower, upper, np.array([False, False, True, True]), np.full(4, ""))
        # 3 to 5 against 1 to 2: longer; against 4 to 6: open. More than 10 against both: longer.
        assert found.settled == {"longer": 0.75, "shorter": 0, "equal": 0, "open": 0.25}
        assert found.exceeds == (0.75, 1)

    def test_known_durations_give_the_rank_test(self):
        days = np.array([10, 20, 30, 100, 200, 300.0])
        found = compare(days, days, days > 50, np.full(6, ""))
        assert found.exceeds == (1, 1)
        assert found.p_value == pytest.approx(2 / comb(6, 3))

    def test_ties_count_half(self):
        days = np.array([5.0, 5.0])
        found = compare(days, days, np.array([False, True]), np.full(2, ""))
        assert (found.exceeds, found.settled["equal"], found.p_value) == ((0.5, 0.5), 1, 1)

    def test_nothing_known_settles_nothing(self):
        found = compare(np.zeros(4), np.full(4, inf), np.array([False, True, False, True]), np.full(4, ""))
        assert (found.exceeds, found.settled["open"], found.p_value) == ((0, 1), 1, 1)

    def test_inside_strata_only_rows_of_one_case_are_compared(self):
        days, second = np.array([1, 2, 100, 200.0]), np.array([False, True, False, True])
        found = compare(days, days, second, np.array(["a", "a", "b", "b"]))
        assert found.pairs == 2
        assert found.exceeds == (1, 1)
        # Of the four ways to choose one row of each case, one has both longer ones and one both shorter ones.
        assert found.p_value == 0.5

    def test_rows_of_unknown_length_take_part_and_rows_without_meaning_are_counted(self):
        found = small.pairs("terms_secrecy_days", ("result", ["agreement", "partial_agreement"]))
        assert found.summary["rows"].sum() + sum(found.left_out.values()) == len(found_rows("channels"))
        assert found.exceeds[0] <= found.exceeds[1]
        assert "not sampled" in str(found)
        assert "<table>" in found._repr_html_()

    def test_middles_of_bounds_are_not_compared(self):
        with pytest.raises(CasebookError, match=r"not known to the day in \d+ rows.*small.pairs"):
            small.difference("existence_secrecy_days", ("result", ["agreement"]))

    def test_impossible_questions_are_refused(self, tiny):
        with pytest.raises(CasebookError, match="difference compares numbers"):
            small.pairs("event_count", ("directness", "direct"), book=tiny)
        with pytest.raises(CasebookError, match="no pair to compare"):
            small.pairs("duration_days", ("directness", "direct"), book=tiny)


def found_rows(table):
    import casebook

    return casebook.load(table)


class TestLooks:
    def test_p_values_are_corrected_as_r_does(self):
        """R: p.adjust(c(.01, .08, .27, .35, .78, .76, .27), "holm")."""
        assert holm([0.01, 0.08, 0.27, 0.35, 0.78, 0.76, 0.27], 7) == pytest.approx([0.07, 0.48, 1, 1, 1, 1, 1])

    def test_looks_not_shown_count_too(self, tiny):
        result = small.stratified(*ASKED, book=channels(tiny, RABBITS))
        alone, among = small.looks({"direct": result}), small.looks({"direct": result}, taken=8)
        assert alone.to_frame().loc["direct", "p_holm"] == pytest.approx(result.p_value)
        assert among.to_frame().loc["direct", "p_holm"] == pytest.approx(8 * result.p_value)
        assert "8 looks were taken" in str(among)
        assert "<table>" in among._repr_html_()

    def test_results_of_every_kind_can_be_looked_at_together(self):
        asked = ("directness", "direct")
        found = small.looks(
            {
                "table": small.crosstab(asked, ("result", "agreement")),
                "number": small.difference("event_count", asked),
                "pairs": small.pairs("duration_days", asked),
                "strata": small.stratified(asked, ("result", "agreement")),
            }
        ).to_frame()
        assert (found["p_holm"] >= found["p"]).all()

    def test_fewer_looks_than_results_are_refused(self, tiny):
        result = small.stratified(*ASKED, book=channels(tiny, RABBITS))
        with pytest.raises(CasebookError, match="taken is 1, but 2 results"):
            small.looks({"one": result, "two": result}, taken=1)
        with pytest.raises(CasebookError, match="no result"):
            small.looks({})


def test_more_rows_than_an_exact_test_can_take_are_refused():
    with pytest.raises(CasebookError, match="a stratum of more than 2,000 rows, too many for an exact test"):
        small.mantel_haenszel([[[10**6, 10**6], [10**6, 10**6]]])
    assert small.mantel_haenszel([[[500, 500], [500, 500]]] * 3).p_value == pytest.approx(1)
