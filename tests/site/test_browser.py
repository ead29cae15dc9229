"""The site in a real browser: the explorer and the search, the keyboard, what axe finds, narrow and wide screens."""

from __future__ import annotations

import csv
import io
import json

import pytest

from casebook.book import packaged_release as packaged
from casebook.site import write_site
from casebook.site.explorer import explored
from casebook.site.reading import Reader

PAGES = (
    *("index.html", "explorer.html", "search.html", "claims.html", "coding.html", "downloads.html", "cite.html"),
    *("cases/alpha-1990/index.html", "cases/alpha-1990/channels/line.html", "variables/channels.result.html"),
    *("variables/index.html", "people/index.html", "sources/index.html", "changes.html", "404.html"),
)
FEW = {"explorer.html": "explorer.html?f.case_id=cuba-1962"}
"""What axe takes long for shows the same kinds of parts with fewer rows."""
CONTRAST = PAGES[:2] + PAGES[7:10]
"""Pages that have between them all that has a color of its own."""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
QUERIES = (
    "",
    "f.result=agreement|partial_agreement&sort=-existence_secrecy_days",
    "f.result=no value&f.case_id=cuba-1962|oslo-1993",
    "f.start=1979..1980&f.meetings_min=2..&alleged=yes",
    "f.existence_secrecy_days=..365&f.decisive=yes",
    "f.summary=letter&sort=start&show=result,start,end",
    "table=cases&f.outcome_date=..1993-09-13&f.front_status=none|no value",
)


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory):
    """The small casebook as a site, its explorer with the data of the packaged one."""
    folder = write_site(tiny, tmp_path_factory.mktemp("browser") / "site", downloads=("csv",), since=tiny).folder
    (folder / "explorer-data.js").write_bytes(explored(Reader(packaged())))
    return folder


@pytest.fixture
def page(browser, folder):
    """A page that fails the test where it complains."""
    page, said = browser.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    page.close()
    assert not said


def at(folder, address):
    return f"{folder.as_uri()}/{address}"


@pytest.mark.parametrize("query", QUERIES)
def test_the_explorer_shows_and_gives_the_rows_that_its_python_lines_load(page, folder, query):
    page.goto(at(folder, f"explorer.html?{query}"))
    shown = page.eval_on_selector_all("#the-rows tbody th a", "links => links.map(link => link.getAttribute('href'))")
    lines = page.inner_text("#the-python")
    book, names = packaged(), {}
    exec(lines.replace("import casebook\n", "").replace("casebook.load", "book.load"), {"book": book}, names)
    rows, table = names["rows"], "cases" if "table=cases" in query else "channels"
    key = book.schema.table(table).primary_key
    addresses = Reader(book).addresses
    loaded = [addresses.row(book.schema.table(table), row) for row in rows[key]]
    assert sorted(shown) == sorted(loaded)
    assert len(loaded) or query
    assert page.inner_text("#the-count").startswith(f"{len(loaded)} of ")
    text = page.evaluate("async () => (await fetch(document.getElementById('the-csv').href)).text()")
    assert [row[key] for row in csv.DictReader(io.StringIO(text))] == [
        next(row for row in rows[key] if addresses.row(book.schema.table(table), row) == address) for address in shown
    ]


def test_the_explorer_sorts_with_missing_values_last(page, folder):
    page.goto(at(folder, "explorer.html?show=existence_secrecy_days"))
    for turn in (False, True):
        page.click(".sorter")
        days = page.eval_on_selector_all("#the-rows td", "cells => cells.map(cell => cell.firstChild.textContent)")
        numbers = [int(day) for day in days if day.isdigit()]
        assert numbers == sorted(numbers, reverse=turn)
        assert all(day.isdigit() for day in days[: len(numbers)])
        assert page.get_attribute("#the-rows th[aria-sort]", "aria-sort") == ("descending" if turn else "ascending")


def test_a_filter_is_chosen_by_keyboard_and_stands_in_the_address(page, folder):
    page.goto(at(folder, "explorer.html"))
    before = page.inner_text("#the-count")
    page.select_option("#the-filter", "directness")
    assert page.evaluate("document.activeElement.type") == "checkbox"
    page.keyboard.press("Space")
    assert page.inner_text("#the-count") != before
    assert "f.directness=direct" in page.evaluate("location.search")
    page.reload()
    assert page.is_checked("#the-filters input >> nth=0")
    page.click("#the-filters button")
    assert page.inner_text("#the-count") == before


