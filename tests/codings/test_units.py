import pytest

from casebook.codings.units import Unit, read_units, unit_agreement
from casebook.errors import InvalidCasebookError

HEAD = "coder,case,table,unit,row\n"
EVENTS = ("alpha-1990/1990-02-letter", "alpha-1990/1990-03-rumor")


def events(*pairs):
    """Ann's list of the two events of the small casebook; a row is 0 or 1, or None where there is none."""
    return [Unit("ann", "alpha-1990", "events", name, "" if row is None else EVENTS[row]) for name, row in pairs]


def compare(book, *pairs):
    (found,) = unit_agreement(book, events(*pairs))
    return found


def test_the_same_units_have_f1_of_1(tiny):
    found = compare(tiny, ("letter", 0), ("rumor", 1))
    assert (found.found, found.held, found.same, found.f1) == (2, 2, EVENTS, 1)


def test_units_of_one_side_only_are_named(tiny):
    found = compare(tiny, ("letter", 0), ("visit", None))
    assert (found.same, found.missed, found.added) == (EVENTS[:1], EVENTS[1:], ("visit",))
    assert found.f1 == 2 * 1 / (2 + 2)


def test_a_row_taken_for_two_units_is_split(tiny):
    found = compare(tiny, ("draft", 0), ("letter", 0), ("rumor", 1))
    assert (found.split, found.same, found.found) == (EVENTS[:1], EVENTS[1:], 3)
    assert found.f1 == 2 * 1 / (3 + 2)


def test_two_rows_taken_for_one_unit_are_merged(tiny):
    found = compare(tiny, ("spring", 0), ("spring", 1))
    assert (found.merged, found.same, found.found, found.f1) == (EVENTS, (), 1, 0)


def test_a_row_split_and_merged_is_both(tiny):
    found = compare(tiny, ("draft", 0), ("spring", 0), ("spring", 1))
    assert (found.split, found.merged, found.same) == (EVENTS[:1], EVENTS, ())


def test_each_coder_and_table_is_compared_by_itself(tiny):
    ben = Unit("ben", "alpha-1990", "channels", "line", "alpha-1990/line")
    found = unit_agreement(tiny, [*events(("letter", 0)), ben])
    assert [(each.coder, each.table, each.held) for each in found] == [("ann", "events", 2), ("ben", "channels", 1)]


def test_a_file_is_read_with_columns_in_any_order(tmp_path, tiny):
    path = tmp_path / "units.csv"
    path.write_text('unit,row,coder,case,table\r\n"visit, secret",,ann,alpha-1990,events\r\n\r\n', encoding="utf-8-sig")
    assert read_units(path) == [Unit("ann", "alpha-1990", "events", "visit, secret", "")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ann,alpha-1990,events,letter,1990-02-letter", r"there is no row '1990-02-letter' of alpha-1990 in events"),
        ("ann,beta-1990,events,letter,", "there is no case 'beta-1990'; did you mean 'alpha-1990'"),
        ("ann,alpha-1990,event,letter,", "there is no table 'event' with units of a case; did you mean 'events'"),
        ("ann,alpha-1990,actors,Bob,", "there is no table 'actors' with units of a case"),
        ("ann,alpha-1990,events,,", "the coder or the unit is blank"),
        ("Casebook,alpha-1990,events,letter,", "casebook is the published list; give the coder another name"),
        ("ann,alpha-1990,events,a,\nann,alpha-1990,events,a,", "'a' of ann stands twice with this row; keep one line"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, tiny, line, message):
    path = tmp_path / "units.csv"
    path.write_text(f"{HEAD}{line}\n", encoding="utf-8")
    with pytest.raises(InvalidCasebookError, match=message) as caught:
        unit_agreement(tiny, read_units(path))
    assert str(caught.value).startswith(f"{path}:{1 + len(line.splitlines())}: units: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: units: the first line is ''; write coder,case,table,unit,row"),
        ("coder;case;table;unit;row\n", "the first line is 'coder;case;table;unit;row'; write coder,"),
        (f"{HEAD}ann,alpha-1990\n", "2: units: has 2 cells, not 5"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path, text, message):
    path = tmp_path / "units.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidCasebookError, match=message):
        read_units(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InvalidCasebookError, match=r"units\.csv:1: file: cannot be read: No such file"):
        read_units(tmp_path / "units.csv")
