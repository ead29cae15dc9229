"""Durations run between bounds; counts leave alleged rows out; censoring is said."""

CASE = "cases/alpha-1990/case.yaml"
CHANNELS = "cases/alpha-1990/channels.yaml"


def test_durations_come_from_the_bounds(tiny):
    channel = tiny.load("channels").iloc[0]
    # First contact in February 1990, disclosed on 1 June 1990: 93 days from 28 February, 120 from 1 February.
    assert (channel["existence_secrecy_days_min"], channel["existence_secrecy_days_max"]) == (93, 120)
    assert channel["existence_secrecy_days"] == 106


def test_a_missing_date_leaves_the_duration_empty_for_the_same_reason(tiny):
    assert tiny.load("channels")["terms_secrecy_days"].isna().all()
    assert tiny.reason("channels", "alpha-1990/line", "terms_secrecy_days_max") == "unknown"


def test_an_open_date_leaves_open_what_cannot_be_known(folder):
    book = folder.replace(CHANNELS, "start: 1990-02", "start: ../1990-02-28").build()
    channel = book.load("channels").iloc[0]
    assert channel["existence_secrecy_days_min"] == 93
    assert book.reason("channels", "alpha-1990/line", "existence_secrecy_days_max") == "open"
    assert book.reason("channels", "alpha-1990/line", "start_earliest") == "open"


def test_overlapping_bounds_never_give_negative_days(folder):
    folder.replace("cases/alpha-1990/events.yaml", "date: 1990-03~", "date: 1990-02~")
    book = folder.replace(CHANNELS, "end: 1990-05-30", "end: 1990-02").build()
    channel = book.load("channels").iloc[0]
    assert (channel["duration_days_min"], channel["duration_days_max"]) == (0, 27)


def test_what_lasts_is_counted_to_the_reference_date_and_marked(tiny):
    case = tiny.load("cases").iloc[0]
    assert case["durability_days"] == 10806
    assert case["durability_censored"]


def test_what_was_reversed_is_counted_to_the_reversal(folder):
    folder.replace(CASE, "reversal: none\nreversal_date: not_applicable", "reversal: full\nreversal_date: 1990-06-11")
    folder.replace(CASE, "on: [domain,", "on: [domain, reversal_date,")
    case = folder.build().load("cases").iloc[0]
    assert case["durability_days"] == 10
    assert not case["durability_censored"]


def test_durability_does_not_apply_without_an_agreement(folder):
    folder.replace(CASE, "outcome: partial_settlement", "outcome: no_agreement")
    folder.replace(CASE, "reads: no_agreement", "reads: framework_agreement")
    folder.replace(CASE, "outcome_form: oral", "outcome_form: not_applicable")
    folder.replace(CASE, "implementation: full", "implementation: not_applicable")
    book = folder.build()
    assert book.reason("cases", "alpha-1990", "durability_days") == "not_applicable"
    assert book.reason("cases", "alpha-1990", "durability_censored") == "not_applicable"


def test_counts_leave_alleged_rows_out(tiny):
    assert len(tiny.load("events", alleged=True)) == 2
    assert list(tiny.load("channels")["event_count"]) == [1]


def test_actors_are_counted_once_per_case(tiny):
    assert list(tiny.load("actors")["case_count"]) == [1, 1]


def test_the_kind_of_an_effect_follows_from_the_effect(tiny):
    effects = tiny.load("effects").set_index("effect")["kind"]
    assert effects["keep_deniability"] == "function"
    assert effects["misread"] == "cost"


def test_uses_of_sources_are_counted(tiny):
    uses = tiny.load("sources").set_index("source_id")["evidence_count"]
    evidence = tiny.load("evidence")["source_id"].value_counts()
    assert uses["doe2001talks"] == evidence["doe2001talks"]


DERIVED = """\
  - name: was_mutual
    type: boolean
    title: Was mutual
    description: Whether a true yes was found to be one.
    casebook: {derived: {is: {mutual: ["yes"]}}}
  - name: was_kept_mutual
    type: boolean
    title: Was kept and mutual
    description: What follows from what follows.
    casebook: {derived: {is: {was_mutual: ["yes"], fulfilled: [full]}}}
  - name: not_for_mutual
    type: boolean
    title: Kept, if not mutual
    description: What does not apply to mutual terms.
    casebook: {derived: {is: {fulfilled: [full]}, unless: {mutual: ["yes"]}}}
"""


def test_conditions_on_a_truth_value_are_met_by_it(folder):
    folder.own_schemas()
    folder.write("schemas/terms.yaml", folder.read("schemas/terms.yaml").rstrip() + "\n" + DERIVED)
    count = "  - name: mutual_count\n    type: integer\n    title: Mutual terms\n    description: How many.\n"
    count += '    casebook: {derived: {count: terms, where: {mutual: ["yes"]}}}\n  - name: narrative\n'
    folder.replace("schemas/cases.yaml", "  - name: narrative\n", count)
    book = folder.build()
    term = book.load("terms").iloc[0]
    assert (term["was_mutual"], term["was_kept_mutual"]) == (True, True)
    assert book.reason("terms", "alpha-1990/truce", "not_for_mutual") == "not_applicable"
    assert book.load("cases")["mutual_count"].tolist() == [1]
    folder.replace("cases/alpha-1990/terms.yaml", "mutual: yes", "mutual: no")
    folder.replace("cases/alpha-1990/terms.yaml", "from_party: not_applicable", "from_party: aland")
    folder.replace("cases/alpha-1990/terms.yaml", "to_party: not_applicable", "to_party: bland")
    book = folder.build()
    term = book.load("terms").iloc[0]
    assert (term["was_mutual"], term["was_kept_mutual"], term["not_for_mutual"]) == (False, False, True)
    assert book.load("cases")["mutual_count"].tolist() == [0]
