"""A casebook narrowed to a concept keeps what belongs to those channels, and nothing of the others."""

import pytest

import casebook
from casebook.errors import CasebookError, UnknownNameError

CHILDREN = ["delegations", "third_parties", "effects", "roles"]


@pytest.fixture(scope="module")
def strict():
    return casebook.narrow(concept="strict")


def test_only_channels_of_the_concept_are_left(strict):
    channels = casebook.load("channels")
    assert list(strict.load("channels")["channel_id"]) == list(
        channels.loc[channels["concept"] == "strict", "channel_id"]
    )
    assert 0 < len(strict.load("channels")) < len(channels)


@pytest.mark.parametrize("table", CHILDREN)
def test_what_lies_in_other_channels_is_gone(strict, table):
    kept = set(strict.load("channels")["channel_id"])
    whole = casebook.load(table)
    assert list(strict.load(table)["channel_id"]) == list(whole.loc[whole["channel_id"].isin(kept), "channel_id"])


def test_rows_at_two_removes_and_memberships_are_gone_too(strict):
    sides = set(strict.load("delegations")["delegation_id"])
    assert set(strict.load("audiences")["delegation_id"]) <= sides
    memberships = strict.load("conditions", alleged=True)
    assert set(memberships.loc[memberships["table"] == "channels", "row"]) == set(strict.load("channels")["channel_id"])


def test_events_outside_channels_and_cases_stay(strict):
    events = strict.load("events")
    assert events["channel_id"].isna().sum() == casebook.load("events")["channel_id"].isna().sum()
    assert len(strict.load("cases")) == len(casebook.load("cases"))


def test_load_and_compare_take_the_concept_as_an_argument(strict):
    assert casebook.load("channels", concept="strict").equals(strict.load("channels"))
    both = casebook.load("channels", concept=["strict", "broad"])
    assert set(both["concept"]) == {"strict", "broad"}
    assert len(casebook.compare("result", concept="strict").to_frame()) == len(strict.load("channels"))


def test_an_unknown_concept_is_refused(tiny):
    with pytest.raises(UnknownNameError, match=r"concept 'strikt'.*did you mean 'strict'"):
        casebook.narrow(concept="strikt")
    with pytest.raises(CasebookError, match="no variable 'concept'"):
        tiny.narrow(concept="strict")
