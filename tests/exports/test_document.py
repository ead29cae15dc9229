"""The codebook as a document: everything is in it, and only as text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from casebook.exports.document import plain


def squeezed(text):
    return " ".join(text.split())


def test_the_page_says_everything_in_the_schema(exported):
    page = html.parse(exported.folder / "codebook.html", html.HTMLParser(encoding="utf-8")).getroot()
    text = squeezed(page.text_content())
    for table in exported.book.schema:
        assert squeezed(table.description) in text
        for rule in table.rules:
            assert squeezed(rule.message) in text
        for item in table.columns:
            assert item.name in text
        for item in table.fields:
            assert squeezed(item.description) in text
            assert squeezed(item.rule or "") in text
            for category in item.categories:
                assert squeezed(f"{category.label} {category.description}") in text


def test_every_link_in_the_page_leads_somewhere(exported):
    page = html.parse(exported.folder / "codebook.html", html.HTMLParser(encoding="utf-8")).getroot()
    targets = {link.get("href") for link in page.iter("a") if link.get("href").startswith("#")}
    assert targets == {f"#{name}" for name in exported.book.schema.tables}
    assert targets <= {f"#{heading.get('id')}" for heading in page.iter("h2")}
    assert page.get("lang") == "en"
    assert page.findtext(".//title") == f"{exported.book.metadata.title}: codebook"


def test_headings_of_the_markdown_are_tables_and_variables(exported):
    lines = (exported.folder / "codebook.md").read_text(encoding="utf-8").splitlines()
    tables = [re.search(r"`(\w+)`$", line)[1] for line in lines if line.startswith("## ")]
    variables = [re.search(r"`(\w+)`$", line)[1] for line in lines if line.startswith("### ")]
    assert tables == list(exported.book.schema.tables)
    assert variables == [item.name for table in exported.book.schema for item in table.fields]


@pytest.mark.usefixtures("unchecked")
def test_markup_in_a_schema_is_shown_and_not_run(folder, tmp_path):
    folder.own_schemas()
    text = folder.read("schemas/cases.yaml")
    evil = "<script>alert(1)</script> [x](javascript:y) *b* | c"
    folder.write("schemas/cases.yaml", text.replace("title: Domain", f"title: '{evil}'", 1))
    [path] = folder.build().export(tmp_path / "out", "html")
    page = html.parse(path, html.HTMLParser(encoding="utf-8")).getroot()
    assert not list(page.iter("script"))
    assert evil in page.text_content()


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" *_`[]<>|&#+-=~!.1)\\"))


@given(TEXTS.map(squeezed).filter(bool))
def test_plain_text_survives_markdown(text):
    rendered = MarkdownIt("commonmark", {"html": False}).enable("table").render(plain(text))
    assert html.fragment_fromstring(rendered, create_parent="div").text_content().strip() == text
