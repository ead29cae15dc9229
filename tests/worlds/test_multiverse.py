"""An analysis is asked in every world, and what overturns a conclusion is named."""

import dataclasses

import pandas as pd
import pytest

import casebook
from casebook.errors import CasebookError, MissingLibraryError, UnknownNameError
from casebook.worlds.multiverse import multiverse

CASE = "cases/alpha-1990/case.yaml"
CHANNELS = "cases/alpha-1990/channels.yaml"


def agreed(book):
    return {"agreed": book.load("cases")["outcome"].iloc[0] != "no_agreement"}


def secrecy(book):
    return {"days": book.load("channels")["existence_secrecy_days"].median()}


def judged(book):
    """A truth value, a text and a number that hang on several disputed values."""
    case, channel = book.load("cases").iloc[0], book.load("channels").iloc[0]
    dire = case["stalemate"] == "mutual" and case["violence"] == "none"
    return {
        "dire": bool(dire),
        "outcome": str(case["outcome"]),
        "points": int(dire) + 2 * (channel["venue"] == "remote") + 4 * (channel["result"] == "partial_agreement"),
    }


def ask(analysis, book, **options):
    return multiverse(analysis, book=book, progress=False, **options)


def rival(on, reads, confidence, source="roe2002rival"):
    return f"    - {{on: {on}, source: {source}, reads: {reads}, confidence: {confidence}, note: Roe differs.}}\n"


@pytest.fixture(scope="module")
def disputed(tmp_path_factory):
    """The small casebook with six values in dispute."""
    from support import Folder

    folder = Folder(tmp_path_factory.mktemp("disputed") / "tiny")
    folder.replace(
        CASE,
        "parties:\n",
        (
            rival("stalemate", "none", "medium")
            + rival("violence", "ongoing", "low")
            + rival("violence", "threatened", "low", "doe2001talks")
        ).replace("    - ", "  - ")
        + "parties:\n",
    )
    folder.replace(
        CHANNELS,
        "  delegations:\n",
        rival("venue", "third_country", "high") + rival("result", "failure", "medium") + "  delegations:\n",
    )
    return folder.build()


def test_a_conclusion_that_one_rival_reading_overturns(tiny):
    result = ask(agreed, tiny)
    assert result.complete
    assert result.possible == 2
    assert result.to_frame().loc["agreed", ["coded", "holds", "overturned_by"]].tolist() == [True, 0.95, 1]
    only = result.overturning.iloc[0]
    assert (only["row"], only["variable"], only["reads"], only["gives"]) == (
        "alpha-1990",
        "outcome",
        "no_agreement",
        False,
    )
    text = str(result)
    assert "All 2 worlds were asked." in text
    assert "agreed: yes as coded, and in 50% to 95% of worlds" in text
    assert "(95% weighted by confidence, 50% with equal weights)" in text
    assert "One single reading overturns it: alpha-1990, outcome: no_agreement instead of partial_settlement." in text
    assert "What matters most: alpha-1990, outcome (100%)." in text


def test_the_share_is_given_under_every_scheme(tiny):
    assert ask(agreed, tiny).shares()["holds"].to_dict() == {("agreed", "confidence"): 0.95, ("agreed", "equal"): 0.5}
    row = ask(agreed, tiny, weights="equal").to_frame().loc["agreed"]
    assert row[["holds", "holds_low", "holds_high", "exact"]].tolist() == [0.5, 0.5, 0.95, True]
    own = ask(agreed, tiny, weights={"low": 0.2})
    assert own.conclusions[0].holds == pytest.approx(0.8)
    assert own.conclusions[0].range == (0.5, 0.95)
    alone = ask(agreed, tiny, weights=lambda alternative: 0.9 if "roe2002rival" in alternative.sources else 0)
    assert alone.conclusions[0].range == pytest.approx((0.1, 0.95))
    assert "10% with weights of your own" in str(alone)


