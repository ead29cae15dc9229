import copy
import io
import pickle
import subprocess
import sys

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

import casebook
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.validation import pandera_schema


def test_load_gives_real_types(tiny):
    frame = tiny.load("channels")
    assert isinstance(frame["result"].dtype, pd.CategoricalDtype)
    assert list(frame["deniability"].cat.categories) == ["none", "plausible", "strong"]
    assert frame["deniability"].cat.ordered
    assert frame["name"].dtype == "str"
    assert frame["meetings_min"].dtype == "Int64"
    assert frame["start_earliest"].dtype == "datetime64[us]"
    assert tiny.load("cases")["deadline"].dtype == "boolean"


def test_no_caller_can_spoil_anothers_data(tiny):
    frame = tiny.load("claims")
    frame.loc[0, "statement"] = "spoiled"
    frame["verdict"] = frame["verdict"].cat.add_categories(["spoiled"])
    frame["claimed_by"].iloc[0][0] = "spoiled"
    again = tiny.load("claims")
    assert again.loc[0, "statement"] != "spoiled"
    assert "spoiled" not in again["verdict"].cat.categories
    assert list(again["claimed_by"].iloc[0]) == ["roe2002rival"]


def test_alleged_rows_come_only_when_asked_for(tiny):
    assert list(tiny.load("events")["event_id"]) == ["alpha-1990/1990-02-letter"]
    assert len(tiny.load("events", alleged=True)) == 2


def test_rows_nested_in_alleged_rows_are_left_out_with_them(folder):
    folder.replace("cases/alpha-1990/channels.yaml", "status: established", "status: alleged")
    folder.replace("cases/alpha-1990/events.yaml", "status: established", "status: alleged")
    folder.replace("cases/alpha-1990/terms.yaml", "status: established", "status: alleged")
    book = folder.build()
    assert book.load("delegations").empty
    assert len(book.load("delegations", alleged=True)) == 1


@pytest.mark.parametrize("table", ["cases", "channels", "terms", "claims"])
def test_a_loaded_frame_fits_the_schema_of_its_table(tiny, table):
    assert len(tiny.schema(table).validate(tiny.load(table))) == len(tiny.load(table))


def test_a_frame_of_ones_own_is_validated_with_rules_and_from_text(tiny):
    frame = tiny.load("channels")
    schema = tiny.schema("channels")
    with pytest.raises(SchemaErrors, match="meetings_min must not exceed meetings_max"):
        schema.validate(
            frame.assign(meetings_min=pd.array([3], "Int64"), meetings_max=pd.array([2], "Int64")), lazy=True
        )
    with pytest.raises(SchemaErrors, match="surprise"):
        schema.validate(frame.assign(surprise=1), lazy=True)
    read = pd.read_csv(io.StringIO(frame.to_csv(index=False)))
    with pytest.raises(SchemaErrors):
        schema.validate(read, lazy=True)
    schema.coerce = True
    assert schema.validate(read)["result"].dtype == frame["result"].dtype
    assert not tiny.schema("channels").coerce, "the schema handed out is a copy"


def test_the_schema_of_no_table_is_an_error():
    with pytest.raises(UnknownNameError, match="no table 'chanels'; did you mean 'channels'"):
        casebook.schema("chanels")


def test_wide_joins_each_parent_once(tiny):
    wide = tiny.load("effects", wide=True)
    assert len(wide) == 19
    assert {"channel_name", "channel_result", "case_id", "case_outcome"} <= set(wide.columns)
    assert wide["case_outcome"].dtype == tiny.load("cases")["outcome"].dtype
    terms = tiny.load("terms", wide=True)
    assert {"from_party_name", "to_party_name", "case_title", "channel_name"} <= set(terms.columns)
    assert not wide.columns.duplicated().any()


@pytest.mark.parametrize("table", list(casebook.tables().index))
def test_wide_keeps_the_rows_of_every_packaged_table(table):
    assert len(casebook.load(table, wide=True)) == len(casebook.load(table))


