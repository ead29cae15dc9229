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


def test_every_case_takes_its_circumstances_from_one_of_its_own_established_channels():
    channels = casebook.load("channels").query("decisive").set_index("case_id")["channel_id"]
    assert channels.to_dict() == CASES["decisive_channel_id"].to_dict()


def test_cases_of_the_same_parties_share_a_dispute():
    disputes = CASES["dispute"]
    assert len(set(disputes)) < len(disputes)
    assert len(set(disputes[disputes.index.str.startswith("cuba-") & (disputes.index != "cuba-1962")])) == 1


def test_categories_are_the_coders_and_never_said_to_be_stated_by_a_source():
    evidence = casebook.load("evidence", alleged=True)
    stated = evidence[evidence["basis"] == "stated"].explode("variables")
    assert not stated["variables"].isin({"track", "kind", "status", "country", "capacity", "mutual"}).any()


def test_a_work_that_was_not_opened_states_nothing_and_gives_low_confidence():
    sources = casebook.load("sources").set_index("source_id")["consulted"]
    evidence = casebook.load("evidence", alleged=True)
    unopened = evidence[evidence["source_id"].map(sources) == "not_opened"]
    assert len(unopened)
    assert set(unopened["basis"]) == {"reported"}
    assert set(unopened["confidence"]) == {"low"}


def test_evidence_repeats_no_statement():
    columns = ["table", "row", "source_id", "locator", "basis", "reads", "note"]
    evidence = casebook.load("evidence", alleged=True)
    evidence = evidence.assign(variables=evidence["variables"].map(tuple))
    assert not evidence.duplicated([*columns, "variables"]).any()
    assert len(evidence) < len(casebook.load("support", alleged=True))


def test_what_could_not_happen_is_no_longer_said_not_to_have_happened():
    effects = casebook.load("effects")
    assert (effects["observed"] == "no_occasion").sum() > 100
    notes = casebook.load("evidence").query("table == 'effects'")
    no = set(effects.loc[effects["observed"] == "no", "effect_id"])
    assert not notes.loc[notes["row"].isin(no), "note"].str.contains("nothing (?:left )?to undo", na=False).any()


def test_a_second_mediator_is_a_third_party_and_no_rival_reading():
    parties = casebook.load("third_parties")
    assert (parties.groupby("channel_id").size() > 1).any()
    assert set(parties.groupby("channel_id")["main"].sum()) == {1}


def test_every_decision_on_the_second_coding_has_a_reason():
    codings = casebook.load("codings")
    decided = codings[codings["decision"].notna()]
    assert len(decided) > 500
    assert decided["decision_reason"].notna().all()


def test_the_literature_that_the_codebook_cites_is_in_the_bibliography():
    sources = casebook.load("sources").set_index("source_id")["cited_as"]
    cited = {key for item in casebook.codebook().fields for key in item.cites}
    assert cited <= set(sources.index)
    assert "Literature: Zartman 2000" in str(casebook.codebook("channels", "stalemate"))
    assert "Zartman 2000" in casebook.codebook("channels", "stalemate")._repr_html_()