def test_weights_that_cannot_be_are_refused(tiny):
    with pytest.raises(CasebookError, match=r"no weights 'confidense'; did you mean 'confidence'"):
        ask(agreed, tiny, weights="confidense")
    with pytest.raises(UnknownNameError, match="confidence 'lo'"):
        ask(agreed, tiny, weights={"lo": 0.1})
    with pytest.raises(CasebookError, match="weight of low must lie between 0 and 1, not 5"):
        ask(agreed, tiny, weights={"low": 5})
    for weight in (7, None, "0.5", float("nan")):
        with pytest.raises(CasebookError, match=r"weight of .*no_agreement instead of .* must lie between 0 and 1"):
            ask(agreed, tiny, weights=lambda alternative, weight=weight: weight)
    with pytest.raises(CasebookError, match="weights must be a name, a mapping or a function, not 3"):
        ask(agreed, tiny, weights=3)


def test_an_analysis_that_ignores_its_book_is_refused(tiny):
    def ignores(book):
        return {"cases": len(casebook.load("cases"))}

    with pytest.raises(CasebookError, match=r"reads nothing from the casebook.*book.load\(...\) instead of casebook"):
        ask(ignores, tiny)
    with pytest.raises(CasebookError, match="reads cases elsewhere"):
        multiverse(ignores, progress=False)
    with pytest.raises(CasebookError, match="reads nothing"):
        ask(lambda book: {"x": 1}, tiny, vary=["cases.outcome"])


def test_an_analysis_that_ignores_its_book_in_one_place_is_refused(tiny):
    def half(book):
        return {"x": len(book.load("channels")) + len(tiny.load("cases"))}

    with pytest.raises(CasebookError, match="reads cases elsewhere than in the casebook that it is given"):
        ask(half, tiny)


def test_every_way_to_read_the_book_counts(tiny):
    ways = {
        "cases": lambda book: {"x": str(book.case("alpha-1990").title)},
        "evidence": lambda book: {"x": str(book.evidence("alpha-1990", "outcome"))[:200]},
        "reason": lambda book: {"x": str(book.reason("cases", "alpha-1990", "durability_days"))},
        "compare": lambda book: {"x": book.compare("outcome").to_frame().iloc[0, 0]},
    }
    for analysis in ways.values():
        ask(analysis, tiny, vary=["cases.outcome"])
    assert ask(ways["compare"], tiny).possible == 2
    assert ask(ways["reason"], tiny, vary=["cases.outcome"]).worlds["x"].tolist() == ["None", "not_applicable"]


def test_only_what_the_analysis_needs_is_varied(tiny):
    assert set(ask(agreed, tiny).disputed["variable"]) == {"outcome"}
    assert set(ask(secrecy, tiny, alleged=True).disputed["variable"]) == {"start"}


def test_an_inexact_date_falls_on_each_of_its_days(tiny):
    result = ask(secrecy, tiny)
    assert result.possible == 28
    assert sorted(result.worlds["days"]) == list(range(93, 121))
    assert result.weights["equal"].tolist() == pytest.approx([1 / 28] * 28)
    row = result.to_frame().loc["days"]
    assert row[["coded", "lowest", "median", "highest", "found"]].tolist() == [106, 93, 106.5, 120, "exact"]
    assert list(result.disputed["kind"]) == ["day"]
    assert "1 inexact dates, of 1 values" in str(result)
    assert "days: 106 as coded; 93 to 120 across worlds (exact), median 106.5." in str(result)
    assert "2 single readings move it, most of all" in str(result)
    assert ask(secrecy, tiny, dates=False).possible == 1


def test_texts_show_the_other_answer(tiny):
    result = ask(lambda book: {"outcome": str(book.load("cases")["outcome"].iloc[0])}, tiny)
    assert result.to_frame().loc["outcome", "most_common_other"] == "no_agreement"


