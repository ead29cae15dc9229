import importlib
import re
import shutil
from html import escape

import numpy as np
import pandas as pd
import pytest
from support import Folder, altered

import casebook
from casebook.codings.units import Unit
from casebook.errors import CasebookError, UnknownNameError
from casebook.reliability.alpha import alpha, resampled_alphas

HEAD = "coder,table,row,variable,value\n"
EFFECTS = ["keep_deniability", "explore_options", "build_trust", "misread"]


@pytest.fixture
def coded(folder):
    """Build the casebook with these codings: lines without their table, for instance ann:line:result:failure."""

    def build(table: str, *lines: str):
        cells = [line.split(":") for line in lines]
        rows = {"cases": "alpha-1990", "channels": "alpha-1990/line"}
        text = "".join(
            f"{coder},{table},{rows.get(table, f'alpha-1990/{row}')},{variable},{value}\n"
            for coder, row, variable, value in cells
        )
        return folder.write("codings/all.csv", HEAD + text).build()

    return build


@pytest.fixture
def effects(coded):
    """Two coders on four effects of the line; the casebook has one yes and three times unclear."""

    def build(ann: str, ben: str = ""):
        words = {"y": "yes", "n": "no", "u": "unclear", "?": "unknown"}
        return coded(
            "effects",
            *(f"ann:line/{effect}:observed:{words[w]}" for effect, w in zip(EFFECTS, ann, strict=False) if w != "."),
            *(f"ben:line/{effect}:observed:{words[w]}" for effect, w in zip(EFFECTS, ben, strict=False) if w != "."),
        )

    return build


@pytest.fixture(scope="module")
def doubled(tmp_path_factory):
    """A casebook with one value coded twice; tests must not change it."""
    lines = "ann,effects,alpha-1990/line/misread,observed,yes\n"
    return Folder(tmp_path_factory.mktemp("doubled") / "book").write("codings/ann.csv", HEAD + lines).build()


def row_of(agreement):
    """The one variable that was coded, without its parts and what follows from it."""
    (row,) = agreement.to_frame().query("part == '' and not derived").to_dict("records")
    return row


def test_the_published_coding_is_one_of_the_coders(effects):
    found = effects("yuny").agreement()
    row = row_of(found)
    assert [coder.name for coder in found.coders] == ["casebook", "ann"]
    assert (row["table"], row["variable"], row["level"]) == ("effects", "observed", "nominal")
    assert (row["coders"], row["units"], row["percent"]) == (2, 4, 50)
    # 1 - (n - 1) (n - sum o_cc) / (n^2 - sum n_c^2) with n = 8, two units apart, and 4 unclear, 3 yes, 1 no
    assert row["alpha"] == pytest.approx(1 - 7 * 4 / (64 - 16 - 9 - 1))
    assert row["low"] <= row["alpha"] <= row["high"]


def test_disagreements_are_listed_with_both_values(effects):
    listed = effects("yuny").agreement().disagreements()
    assert listed.to_dict("records") == [
        {
            "table": "effects",
            "row": "alpha-1990/line/build_trust",
            "variable": "observed",
            "casebook": "unclear",
            "ann": "no",
        },
        {
            "table": "effects",
            "row": "alpha-1990/line/misread",
            "variable": "observed",
            "casebook": "unclear",
            "ann": "yes",
        },
    ]


def test_three_coders_and_gaps(effects):
    row = row_of(effects("yun.", "y.yy").agreement())
    assert (row["coders"], row["units"]) == (3, 4)
    assert row["percent"] == pytest.approx(100 * np.mean([1, 1, 0, 0]))
    y, n, u, gap = 1.0, 2.0, 3.0, np.nan
    assert row["alpha"] == alpha(np.array([[y, y, y], [u, u, gap], [u, n, y], [u, gap, y]]), "nominal")


def test_only_the_coders_asked_for(effects):
    book = effects("yuyy", "yuyn")
    row = row_of(book.agreement(coders=["ann", "ben"]))
    assert (row["coders"], row["units"], row["percent"]) == (2, 4, 75)


def test_coders_of_different_rows_share_no_unit(effects):
    book = effects("yu..", "..yy")
    row = row_of(book.agreement(coders=["ann", "ben"]))
    assert (row["coders"], row["units"], row["note"]) == (0, 0, "no unit was coded by two of these coders")
    assert np.isnan(row["alpha"])
    assert np.isnan(row["percent"])
    assert row_of(book.agreement())["units"] == 4


