"""Every kind of bad input gets file, line, variable, what is wrong and what would be right; all in one run."""

import pytest

CASE = "cases/alpha-1990/case.yaml"
CHANNELS = "cases/alpha-1990/channels.yaml"
EVENTS = "cases/alpha-1990/events.yaml"
TERMS = "cases/alpha-1990/terms.yaml"
CLAIMS = "cases/alpha-1990/claims.yaml"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (CHANNELS, "venue: remote", "venu: remote", "channels.venu: unknown key 'venu'; did you mean 'venue'?"),
        (CHANNELS, "venue: remote", "", "channels.venue: venue is not given; write a value, or unknown"),
        (CHANNELS, "venue: remote", "venue: remot", "channels.venue: unknown category 'remot'; did you mean 'remote'?"),
        (CHANNELS, "meetings_max: 2", "meetings_max: two", "channels.meetings_max: 'two' is not a whole number"),
        (CHANNELS, "end: 1990-05-30", "end: 1990-05-32", "channels.end: '1990-05-32' is not a date in EDTF"),
        (CHANNELS, "end: 1990-05-30", "end: 30 May 1990", "channels.end: '30 May 1990' is not a date in EDTF"),
        (
            CHANNELS,
            "end: 1990-05-30",
            "end: 1989-05-30",
            "channels.starts_before_it_ends: the channel must start before it ends",
        ),
        (CHANNELS, "meetings_max: 2", "meetings_max: [1, 2]", "channels.meetings_max: expected one value, not a list"),
        (
            CHANNELS,
            "initiator_party: aland",
            "initiator_party: alandd",
            "'alpha-1990/alandd' is not in the table parties; did you mean 'alpha-1990/aland'?",
        ),
        (
            CHANNELS,
            "lead_actor: ann-envoy",
            "lead_actor: an-envoy",
            "delegations.lead_actor_id: 'an-envoy' is not in the table actors; did you mean 'ann-envoy'?",
        ),
        (EVENTS, "channel: line", "channel: lime", "events.channel_id: 'alpha-1990/lime' is not in the table channels"),
        (
            EVENTS,
            "[ann-envoy, bob-broker]",
            "[ann-envoy, carl]",
            "attendance.actor_id: 'carl' is not in the table actors",
        ),
        (EVENTS, "[ann-envoy, bob-broker]", "[ann-envoy, ann-envoy]", "stands already at"),
        (EVENTS, "country: FRA", "country: FRN", "events.country: 'FRN' is not an ISO 3166-1 alpha-3 code"),
        (
            EVENTS,
            "date: 1990-02\n",
            "date: 1989-02\n",
            "events.not_before_the_case: the event lies before the start of its case",
        ),
        (
            EVENTS,
            "place: Paris",
            "time: 19:30\n  place: Paris",
            "events.time_has_offset: a clock time needs its utc_offset",
        ),
        (EVENTS, "event: 1990-03-rumor", "event: 1990-02-letter", "'alpha-1990/1990-02-letter' stands already at"),
        (
            EVENTS,
            "event: 1990-03-rumor",
            "event: Rumor!",
            "'Rumor!' cannot be an identifier; use lower case, digits and hyphens",
        ),
        (
            CHANNELS,
            "source: doe2001talks\n",
            "source: doe2001\n",
            "channels.evidence: source 'doe2001' is not in sources.bib; did you mean 'doe2001talks'?",
        ),
        (CHANNELS, "source: doe2001talks\n", "source: Doe (2001)\n", "Doe (2001) is not a source key"),
        (
            CHANNELS,
            "[summary, status,",
            "[status,",
            "has no evidence; add an entry with on: summary, source and confidence",
        ),
        (
            CHANNELS,
            "[summary, status,",
            "[summery, status,",
            "'summery' is not a coded variable of channels; did you mean 'summary'?",
        ),
        (
            CHANNELS,
            "      confidence: high\n",
            "      confidence: certain\n",
            "unknown confidence 'certain'; valid: low, medium, high",
        ),
        (CHANNELS, "      confidence: high\n", "", "channels.evidence: confidence is not given"),
        (
            CHANNELS,
            "      note: Her chapter on the broker.\n",
            "",
            "channels.result: is a judgment without a reason; add a note",
        ),
        (
            CHANNELS,
            "meetings_max: 2",
            "meetings_max:",
            "the value is empty; write one, or unknown, not_applicable or withheld",
        ),
        (CHANNELS, "meetings_max: 2", "meetings_max: withheld", None),
        (CHANNELS, "terms_disclosed: unknown", "terms_disclosed: withheld", "'withheld' has no evidence"),
        (CHANNELS, "  name: Ann – Bob", "  name: unknown", None),
        (
            CHANNELS,
            "- effect: keep_deniability\n      observed: yes",
            "- effect: keep_deniability\n      observed: maybe",
            "effects.observed: unknown category 'maybe'",
        ),
        (CHANNELS, "explore_options, ", "", "effects.effect: alpha-1990/line is not coded on explore_options"),
        (CHANNELS, "capacity: messenger", "capacity: unknown", "roles.capacity: unknown category 'unknown'"),
        (CASE, "deadline: yes", "deadline: maybe", "cases.deadline: 'maybe' is neither yes nor no"),
        (CASE, "reads: no_agreement", "reads: no_deal", "cases.outcome: rival reading: unknown category 'no_deal'; "),
        (
            CASE,
            "reads: no_agreement",
            "reads: partial_settlement",
            "the rival reading 'partial_settlement' equals the coded value",
        ),
        (
            EVENTS,
            "- {source: roe2002rival, confidence: low}",
            "- {on: status, source: roe2002rival, confidence: low, reads: unknown}",
            "events.status: a rival reading of this must be a value",
        ),
        (CASE, "on: outcome\n", "on: [outcome, end]\n", "a rival reading is about one variable; name it under 'on'"),
        (CASE, "case: alpha-1990", "case: beta", "the case is called 'beta' in the folder 'alpha-1990'"),
        (
            CASE,
            "short_title: Alpha dispute",
            "short_title: A very long title for the Alpha dispute",
            "has 39 characters; at most 28 are allowed",
        ),
        (
            CASE,
            "reversal_date: not_applicable",
            "reversal_date: 1991",
            "nothing was reversed, so reversal_date is not_applicable",
        ),
        (CASE, "outcome: partial_settlement", "outcome: no_agreement", "cases.no_agreement_no_form"),
        (TERMS, "from_party: not_applicable", "from_party: aland", "a mutual term has no single giver"),
        (
            CLAIMS,
            "claimed_by: [roe2002rival]",
            "claimed_by: [nobody]",
            "claims.claimed_by: source 'nobody' is not in sources.bib",
        ),
        (CLAIMS, "claimed_by: [roe2002rival]", "claimed_by: roe2002rival", "claims.claimed_by: expected a list"),
        (CLAIMS, "channels:line#directness", "chanels:line", "there is no table 'chanels'; did you mean 'channels'?"),
        (CLAIMS, "channels:line#directness", "channels:lime", "there is no row 'lime'"),
        (
            CLAIMS,
            "channels:line#directness",
            "channels:line#direct",
            "there is no variable 'direct'; did you mean 'directness'?",
        ),
        (CLAIMS, "channels:line#directness", "line", "does not have the form table:row or table:row#variable"),
        (
            "cases/alpha-1990/narrative.md",
            "@doe2001talks",
            "@doe",
            "cases.narrative: source 'doe' is not in sources.bib",
        ),
        ("cases/alpha-1990/narrative.md", "Ann wrote [@doe2001talks].", " ", "cases.narrative: the file is empty"),
        ("actors.yaml", "name: Ann Envoy", "name: Ann\u202eEnvoy", "contains the invisible character U+202E"),
        ("actors.yaml", "- actor: ann-envoy\n  name", "- name", "actors.actor_id: actor is not given; write a value"),
        ("casebook.yaml", "version: 0.1.0", "version: one", "casebook.version: 'one' is not a version such as 1.0.0"),
        (
            "casebook.yaml",
            "reference_date: 2020-01-01",
            "reference_date: 2020",
            "casebook.reference_date: '2020' is not a day",
        ),
        ("casebook.yaml", "title: A tiny casebook\n", "", "casebook.title: title is not given"),
        ("casebook.yaml", "license:", "licence:", "unknown key 'licence'; did you mean 'license'?"),
    ],
)
def test_bad_input(folder, name, old, new, message):
    folder.replace(name, old, new)
    if message is None:
        folder.build()
        return
    problems = folder.problems()
    found = [problem for problem in problems if message in problem]
    assert found, "\n".join(problems)
    file, line, _ = found[0].split(":", 2)
    assert file == name
    assert 1 <= int(line) <= len(folder.read(name).splitlines()) + 1


