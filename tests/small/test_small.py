"""Exact tests agree with hand counts, and always come with the size of the effect and a warning."""

import sys
from math import comb

import pytest

from casebook import small
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.rendering import dtype
from casebook.small.grouping import groups


class Frames:
    """A casebook with made-up channels."""

    def __init__(self, tiny, **columns):
        import pandas as pd

        self.schema = tiny.schema
        table = tiny.schema.table("channels")
        self.frame = pd.DataFrame(
            {name: pd.Series(values, dtype=dtype(table.field(name))) for name, values in columns.items()}
        )

    def load(self, table, cases=None, alleged=False):
        return self.frame


def test_fishers_exact_test_of_two_by_two(tiny):
    direct = ["direct"] * 4 + ["relayed"] * 4
    result = ["agreement"] * 3 + ["failure"] + ["agreement"] + ["failure"] * 3
    found = small.crosstab(
        ("directness", ["direct"]), ("result", ["agreement"]), book=Frames(tiny, directness=direct, result=result)
    )
    assert found.counts.to_numpy().tolist() == [[3, 1], [1, 3]]
    # The lady tasting tea: 34 of the 70 tables with these margins are at least as unlikely.
    assert found.p_value == pytest.approx(34 / comb(8, 4))
    assert found.effect == ("difference in shares", 0.5)
    assert "directness: direct: 3 of 4 have result: agreement." in str(found)
    assert "not sampled" in str(found)


def test_larger_tables_have_cramers_v(tiny):
    frames = Frames(
        tiny, directness=["direct", "relayed", "mixed"] * 4, result=["agreement", "failure", "information"] * 4
    )
    found = small.crosstab("directness", "result", book=frames)
    assert found.effect == ("Cramér's V", pytest.approx(1))
    assert found.p_value < 0.01
    assert "random tables with these margins" in str(found)


def test_missing_values_are_left_out_and_counted(tiny):
    frames = Frames(tiny, directness=["direct", "relayed", None], result=["agreement", "failure", "failure"])
    assert small.crosstab("directness", "result", book=frames).missing == 1


def test_the_permutation_test_is_exact_for_few_rows(tiny):
    frames = Frames(tiny, directness=["direct"] * 3 + ["relayed"] * 3, duration_days=[10, 20, 30, 100, 200, 300])
    found = small.difference("duration_days", ("directness", ["relayed"]), book=frames)
    assert found.difference == 180
    assert found.exceeds == 1
    # Two regroupings of twenty (30 and 100 may change places) have medians as far apart, and two the other way.
    assert found.p_value == pytest.approx(4 / comb(6, 3))
    assert list(found.to_frame()["median"]) == [20, 200]
    assert "Permutation test: p = 0.200" in str(found)


def test_pages_are_escaped(tiny):
    frames = Frames(
        tiny,
        directness=["direct"] * 2 + ["relayed"] * 2,
        duration_days=[1, 2, 3, 4],
        result=["failure", "agreement"] * 2,
    )
    assert "<table>" in small.difference("duration_days", ("directness", ["direct"]), book=frames)._repr_html_()
    found = small.crosstab(("directness", "direct"), ("result", "failure"), book=frames)
    assert "<table>" in found._repr_html_()
    assert found.to_frame().equals(found.counts)


def test_truth_values_make_groups(tiny):
    assert groups(tiny, "cases", tiny.load("cases"), "deadline").tolist() == ["deadline: yes"]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda book: small.crosstab("directness", "result", book=book), "fall into one group"),
        (lambda book: small.crosstab("name", "result", book=book), "channels.name has no groups"),
        (lambda book: small.crosstab(("directness", ["straight"]), "result", book=book), "'straight' is not a value"),
        (lambda book: small.difference("result", "directness", book=book), "channels.result is no number"),
        (lambda book: small.difference("duration_days", "directness", book=book), "makes 3 groups"),
        (lambda book: small.difference("duration_days", ("directness", ["direct"]), book=book), "two each are needed"),
    ],
)
def test_impossible_questions_are_refused(tiny, ask, message):
    with pytest.raises(CasebookError, match=message):
        ask(tiny)


def test_unknown_variables_are_answered_with_the_nearest(tiny):
    with pytest.raises(UnknownNameError, match="did you mean 'directness'"):
        small.crosstab("directnes", "result", book=tiny)


def test_without_scipy_the_way_to_install_it_is_said(tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(CasebookError, match="pip install"):
        small.crosstab("directness", "result", book=tiny)


def test_few_rows_in_many_categories(tiny):
    """For tables as small as these scipy gives the p-value as an array."""
    result, level = ["agreement", "failure", "information", "agreement"], ["direct", "relayed", "mixed", "relayed"]
    found = small.crosstab("result", "directness", book=Frames(tiny, directness=level, result=result))
    assert found.p_value == pytest.approx(1, abs=0.01)
    assert "random tables with these margins: p = 1.000" in str(found)