def test_one_unit_has_no_interval(effects):
    row = row_of(effects("n").agreement())
    assert (row["units"], row["percent"]) == (1, 0)
    assert row["alpha"] == pytest.approx(0)
    assert np.isnan(row["low"])
    assert row["note"] == "one unit: alpha says next to nothing, and there is no interval"


def test_without_variation_alpha_is_undefined_and_says_so(effects):
    row = row_of(effects(".uuu").agreement())
    assert (row["units"], row["percent"]) == (3, 100)
    assert np.isnan(row["alpha"])
    assert np.isnan(row["low"])
    assert row["note"] == "alpha is undefined: all values are the same, so chance would agree as well"


def test_resamples_without_variation_are_counted(effects):
    row = row_of(effects("yuuu").agreement(draws=400))
    assert row["alpha"] == 1
    # A resample of four units misses the only unit that is a yes with probability (3/4)^4 = 0.316
    # and holds nothing else with probability (1/4)^4.
    assert row["undefined"] == pytest.approx(0.75**4 + 0.25**4, abs=0.08)
    assert f"{row['undefined']:.1%} of the resamples" in row["note"]


def test_the_seed_fixes_the_interval_and_no_draws_mean_none(effects):
    book = effects("ynuy")
    first, again, other = (row_of(book.agreement(seed=seed, draws=60)) for seed in (1, 1, 2))
    assert (first["low"], first["high"]) == (again["low"], again["high"])
    assert row_of(book.agreement(draws=0))["alpha"] == other["alpha"]
    assert np.isnan(row_of(book.agreement(draws=0))["high"])


def test_the_interval_is_that_of_the_percentiles(effects):
    row = row_of(effects("ynuy").agreement(draws=200, confidence=0.5, seed=3))
    y, n, u = 1.0, 2.0, 3.0
    _, drawn = resampled_alphas(np.array([[u, u], [u, n], [y, y], [u, y]]), "nominal", 200, 3)
    assert [row["low"], row["high"]] == pytest.approx(np.nanquantile(drawn, [0.25, 0.75]).tolist())


class TestMissing:
    def test_a_reason_is_a_value_of_nominal_variables(self, effects):
        row = row_of(effects("??uu").agreement())
        assert (row["units"], row["alpha_units"], row["percent"]) == (4, 4, 50)

    def test_or_is_dropped(self, effects):
        row = row_of(effects("??uy").agreement(missing="drop"))
        assert (row["units"], row["alpha_units"], row["percent"]) == (2, 2, 50)

    def test_it_has_no_place_on_a_scale(self, coded):
        row = row_of(coded("cases", "ann:.:outcome:unknown", "ben:.:outcome:unknown").agreement())
        assert (row["level"], row["units"], row["alpha_units"]) == ("ordinal", 1, 0)
        assert row["percent"] == pytest.approx(100 / 3)
        assert row["note"] == "alpha leaves out 1 of 1 units without two values on the scale"

    def test_the_published_reason_counts(self, coded):
        row = row_of(coded("channels", "ann:.:terms_disclosure_mode:unknown").agreement())
        assert (row["percent"], row["units"]) == (100, 1)

    def test_an_optional_value_that_nobody_gave_is_no_coding(self, coded):
        row = row_of(coded("parties", "ann:aland:cow_code:2").agreement())
        assert (row["units"], row["note"]) == (0, "no unit was coded by two of these coders")