def test_wrong_names_are_answered_with_the_nearest(tiny):
    with pytest.raises(UnknownNameError, match="no table 'chanels'; did you mean 'channels'"):
        tiny.load("chanels")
    with pytest.raises(UnknownNameError, match=r"no case 'alpha'; .*valid: alpha-1990"):
        tiny.case("alpha")
    with pytest.raises(UnknownNameError, match="no row 'alpha-1990/lin'; did you mean 'alpha-1990/line'"):
        tiny.evidence("alpha-1990/lin")
    with pytest.raises(UnknownNameError, match="no variable 'outcom' of alpha-1990; did you mean 'outcome'"):
        tiny.evidence("alpha-1990", "outcom")
    with pytest.raises(UnknownNameError, match="no variable 'resultt'; did you mean 'result'"):
        tiny.compare("resultt")
    with pytest.raises(UnknownNameError, match="did you mean 'result'"):
        tiny.codebook("channels", "resul")
    with pytest.raises(UnknownNameError, match="no variable 'resul'; did you mean 'result'"):
        tiny.codebook(None, "resul")
    with pytest.raises(UnknownNameError, match="no case 'beta'"):
        tiny.compare("outcome", cases=["beta"])
    with pytest.raises(UnknownNameError, match="no case, row, table or variable 'nothing'"):
        tiny.cite("nothing")


def test_evidence_shows_the_value_the_sources_and_the_rivals(tiny):
    found = tiny.evidence("alpha-1990", "outcome").to_frame()
    assert list(found["value"]) == ["partial_settlement"] * 2
    assert list(found["label"]) == ["Partial settlement"] * 2
    assert list(found["reads"].fillna("")) == ["", "no_agreement"]
    assert list(found["locator"].fillna("")) == ["p. 7", ""]
    assert found["citation"].iloc[1].startswith("Roe, R. (2002). A Rival View")


def test_evidence_of_a_row_covers_all_its_variables(tiny):
    coded = {item.name for item in tiny.schema.table("terms").fields if item.coded}
    found = set(tiny.evidence("alpha-1990/truce").to_frame()["variable"])
    assert found == coded - {"from_party_id", "to_party_id"}


def test_those_who_attended_are_covered_by_the_evidence_of_the_event(tiny):
    found = tiny.evidence("alpha-1990/1990-02-letter/bob-broker")
    assert [argument.value for argument in found] == ["bob-broker"]


def test_compare_shows_labels_and_reasons(tiny):
    compared = tiny.compare("result", "existence_secrecy_days", "terms_disclosed")
    assert list(compared.frame.iloc[0]) == ["Partial agreement", "106 (93 to 120)", "unknown"]
    assert compared.frame.index[0] == ("Alpha dispute", "Ann – Bob")
    assert list(tiny.compare("outcome", "deadline").frame.loc["Alpha dispute"]) == ["Partial settlement", "yes"]


def test_compare_refuses_what_no_table_holds_together(tiny):
    with pytest.raises(CasebookError, match="outcome is in cases; directness is in channels"):
        tiny.compare("outcome", "directness")
    with pytest.raises(CasebookError, match="at least one variable"):
        tiny.compare()


def test_find_searches_categories_and_rules(tiny):
    assert "intermediary_type" in set(tiny.find("clergy")["variable"])
    assert tiny.find("no such thing anywhere").empty


def test_cite_gives_version_date_and_digest(tiny):
    text = str(tiny.cite())
    assert text.startswith("Jane Doe. (2020). A tiny casebook (Version 0.1.0) [Data set]. Released 2020-01-01.")
    assert text.endswith(f"Content digest sha256:{tiny.digest}.")
    assert "doi" not in text


def test_cite_shows_a_doi_only_where_one_is_recorded(folder):
    folder.replace("casebook.yaml", "license:", "doi: 10.1234/abc\nlicense:")
    assert "https://doi.org/10.1234/abc" in str(folder.build().cite())


def test_cite_gives_the_sources_behind_a_part(tiny):
    assert [item.split(" (")[0] for item in tiny.cite("alpha-1990")] == ["Doe, J.", "Roe, R."]
    assert list(tiny.cite("terms")) == ["Doe, J. (2001). Secret Talks. Press."]
    assert tiny.cite("alpha-1990/truce", style="bibtex")[0].startswith("@book{doe2001talks,")
    assert tiny.cite(style="bibtex")[0].startswith("@misc{tiny-0.1.0,")
    for what in (None, "terms"):
        with pytest.raises(CasebookError, match="no citation style 'mla'; valid: apa, chicago"):
            tiny.cite(what, style="mla")


