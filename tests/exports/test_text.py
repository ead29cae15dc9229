"""CSV and JSON Lines, read back by frictionless, pandas and polars."""

import datetime as dt
import json
from decimal import Decimal

import pandas as pd
import polars as pl
import pytest
from frictionless import Package
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import CasebookError
from casebook.exports.text import could_run


def test_frictionless_finds_the_data_package_valid(exported):
    report = Package(str(exported.folder / "csv/datapackage.json")).validate()
    assert report.flatten(["type", "message"]) == []
    assert report.stats["tasks"] == len(exported.book.schema.tables)


def test_frictionless_checks_the_foreign_keys(tiny, tmp_path):
    [folder] = tiny.export(tmp_path, "csv")
    path = folder / "delegations.csv"
    path.write_text(path.read_text().replace("alpha-1990/aland", "alpha-1990/nowhere"))
    errors = Package(str(folder / "datapackage.json")).validate().flatten(["type"])
    assert ["foreign-key"] in errors


def test_frictionless_reads_back_what_load_gives(exported):
    """The first two hundred rows of each table: it takes its time, and other readers read all."""
    package = Package(str(exported.folder / "csv/datapackage.json"))
    for table in exported.book.schema:
        expected = exported.cells(table.name)
        read = package.get_resource(table.name).read_rows(size=200)
        for name, values in expected.items():
            cells = [float(row[name]) if isinstance(row[name], Decimal) else row[name] for row in read]
            assert cells == values[:200], (table.name, name)


def test_pandas_reads_back_what_load_gives(exported):
    for table in exported.book.schema:
        frame = pd.read_csv(
            exported.folder / f"csv/{table.name}.csv", dtype="str", keep_default_na=False, na_values=[""]
        )
        for name, values in exported.cells(table.name).items():
            read = [None if pd.isna(value) else value for value in frame[name]]
            assert read == [written(value) for value in values], (table.name, name)


def written(value):
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def test_json_lines_hold_what_load_gives(exported):
    for table in exported.book.schema:
        expected = exported.cells(table.name)
        lines = (exported.folder / f"jsonl/{table.name}.jsonl").read_text(encoding="utf-8").splitlines()
        read = [json.loads(line) for line in lines]
        for name, values in expected.items():
            plain = [value.isoformat() if isinstance(value, dt.date) else value for value in values]
            assert [row[name] for row in read] == plain, (table.name, name)
        assert all(list(row) == list(expected) for row in read)


def test_polars_reads_json_lines(exported):
    expected = exported.cells("claims")
    frame = pl.read_ndjson(exported.folder / "jsonl/claims.jsonl", infer_schema_length=None)
    assert frame["claimed_by"].to_list() == expected["claimed_by"]
    assert frame["statement"].to_list() == expected["statement"]


RUN = [
    "=1+1",
    "+1+cmd|'/C calc'!A0",
    "-2+3+cmd|'/C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1+1",
    "＝1",
    "- a point",
    "-",
]
KEEP = ["a=b", "1-2", "-0044-03-15", "+44", "-5", "1962-10-27", "", "#tag", "'quoted", "é", "mid =1", "-1.5%"]


@pytest.mark.parametrize("text", RUN)
def test_texts_that_a_spreadsheet_could_run_are_recognized(text):
    assert could_run(text) is (text != "-")


@pytest.mark.parametrize("text", KEEP)
def test_harmless_texts_are_let_through(text):
    assert not could_run(text)


@given(st.text(max_size=30))
def test_no_text_that_begins_with_a_sign_and_holds_a_letter_passes(text):
    assert could_run("=" + text)
    assert could_run("@" + text)
    assert could_run("-a" + text)


def test_a_formula_is_refused_with_its_place(folder, tmp_path):
    folder.replace("cases/alpha-1990/claims.yaml", "statement: The", "statement: '@SUM(1) The")
    folder.replace("cases/alpha-1990/claims.yaml", "by letter.", "by letter.'")
    with pytest.raises(CasebookError) as caught:
        folder.build().export(tmp_path / "out", "csv")
    assert str(caught.value) == (
        "csv: statement of claims 'alpha-1990/by-letter' begins with '@SUM(1) The ', which spreadsheets may run as a "
        "formula; begin the text with a word, or export to another format"
    )
