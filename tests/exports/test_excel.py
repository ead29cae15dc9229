"""The workbook, read back by calamine, openpyxl and polars."""

import datetime as dt
import json
import re
import zipfile

import openpyxl
import pandas as pd
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from casebook.errors import CasebookError


def path_of(exported):
    return exported.folder / f"{exported.book.metadata.name}.xlsx"


@pytest.fixture(scope="module")
def sheets(exported):
    workbook = CalamineWorkbook.from_path(path_of(exported))
    return {
        name: [[None if cell == "" else cell for cell in row] for row in workbook.get_sheet_by_name(name).to_python()]
        for name in workbook.sheet_names
    }


def rows_of(sheet):
    return list(sheet.iter_rows(values_only=True))


def plain(value):
    return value.date() if isinstance(value, dt.datetime) else value


def test_every_sheet_holds_what_load_gives(exported, sheets):
    for table in exported.book.schema:
        header, *rows = sheets[table.name]
        expected = exported.cells(table.name)
        assert list(header) == list(expected)
        for name, read in zip(header, zip(*rows, strict=True) if rows else [()] * len(header), strict=True):
            values = expected[name]
            early = any(isinstance(value, dt.date) and value < dt.date(1900, 3, 1) for value in values)
            wanted = [json.dumps(v, ensure_ascii=False) if isinstance(v, list) else v for v in values]
            if early:
                wanted = [None if value is None else value.isoformat() for value in wanted]
            assert [plain(value) for value in read] == wanted, (table.name, name)


def test_a_name_that_excel_keeps_for_itself_is_refused(folder, tmp_path):
    folder.own_schemas().write(
        "schemas/history.yaml",
        """\
name: history
title: History
description: What was.
primaryKey: history_id
casebook: {since: 1.0.0, file: history.yaml, scope: casebook}
fields:
  - name: history_id
    type: string
    title: Identifier
    description: Its name.
    constraints: {required: true, unique: true}
""",
    )
    with pytest.raises(CasebookError, match=r"excel: a sheet cannot be named 'history'; .*history are taken"):
        folder.build().export(tmp_path / "out", "excel")


def test_no_label_reads_back_as_a_missing_value(folder, tmp_path):
    [path] = folder.build().export(tmp_path / "out", "excel")
    assert pd.read_excel(path, "categories", engine="openpyxl")["label"].notna().all()


def test_polars_reads_the_workbook(exported):
    frame = pl.read_excel(
        exported.folder / f"{exported.book.metadata.name}.xlsx", sheet_name="channels", infer_schema_length=None
    )
    expected = exported.cells("channels")
    for name in ("channel_id", "start_earliest", "meetings_max", "result"):
        assert frame[name].to_list() == expected[name], name


def test_openpyxl_reads_the_same_values_and_their_types(exported_tiny):
    workbook = openpyxl.load_workbook(path_of(exported_tiny))
    header, *rows = rows_of(workbook["channels"])
    expected = exported_tiny.cells("channels")
    for name, read in zip(header, zip(*rows, strict=True), strict=True):
        assert [plain(value) for value in read] == expected[name], name
    assert {cell.data_type for sheet in workbook for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d", "b"}


def test_no_cell_is_a_formula(exported):
    with zipfile.ZipFile(path_of(exported)) as archive:
        parts = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert len(parts) == len(list(exported.book.schema)) + 3
    assert not any(re.search(rb"<f[ >/]", part) for part in parts)


def test_the_codebook_is_a_sheet(exported, sheets):
    assert list(sheets)[:3] == ["about", "codebook", "categories"]
    header, *rows = sheets["codebook"]
    described = {(row[0], row[1]): row[header.index("description")] for row in rows}
    assert described == {(t.name, item.name): item.description for t in exported.book.schema for item in t.columns}
    header, *rows = sheets["categories"]
    labels = [(t.name, i.name, c.value, c.label) for t in exported.book.schema for i in t.columns for c in i.categories]
    assert [(row[0], row[1], row[3], row[4]) for row in rows] == labels
    about = dict(sheets["about"])
    assert about["content digest"] == f"sha256:{exported.book.digest}"


@pytest.mark.parametrize("text", ["=1+1", "=HYPERLINK(A1)", "+1", "-1 point", "@x", "#NAME?", "#REF!"])
def test_text_that_looks_like_a_formula_stays_text(folder, tmp_path, text):
    folder.replace("cases/alpha-1990/claims.yaml", "The dispute was settled by letter.", json.dumps(text))
    [path] = folder.build().export(tmp_path / "out", "excel")
    cell = next(cell for cell in openpyxl.load_workbook(path)["claims"]["C"] if cell.value != "statement")
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_dates_before_excels_calendar_become_text(folder, tmp_path):
    for old, new in (("start: 1990-01-01", "start: 1890-01-01"), ("start: 1990-02", "start: 1890-02")):
        file = "case.yaml" if "01-01" in old else "channels.yaml"
        folder.replace(f"cases/alpha-1990/{file}", old, new)
    [path] = folder.build().export(tmp_path / "out", "excel")
    header, row = rows_of(openpyxl.load_workbook(path)["cases"])
    assert row[header.index("start_earliest")] == "1890-01-01"
    assert row[header.index("end_earliest")] == dt.datetime(1990, 12, 31)


def test_what_excel_cannot_hold_is_refused(folder, tmp_path):
    folder.write("cases/alpha-1990/narrative.md", "Ann wrote [@doe2001talks]. " + "x" * 32_767)
    with pytest.raises(CasebookError, match="excel: sheet cases has a text of more than 32,767 characters"):
        folder.build().export(tmp_path / "out", "excel")


def test_control_characters_are_refused(tiny, tmp_path, monkeypatch):
    frame = tiny.load("actors", alleged=True).assign(name="Ann\x07")
    load = type(tiny).load
    monkeypatch.setattr(type(tiny), "load", lambda self, t, **kw: frame if t == "actors" else load(self, t, **kw))
    with pytest.raises(CasebookError, match="excel: sheet actors has a text with control characters"):
        tiny.export(tmp_path / "out", "excel")


def test_sheet_names_and_rows_have_limits(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr("casebook.exports.excel.MAX_ROWS", 1)
    with pytest.raises(CasebookError, match=r"excel: sheet about has more rows than Excel can hold \(0\)"):
        tiny.export(tmp_path / "out", "excel")
    monkeypatch.setattr("casebook.exports.excel.MAX_SHEET_NAME", 4)
    with pytest.raises(CasebookError, match="excel: a sheet cannot be named 'cases'; Excel allows 4 characters"):
        tiny.export(tmp_path / "out", "excel")


def test_what_looks_like_the_number_of_a_character_is_text(folder, tmp_path):
    text = "_x0041_ and _x000D_, not snake_x_case"
    folder.replace("cases/alpha-1990/events.yaml", "place: Paris", f"place: {text!r}")
    folder.build().export(tmp_path / "exports", "excel")
    sheet = pd.read_excel(tmp_path / "exports" / "tiny.xlsx", sheet_name="events", engine="calamine")
    assert sheet["place"].iloc[0] == text
