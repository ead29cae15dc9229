"""What an analysis reads in a world is what stands there, however little or much of it it reads."""

import pickle
from random import Random

import pandas as pd
import pytest

from casebook import qca
from casebook.model import conditions
from casebook.worlds.alternatives import Scope, find
from casebook.worlds.coherence import Coherence
from casebook.worlds.dimensions import dimensions
from casebook.worlds.inquiry import Inquiry
from casebook.worlds.multiverse import multiverse
from casebook.worlds.worlds import Worlds


@pytest.fixture(scope="module")
def inquiry(few):
    """Every reading of four cases, and how an analysis can be asked of it."""
    worlds = Worlds(few)
    cases = ["cuba-1962", "cuba-2014", "oslo-1993", "writers-strike-2007"]
    disputes = find(worlds.book.store, worlds.stands, worlds.variables, Scope(alleged=True, cases=cases))
    touched = {(dispute.cell.table, dispute.cell.variable) for dispute in disputes}
    made = dimensions(disputes, Coherence(worlds.stands, touched), None)
    return lambda analysis: Inquiry(analysis, worlds, made, [])


@pytest.fixture
def world(inquiry):
    asked = inquiry(None)
    return asked.book(picked(asked, 1))


def picked(inquiry, seed):
    rng = Random(seed)
    return tuple(rng.choice([None, *(d.keys() or [])]) for d in inquiry.dimensions)


def sometimes(book):
    """Reads more in some worlds than in others: one column, then another table, then all there is."""
    read = {"agreed": int((book.load("channels")["result"] == "agreement").sum())}
    if read["agreed"] % 2:
        read["days"] = book.load("channels")["existence_secrecy_days"].sum()
        read["hurt"] = str(book.load("cases")["stalemate"].to_list())
    if read["agreed"] % 3 == 0:
        read["table"] = book.load("channels").to_csv()
        read["why"] = len(book.store.reasons)
    if read["agreed"] % 3 == 1:
        read["settled"] = str(qca.analyze("settlement", book=book).truth_table)
        read["mode"] = str(book.load("channels", concept="strict")["existence_disclosure_mode"].to_list())
    return read


def test_an_analysis_reads_the_same_whatever_it_read_in_other_worlds(inquiry):
    asked = inquiry(sometimes)
    worlds = [picked(asked, seed) for seed in range(12)]
    read = [sometimes(asked.book(world)) for world in worlds]
    assert len({frozenset(one) for one in read}) > 1
    assert read == [sometimes(asked.worlds.world(asked.taken(world))) for world in worlds]
    assert read[::-1] == [sometimes(asked.book(world)) for world in worlds[::-1]]


def computed(book):
    """Memberships, and derived columns that follow from few of the many values in dispute."""
    table = book.schema.table("cases")
    names = [
        name for name, one in conditions.declared(book.schema.table(conditions.TABLE)).items() if one.table == "cases"
    ]
    memberships = book.store.memberships(table, names, alleged=True).values.tolist()
    derived = {
        name: book.load("channels")[name].to_list() for name in ("deadline", "stalemate", "existence_secrecy_days")
    }
    return {"memberships": str(memberships), "derived": str(derived)}


def test_what_follows_is_the_same_whether_it_is_remembered_or_computed(inquiry):
    asked = inquiry(computed)
    worlds = [picked(asked, seed) for seed in range(40)]
    anew = [computed(asked.worlds.world(asked.taken(world))) for world in worlds]
    assert len({one["memberships"] for one in anew}) > 10
    assert anew == [computed(asked.book(world)) for world in worlds]
    assert anew == [computed(asked.book(world)) for world in worlds], "the second time nothing is computed"


def test_a_row_that_belongs_elsewhere_is_counted_there(folder):
    channels, events = "cases/alpha-1990/channels.yaml", "cases/alpha-1990/events.yaml"
    folder.write(channels, folder.read(channels) + folder.read(channels).replace("channel: line", "channel: wire"))
    rival = "    - {on: channel, source: roe2002rival, reads: wire, confidence: low, note: By wire.}\n"

    def counted(book):
        return book.load("channels").set_index("channel_id")["event_count"].to_dict()

    folder.replace(events, "- event: 1990-03-rumor", f"{rival}- event: 1990-03-rumor")
    found = multiverse(counted, book=folder.build(), progress=False)
    assert found.worlds.to_numpy().tolist() == [[1, 0], [0, 1]]


def test_a_column_read_alone_is_that_of_the_whole_table(world):
    for table in ("cases", "channels", "events"):
        whole = world.load(table)
        assert whole.shape[0]  # from here on a plain DataFrame
        assert type(whole) is pd.DataFrame
        for name in whole:
            handed = world.load(table)
            pd.testing.assert_series_equal(handed[name], whole[name])
            assert len(handed) == len(whole)
            assert name in handed
        some = [*whole][5:1:-1]
        pd.testing.assert_frame_equal(world.load(table)[some], whole[some])
        pd.testing.assert_frame_equal(world.load(table, columns=some), whole[some])
        assert type(world.load(table)[some]) is pd.DataFrame
        pd.testing.assert_frame_equal(world.load(table)[some + some], whole[some + some])
        assert "nothing" not in world.load(table)
        pd.testing.assert_frame_equal(whole, world.load(table))
        pd.testing.assert_frame_equal(world.load(table), whole)


@pytest.mark.parametrize("name", ["result", "event_count"])
def test_what_an_analysis_writes_into_a_table_is_its_own(world, name):
    before = world.load("channels")[name].to_list()
    table = world.load("channels")
    column = table[name]
    column[:] = column.iloc[0]
    assert table[name].to_list() == before
    table[name] = column
    table["new"] = 1
    assert table[name].nunique() == 1
    assert "new" not in world.load("channels").columns
    assert world.load("channels")[name].to_list() == before


def test_a_table_can_be_copied_and_sent_elsewhere(world):
    whole = world.load("channels")
    copies = [pickle.loads(pickle.dumps(world.load("channels"))), world.load("channels").copy(), whole[list(whole)]]
    for other in copies:
        assert type(other) is pd.DataFrame
        pd.testing.assert_frame_equal(other, whole)
    with pytest.raises(KeyError):
        world.load("channels")["nothing"]
    with pytest.raises(KeyError):
        world.load("channels")[["result", "nothing"]]


def test_a_concept_can_be_a_choice_of_method(few):
    def strict(book, concept):
        channels = book.load("channels", concept=concept)
        return {"agreed": int((channels["result"] == "agreement").sum())}

    concepts = ["strict", ["strict", "broad"]]
    found = multiverse(
        strict, vary=["channels.result"], book=few, cases=["oslo-1993"], choices={"concept": concepts}, progress=False
    )
    both = [strict(few, concept)["agreed"] for concept in concepts]
    assert found.to_frame()["coded"].tolist() == [both[0]]
    assert both[0] != both[1]
    assert set(found.worlds["agreed"]) >= set(both)