class TestScales:
    def test_dates_have_no_alpha(self, coded):
        row = row_of(coded("channels", "ann:.:start:1990-03-02").agreement())
        assert (row["level"], row["percent"], row["both"]) == ("date", 0, 1)
        assert np.isnan([row["alpha"], row["both_alpha"], row["ac"], row["apart"]]).all()

    def test_dates_agree_if_their_bounds_do(self, coded):
        row = row_of(coded("channels", "ann:.:start:1990-02~", "ben:.:start:1990-02-01/1990-02-28").agreement())
        assert row["percent"] == 100

    def test_counts_lie_apart_by_their_difference(self, coded):
        row = row_of(coded("channels", "ann:.:meetings_max:5", "ben:.:meetings_max:2").agreement())
        assert row["apart"] == pytest.approx((3 + 0 + 3) / 3)
        assert row["alpha"] == pytest.approx(alpha(np.array([[2.0, 5.0, 2.0]]), "interval"))

    def test_answers_and_ordered_categories(self, coded):
        book = coded("cases", "ann:.:deadline:no", "ann:.:violence:ongoing")
        assert book.agreement("cases", "deadline").to_frame()["percent"].tolist() == [0]
        assert book.agreement(variable="violence").to_frame()["level"].tolist() == ["ordinal"]

    def test_ordered_categories_lie_apart_by_their_order(self, folder):
        for name in ("beta-1990", "gamma-1990"):
            shutil.copytree(folder.path / "cases/alpha-1990", folder.path / "cases" / name)
            folder.replace(f"cases/{name}/case.yaml", "case: alpha-1990", f"case: {name}")
        given = {"alpha-1990": "none", "beta-1990": "threatened", "gamma-1990": "ongoing"}
        folder.write("codings/a.csv", HEAD + "".join(f"ann,cases,{c},violence,{v}\n" for c, v in given.items()))
        row = row_of(folder.build().agreement(draws=0))
        ratings = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
        assert row["alpha"] == alpha(ratings, "ordinal") != alpha(ratings, "nominal")


class TestWhatItSays:
    def test_no_second_coding(self, tiny):
        with pytest.raises(
            CasebookError, match=r"no second coding yet.*'casebook codings sheet CODER'.*casebook build"
        ):
            tiny.agreement()

    def test_a_variable_that_nobody_coded_twice(self, doubled):
        with pytest.raises(CasebookError, match=r"nobody has coded channels a second time; coded so far: effects\.obs"):
            doubled.agreement("channels")

    def test_free_text(self, tiny):
        with pytest.raises(CasebookError, match="agreement is not measured on summary"):
            tiny.agreement("channels", "summary")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"table": "chanels"}, "did you mean 'channels'"),
            ({"table": "channels", "variable": "results"}, "did you mean 'result'"),
            ({"variable": "no_such"}, "there is no variable 'no_such'"),
            ({"coders": ["anne", "casebook"]}, "there is no coder 'anne'; did you mean 'ann'"),
        ],
    )
    def test_wrong_names(self, doubled, arguments, message):
        with pytest.raises(UnknownNameError, match=message):
            doubled.agreement(**arguments)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"coders": ["ann", "ann"]}, "agreement needs two coders, not 1; valid: casebook, ann"),
            ({"missing": "ignore"}, "unknown treatment of missing values 'ignore'; valid: value, drop"),
            ({"draws": -1}, "draws is -1"),
            ({"confidence": 95}, "confidence is 95"),
        ],
    )
    def test_wrong_arguments(self, doubled, arguments, message):
        with pytest.raises(CasebookError, match=message):
            doubled.agreement(**arguments)

    def test_in_notebooks_and_terminals(self, effects, doubled):
        found = effects("yuny").agreement(draws=50, seed=9, few=4)
        page, text = found._repr_html_(), " ".join(str(found).split())
        cells = re.sub(r"<td [^>]*>", "<td>", page)
        assert "<td>effects.observed</td><td>nominal</td><td>4 of 19</td><td>50</td><td>0.26</td>" in cells
        assert "No figure is a pass mark." in page
        assert "50 resamples of the units (seed 9)" in text
        assert "Coders: casebook (not recorded who or what); ann (not recorded who or what)." in text
        assert "It is not recorded whether casebook and ann are human or machine" in text
        assert "resamples" not in doubled.agreement(draws=0).reading
        assert "without that coder" in doubled.agreement(draws=0, missing="drop").reading

    def test_it_hands_out_copies(self, effects):
        found = effects("yuny").agreement(draws=0)
        figures, differing = found.to_frame(), found.disagreements()
        figures.loc[0, "alpha"] = 1.0
        differing.loc[0, "ann"] = "yes"
        assert row_of(found)["alpha"] < 0.5
        assert found.disagreements().loc[0, "ann"] == "no"


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """A casebook with codings of all kinds by a machine that had the same sources; tests must not change it."""
    lines = {
        "cases,alpha-1990": {"outcome": "no_agreement", "violence": "ongoing", "domain": "interstate_crisis"},
        "channels,alpha-1990/line": {"start": "1990-03-02", "existence_disclosed": "1990-06-11", "end": "unknown"},
        "effects,alpha-1990/line/misread": {"observed": "unclear"},
        "effects,alpha-1990/line/keep_deniability": {"observed": "no"},
    }
    text = "".join(f"ann,{row},{name},{value}\n" for row, given in lines.items() for name, value in given.items())
    folder = Folder(tmp_path_factory.mktemp("twice") / "book").write("codings/ann.csv", HEAD + text)
    published, ann = "{kind: machine, material: [sources, notes]}", "{kind: machine, material: [sources]}"
    coders = f"coders:\n  casebook: {published}\n  ann: {ann}\n"
    return folder.write("casebook.yaml", folder.read("casebook.yaml") + coders).build()


