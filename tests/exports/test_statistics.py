"""Stata and SPSS files, read back by pyreadstat, pandas and R's haven."""

import csv
import datetime as dt
import json
import shutil
import subprocess

import pandas as pd
import pyreadstat
import pytest

from casebook.errors import CasebookError
from casebook.exports.statistics import SPSS, STATA, Conversion
from casebook.model.schema import Field

PACKAGES = {"stata": ("dta", pyreadstat.read_dta), "spss": ("sav", pyreadstat.read_sav)}


@pytest.fixture(scope="module")
def haven():
    """R with haven, asked for only where it is needed: R takes a while to start."""
    rscript = shutil.which("Rscript")
    if not rscript or subprocess.run([rscript, "-e", "library(haven)"], capture_output=True).returncode != 0:
        pytest.skip("R with haven is not installed; 'apt-get install r-cran-haven' installs both")


@pytest.fixture(params=PACKAGES)
def package(request):
    return request.param


def wanted(item, values):
    """The values as numbers and texts of a statistical package; dates stay dates, None is missing."""
    if item.categories:
        return [None if value is None else item.values.index(value) + 1 for value in values]
    if item.type == "array":
        return ["" if value is None else json.dumps(value, ensure_ascii=False) for value in values]
    if item.type == "string":
        return ["" if value is None else value for value in values]
    kept = item.type in ("date", "number")
    return [None if value is None else value if kept else int(value) for value in values]


def without_missing(values):
    return [None if pd.isna(value) else value for value in values]


def tells_reasons(item, package):
    """Whether an empty cell of the variable can carry its reason in the format."""
    return (
        item.type in ("integer", "number", "boolean")
        or bool(item.categories)
        or (item.type == "date" and package == "stata")
    )


def test_pyreadstat_reads_back_what_load_gives(exported, package):
    suffix, read = PACKAGES[package]
    for table in exported.book.schema:
        frame, meta = read(exported.folder / package / f"{table.name}.{suffix}")
        assert meta.column_labels == [item.title for item in table.columns]
        assert list(frame.columns) == [item.name for item in table.columns]
        for name, values in exported.cells(table.name).items():
            item = table.field(name)
            assert without_missing(frame[name]) == wanted(item, values), (table.name, name)


def test_categories_and_booleans_carry_their_labels(exported, package):
    suffix, read = PACKAGES[package]
    for table in exported.book.schema:
        _, meta = read(exported.folder / package / f"{table.name}.{suffix}", user_missing=True)
        for item in table.columns:
            labels = {
                code: label
                for code, label in meta.variable_value_labels.get(item.name, {}).items()
                if not isinstance(code, str) and code >= 0
            }
            if item.type == "boolean":
                assert labels == {0: "no", 1: "yes"}
            else:
                assert labels == {number: c.label for number, c in enumerate(item.categories, 1)}, item.name


def test_empty_cells_carry_their_reason(exported, package):
    suffix, read = PACKAGES[package]
    found = 0
    for table in exported.book.schema:
        frame, meta = read(exported.folder / package / f"{table.name}.{suffix}", user_missing=True)
        cells = exported.cells(table.name)
        for item in table.columns:
            if not tells_reasons(item, package):
                continue
            labels = meta.variable_value_labels.get(item.name, {})
            for key, value, read_value in zip(
                cells[table.primary_key], cells[item.name], frame[item.name], strict=True
            ):
                reason = exported.book.reason(table.name, key, item.name)
                if value is None and reason:
                    names = {c.value: c.label for c in exported.book.schema.table("missing").field("reason").categories}
                    assert labels[read_value] == names[reason], (table.name, item.name, key)
                    found += 1
    assert found > 0


def test_pandas_reads_the_stata_files(exported):
    frame = pd.read_stata(exported.folder / "stata/channels.dta")
    item = exported.book.schema.table("channels").field("result")
    expected = [None if value is None else item.label(value) for value in exported.cells("channels")["result"]]
    assert [None if pd.isna(value) else value for value in frame["result"]] == expected


