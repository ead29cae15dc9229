"""A world changes what is read otherwise and what follows from it, and nothing else."""

import copy
import datetime as dt
import random
from functools import partial

import pandas as pd
import pytest

from casebook import qca
from casebook.errors import CasebookError
from casebook.model import conditions
from casebook.model.cells import Cell
from casebook.model.derivations import derive
from casebook.model.rendering import frame as make_frame
from casebook.worlds.alternatives import Scope, find
from casebook.worlds.stands import Stands
from casebook.worlds.worlds import Worlds

TABLES = ("cases", "channels", "events", "conditions", "missing")


@pytest.fixture(scope="module")
def worlds(tiny):
    return Worlds(tiny)


@pytest.fixture(scope="module")
def published(few):
    return Worlds(few)


def every(worlds, **scope):
    disputes = find(worlds.book.store, worlds.stands, worlds.variables, Scope(**scope))
    return [a for dispute in disputes for a in (*((dispute.coded,) if dispute.coded else ()), *dispute.rivals)]


def pick(worlds, variable, reads, **scope):
    return next(a for a in every(worlds, **scope) if (a.variable, a.reads) == (variable, reads))


def test_durations_follow_from_a_date(worlds, tiny):
    world = worlds.world([pick(worlds, "start", "1990-02").on(27)])
    channel = world.load("channels").iloc[0]
    assert channel["start_earliest"].date() == dt.date(1990, 2, 28)
    assert channel["start"] == "1990-02-28"
    assert (channel["existence_secrecy_days_min"], channel["existence_secrecy_days_max"]) == (93, 93)
    assert tiny.load("channels").iloc[0]["existence_secrecy_days_max"] == 120  # the coded casebook is as it was


def test_flags_reasons_and_conditions_follow_from_a_category(worlds, tiny):
    world = worlds.world([pick(worlds, "outcome", "no_agreement")])
    assert world.load("cases").iloc[0]["outcome"] == "no_agreement"
    assert tiny.load("cases")["durability_days"].notna().all()
    assert world.load("cases")["durability_days"].isna().all()
    assert world.reason("cases", "alpha-1990", "durability_days") == "not_applicable"
    missing = world.load("missing").set_index("missing_id")
    assert missing.loc["cases/alpha-1990#durability_days", ["case_id", "reason"]].tolist() == [
        "alpha-1990",
        "not_applicable",
    ]
    assert missing.dtypes.equals(tiny.load("missing").set_index("missing_id").dtypes)
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
    world = worlds.world([pick(worlds, "outcome", "no_agreement")])
    assert world.load("cases")[["was_settled", "was_well"]].to_numpy().tolist() == [[False, False]]
    assert ("cases", "was_well") in worlds.consequences(("cases", "outcome"))


def test_counts_follow_from_a_row_let_in(worlds):
    world = worlds.world([pick(worlds, "status", "established", alleged=True)])
    assert len(world.load("events")) == 2
    assert list(world.load("channels")["event_count"]) == [2]


def test_rows_within_a_row_that_is_left_out_are_left_out(worlds, tiny, monkeypatch):
    coded = tiny.store.read("channels")
    alleged = pick(worlds, "status", "established", alleged=True)
    assert coded["status"].iloc[0] == "established"
    gone = type(alleged)(
        Cell("channels", "alpha-1990/line", "status"),
        "established",
        "alleged",
        "rival",
        values={"status": "alleged"},
    )
    world = worlds.world([gone])
    assert len(world.load("channels")) == len(world.load("delegations")) == len(world.load("effects")) == 0
    assert len(world.load("channels", alleged=True)) == 1
    assert len(world.load("delegations", alleged=True)) == 1


def test_a_world_without_other_readings_equals_the_coded_casebook(worlds, tiny):
    world = worlds.world([])
    for table in TABLES:
        for options in ({"alleged": True}, {}, {"wide": True}):
            pd.testing.assert_frame_equal(world.load(table, **options), tiny.load(table, **options))


@pytest.mark.parametrize("seed", range(4))
def test_a_world_is_what_computing_everything_anew_would_give(published, seed):
    rng = random.Random(seed)
    chosen = {}
    for alternative in every(published, alleged=True):
        if rng.random() < 0.3:
            chosen[alternative.cell] = alternative.on(rng.randrange(alternative.day_count))
    world = published.world(chosen.values())
    book, schema = published.book, published.schema
    records = Stands(book.store)
    for table in schema.coded:
        for stand in records.rows[table.name].values():
            for item in table.fields:
                if item.derived and not any(schema.table(look.table).built for look in item.derived.looks):
                    stand.forget(column.name for column in item.expanded())
    for alternative in chosen.values():
        stand = records.row(alternative.table, alternative.row)
        names = [column.name for column in stand.table.field(alternative.variable).expanded()]
        stand.take(names, alternative.values, alternative.reasons)
    derive(records, book.metadata.reference_date)
    for table in schema.coded:
        coded = book.load(table.name, alleged=True)
        expected = make_frame(table, (stand.values for stand in records.rows[table.name].values()))
        untouched = [c.name for item in table.fields if not item.coded and not item.derived for c in item.expanded()]
        expected[untouched] = coded[untouched]
        pd.testing.assert_frame_equal(world.load(table.name, alleged=True), expected, check_index_type=False)
    reasons = {
        Cell(t.name, stand.id, name): reason
        for t in schema.coded
        for stand in records.rows[t.name].values()
        for name, reason in stand.reasons.items()
    }
    assert world.store.reasons == reasons
    missing = world.load("missing")
    cells = map(Cell, missing["table"], missing["row"], missing["variable"])
    assert dict(zip(cells, missing["reason"], strict=True)) == reasons
    cases = {(t.name, stand.id): stand.case for t in schema.coded for stand in records.rows[t.name].values()}
    known = missing["case_id"].astype(object).where(missing["case_id"].notna(), None)
    assert list(known) == [cases[place] for place in zip(missing["table"], missing["row"], strict=True)]
    memberships = list(conditions.calibrate(conditions.declared(schema.table("conditions")), records))
    pd.testing.assert_frame_equal(world.load("conditions"), make_frame(schema.table("conditions"), memberships))


