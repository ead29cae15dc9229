"""Evidence is written once for each statement, and says what stands between source and value."""

import pytest

CASE = "cases/alpha-1990/case.yaml"
EVENTS = "cases/alpha-1990/events.yaml"


def of(book, table, row):
    evidence = book.load("evidence")
    return evidence[(evidence["table"] == table) & (evidence["row"] == row)]


def test_a_statement_about_a_whole_row_is_one_row_for_facts_and_one_for_categories(tiny):
    found = of(tiny, "events", "alpha-1990/1990-02-letter").set_index("basis")["variables"]
    assert list(found["stated"]) == ["channel_id", "date", "place", "summary", "attendance"]
    assert list(found["classified"]) == ["track", "kind", "status", "country"]
    assert len(found) == 2


def test_every_coded_value_still_leads_to_its_source(tiny):
    (actor,) = tiny.evidence("alpha-1990/1990-02-letter/ann-envoy", "actor_id")
    assert [source.source_id for source in actor.statements[0].sources] == ["doe2001talks"]
    assert len(tiny.store.statements) > len(tiny.load("evidence"))
    assert tiny.verify().ok


def test_what_nobody_opened_is_reported_and_of_low_confidence(folder):
    folder.replace("sources.bib", "consulted = {part}", "consulted = {not_opened}")
    book = folder.build()
    rows = book.load("evidence").query("source_id == 'roe2002rival'")
    assert set(rows["basis"]) == {"reported"}
    assert set(rows["confidence"]) == {"low"}
    support = book.load("support").set_index("support_id")
    assert support.loc["events/alpha-1990/1990-03-rumor#date", "rests_on"] == "unseen"


def test_support_tells_how_strong_each_value_is(tiny):
    support = tiny.load("support").set_index("support_id")
    outcome = support.loc["cases/alpha-1990#outcome"]
    assert list(outcome[["rests_on", "basis", "confidence"]]) == ["scrutinized", "inferred", "medium"]
    assert list(outcome[["works", "rivals"]]) == [1, 1]
    assert "attendance/alpha-1990/1990-02-letter/ann-envoy#actor_id" in support.index


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("basis: stated", "roe2002rival was not opened and cannot be said to state anything; leave basis out"),
        ("basis: classified", "basis classified follows from the variable and the source; leave it out"),
        ("basis: reported", "basis reported follows from the variable and the source; leave it out"),
    ],
)
def test_a_basis_that_cannot_be_claimed_is_refused_with_its_line(folder, entry, message):
    folder.replace("sources.bib", "consulted = {part}", "consulted = {not_opened}")
    folder.replace(
        EVENTS, "{source: roe2002rival, confidence: low}", f"{{source: roe2002rival, confidence: low, {entry}}}"
    )
    line = folder.line_of(EVENTS, entry)
    assert folder.problems() == [f"{EVENTS}:{line}: events.evidence: {message}"]


def test_high_confidence_in_one_account_is_refused(folder):
    folder.replace("sources.bib", "reliability = {scrutinized}", "reliability = {accountable}")
    problems = folder.problems()
    assert problems
    assert all("rests with high confidence on doe2001talks: one account" in problem for problem in problems)