def test_what_varies_can_be_declared(tiny):
    assert ask(agreed, tiny, vary=["channels"]).to_frame().loc["agreed", "holds"] == 1
    assert ask(agreed, tiny, vary=["cases.outcome"]).possible == 2
    assert ask(agreed, tiny, vary="cases.outcome", min_confidence="medium").possible == 1
    assert ask(agreed, tiny, cases=["alpha-1990"]).possible == 2
    with pytest.raises(CasebookError, match="cases is an empty list"):
        ask(agreed, tiny, cases=[])
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
    assert result.conclusions[0].holds == pytest.approx(0.95)
    assert ask(events, tiny, alleged=True, weights={"alleged": 0.4}).conclusions[0].holds == pytest.approx(0.6)


def test_nothing_disputed_is_said(tiny):
    result = ask(lambda book: {"parties": len(book.load("parties"))}, tiny)
    assert "depends on no value that is disputed" in str(result)


def test_shares_extremes_and_what_matters_are_exact_where_all_worlds_are_asked(disputed):
    result = ask(judged, disputed)
    assert result.possible == 2 * 2 * 3 * 2 * 2
    frame = result.to_frame()
    # stalemate mutual (.85) and violence none (two rivals of low confidence have together what one has: .05)
    assert frame.loc["dire", "holds"] == pytest.approx(0.85 * 0.95)
    assert result.shares().loc[("dire", "equal"), "holds"] == pytest.approx(1 / 2 * 1 / 3)
    assert frame.loc["points", ["coded", "lowest", "highest", "found"]].tolist() == [7, 0, 7, "exact"]
    assert frame.loc["points", "holds"] == pytest.approx(0.85 * 0.95 * 0.7 * 0.85)
    shares = result.attribution.set_index(["conclusion", "matters"])["share"]
    p, q = 0.85, 0.95
    variance = p * q * (1 - p * q)
    assert shares["dire", "alpha-1990, stalemate"] == pytest.approx(q * p * (1 - p) / variance)
    assert shares["dire", "alpha-1990, violence"] == pytest.approx(p * q * (1 - q) / variance)
    assert ("dire", "alpha-1990/line, venue") not in shares.index
    assert frame["matters_most"].to_dict() == {
        "dire": "alpha-1990, stalemate",
        "outcome": "alpha-1990, outcome",
        "points": "alpha-1990/line, result",
    }


def test_drawn_worlds_come_to_the_same_within_their_error(disputed):
    exact, drawn = ask(judged, disputed), ask(judged, disputed, max_worlds=47)
    assert not drawn.complete
    assert drawn.drawn == 47
    assert "is too few for an error of 3 points" in str(drawn)
    for name in ("dire", "outcome", "points"):
        for scheme in ("confidence", "equal"):
            share = drawn.shares().loc[(name, scheme)]
            true = exact.shares().loc[(name, scheme), "holds"]
            assert share["low"] - 0.05 <= true <= share["high"] + 0.05
    few = drawn.shares().loc[("dire", "confidence")]
    assert few["how"] == "values that matter", "six combinations of two values say it better than 47 draws"
    assert few["holds"] == pytest.approx(0.85 * 0.95)
    points = drawn.to_frame().loc["points", ["lowest", "highest"]].tolist()
    assert points == [0, 7]


def test_a_smaller_error_takes_more_worlds(few):
    def information(book):
        return {"share": (book.load("channels")["result"] == "information").mean() > 0.2}

    rough, fine = (ask(information, few, dates=False, error=error, weights="equal") for error in (0.05, 0.03))
    for result in (rough, fine):
        shares = result.shares()
        assert ((shares["high"] - shares["low"]) / 2 <= result.error).all()
        assert "every share is known to within" in str(result)
    assert rough.drawn <= fine.drawn
    told = {"produced_agreement", "opened_front", "information_used", "misled_party_id", "end_reason"}
    assert set(fine.disputed["variable"]) == told | {"status"}


