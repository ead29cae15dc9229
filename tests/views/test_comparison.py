import csv
import io
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import pandas as pd
import pytest

from casebook.errors import CasebookError
from casebook.views.comparison import Compared, Comparison

NASTY = r'50% & <b>$x_1^2$</b> #{a}~ \end "q", [x] | *'


def made(text: str = NASTY, missing: bool = False) -> Comparison:
    rows = [
        Compared(("Case <i>", "[1] first"), [text], [missing]),
        Compared(("Case <i>", "*second"), ["plain"], [False]),
    ]
    return Comparison(rows, ["Case", "Channels"], ["Re_sult & <i>"], "Channels: 100%")


class Cells(HTMLParser):
    """Text of each cell, with the tags seen and the style in which the text stands."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.styles: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")
            self.styles.append(dict(attrs).get("style") or "")

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data

    def style_of(self, text: str) -> str:
        return next(style for cell, style in zip(self.cells, self.styles, strict=True) if cell.strip() == text)


def test_rows_are_sorted_by_case_then_start(folder):
    text = folder.read("cases/alpha-1990/channels.yaml")
    earlier = text.replace("channel: line", "channel: early").replace("name: Ann – Bob", "name: Zoe – Yan")
    folder.write("cases/alpha-1990/channels.yaml", text + earlier.replace("start: 1990-02\n", "start: 1990-01\n"))
    shown = folder.build().compare("result").frame.index.get_level_values("Channels")
    assert list(shown) == ["Zoe – Yan", "Ann – Bob"]


def test_cases_filter_reaches_nested_tables(tiny):
    compared = tiny.compare("proximity", cases=["alpha-1990"])
    assert compared.frame.index[0] == ("Alpha dispute", "alpha-1990/line/aland")


def test_missing_values_are_marked(tiny):
    compared = tiny.compare("result", "terms_disclosed")
    assert compared.missing.to_numpy().tolist() == [[False, True]]
    assert compared.frame.iloc[0, 1] == "unknown"


def test_to_frame_is_a_copy():
    compared = made()
    frame = compared.to_frame()
    frame.iloc[0, 0] = "spoiled"
    assert compared.frame.iloc[0, 0] == NASTY
    assert len(compared) == 2


def test_html_is_escaped_and_needs_no_style_sheet():
    html = made().to_html()
    parsed = Cells(html)
    assert set(parsed.tags).isdisjoint({"script", "style", "link", "b", "i"})
    assert NASTY in [cell.strip() for cell in parsed.cells]
    assert "Re_sult & <i>" in [cell.strip() for cell in parsed.cells]
    assert "text-align: left" in parsed.style_of("plain")


def colors(html: str) -> set[str]:
    """Colors that text or background have of their own, in style attributes or style sheets."""
    return set(re.findall(r"(?<![-\w])(?:background(?:-color)?|color)\s*:\s*([^;}\"']+)", html))


def displays(book):
    yield made("unknown", missing=True)
    yield book.compare("result", "terms_disclosed")
    yield book.case("alpha-1990")
    yield book.codebook("channels", "result")
    yield book.evidence("alpha-1990", "outcome")
    yield book.cite("alpha-1990")


def test_every_display_takes_the_colors_of_its_theme(tiny):
    for display in displays(tiny):
        assert colors(display._repr_html_()) <= {"inherit", "transparent"}, type(display)
    assert colors(made().to_html()) == set()


def test_every_cell_is_left_aligned_where_style_sheets_are_stripped(tiny):
    for display in displays(tiny):
        html = re.sub(r"<style.*?</style>", "", display._repr_html_(), flags=re.DOTALL)
        assert "<style" not in html
        for style in Cells(html).styles:
            assert re.search(r"text-align:\s*left", style), type(display)


def test_text_that_looks_like_a_style_is_kept():
    text = 'he said; color: #FFF; "background-color: red"'
    assert text in [cell.strip() for cell in Cells(made(text).to_html()).cells]


def test_missing_values_are_quieter_in_every_form():
    html, latex = made("unknown", missing=True).to_html(), made("unknown", missing=True).to_latex()
    assert "italic" in Cells(html).style_of("unknown")
    assert "italic" not in Cells(html).style_of("plain")
    assert r"\textcolor[HTML]{595959}{\textit{unknown}}" in latex
    assert "textit{plain" not in latex


def test_the_same_comparison_gives_the_same_html():
    assert made().to_html() == made().to_html()


def test_latex_specials_are_escaped():
    latex = made().to_latex()
    escaped = r"50\% \& \textless{}b\textgreater{}\$x\_1\textasciicircum{}2\$"
    assert escaped in latex
    assert r"\textbackslash{}end" in latex
    assert r"\caption{Channels: 100\%}" in latex
    assert r"{}[1] first" in latex
    assert r"{}*second" in latex
    assert r"Re\_sult \& \textless{}i\textgreater{}" in latex
    assert latex.count("Case \\textless{}i\\textgreater{}") == 1


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs pdflatex")
def test_latex_compiles(tmp_path, tiny):
    packages = r"\usepackage[T1]{fontenc}\usepackage{array,booktabs,longtable,xcolor}"
    body = made("unknown", True).to_latex() + made().to_latex() + tiny.compare("result", "summary").to_latex()
    document = rf"\documentclass{{article}}{packages}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "table.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_csv_reads_back():
    rows = list(csv.reader(made().to_csv().splitlines()))
    assert rows[:2] == [["Case", "Channels", "Re_sult & <i>"], ["Case <i>", "[1] first", NASTY]]


def test_csv_has_no_label_that_reads_back_as_a_missing_value(folder):
    text = folder.build().compare("violence", "front_status", "recognition").to_csv()
    read = pd.read_csv(io.StringIO(text), index_col=0)
    assert read.iloc[0].tolist() == ["No violence", "No front channel", "No recognition"]


def test_csv_runs_nothing(tmp_path):
    with pytest.raises(CasebookError, match=r"csv: '=HYPERLINK\(1\)' begins with '=', which spreadsheets may run"):
        made("=HYPERLINK(1)").to_csv(tmp_path / "table.csv")
    assert not (tmp_path / "table.csv").exists()


@pytest.mark.parametrize("name", [None, "table.html"])
def test_html_is_made_once(tmp_path, monkeypatch, name):
    from great_tables import GT

    calls = []
    monkeypatch.setattr(GT, "as_raw_html", lambda *_, **__: calls.append(1) or "<table></table>")
    made().to_html(tmp_path / name if name else None)
    assert calls == [1]


@pytest.mark.parametrize("form", ["to_html", "to_latex", "to_csv"])
def test_files_are_written_whole_or_not_at_all(tmp_path, form):
    target = tmp_path / "table.out"
    text = getattr(made(), form)(target)
    assert text.strip() in target.read_text(encoding="utf-8") or form == "to_html"
    assert [path.name for path in tmp_path.iterdir()] == ["table.out"]
    with pytest.raises(CasebookError, match=r"nowhere.table\.out cannot be written: No such file or directory"):
        getattr(made(), form)(tmp_path / "nowhere" / "table.out")


def test_html_file_is_a_page(tmp_path):
    made().to_html(tmp_path / "table.html")
    page = (tmp_path / "table.html").read_text(encoding="utf-8")
    assert page.lstrip().startswith("<!DOCTYPE html>")
    assert "<script" not in page


def test_it_shows_itself(tiny):
    compared = tiny.compare("result")
    assert repr(compared).startswith("Channels: Result\n")
    assert "Partial agreement" in str(compared)
    assert "Partial agreement" in compared._repr_html_()


def test_without_the_extra_the_message_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "great_tables", None)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    for form in (made().to_html, made().to_latex):
        with pytest.raises(CasebookError, match=re.escape('pip install "backchannel-casebook[notebooks]"')):
            form()
    assert made()._repr_html_() is None
    assert made().to_csv()
