"""The script ``read.R`` beside the CSV files: base R reads them as the codebook means them, with no package.

What a CSV file cannot say stands in the script, written from the schema: types, categories in codebook order with their
labels, titles. It is pure ASCII, so that R reads it alike in every locale.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from casebook.model.schema import Field, Table

if TYPE_CHECKING:
    from casebook.book import Casebook

_HEAD = """\
# Reads {name} {version} in base R; no package is needed.
#
#   source("csv/read.R")                          # makes the list casebook, one data frame per table
#   table(casebook$channels$result)               # factors have their levels in codebook order
#   words <- read_casebook(labels = TRUE)         # the same with labels ("Agreement") in place of codes
#   attr(casebook$channels$result, "label")       # the title of a variable
#   every <- read_casebook(alleged = TRUE)        # also what only an unconfirmed source claims
#
# Ordinal variables are ordered factors, dates are Dates, yes and no are TRUE and FALSE, lists are list columns. Why a
# cell is NA is said in casebook$missing. Rows with status "alleged", and rows that belong to these, are left out; the
# CSV files hold them.

casebook_folder <- local({{
  sourced <- unlist(lapply(sys.frames(), function(frame) frame$ofile))
  started <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  dirname(normalizePath(c(rev(sourced), started, "read.R")[1]))
}})

"""
_TAIL = r"""
read_casebook <- function(folder = casebook_folder, labels = FALSE, alleged = FALSE) {
  items <- function(text) {
    if (is.na(text)) return(NA_character_)
    found <- regmatches(text, gregexpr('"([^"\\\\]|\\\\.)*"', text, perl = TRUE))[[1]]
    gsub("\\\\(.)", "\\1", substr(found, 2, nchar(found) - 1), perl = TRUE)
  }
  typed <- function(text, variable) {
    column <- switch(variable$type,
      factor = factor(text, names(variable$categories), if (labels) variable$categories else names(variable$categories),
                      ordered = variable$ordered),
      date = as.Date(text, format = "%Y-%m-%d"),
      boolean = text == "true",
      integer = as.integer(text),
      number = as.numeric(text),
      array = lapply(text, items),
      text)
    attr(column, "label") <- variable$title
    column
  }
  read <- function(table) read.csv(file.path(folder, paste0(table, ".csv")), colClasses = "character",
                                   na.strings = "", check.names = FALSE, encoding = "UTF-8")
  whole <- sapply(names(casebook_variables), read, simplify = FALSE)
  kept <- function(table) {
    data <- whole[[table]]
    above <- casebook_above[[table]]
    if ("alleged" %in% names(casebook_variables[[table]]$status$categories)) return(!data$status %in% "alleged")
    if (is.null(above)) return(rep(TRUE, nrow(data)))
    data[[above[["key"]]]] %in% whole[[above[["table"]]]][kept(above[["table"]]), above[["id"]]]
  }
  finished <- function(table) {
    data <- if (alleged) whole[[table]] else whole[[table]][kept(table), , drop = FALSE]
    rownames(data) <- NULL
    for (name in names(data)) data[[name]] <- typed(data[[name]], casebook_variables[[table]][[name]])
    data
  }
  sapply(names(casebook_variables), finished, simplify = FALSE)
}

casebook <- read_casebook()
"""


def r_script(book: Casebook) -> str:
    """The script for a casebook.

    Examples
    --------
    >>> from casebook.book import packaged_release
    >>> "read_casebook <- function" in r_script(packaged_release())
    True
    """
    about = book.metadata
    tables = ",\n".join(_table(table) for table in book.schema)
    above = ",\n".join(_above(table, book.schema.table(table.within)) for table in book.schema if table.within)
    lists = f"casebook_variables <- list(\n{tables}\n)\ncasebook_above <- list(\n{above}\n)\n"
    return f"{_HEAD.format(name=about.name, version=about.version)}{lists}{_TAIL}"


def _table(table: Table) -> str:
    variables = ",\n".join(f"    {_text(item.name)} = {_variable(item)}" for item in table.columns)
    return f"  {_text(table.name)} = list(\n{variables}\n  )"


def _above(table: Table, parent: Table) -> str:
    """Which row of another table a row lies within."""
    key = _text(table.keys_to(parent.name)[0])
    return f"  {_text(table.name)} = c(key = {key}, table = {_text(parent.name)}, id = {_text(parent.primary_key)})"


def _variable(item: Field) -> str:
    kind = "factor" if item.categories and item.type == "string" else item.type
    parts = [f"type = {_text(kind)}", f"title = {_text(item.title)}"]
    if kind == "factor":
        parts.append(f"ordered = {'TRUE' if item.level == 'ordinal' else 'FALSE'}")
        found = ", ".join(f"{_text(category.value)} = {_text(category.label)}" for category in item.categories)
        parts.append(f"categories = c({found})")
    return f"list({', '.join(parts)})"


def _text(text: str) -> str:
    """A text as R writes it, every character that is not ASCII by its number.

    Examples
    --------
    >>> print(_text('Né "a\\\\b"'))
    "N\\u00e9 \\"a\\\\b\\""
    """
    return "".join(
        letter if letter.isascii() else f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
        for letter in json.dumps(text, ensure_ascii=False)
    )
