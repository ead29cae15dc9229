import html.parser
import re

import pytest

import casebook


class Balance(html.parser.HTMLParser):
    """Collects text; fails on tags that aren't closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text, self.tags = [], [], set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_case_page_shows_facts_channels_terms_and_timeline(tiny):
    page = Balance(tiny.case("alpha-1990")._repr_html_())
    text = " ".join(page.text)
    for piece in (
        "The Alpha dispute, 1990",
        "Doe 2001",
        "Partial settlement",
        "Ann – Bob",
        "Both sides keep the peace.",
        "Bob carries a letter.",
    ):
        assert piece in text
    assert "only Roe reports" not in text


@pytest.mark.usefixtures("unchecked")
def test_hostile_text_is_shown_as_text(folder):
    hostile = "<script>alert(1)</script>"
    folder.replace("cases/alpha-1990/case.yaml", "title: The Alpha dispute, 1990", f"title: {hostile}")
    folder.replace("cases/alpha-1990/terms.yaml", "Both sides keep the peace.", f"{hostile} & more")
    folder.replace("cases/alpha-1990/narrative.md", "Ann wrote", f"{hostile} [@doe2001talks] Ann wrote")
    folder.replace("sources.bib", "Secret Talks", f"Secret {hostile}")
    book = folder.build()
    for view in (book.case("alpha-1990"), book.codebook(), book.cite("alpha-1990"), book.codebook("cases", "violence")):
        page = Balance(view._repr_html_())
        assert "script" not in page.tags
    assert hostile in " ".join(Balance(book.case("alpha-1990")._repr_html_()).text)


def test_the_case_as_text(tiny):
    case = tiny.case("alpha-1990")
    assert repr(case) == str(case)
    assert str(case).startswith("The Alpha dispute, 1990\n=======================\n\nAnn wrote (Doe 2001).\n\nFacts")
    assert "Timeline\n--------\n  1990-02 | Ann – Bob | Bob carries a letter." in str(case)
    assert case.narrative.startswith("Ann wrote")
    assert case.facts["Outcome"] == "Partial settlement"
    assert case.facts["Date of reversal"] == "not applicable"


def test_people_stand_by_their_side(tiny):
    case = tiny.case("alpha-1990")
    people = next(block for block in case.blocks() if block.heading == "People")
    assert [row[:4] for row in people.rows] == [
        ["Aland", "Ann Envoy", "Envoy", "Ann – Bob"],
        ["no side", "Bob Broker", "Messenger", "Ann – Bob"],
    ]
    assert people.rows[1][4] == "lawyer"
    assert "Parties\n-------\n  Aland | Principal party | State\n  Bland |" in str(case)


def test_every_row_of_the_page_leads_to_its_evidence(tiny):
    case = tiny.case("alpha-1990")
    shown = " ".join(Balance(case._repr_html_()).text)
    assert 'casebook.evidence("alpha-1990", "outcome")' in shown
    assert 'casebook.evidence("alpha-1990/truce")' in shown
    for block in case.blocks():
        assert len(block.asked) == len(block.rows)
        assert min(block.calls, key=len) in str(case).replace("\n      ", " ")
        for names in block.asked:
            tiny.evidence(*names)


def test_long_lists_are_folded_and_cut_at_the_prompt(folder):
    events = folder.read("cases/alpha-1990/events.yaml")
    first = events.partition("- event: 1990-03-rumor")[0]
    more = [first.replace("1990-02-letter", f"letter-{n}").replace("a letter", f"letter {n}") for n in range(20)]
    folder.write("cases/alpha-1990/events.yaml", events + "".join(more))
    case = folder.build().case("alpha-1990")
    assert "<details><summary><b>Timeline</b> (21)" in case._repr_html_()
    assert "<details open><summary><b>Facts</b>" in case._repr_html_()
    assert "letter 19." in str(case)
    assert "letter 19." not in repr(case)
    assert "… 9 more; print() shows them all" in repr(case)


def test_a_fact_of_which_nothing_is_recorded_is_a_dash():
    page = casebook.case("cuba-1962")
    assert page.facts["Change of principal"] == ""
    assert "Change of principal | –" in str(page)
    assert re.search("<td[^>]*>Change of principal</td><td[^>]*>–<div>", page._repr_html_())


@pytest.mark.parametrize("case_id", casebook.load("cases")["case_id"])
def test_a_packaged_case_reads_in_80_columns(case_id):
    case = casebook.case(case_id)
    lines = str(case).splitlines()
    assert max(map(len, lines)) <= 80
    assert "[@" not in str(case)
    headings = [block.heading for block in case.blocks()]
    assert headings[:4] == ["Facts", "Parties", "Channels", "People"]
    assert headings[-2:] == ["Terms", "Timeline"]
    assert ("Third parties" in headings) == (not case.third_parties.empty)
    assert ("Deadlines" in headings) == (not case.deadlines.empty)


def test_a_case_without_narrative(folder):
    (folder.path / "cases/alpha-1990/narrative.md").unlink()
    assert folder.build().case("alpha-1990").narrative == ""


def test_the_codebook_as_text_html_and_frame(tiny):
    variable = tiny.codebook("channels", "directness")
    assert "Some of it direct, some relayed." in str(variable)
    assert "relayed" in Balance(variable._repr_html_()).text
    assert "Rule: " in str(tiny.codebook("channels", "sequence"))
    frame = tiny.codebook().to_frame()
    assert set(frame["table"]) == set(tiny.schema.tables)
    start = frame[(frame["table"] == "channels") & (frame["variable"] == "start")].iloc[0]
    assert (start["type"], start["level"], start["needs_evidence"]) == ("edtf date", "interval", True)
    assert "channels – Channels" in str(tiny.codebook("channels"))


def test_the_bibliography_as_text_and_html(tiny):
    cited = tiny.cite("alpha-1990")
    assert str(cited).count("\n") == 1
    assert repr(cited) == str(cited)
    assert len([t for t in Balance(cited._repr_html_()).text if "Talks" in t]) == 1


def test_a_long_bibliography_is_folded():
    assert casebook.cite("cuba-1962")._repr_html_().startswith("<details><summary><b>Sources</b> (")
    assert casebook.cite("cuba-1962", style="bibtex")._repr_html_().startswith("<details><summary>")


def test_each_of_many_tables_and_values_is_folded(tiny):
    tables = tiny.codebook()._repr_html_()
    assert tables.count("<details><summary>") == len(tiny.schema.tables)
    assert "<details" not in tiny.codebook("channels")._repr_html_()
    values = tiny.evidence("alpha-1990")
    assert values._repr_html_().count("<details><summary>") == len(values)
    assert "<details" not in tiny.evidence("alpha-1990", "outcome")._repr_html_()


def test_what_is_found_is_shown_whole(tiny):
    found = tiny.find("deadline")
    shown = Balance(found._repr_html_()).text
    assert set(found["description"]) <= set(shown)
    assert "0" not in shown
    assert "table" in Balance(tiny.tables()._repr_html_()).text
