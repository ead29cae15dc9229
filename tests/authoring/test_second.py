import csv
import io

import openpyxl
import pandas as pd
import pytest

from casebook.authoring.second import COLUMNS, DECISIONS, REMARKS, add_codings
from casebook.errors import CasebookError, InvalidCasebookError

HEAD = "coder,table,row,variable,value\n"
ANN = HEAD + "ann,cases,alpha-1990,outcome,no_agreement\nann,channels,alpha-1990/line,initiator_party_id,bland\n"
REMARKLESS = {"reason": None, "confidence": None, "source": None, "unlisted": False, "decision": None}
REMARKLESS["decision_reason"] = None


def only_alleged(folder) -> None:
    """Call the channel, and what happened in it, alleged; then no effect of it has to be coded."""
    for name in ("channels", "events", "terms"):
        folder.replace(f"cases/alpha-1990/{name}.yaml", "  status: established", "  status: alleged")
    text = folder.read("cases/alpha-1990/channels.yaml")
    folder.write("cases/alpha-1990/channels.yaml", text[: text.index("  effects:")])


@pytest.fixture
def problem(folder):
    """The one problem of a coder's file that consists of these lines."""

    def found(*lines: str) -> str:
        folder.write("codings/ann.csv", HEAD + "\n".join(lines) + "\n")
        (message,) = folder.problems()
        return message

    return found


def test_codings_become_a_table_and_identifiers_are_completed(folder):
    book = folder.write("codings/ann.csv", ANN).build()
    codings = book.load("codings").astype(object)
    assert codings.where(codings.notna(), None).to_dict("records") == [
        {
            "coding_id": "ann/cases/alpha-1990#outcome",
            "coder": "ann",
            "table": "cases",
            "row": "alpha-1990",
            "variable": "outcome",
            "value": "no_agreement",
            **REMARKLESS,
        },
        {
            "coding_id": "ann/channels/alpha-1990/line#initiator_party_id",
            "coder": "ann",
            "table": "channels",
            "row": "alpha-1990/line",
            "variable": "initiator_party_id",
            "value": "alpha-1990/bland",
            **REMARKLESS,
        },
    ]


def test_without_codings_the_table_is_empty(tiny):
    assert tiny.load("codings").empty
    assert tiny.load("codings").columns.tolist() == ["coding_id", *COLUMNS, *REMARKS, "unlisted", *DECISIONS]


def test_columns_may_stand_in_any_order_and_lines_be_blank(folder):
    folder.write(
        "codings/x.csv", "\ufeffvalue,row,table,coder,variable\r\n\r\nyes,alpha-1990,cases,ann,deadline\r\n,,,,\r\n"
    )
    assert folder.build().load("codings")["value"].tolist() == ["yes"]


