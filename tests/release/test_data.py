"""What the published data promise beyond the builder's checks."""

import re

import pytest

import casebook

CASES = casebook.load("cases").set_index("case_id")


@pytest.mark.parametrize("case", list(CASES.index))
def test_every_case_has_a_narrative_of_400_to_700_words_with_sources(case):
    narrative = CASES.loc[case, "narrative"]
    assert isinstance(narrative, str), "there is no narrative.md"
    assert 400 <= len(re.sub(r"\[@[^\]]*\]", "", narrative).split()) <= 700
    assert all("[@" in paragraph for paragraph in narrative.split("\n\n"))


@pytest.mark.parametrize("case", list(CASES.index))
def test_every_case_has_channels_with_a_side_and_somebody_in_them(case):
    channels = casebook.load("channels").query("case_id == @case")["channel_id"]
    assert set(channels) <= set(casebook.load("delegations")["channel_id"])
    assert set(channels) <= set(casebook.load("roles")["channel_id"])


def test_every_effect_is_coded_for_every_established_channel():
    effects = casebook.load("effects")
    assert len(effects) == len(casebook.load("channels")) * len(effects["effect"].cat.categories)


def test_every_popular_account_is_checked():
    sources = casebook.load("sources")["source_id"]
    popular = {key for key in sources if key.startswith("popular")}
    assert popular == {
        key for keys in casebook.load("claims")["claimed_by"] for key in keys if key.startswith("popular")
    }
