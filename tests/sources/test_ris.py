import pytest
import rispy

from casebook.book import packaged_release
from casebook.sources.ris import to_ris


@pytest.mark.parametrize(
    ("pages", "start", "end"),
    [
        ("13905–13911", "13905", "13911"),
        ("S12-S15", "S12", "S15"),
        ("4-1–4-20", "4-1", "4-20"),
        ("4-1--4-20", "4-1", "4-20"),
        ("340, 946", "340, 946", None),
        ("7", "7", None),
    ],
)
def test_pages(pages, start, end):
    (read,) = rispy.loads(to_ris({"id": "a", "type": "book", "title": "T", "page": pages}))
    assert (read["start_page"], read.get("end_page")) == (start, end)


def test_names_with_suffix_and_bodies():
    names = [{"family": "Doe", "given": "John M.", "suffix": "Jr."}, {"literal": "The Institute"}]
    (read,) = rispy.loads(to_ris({"id": "a", "type": "book", "title": "T", "author": names, "editor": names[1:]}))
    assert read["authors"] == ["Doe, John M., Jr.", "The Institute"]
    assert read["secondary_authors"] == ["The Institute"]


@pytest.mark.parametrize(
    ("issued", "lines"),
    [
        ({"date-parts": [[2002, 5, 3]]}, ["PY  - 2002", "DA  - 2002/05/03"]),
        ({"date-parts": [[2004, 5], [2004, 6]]}, ["PY  - 2004", "DA  - 2004/05"]),
        ({"date-parts": [[431]]}, ["PY  - 0431"]),
        ({"literal": "1950s"}, ["PY  - 1950s"]),
        ({}, []),
    ],
)
def test_dates(issued, lines):
    text = to_ris({"id": "a", "type": "book", "title": "T", "issued": issued})
    assert [line for line in text.splitlines() if line[:2] in ("PY", "DA")] == lines


def test_every_packaged_source_reads_back_with_its_title():
    items = packaged_release().store.csl.values()
    read = rispy.loads("\n\n".join(map(to_ris, items)))
    assert [entry["title"] for entry in read] == [item["title"] for item in items]
