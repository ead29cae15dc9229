import pytest
from support import ROOT

from casebook.authoring.bibliography import plain, read_bibliography
from casebook.authoring.schemas import read_schema
from casebook.errors import Problems
from casebook.sources.citing import format_sources

TABLE = read_schema(ROOT / "schemas").table("sources")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("  publisher = {Press},\n", "", 1, "sources.doe2001talks: @book needs publisher"),
        ("  author = {Doe, Jane},\n", "", 1, "@book needs author or editor"),
        ("publisher = {Press}", "publishr = {Press}", 1, "unknown field 'publishr'; did you mean 'publisher'?"),
        ("@book", "@boook", 1, "unknown type @boook; did you mean 'book'?"),
        ("date = {2001}", "date = {last year}", 1, "date: 'last year' is not a date in EDTF"),
        ("kind = {scholarly}", "kind = {gossip}", 1, "unknown kind 'gossip'"),
        ("reliability = {scrutinized}", "reliability = {good}", 1, "unknown reliability 'good'"),
        ("consulted = {full}", "consulted = {fully}", 1, "unknown consulted 'fully'; did you mean 'full'?"),
        ("roe2002rival", "doe2001talks", 11, "the key stands twice"),
        ("doe2001talks", "Doe:2001", 1, "a key is lower-case letters and digits"),
        ("title = {Secret Talks},", "title = {Secret Talks,", 11, "check the braces and commas"),
    ],
)
def test_bad_entries(folder, old, new, line, message):
    folder.replace("sources.bib", old, new)
    found = [problem for problem in folder.problems() if message in problem]
    assert found
    assert found[0].startswith(f"sources.bib:{line}:")


def test_unused_sources_are_a_problem(folder):
    folder.replace("cases/alpha-1990/case.yaml", "    source: roe2002rival\n", "    source: doe2001talks\n")
    folder.replace("cases/alpha-1990/events.yaml", "roe2002rival", "doe2001talks")
    folder.replace("cases/alpha-1990/claims.yaml", "[roe2002rival]", "[doe2001talks]")
    assert folder.problems() == [
        "sources.bib:11: sources.roe2002rival: the source is cited nowhere; cite it or take it out"
    ]


def test_latex_becomes_plain_text():
    assert plain(r"Z{\'u}{\~n}iga \& {NATO}, 1--2") == "Zúñiga & NATO, 1–2"
    assert plain(r"An \$8 Billion Dilemma") == "An $8 Billion Dilemma"


def test_rows_and_csl_of_an_entry(folder):
    source = read_bibliography(folder.path / "sources.bib", TABLE, Problems())["roe2002rival"]
    assert source.row["container"] == "Journal of Doubt"
    assert source.row["language"] == "english"
    assert source.csl["issued"] == {"date-parts": [[2002, 5]]}
    assert source.csl["author"] == [{"family": "Roe", "given": "Richard"}]


def test_corporate_authors_are_not_split(folder):
    folder.replace("sources.bib", "{Roe, Richard}", "{{The Daily, Ltd.}}")
    source = read_bibliography(folder.path / "sources.bib", TABLE, Problems())["roe2002rival"]
    assert source.csl["author"] == [{"literal": "The Daily, Ltd."}]


def test_citations_of_a_list_keep_its_order():
    author = [{"family": "Roe", "given": "Jo"}]
    items = [{"id": key, "type": "book", "title": key.title(), "author": author} for key in ("b", "a")]
    assert list(format_sources(items).items()) == [("b", "Roe, J. (n.d.-b). B."), ("a", "Roe, J. (n.d.-a). A.")]
