"""A web site: every link leads somewhere, every text is text, every value has evidence, nothing is half done."""

from __future__ import annotations

import copy
import json
import posixpath
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest
from lxml import html
from support import altered, casebook

from casebook.errors import CasebookError, NotWritableError
from casebook.model.rendering import frame
from casebook.model.schema import Schema
from casebook.site import write_site
from casebook.site.addresses import Addresses, slug
from casebook.site.writing import STATIC

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;{{ 7*7 }}"
ADDRESS = "https://example.org/book/"


class Site(NamedTuple):
    """A site with its pages parsed, by address."""

    book: object
    folder: Path
    pages: dict[str, html.HtmlElement]

    def at(self, address: str) -> html.HtmlElement:
        """The page, or the element of it, at an address."""
        page, _, anchor = address.partition("#")
        return self.pages[page].get_element_by_id(anchor) if anchor else self.pages[page]


def parsed(book, folder: Path) -> Site:
    pages = {
        path.relative_to(folder).as_posix(): html.fromstring(
            path.read_bytes(), parser=html.HTMLParser(encoding="utf-8")
        )
        for path in sorted(folder.rglob("*.html"))
    }
    return Site(book, folder, pages)


def poisoned(book):
    """The casebook with hostile text in every field that holds any, and in all that the codebook says."""
    evil = copy.copy(book)
    tables = {
        table.name: replace(
            table,
            title=f"{table.title} {HOSTILE}",
            description=HOSTILE,
            fields=tuple(
                replace(
                    item,
                    title=f"{item.title} {HOSTILE}",
                    description=HOSTILE,
                    rule=HOSTILE,
                    categories=tuple(
                        replace(c, label=f"{c.label} {HOSTILE}", description=HOSTILE) for c in item.categories
                    ),
                )
                for item in table.fields
            ),
        )
        for table in book.schema
    }
    frames = {}
    for table in book.schema:
        keys = {table.primary_key, "row", "table", "variable", *(key.field for key in table.foreign_keys)}
        data = book.store.read(table.name).copy()
        for item in table.columns:
            free = item.type == "string" and not (item.categories or item.edtf or item.name.endswith("_id"))
            if free and item.name not in keys:
                data[item.name] = data[item.name].map(lambda text: f"{text} {HOSTILE}", na_action="ignore")
        frames[table.name] = data.astype(book.store.read(table.name).dtypes)
    frames["sources"]["url"] = "javascript:alert(1)"
    evil = altered(evil, **frames)
    evil.schema = evil.store.schema = Schema(tables)
    evil.metadata = evil.store.metadata = replace(
        book.metadata, title=HOSTILE, description=HOSTILE, contributors=(HOSTILE,), license=HOSTILE
    )
    return evil


@pytest.fixture(scope="session")
def sites(tiny, tmp_path_factory) -> dict[str, Site]:
    """The small casebook as a site, and the same with hostile text in every field."""
    folder = tmp_path_factory.mktemp("sites")
    made = {}
    for name, book in {"tiny": tiny, "hostile": poisoned(tiny)}.items():
        write_site(book, folder / name, url=ADDRESS, downloads=("parquet",) if name == "tiny" else ())
        made[name] = parsed(book, folder / name)
    return made


@pytest.fixture(params=["tiny", "hostile"])
def site(request, sites) -> Site:
    return sites[request.param]


def searched(folder: Path) -> list[list[str]]:
    """All entries of the index of the search: kind, title, address, text."""
    scripts = [path.read_text(encoding="utf-8") for path in sorted((folder / "search").glob("*.js"))]
    return [entry for script in scripts for entry in json.loads(script.partition("=")[2].rstrip(";\n"))]


def links(page: html.HtmlElement):
    return [element.get("href") for element in page.iter() if element.get("href") is not None]


def test_every_link_leads_to_a_file_of_the_site_and_to_an_anchor_that_is_there(site):
    for address, page in site.pages.items():
        for link in links(page):
            if link.startswith(("https:", "http:")):
                continue
            path, _, anchor = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(address), unquote(path))) if path else address
            assert (site.folder / target).is_file(), (address, link)
            if anchor:
                assert site.pages[target].xpath("//*[@id=$id]", id=unquote(anchor)), (address, link)


