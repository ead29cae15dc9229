"""Worlds pick from independent dimensions; what belongs together is in one."""

import datetime as dt
from collections import Counter
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casebook.model.cells import Cell
from casebook.model.demands import Rule
from casebook.model.rules import broken
from casebook.worlds.alternatives import Alternative, Dispute
from casebook.worlds.coherence import Coherence, keeps
from casebook.worlds.dimensions import Listed, Wide, by_source, dimensions
from casebook.worlds.weights import Scheme, by_confidence
from casebook.worlds.worlds import Worlds

EQUAL = Scheme("equal")
ROW = "alpha-1990"


def rival(variable, reads, confidence="low", sources=("roe2002rival",), days=None, values=None, coded="none"):
    cell = Cell("cases", ROW, variable)
    return Alternative(cell, coded, reads, "rival", confidence, sources, values or {variable: reads}, {}, days)


def dispute(*rivals, coded=None):
    return Dispute(rivals[0].cell if rivals else coded.cell, coded, rivals)


@pytest.fixture(scope="module")
def worlds(tiny):
    return Worlds(tiny)


def coherence(worlds, *variables):
    return Coherence(worlds.stands, {("cases", name) for name in variables})


def drawn(dimension, scheme, count):
    uniform = np.random.default_rng(0).random(count)
    return Counter(dimension.draw(scheme, uniform, Random))


def test_values_that_no_rule_binds_are_apart(worlds):
    found = dimensions(
        [dispute(rival("stalemate", "none")), dispute(rival("violence", "ongoing"), rival("violence", "threatened"))],
        coherence(worlds, "stalemate", "violence"),
        None,
    )
    assert [(d.name, d.size) for d in found] == [("alpha-1990, stalemate", 2), ("alpha-1990, violence", 3)]
    assert found[1].weights(by_confidence({})).tolist() == pytest.approx([0.95, 0.025, 0.025])
    assert found[1].weights(EQUAL).tolist() == pytest.approx([1 / 3] * 3)
    assert [found[1].taken(key)[0].reads for key in found[1].keys()[1:]] == ["ongoing", "threatened"]
    assert found[1].taken(None) == found[1].taken(0) == ()


def test_values_that_a_rule_binds_are_together_and_keep_it(worlds):
    # Without an agreement there is no form of it.
    readings = [
        dispute(rival("outcome", "no_agreement")),
        dispute(rival("outcome_form", "written_public")),
    ]
    (bound,) = dimensions(readings, coherence(worlds, "outcome", "outcome_form"), None)
    assert [[a.reads for a in bound.taken(key)] for key in range(bound.size)] == [[], ["written_public"]]
    free = dimensions(readings[:1], coherence(worlds, "outcome"), None)
    assert free[0].size == 2, "a rule binds only what can be read otherwise"
    assert not coherence(worlds, "outcome", "outcome_form").keeps((rival("outcome", "no_agreement"),))


def test_draws_follow_the_weights(worlds):
    (found,) = dimensions([dispute(rival("stalemate", "none", "high"))], coherence(worlds, "stalemate"), None)
    counts = drawn(found, by_confidence({}), 10_000)
    assert counts[1] / 10_000 == pytest.approx(0.3, abs=0.02)


def day(variable, first, last):
    days = (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    values = {variable: first, f"{variable}_earliest": days[0], f"{variable}_latest": days[1]}
    return Alternative(Cell("cases", ROW, variable), first, first, "day", days=days, values=values)


def test_days_that_an_order_binds_are_drawn_in_that_order(worlds):
    rules = coherence(worlds, "start", "end")
    few = [
        dispute(coded=day("start", "1990-03-01", "1990-03-04")),
        dispute(coded=day("end", "1990-03-02", "1990-03-03")),
    ]
    (listed,) = dimensions(few, rules, None)
    assert isinstance(listed, Listed)
    assert listed.size == 2 + 3
    assert {tuple(a.reads for a in listed.taken(key)) for key in listed.ends} == {
        ("1990-03-01", "1990-03-02"),
        ("1990-03-01", "1990-03-03"),
    }
    many = [
        dispute(coded=day("start", "1990-03-01", "1990-04-29")),
        dispute(coded=day("end", "1990-03-01", "1990-04-29")),
    ]
    (wide,) = dimensions(many, rules, None)
    assert isinstance(wide, Wide)
    assert wide.size == 3600
    assert wide.keys() is None
    pairs = [tuple(a.reads for a in wide.taken(key)) for key in drawn(wide, EQUAL, 3000)]
    assert all(start <= end for start, end in pairs)
    same = sum(start == end for start, end in pairs) / len(pairs)
    assert same == pytest.approx(60 / 1830, abs=0.012), "each pair of days in order is as likely as the next"
    assert all(wide.taken(key)[0].reads <= wide.taken(key)[1].reads for key in wide.ends)
    assert len(wide.ends) == 3


def test_readings_of_one_source_go_together(worlds):
    readings = [
        dispute(rival("stalemate", "none", "medium", ("roe",))),
        dispute(rival("violence", "ongoing", "low", ("roe",)), rival("violence", "threatened", "low", ("poe",))),
        dispute(rival("deadline", "no", "low", ("zoe",))),
    ]
    found = dimensions(readings, coherence(worlds, "stalemate", "violence", "deadline"), by_source)
    assert [d.size for d in found] == [3, 2]
    options = [{a.variable: a.reads for a in found[0].taken(key)} for key in range(found[0].size)]
    assert options == [{}, {"stalemate": "none", "violence": "ongoing"}, {"violence": "threatened"}]
    assert found[0].weights(by_confidence({})).tolist() == pytest.approx([0.85, 0.15 * 0.75, 0.15 * 0.25])


wanted = st.sampled_from(["missing", "coded", "unknown", "not_applicable", ["a"], ["a", "b"], "c"])
demands = st.dictionaries(st.sampled_from("xyz"), wanted)
cells = st.tuples(st.sampled_from([None, "a", "b", "c"]), st.sampled_from(["unknown", "not_applicable", "withheld"]))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(demands, demands, st.lists(cells, min_size=3, max_size=3))
def test_a_rule_asked_of_one_row_says_what_it_says_of_many(when, require, found):
    rule = Rule("rule", "", when=when, require=require)
    row = {name: value for name, (value, _) in zip("xyz", found, strict=True)}
    gaps = {name: reason for name, (value, reason) in zip("xyz", found, strict=True) if value is None}
    frame = pd.DataFrame({name: pd.Series([value], dtype="str") for name, value in row.items()})
    known = pd.DataFrame([gaps], columns=list("xyz"))
    assert keeps(rule, row, gaps) is not bool(broken(rule, frame, known).iloc[0])
