"""Every kind of bad input gets file, line, variable, what is wrong and what would be right; all in one run."""

import os

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
        (
            CHANNELS,
            "end: 1990-05-30",
            "end: 30 May 1990",
            "channels.end: '30 May 1990' is not a date in EDTF; write 1990-05-30",
        ),
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
        (EVENTS, "country: FRA", "country: UK", "'UK' is not an ISO 3166-1 alpha-3 code; write GBR"),
        (EVENTS, "country: FRA", "country: France", "'France' is not an ISO 3166-1 alpha-3 code; write FRA"),
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
        ("casebook.yaml", "2020-01-01", "20200101", "casebook.released: '20200101' is not a day such as 2026-01-31"),
        ("casebook.yaml", "2020-01-01", "2020-W01-3", "casebook.released: '2020-W01-3' is not a day such as"),
        (
            "casebook.yaml",
            "CC-BY-4.0",
            "CC BY",
            "'CC BY' is not a license of the SPDX list; write for instance CC-BY-4.0",
        ),
        ("casebook.yaml", "CC-BY-4.0", "cc-by-4.0", "'cc-by-4.0' is no license as SPDX writes it; write CC-BY-4.0"),
        (
            "casebook.yaml",
            "license:",
            "doi: https://doi.org/10.1234/x\nlicense:",
            "casebook.doi: 'https://doi.org/10.1234",
        ),
        (
            "casebook.yaml",
            "license:",
            "homepage: example.org\nlicense:",
            "casebook.homepage: 'example.org' is no address",
        ),
        ("casebook.yaml", "license:", "license_url: CC\nlicense:", "casebook.license_url: 'CC' is no address"),
        ("casebook.yaml", "[Jane Doe]", "[Jane Doe, Jane Doe]", "casebook.contributors: 'Jane Doe' stands twice"),
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


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            CASE,
            "confidence: high",
            "confidence: High",
            "cases.evidence: unknown confidence 'High'; did you mean 'high'",
        ),
        (
            CASE,
            "on: [domain,",
            "on: [domian,",
            "cases.evidence: 'domian' is not a coded variable of cases; did you mean",
        ),
        (CASE, "source: doe2001talks\n", "source: doe2001talks p. 4\n", "doe2001talks p. 4 is not a source key"),
        (CASE, "doe2001talks[p. 7]\n", "doe2001talks[p. 7][p. 8]\n", "doe2001talks[p. 7][p. 8] is not a source key"),
        (CASE, "    confidence: high\n", "    confidense: high\n", "cases.evidence.confidense: unknown key"),
        (CHANNELS, "  evidence:\n", "  evidense:\n", "channels.evidense: unknown key 'evidense'; did you mean 'evid"),
        (CHANNELS, "  effects:\n", "  efects:\n", "channels.efects: unknown key 'efects'; did you mean 'effects'?"),
        (CHANNELS, "- channel: line", "- channel: Line!", "'Line!' cannot be an identifier; use lower case"),
        (CHANNELS, "- channel: line", "- chanel: line", "unknown key 'chanel'; did you mean 'channel'?"),
        (CHANNELS, "effect: keep_deniability", "effect: keep_denyability", "unknown category 'keep_denyability'"),
        (CHANNELS, "initiator: one_side", "initiator: oneside", "channels.initiator: unknown category 'oneside'"),
        (CASE, "- party: aland", "- party: Aland", "'Aland' cannot be an identifier"),
        (CASE, "- party: aland", "- party:", "parties.party_id: the value is empty; write one"),
        (CASE, "case: alpha-1990", "case: beta", "the case is called 'beta' in the folder 'alpha-1990'"),
        (CASE, "- party: aland", "- pary: aland", "parties.pary: unknown key 'pary'; did you mean 'party'?"),
        (EVENTS, "- event: 1990-02-letter", "- event: 1990_02", "'1990_02' cannot be an identifier"),
        (EVENTS, "- {source: doe2001talks,", "- {sorce: doe2001talks,", "events.evidence.sorce: unknown key 'sorce'"),
        (TERMS, "from_party: not_applicable", "from_party: none-such", "'alpha-1990/none-such' is not in the table"),
        (TERMS, "  from_party: not_applicable", "  from_party:", "terms.from_party_id: the value is empty; write one"),
        ("actors.yaml", "actor: bob-broker", "actor: Bob", "'Bob' does not have the form"),
    ],
)
def test_one_slip_is_one_problem(folder, name, old, new, message):
    folder.replace(name, old, new)
    (found,) = folder.problems()
    assert message in found


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (CASE, "note: As told there.", 'note: "As told\\e there."'),
        (CASE, "source: doe2001talks[p. 7]", 'source: "doe2001talks[p.\\u200b 7]"'),
        (CASE, "title: The Alpha dispute, 1990", "title: The \u0391lpha dispute, 1990"),
        (CASE, "title: The Alpha dispute, 1990", "title: The Alpha\u00a0dispute, 1990"),
        (CASE, "name: Aland", "name: <b>Aland</b>"),
        (EVENTS, "summary: Bob carries a letter.", "summary: Bob carries letter #1 of the two."),
        (CLAIMS, "Doe describes both.", "Doe &amp; Roe describe both."),
        ("actors.yaml", "name: Ann Envoy", "name: Ann\u202eEnvoy"),
        ("casebook.yaml", "title: A tiny casebook", "title: A tin\u0443 casebook"),
        ("casebook.yaml", "description: For tests.", "description: Say in a sentence what this casebook is about."),
        ("casebook.yaml", "description: For tests.", 'description: "For\\0tests."'),
        ("cases/alpha-1990/narrative.md", "Ann wrote", "\nAnn\u2060 wrote"),
    ],
)
def test_a_text_that_cannot_be_published_is_one_problem_with_its_line(folder, name, old, new):
    folder.replace(name, old, new)
    (found,) = folder.problems()
    line = 2 if name.endswith(".md") else folder.line_of(name, new.strip())
    assert found.startswith(f"{name}:{line}: ")