def test_no_page_has_an_anchor_twice(site):
    for address, page in site.pages.items():
        ids = Counter(element.get("id") for element in page.iter() if element.get("id") is not None)
        assert "" not in ids, address
        assert max(ids.values()) == 1, (address, ids.most_common(1))


def test_identifiers_with_slashes_of_other_datasets_have_a_page_each(tiny, tmp_path):
    table = tiny.schema.table("crosswalk")
    row = {"case_id": "alpha-1990", "dataset": table.field("dataset").values[0], "unit": None, "match": None}
    names = ["S/RES/461", "S/RES/457"]
    rows = [{**row, "identifier": name, "crosswalk_id": f"alpha-1990/{row['dataset']}/{name}"} for name in names]
    made = write_site(altered(tiny, crosswalk=frame(table, rows)), tmp_path / "site", downloads=())
    assert len(list((made.folder / "cases/alpha-1990/crosswalk").iterdir())) == 2
    assert made.pages == len(list(made.folder.rglob("*.html")))


def test_a_party_that_gives_and_takes_has_a_list_of_each(tiny, tmp_path):
    terms = tiny.store.read("terms").copy()
    terms[["from_party_id", "to_party_id"]] = "alpha-1990/aland"
    page = parsed(tiny, write_site(altered(tiny, terms=terms), tmp_path / "site", downloads=()).folder).at(
        "cases/alpha-1990/parties/aland.html"
    )
    ids = [element.get("id") for element in page.iter("h2") if element.text.startswith("Terms")]
    assert ids == ["the-terms-from_party_id", "the-terms-to_party_id"]


def test_nothing_is_loaded_from_elsewhere_and_no_script_or_style_stands_in_a_page(site):
    for address, page in site.pages.items():
        assert not list(page.iter("img", "iframe", "object", "embed", "style")), address
        for script in page.iter("script"):
            assert script.get("src") or (script.get("type") == "application/ld+json" and json.loads(script.text))
        loaded = [e.get("src") for e in page.iter() if e.get("src") is not None]
        loaded += [e.get("href") for e in page.iter("link") if e.get("rel") != "canonical"]
        assert not [link for link in loaded if re.match(r"[a-z]+:|//", link)], address
        attributes = {name for element in page.iter() if isinstance(element.tag, str) for name in element.attrib}
        assert not [name for name in attributes if name.startswith("on") or name == "style"], address
    for path in (site.folder / "static" / name for name in STATIC):
        assert not re.search(r"https?:|@import|url\(|eval\(|innerHTML", path.read_text(encoding="utf-8")), path.name


def test_hostile_text_is_shown_as_text(sites):
    site = sites["hostile"]
    for page in site.pages.values():
        targets = [link for link in links(page) if not link.startswith(("https://", "http://"))]
        assert not [link for link in targets if ":" in link.partition("#")[0]]
    case = site.at("cases/alpha-1990/index.html").text_content()
    assert "Ann wrote (" in case
    assert case.count(HOSTILE) > 20
    shown = {
        "channels.summary": "cases/alpha-1990/channels/line.html",
        "roles.office": "cases/alpha-1990/channels/line.html",
        "parties.name": "cases/alpha-1990/parties/aland.html",
        "events.summary": "cases/alpha-1990/events/1990-02-letter.html",
        "events.place": "cases/alpha-1990/events/1990-02-letter.html",
        "terms.summary": "cases/alpha-1990/terms/truce.html",
        "claims.statement": "cases/alpha-1990/claims/by-letter.html",
        "claims.correction": "cases/alpha-1990/claims/by-letter.html",
        "actors.name": "people/bob-broker.html",
        "sources.cited_as": "sources/doe2001talks.html",
        "sources.citation": "sources/doe2001talks.html",
        "evidence.note": "cases/alpha-1990/index.html",
    }
    for name, address in shown.items():
        table, _, variable = name.partition(".")
        texts = [text for text in site.book.store.read(table)[variable].dropna() if HOSTILE in text]
        assert any(text in site.at(address).text_content() for text in texts), name
    assert all(HOSTILE in title for kind, title, *_ in searched(site.folder) if kind in ("Case", "Person", "Source"))


