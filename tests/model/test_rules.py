"""Row rules asked of rows, whoever holds them."""

from dataclasses import replace

from casebook.model.integrity import broken_rules
from casebook.model.schema import Rule
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
