import csv
import io
import sys

import openpyxl
import pytest

from casebook.authoring.second import add_codings
from casebook.codings.sheet import HEADER, lines, write_sheet
from casebook.errors import CasebookError, UnknownNameError


def read(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_every_unit_has_its_definition_and_values_and_no_answer(tiny, tmp_path):
    write_sheet(tiny, lines(tiny, ["channels"]), "ann", tmp_path / "ann.csv")
    rows = read(tmp_path / "ann.csv")
    assert list(rows[0]) == list(HEADER)
    assert {(row["coder"], row["table"], row["row"]) for row in rows} == {("ann", "channels", "alpha-1990/line")}
    assert [row["variable"] for row in rows] == [item.name for item in tiny.schema.table("channels").comparable]
    assert {row[name] for row in rows for name in ("value", "reason", "confidence", "source")} == {""}
    by_name = {row["variable"]: row for row in rows}
    result = tiny.schema.table("channels").field("result")
    assert by_name["result"]["unit"] == "Alpha dispute: Ann – Bob"
    assert by_name["result"]["definition"] == f"Result: {result.description} Rule: {result.rule}"
    assert by_name["result"]["allowed"].split(" | ") == [*result.values, "unknown", "not_applicable", "withheld"]
    assert by_name["status"]["allowed"] == "established | alleged"
    assert by_name["start"]["allowed"].startswith("a date in EDTF such as")
    assert by_name["meetings_min"]["allowed"] == "a whole number | unknown | not_applicable | withheld"
    assert by_name["initiator_party_id"]["allowed"].startswith("alpha-1990/aland | alpha-1990/bland | unknown")


def test_neither_free_text_nor_what_names_the_row_is_asked(tiny):
    asked = {(line.table.name, line.item.name) for line in lines(tiny)}
    assert ("effects", "observed") in asked
    assert not asked & {
        ("channels", "summary"),
        ("roles", "capacity"),
        ("attendance", "actor_id"),
        ("terms", "summary"),
    }


def test_the_order_of_the_rows_reveals_nothing(folder):
    rows = [line.row for line in lines(folder.build(), ["effects"])]
    assert rows == sorted(rows)
    name = "cases/alpha-1990/channels.yaml"
    folder.replace(name, "effect: keep_deniability", "effect: [keep_deniability, led_to_standing_channel]")
    folder.replace(name, ",\n               led_to_standing_channel]", "]")
    assert [line.row for line in lines(folder.build(), ["effects"])] == rows


def test_effects_are_asked_of_every_channel_so_that_nothing_tells_which_is_alleged(folder):
    def asked():
        return [(line.row, line.unit, line.allowed) for line in lines(folder.build(), ["channels", "effects"])]

    before = asked()
    for name in ("channels", "events", "terms"):
        folder.replace(f"cases/alpha-1990/{name}.yaml", "  status: established", "  status: alleged")
    text = folder.read("cases/alpha-1990/channels.yaml")
    folder.write("cases/alpha-1990/channels.yaml", text[: text.index("  effects:")])
    assert asked() == before


def test_labels_tell_no_dates(folder):
    folder.replace("cases/alpha-1990/case.yaml", "short_title: Alpha dispute", "short_title: Alpha dispute, 1990")
    folder.replace("cases/alpha-1990/channels.yaml", "name: Ann – Bob", "name: Ann – Bob, calls of 1990")
    folder.replace("cases/alpha-1990/events.yaml", "Bob carries a letter.", "Bob carries a letter of 3 May 1990 on.")
    units = {line.unit for line in lines(folder.build(), ["channels", "events"])}
    assert {"Alpha dispute: Ann – Bob, calls", "Alpha dispute: Bob carries a letter of … on."} <= units
    assert not any("1990" in unit for unit in units)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_of_a_sheet_runs_as_a_formula(folder, tmp_path, form):
    folder.replace("cases/alpha-1990/case.yaml", "short_title: Alpha dispute", "short_title: '=HYPERLINK(1)'")
    book = folder.build()
    path = tmp_path / f"ann.{form}"
    if form == "csv":
        with pytest.raises(CasebookError, match=r"unit of cases 'alpha-1990' begins with '=HYPERLINK\(1', which"):
            write_sheet(book, lines(book, ["cases"]), "ann", path)
        assert not path.exists()
    else:
        write_sheet(book, lines(book, ["cases"]), "ann", path)
        cell = openpyxl.load_workbook(path)["Coding"]["I2"]
        assert (cell.value, cell.data_type, cell.quotePrefix) == ("=HYPERLINK(1)", "s", True)


def test_the_ending_may_be_in_capitals(tiny, tmp_path):
    write_sheet(tiny, lines(tiny, ["cases"]), "ann", tmp_path / "ANN.XLSX")
    assert openpyxl.load_workbook(tmp_path / "ANN.XLSX").sheetnames[0] == "Coding"


def test_alleged_rows_take_part(tiny):
    assert "alpha-1990/1990-03-rumor" in {line.row for line in lines(tiny, ["events"])}


def test_long_lists_and_codes_are_described(tiny, monkeypatch):
    by_name = {line.item.name: line.allowed for line in lines(tiny, ["events"])}
    assert by_name["country"] == "iso3166-1-alpha-3 | unknown | not_applicable | withheld"
    assert by_name["time"].startswith("text of the form ")
    (line, *_) = lines(tiny, ["delegations"], ["lead_actor_id"])
    object.__setattr__(line, "choices", tuple(map(str, range(41))))
    assert line.allowed.startswith("an identifier from the table actors | unknown")


def test_only_some_variables_and_cases(tiny):
    found = lines(tiny, ["cases", "channels"], ["start", "end"], ["alpha-1990"])
    assert [(line.table.name, line.item.name) for line in found] == [
        ("cases", "start"),
        ("cases", "end"),
        ("channels", "start"),
        ("channels", "end"),
    ]


def test_a_sample_is_of_rows_and_fixed_by_its_seed(tiny):
    def drawn(**how):
        return [line.row for line in lines(tiny, ["effects"], **how)]

    everything = drawn()
    assert len(set(drawn(sample=5))) == 5
    assert drawn(sample=5, seed=1) == drawn(sample=5, seed=1) != drawn(sample=5, seed=2)
    assert drawn(sample=5) == [row for row in everything if row in set(drawn(sample=5))]
    assert drawn(sample=500) == everything


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tables": ["chanels"]}, "there is no table with coded variables 'chanels'; did you mean 'channels'"),
        ({"tables": ["evidence"]}, "there is no table with coded variables 'evidence'"),
        ({"tables": ["cases"], "variables": ["outcom"]}, "there is no variable that two coders can compare 'outcom'"),
        ({"cases": ["alpha"]}, "there is no case 'alpha'; did you mean 'alpha-1990'"),
    ],
)
def test_wrong_names(tiny, arguments, message):
    with pytest.raises(UnknownNameError, match=message):
        lines(tiny, **arguments)


