"""Row rules asked of rows, whoever holds them; and what columns demand of cells."""

from dataclasses import replace

import pytest

from casebook.errors import CasebookError
from casebook.model.constraints import check_cells
from casebook.model.demands import Rule
from casebook.model.integrity import broken_rules
from casebook.releases.records import BuiltRow


def broken(schema, rule, rows, **how):
    """The identifiers of the channels that break a rule, of rows given as values and reasons."""
    table = replace(schema.tables["channels"], rules=(rule,))
    made = {
        name: {key: BuiltRow(schema.tables[name], key, None, *parts) for key, parts in found.items()}
        for name, found in rows.items()
    }
    return [(found.name, row.id) for found, row in broken_rules(table, made, **how)]


def test_a_rule_looks_at_the_row_above(tiny):
    rule = Rule("r", "", when={"cases.outcome": ["agreement"]}, require={"result": ["used"]})
    channels = {name: ({"case_id": name[0], "result": "none"}, {}) for name in ("a/x", "b/x", "c/x")}
    cases = {"a": ({"outcome": "agreement"}, {}), "b": ({"outcome": "war"}, {})}
    assert broken(tiny.schema, rule, {"channels": channels, "cases": cases}) == [("r", "a/x")]
    assert broken(tiny.schema, rule, {"channels": channels}) == []


def test_an_empty_cell_has_the_benefit_of_the_doubt_where_no_reasons_are_known(tiny):
    rule = Rule("r", "", when={"start": "unknown"}, require={"result": ["used"]})
    gone, unknown = {"result": "not_applicable"}, {"start": "unknown"}
    channels = {"a/x": ({}, gone | unknown), "a/y": ({}, unknown), "a/z": ({}, gone)}
    assert broken(tiny.schema, rule, {"channels": channels}) == [("r", "a/x")]
    assert broken(tiny.schema, rule, {"channels": channels}, explained=False) == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("result", "victory", "'victory' is not a category of the codebook"),
        ("meetings_min", -1, "-1 breaks minimum 0"),
        ("channel_id", None, "is empty, and a value is required"),
    ],
)
def test_a_cell_that_its_column_cannot_have_is_refused(tiny, name, value, message):
    table, columns = tiny.schema.tables["channels"], dict(tiny.store.lists("channels"))
    check_cells(table, columns)
    columns[name] = [value, *columns[name][1:]]
    with pytest.raises(CasebookError, match=f"channels.{name}: {message}"):
        check_cells(table, columns)
