"""Declarations of conditions are checked like schemas: all problems, with file and line."""

import pytest

from casebook.authoring.schemas import read_schema
from casebook.errors import InvalidCasebookError

FILE = "schemas/conditions.yaml"
GOOD = """\
conditions:
  - name: settled
    title: Settled
    table: cases
    role: outcome
    reason: What was agreed.
    levels:
      outcome: {no_agreement: 0, framework_agreement: 0.33, partial_settlement: 0.67, comprehensive_settlement: 1}
  - name: hurts
    title: Stalemate
    table: cases
    role: condition
    expect: present
    reason: Ripeness.
    crisp:
      stalemate: [mutual]
  - name: pressed
    title: Deadline
    table: cases
    role: condition
    expect: present
    reason: Time.
    crisp:
      deadline: ["yes"]
analyses:
  - name: settlement
    title: When?
    outcome: settled
    conditions: [hurts, pressed]
    reason: Theory.
"""


def problems(folder, old="", new=""):
    folder.own_schemas().write(FILE, GOOD).replace(FILE, old, new)
    with pytest.raises(InvalidCasebookError) as caught:
        read_schema(folder.path / "schemas")
    return [str(problem).replace(f"{folder.path}/", "") for problem in caught.value.problems]


def test_declared_conditions_are_categories_of_the_table(folder):
    folder.own_schemas().write(FILE, GOOD)
    table = read_schema(folder.path / "schemas").table("conditions")
    assert table.field("condition").values == ["settled", "hurts", "pressed"]
    assert table.field("condition").label("hurts") == "Stalemate"
    assert table.analyses[0].conditions == ["hurts", "pressed"]


def test_without_declarations_the_table_is_empty(folder):
    folder.own_schemas()
    (folder.path / FILE).unlink()
    assert folder.build().load("conditions").empty


def test_without_the_table_declarations_cannot_be_used(folder):
    folder.own_schemas()
    (folder.path / "schemas/conditions.table.yaml").unlink()
    message = "there is no conditions.table.yaml here; copy it from the packaged schemas"
    assert folder.problems() == [f"schemas/conditions.yaml:1: conditions: {message}"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("table: cases", "table: casse", "4: conditions.settled: unknown table 'casse'; did you mean 'cases'?"),
        ("role: outcome", "role: result", "conditions.settled: unknown role 'result'"),
        ("    expect: present\n", "", "conditions.hurts: expect is not given"),
        ("expect: present", "expect: presnt", "unknown expect 'presnt'; did you mean 'present'?"),
        ("    role: outcome\n", "    role: outcome\n    expect: absent\n", "not expected of itself"),
        (
            "stalemate: [mutual]",
            "stalemat: [mutual]",
            "'stalemat' is not a variable of cases; did you mean 'stalemate'?",
        ),
        ("stalemate: [mutual]", "stalemate: [mutul]", "unknown category mutul of stalemate; did you mean 'mutual'?"),
        ("stalemate: [mutual]", "stalemate: mutual", "stalemate: expected [none] or the like"),
        ("stalemate: [mutual]", "parties.kind: [state]", "'parties' is not a table to which cases points"),
        ("stalemate: [mutual]", "title: [x]", "title has no categories"),
        ("no_agreement: 0, ", "", "category no_agreement of outcome has no membership"),
        ("0.33", "0.5", "0.5 is no membership"),
        ("0.33", "1.5", "1.5 is no membership"),
        ("0.33", "some", "some is not a number such as 0.67"),
        ("    crisp:\n      stalemate: [mutual]", "    some: {}", "some maps variables"),
        ("    crisp:\n      stalemate: [mutual]\n", "", "membership needs one rule"),
        (
            "    crisp:\n      stalemate",
            "    across: parties\n    crisp:\n      stalemate",
            "across goes with every or some",
        ),
        ("crisp:\n      stalemate: [mutual]", "every: {kind: [state]}", "every needs across"),
        (
            "crisp:\n      stalemate: [mutual]",
            "across: sources\n    some: {kind: [memoir]}",
            "unknown across 'sources'",
        ),
        ("crisp:\n      stalemate: [mutual]", "anchors: {stalemate: {out: 0, crossover: 1, full: 2}}", "is no number"),
        (
            "crisp:\n      stalemate: [mutual]",
            "anchors: {channel_count: {out: 0, crossover: 3, full: 2}}",
            "lies between",
        ),
        ("crisp:\n      stalemate: [mutual]", "anchors: {channel_count: {out: 0, full: 2}}", "expected {out: …"),
        ("name: pressed", "name: hurts", "the name stands twice"),
        ("name: pressed", "name: Pressed", "cannot be a name"),
        ("title: Stalemate", "titel: Stalemate", "unknown key 'titel'; did you mean 'title'?"),
        ("[hurts, pressed]", "[hurts]", "at least two names"),
        ("[hurts, pressed]", "[hurts, presed]", "'presed' is not a condition of cases; did you mean 'pressed'?"),
        ("[hurts, pressed]", "[hurts, hurts]", "'hurts' stands twice"),
        ("outcome: settled", "outcome: hurts", "unknown outcome 'hurts'"),
        ("analyses:\n", "analyses: none\nmore:\n", "unknown key 'more'"),
        ("conditions:\n", "conditions: none\nrest:\n", "expected a list"),
    ],
)
def test_what_cannot_be_computed_is_refused(folder, old, new, message):
    found = problems(folder, old, new)
    assert any(message in problem and problem.startswith("schemas/conditions.yaml:") for problem in found), found
