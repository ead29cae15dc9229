"""Every kind of derivation, on a few rows written by hand, and as a schema declares it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest

from casebook.model.declaring import parse_derivation
from casebook.model.derivations import Index, coded_behind, derive, following
from casebook.model.descriptor import field_descriptor, parse_table
from casebook.model.schema import Schema, Table
from casebook.model.values import parse

DAY = dt.date(2020, 1, 1)


def column(name: str, type_: str = "string", **more: Any) -> dict[str, Any]:
    categories = [{"value": value, "label": value, "description": value} for value in more.pop("of", [])]
    extra = {"categories": categories, "categoriesOrdered": True} if categories else {}
    return {"name": name, "type": type_, "title": name, "description": name, "casebook": more, **extra}


def a_table(name: str, *columns: dict[str, Any], **keys: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": name,
        "description": name,
        "primaryKey": "id",
        "fields": [column("id"), *columns, *(column(key) for key in keys)],
        "foreignKeys": [{"fields": key, "reference": {"resource": to, "fields": "id"}} for key, to in keys.items()],
    }


BEST = {"from": "lines", "take": "size", "where": {"main": ["yes"]}}
PRESSED = {"overlap": "spans", "through": "dispute", "span": ["known", "date"], "at": "start"}
AGREED = {"every": "sides", "is": {"mandate": ["yes"]}, "where": {"standing": ["principal"]}, "least": "2"}
STANDING = {"lookup": "parties", "key": "party", "take": "standing"}
ROLES = ["none", "host", "guarantor"]
DECLARED = {
    "disputes": [a_table("disputes", column("best", derived=BEST))],
    "spans": [a_table("spans", column("known", edtf=True), column("date", edtf=True), dispute="disputes")],
    "parties": [a_table("parties", column("standing", of=["principal", "other"]))],
    "lines": [
        a_table(
            "lines",
            column("main", "boolean"),
            column("start", edtf=True),
            column("end", edtf=True),
            column("known", edtf=True),
            column("owed", edtf=True),
            column("size", of=["small", "large"]),
            column("pressed", "boolean", derived=PRESSED),
            column("exposed", of=["no", "unclear", "yes"], derived={"precedes": ["known", "end"]}),
            column("agreed", "boolean", derived=AGREED),
            column("most", of=ROLES, derived={"highest": "sides", "take": "role", "none": "none"}),
            column(
                "kind",
                of=["a", "b"],
                derived={
                    "choose": [
                        {"value": "not_applicable", "when": {"main": "missing"}},
                        {"value": "a", "when": {"size": ["large"]}},
                        {"value": "b"},
                    ]
                },
            ),
            column("lasted", "integer", derived={"days": ["start", "end"], "until": ["owed", "reference_date"]}),
            dispute="disputes",
        )
    ],
    "sides": [
        a_table(
            "sides",
            column("mandate", "boolean"),
            column("role", of=ROLES),
            column("standing", of=["principal", "other"], derived=STANDING),
            line="lines",
            party="parties",
        )
    ],
}


@dataclass
class Row:
    table: Table
    id: str
    case: str | None
    values: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


class Book:
    """Rows of the tables above, with the derived values in them."""

    def __init__(self, **rows: list[dict[str, str]]) -> None:
        self.schema = Schema({name: parse_table(table) for name, (table,) in DECLARED.items()})
        self.rows = {name: {row["id"]: self._row(name, row) for row in rows.get(name, [])} for name in DECLARED}
        self.index = Index(self.rows)
        derive(self, DAY)

    def _row(self, name: str, given: dict[str, str]) -> Row:
        row = Row(self.schema.tables[name], given["id"], None)
        for key, text in given.items():
            if text in ("unknown", "not_applicable"):
                row.reasons[key] = text
            else:
                row.values.update(parse(row.table.field(key), text))
        return row

    def says(self, table: str, row: str, name: str) -> Any:
        """The value, or the reason why there is none."""
        found = self.rows[table][row]
        return found.values.get(name, found.reasons.get(name))


def line(**values: str) -> dict[str, str]:
    return {"id": "x", "dispute": "d", "main": "yes", "start": "2000-06-01", "size": "small", **values}


def book(*sides: dict[str, str], spans: list[dict[str, str]] | None = None, **values: str) -> Book:
    parties = [
        {"id": "us", "standing": "principal"},
        {"id": "them", "standing": "principal"},
        {"id": "ally", "standing": "other"},
    ]
    numbered = [{"id": str(number), "line": "x", **side} for number, side in enumerate(sides)]
    spans = [{"id": str(number), "dispute": "d", **span} for number, span in enumerate(spans or [])]
    return Book(disputes=[{"id": "d"}], parties=parties, lines=[line(**values)], sides=numbered, spans=spans)


def test_a_value_of_the_row_to_which_a_key_leads():
    assert book({"party": "ally"}).says("sides", "0", "standing") == "other"
    assert book({"party": "unknown"}).says("sides", "0", "standing") == "unknown"


@pytest.mark.parametrize(
    ("sides", "says"),
    [
        ([("us", "yes"), ("them", "yes")], True),
        ([("us", "yes"), ("them", "no")], False),
        ([("us", "unknown"), ("them", "no")], False),
        ([("us", "unknown"), ("them", "yes")], "unknown"),
        ([("us", "yes")], "not_applicable"),
        ([("us", "yes"), ("them", "yes"), ("ally", "no")], True),
    ],
)
def test_every_row_concerned_must_be_so_and_there_must_be_enough(sides, says):
    found = book(*({"party": party, "mandate": mandate} for party, mandate in sides))
    assert found.says("lines", "x", "agreed") == says


def test_the_highest_of_the_rows_is_by_the_order_of_the_codebook():
    assert book({"role": "guarantor"}, {"role": "host"}).says("lines", "x", "most") == "guarantor"
    assert book().says("lines", "x", "most") == "none"
    assert book({"role": "host"}, {"role": "unknown"}).says("lines", "x", "most") == "unknown"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"size": "large"}, "a"),
        ({"size": "small"}, "b"),
        ({"size": "unknown"}, "unknown"),
        ({"size": "not_applicable"}, "b"),
        ({"main": "unknown", "size": "large"}, "not_applicable"),
    ],
)
def test_the_first_choice_that_holds_is_taken_and_an_unknown_value_leaves_it_open(values, says):
    assert book(**values).says("lines", "x", "kind") == says


@pytest.mark.parametrize(
    ("known", "end", "says"),
    [
        ("2001", "2002", "yes"),
        ("2002-05-01", "2002-05-01", "no"),
        ("2003", "2002", "no"),
        ("2002", "2002-05", "unclear"),
        ("unknown", "2002", "unclear"),
        ("not_applicable", "2002", "no"),
        ("../2001", "2002", "yes"),
    ],
)
def test_which_date_comes_first_is_said_only_where_the_bounds_settle_it(known, end, says):
    assert book(known=known, end=end).says("lines", "x", "exposed") == says


@pytest.mark.parametrize(
    ("span", "says"),
    [
        (("2000-05-01", "2000-07-01"), True),
        (("2000-07-01", "2000-08-01"), False),
        (("1999", "2000-05-31"), False),
        (("../2000-05-01", "2000-06"), True),
    ],
)
def test_a_date_falls_into_the_span_of_a_row_beside_it(span, says):
    assert book(spans=[dict(zip(("known", "date"), span, strict=True))]).says("lines", "x", "pressed") is says


def test_without_a_date_it_is_not_known_whether_it_falls_into_a_span():
    assert book(start="unknown").says("lines", "x", "pressed") == "unknown"


def test_a_value_of_the_one_row_that_is_meant():
    assert book(size="large").says("disputes", "d", "best") == "large"
    assert book(main="no").says("disputes", "d", "best") == "unknown"
    assert Book(disputes=[{"id": "d"}]).says("disputes", "d", "best") == "not_applicable"


def test_days_run_to_the_first_known_of_the_dates_that_end_them():
    assert book(end="not_applicable", owed="2000-06-11").says("lines", "x", "lasted") == 10
    assert (
        book(end="not_applicable", owed="not_applicable").says("lines", "x", "lasted")
        == (DAY - dt.date(2000, 6, 1)).days
    )
    assert book(end="2000-06-02", owed="2000-06-11").says("lines", "x", "lasted") == 1
    assert book(end="unknown", owed="2000-06-11").says("lines", "x", "lasted") == "unknown"


def test_a_change_is_followed_through_lookups_spans_and_chosen_rows():
    schema = book().schema
    names = {(table.name, item.name) for table, item in following(schema, [("parties", "standing")])}
    assert names == {("sides", "standing"), ("lines", "agreed")}
    assert {i.name for _, i in following(schema, [("spans", "date")])} == {"pressed"}
    assert ("disputes", "best") in {(t.name, i.name) for t, i in following(schema, [("lines", "size")])}


def test_what_is_computed_rests_on_coded_variables_at_any_remove():
    schema = book().schema
    assert coded_behind(schema, ("lines", "agreed")) == {
        ("sides", "mandate"),
        ("parties", "standing"),
        ("sides", "party"),
    }
    assert coded_behind(schema, ("lines", "start_earliest")) == {("lines", "start")}


def test_every_declaration_reads_back_as_it_was_written():
    for (table,) in DECLARED.values():
        for item in table["fields"]:
            if rule := item["casebook"].get("derived"):
                read = parse_table({**table, "fields": [item]}).fields[0]
                assert read.derived == parse_derivation(rule)
                assert read.derivation == field_descriptor(read)["casebook"]["derived"]