def test_every_coded_value_has_an_anchor_under_which_its_sources_stand(site):
    book, addresses, count = site.book, Addresses(site.book.schema), 0
    for table in book.schema.coded:
        for row in book.store.indexed(table.name).index:
            for item in table.fields:
                if not item.coded:
                    continue
                count += 1
                there = site.at(addresses.value(table, row, item.name))
                said = book.evidence(row, item.name)
                for argument in said:
                    for statement in argument.statements:
                        for source in statement.sources:
                            assert [link for link in links(there) if link.endswith(f"sources/{source.source_id}.html")]
                        assert (statement.note or "") in there.text_content()
    assert count > 100


def test_a_value_stands_with_its_rival_readings_its_confidence_and_what_it_rests_on(sites):
    outcome = sites["tiny"].at("cases/alpha-1990/index.html#outcome")
    said = " ".join(outcome.text_content().split())
    assert "Supported medium inferred Inferred from the account." in said
    assert "Rival reading: No agreement low" in said
    assert "Roe sees no agreement." in said
    assert "Rests on" in said
    [head] = outcome.getparent().iter("summary")
    assert " ".join(head.text_content().split()) == "Outcome Partial settlement medium 1 rival"


def test_an_empty_value_says_why(sites):
    reversal = sites["tiny"].at("cases/alpha-1990/index.html#reversal_date")
    assert "not applicable" in reversal.text_content()


def test_a_source_says_what_rests_on_it_and_where_it_differs(sites):
    said = " ".join(sites["tiny"].at("sources/roe2002rival.html").text_content().split())
    assert "reads No agreement for Outcome low" in said
    assert "A meeting that only Roe reports" in said


def test_a_person_is_found_where_they_appear(sites):
    page = sites["tiny"].at("people/bob-broker.html")
    assert "../cases/alpha-1990/channels/line.html#roles.bob-broker.messenger" in links(page)
    assert "../cases/alpha-1990/events/1990-02-letter.html#attendance.bob-broker" in links(page)


def test_a_case_says_who_spoke_for_whom_in_its_channels(sites):
    people = sites["tiny"].at("cases/alpha-1990/index.html").xpath("//ul[@class='people']/li")
    assert [" ".join(item.text_content().split()) for item in people] == [
        "Ann Envoy: Ann – Bob envoy for Aland",
        "Bob Broker: Ann – Bob messenger",
    ]


def test_a_variable_shows_how_often_each_category_was_coded_and_all_values(sites):
    page = sites["tiny"].at("variables/cases.outcome.html")
    rows = {" ".join(row[0].text_content().split()): row[1].text for row in page.iter("tr")}
    assert rows["Partial settlement partial_settlement"] == "1"
    assert rows["No agreement no_agreement"] == "0"
    assert "../cases/alpha-1990/index.html#outcome" in links(page)


def test_what_is_only_alleged_is_marked(sites):
    assert "Alleged" in sites["tiny"].at("cases/alpha-1990/events/1990-03-rumor.html").text_content()
    assert "Alleged" not in sites["tiny"].at("cases/alpha-1990/events/1990-02-letter.html").text_content()


def test_what_is_only_alleged_is_left_out_of_the_counts_as_load_leaves_it_out(sites):
    page = sites["tiny"].at("variables/events.kind.html")
    counts = {row[0].text_content().split()[0]: row[1].text for row in page.iter("tr")}
    assert (counts["Message"], counts["Contact"]) == ("1", "0")
    assert "Without the 1 row that only an unconfirmed source claims." in page.text_content()
    assert "Events 1," in sites["tiny"].at("index.html").text_content()


def test_a_number_of_days_stands_with_what_the_dates_leave_open(sites):
    site = sites["tiny"]
    cells = site.book.store.cells("channels")["alpha-1990/line"]
    days, least, most = (cells[f"existence_secrecy_days{part}"] for part in ("", "_min", "_max"))
    assert least < most
    value = site.at("cases/alpha-1990/channels/line.html#existence_secrecy_days")
    assert f"{days} ({least} to {most})" in value.text_content()


def test_values_side_by_side_are_a_name_a_value_and_grades(site):
    lines = [line for page in site.pages.values() for line in page.xpath("//ul[@class='side']/li")]
    assert lines
    assert {tuple(part.tag for part in line) for line in lines} == {("span", "a", "span")}


