"""A world changes what is read otherwise and what follows from it, and nothing else."""

import datetime as dt

import pytest
from support import ROOT

from casebook.errors import UnknownNameError
from casebook.worlds.worlds import Worlds

CASE = "cases/alpha-1990/case.yaml"
TABLES = ("cases", "channels", "events", "conditions", "missing")


@pytest.fixture(scope="module")
def worlds(tiny):
    return Worlds(tiny)


def pick(worlds, variable, reads, **options):
    return next(r for r in worlds.readings(**options) if (r.variable, r.reads) == (variable, reads))


def test_rival_readings_are_found(worlds):
    found = worlds.readings(dates=False)
    assert [str(r) for r in found] == ["cases alpha-1990, outcome: no_agreement instead of partial_settlement"]
    assert found[0].confidence == "low"
    assert worlds.readings(dates=False, min_confidence="medium") == []


def test_inexact_dates_run_over_their_bounds(worlds):
    found = [(r.table, r.reads) for r in worlds.readings() if r.kind == "bound" and r.variable == "start"]
    assert found == [("channels", "1990-02-01"), ("channels", "1990-02-28")]


def test_alleged_rows_can_be_let_in(worlds):
    assert [r.row for r in worlds.readings(alleged=True) if r.kind == "alleged"] == ["alpha-1990/1990-03-rumor"]


def test_unknown_choices_are_answered(worlds):
    with pytest.raises(UnknownNameError, match="confidence 'lo'"):
        worlds.readings(min_confidence="lo")
    with pytest.raises(UnknownNameError, match="case 'beta'"):
        worlds.readings(cases=["beta"])


def test_durations_follow_from_a_date(worlds, tiny):
    world = worlds.world([pick(worlds, "start", "1990-02-28")], TABLES)
    channel = world.load("channels").iloc[0]
    assert channel["start_earliest"].date() == dt.date(1990, 2, 28)
    assert (channel["existence_secrecy_days_min"], channel["existence_secrecy_days_max"]) == (93, 93)
    assert tiny.load("channels").iloc[0]["existence_secrecy_days_max"] == 120  # the coded casebook is as it was


def test_flags_reasons_and_conditions_follow_from_a_category(worlds, tiny):
    world = worlds.world([pick(worlds, "outcome", "no_agreement")], TABLES)
    case = world.load("cases").iloc[0]
    assert case["outcome"] == "no_agreement"
    assert case["durability_days"] is not None
    assert world.load("cases")["durability_days"].isna().all()
    assert world.reason("cases", "alpha-1990", "durability_days") == "not_applicable"
    assert "durability_days" in set(world.load("missing")["variable"])
    memberships = world.load("conditions").set_index("condition")["membership"]
    assert memberships["settled"] == 0
    assert tiny.load("conditions").set_index("condition")["membership"]["settled"] == 0.67


def test_what_follows_from_what_follows_is_computed_anew(folder):
    folder.own_schemas()
    chain = ""
    for name, source, value in (("was_settled", "outcome", "partial_settlement"), ("was_well", "was_settled", "'yes'")):
        chain += f"  - name: {name}\n    type: boolean\n    title: {name}\n    description: A flag.\n"
        chain += f"    casebook: {{derived: {{is: {{{source}: [{value}]}}}}}}\n"
    folder.replace("schemas/cases.yaml", "  - name: narrative\n", f"{chain}  - name: narrative\n")
    book = folder.build()
    assert book.load("cases")[["was_settled", "was_well"]].to_numpy().tolist() == [[True, True]]
    worlds = Worlds(book)
    world = worlds.world([pick(worlds, "outcome", "no_agreement")], TABLES)
    assert world.load("cases")[["was_settled", "was_well"]].to_numpy().tolist() == [[False, False]]
    assert ("cases", "was_well") in worlds.consequences(("cases", "outcome"))


def test_counts_follow_from_a_row_let_in(worlds):
    world = worlds.world([pick(worlds, "status", "established", alleged=True)], TABLES)
    assert len(world.load("events")) == 2
    assert list(world.load("channels")["event_count"]) == [2]


def test_a_world_without_other_readings_equals_the_coded_casebook(worlds, tiny):
    world = worlds.world([], TABLES)
    for table in TABLES:
        assert world.load(table, alleged=True).equals(tiny.load(table, alleged=True))


def test_recomputing_everything_changes_nothing_in_the_packaged_casebook():
    import casebook

    book = casebook.open(ROOT / "data")
    packaged = Worlds(book)
    before = {key: row.copy() for key, row in packaged.stands.rows["channels"].items()}
    for row in packaged.stands.rows["channels"].values():
        for item in row.table.fields:
            if item.derived:
                row.forget(item)
                item.derived.compute(row, item, packaged.stands, book.metadata.reference_date)
    assert {key: row.values for key, row in packaged.stands.rows["channels"].items()} == {
        key: row.values for key, row in before.items()
    }


def test_consequences_are_the_declared_ones(worlds):
    found = worlds.consequences(("cases", "outcome"))
    assert ("cases", "durability_days_max") in found
    assert ("conditions", "settled") in found
    assert ("channels", "event_count") in worlds.consequences(("events", "status"))
    assert ("conditions", "top_level") in worlds.consequences(("delegations", "proximity"))


def test_readings_that_break_a_rule_do_not_stand_alone(worlds):
    reading = pick(worlds, "outcome", "no_agreement")
    assert worlds.stands_alone(reading, {("cases", "outcome")})
    # Without an agreement there is no form of it; an analysis that uses both would see an impossible row.
    assert not worlds.stands_alone(reading, {("cases", "outcome"), ("cases", "outcome_form")})
    assert worlds.variants([reading], {("cases", "outcome"), ("cases", "outcome_form")}, 0) == [[()]]


def test_rows_with_too_many_combinations_are_sampled(worlds, monkeypatch):
    monkeypatch.setattr("casebook.worlds.worlds.MAX_VARIANTS", 3)
    readings = [r for r in worlds.readings() if r.table == "channels"]
    groups = worlds.variants(readings, {("channels", "start")}, 0)
    assert len(groups) == 1
    assert groups[0][0] == ()
    assert len(groups[0]) <= 4