LINES = {
    "ann,case,alpha-1990,outcome,no_agreement": (
        "codings.table: there is no table 'case' with coded variables; did you mean 'cases'?"
    ),
    "ann,evidence,x,note,y": "codings.table: there is no table 'evidence' with coded variables; valid: cases, ",
    "ann,cases,alpha-1991,outcome,no_agreement": (
        "codings.row: there is no row 'alpha-1991' in cases; did you mean 'alpha-1990'?"
    ),
    "ann,cases,Alpha-1990,outcome,no_agreement": (
        "codings.row: there is no row 'Alpha-1990' in cases; write 'alpha-1990'"
    ),
    "ann,channels,line,result,failure": "codings.row: there is no row 'line' in channels; write 'alpha-1990/line'",
    "ann,cases,alpha-1990,outcom,no_agreement": (
        "codings.variable: there is no variable 'outcom' in cases; did you mean 'outcome'?"
    ),
    "ann,cases,alpha-1990,title,Alpha": "codings.variable: title is not a coded variable",
    "ann,channels,alpha-1990/line,summary,A line.": (
        "codings.variable: summary is free text, on which agreement is not measured"
    ),
    "ann,channels,alpha-1990/line,duration_days,3": "codings.variable: duration_days is computed, not coded",
    "ann,channels,alpha-1990/line,start_earliest,1990": "codings.variable: start_earliest is computed, not coded",
    "ann,roles,alpha-1990/line/ann-envoy/envoy,capacity,envoy": (
        "codings.variable: capacity names the row and is given to the coder"
    ),
    "ann,cases,alpha-1990,outcome,settled": "codings.value: outcome: unknown category 'settled'",
    "ann,cases,alpha-1990,deadline,maybe": "codings.value: deadline: 'maybe' is neither yes nor no",
    "ann,cases,alpha-1990,start,spring": "codings.value: start: 'spring' is not a date in EDTF",
    "ann,channels,alpha-1990/line,meetings_min,-1": "codings.value: meetings_min: -1 is less than the minimum 0",
    "ann,channels,alpha-1990/line,status,unknown": "codings.value: status cannot be missing",
    "ann,effects,alpha-1990/line/explode,observed,yes": "codings.row: there is no row 'alpha-1990/line/explode'",
    "ann,cases,alpha-1990,outcome,no_\u200bagreement": "codings.value: contains the invisible character U+200B",
    "ann,cases,alpha-1990,outcome,=1+1": "codings.value: begins with '=1+1', which spreadsheets may run as a formula",
    "ann,cases,alpha-1990,outcome,": "codings.value: is blank; write the value, unknown, not_applicable or withheld",
    "ann,cases,,outcome,no_agreement": "codings.row: is blank; write the row",
    ",cases,alpha-1990,outcome,no_agreement": "codings.coder: is blank; write the coder",
    "Casebook,cases,alpha-1990,outcome,no_agreement": (
        "codings.coder: 'Casebook' is the published coding, which is taken from the tables"
    ),
    "NA,cases,alpha-1990,outcome,no_agreement": "codings.coder: 'NA' is read as an empty cell by other programs",
    "Aux.1,cases,alpha-1990,outcome,no_agreement": (
        "codings.coder: 'Aux.1' cannot be the name of a file on Windows; give the coder another name"
    ),
    "ann,channels,alpha-1990/line,initiator_party_id,Unknown": (
        "codings.value: initiator_party_id: 'Unknown' is no value; write unknown if that is meant"
    ),
    "ann,channels,alpha-1990/line,initiator_party_id,N/A": "codings.value: 'N/A' is read as an empty cell",
    "Ann B,cases,alpha-1990,outcome,no_agreement": "codings.coder: 'Ann B' does not have the form",
    "ann,cases,alpha-1990,outcome": "codings: has 4 cells where the first line has 5",
    "ann,cases,alpha-1990,outcome,a,b": "codings: has 6 cells where the first line has 5",
}


@pytest.mark.parametrize(("line", "message"), LINES.items())
def test_what_is_wrong_with_a_line(problem, line, message):
    assert problem(line).startswith(f"codings/ann.csv:2: {message}")


def test_a_unit_coded_twice_is_refused_across_files_too(folder):
    line = "ann,cases,alpha-1990,outcome,no_agreement\n"
    folder.write("codings/ann.csv", HEAD + line + line).write("codings/ben.csv", HEAD + line)
    first, second = folder.problems()
    tail = f"already at {folder.path}/codings/ann.csv:2; keep one".replace(f"{folder.path}/", "")
    assert first == f"codings/ann.csv:3: codings.row: ann coded outcome of 'alpha-1990' {tail}"
    assert second == f"codings/ben.csv:2: codings.row: ann coded outcome of 'alpha-1990' {tail}"


def test_a_coder_is_spelled_one_way(problem):
    found = problem("ann,cases,alpha-1990,outcome,no_agreement", "Ann,cases,alpha-1990,deadline,yes")
    assert found == (
        "codings/ann.csv:3: codings.coder: 'Ann' is written 'ann' at codings/ann.csv:2; spell a coder's name one way"
    )