class TestWhole:
    def test_durations_are_computed_from_the_dates_of_each_coder(self, twice):
        (row,) = twice.agreement("channels", "existence_secrecy_days").to_frame().to_dict("records")
        assert (row["level"], row["derived"], row["units"], row["both"]) == ("duration", True, 1, 1)
        # From 1990-02 to 1990-06-01 it is 93 to 120 days, so 106; from 2 March to 11 June it is 101.
        assert row["apart"] == 106 - 101

    def test_a_duration_without_an_end_is_not_codable(self, twice):
        row = twice.agreement("channels").to_frame().set_index("variable").loc["duration_days"]
        assert (row["units"], row["both"], row["codable"], row["percent"]) == (1, 0, 0, 0)

    def test_what_follows_from_variables_that_were_not_coded_is_left_out(self, twice):
        names = set(twice.agreement().to_frame()["variable"])
        assert {"existence_secrecy_days", "duration_days"} <= names
        assert not {"terms_secrecy_days", "durability_days"} & names

    def test_effects_are_also_measured_one_by_one(self, twice):
        frame = twice.agreement("effects", draws=0).to_frame().set_index("part")
        assert frame.loc["", ["units", "rows", "percent", "codable", "both"]].tolist() == [2, 19, 50, 100, 1]
        assert frame.loc["misread", ["units", "rows", "percent", "both"]].tolist() == [1, 1, 100, 0]
        assert frame.loc["keep_deniability", ["units", "rows", "percent", "both"]].tolist() == [1, 1, 0, 1]

    def test_judgments_and_facts_are_pooled_by_table_without_dates(self, twice):
        groups = twice.agreement().to_frame("groups").set_index(["table", "group"])
        assert groups[["variables", "decisions", "percent"]].to_dict("index") == {
            ("cases", "judgments"): {"variables": 1, "decisions": 1, "percent": 0},
            ("cases", "facts"): {"variables": 2, "decisions": 2, "percent": 50},
            ("effects", "judgments"): {"variables": 1, "decisions": 2, "percent": 50},
        }

    def test_variables_with_few_units_show_no_coefficient_but_every_disagreement(self, twice):
        shown = dict(twice.agreement(draws=0).sections())
        variables = shown["Variables"].set_index("variable")
        assert variables.loc["cases.outcome", "note"] == "few units: see the group"
        assert "alpha" not in variables
        listed = shown["Every disagreement on variables with fewer than 30 units"]
        assert listed["variable"].tolist() == [
            "cases.violence",
            "cases.outcome",
            "channels.start",
            "channels.end",
            "channels.existence_disclosed",
            "effects.observed",
        ]
        assert listed.iloc[1].tolist() == ["cases.outcome", "alpha-1990", "partial_settlement", "no_agreement"]
        assert "alpha" in dict(twice.agreement(draws=0, few=0).sections())["Variables"]

    def test_dates_show_how_near_they_lie(self, twice):
        dates = dict(twice.agreement(draws=0).sections())["Dates: percent of pairs, and distances in days"]
        dates = dates.set_index("variable")
        columns = ["both", "overlap", "≤ 1 day", "≤ 7", "most"]
        assert dates.loc["channels.start", columns].tolist() == ["1", "0", "0", "100", "2"]
        assert dates.loc["channels.end", ["codable", "both", "overlap"]].tolist() == ["0", "0", ""]

    def test_it_says_who_coded_and_what_weakens_the_figures(self, twice):
        found = twice.agreement(draws=0)
        assert found.introduction.startswith(
            "Coders: casebook (machine, from sources and notes); ann (machine, from sources)."
        )
        machines, shared, rows = found.warnings
        assert machines.startswith("All coders are machines")
        assert shared.startswith("Coders worked from the same material (sources):")
        assert rows.startswith("The rows were given to the coders")
        assert escape(shared) in found._repr_html_()

    def test_a_list_of_units_is_compared_beside_the_values(self, twice, tmp_path):
        path = tmp_path / "units.csv"
        path.write_text("coder,case,table,unit,row\nann,alpha-1990,channels,a line,alpha-1990/line\n", encoding="utf-8")
        found = twice.agreement(units=path, draws=0)
        assert found.to_frame("units").to_dict("records") == [
            {"coder": "ann", "table": "channels", "cases": 1, "found": 1, "held": 1, "same": 1}
            | {"split": 0, "merged": 0, "missed": 0, "added": 0, "f1": 1.0}
        ]
        assert "The rows were given to the coders" not in found.introduction
        assert "Units" in dict(found.sections())

    def test_rows_that_the_casebook_lacks_are_compared_between_the_others(self, twice):
        lines = twice.store.read("codings")
        (line,) = lines[lines["row"] == "alpha-1990/line/misread"].to_dict("records")
        more = [
            line | {"coding_id": f"{coder}/{n}", "coder": coder, "row": "alpha-1990/other/misread", "value": value}
            for n, (coder, value) in enumerate([("ann", "no"), ("ben", "yes")])
        ]
        book = altered(twice, codings=pd.concat([lines, pd.DataFrame(more)]))
        found = book.agreement("effects", draws=0)
        frame = found.to_frame().set_index("part")
        assert frame.loc["misread", ["units", "rows", "percent"]].tolist() == [2, 1, 50]
        assert found.disagreements().iloc[-1].fillna("").tolist() == [
            "effects",
            "alpha-1990/other/misread",
            "observed",
            "",
            "no",
            "yes",
        ]
        assert "ann coded rows of effects that the casebook does not have (1);" in found.introduction

    def test_frames_of_nothing_have_their_types(self, twice):
        found = twice.agreement("effects", draws=0)
        assert found.to_frame("dates").empty
        assert found.to_frame("dates")["pairs"].dtype == "int64"
        assert found.to_frame("units")["f1"].dtype == "float64"
        with pytest.raises(UnknownNameError, match="did you mean 'dates'"):
            found.to_frame("date")


