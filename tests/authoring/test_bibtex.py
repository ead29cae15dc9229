"""What BibTeX files hold in practice, and what may be wrong with them."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pybtex.database import parse_string
from support import ROOT

from casebook.authoring.bibliography import read_bibliography
from casebook.authoring.bibtex import Entry, Name, normalized, plain, read_bibtex, read_names, verbatim
from casebook.authoring.schemas import read_schema
from casebook.errors import Mark, Problems
from casebook.sources.citing import format_sources

TABLE = read_schema(ROOT / "schemas").table("sources")
MORE = "kind = {scholarly}, consulted = {full}, reliability = {accountable}"


@pytest.fixture
def read(tmp_path):
    """Sources and problems of a bibliography given as text."""

    def read(text):
        path, problems = tmp_path / "sources.bib", Problems()
        path.write_text(text, encoding="utf-8")
        sources = read_bibliography(path, TABLE, problems)
        return sources, [str(problem).replace(f"{path}:", "") for problem in sorted(problems.found)]

    return read


def book(key="doe1999", **fields):
    fields = {"author": "Doe, Jane", "title": "A Work", "publisher": "Press", "date": "1999", **fields}
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value is not None)
    return f"@book{{{key},\n{lines}  {MORE},\n}}\n"


class TestText:
    @pytest.mark.parametrize(
        ("latex", "text"),
        [
            (r"A 50% solution for {K}ashmir", "A 50% solution for Kashmir"),
            (r"A 50\% solution", "A 50% solution"),
            (r"Agents \& Envoys: 10\% of \$5, a\_b \#1", "Agents & Envoys: 10% of $5, a_b #1"),
            (r"{\'{\i}} {\'\i} \'\i{} {\'i} \'{I}", "í í í í Í"),
            (
                r"Z{\'u}{\~n}iga, {\L}{\'o}d{\'z}, {\o}re, Stra{\ss}e, {\c{c}}a, \v{s}",
                "Zúñiga, Łódź, øre, Straße, ça, š",
            ),
            (r"``Back'' channels---1961--1963", "“Back” channels—1961–1963"),
            (r"\emph{Envoys} and \textit{Spies}~3", "Envoys and Spies 3"),
            ("Prices of $5 and $6", "Prices of $5 and $6"),
            ("Meeting #3 in room #5", "Meeting #3 in room #5"),
            ("{A} & B: 5% of #3, x_y^2", "A & B: 5% of #3, x_y^2"),
            ("two\n   lines", "two lines"),
        ],
    )
    def test_latex_becomes_plain_text(self, latex, text):
        assert plain(latex) == text

    @pytest.mark.parametrize("command", [r"\today", r"\foo{x}", r"\input{x}", r"\begin{x}y\end{x}", r"\char`x"])
    def test_commands_that_are_no_characters_are_refused(self, command):
        with pytest.raises(ValueError, match="is not understood; write the character itself"):
            plain(f"A {command} work")

    @pytest.mark.parametrize(
        ("latex", "message"),
        [
            (r"As \cite{doe} says", r"the LaTeX command \cite is not understood"),
            (r"See \ref{a}", r"the LaTeX command \ref is not understood"),
            (r"Nego\-tiate", r"contains the invisible character U+00AD (soft hyphen); remove it"),
            (r"A \textohm", "has letters and accents apart"),
            (r"{\'}etat", "a LaTeX accent stands on no letter; write the character itself"),
            (r"A \~{} B", "a LaTeX accent stands on no letter; write the character itself"),
            (r"Art. \'1", "a LaTeX accent stands on no letter; write the character itself"),
            (r"A\u00adB", "a LaTeX accent stands on no letter; write the character itself"),
            (r"From $\alpha$ to H$_2$O", r"'$\\alpha$' is a formula; write its characters, and a dollar as \$"),
        ],
    )
    def test_what_would_be_published_as_something_else_is_refused(self, latex, message):
        with pytest.raises(ValueError, match=re.escape(message)):
            plain(latex)

    @pytest.mark.parametrize(
        ("latex", "text"),
        [
            ("`Back' channels", "‘Back’ channels"),
            ("``Rock `n' roll''", "“Rock ‘n’ roll”"),
            ("The envoys' `n'", "The envoys' ‘n’"),
        ],
    )
    def test_single_quotation_marks_of_latex(self, latex, text):
        assert plain(latex) == text

    def test_deep_braces_are_refused(self):
        with pytest.raises(ValueError, match="nested too deeply"):
            plain("{" * 5000 + "}" * 5000)

    @given(st.text(st.characters(exclude_characters="\\{}~$`'-", exclude_categories=["C", "Z"])))
    @example("\u0300")
    @example("7\u0300")
    def test_text_without_markup_stays_as_it_is(self, text):
        assert plain(text) == text
        assert plain(f"{{{text}}}") == text

    def test_addresses_and_dates_keep_their_characters(self, read):
        sources, problems = read(
            book(doi=r"10.1007/978-3\_16", url=r"https://example.org/~a\_b\%20c#d%7E", date="1973~", title="A~B")
        )
        assert problems == []
        assert sources["doe1999"].csl["DOI"] == "10.1007/978-3_16"
        assert sources["doe1999"].row["url"] == "https://example.org/~a_b%20c#d%7E"
        assert sources["doe1999"].row["date"] == "1973~"
        assert sources["doe1999"].row["title"] == "A B"
        assert verbatim(r"a/\textasciitilde{}b/{\textasciitilde}c/\~{}d") == "a/~b/~c/~d"


class TestNames:
    def test_suffixes_particles_and_bodies(self):
        assert read_names(
            "Doe, Jr., John M. and van der Berg, Jan and Charles de Gaulle and {Agency of A, B and C, Ltd.} and Poe"
        ) == [
            Name("Doe", "John M.", "Jr."),
            Name("van der Berg", "Jan"),
            Name("de Gaulle", "Charles"),
            Name("Agency of A, B and C, Ltd."),
            Name("Poe"),
        ]

    @pytest.mark.parametrize(
        ("author", "message"),
        [
            ("Doe, Jane; Roe, Richard", "author: names are joined by and, not by ';'"),
            ("Jane Doe; Richard Roe; Ed Poe", "author: names are joined by and, not by ';'"),
            ("Doe, Jane & Roe, Richard", "author: names are joined by and, not by '&'"),
            (r"Doe, Jane \& Roe, Richard", "author: names are joined by and, not by '&'"),
            (
                "Doe, J., K., L., M., N.",
                "author: 'Doe, J., K., L., M., N.' is not a name; write for instance Doe, Jane",
            ),
            ("Doe, Jane / Roe, Richard", "author: 'Doe, Jane / Roe, Richard': names are joined by and, not by '/'"),
            ("Doe, Jane with Roe, Jo", "author: 'Doe, Jane with Roe, Jo': names are joined by and, not by 'with'"),
            ("Doe, Jane und Roe, Jo", "author: 'Doe, Jane und Roe, Jo': names are joined by and, not by 'und'"),
            ("Doe, Jane y Roe, Jo", "author: 'Doe, Jane y Roe, Jo': 'Jane y Roe' stands where a suffix such as Jr."),
            ("Doe, Jane and", "author: 'Doe, Jane and': names are joined by one and between two of them"),
            ("and Doe, Jane", "author: 'and Doe, Jane': names are joined by one and between two of them"),
            ("Doe, J. and and Roe, J.", "author: 'and Roe, J.': names are joined by one and between two of them"),
            ("Doe, J. et al.", "author: 'Doe, J. et al.': names are joined by and; write and others"),
            ("Doe, J. and Others", "author: 'Others': names are joined by and; write and others"),
            ("Doe, John, Jr.", "author: 'Doe, John, Jr.': 'John' stands where a suffix such as Jr. does; write for"),
            ("Doe Jr., John", "author: 'Doe Jr., John': a suffix stands between family and given name; write for"),
            ("John Doe, Jr.", "author: 'John Doe, Jr.': a suffix stands between family and given name; write for"),
            ("John Doe III", "author: 'John Doe III': a suffix stands between family and given name; write for"),
            (", Jane", "author: ', Jane': there is no family name; write for instance Doe, Jane or Doe, Jr., John M."),
            ("Doe, Jane (ed.)", "author: 'Doe, Jane (ed.)': who edited a work is named under editor; write for"),
        ],
    )
    def test_names_joined_otherwise_are_a_problem_with_the_line_of_the_entry(self, read, author, message):
        _, problems = read("\n" + book(author=author))
        assert problems[0].startswith(f"2: sources.doe1999: {message}")

    def test_names_that_look_like_others_are_read(self):
        text = "Ortega y Gasset, J. and Putin, V. and Lenin, V. I. and Doe, III, J. and {Roe, Jr.} and others"
        assert list(map(str, read_names(text))) == [
            *("Ortega y Gasset, J.", "Putin, V.", "Lenin, V. I.", "Doe, J., III", "Roe, Jr.", "others"),
        ]

    def test_a_body_may_have_semicolons_and_ampersands(self, read):
        sources, problems = read(book(author="{Mail & Guardian; Weekly}"))
        assert problems == []
        assert sources["doe1999"].row["author"] == "Mail & Guardian; Weekly"


class TestCodes:
    @pytest.mark.parametrize(
        ("name", "text", "message"),
        [
            ("doi", "https://doi.org/10.1234/x", "is no DOI; write what begins with 10."),
            ("doi", "doi:10.1234/x", "is no DOI"),
            ("doi", "10.1234/x y", "is no DOI"),
            ("url", "example.org/a", "is no address; write one, for instance https://example.org/page"),
            ("url", "https://a.org, https://b.org", "is no address; write one"),
            ("url", r"\url{https://a.org}", "is no address"),
            ("url", "javascript:alert(1)", "is no address"),
            ("url", "https://", "is no address"),
            ("isbn", "978-3-16-148410-1", "is no ISBN, for the last digit does not follow from the others"),
            ("pages", "pp. 5--6", "are no pages; write for instance 12 or 12--19"),
            ("pages", "5--", "are no pages"),
            ("pages", "19--3", "run backwards; write the first page and then the last"),
            ("langid", "English", "is no language; write its English name in lower case"),
            ("langid", "en", "is no language"),
        ],
    )
    def test_what_cannot_be_followed_is_refused(self, read, name, text, message):
        _, (problem,) = read(book(**{name: text}))
        assert problem.startswith(f"1: sources.doe1999: {name}: ")
        assert message in problem

    @pytest.mark.parametrize(
        ("name", "text", "kept"),
        [
            ("doi", r"{10.1234/x{\_}y}", "10.1234/x_y"),
            ("url", "{HTTPS://example.org/~a}", "HTTPS://example.org/~a"),
            ("isbn", "0-8044-2957-X, 9783161484100", "0-8044-2957-X, 9783161484100"),
            ("pages", "4-1--4-20, 123--5; 58ff., e12, xi--xv", "4-1–4-20, 123–5; 58ff., e12, xi–xv"),
            ("date", "{1999}", "1999"),
        ],
    )
    def test_what_can_be_followed_is_read(self, read, name, text, kept):
        sources, problems = read(book(**{name: text}))
        assert problems == []
        csl = sources["doe1999"].csl
        assert {**sources["doe1999"].row, "isbn": csl.get("ISBN"), "pages": csl.get("page")}[name] == kept

    @pytest.mark.parametrize("text", ["Replace this entry by a source of your own", "{NULL}", "N/A"])
    def test_a_text_that_says_nothing_is_refused(self, read, text):
        _, (problem,) = read(book(title=text))
        assert re.search("what the template left for you to replace|read as an empty cell by other programs", problem)

    @pytest.mark.parametrize("name", ["doi", "url", "note", "publisher", "langid"])
    def test_an_empty_field_is_no_value(self, read, name):
        _, problems = read(book(**{name: "{}"}))
        assert f"1: sources.doe1999: {name} is empty; write it, or take it out" in problems

    @pytest.mark.parametrize(
        ("name", "advice"), [("year", "write date, for instance date = {2001-05}"), ("location", "write address")]
    )
    def test_fields_of_other_bibliographies_are_told_what_they_are_here(self, read, name, advice):
        _, (problem,) = read(book(**{name: "2001"}))
        assert problem.endswith(f"unknown field {name!r}; {advice}")


class TestBlocks:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (book("doe2001") + book("doe2001talks") + book("doe2001talks"),
             "15: sources.doe2001talks: BibTeX: the key stands twice; keep one entry (the first is in line 8)"),
            (book().replace("publisher", "title"),
             "1: sources.doe1999: BibTeX: field 'title' stands twice in one entry; keep one"),
            (book().replace("publisher", "TITLE"),
             "1: sources.doe1999: BibTeX: field 'title' stands twice in one entry; keep one"),
            (book().replace("{A Work},", "{A Work,") + "\n" + book("roe1999"),
             "9: sources.doe1999: BibTeX: the entry that begins in line 1 is broken; check the braces and commas"),
            (book().replace("{A Work},", "{A Work}"), "3: sources.doe1999: BibTeX: title: is not one text in braces"),
            (book().replace("{A Work}", "{A} # {Work}"), "do not join texts by #"),
            (book().replace("{A Work}", "jan"), "3: sources.doe1999: BibTeX: title: unknown abbreviation 'jan'"),
            (book().replace("@book", "book"), "1: sources: BibTeX: this text stands outside every entry"),
            ("@preamble{x}\n", "1: sources: BibTeX: @preamble has no use here"),
            ("@string{a = {b}}\n@string{a = {c}}\n", "2: sources.a: BibTeX: the abbreviation 'a' stands twice"),
            (book(note="a \x1b[31mred"), "6: sources: contains the invisible character U+001B; remove it"),
            (book(note="a \u202e b"), "6: sources: contains the invisible character U+202E (right-to-left override)"),
            (book(note=r"\foo"), "1: sources.doe1999: note: the LaTeX command \\foo is not understood"),
        ],
    )  # fmt: skip
    def test_problems_with_their_lines(self, read, text, expected):
        _, problems = read(text)
        assert [problem for problem in problems if expected in problem]

    def test_a_broken_entry_does_not_hide_the_next(self, read):
        sources, _ = read(book().replace("{A Work},", "{A Work,") + "\n" + book("roe1999"))
        assert list(sources) == ["roe1999"]

    def test_nothing_is_printed(self, read, capfd):
        read(book().replace("{A Work},", "{A Work,"))
        assert capfd.readouterr() == ("", "")

    def test_names_of_fields_and_types_in_any_case(self, read):
        sources, problems = read("@BOOK{b19, AUTHOR = {Doe, Jane}, Title = {A Work}, PUBLISHER = {Press},"
                                 " DATE = 1999, KIND = {scholarly}, CONSULTED = \"full\", "
                                 "reliability = {record}}")  # fmt: skip
        assert problems == []
        assert sources["b19"].row["title"] == "A Work"

    def test_abbreviations_remarks_and_parentheses(self, read):
        text = "% a remark\n@comment{x}\n@string{press = {The Press}}\n" + book().replace("{Press}", "PRESS")
        sources, problems = read(text)
        assert problems == []
        assert sources["doe1999"].row["container"] == "The Press"

    def test_abbreviations_cannot_be_chained(self, read):
        chain = "@string{a0 = {xxxxxxxxxx}}\n" + "".join(
            f"@string{{a{n} = {' # '.join([f'a{n - 1}'] * 10)}}}\n" for n in range(1, 9)
        )
        _, problems = read(chain + book().replace("{Press}", "a8"))
        assert problems == [
            "13: sources.doe1999: BibTeX: publisher: the abbreviation stands for others; write its text out in braces"
        ]

    @given(st.text('@{}",=# \nab1\\%', max_size=60))
    def test_any_text_is_read_or_refused(self, text):
        read_bibtex(text, "sources.bib", Problems())


class TestCitations:
    """Kinds of works whose citation went wrong elsewhere; APA, then Chicago."""

    @pytest.mark.parametrize(
        ("text", "apa", "chicago"),
        [
            (book(author="Doe, Jr., John M."), "Doe, J. M., Jr. (1999). A Work. Press.",
             "Doe, John M., Jr. 1999. A Work. Press."),
            (book(author=None, editor="Roe, Jo and Poe, Ed", series="Papers", edition="2"),
             "Roe, J., & Poe, E. (Eds.). (1999). A Work (2nd ed.). Press.",
             "Roe, Jo, and Ed Poe, eds. 1999. A Work. 2nd ed. Papers. Press."),
            (book(date="1973~"), "Doe, J. (ca. 1973). A Work. Press.", "Doe, Jane. [1973?]. A Work. Press."),
            (book(date="195X"), "Doe, J. (1950s). A Work. Press.", "Doe, Jane. 1950s. A Work. Press."),
            (book(date="1961/.."), "Doe, J. (1961–). A Work. Press.", "Doe, Jane. 1961–. A Work. Press."),
            (book(date="../1963"), "Doe, J. (until 1963). A Work. Press.", "Doe, Jane. Until 1963. A Work. Press."),
            (book(edition="Updated"), "Doe, J. (1999). A Work (Updated ed.). Press.",
             "Doe, Jane. 1999. A Work. Updated ed. Press."),
            (f"@inbook{{x, author={{Doe, Jane}}, title={{The Whole Book}}, chapter={{3}}, pages={{40--55}}, "
             f"editor={{Roe, Jo}}, publisher={{Press}}, date={{1999}}, {MORE}}}",
             "Doe, J. (1999). [Chapter 3]. In J. Roe (Ed.), The Whole Book (pp. 40–55). Press.",
             "Doe, Jane. 1999. “[Chapter 3].” In The Whole Book, edited by Jo Roe, 40–55. Press."),
            (f"@inbook{{x, author={{Doe, Jane}}, title={{The Whole Book}}, chapter={{Envoys}}, publisher={{Press}}, "
             f"date={{1999}}, {MORE}}}",
             "Doe, J. (1999). Envoys. In The Whole Book. Press.",
             "Doe, Jane. 1999. “Envoys.” In The Whole Book. Press."),
            (f"@online{{x, title={{A page without a name}}, date={{2001-05-03}}, "
             f"url={{https://example.org/a}}, {MORE}}}",
             "A page without a name. (2001, May 3). https://example.org/a",
             "“A page without a name.” 2001. May 3. https://example.org/a."),
            (f"@online{{x, author={{Doe, Jane}}, title={{A page}}, url={{https://example.org/a}}, {MORE}}}",
             "Doe, J. (n.d.). A page. https://example.org/a",
             "Doe, Jane. n.d. “A page.” https://example.org/a."),
            ("@article{x, author={Doe, Jane}, title={Who?}, journal={Daily}, date={2004-05/2004-06}, "
             "kind={scholarly}, consulted={full}, reliability={accountable}}",
             "Doe, J. (2004). Who? Daily.", "Doe, Jane. 2004. “Who?” Daily, May–June 2004."),
            ("@article{x, author={Doe, Jane}, title={Talks}, journal={Daily}, date={2004-05/2004-06}, "
             "kind={journalism}, consulted={full}, reliability={accountable}}",
             "Doe, J. (2004, May–June). Talks. Daily.", "Doe, Jane. 2004. “Talks.” Daily, May–June 2004."),
            ("@article{x, author={Doe, Jane}, title={Talks}, journal={Daily}, date={1993-22}, "
             "kind={journalism}, consulted={full}, reliability={accountable}}",
             "Doe, J. (1993, Summer). Talks. Daily.", "Doe, Jane. 1993. “Talks.” Daily, Summer 1993."),
        ],
    )  # fmt: skip
    def test_right_citations(self, read, text, apa, chicago):
        sources, problems = read(text)
        assert problems == []
        items = [source.csl for source in sources.values()]
        assert list(format_sources(items, "apa").values()) == [apa]
        assert list(format_sources(items, "chicago").values()) == [chicago]


class TestNormalized:
    def test_the_published_form_reads_back_as_it_is(self, read):
        first, _ = read(
            book(title=r"A 50% {S}olution \& more", url=r"https://a.org/x%20y_z\#1", note="a_b #1", date="1973~")
        )
        again, problems = read(first["doe1999"].bibtex)
        assert problems[0].startswith("1: sources.doe1999: unknown field 'year'")
        again, _ = read(first["doe1999"].bibtex.replace("  year = {1973},\n", ""))
        assert (again["doe1999"].row, again["doe1999"].csl) == (first["doe1999"].row, first["doe1999"].csl)
        assert again["doe1999"].bibtex == first["doe1999"].bibtex

    def test_latex_can_set_it(self):
        entry = Entry("a", "misc", Mark("a.bib", 1), {"title": r"50% \% a_b & #1", "url": r"a\_b%20"})
        assert r"title = {50\% \% a\_b \& \#1}" in normalized(entry)
        assert "url = {a_b%20}" in normalized(entry)

    def test_every_packaged_entry_keeps_its_fields_and_can_be_cut_out(self):
        text = (ROOT / "data/sources.bib").read_text(encoding="utf-8")
        entries = read_bibtex(text, "sources.bib", Problems())
        theirs = parse_string(text, "bibtex").entries
        assert [entry.key for entry in entries] == list(theirs)
        for entry in entries:
            fields = {name.lower(): " ".join(value.split()) for name, value in theirs[entry.key].fields.items()}
            assert {name: value for name, value in entry.fields.items() if name not in ("author", "editor")} == fields
        published = "\n\n".join(map(normalized, entries))
        assert list(parse_string(published, "bibtex").entries) == list(theirs)


def test_csl_of_every_field(read):
    source = read(
        book(series="S", volume="3", number="4", edition="2", address="Oslo", isbn="0-7139-9885-7", pages="1--9")
    )[0]
    item = source["doe1999"].csl
    assert json.loads(json.dumps(item)) == item
    assert (item["collection-title"], item["volume"], item["number"], item["edition"]) == ("S", "3", "4", "2")
    assert (item["publisher-place"], item["ISBN"], item["page"]) == ("Oslo", "0-7139-9885-7", "1–9")
