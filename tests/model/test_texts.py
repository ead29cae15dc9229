"""What no text may hold, and what looks odd but may."""

import unicodedata

import pytest

from casebook.model.texts import TEMPLATE_TEXTS, could_run, unsafe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\x00b", "the invisible character U+0000"),
        ("a\x1b[31mb", "the invisible character U+001B"),
        ("a\x85b", "the invisible character U+0085"),
        ("a\rb", "the invisible character U+000D"),
        ("a\u202eb", "the invisible character U+202E (right-to-left override)"),
        ("a\u2066b", "the invisible character U+2066"),
        ("a\u200eb", "the invisible character U+200E"),
        ("Os\u200blo", "the invisible character U+200B (zero width space); remove it"),
        ("Os\u200dlo", "the invisible character U+200D"),
        ("Os\u2060lo", "the invisible character U+2060"),
        ("Os\ufefflo", "the invisible character U+FEFF"),
        ("Os\u00adlo", "the invisible character U+00AD (soft hyphen)"),
        ("Os\u034flo", "the invisible character U+034F"),
        ("Os\ufe0flo", "the invisible character U+FE0F"),
        ("Os\u3164lo", "the invisible character U+3164"),
        ("a\u2028b", "the invisible character U+2028"),
        ("a\u00a0b", "U+00A0 (no-break space); write a plain space"),
        ("a\u202fb", "U+202F (narrow no-break space); write a plain space"),
        ("a\u3000b", "U+3000 (ideographic space); write a plain space"),
        ("a\tb", "a tab; write spaces"),
        ("a\ue000b", "U+E000, which Unicode does not define"),
        ("a\uffffb", "U+FFFF, which Unicode does not define"),
        ("Zo\ufffd", "U+FFFD (replacement character), which stands for a character that was lost"),
        ("Zoe\u0308", "has letters and accents apart"),
        ("\u041eslo", "letters of two alphabets, among them '\u041e' (Cyrillic capital letter o)"),
        ("in Osl\u03bf", "letters of two alphabets, among them '\u03bf' (Greek small letter omicron)"),
        ("Sadat\u2019\u0455 envoy", "letters of two alphabets"),
        ("Пpaвдa", "letters of two alphabets"),
        ("\uff21land", "letters of two alphabets"),
        ("\u0430 letter", "U+0430 (cyrillic small letter a) among words of another alphabet"),
        ("a <b>bold</b> claim", "the HTML tag '<b>'"),
        ("a<br/>b", "the HTML tag '<br/>'"),
        ("<script src='x'>", "the HTML tag"),
        ("<!-- hidden -->", "the HTML tag '<!--'"),
        ("Aland &amp; Bland", "the HTML entity '&amp;'; write the character itself"),
        ("Ann&#39;s", "the HTML entity '&#39;'"),
        ("a&nbsp;b", "the HTML entity '&nbsp;'"),
        *(
            (text, "is read as an empty cell by other programs")
            for text in ("NA", " null ", "NaN", "None", "~", "#N/A")
        ),
        *((text, "is what the template left for you to replace") for text in TEMPLATE_TEXTS),
    ],
)
def test_what_is_refused(text, message):
    assert message in unsafe(text)
    assert not {unicodedata.category(character) for character in unsafe(text)} & {"Cc", "Cf", "Cn", "Co"}


@pytest.mark.parametrize(
    "text",
    [
        "Łódź, Đà Nẵng, İstanbul, ʿAbbās, Þórr",
        "“Правда” wrote on 3 May",
        "Εστία, Haaretz (הארץ), الأهرام",
        "می\u200cخواهم",
        "東京 and NHKラジオ",
        "one line\nanother",
        "1 < 2 and a > b; R&D; AT&T",
        "<https://example.org/a?b=1&c=2>",
        "3 °C, 5 µm, 1º, € 5 – «yes»… ½",
        "a_b #3 *c* [@doe2001talks]",
        "СССР",
        "none",
        "Nana Null",
        "",
    ],
)
def test_what_may_stand(text):
    assert unsafe(text) is None


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-a", "@SUM(1)", " =1", "\t=1", "＝1", "\r=1"])
def test_what_a_spreadsheet_could_run(text):
    assert could_run(text)


@pytest.mark.parametrize("text", ["a = b", "-5", "+1.5", "-0044-03-15", "2 - 1", "", "a\n=1"])
def test_what_it_could_not(text):
    assert not could_run(text)