def test_a_list_of_units_needs_no_second_coding(tiny):
    found = tiny.agreement(units=[Unit("ann", "alpha-1990", "channels", "a line", "alpha-1990/line")])
    assert found.to_frame().empty
    assert found.to_frame("units")["f1"].tolist() == [1.0]
    assert "ann (not recorded who or what)" in found.introduction


def test_the_function_is_not_hidden_by_a_module():
    importlib.import_module("casebook.codings.agreement")
    assert callable(casebook.agreement)


def test_the_frame_has_its_types(doubled):
    frame = doubled.agreement(draws=0).to_frame()
    assert isinstance(frame["alpha"].dtype, np.dtype)
    assert pd.api.types.is_integer_dtype(frame["units"])


def test_what_none_of_the_coders_coded_is_not_listed(folder):
    head = "coder,table,row,variable,value\n"
    folder.write("codings/ann.csv", f"{head}ann,cases,alpha-1990,outcome,no_agreement\n")
    folder.write(
        "codings/ben.csv", f"{head}ben,cases,alpha-1990,outcome,no_agreement\nben,cases,alpha-1990,violence,none\n"
    )
    found = folder.build().agreement(coders=["casebook", "ann"], draws=0)
    assert [each.variable for each in found.variables] == ["outcome"]


def test_coders_who_never_differ_and_units_that_nobody_shares(effects):
    for ann, ben in (("ynun", "ynun"), ("yn..", "..un")):
        found = effects(ann, ben).agreement(coders=["ann", "ben"])
        assert found.disagreements().empty
        assert "Every disagreement" not in str(found)


@pytest.mark.parametrize("coders", [np.array(["ann", "ben"]), pd.Series(["ann", "ben"]), pd.Index(["ann", "ben"])])
def test_coders_as_pandas_holds_them(effects, coders):
    assert [coder.name for coder in effects("ynun", "ynun").agreement(coders=coders).coders] == ["ann", "ben"]