HAVEN = """
library(haven)
arguments <- commandArgs(TRUE)
files <- list.files(arguments[1], pattern = "[.](dta|sav)$", full.names = TRUE)
for (file in files) {
  spss <- grepl("[.]sav$", file)
  data <- if (spss) read_sav(file, user_na = TRUE) else read_dta(file)
  plain <- if (spss) read_sav(file) else data
  cells <- lapply(plain, function(x) {
    if (inherits(x, "Date")) format(x) else if (is.character(x)) x else format(as.numeric(x), trim = TRUE, digits = 15)
  })
  why <- lapply(data, function(x) {
    labels <- attr(x, "labels", exact = TRUE)
    if (is.null(labels) || is.character(x)) return(rep(NA_character_, length(x)))
    if (spss) {
      found <- match(as.numeric(unclass(x)), as.numeric(labels))
      return(ifelse(is.na(x) & !is.na(found), names(labels)[found], NA_character_))
    }
    tags <- na_tag(labels)
    known <- !is.na(tags)
    ifelse(is.na(na_tag(x)), NA_character_, names(labels)[known][match(na_tag(x), tags[known])])
  })
  stem <- file.path(arguments[2], sub("[.].*$", "", basename(file)))
  write.csv(as.data.frame(cells, check.names = FALSE), paste0(stem, ".cells.csv"), row.names = FALSE, na = "",
            fileEncoding = "UTF-8")
  write.csv(as.data.frame(why, check.names = FALSE), paste0(stem, ".why.csv"), row.names = FALSE, na = "",
            fileEncoding = "UTF-8")
}
"""


@pytest.mark.usefixtures("haven")
def test_haven_reads_back_what_load_gives(exported, package, tmp_path):
    script = tmp_path / "haven.R"
    script.write_text(HAVEN)
    subprocess.run(
        ["Rscript", script, exported.folder / package, tmp_path],
        check=True,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin:/usr/local/bin"},
    )
    reasons = {c.value: c.label for c in exported.book.schema.table("missing").field("reason").categories}
    for table in exported.book.schema:
        cells, why = rows_of(tmp_path / f"{table.name}.cells.csv"), rows_of(tmp_path / f"{table.name}.why.csv")
        expected = exported.cells(table.name)
        for name, values in expected.items():
            item = table.field(name)
            read = [
                row[name].replace("NA", "") if item.type != "string" or item.categories else row[name] for row in cells
            ]
            if item.type == "number":
                read = [str(float(value)) if value else "" for value in read]
            plain = ["" if value is None else str(value) for value in wanted(item, values)]
            assert read == plain, (table.name, name)
            if tells_reasons(item, package):
                known = [
                    reasons.get(exported.book.reason(table.name, key, name) or "", "") if value is None else ""
                    for key, value in zip(expected[table.primary_key], values, strict=True)
                ]
                assert [row[name] for row in why] == known, (table.name, name)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_text_is_nominal_and_wide_enough_to_be_seen(exported, package):
    suffix, _ = PACKAGES[package]
    for table in exported.book.schema:
        _, meta = PACKAGES[package][1](exported.folder / package / f"{table.name}.{suffix}")
        cells = exported.cells(table.name)
        for item in table.columns:
            if item.type != "string" or item.categories:
                continue
            name = item.name if item.name in meta.column_names else f"{item.name}_"
            if package == "spss":
                assert meta.variable_measure[name] == "nominal"
            else:
                longest = max((len(value.encode()) for value in cells[item.name] if value), default=0)
                assert meta.original_variable_types[name] == f"%-{min(max(longest, 9), 244)}s"


def test_no_list_beside_the_data_runs_as_a_formula(folder, tmp_path, package):
    folder.own_schemas()
    folder.replace("schemas/cases.yaml", "label: No violence", 'label: "=1+1"')
    with pytest.raises(CasebookError, match="cases violence has a text that begins with '=1\\+1', which spreadsheets"):
        folder.build().export(tmp_path / "out", package)


def test_codes_are_listed_beside_the_data(exported, package):
    rows = rows_of(exported.folder / package / "codes.csv")
    item = exported.book.schema.table("channels").field("venue")
    listed = [
        (row["code"], row["value"], row["label"])
        for row in rows
        if (row["table"], row["variable"]) == ("channels", "venue") and row["code"].isdigit()
    ]
    assert listed == [(str(n), c.value, c.label) for n, c in enumerate(item.categories, 1)]
    if package == "stata":
        assert {row["code"]: row["value"] for row in rows if row["code"].startswith(".")}[".a"] == "unknown"
    else:
        assert {row["code"]: row["value"] for row in rows if row["code"].startswith("-99")}["-99"] == "unknown"