def test_the_same_seed_gives_the_same_result(few):
    def information(book):
        return {"share": (book.load("channels")["result"] == "information").mean()}

    first, second, other = (ask(information, few, dates=False, max_worlds=20, seed=seed) for seed in (1, 1, 2))
    assert not first.complete
    pd.testing.assert_frame_equal(first.worlds, second.worlds)
    pd.testing.assert_frame_equal(first.attribution, second.attribution)
    assert "20 of about 10^" in str(first)
    assert "(seed 1)" in str(first)
    assert first.worlds.shape != other.worlds.shape or not first.worlds.equals(other.worlds)


def test_readings_of_one_source_can_be_taken_together(disputed):
    apart, together = ask(judged, disputed), ask(judged, disputed, scenarios="source")
    assert apart.possible == 48
    # Roe reads all six values otherwise; Doe's rival for violence contradicts him there.
    assert together.possible == 3
    assert sorted(map(tuple, together.worlds[["dire", "points"]].to_numpy().tolist())) == [
        (False, 0),
        (False, 6),
        (True, 7),
    ]
    equal = together.shares()["holds"].xs("equal", level="scheme")
    assert equal.to_dict() == pytest.approx({"dire": 1 / 3, "outcome": 2 / 3, "points": 1 / 3})
    by_note = ask(judged, disputed, scenarios=lambda a: "channel" if a.table == "channels" else None)
    assert by_note.possible == 2 * 2 * 3 * 2
    with pytest.raises(CasebookError, match=r"no scenarios 'sources'; did you mean 'source'"):
        ask(judged, disputed, scenarios="sources")


def test_a_source_believed_throughout_is_always_shown(disputed):
    views = ask(judged, disputed).views
    assert set(views["source"]) == {"roe2002rival"}
    assert views.set_index("conclusion").loc["points", ["case", "readings", "gives"]].tolist() == ["alpha-1990", 5, 0]
    assert "To believe one source throughout a case overturns it for 1 source" in str(ask(judged, disputed))


def test_choices_of_method_are_further_dimensions(tiny):
    def cut(book, least, strict=False):
        days = book.load("channels")["existence_secrecy_days"].iloc[0]
        return {"long": bool(days > least if strict else days >= least)}

    result = ask(cut, tiny, vary=["cases.outcome"], choices={"least": [100, 106, 200], "strict": [False, True]})
    assert result.possible == 2 * 3 * 2
    assert result.conclusions[0].holds == pytest.approx(3 / 6)
    by = result.by_choice()["long"]
    assert by.to_dict() == pytest.approx(
        {("least", 100): 1, ("least", 106): 0.5, ("least", 200): 0, ("strict", False): 2 / 3, ("strict", True): 1 / 3}
    )
    assert result.to_frame().loc["long", "matters_most"] == "least"
    assert "choices of least, strict" in str(result)
    with pytest.raises(CasebookError, match="choice 'least' has no values"):
        ask(cut, tiny, choices={"least": []})
    with pytest.raises(CasebookError, match=r"failed \(as coded\): TypeError"):
        ask(cut, tiny, choices={"lest": [1]})
    with pytest.raises(CasebookError, match="choice 'least' must be a list of values, not '100'"):
        ask(cut, tiny, choices={"least": "100"})
    with pytest.raises(CasebookError, match="choices must be a dictionary, not list"):
        ask(cut, tiny, choices=["least"])
    with pytest.raises(CasebookError, match="'long' is a choice and a conclusion"):
        ask(lambda book, long: {"long": bool(len(book.load("cases")))}, tiny, choices={"long": [1]})


def test_what_only_another_choice_needs_is_varied_too(tiny):
    def either(book, by):
        return {"x": agreed(book)["agreed"] if by == "outcome" else bool(len(book.load("cases")))}

    assert ask(either, tiny, choices={"by": ["rows", "outcome"]}).possible == 4