def test_all_problems_are_reported_in_one_run(folder):
    folder.write("codings/ann.csv", HEAD + "ann,case,x,y,z\ncasebook,cases,alpha-1990,outcome,\n")
    assert [found.split(": ")[1] for found in folder.problems()] == ["codings.table", "codings.coder", "codings.value"]


def test_a_file_of_the_casebook_that_cannot_be_read_does_not_make_codings_look_wrong(folder):
    folder.write("codings/ann.csv", ANN).write("cases/alpha-1990/channels.yaml", "- channel: [")
    (message,) = [found for found in folder.problems() if "codings" in found or "YAML" in found]
    assert "channels.yaml" in message


def test_the_line_is_where_a_row_begins(problem):
    found = problem('ann,cases,alpha-1990,outcome,"no\nagreement"', "ann,cases,alpha-1990,deadline,yes")
    assert found.startswith("codings/ann.csv:2: codings.value: outcome: unknown category")
    assert problem("ann,cases,alpha-1990,deadline,yes", 'ann,cases,"alpha').startswith(
        "codings/ann.csv:3: codings: not a CSV file (unexpected end of data)"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "codings: the file is empty; the first line is coder,table,row,variable,value"),
        (HEAD, "codings: the file has no line after the first"),
        (HEAD.replace(",", ";"), "codings: the file has no line after the first"),
        ("coder,table,row,variable,valu\na,b,c,d,e\n", "codings: unknown column 'valu'; did you mean 'value'?"),
        ("coder,table,row,variable\na,b,c,d\n", "codings.value: the column is not there"),
        ("coder,table,row,variable,value,value\na,b,c,d,e,f\n", "codings.value: the column stands twice"),
        ("coder,table,row,variable,value,unit\na,b,c,d,e,f\n", "codings: unknown column 'unit'"),
    ],
)
def test_what_is_wrong_with_a_file(folder, text, message):
    folder.write("codings/ann.csv", text)
    assert any(found.startswith(f"codings/ann.csv:1: {message}") for found in folder.problems())


def test_a_file_that_is_not_utf_8_and_one_that_is_not_csv(folder):
    folder.write("codings/notes.txt", "x").write("codings/.hidden", "x")
    (folder.path / "codings/ann.csv").write_bytes(HEAD.encode() + b"Zo\xeb,cases,alpha-1990,outcome,x\n")
    first, second = folder.problems()
    assert first == "codings/ann.csv:2: file: not UTF-8 text; save the file in the encoding UTF-8"
    assert second.startswith("codings/notes.txt:1: codings: not a CSV file")


def test_a_file_called_codings_is_a_problem(folder):
    folder.write("codings", "x")
    assert folder.problems() == ["codings:1: codings: a file where a folder of CSV files is meant; rename it"]