class TestDamage:
    def test_no_folder(self, tmp_path):
        with pytest.raises(CasebookError, match="there is no folder"):
            casebook.open(tmp_path / "nowhere")

    def test_not_built(self, tmp_path):
        with pytest.raises(CasebookError, match="run 'casebook build'"):
            casebook.open(tmp_path)

    @pytest.mark.parametrize("content", ["{", "[]", "{}", '{"resources": [{}]}'])
    def test_damaged_descriptor(self, folder, content):
        folder.build()
        folder.write("tables/datapackage.json", content)
        with pytest.raises(CasebookError, match=r"datapackage\.json is damaged"):
            casebook.open(folder.path)

    def test_corrupt_parquet(self, folder):
        folder.build()
        folder.write("tables/terms.parquet", "not parquet")
        with pytest.raises(CasebookError, match=r"terms\.parquet is missing or damaged|does not hold"):
            casebook.open(folder.path).load("terms")

    def test_missing_parquet(self, folder):
        folder.build()
        (folder.path / "tables/terms.parquet").unlink()
        with pytest.raises(CasebookError, match=r"terms\.parquet is missing or damaged"):
            casebook.open(folder.path).load("terms")

    def test_parquet_of_another_table(self, folder):
        folder.build()
        (folder.path / "tables/terms.parquet").write_bytes((folder.path / "tables/actors.parquet").read_bytes())
        with pytest.raises(CasebookError, match="does not hold the table 'terms'"):
            casebook.open(folder.path).load("terms")


def test_the_package_offers_the_methods_of_the_packaged_release():
    assert casebook.load("cases").equals(casebook.book.packaged_release().load("cases"))
    assert casebook.__version__ == casebook.book.packaged_release().metadata.version
    assert {"load", "open", "Casebook"} <= set(dir(casebook))
    with pytest.raises(AttributeError, match="no attribute 'laod'"):
        casebook.laod  # noqa: B018


def test_columns_and_cases_are_what_is_left_of_the_whole_table(folder):
    book = folder.build()
    whole = book.load("events").loc[:, ["summary", "event_id"]]
    part = book.__class__(book.store.folder).load("events", columns=["summary", "event_id"], cases=["alpha-1990"])
    assert part.equals(whole)
    assert book.load("roles", columns=["capacity"], cases=["alpha-1990"])["capacity"].dtype == "category"
    assert list(book.load("terms", columns=["term_id", "case_outcome"], wide=True)) == ["term_id", "case_outcome"]
    for wide in (False, True):
        with pytest.raises(UnknownNameError, match=r"'sumary' .*; did you mean 'summary'"):
            book.load("events", columns=["sumary"], wide=wide)


def test_of_a_table_that_is_not_in_memory_no_more_is_read_than_asked_for(folder, monkeypatch):
    book, read = folder.build(), {}
    original = type(book.store)._arrow

    def listen(self, name, columns=None, among=None):
        read[name] = original(self, name, columns, among)
        return read[name]

    monkeypatch.setattr(type(book.store), "_arrow", listen)
    assert book.load("events", columns=["place"], cases=["alpha-1990"], alleged=True)["place"].to_list()[0] == "Paris"
    assert set(read["events"].column_names) == {"event_id", "case_id", "status", "place"}
    read.clear()
    with pytest.raises(UnknownNameError):
        book.load("events", columns=["place"], cases=["beta-1991"])
    assert "place" not in getattr(read.get("events"), "column_names", ())


def test_what_is_shown_can_be_kept_and_sent_to_workers(tiny):
    for shown in (tiny, tiny.case("alpha-1990"), tiny.evidence("alpha-1990", "outcome"), tiny.compare("result")):
        assert str(pickle.loads(pickle.dumps(shown))) == str(shown)
        assert str(copy.deepcopy(shown)) == str(shown)
    frame, schema = (
        tiny.load("channels", alleged=True),
        pickle.loads(pickle.dumps(pandera_schema(tiny.schema.table("channels")))),
    )
    assert schema.validate(frame) is not None


def test_texts_of_older_pandas_are_refused(tmp_path, tiny):
    code = (
        "import pandas, casebook; pandas.options.future.infer_string = False\n"
        "try: casebook.load('channels')\nexcept casebook.CasebookError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.endswith("write: pandas.options.future.infer_string = True\n")