def test_nothing_is_changed_unless_changes_csv_says_so(exported, package):
    assert not (exported.folder / package / "changes.csv").exists()


def test_names_and_labels_that_do_not_fit_are_changed_and_listed(folder, tmp_path, package):
    folder.own_schemas()
    long = "how_the_people_in_the_street_felt_about_it"
    for name, letter in ((long, "R"), (f"{long}_later", "S"), ("if", "T")):
        text = folder.read("schemas/cases.yaml")
        new = f"  - name: {name}\n    type: string\n    title: {letter * 300}\n    description: D.\n"
        new += "    casebook: {optional: true}\n  - name: narrative\n"
        folder.write("schemas/cases.yaml", text.replace("  - name: narrative\n", new, 1))
    [path] = folder.build().export(tmp_path / "out", package)
    suffix, read = PACKAGES[package]
    _, meta = read(path / f"cases.{suffix}")
    changes = {(row["variable"], row["what"]): row for row in rows_of(path / "changes.csv")}
    label = changes[("if", "label")]
    assert label["was"] == "T" * 300
    assert len(label["is"].encode()) <= (256 if package == "spss" else 82)
    assert label["is"] in meta.column_labels
    if package == "stata":
        assert changes[("if", "name")]["is"] == "if_"
        assert changes[(long, "name")]["is"] == long[:32]
        assert changes[(f"{long}_later", "name")]["is"] == long[:30] + "_2"
        assert {"if_", long[:32], long[:30] + "_2"} <= set(meta.column_names)
    else:
        assert long in meta.column_names


def test_days_before_the_calendar_of_spss_become_text(folder, tmp_path):
    folder.replace("cases/alpha-1990/case.yaml", "start: 1990-01-01", "start: 1490-01-01")
    folder.replace("cases/alpha-1990/channels.yaml", "start: 1990-02", "start: 1490-02")
    [path] = folder.build().export(tmp_path / "out", "spss")
    frame, _ = pyreadstat.read_sav(path / "cases.sav")
    assert list(frame["start_earliest"]) == ["1490-01-01"]
    assert list(frame["end_earliest"]) == [dt.date(1990, 12, 31)]
    changes = [(row["table"], row["variable"], row["is"]) for row in rows_of(path / "changes.csv")]
    assert ("cases", "start_earliest", "text, for spss has no day 1490-01-01") in changes
    [path] = folder.build().export(tmp_path / "out", "stata")
    frame, _ = pyreadstat.read_dta(path / "cases.dta")
    assert list(frame["start_earliest"]) == [dt.date(1490, 1, 1)]


def test_long_text_fits_stata_and_is_refused_for_spss(folder, tmp_path):
    folder.write("cases/alpha-1990/narrative.md", "Ann wrote [@doe2001talks]. " + "é" * 20_000)
    book = folder.build()
    [path] = book.export(tmp_path / "out", "stata")
    frame, _ = pyreadstat.read_dta(path / "cases.dta")
    assert list(frame["narrative"]) == list(book.load("cases")["narrative"])
    with pytest.raises(CasebookError) as caught:
        book.export(tmp_path / "out", "spss")
    assert str(caught.value).startswith("spss: narrative of cases 'alpha-1990' has 400")
    assert not (tmp_path / "out" / "spss").exists()


def test_user_missing_codes_lie_below_all_values(tiny):
    conversion = Conversion(tiny, SPSS)
    assert conversion._signs([1, None])["unknown"] == -99
    assert conversion._signs([-95])["open"] == -96
    assert conversion._signs([-96])["open"] == -996
    assert Conversion(tiny, STATA)._signs([-5])["open"] == "d"


def test_spaces_that_spss_drops_are_listed(tiny):
    conversion = Conversion(tiny, SPSS)
    table = tiny.schema.table("actors")
    conversion._texts(["Ann  "], table, Field("name", "string", "Name", "Name."), ["ann"])
    assert conversion.changes == [("actors", "name", "spaces at the end of ann", "Ann  ", "Ann")]