def test_nothing_to_code(tiny):
    with pytest.raises(CasebookError, match="sample is 0; give a number of rows, 1 or more"):
        lines(tiny, sample=0)
    with pytest.raises(CasebookError, match="no row is left to code"):
        lines(tiny, ["crosswalk"])


def test_what_cannot_be_written(tiny, tmp_path):
    units = lines(tiny, ["cases"])
    with pytest.raises(CasebookError, match="'Casebook' is the published coding"):
        write_sheet(tiny, units, "Casebook", tmp_path / "a.csv")
    with pytest.raises(CasebookError, match="coder: 'Ann B' does not have the form"):
        write_sheet(tiny, units, "Ann B", tmp_path / "a.csv")
    with pytest.raises(CasebookError, match=r"ends neither in \.csv nor in \.xlsx"):
        write_sheet(tiny, units, "ann", tmp_path / "a.ods")
    with pytest.raises(CasebookError, match="cannot be written: No such file"):
        write_sheet(tiny, units, "ann", tmp_path / "nowhere/a.csv")
    (tmp_path / "a.csv").write_text("precious", encoding="utf-8")
    with pytest.raises(CasebookError, match="exists already and may hold codings"):
        write_sheet(tiny, units, "ann", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "precious"


def test_a_workbook_offers_the_values_and_holds_the_codebook(tiny, tmp_path):
    units = lines(tiny, ["channels"])
    write_sheet(tiny, units, "ann", tmp_path / "ann.xlsx")
    book = openpyxl.load_workbook(tmp_path / "ann.xlsx")
    assert book.sheetnames == ["Coding", "Codebook", "Values"]
    coding = book["Coding"]
    assert [cell.value for cell in coding[1]] == list(HEADER)
    offered = {}
    for validation in coding.data_validations.dataValidation:
        cells = book["Values"][validation.formula1.removeprefix("Values!").replace("$", "")]
        for place in str(validation.sqref).split():
            for (cell,) in coding[place] if ":" in place else [[coding[place]]]:
                kind = coding.cell(1, cell.column).value
                offered[kind, coding.cell(cell.row, 4).value] = tuple(entry.value for (entry,) in cells)
    assert {name: of for (kind, name), of in offered.items() if kind == "value"} == {
        line.item.name: line.choices for line in units if line.choices
    }
    assert {of for (kind, _), of in offered.items() if kind == "confidence"} == {("low", "medium", "high")}
    assert ("value", "start") not in offered
    assert {cell.number_format for cell in coding["E"]} == {"@"}
    defined = [[cell.value for cell in row] for row in book["Codebook"].iter_rows()]
    assert ["channels", "directness", "relayed", "Relayed", "All substance passed through a third party."] in defined
    assert [row[2] for row in defined[-3:]] == ["unknown", "not_applicable", "withheld"]


def test_without_openpyxl(tiny, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(
        CasebookError,
        match=r"a workbook \(unlike a \.csv file\) needs the library openpyxl; install it",
    ):
        write_sheet(tiny, lines(tiny, ["cases"]), "ann", tmp_path / "ann.xlsx")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_filled_sheet_can_be_added(folder, tmp_path, form):
    book = folder.build()
    path = tmp_path / f"ann.{form}"
    write_sheet(book, lines(book, ["cases"], ["outcome", "start"]), "ann", path)
    with pytest.raises(CasebookError, match="has no value yet"):
        add_codings(folder.path, path)
    if form == "csv":
        text = path.read_text(encoding="utf-8-sig")
        filled = text.replace(",start,,", ",start,1990-01,").replace(",outcome,,,", ",outcome,no_agreement,As in Roe,")
        path.write_text(filled, encoding="utf-8")
    else:
        workbook = openpyxl.load_workbook(path)
        workbook["Coding"]["E2"], workbook["Coding"]["E3"] = "1990-01", "no_agreement"
        workbook["Coding"]["F3"] = "As in Roe"
        workbook.save(path)
    add_codings(folder.path, path)
    assert folder.read("codings/ann.csv").splitlines() == [
        "coder,table,row,variable,value,reason",
        "ann,cases,alpha-1990,start,1990-01,",
        "ann,cases,alpha-1990,outcome,no_agreement,As in Roe",
    ]
