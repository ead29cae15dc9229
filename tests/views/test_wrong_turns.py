"""What users get wrong is answered with what would be right, never with a traceback from the depths."""

import pytest

import casebook
from casebook.errors import CasebookError

LEFT_OUT = "leave it out for all"


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda b: b.compare("outcome", cases="alpha-1990"), r"cases must be a list; write cases=\['alpha-1990'\]"),
        (lambda b: b.compare("outcome", cases=[]), f"cases is an empty list; {LEFT_OUT}"),
        (lambda b: b.compare("outcome", cases=3), "cases must be a list, not int; write for instance casebook.compare"),
        (lambda b: b.compare(3), "each variable must be text such as 'outcome', not int"),
        (lambda b: b.load("channels", cases=[]), f"cases is an empty list; {LEFT_OUT}"),
        (lambda b: b.load("actors", cases=["alpha-1990"]), "rows of actors belong to no case; leave cases out"),
        (lambda b: b.load(None), r"table must be text, not NoneType; write for instance casebook.load\('channels'\)"),
        (lambda b: b.bibliography(b.load("channels")["result"]), r"frame\[\['channel_id', 'result'\]\]"),
        (lambda b: b.bibliography("alpha-1990"), "not str; casebook.cite gives the sources behind a case"),
        (lambda b: b.bibliography(None), "not NoneType; casebook.cite gives"),
        (lambda b: b.cite(b.load("channels")), "what must be text, not DataFrame; .* or casebook.bibliography"),
        (lambda b: b.find(None), "text must be text, not NoneType; write for instance casebook.find"),
        (lambda b: b.codebook(3), "table must be text, not int; write for instance casebook.codebook"),
        (lambda b: b.codebook(["channels"]), "table must be text, not list; write 'channels'"),
        (lambda b: b.evidence("alpha-1990", ["outcome"]), "variable must be text, not list; write 'outcome'"),
        (lambda b: b.case(["alpha-1990"]), "case_id must be text, not list; write 'alpha-1990'"),
        (lambda b: b.case("alpha"), "there is no case 'alpha'; did you mean 'alpha-1990'"),
        (lambda b: b.case("Alpha"), "there is no case 'Alpha'; did you mean 'alpha-1990'"),
        (
            lambda b: b.load("channels", columns=["result", "outcome"]),
            "outcome is a variable of cases, not of channels; with wide=True it is the column 'case_outcome'",
        ),
        (lambda b: b.codebook("channels.resul"), "no variable 'resul' in table channels; did you mean 'result'"),
        (
            lambda b: b.evidence("alpha-1990", "result"),
            "result is a variable of channels, not of cases; .*alpha-1990/line",
        ),
        (lambda b: b.evidence("channels", "result"), "'channels' is a table; name one of its rows, for example"),
    ],
)
def test_the_answer_says_what_to_write(tiny, ask, answer):
    with pytest.raises(CasebookError, match=answer):
        ask(tiny)


def test_a_list_of_variables_is_taken_as_variables(tiny):
    assert tiny.compare(["outcome", "violence"]).to_frame().equals(tiny.compare("outcome", "violence").to_frame())


def test_a_case_is_found_by_its_title(tiny):
    assert tiny.case("The Alpha dispute, 1990").case_id == "alpha-1990"
    assert len(tiny.compare("outcome", cases=["Alpha dispute"]).to_frame()) == 1
    assert str(tiny.evidence("alpha dispute", "outcome")) == str(tiny.evidence("alpha-1990", "outcome"))
    assert tiny.cite("Alpha dispute") == tiny.cite("alpha-1990")


def test_a_variable_is_found_without_its_table(tiny):
    assert [item.name for item in tiny.codebook("result").fields] == ["result"]
    assert str(tiny.codebook("channels.result")) == str(tiny.codebook("channels", "result"))


def test_find_knows_the_forms_of_a_word(tiny):
    assert "existence_secrecy_days" in set(tiny.find("secret")["variable"])


def test_what_is_empty_says_so(tiny):
    found = tiny.find("zebra")
    assert repr(found) == "Nothing in the codebook contains 'zebra'; try a shorter word."
    assert found._repr_html_() == "<p>Nothing in the codebook contains &#x27;zebra&#x27;; try a shorter word.</p>"
    assert list(found["variable"]) == []
    cited = tiny.bibliography(tiny.load("channels").head(0))
    assert repr(cited).startswith("No sources: ")
    assert (str(cited), list(cited)) == ("", [])
    assert "No sources" in cited._repr_html_()


def test_a_citation_style_is_known_in_capitals(tiny):
    assert tiny.cite(style="APA") == tiny.cite(style="apa")


def test_labels_stand_for_codes(tiny):
    plain, labeled = tiny.load("channels"), tiny.load("channels", labels=True)
    assert plain["result"].iloc[0] == "partial_agreement"
    assert labeled["result"].iloc[0] == "Partial agreement"
    assert labeled["result"].cat.categories[0] == "Agreement"
    assert tiny.load("channels", wide=True, labels=True)["case_outcome"].iloc[0] == "Partial settlement"


def test_rows_of_some_cases(tiny):
    assert len(tiny.load("channels", cases=["alpha-1990"])) == 1
    assert len(tiny.load("terms", cases=["Alpha dispute"], alleged=True)) == len(tiny.load("terms", alleged=True))


def test_a_table_asked_for_as_an_attribute_is_named():
    import casebook

    with pytest.raises(AttributeError, match=r"no attribute 'channels'; the table is casebook\.load\('channels'\)"):
        casebook.channels  # noqa: B018


def test_a_case_without_a_folder_is_answered_with_the_order_of_the_two():
    with pytest.raises(CasebookError, match="nothing to write into 'suez-1956'; after the folder name a case"):
        casebook.new("suez-1956")


@pytest.mark.parametrize(
    "title", ["US-Cuba talks, 1974-1976", "us–cuba TALKS, 1974–1976", "US\u2014Cuba talks, 1974-1976"]
)
def test_a_title_as_a_keyboard_has_it(title):
    assert casebook.case(title).case_id == "cuba-1974"


def test_a_variable_with_its_table(tiny):
    with pytest.raises(
        CasebookError, match=r"'channels.result' names a table too; write 'result' with table='channels'"
    ):
        tiny.compare("channels.result")