def test_no_answer_counts_against_a_conclusion(tiny):
    def picky(book):
        if not agreed(book)["agreed"]:
            raise CasebookError("no cases left")
        return {"fine": True}

    result = ask(picky, tiny, weights="equal")
    assert result.unanswered == 0.5
    assert result.to_frame().loc["fine", "holds"] == 0.5
    assert "In 50% of worlds the analysis had no answer" in str(result)


def test_a_missing_library_or_table_is_not_taken_for_no_answer(tiny):
    def without_library(book):
        if not agreed(book)["agreed"]:
            raise MissingLibraryError("this", "nolib", "notebooks")
        return {"fine": True}

    def without_table(book):
        return {"fine": bool(len(book.load("cases" if agreed(book)["agreed"] else "casse")))}

    with pytest.raises(CasebookError, match=r"needs the library nolib.*outcome: no_agreement"):
        ask(without_library, tiny)
    with pytest.raises(CasebookError, match=r"no table 'casse'.*outcome: no_agreement"):
        ask(without_table, tiny)


def test_a_failure_says_where(tiny):
    def fails(book):
        return {"x": {"partial_settlement": True}[str(book.load("cases")["outcome"].iloc[0])]}

    with pytest.raises(CasebookError, match=r"failed .*outcome: no_agreement instead of partial_settlement.*KeyError"):
        ask(fails, tiny)


def test_conclusions_must_be_named_and_stay_the_same(tiny):
    with pytest.raises(CasebookError, match=r"must return named conclusions, such as \{'channels': 145\}, not list"):
        ask(lambda book: [len(book.load("cases"))], tiny)
    with pytest.raises(CasebookError, match="'x' must be a truth value, a number or a text, not list"):
        ask(lambda book: {"x": [len(book.load("cases"))]}, tiny)
    with pytest.raises(CasebookError, match="came or went"):
        ask(lambda book: {str(book.load("cases")["outcome"].iloc[0]): True}, tiny)


def test_arguments_that_cannot_be_are_refused(tiny):
    for name, value in {"max_worlds": 0, "error": 0, "seed": -1, "workers": 0}.items():
        with pytest.raises(CasebookError, match=f"{name} must"):
            ask(agreed, tiny, **{name: value})


def test_an_analysis_that_fails_as_coded_keeps_its_own_message(tiny):
    with pytest.raises(UnknownNameError, match="there is no table 'casse'"):
        ask(lambda book: {"x": len(book.load("casse"))}, tiny)


def test_what_an_analysis_does_to_its_tables_stays_in_its_world(disputed):
    def spoils(book):
        cases = book.load("cases")
        seen = str(cases["outcome"].iloc[0])
        cases.loc[0, "outcome"] = "no_agreement"
        cases["outcome"] = "spoiled"
        events = book.load("claims")
        events.at[0, "settled_by"].append("spoiled")
        return {"outcome": seen, "settled": len(book.load("claims").at[0, "settled_by"])}

    result = ask(spoils, disputed, vary=["cases", "channels"], max_worlds=30)
    assert set(result.worlds["outcome"]) == {"partial_settlement", "no_agreement"}
    assert set(result.worlds["settled"]) == {2}
    assert disputed.load("cases")["outcome"].tolist() == ["partial_settlement"]


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


def test_a_result_cannot_be_changed(tiny):
    result = ask(agreed, tiny)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.possible = 3
    frame = result.to_frame()
    frame.loc["agreed", "holds"] = 0
    assert result.to_frame().loc["agreed", "holds"] == 0.95


def test_it_is_reached_from_the_package(tiny):
    assert casebook.multiverse is multiverse
    assert repr(ask(agreed, tiny)) == "<Multiverse of 1 conclusions in 2 of 2 worlds>"


def test_a_variable_to_vary_is_named_with_its_table(tiny):
    with pytest.raises(
        CasebookError, match=r"vary names tables, or variables with their table; write 'channels.result'"
    ):
        multiverse(lambda book: {"channels": len(book.load("channels"))}, book=tiny, vary="result", progress=False)
