"""Shares, extremes and indices, against functions of which they are known."""

from types import SimpleNamespace

import numpy as np
import pytest

from casebook.worlds.attribution import attribute
from casebook.worlds.dimensions import Choice
from casebook.worlds.extremes import extremes
from casebook.worlds.sampling import draw, drawn, everything, narrowed, possible, wilson
from casebook.worlds.weights import Scheme

EQUAL = Scheme("equal")


class Answers:
    """Answers by a function of the keys, in place of an analysis."""

    def __init__(self, function, *sizes):
        dimensions = [Choice(f"d{n}", tuple(range(size))) for n, size in enumerate(sizes)]
        self.inquiry = SimpleNamespace(dimensions=dimensions)
        self._function, self._seen = function, {}

    def __len__(self):
        return len(self._seen)

    def ask(self, worlds, label=""):
        for world in worlds:
            keys = [key or 0 for key in world]
            self._seen[world] = {"it": self._function(*keys)}
        return [self._seen[world] for world in worlds]

    @property
    def coded(self):
        return {"it": self._function(*[0] * len(self.inquiry.dimensions))}


def drawn_sample(asked, error=0.03, most=2000, seed=0):
    return drawn(asked, [EQUAL], asked.coded, error, most, seed)


def test_all_worlds_give_the_exact_share():
    asked = Answers(lambda a, b, c: a == b == 0, 2, 3, 5)
    assert possible(asked.inquiry.dimensions) == 30
    sample = everything(asked, [EQUAL])
    share = sample.share("equal", "it", True)
    assert share[:3] == pytest.approx([1 / 6] * 3)
    assert share.how == "all worlds"


def test_drawing_stops_when_the_share_is_known_well_enough():
    asked = Answers(lambda *keys: sum(keys) % 2 == 0, *[2] * 20)
    rough, fine = drawn_sample(asked, 0.1), drawn_sample(asked, 0.03)
    assert (len(rough.draws["equal"]), len(fine.draws["equal"])) == (250, 1250)
    share = fine.share("equal", "it", True)
    assert share.high - share.low <= 0.06
    assert share.low <= 0.5 <= share.high
    assert len(drawn_sample(asked, 0.001, most=300).draws["equal"]) == 300


def test_worlds_depend_on_the_seed_and_their_number_alone():
    dimensions = Answers(None, *[3] * 10).inquiry.dimensions
    whole = draw(dimensions, EQUAL, 5, 0, range(100))
    assert draw(dimensions, EQUAL, 5, 0, range(40, 60)) == whole[40:60]
    assert draw(dimensions, EQUAL, 6, 0, range(100)) != whole
    assert draw(dimensions, EQUAL, 5, 1, range(100)) != whole


def test_intervals_are_wilsons():
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I.
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert wilson(1 / 29, 29) == pytest.approx((0.0061, 0.1718), abs=1e-4)
    assert wilson(1.0, 100)[1] == 1


def test_what_the_other_values_add_is_not_lost():
    asked = Answers(lambda a, b, *rest: a == 0 and not (b and all(rest[:3])), *[2] * 20)
    sample = drawn_sample(asked)
    alone = narrowed(asked, sample, [EQUAL], "it", True, [0])["equal"]
    assert alone.low <= 0.5 * 15 / 16 <= alone.high
    assert alone.holds != 0.5
    both = narrowed(asked, sample, [EQUAL], "it", True, [0, 1, 2, 3, 4])["equal"]
    assert both.holds == pytest.approx(0.5 * 15 / 16)
    assert both.high - both.low < 0.005


def test_extremes_of_a_sum_are_exact():
    amounts = [[0, 3, -1], [0, 2], [0, -5, 1, 7]] * 8
    asked = Answers(lambda *keys: float(sum(a[k] for a, k in zip(amounts, keys, strict=True))), *map(len, amounts))
    found = extremes(asked, drawn_sample(asked, most=250), "it", asked.coded, 5000, 0)
    assert found == (8 * -6, 8 * 12, "exact")


def test_extremes_of_anything_else_are_sought_and_it_is_said():
    def ratio(*keys):
        return sum(keys[:10]) / (10 + sum(keys[10:]))

    asked = Answers(ratio, *[2] * 20)
    found = extremes(asked, drawn_sample(asked, most=250), "it", {"it": 0.0}, 5000, 0)
    assert found == (0, 1, "search")
    few = extremes(asked, drawn_sample(asked, most=250), "it", {"it": 0.0}, 10, 0)
    assert few.how == "drawn"
    assert few.highest < 1


def test_total_indices_are_exact_where_all_worlds_were_asked():
    asked = Answers(lambda a, b, c: a + b + 2.0 * a * b, 2, 2, 3)
    found = attribute(asked, everything(asked, [EQUAL]), EQUAL, asked.coded, 0)
    values = np.array([0, 1, 1, 4.0])
    within = (np.var([0, 1]) + np.var([1, 4])) / 2
    parts = found.parts["it"]
    assert [(p.dimension, p.error) for p in parts] == [(0, 0), (1, 0)]
    assert [p.share for p in parts] == pytest.approx([within / values.var()] * 2)
    assert found.moved["it"] == {0, 1}
    both = Answers(lambda a, b: (a + b) % 2 == 0, 2, 2)
    parts = attribute(both, everything(both, [EQUAL]), EQUAL, both.coded, 0).parts["it"]
    assert [p.share for p in parts] == pytest.approx([1, 1]), "either settles nothing without the other"


def test_total_indices_are_estimated_from_pairs_of_worlds():
    weights = [8.0, 4.0, 2.0, *[0.0] * 20]
    asked = Answers(lambda *keys: float(sum(w * k for w, k in zip(weights, keys, strict=True))), *[2] * 23)
    found = attribute(asked, drawn_sample(asked, most=1000), EQUAL, asked.coded, 0)
    parts = {p.dimension: p for p in found.parts["it"]}
    assert set(parts) == {0, 1, 2}
    for place, true in enumerate([64 / 84, 16 / 84, 4 / 84]):
        assert parts[place].share == pytest.approx(true, abs=4 * parts[place].error)
        assert parts[place].error < 0.1


def test_texts_count_as_different_or_not():
    asked = Answers(lambda a, b: "xyz"[a], 3, 4)
    parts = attribute(asked, everything(asked, [EQUAL]), EQUAL, asked.coded, 0).parts["it"]
    assert [(p.dimension, round(p.share, 9)) for p in parts] == [(0, 1)]