@pytest.mark.parametrize("view", ["when", "long:existence_secrecy_days", "share:result"])
def test_the_explorer_draws_what_is_shown(page, folder, view):
    page.goto(at(folder, f"explorer.html?f.case_id=cuba-1962&draw={view}"))
    assert page.get_attribute("#the-figure svg", "aria-label") == page.inner_text("#the-caption")
    labels = page.eval_on_selector_all("#the-figure svg text", "texts => texts.map(text => text.textContent)")
    wanted = "Agreement" if view.startswith("share") else "Robert F. Kennedy – Anatoly Dobrynin"
    assert any(wanted.startswith(label.rstrip("…")) for label in labels if len(label) > 5)


def test_hostile_text_stays_text_in_the_explorer_and_in_the_search(page, folder):
    evil = "<img src=x onerror=alert(1)>"
    data = (folder / "explorer-data.js").read_text()
    index = (folder / "search/people.js").read_text()
    kinds = {"**/explorer-data.js": data.replace("Strict", evil), "**/search/people.js": index.replace("Ann", evil)}
    for pattern, text in kinds.items():
        page.route(pattern, lambda route, request, text=text: route.fulfill(body=text, content_type="text/javascript"))
    page.goto(at(folder, "explorer.html"))
    assert evil in page.inner_text("#the-rows")
    page.goto(at(folder, "search.html?q=envoy"))
    page.wait_for_function("document.getElementById('the-found').textContent.includes('found')")
    assert evil in page.inner_text("#the-results")
    assert page.query_selector("img") is None


def test_a_strict_policy_for_scripts_refuses_nothing_from_a_path_of_a_server(page, folder):
    policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' blob:"

    def serve(route, request):
        path = folder / request.url.removeprefix("http://book.example/some/path/").partition("?")[0]
        route.fulfill(path=path, headers={"Content-Security-Policy": policy})

    page.route("http://book.example/**", serve)
    for address in ("index.html", "explorer.html?draw=long:duration_days", "search.html?q=broker"):
        page.goto(f"http://book.example/some/path/{address}")
    assert page.inner_text("#the-found")


def test_search_loads_its_index_when_it_is_used_and_finds_every_entry_with_the_words(page, folder):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(at(folder, "search.html"))
    assert not [url for url in asked if "/search/" in url]
    page.fill("#the-query", "broker")
    page.wait_for_function("document.getElementById('the-found').textContent.includes('found')")
    parts = [path.read_text() for path in (folder / "search").glob("*.js")]
    assert len([url for url in asked if "/search/" in url]) == len(parts)
    entries = [entry for part in parts for entry in json.loads(part.partition("=")[2].rstrip(";\n"))]
    wanted = {address for _, title, address, text in entries if "broker" in f"{title} {text}".lower()}
    found = page.eval_on_selector_all("#the-results a", "links => links.map(link => link.getAttribute('href'))")
    assert wanted
    assert wanted <= set(found)
    assert "broker" in page.inner_text("#the-results li >> nth=0").lower()


def test_the_keyboard_leads_from_the_start_to_an_entry_of_evidence(page, folder):
    page.goto(at(folder, "index.html"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus(".card h3 a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/alpha-1990/index.html")
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('details.value > summary')"):
            break
    page.keyboard.press("Enter")
    assert page.is_visible("details[open] .statement")
    assert page.evaluate("location.hash")


@pytest.mark.parametrize(
    ("scheme", "pages", "options"),
    [("light", PAGES, {"runOnly": WCAG}), ("dark", CONTRAST, {"runOnly": ["color-contrast"]})],
    ids=["light", "dark"],
)
def test_axe_finds_nothing_serious(browser, folder, scheme, pages, options):
    """In the dark what can differ: the contrast."""
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=scheme)
    page, axe = context.new_page(), Axe()
    for address in pages:
        page.goto(at(folder, FEW.get(address, address)))
        violations = axe.run(page, options={**options, "resultTypes": ["violations"]}).response["violations"]
        found = [item for item in violations if item["impact"] in ("serious", "critical")]
        assert not found, (address, [(item["id"], item["nodes"][0]["html"]) for item in found])
    context.close()


def test_no_page_is_wider_than_the_screen(page, folder):
    for address in PAGES:
        page.goto(at(folder, address))
        for width in (1440, 760, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.scrollingElement.scrollWidth") <= width, (address, width)