def test_a_table_loaded_fast_is_the_table_loaded_in_full(published):
    rng = random.Random(1)
    chosen = {a.cell: a for a in every(published, alleged=True, dates=False) if rng.random() < 0.5}
    world = published.world(chosen.values())
    for table in published.schema:
        for alleged in (True, False):
            slow = type(published.book.store).load(world.store, table, alleged=alleged)
            pd.testing.assert_frame_equal(world.load(table.name, alleged=alleged), slow)


def said(analysis):
    """Everything that an analysis says, or why it cannot."""
    try:
        result = analysis()
    except CasebookError as error:
        return str(error), []
    tables = [result.truth_table, result.solutions, result.necessity, result.memberships, result.typology()]
    return (result.conclusions(), result.set_aside, result.models), tables


def alike(one, other):
    assert one[0] == other[0]
    for mine, theirs in zip(one[1], other[1], strict=True):
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True, check_names=False, check_index_type=False)


def from_the_table(world, name, alleged, options):
    """A declared analysis of what the table ``conditions`` of a world says."""
    declared = world.schema.table("conditions")
    known, asked = conditions.declared(declared), conditions.analyses(declared)[name]
    unit = known[asked.outcome].table
    long = world.load("conditions")
    wide = long[long["table"] == unit].pivot(index="row", columns="condition", values="membership")
    rows = world.load(unit, alleged=alleged)[world.schema.table(unit).primary_key]
    expect = {condition: known[condition].expect for condition in asked.conditions}
    return qca.solve(wide.loc[list(rows)], asked.outcome, asked.conditions, expect=expect, unit=unit, **options)


@pytest.mark.parametrize("alleged", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_an_analysis_in_a_world_is_that_of_the_tables_of_the_world(published, seed, alleged):
    rng = random.Random(seed)
    chosen = {a.cell: a for a in every(published, alleged=True, dates=False) if rng.random() < (0.02, 0.3)[seed % 2]}
    world = published.world(chosen.values())
    written = copy.copy(published.book)
    frames = {table.name: world.load(table.name, alleged=True) for table in published.schema}
    written.store = published.book.store.altered(frames)
    for name in conditions.analyses(published.schema.table("conditions")):
        options = {"negate": rng.random() < 0.5, "enhanced": rng.random() < 0.5, "consistency": rng.choice([0.7, 0.8])}
        here = said(partial(qca.analyze, name, book=world, alleged=alleged, **options))
        alike(here, said(partial(qca.analyze, name, book=written, alleged=alleged, **options)))
        alike(here, said(partial(from_the_table, world, name, alleged, options)))


def test_an_analysis_in_a_world_does_not_change_the_casebook_as_coded(published):
    before = said(lambda: qca.analyze("settlement", book=published.book))
    chosen = {a.cell: a for a in every(published, alleged=True, dates=False) if a.table in ("cases", "channels")}
    changed = said(lambda: qca.analyze("settlement", book=published.world(chosen.values())))
    assert changed[0] != before[0]
    alike(said(lambda: qca.analyze("settlement", book=published.book)), before)


def test_a_derived_value_that_follows_from_a_derived_value_changes_too(folder):
    folder.own_schemas().replace(
        "schemas/cases.yaml",
        "  - name: durability_days\n",
        "  - name: any_agreement\n"
        "    type: boolean\n"
        "    title: Agreement\n"
        "    description: Whether there is one.\n"
        "    casebook: {derived: {is: {outcome: [partial_settlement]}}}\n"
        "  - name: some_agreement\n"
        "    type: boolean\n"
        "    title: The same\n"
        "    description: Whether there is one.\n"
        "    casebook: {derived: {is: {any_agreement: ['yes']}}}\n"
        "  - name: durability_days\n",
    )
    worlds = Worlds(folder.build())
    assert worlds.book.load("cases").loc[0, ["any_agreement", "some_agreement"]].tolist() == [True, True]
    world = worlds.world([pick(worlds, "outcome", "no_agreement")])
    assert world.load("cases").loc[0, ["any_agreement", "some_agreement"]].tolist() == [False, False]
    assert ("cases", "some_agreement") in worlds.consequences(("cases", "outcome"))


def test_consequences_are_the_declared_ones(worlds):
    found = worlds.consequences(("cases", "outcome"))
    assert ("cases", "durability_days_max") in found
    assert ("conditions", "settled") in found
    assert ("channels", "event_count") in worlds.consequences(("events", "status"))
    assert ("conditions", "top_level") in worlds.consequences(("delegations", "proximity"))
