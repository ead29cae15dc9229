"""Evidence reads like an argument, the same in Python, notebooks and the shell."""


def test_it_says_the_value_the_support_and_the_rival_in_lines_that_fit(tiny):
    text = str(tiny.evidence("alpha-1990", "outcome"))
    assert text.splitlines()[:2] == ["cases.outcome = Partial settlement", "  rests on a scrutinized work"]
    assert "  supported (medium, inferred): Inferred from the account." in text
    assert "  rival reading No agreement (low, classified): Roe sees no agreement." in text
    assert max(map(len, text.splitlines())) <= 80


def test_an_empty_cell_says_why(tiny):
    (argument,) = tiny.evidence("alpha-1990/line", "terms_disclosed")
    assert argument.value is None
    assert argument.note.startswith("empty: unknown")


def test_a_derived_cell_says_from_what(tiny):
    (argument,) = tiny.evidence("alpha-1990/line", "existence_secrecy_days")
    assert argument.note == "derived from start = 1990-02; existence_disclosed = 1990-06-01"
    (counted,) = tiny.evidence("alpha-1990/line", "event_count")
    assert counted.note == "derived from the rows of events that belong to it"


def test_a_bound_rests_on_the_evidence_of_its_date(tiny):
    (date,) = tiny.evidence("alpha-1990/line", "start")
    (bound,) = tiny.evidence("alpha-1990/line", "start_earliest")
    assert bound.statements == date.statements != ()
    assert bound.value == "1990-02-01"


def test_the_page_shows_hostile_text_as_text(folder, unchecked):
    hostile = "<img src=x onerror=alert(1)>"
    folder.replace("cases/alpha-1990/case.yaml", "Inferred from the account.", hostile)
    page = folder.build().evidence("alpha-1990", "outcome")._repr_html_()
    assert "<img" not in page
    assert "&lt;img src=x" in page


def test_a_rival_reading_of_a_truth_value_is_shown_as_it_reads(folder):
    folder.replace(
        "cases/alpha-1990/case.yaml",
        "  - on: outcome\n    source: roe2002rival\n    reads: no_agreement",
        "  - on: deadline\n    source: roe2002rival\n    reads: no",
    )
    assert "rival reading no (low, classified): Roe sees no agreement." in str(
        folder.build().evidence("alpha-1990", "deadline")
    )
