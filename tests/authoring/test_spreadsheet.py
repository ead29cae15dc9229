"""Spreadsheet programs save the same cells in many ways; all that say what they are can be read."""

import datetime as dt
import re
import zipfile

import openpyxl
import pytest
from openpyxl.styles import Font

from casebook.authoring.second import COLUMNS
from casebook.authoring.spreadsheet import Refused, read_rows
from casebook.errors import Problems

HEAD = list(COLUMNS)
ROW = ["ann", "cases", "alpha-1990", "outcome", "no_agreement"]
TEXT = f"{','.join(HEAD)}\n{','.join(ROW)}\n"


def read(path):
    problems = Problems()
    return read_rows(path, problems), [str(problem).replace(str(path), path.name) for problem in problems.found]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"),
        b"\xfe\xff" + TEXT.replace(",", ";").encode("utf-16-be"),
        TEXT.replace("\n", ",,,\n").encode(),
        TEXT.replace("\n", ",,\n", 1).encode(),
        TEXT.replace("agreement", "agreement\xa0").encode(),
        b'"coder","table","row","variable","value"\n"ann","cases","alpha-1990","outcome","no_agreement"\n',
    ],
)
@pytest.mark.parametrize("name", ["ann.csv", "ANN.CSV", "ann.txt"])
def test_dialects_of_csv(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    assert read(path) == ([(1, HEAD), (2, ROW)], [])


def test_the_line_with_which_excel_names_the_separator(tmp_path):
    path = tmp_path / "ann.csv"
    path.write_text("sep=;\n" + TEXT.replace(",", ";"), encoding="utf-8")
    assert read(path) == ([(2, HEAD), (3, ROW)], [])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", TEXT.encode() + b"Zo\xeb,", "a.csv:3: file: not UTF-8 text; save the file in the encoding UTF-8"),
        ("a.csv", b"\xff\xfea", "a.csv:1: file: not UTF-16 text to its end"),
        ("a.csv", TEXT.encode("utf-16-le"), "a.csv:1: file: neither UTF-8 nor UTF-16 with its mark; save the file in"),
        ("a.csv", TEXT.encode("utf-16-be"), "a.csv:1: file: neither UTF-8 nor UTF-16 with its mark"),
        ("a.csv", TEXT.encode("utf-32"), "a.csv:1: file: neither UTF-8 nor UTF-16 with its mark"),
        ("a.csv", b"PK\x03\x04rest", "a.csv:1: file: is a workbook, not a CSV file; name it .xlsx"),
        ("a.xls", b"x", "a.xls:1: file: cannot read .xls files; save it as .xlsx, or as .csv in UTF-8"),
        ("a.ods", b"x", "a.ods:1: file: cannot read .ods files"),
        ("a.xlsx", b"x", "a.xlsx:1: file: cannot be read as an Excel workbook: "),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    rows, problems = read(path)
    assert rows is None
    assert len(problems) == 1
    assert problems[0].startswith(message)


class TestWorkbook:
    @pytest.fixture
    def made(self, tmp_path):
        """Save a workbook with the header and one row after a function changed its sheet, and read it."""

        def save(change, name="ann.xlsx"):
            workbook = openpyxl.Workbook()
            for row in (HEAD, ROW):
                workbook.active.append(row)
            change(workbook.active)
            workbook.save(tmp_path / "made.xlsx")
            return read((tmp_path / "made.xlsx").rename(tmp_path / name))

        return save

    @pytest.mark.parametrize("name", ["ann.xlsx", "ANN.XLSX", "ann.xlsm"])
    def test_endings(self, made, name):
        assert made(lambda sheet: None, name) == ([(1, HEAD), (2, ROW)], [])

    def test_merged_cells_are_read_as_they_are(self, made):
        def merge(sheet):
            sheet["F1"], sheet["F2"] = "unit", "Alpha"
            sheet.append([None, *ROW[1:]])
            sheet.merge_cells("A2:A3")
            sheet.merge_cells("F2:F3")

        rows, problems = made(merge)
        assert problems == []
        assert rows == [(1, [*HEAD, "unit"]), (2, [*ROW, "Alpha"]), (3, ["", *ROW[1:], ""])]

    def test_formatted_cells_without_content_are_none(self, made):
        def format_(sheet):
            for place in ("J1", "J2", "B9", "XFD7"):
                sheet[place].font = Font(bold=True)

        assert made(format_) == ([(1, HEAD), (2, ROW)], [])

    def test_a_column_with_content_stays_even_without_a_name(self, made):
        rows, _ = made(lambda sheet: sheet.cell(2, 7, "mine"))
        assert rows == [(1, [*HEAD, ""]), (2, [*ROW, "mine"])]

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            (dt.date(1990, 1, 1), "the spreadsheet took E2 for a date; format the cell as text and write it in EDTF"),
            (dt.time(1, 2), "the spreadsheet took E2 for a date"),
            ("=A1", "E2 holds a formula; write its result as text"),
            ("#N/A", "E2 holds the error #N/A; write the value as text"),
        ],
    )
    def test_cells_that_are_no_text(self, made, value, message):
        rows, problems = made(lambda sheet: sheet.cell(2, 5, value))
        assert problems == []
        cell = rows[1][1][4]
        assert isinstance(cell, Refused)
        assert cell.message.startswith(message)

    def test_numbers_and_truth_values_are_texts(self, made):
        rows, _ = made(lambda sheet: sheet.append([2.0, 2.5, True, "=", " x "]))
        assert rows[2] == (3, ["2", "2.5", "yes", "=", "x"])

    def test_the_sheet_called_coding_is_read_wherever_it_stands(self, made):
        def move(sheet):
            sheet.title = "coding"
            sheet.parent.create_sheet("Notes", 0)["A1"] = "mine"

        assert made(move) == ([(1, HEAD), (2, ROW)], [])

    def test_of_several_sheets_none_is_guessed(self, made):
        def add(sheet):
            sheet.title = "Mine"
            sheet.parent.create_sheet("Notes", 0)

        rows, problems = made(add)
        assert rows is None
        assert problems[0].endswith("has several sheets (Notes, Mine); name the one to be read Coding")

    def test_line_ends_of_windows_do_not_become_text(self, made):
        rows, _ = made(lambda sheet: sheet.append(["one_x000D_\ntwo", "a_x0009_b", "snake_x_case"]))
        assert rows[2] == (3, ["one\ntwo", "a\tb", "snake_x_case", "", ""])

    def rewritten(self, made, tmp_path, change):
        """A workbook whose sheet was changed as text."""
        made(lambda sheet: None)
        target = tmp_path / "changed.xlsx"
        with zipfile.ZipFile(tmp_path / "ann.xlsx") as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                content = old.read(name).decode()
                new.writestr(name, change(content) if name.endswith("sheet1.xml") else content)
        return read(target)

    def test_a_stray_cell_at_the_far_end_costs_nothing(self, made, tmp_path):
        stray = '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
        rows, problems = self.rewritten(made, tmp_path, lambda text: text.replace("</sheetData>", stray))
        assert (rows, problems) == ([(1, HEAD), (2, ROW)], [])

    @pytest.mark.parametrize("line", [1048577, 999_999_999_999])
    def test_a_row_that_no_sheet_can_have(self, made, tmp_path, line):
        stray = f'<row r="{line}"><c r="A{line}" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
        rows, problems = self.rewritten(made, tmp_path, lambda text: text.replace("</sheetData>", stray))
        assert rows is None
        assert "the sheet is too large to be a coder's" in problems[0]

    def test_a_sheet_too_large_is_refused_before_it_is_held(self, made, tmp_path):
        wide = "".join(f'<row r="{n}"><c r="XFD{n}"/></row>' for n in range(3, 100)) + "</sheetData>"
        rows, problems = self.rewritten(made, tmp_path, lambda text: text.replace("</sheetData>", wide))
        assert rows is None
        assert "too large" in problems[0]

    def test_a_bomb_is_refused_before_it_is_unpacked(self, made, tmp_path, monkeypatch):
        monkeypatch.setattr("casebook.authoring.spreadsheet.MAX_UNPACKED", 100_000)
        rows, problems = self.rewritten(made, tmp_path, lambda text: text + " " * 100_000)
        assert rows is None
        assert re.search(r"file: unpacks to \d+ bytes", problems[0])
