"""What notebooks show, in a real browser with the colors of JupyterLab: contrast, width, what is folded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from casebook import durations, qca, small
from casebook.worlds.multiverse import multiverse

THEMES = Path(sys.prefix, "share", "jupyter", "lab", "themes", "@jupyterlab")
pytestmark = pytest.mark.skipif(not THEMES.is_dir(), reason="no JupyterLab, whose themes are needed")

PAGE = """\
<!DOCTYPE html><meta charset="utf-8"><style>{theme}</style><style>
.area {{ color: var(--jp-content-font-color1); background: var(--jp-layout-color0); font-family: sans-serif; }}
.area a {{ color: var(--jp-content-link-color); }}
.area code {{ background: var(--jp-layout-color2); }}
.area pre {{ color: var(--jp-content-font-color1); }}
.area table {{ color: var(--jp-ui-font-color1); font-size: 12px; border-collapse: collapse; }}
.area tbody tr:nth-child(odd) {{ background: var(--jp-layout-color0); }}
.area tbody tr:nth-child(even) {{ background: var(--jp-rendermime-table-row-background); }}
.area td, .area th {{ text-align: right; }}
</style><body data-jp-theme-light="{light}" class="area">{display}"""
"""As JupyterLab shows HTML: its theme, and its rules for links, code, text and tables."""

MEASURE = """() => {
  const parts = color => [...color.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const over = (top, bottom) => top.slice(0, 3).map((c, i) => c * top[3] + bottom[i] * (1 - top[3])).concat(1);
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = e => {
    const own = parts(getComputedStyle(e).backgroundColor);
    return own[3] === 1 ? own : over(own, e.parentElement ? behind(e.parentElement) : [255, 255, 255, 1]);
  };
  document.querySelectorAll('details').forEach(fold => fold.open = true);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim(), element = texts.currentNode.parentElement;
    if (!text) continue;
    const ground = behind(element), ink = over(parts(getComputedStyle(element).color), ground);
    const [low, high] = [light(ink), light(ground)].sort((a, b) => a - b);
    const cell = element.closest('td'), whole = cell ? cell.textContent.trim() : '';
    const side = cell && getComputedStyle(cell).textAlign, name = element.closest('section').id;
    found.push({name, text, contrast: (high + .05) / (low + .05), side, number: /^-?[\\d.,]+$/.test(whole)});
  }
  return found;
}"""


def displays(book):
    """Each kind of display, by name."""

    def analysis(book):
        return {"partial": (book.load("cases")["outcome"] == "partial_settlement").any()}

    asked = multiverse(analysis, book=book, progress=False)
    return {
        "case": book.case("alpha-1990"),
        "codebook": book.codebook("channels"),
        "variable": book.codebook("channels", "result"),
        "comparison": book.compare("result", "existence_secrecy_days"),
        "evidence": book.evidence("alpha-1990", "outcome"),
        "evidence of a row": book.evidence("alpha-1990"),
        "bibliography": book.cite("alpha-1990"),
        "bibtex": book.cite("alpha-1990", style="bibtex"),
        "tables": book.tables(),
        "find": book.find("deadline"),
        "verification": book.verify(),
        "changes": book.changes(book),
        "history": book.history("alpha-1990", "outcome"),
        "multiverse": asked,
    }


def of_the_release():
    """Displays for which the small casebook has too few rows."""
    return {
        "durations": durations.analyze("existence", draws=50),
        "order": durations.order("existence_disclosed", "terms_disclosed"),
        "crosstab": small.crosstab("directness", ("result", ["agreement", "partial_agreement"])),
        "qca": qca.analyze("settlement"),
    }


@pytest.fixture(scope="module")
def shown(tiny):
    return {name: display._repr_html_() for name, display in {**displays(tiny), **of_the_release()}.items()}


def measured(browser, theme, shown):
    """Every piece of text of the displays in a theme of JupyterLab."""
    rules = (THEMES / f"theme-{theme}-extension" / "index.css").read_text(encoding="utf-8")
    sections = "".join(f"<section id='{name}'>{html}</section>" for name, html in shown.items())
    page = browser.new_page()
    page.set_content(PAGE.format(theme=rules, light=str(theme == "light").lower(), display=sections))
    found = page.evaluate(MEASURE)
    page.close()
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_stands_out_from_its_background(browser, shown, theme):
    found = measured(browser, theme, shown)
    assert {text["name"] for text in found} == set(shown)
    assert [text for text in found if text["contrast"] < 4.5] == []


def test_the_measure_sees_text_that_cannot_be_read(browser):
    dim, bright = measured(browser, "dark", {"one": "<p style='color:#333'>dim</p>", "other": "<p>bright</p>"})
    assert dim["contrast"] < 2
    assert bright["contrast"] > 15


def test_text_stands_on_the_left_and_columns_of_numbers_on_the_right(browser, shown):
    tables = ("tables", "find", "durations", "order", "crosstab", "comparison")
    cells = [text for text in measured(browser, "light", shown) if text["name"] in tables and text["side"]]
    assert {text["name"] for text in cells} == set(tables)
    assert [text for text in cells if text["side"] != ("right" if text["number"] else "left")] == []


def test_what_is_read_fits_into_half_a_window(browser, shown):
    page = browser.new_page(viewport={"width": 600, "height": 800})
    for name in ("case", "evidence", "bibliography", "find", "changes"):
        page.set_content(PAGE.format(theme="", light="true", display=shown[name].replace("<details", "<details open")))
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 600, name
    page.close()
