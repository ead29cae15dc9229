"""Memberships follow from coded values; what is missing stays missing for its reason, unless it cannot matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.model.conditions import Condition, declared, direct

CHANNELS = "cases/alpha-1990/channels.yaml"


def memberships(book):
    return book.load("conditions").set_index("condition")[["membership", "reason"]]


def test_memberships_are_computed_at_build(tiny):
    found = memberships(tiny)["membership"]
    assert found["settled"] == 0.67
    assert found["stalemate_hurts"] == 1
    assert found["deadline_presses"] == 1
    assert found["asymmetric"] == 0
    assert found["third_party_active"] == 0
    assert found["deniable"] == 0.67
    assert found["ripe_case"] == 1  # a variable of the parent row


def test_rows_are_judged_across_their_children(folder):
    assert memberships(folder.build())["membership"]["top_level"] == 1
    book = folder.replace(CHANNELS, "proximity: confidant", "proximity: outside_envoy").build()
    assert memberships(book)["membership"]["top_level"] == 0


def test_a_missing_value_gives_a_missing_membership_with_its_reason(folder):
    book = folder.replace(CHANNELS, "proximity: confidant", "proximity: unknown").build()
    assert memberships(book).loc["top_level"].isna()["membership"]
    assert memberships(book).loc["top_level", "reason"] == "unknown"


def test_declarations_travel_with_the_built_casebook(tiny):
    known = declared(tiny.schema.table("conditions"))
    assert known["top_level"].across == "delegations"
    assert known["top_level"].crisp
    assert not known["deniable"].crisp
    assert known["top_level"] == Condition.from_descriptor(known["top_level"].to_descriptor())
    assert list(known["ripe_case"].uses) == [("cases", "stalemate")]


def test_conditions_need_no_python(folder):
    folder.own_schemas()
    addition = """\
  - name: walked_in
    title: One side opened it
    table: channels
    role: condition
    expect: either
    reason: For the test.
    crisp:
      initiator: [one_side]
      venue: [remote]
analyses:
"""
    book = folder.replace("schemas/conditions.yaml", "analyses:\n", addition).build()
    assert memberships(book)["membership"]["walked_in"] == 1
    assert "One side opened it" in str(book.codebook("conditions", "condition"))


def test_log_odds_run_straight_between_the_anchors():
    # Halfway from crossover to full the odds are the square root of 0.95 / 0.05, that is of 19.
    assert direct(70, out=10, crossover=40, full=100) == pytest.approx(19**0.5 / (1 + 19**0.5), abs=1e-6)
    assert direct(25, out=10, crossover=40, full=100) == pytest.approx(1 / (1 + 19**0.5), abs=1e-6)


def test_anchors_may_fall():
    assert [direct(days, out=100, crossover=40, full=10) for days in (100, 40, 10)] == [0.05, 0.5, 0.95]
    assert direct(10_000_000, out=100, crossover=40, full=10) < 0.001


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_membership_rises_with_the_value(low, high):
    low, high = sorted((low, high))
    first, second = (direct(value, out=0, crossover=100, full=1000) for value in (low, high))
    assert 0 <= first <= second <= 1


def test_some_is_true_with_one_true_row_and_open_where_it_could_still_be(folder):
    folder.own_schemas()
    text = """\
  - name: gives_security
    title: Agreed on security
    table: channels
    role: condition
    expect: either
    reason: For the test.
    across: terms
    some:
      issue: [security]
  - name: gives_land
    title: Agreed on land
    table: channels
    role: condition
    expect: either
    reason: For the test.
    across: terms
    some:
      issue: [territory]
  - name: gives_kept
    title: A term was kept
    table: channels
    role: condition
    expect: either
    reason: For the test.
    across: terms
    some:
      fulfilled: [none]
analyses:
"""
    folder.replace("schemas/conditions.yaml", "analyses:\n", text)
    folder.replace("cases/alpha-1990/terms.yaml", "fulfilled: full", "fulfilled: unknown")
    found = memberships(folder.build())
    assert found["membership"]["gives_security"] == 1
    assert found["membership"]["gives_land"] == 0
    assert found["reason"]["gives_kept"] == "unknown"


def test_every_row_of_none_is_not_applicable(folder):
    text = folder.read(CHANNELS)
    start, end = text.index("  delegations:"), text.index("  roles:")
    book = folder.write(CHANNELS, text[:start] + text[end:]).build()
    assert memberships(book)["reason"]["top_level"] == "not_applicable"


def test_fractions_survive_digest_and_exports(tiny, tmp_path):
    import pyreadstat

    tiny.export(tmp_path, ["stata", "spss"])
    for path, read in (
        (next(tmp_path.rglob("conditions.dta")), pyreadstat.read_dta),
        (next(tmp_path.rglob("conditions.sav")), pyreadstat.read_sav),
    ):
        frame, _ = read(str(path))
        assert 0.67 in list(frame["membership"].round(6)), path