def test_evidence_for_who_took_part_is_named_as_it_is_written(folder):
    every = "on: [channel, track, kind, status, date, place, country, summary]"
    folder.replace(EVENTS, "- {source: doe2001talks,", f"- {{{every}, source: doe2001talks,")
    advice = "add attendance to 'on' in an evidence entry of 'alpha-1990/1990-02-letter'"
    (found,) = folder.problems()
    assert f"attendance has no evidence; {advice}" in found
    folder.replace(EVENTS, "country, summary]", "country, summary, actor]")
    (found,) = folder.problems()
    assert "'actor' is not a coded variable of events; write attendance" in found
    folder.replace(EVENTS, "country, summary, actor]", "country, summary, attendance]")
    folder.build()


def test_a_narrative_from_outside_the_casebook_is_not_published(folder, tmp_path):
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    path = folder.path / "cases/alpha-1990/narrative.md"
    path.unlink()
    path.symlink_to(tmp_path / "secret")
    assert any("the link leads out of the casebook; put the text itself here" in found for found in folder.problems())


def test_what_lies_in_the_way_is_named(folder):
    (folder.path / CHANNELS).unlink()
    os.mkfifo(folder.path / CHANNELS)
    (found,) = folder.problems()
    assert found == f"{CHANNELS}:1: file: cannot be read: it is a pipe or a device, not a file"


def test_a_folder_that_cannot_be_read_is_a_problem(folder, monkeypatch):
    iterdir = type(folder.path).iterdir

    def refuse(path):
        if path.name == "alpha-1990":
            raise PermissionError(13, "Permission denied")
        return iterdir(path)

    monkeypatch.setattr(type(folder.path), "iterdir", refuse)
    (found,) = folder.problems()
    assert found == "cases/alpha-1990:1: folder: cannot be read: Permission denied"


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
        ("cases/aux/case.yaml", "case: aux\n", "'aux' cannot name a case; on Windows it is the name of a device"),
        ("cases/nan/case.yaml", "case: nan\n", "'nan' is read as an empty cell by other programs"),
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


def test_who_took_part_in_an_event_of_a_back_channel_has_a_role_in_it(folder):
    cid = "- actor: cid-caller\n  name: Cid Caller\n  sort_name: Caller, Cid\n  kind: person\n"
    folder.write("actors.yaml", folder.read("actors.yaml") + cid)
    folder.replace(EVENTS, "attendance: [ann-envoy, bob-broker]", "attendance: [ann-envoy, bob-broker, cid-caller]")
    line = folder.line_of(EVENTS, "cid-caller")
    expected = "attendance.actor_id: 'cid-caller' has no row in roles of alpha-1990/line; add one, or correct this"
    assert folder.problems() == [f"{EVENTS}:{line}: {expected}"]
    folder.replace(EVENTS, "track: back_channel\n  kind: message", "track: public\n  kind: message")
    folder.build()


def test_an_actor_misspelt_in_a_back_channel_is_one_problem(folder):
    folder.replace(EVENTS, "attendance: [ann-envoy, bob-broker]", "attendance: [ann-envoy, bob-braker]")
    (found,) = folder.problems()
    assert "'bob-braker' is not in the table actors; did you mean 'bob-broker'?" in found


def test_an_event_of_an_unknown_channel_asks_for_no_role(folder):
    folder.replace(
        EVENTS,
        "channel: line\n  track: back_channel\n  kind: message",
        "channel: unknown\n  track: back_channel\n  kind: message",
    )
    folder.replace(
        CHANNELS,
        "    - actor: bob-broker\n      capacity: messenger",
        "    - actor: ann-envoy\n      capacity: messenger",
    )
    folder.build()
