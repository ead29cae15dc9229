"""Survival curves show the estimate, and a band for what the dates leave open."""

import sys
from math import inf

import matplotlib as mpl
import pytest

mpl.use("agg")

import matplotlib.pyplot as plt

from casebook import durations, plots
from casebook.errors import CasebookError


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def curves(ax):
    return [line for line in ax.get_lines() if line.get_gid() == "survival"]


def test_the_curve_falls_where_the_estimate_does(tiny):
    found = durations.analyze("existence", book=tiny)
    (curve,) = curves(plots.survival(found))
    days, shares = curve.get_xdata(), curve.get_ydata()
    assert days[1] == found.estimates[0].survival.median
    assert shares.tolist() == [1, 0, 0]


def test_the_band_is_what_the_dates_leave_open(tiny):
    (band,) = plots.survival(durations.analyze("existence", book=tiny)).collections
    places = band.get_paths()[0].vertices
    full = places[places[:, 1] == 1, 0]
    assert (full.min(), full.max()) == (0, 120)
    assert places[(places[:, 1] == 0), 0].min() == 93


def test_one_curve_for_each_group_told_apart_by_its_line():
    found = durations.analyze("existence", by="secrecy_scope", draws=0)
    ax = plots.survival(found)
    drawn = [estimate for estimate in found.estimates if estimate.survival]
    assert len(curves(ax)) == len(drawn)
    assert len({curve.get_linestyle() for curve in curves(ax)[:4]}) == min(4, len(drawn))
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(labels) == len(found.estimates)
    assert not [label for label in labels if "secrecy scope" in label]
    assert "groups by secrecy scope" in next(text.get_text() for text in ax.texts if text.get_gid() == "answer")


def test_the_words_give_the_bounds_and_the_estimate(tiny):
    text = plots.describe(plots.survival(durations.analyze("existence", book=tiny)))
    assert text == (
        "Secrecy of existence, log scale. Half of 1 row public within 3.1 months to 3.9 months; estimated median 3.5 "
        "months."
    )


def test_what_is_not_over_is_drawn_to_the_edge(tiny):
    found = durations.analyze("durability", book=tiny)
    assert found.estimates[0].bounds()[1] == inf
    ax = plots.survival(found)
    assert curves(ax)[0].get_ydata().tolist() == [1, 1]
    assert "a time not reached" in plots.describe(ax)


def test_a_clock_that_applies_to_no_row_is_refused(folder):
    text = folder.read("cases/alpha-1990/channels.yaml").replace(
        "terms_disclosed: unknown\n  terms_disclosure_mode: unknown",
        "terms_disclosed: not_applicable\n  terms_disclosure_mode: not_applicable",
    )
    book = folder.write("cases/alpha-1990/channels.yaml", text).build()
    with pytest.raises(CasebookError, match="nothing to draw: secrecy of terms applies to no row"):
        plots.survival(durations.analyze("terms", book=book))


def test_without_the_extra_the_message_names_it(monkeypatch, tiny):
    found = durations.analyze("existence", book=tiny)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(CasebookError, match="notebooks"):
        plots.survival(found)
