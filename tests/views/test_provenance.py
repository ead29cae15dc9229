"""An author can cite what was used: by case, row, table, variable, or from any frame that was loaded."""

import warnings

import pandas as pd
import pytest

from casebook.errors import CasebookError, UnknownNameError

DOE, ROE = "Doe, J. (2001). Secret Talks. Press.", "Roe, R. (2002). A Rival View. Journal of Doubt, 1–9."
CASE, CHANNELS = "cases/alpha-1990/case.yaml", "cases/alpha-1990/channels.yaml"


def test_the_sources_behind_case_row_table_and_variable(tiny):
    assert list(tiny.cite("alpha-1990")) == [DOE, ROE]
    assert list(tiny.cite("alpha-1990/line")) == [DOE]
    assert list(tiny.cite("events")) == [DOE, ROE]
    assert list(tiny.cite("channels.result")) == [DOE]
    assert list(tiny.cite("cases.outcome")) == [DOE, ROE]
    assert list(tiny.cite("cases.violence")) == [DOE]
    assert list(tiny.cite("ann-envoy")) == []


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("alpha-1990/lin", "did you mean 'alpha-1990/line'"),
        ("channels.resul", "no variable 'resul' in table channels; did you mean 'result'"),
        ("chanels", "did you mean 'channels'"),
    ],
)
def test_wrong_names(tiny, what, message):
    with pytest.raises(UnknownNameError, match=message):
        tiny.cite(what)


class TestFrames:
    def test_only_the_columns_that_are_still_there_count(self, tiny):
        cases = tiny.load("cases")
        assert list(tiny.bibliography(cases[["case_id", "outcome"]])) == [DOE, ROE]
        assert list(tiny.bibliography(cases[["case_id", "violence"]])) == [DOE]

    def test_only_the_rows_that_are_still_there_count(self, tiny):
        events = tiny.load("events", alleged=True)[["event_id", "summary", "date"]]
        letter = events[events["event_id"] == "alpha-1990/1990-02-letter"]
        assert list(tiny.bibliography(letter)) == [DOE]
        assert list(tiny.bibliography(events)) == [DOE, ROE]

    def test_bounds_rest_on_the_date_and_durations_on_both(self, folder):
        piece = "    - on: [summary, status, start, end,"
        text = folder.read(CHANNELS)
        folder.write(CHANNELS, text.replace(piece, "    - on: [summary, status, start,", 1))
        folder.replace(
            CHANNELS,
            "  evidence:\n",
            "  evidence:\n    - {on: end, source: roe2002rival, confidence: low, note: He says.}\n",
        )
        book = folder.build()
        channels = book.load("channels")
        assert list(book.bibliography(channels[["channel_id", "start_earliest"]])) == [DOE]
        assert list(book.bibliography(channels[["channel_id", "end_latest"]])) == [ROE]
        assert list(book.bibliography(channels[["channel_id", "duration_days_max"]])) == [DOE, ROE]

    def test_counts_rest_on_the_rows_counted(self, tiny):
        channels = tiny.load("channels")[["channel_id", "event_count"]]
        assert list(tiny.bibliography(channels)) == [DOE, ROE]

    def test_wide_frames(self, tiny):
        wide = tiny.load("channels", wide=True)
        assert list(tiny.bibliography(wide[["channel_id", "case_id", "result", "case_outcome"]])) == [DOE, ROE]
        assert list(tiny.bibliography(wide[["channel_id", "case_id", "result", "case_violence"]])) == [DOE]

    def test_every_variable_of_a_wide_frame_is_recognized(self, tiny):
        from casebook.views.provenance import cells_in

        for table in tiny.schema:
            wide = tiny.load(table.name, wide=True, alleged=True)
            if not wide.empty:
                found = cells_in(tiny.store, wide)
                assert sum(len(cells.variables) for cells in found) >= len(wide.columns), table.name

    def test_merged_frames(self, tiny):
        merged = tiny.load("terms")[["term_id", "case_id", "issue"]].merge(tiny.load("cases")[["case_id", "outcome"]])
        assert list(tiny.bibliography(merged)) == [DOE, ROE]
        assert list(tiny.bibliography(merged.assign(case_id=pd.NA)[["term_id", "case_id", "issue", "outcome"]])) == [
            DOE
        ]

    def test_keys_in_the_index(self, tiny):
        assert list(tiny.bibliography(tiny.load("cases").set_index("case_id")[["outcome"]])) == [DOE, ROE]

    def test_columns_of_the_authors_own_are_passed_over(self, tiny):
        frame = tiny.load("cases")[["case_id", "violence"]].assign(gdp=1.0)
        frame[("a", "b")] = 2
        assert list(tiny.bibliography(frame)) == [DOE]

    def test_rows_that_name_their_sources(self, tiny):
        assert list(tiny.bibliography(tiny.load("claims")[["claim_id", "claimed_by"]])) == [ROE]
        assert list(tiny.bibliography(tiny.load("cases")[["case_id", "narrative"]])) == [DOE]
        evidence = tiny.load("evidence")
        rivals = evidence[evidence["rival"]]
        assert list(tiny.bibliography(rivals)) == [ROE]
        sources = tiny.load("sources")
        assert list(tiny.bibliography(sources[sources["author"] == "Roe, Richard"])) == [ROE]

    def test_in_another_style(self, tiny):
        frame = tiny.load("cases")[["case_id", "violence"]]
        assert list(tiny.bibliography(frame, style="chicago")) == ["Doe, Jane. 2001. Secret Talks. Press."]

    def test_a_frame_without_keys(self, tiny):
        with pytest.raises(CasebookError, match="no column says which rows these are; keep one of the keys: case_id"):
            tiny.bibliography(tiny.load("cases")[["outcome"]])

    def test_a_frame_with_keys_alone(self, tiny):
        with pytest.raises(CasebookError, match="no column besides the keys is a variable"):
            tiny.bibliography(tiny.load("cases")[["case_id"]])

    def test_a_column_whose_key_is_gone_is_warned_of(self, tiny):
        frame = tiny.load("channels", wide=True)[["case_id", "case_title", "result"]]
        with pytest.raises(CasebookError, match="no column besides"):
            tiny.bibliography(frame)
        with pytest.warns(
            UserWarning, match="no sources for result: the key of their rows is not in the frame"
        ) as caught:
            tiny.bibliography(frame.rename(columns={"case_title": "title"}))
        assert caught[0].filename == __file__

    def test_nothing_is_warned_of_in_frames_as_they_are_loaded(self, tiny):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for table in tiny.schema:
                if table.name != "codings":
                    tiny.bibliography(tiny.load(table.name, wide=True))

    def test_rows_of_another_casebook(self, tiny):
        frame = pd.DataFrame({"case_id": ["alpha-1990", "alpha-1991"], "outcome": ["a", "b"]})
        with pytest.raises(UnknownNameError, match="no row 'alpha-1991' of cases; did you mean 'alpha-1990'"):
            tiny.bibliography(frame)
