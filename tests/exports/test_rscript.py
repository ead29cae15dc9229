"""The script that comes with the CSV files, run by R itself."""

import csv
import shutil
import subprocess

import pytest

R = shutil.which("Rscript")
needs_r = pytest.mark.skipif(R is None, reason="Rscript is not installed, and only R can say that it runs the script")
LOOK = r"""
source(commandArgs(TRUE)[1])
stopifnot(!any(grepl("casebook_", names(casebook))))
out <- commandArgs(TRUE)[2]
plain <- function(column) {
  joined <- function(items) if (anyNA(items)) NA_character_ else paste(items, collapse = "|")
  if (is.list(column)) column <- vapply(column, joined, "")
  if (is.logical(column)) column <- ifelse(column, "True", "False")
  if (is.double(column) && !inherits(column, "Date")) return(format(column, digits = 15, trim = TRUE))
  as.character(column)
}
words <- read_casebook(labels = TRUE)
kept <- vapply(casebook, nrow, 0L)
write.csv(data.frame(table = names(kept), rows = kept), file.path(out, "kept.txt"), row.names = FALSE)
casebook <- read_casebook(alleged = TRUE)
about <- list()
for (table in names(casebook)) {
  data <- casebook[[table]]
  write.csv(as.data.frame(lapply(data, plain)), file.path(out, paste0(table, ".csv")), row.names = FALSE, na = "<NA>",
            fileEncoding = "UTF-8")
  for (name in names(data)) {
    about[[length(about) + 1]] <- data.frame(table = table, name = name, class = class(data[[name]])[1],
      label = attr(data[[name]], "label"), levels = paste(levels(data[[name]]), collapse = "|"),
      words = paste(levels(words[[table]][[name]]), collapse = "|"))
  }
}
write.csv(do.call(rbind, about), file.path(out, "about.txt"), row.names = FALSE, fileEncoding = "UTF-8")
"""


@pytest.fixture(scope="module")
def seen(exported, tmp_path_factory):
    """What R made of the tables: a row about each variable, and the cells written again."""
    folder = tmp_path_factory.mktemp("r")
    (folder / "look.R").write_text(LOOK, encoding="ascii")
    command = [R, "--vanilla", folder / "look.R", exported.folder / "csv/read.R", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def lines(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@needs_r
def test_r_gives_factors_in_codebook_order_dates_and_labels(exported, seen):
    found = {(table, name): about for table, name, *about in lines(seen / "about.txt")[1:]}
    kinds = {"string": "character", "boolean": "logical", "date": "Date", "array": "list", "number": "numeric"}
    for table in exported.book.schema:
        for item in table.columns:
            kind, label, levels, words = found.pop((table.name, item.name))
            if item.categories and item.type == "string":
                assert kind == ("ordered" if item.level == "ordinal" else "factor")
                assert levels == "|".join(item.values)
                assert words == "|".join(category.label for category in item.categories)
            else:
                assert kind == kinds.get(item.type, item.type), (table.name, item.name)
            assert label == item.title
    assert found == {}


@needs_r
def test_r_reads_back_what_load_gives(exported, seen):
    for table in exported.book.schema:
        header, *rows = lines(seen / f"{table.name}.csv")
        read = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {}
        for name, values in exported.cells(table.name).items() if rows else ():
            if table.field(name).type == "number":
                given = [None if cell.strip() in ("<NA>", "NA") else float(cell) for cell in read[name]]
                assert given == pytest.approx(values, nan_ok=True)
                continue
            written = [
                "<NA>" if value is None else "|".join(value) if isinstance(value, list) else str(value)
                for value in values
            ]
            assert list(read[name]) == written, (table.name, name)
        assert len(rows) == len(exported.book.load(table.name, alleged=True))


@needs_r
def test_r_leaves_out_what_is_only_alleged_as_load_does(exported, seen):
    kept = {table: int(rows) for table, rows in lines(seen / "kept.txt")[1:]}
    assert kept == {table.name: len(exported.book.load(table.name)) for table in exported.book.schema}
    assert kept["events"] < len(exported.book.load("events", alleged=True))


@pytest.mark.usefixtures("unchecked")
@needs_r
def test_no_text_of_the_codebook_breaks_the_script(folder, tmp_path):
    hostile = 'Né "a" \\\\ \U0001d54f \')"); quit(status = 7)'
    folder.own_schemas().replace(
        "schemas/channels.yaml", "title: Deniability", f"title: '{hostile.replace(chr(39), chr(39) * 2)}'"
    )
    book = folder.build()
    [target] = book.export(tmp_path / "out", "csv")
    assert (target / "read.R").read_text(encoding="ascii")
    look = 'source("read.R"); cat(enc2utf8(attr(casebook$channels$deniability, "label")))'
    done = subprocess.run(
        [R, "--vanilla", "-e", look],
        capture_output=True,
        check=False,
        cwd=target,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert (done.returncode, done.stdout.decode()) == (0, hostile)
