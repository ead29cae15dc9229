"""Citations in notebooks: italics where the style has them, links where there is an address."""

import re
from html import unescape

import pytest

import casebook
from casebook.sources.hypertext import hypertext


@pytest.mark.parametrize(
    ("citation", "item", "shown"),
    [
        ("Roe, J. (1999). It’s So. Press.", {"title": "It's So"}, "Roe, J. (1999). <i>It’s So</i>. Press."),
        (
            "Roe, J. (2002). Doubt. Journal of Doubt, 12(3), 1–9.",
            {"title": "Doubt", "container-title": "Journal of Doubt", "volume": "12"},
            "Roe, J. (2002). Doubt. <i>Journal of Doubt, 12</i>(3), 1–9.",
        ),
        (
            "Associated Press. (1993). Talks. Associated Press. https://a.org/Associated_Press",
            {"title": "Talks", "container-title": "Associated Press"},
            "Associated Press. (1993). Talks. <i>Associated Press</i>. "
            '<a href="https://a.org/Associated_Press">https://a.org/Associated_Press</a>',
        ),
        (
            "ADL. n.d. “Madrid & Oslo.” https://a.org/x?a=1&b=2.",
            {"title": "Madrid & Oslo"},
            'ADL. n.d. “Madrid &amp; Oslo.” <a href="https://a.org/x?a=1&amp;b=2">https://a.org/x?a=1&amp;b=2</a>.',
        ),
        ("Doe. Times. <b>", {"title": "Time"}, "Doe. Times. &lt;b&gt;"),
        ("Doe.", {}, "Doe."),
    ],
)
def test_what_stands_for_the_whole_work_is_in_italics_and_addresses_are_links(citation, item, shown):
    assert hypertext(citation, item) == shown


@pytest.mark.parametrize("style", ["apa", "chicago"])
def test_every_citation_of_the_release_keeps_its_text_and_has_its_links(style):
    found = casebook.cite("cuba-1962", style=style)
    html = found._repr_html_()
    items = re.findall(r"<li>(.*?)</li>", html)
    assert [unescape(re.sub(r"</?[ia]\b[^>]*>", "", item)) for item in items] == list(found)
    assert html.count("<a href=") == sum(len(re.findall(r"https?://", text)) for text in found)
    if style == "apa":
        assert sum("<i>" in item for item in items) >= 0.95 * len(items)


def test_the_release_and_the_evidence_have_them_too(tiny):
    assert "<i>A tiny casebook</i>" in tiny.cite()._repr_html_()
    shown = tiny.evidence("alpha-1990", "outcome")._repr_html_()
    assert "<i>Secret Talks</i>. Press. (p. 7)" in shown
    assert "<i>Journal of Doubt</i>" in shown


def test_other_styles_are_text(tiny):
    assert "<i>" not in tiny.cite("alpha-1990", style="bibtex")._repr_html_()