def test_a_source_that_was_not_opened_cannot_carry_high_confidence(folder):
    folder.replace("sources.bib", "consulted = {full}", "consulted = {not_opened}")
    line = folder.line_of(CASE, "- on: [domain")
    message = "rests with high confidence on doe2001talks, which was not opened; medium at most"
    assert f"{CASE}:{line}: cases.evidence: {message}" in folder.problems()


@pytest.mark.parametrize("name", [CASE, CHANNELS, EVENTS, "actors.yaml", "sources.bib"])
def test_a_file_that_cannot_be_read_does_not_make_others_look_wrong(folder, name):
    folder.write(name, folder.read(name) + "\n@{: [\t")
    assert len(folder.problems()) == 1


def test_the_line_is_that_of_the_value(folder):
    folder.replace(CHANNELS, "venue: remote", "venue: mars")
    assert folder.problems()[0].startswith(f"{CHANNELS}:{folder.line_of(CHANNELS, 'venue: mars')}: channels.venue: ")


def test_all_problems_are_reported_in_one_run(folder):
    folder.replace(CHANNELS, "venue: remote", "venue: mars")
    folder.replace(CASE, "deadline: yes", "deadline: maybe")
    folder.replace("sources.bib", "date = {2001}", "date = {soon}")
    text = "\n".join(folder.problems())
    assert "channels.venue" in text
    assert "cases.deadline" in text
    assert "sources.doe2001talks" in text


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cases/alpha-1990/chanels.yaml", "- channel: x\n", "a file for no known table; did you mean 'channels.yaml'?"),
        ("cases/stray.yaml", "a: 1\n", "a file among the case folders"),
        ("cases/Beta Case/case.yaml", "case: x\n", "'Beta Case' cannot name a case"),
        ("cases/beta-1991/channels.yaml", "[]\n", "the case folder has no case.yaml"),
        (CHANNELS, "", "the file is empty"),
        (CHANNELS, "channel: x\n", "expected a list, each entry beginning with '- '"),
        (CHANNELS, "- [a]\n", "expected an entry with keys and values"),
        (CASE, "- case: x\n", "expected one mapping, beginning with 'case:'"),
        (EVENTS, "- event: x\n  evidence: none\n", "events.evidence: expected a list"),
        (EVENTS, "- event: x\n  evidence: [none]\n", "an evidence entry has at least source and confidence"),
        (
            EVENTS,
            "- event: x\n  evidence: [{source: a, sauce: b, confidence: low}]\n",
            "unknown key 'sauce'; did you mean 'source'?",
        ),
        (EVENTS, "- event: x\n  evidence: [{source: a, confidence: low, note: []}]\n", "note is one piece of text"),
        ("casebook.yaml", "[]\n", "expected a mapping with name, title, version"),
        ("casebook.yaml", "name: [a]\n", "casebook.name: expected one piece of text"),
    ],
)
def test_bad_files(folder, name, content, message):
    folder.write(name, content)
    assert any(message in problem for problem in folder.problems())


@pytest.mark.parametrize(
    ("name", "message"), [("casebook.yaml", "there is no casebook.yaml"), ("sources.bib", "there is no bibliography")]
)
def test_missing_files(folder, name, message):
    (folder.path / name).unlink()
    assert any(message in problem for problem in folder.problems())


def test_a_list_under_a_naming_key_makes_one_row_each(tiny):
    effects = tiny.load("effects")
    assert len(effects) == 19
    assert set(effects["observed"]) == {"yes", "unclear"}


def test_local_identifiers_are_completed_with_their_case(tiny):
    assert tiny.load("terms")["channel_id"][0] == "alpha-1990/line"
    assert list(tiny.load("claims")["settled_by"][0]) == [
        "channels:alpha-1990/line#directness",
        "events:alpha-1990/1990-02-letter",
    ]