class TestAdd:
    @pytest.fixture
    def add(self, folder, tmp_path):
        def added(text: str, name: str = "filled.csv"):
            path = tmp_path / name
            path.write_text(text, encoding="utf-8")
            return add_codings(folder.path, path)

        return added

    def test_a_new_file_named_after_its_coder(self, folder, add):
        added = add(ANN)
        assert (added.path, len(added.entries), added.blank) == (folder.path / "codings/ann.csv", 2, 0)
        assert folder.read("codings/ann.csv") == ANN.replace(",bland", ",alpha-1990/bland")
        assert folder.build().tables().loc["codings", "rows"] == 2

    def test_more_by_the_same_coder_is_merged(self, folder, add):
        add(ANN)
        add(HEAD + "ann,cases,alpha-1990,deadline,no\n")
        assert [row["variable"] for row in csv.DictReader(io.StringIO(folder.read("codings/ann.csv")))] == [
            "outcome",
            "initiator_party_id",
            "deadline",
        ]

    def test_duplicates_are_refused_and_nothing_is_written(self, folder, add):
        add(ANN)
        with pytest.raises(InvalidCasebookError, match=r"filled.csv:2: codings.row: ann coded outcome .* already at"):
            add(HEAD + "ann,cases,alpha-1990,outcome,no_agreement\n")
        assert folder.read("codings/ann.csv") == ANN.replace(",bland", ",alpha-1990/bland")

    def test_a_problem_writes_nothing(self, folder, add):
        with pytest.raises(InvalidCasebookError, match=r"codings\.row: is blank"):
            add(ANN + "ann,cases,,outcome,no_agreement\n")
        assert not (folder.path / "codings").exists()

    def test_a_casebook_with_problems_of_its_own_comes_first(self, folder, add):
        folder.replace("cases/alpha-1990/case.yaml", "violence: none", "violence: much")
        with pytest.raises(InvalidCasebookError, match=r"cases\.violence: unknown category 'much'"):
            add(ANN)

    def test_one_coder_a_file(self, folder, add):
        with pytest.raises(CasebookError, match="holds codings by ann, ben; give each coder a file of their own"):
            add(ANN + "ben,cases,alpha-1990,deadline,no\n")
        assert not (folder.path / "codings").exists()

    def test_a_file_that_lies_there_already(self, folder):
        folder.write("codings/ann.csv", ANN)
        with pytest.raises(CasebookError, match="lies among the codings already"):
            add_codings(folder.path, folder.path / "codings/ann.csv")

    def test_a_file_or_folder_that_does_not_exist(self, folder, tmp_path):
        with pytest.raises(InvalidCasebookError, match=r"no\.csv:1: file: cannot be read: No such file"):
            add_codings(folder.path, tmp_path / "no.csv")
        with pytest.raises(CasebookError, match="there is no folder"):
            add_codings(tmp_path / "nowhere", tmp_path / "no.csv")

    def test_a_write_that_fails_leaves_the_old_file(self, folder, add, monkeypatch):
        add(ANN)
        before = folder.read("codings/ann.csv")
        monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
        with pytest.raises(CasebookError, match="cannot be written: No space left"):
            add(HEAD + "ann,cases,alpha-1990,deadline,no\n")
        assert folder.read("codings/ann.csv") == before
        assert [path.name for path in (folder.path / "codings").iterdir()] == ["ann.csv"]

    def test_lines_without_a_value_are_passed_over_and_counted(self, add):
        added = add(ANN + "ann,cases,alpha-1990,deadline,\nann,cases,alpha-1990,arena,\n")
        assert (len(added.entries), added.blank) == (2, 2)

    def test_a_sheet_without_any_value_is_refused(self, folder, add):
        with pytest.raises(CasebookError, match="has no value yet; fill the column value"):
            add(HEAD + "ann,cases,alpha-1990,outcome,\n")
        assert not (folder.path / "codings").exists()

    def test_a_reason_without_a_value_is_not_passed_over(self, add):
        head = "coder,table,row,variable,value,reason\n"
        with pytest.raises(InvalidCasebookError, match=r"filled.csv:2: codings\.value: is blank"):
            add(head + "ann,cases,alpha-1990,outcome,,I could not tell.\n")

    def test_reason_confidence_and_source_are_kept(self, folder, add):
        head = "source,coder,table,row,variable,value,reason,confidence\n"
        line = "doe2001talks[p. 4],ann,cases,alpha-1990,outcome,no_agreement,Nothing was signed.,low\n"
        add(head + line + ",ann,cases,alpha-1990,deadline,no,,\n")
        assert (
            folder.read("codings/ann.csv").splitlines()[0] == "coder,table,row,variable,value,reason,confidence,source"
        )
        first, second = folder.build().load("codings").to_dict("records")
        assert (first["reason"], first["confidence"], first["source"]) == (
            "Nothing was signed.", "low", "doe2001talks[p. 4]",
        )  # fmt: skip
        assert pd.isna(second["reason"])
        assert pd.isna(second["confidence"])

    def test_a_confidence_is_one_of_three(self, add):
        with pytest.raises(InvalidCasebookError, match=r"codings\.confidence: unknown confidence 'hi'"):
            add("coder,table,row,variable,value,confidence\nann,cases,alpha-1990,outcome,no_agreement,hi\n")

    def test_remarks_are_texts_like_any_other(self, add):
        head = "coder,table,row,variable,value,reason\nann,cases,alpha-1990,outcome,no_agreement,"
        with pytest.raises(InvalidCasebookError, match=r"codings\.reason: contains the invisible character U\+202E"):
            add(head + "a\u202eb\n")
        with pytest.raises(
            InvalidCasebookError, match=r"codings\.reason: begins with '=HYPERLINK', which spreadsheets"
        ):
            add(head + "=HYPERLINK\n")

    def test_an_answer_that_the_casebook_has_no_row_for_is_an_answer(self, folder, add):
        added = add(HEAD + "ann,delegations,alpha-1990/line/aland,lead_actor_id,Harold Caccia\n")
        assert [entry.value for entry in added.unlisted] == ["Harold Caccia"]
        book = folder.build()
        assert book.load("codings")[["value", "unlisted"]].to_numpy().tolist() == [["Harold Caccia", True]]
        assert book.agreement("delegations", draws=0).to_frame()["percent"].tolist() == [0]

    def test_a_row_of_another_case_is_no_row_of_this_one(self, folder, add):
        for name in ("case.yaml", "channels.yaml"):
            folder.write(f"cases/beta-1991/{name}", folder.read(f"cases/alpha-1990/{name}").replace("alpha-", "beta-"))
        path = folder.path / "cases/beta-1991"
        path.joinpath("case.yaml").write_text(
            path.joinpath("case.yaml").read_text(encoding="utf-8").replace("1990\n", "1991\n", 1), encoding="utf-8"
        )
        added = add(HEAD + "ann,channels,alpha-1990/line,initiator_party_id,beta-1991/aland\n")
        assert [entry.value for entry in added.unlisted] == ["beta-1991/aland"]

    def test_effects_of_a_channel_that_is_only_alleged_may_be_coded(self, folder, add):
        only_alleged(folder)
        add(HEAD + "ann,effects,alpha-1990/line/build_trust,observed,yes\n")
        agreement = folder.build().agreement(draws=0)
        assert set(agreement.to_frame()["units"]) == {0}
        assert agreement.disagreements().empty

    def workbook(self, path, *rows):
        book = openpyxl.Workbook()
        for row in [COLUMNS, *rows]:
            book.active.append(row)
        book.save(path)
        return path

    def test_a_workbook(self, folder, tmp_path):
        path = self.workbook(
            tmp_path / "ann.xlsx",
            ["ann", "channels", "alpha-1990/line", "meetings_min", 2.0],
            [None] * 5,
            ["ann", "cases", "alpha-1990", "deadline", True],
        )
        add_codings(folder.path, path)
        assert folder.read("codings/ann.csv") == (
            HEAD + "ann,channels,alpha-1990/line,meetings_min,2\nann,cases,alpha-1990,deadline,yes\n"
        )

    def test_a_date_that_the_spreadsheet_made(self, folder, tmp_path):
        import datetime as dt

        path = self.workbook(tmp_path / "ann.xlsx", ["ann", "cases", "alpha-1990", "start", dt.date(1990, 1, 1)])
        with pytest.raises(InvalidCasebookError) as caught:
            add_codings(folder.path, path)
        (problem,) = caught.value.problems
        assert str(problem).startswith(f"{path}:2: codings.value: the spreadsheet took E2 for a date")

    def test_a_workbook_that_is_none(self, folder, add):
        with pytest.raises(InvalidCasebookError, match=r"ann.xlsx:1: file: cannot be read as an Excel workbook"):
            add(ANN, "ann.xlsx")
