import pytest

from casebook.sources.labels import labels, year_of


def book(key, *authors, year=1999, title="A Work", **more):
    names = [dict(zip(("family", "given"), name.split(", "), strict=False)) for name in authors]
    issued = {"issued": {"date-parts": [[year]]}} if year else {}
    return {"id": key, "type": "book", "title": title, **({"author": names} if names else {}), **issued, **more}


def shown(*items):
    return {key: str(label) for key, label in labels(items).items()}


def test_one_two_and_more_authors():
    items = [book("a", "Doe, J."), book("b", "Doe, J.", "Roe, R."), book("c", "Doe, J.", "Roe, R.", "Poe, E.")]
    assert shown(*items) == {"a": "Doe 1999", "b": "Doe and Roe 1999", "c": "Doe et al. 1999"}


def test_and_others_stands_for_more_authors():
    item = book("a", "Doe, J.")
    item["author"].append({"literal": "others"})
    assert shown(item) == {"a": "Doe et al. 1999"}


def test_letters_follow_the_date_then_the_title_whatever_the_order_of_the_list():
    items = [book(key, "Doe, J.", title=title) for key, title in (("x", "Two"), ("y", "One"), ("z", "Three"))]
    items[0]["issued"]["date-parts"] = [[1999, 3]]
    items[2]["issued"]["date-parts"] = [[1999, 3]]
    expected = {"y": "Doe 1999a", "z": "Doe 1999b", "x": "Doe 1999c"}
    assert shown(*items) == expected
    assert shown(*reversed(items)) == expected


def test_undated_works_get_letters_behind_a_hyphen():
    assert set(shown(book("a", "Doe, J.", year=None), book("b", "Doe, J.", year=None)).values()) == {
        "Doe n.d.-a",
        "Doe n.d.-b",
    }


def test_first_authors_of_one_family_name_are_told_apart_by_initials():
    items = [book("a", "Castro, Fidel"), book("b", "Castro, Raúl", year=1964), book("c", "Poe, E.", "Castro, Raúl")]
    assert shown(*items) == {"a": "F. Castro 1999", "b": "R. Castro 1964", "c": "Poe and Castro 1999"}


def test_works_without_author_go_by_editors_or_title():
    editor = {"editor": [{"family": "Roe", "given": "Jo"}]}
    assert shown(book("a", **editor)) == {"a": "Roe 1999"}
    assert shown({**book("a", title="Three words only", **editor), "type": "chapter"}) == {
        "a": "“Three words only” 1999"
    }
    assert shown(book("a", title="A page without a name")) == {"a": "“A page without …” 1999"}


def test_more_works_than_letters():
    found = shown(*[book(f"k{n:03}", "Doe, J.") for n in range(703)])
    assert [found[key] for key in ("k000", "k025", "k026", "k701", "k702")] == [
        "Doe 1999a",
        "Doe 1999z",
        "Doe 1999aa",
        "Doe 1999zz",
        "Doe 1999aaa",
    ]


@pytest.mark.parametrize(
    ("issued", "year"),
    [
        ({"date-parts": [[2004, 5], [2004, 6]]}, "2004"),
        ({"date-parts": [[2004], [2005]]}, "2004–2005"),
        ({"date-parts": [[1973]], "circa": True}, "ca. 1973"),
        ({"literal": "1950s"}, "1950s"),
        ({}, "n.d."),
    ],
)
def test_years(issued, year):
    assert year_of({"issued": issued}) == year