def test_a_page_without_an_address_on_the_web_is_named_by_its_place(tiny, tmp_path):
    site = parsed(tiny, write_site(tiny, tmp_path / "site", downloads=()).folder)
    for address, page in site.pages.items():
        if address != "404.html":
            assert page.xpath("//footer/p/code")[-1].text == address


def test_every_page_says_which_release_it_shows(site):
    for address, page in site.pages.items():
        assert site.book.digest[:12] in page.find(".//footer").text_content(), address
        assert page.get("lang") == "en"
        assert len(list(page.iter("h1"))) == 1, address


def test_the_index_of_the_search_leads_to_pages(sites):
    site = sites["tiny"]
    entries = searched(site.folder)
    assert {address for _, _, address, _ in entries} <= set(site.pages)
    assert {"Case", "Channel", "Event", "Person", "Source", "Variable"} <= {kind for kind, *_ in entries}


def test_every_page_says_to_machines_what_it_is_and_that_it_is_part_of_the_dataset(site):
    for address, page in site.pages.items():
        said = [json.loads(script.text) for script in page.iter("script") if script.text]
        cited = {meta.get("name"): meta.get("content") for meta in page.iter("meta") if meta.get("name")}
        if address == "404.html":
            assert not said
            assert "citation_title" not in cited
            continue
        [about] = said
        whole = about if address == "index.html" else about["isPartOf"]
        assert (whole["@type"], whole["version"]) == ("Dataset", site.book.metadata.version), address
        assert whole["name"] == site.book.metadata.title
        assert whole["description"]
        assert cited["citation_title"] == about["name"]
        assert (about["url"], cited["citation_public_url"]) == (
            ADDRESS + address.removesuffix("index.html") if about is whole else ADDRESS + address,
            ADDRESS + address,
        )
        assert cited["citation_publication_date"] == "2020/01/01"


def test_the_start_page_says_to_machines_where_the_downloads_are(sites):
    [said] = [json.loads(script.text) for script in sites["tiny"].at("index.html").iter("script") if script.text]
    folder = sites["tiny"].folder
    offered = [part["contentUrl"].removeprefix(ADDRESS) for part in said["distribution"]]
    assert offered
    assert sorted(offered) == sorted(p.relative_to(folder).as_posix() for p in folder.glob("downloads/**/*.*"))


def test_the_sitemap_names_every_page_but_the_one_for_wrong_addresses(sites):
    found = set(re.findall(r"<loc>(.*?)</loc>", (sites["tiny"].folder / "sitemap.xml").read_text(encoding="utf-8")))
    assert found == {ADDRESS + address for address in sites["tiny"].pages if address != "404.html"}
    assert sites["tiny"].at("404.html").find(".//base").get("href") == ADDRESS


def test_downloads_are_whole_and_have_their_checksums(sites):
    from casebook._support.files import sha256

    page = sites["tiny"].at("downloads.html")
    for row in page.xpath("//tbody/tr"):
        [link] = links(row)
        assert row.xpath("string(.//code)") == sha256((sites["tiny"].folder / link).read_bytes())


def test_a_format_that_cannot_hold_the_casebook_is_left_out_with_the_reason(tiny, tmp_path):
    parties = tiny.store.read("parties").copy()
    parties["name"] = "=1+1"
    made = write_site(altered(tiny, parties=parties), tmp_path / "site", downloads=("csv", "jsonl"))
    assert "=1+1" in made.left_out["csv"]
    assert made.left_out["csv"] in html.parse(made.folder / "downloads.html").getroot().text_content()
    assert (made.folder / "downloads/jsonl/parties.jsonl").is_file()


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        p.relative_to(folder).as_posix(): (p.read_bytes(), p.stat().st_mtime_ns)
        for p in folder.rglob("*")
        if p.is_file()
    }


def test_writing_it_again_changes_nothing_and_draws_nothing(tiny, tmp_path, monkeypatch):
    first = write_site(tiny, tmp_path / "site", downloads=())
    before = contents(tmp_path / "site")
    monkeypatch.setattr("casebook.site.writing.Pages", None)
    assert write_site(tiny, tmp_path / "site", downloads=()) == first
    assert contents(tmp_path / "site") == before


