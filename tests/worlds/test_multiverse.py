"""An analysis is asked in every world, and what overturns a conclusion is named."""

import pandas as pd
import pytest

import casebook
from casebook.errors import CasebookError, UnknownNameError
from casebook.worlds.multiverse import multiverse


def agreed(book):
    return {"agreed": book.load("cases")["outcome"].iloc[0] != "no_agreement"}


def secrecy(book):
    return {"days": book.load("channels")["existence_secrecy_days"].median()}


def ask(analysis, book, **options):
    return multiverse(analysis, book=book, progress=False, **options)


def test_a_conclusion_that_one_rival_reading_overturns(tiny):
    result = ask(agreed, tiny)
    assert result.complete
    assert result.possible == 2
    assert result.to_frame().loc["agreed", ["coded", "holds", "overturned_by"]].tolist() == [True, 0.5, 1]
    only = result.overturning.iloc[0]
    assert (only["row"], only["variable"], only["reads"], only["gives"]) == (
        "alpha-1990",
        "outcome",
        "no_agreement",
        False,
    )
    assert "agreed: yes as coded, and in 50% of worlds." in str(result)
    assert "One single reading overturns it: alpha-1990, outcome: no_agreement instead of partial_settlement." in str(
        result
    )


def test_only_what_the_analysis_needs_is_varied(tiny):
    assert set(ask(agreed, tiny).disputed["variable"]) == {"outcome"}
    assert set(ask(secrecy, tiny, alleged=True).disputed["variable"]) == {"start"}


def test_numbers_have_a_range(tiny):
    row = ask(secrecy, tiny).to_frame().loc["days"]
    assert row[["coded", "lowest", "median", "highest"]].tolist() == [106, 93, 106, 120]
    assert "2 single readings move it, most of all" in str(ask(secrecy, tiny))


def test_texts_show_the_other_answer(tiny):
    result = ask(lambda book: {"outcome": str(book.load("cases")["outcome"].iloc[0])}, tiny)
    assert result.to_frame().loc["outcome", "most_common_other"] == "no_agreement"


def test_what_varies_can_be_declared(tiny):
    assert ask(agreed, tiny, vary=["channels"]).to_frame().loc["agreed", "holds"] == 1
    assert ask(agreed, tiny, vary=["cases.outcome"]).possible == 2
    assert ask(agreed, tiny, vary="cases.outcome", min_confidence="medium").possible == 1
    with pytest.raises(UnknownNameError, match="table 'case'"):
        ask(agreed, tiny, vary=["case.outcome"])
    with pytest.raises(UnknownNameError, match="'outcom'"):
        ask(agreed, tiny, vary=["cases.outcom"])


def test_alleged_rows_are_one_more_dimension(tiny):
    def events(book):
        return {"events": len(book.load("events"))}

    assert ask(events, tiny).possible == 1
    result = ask(events, tiny, alleged=True)
    assert sorted(result.worlds["events"]) == [1, 2]


def test_nothing_disputed_is_said(tiny):
    result = ask(lambda book: {"parties": len(book.load("parties"))}, tiny)
    assert "depends on no value that is disputed" in str(result)


def test_many_worlds_are_sampled_with_a_seed():
    def information(book):
        result = book.load("channels")["result"]
        return {"share": (result == "information").mean()}

    book = casebook.open("data")
    first, second = (ask(information, book, dates=False, max_worlds=20, seed=1) for _ in range(2))
    assert not first.complete
    assert len(first.worlds) == 20
    pd.testing.assert_frame_equal(first.worlds, second.worlds)
    assert "drawn (seed 1)" in str(first)
    assert set(first.disputed["variable"]) == {"result", "status"}


def test_no_answer_counts_against_a_conclusion(tiny):
    def picky(book):
        if not agreed(book)["agreed"]:
            raise CasebookError("no cases left")
        return {"fine": True}

    result = ask(picky, tiny)
    assert result.unanswered == 1
    assert result.to_frame().loc["fine", "holds"] == 0.5
    assert "In 1 worlds the analysis had no answer" in str(result)


def test_a_failure_says_where(tiny):
    def fails(book):
        return {"x": {"partial_settlement": True}[str(book.load("cases")["outcome"].iloc[0])]}

    with pytest.raises(CasebookError, match=r"failed .*outcome: no_agreement instead of partial_settlement.*KeyError"):
        ask(fails, tiny)


def test_conclusions_must_be_named_and_stay_the_same(tiny):
    with pytest.raises(CasebookError, match="mapping of named conclusions, not list"):
        ask(lambda book: [1], tiny)
    with pytest.raises(CasebookError, match="'x' must be a truth value, a number or a text, not list"):
        ask(lambda book: {"x": []}, tiny)
    with pytest.raises(CasebookError, match="came or went"):
        ask(lambda book: {str(book.load("cases")["outcome"].iloc[0]): True}, tiny)
    with pytest.raises(CasebookError, match="max_worlds must be at least 1"):
        ask(agreed, tiny, max_worlds=0)


def test_an_analysis_that_fails_as_coded_keeps_its_own_message(tiny):
    with pytest.raises(UnknownNameError, match="there is no table 'casse'"):
        ask(lambda book: {"x": len(book.load("casse"))}, tiny)


def test_progress_goes_to_standard_error(tiny, capsys, monkeypatch):
    multiverse(agreed, book=tiny)
    assert capsys.readouterr().err == "", "nobody watches"
    monkeypatch.setenv("FORCE_COLOR", "1")
    multiverse(agreed, book=tiny)
    shown = capsys.readouterr()
    assert "worlds" in shown.err
    assert shown.out == ""
    multiverse(agreed, book=tiny, progress=False)
    assert capsys.readouterr().err == ""


def test_the_page_is_escaped(tiny):
    page = ask(lambda book: {"<b>agreed</b>": agreed(book)["agreed"]}, tiny)._repr_html_()
    assert "&lt;b&gt;agreed" in page
    assert "<b>agreed" not in page


def test_it_is_reached_from_the_package(tiny):
    assert casebook.multiverse is multiverse
    assert repr(ask(agreed, tiny)) == "<Multiverse of 1 conclusions in 2 of 2 worlds>"