def test_what_differs_is_written_anew_and_all_else_keeps_its_time(tiny, tmp_path):
    write_site(tiny, tmp_path / "site", downloads=())
    before = contents(tmp_path / "site")
    (tmp_path / "site/index.html").write_text("changed by hand")
    write_site(tiny, tmp_path / "site", downloads=())
    assert contents(tmp_path / "site")["index.html"][0] == before["index.html"][0]
    frame = tiny.store.read("actors").assign(name=["Ann Other", "Bob Broker"])
    write_site(altered(tiny, actors=frame), tmp_path / "site", downloads=())
    after = contents(tmp_path / "site")
    changed = {name for name in after if after[name] != before[name]}
    assert {"people/ann-envoy.html", "cases/alpha-1990/channels/line.html"} <= changed
    assert {"people/bob-broker.html", "sources/roe2002rival.html", "static/style.css"} <= set(before) - changed


def test_an_error_leaves_the_earlier_site_as_it_was_and_nothing_beside_it(tiny, tmp_path, monkeypatch):
    write_site(tiny, tmp_path / "site", downloads=())
    before = contents(tmp_path / "site")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("casebook.site.writing.index", full)
    with pytest.raises(NotWritableError, match="No space left"):
        write_site(tiny, tmp_path / "site", downloads=("parquet",))
    assert contents(tmp_path / "site") == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_link_to_a_folder_stays_a_link(tiny, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_site(tiny, tmp_path / "link", downloads=())
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/index.html").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


def test_a_folder_with_anything_else_in_it_is_refused(tiny, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CasebookError, match=r"thesis\.txt"):
        write_site(tiny, tmp_path, downloads=())
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    with pytest.raises(CasebookError, match="is a file"):
        write_site(tiny, tmp_path / "thesis.txt", downloads=())


def test_an_unknown_format_is_said_before_anything_is_done(tiny, tmp_path):
    with pytest.raises(CasebookError, match=r"there is no format 'cvs'.*csv"):
        write_site(tiny, tmp_path / "site", downloads=("cvs",))
    assert not list(tmp_path.iterdir())


def test_the_command_says_how_many_pages_there_are(tiny, tmp_path):
    done = casebook("site", tmp_path / "out", "--data", tiny.store.folder, "--download", "jsonl")
    assert done.returncode == 0, done.stderr
    pages = len(list((tmp_path / "out").rglob("*.html")))
    assert done.stdout.startswith(f"{pages} pages, ")
    assert (tmp_path / "out/downloads/jsonl").is_dir()


def test_templates_and_styles_lie_in_the_package():
    for name in ("templates/base.html", "static/style.css", "static/search.js", "static/page.js"):
        assert (files("casebook.site") / name).is_file()


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a/b", "A", "a", "ä", "\n", "con*", "a" * 300, "a" * 299 + "b", "~41~", "!a"]
)
def test_every_identifier_has_an_address_of_its_own_that_is_a_plain_name(text):
    others = ["", ".", "..", "a/b", "A", "a", "ä", "\n", "con*", "a" * 300, "a" * 299 + "b", "~41~", "!a"]
    assert [slug(other) for other in others].count(slug(text)) == 1
    assert re.fullmatch(r"[a-z0-9_~!-]{1,120}", slug(text))


def test_no_anchor_of_a_page_itself_can_be_that_of_a_variable(sites):
    variables = {item.name for table in sites["tiny"].book.schema for item in table.columns}
    for name in ("index.html", "search.html", "cite.html", "downloads.html", "coding.html", "people/index.html"):
        ids = [element.get("id") for element in sites["tiny"].at(name).iter() if element.get("id") is not None]
        assert all("-" in anchor for anchor in ids), (name, ids)
        assert not variables & set(ids)


def test_the_checker_of_html_finds_nothing_on_a_page_of_every_kind(sites, tmp_path):
    """All pages of a site, by hand: ``vnu --skip-non-html SITE``."""
    checker = shutil.which("vnu") or pytest.skip("no vnu; the package vnu-jar of npm has it (npm install -g vnu-jar)")
    kinds = {}
    for name, site in sites.items():
        for address in site.pages:
            kind = re.sub(r"(?<=/)[^/]+(?=[/.])", "x", address) if "/" in address else address
            kinds[f"{name}-{kind.replace('/', '-')}"] = site.folder / address
    for name, path in kinds.items():
        shutil.copy(path, tmp_path / name)
    found = subprocess.run(
        [checker, "--errors-only", "--skip-non-html", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert not found.returncode, found.stderr
