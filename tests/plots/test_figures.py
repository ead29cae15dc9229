"""What holds of every figure: its head, its colors on any background, its place on an Axes of the user's, its words."""

import html
import itertools
import re
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

import casebook
from casebook import plots
from casebook.errors import CasebookError, UnknownNameError
from casebook.plots import contacts, drawing, grids, theme, timelines, worldmap
from casebook.plots.theme import contrast

TWO = ["cuba-1962", "oslo-1993"]
FIGURES = {
    "timeline": lambda **more: plots.timeline("cuba-1962", **more),
    "overview": lambda **more: plots.overview(TWO, **more),
    "secrecy": lambda **more: plots.secrecy("terms", cases=TWO, **more),
    "outcome": lambda **more: plots.outcome(**more),
    "heatmap": lambda **more: plots.heatmap("violence", "reversal", "outcome", **more),
    "network": lambda **more: plots.network("oslo-1993", **more),
    "calendar": lambda **more: plots.calendar("cuba-1962", "1962-10-22", "1962-10-25", **more),
    "places": lambda **more: plots.places(TWO, **more),
    "panorama": lambda **more: plots.panorama(TWO, **more),
}
every = pytest.mark.parametrize("name", FIGURES)


@cache
def drawn(name):
    """A figure as it comes, drawn once for all tests that only look at it."""
    return FIGURES[name]()


@cache
def network(case):
    """The people of a case, drawn once."""
    return drawn("network") if case == "oslo-1993" else plots.network(case)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(figure):
    """Texts with something to read that are drawn within the limits of their axis."""
    figure.draw_without_rendering()
    hidden = set()
    for ax in figure.findobj(mpl.axes.Axes):
        if not ax.axison:
            hidden |= {*ax.xaxis.findobj(Text), *ax.yaxis.findobj(Text)}
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low <= tick.get_loc() <= high:
                    hidden |= {tick.label1, tick.label2}
    return [t for t in figure.findobj(Text) if t not in hidden and t.get_visible() and t.get_text().strip()]


def face(artist):
    """The color behind a text, as far as the text's own box says, else the background of its figure."""
    patch = artist.get_bbox_patch()
    figure = artist.get_figure(root=True)
    return to_rgb(patch.get_facecolor() if patch else figure.get_facecolor())


@every
def test_every_figure_asks_and_answers_over_its_legend(name):
    ax = drawn(name)
    figure = ax.get_figure()
    figure.draw_without_rendering()
    title = ax.title if ax.title.get_text() else ax._left_title
    assert "?" in title.get_text()
    (answer,) = [text for text in ax.texts if text.get_gid() == "answer"]
    assert answer.get_text().endswith(".")
    assert answer.get_window_extent().y1 <= title.get_window_extent().y0 + 1
    if legend := ax.get_legend():
        assert ax.bbox.y1 <= legend.get_window_extent().y0 + 1
        assert legend.get_window_extent().y1 <= answer.get_window_extent().y0 + 1


@pytest.mark.parametrize(
    ("style", "name"),
    [*itertools.product(["default", "dark_background"], FIGURES), ("ggplot", "secrecy"), ("ggplot", "places")],
)
def test_text_reads_on_every_background(style, name):
    with plt.style.context(style):
        figure = (drawn(name) if style == "default" else FIGURES[name]()).get_figure()
        on_marks = {"calendar": {"number"}, "heatmap": {None}, "places": {None}}.get(name, set())
        for text in texts(figure):
            if text.get_gid() in on_marks and text.axes and text in text.axes.texts:
                continue
            assert contrast(to_rgb(text.get_color()), face(text)) >= 4.5, text.get_text()


def test_text_on_a_color_always_has_the_contrast():
    colors = itertools.product((0.0, 0.3, 0.5, 0.7, 1.0), repeat=3)
    assert min(contrast(theme.readable_on(color), color) for color in colors) >= 4.5


def test_the_colors_are_those_of_seaborn():
    text = Path(distribution("seaborn").locate_file("seaborn/palettes.py")).read_text()
    colors = re.findall(r"#\w+", text.partition("colorblind=[")[2].partition("]")[0])
    assert [to_hex(color) for color in theme.palette(12)] == [color.lower() for color in (*colors, *colors[:2])]


def test_shades_go_from_light_to_dark():
    assert [to_hex(color) for color in theme.shades(3)] == ["#eaf1f7", "#84a5c4", "#1f5a92"]
    assert theme.shades(1) == theme.shades(2)[:1]


@every
def test_an_axes_of_six_by_four_inches_keeps_its_labels(name):
    figure, ax = plt.subplots(figsize=(6, 4))
    assert FIGURES[name](ax=ax) is ax
    for text in texts(figure):
        box = text.get_window_extent()
        assert box.x0 >= -1, text.get_text()
        assert box.y0 >= -1, text.get_text()
        assert box.x1 <= figure.bbox.x1 + 1, text.get_text()
        assert box.y1 <= figure.bbox.y1 + 1, text.get_text()


def test_two_axes_of_one_figure_stay_in_their_halves():
    figure, (left, right) = plt.subplots(1, 2, figsize=(14, 4))
    plots.outcome(ax=left)
    plots.outcome(ax=right)
    figure.draw_without_rendering()
    assert left.get_tightbbox().x1 <= figure.bbox.x1 / 2 + 1
    assert right.get_tightbbox().x0 >= figure.bbox.x1 / 2 - 1


def displayed(figure, monkeypatch, *formats):
    """What a notebook is given for a figure where IPython is asked for these formats."""
    shell = SimpleNamespace(display_formatter=pytest.importorskip("IPython.core.formatters").DisplayFormatter())
    from IPython.core.pylabtools import select_figure_formats

    given = []
    select_figure_formats(shell, formats)
    with monkeypatch.context() as patch:
        patch.setattr("IPython.get_ipython", lambda: shell)
        patch.setattr("IPython.display.display", lambda data, metadata, raw: given.append(data))
        figure._ipython_display_()
    (data,) = given
    return data


@every
def test_the_picture_in_a_notebook_carries_the_alternative_text(name, monkeypatch):
    """One is drawn as IPython draws it; for the others it is enough that IPython is given the figure."""
    ax, asked = drawn(name), []
    if name != "timeline":
        monkeypatch.setattr("IPython.core.pylabtools.print_figure", lambda *given, **_: asked.append(given) or "Zm9v")
    shown = displayed(ax.get_figure(), monkeypatch, "png")
    (picture, alternative) = re.fullmatch(
        r'<img src="data:image/png;base64,([^"]+)" alt="([^"<>]*)">', shown["text/html"]
    ).groups()
    assert html.unescape(alternative) == plots.describe(ax)
    assert picture == shown["image/png"]
    assert asked == ([] if name == "timeline" else [(ax.get_figure(),)])


def test_a_notebook_shows_a_figure_in_the_formats_that_were_asked_for(monkeypatch):
    figure = drawn("outcome").get_figure()
    double = displayed(figure, monkeypatch, "retina")
    assert re.search(r' width="\d+" height="\d+" alt="', double["text/html"])
    vector = displayed(figure, monkeypatch, "svg")
    assert vector.keys() == {"text/plain", "image/svg+xml", "text/html"}
    assert vector["text/html"].startswith('<img src="data:image/svg+xml;base64,')
    assert displayed(plt.figure(FigureClass=type(figure)), monkeypatch, "png").keys() == {"text/plain"}


def test_a_picture_cut_to_what_it_shows_keeps_legend_and_answer():
    ax = drawn("outcome")
    figure = ax.get_figure()
    figure.draw_without_rendering()
    cut = figure.get_tightbbox()
    for artist in (ax.get_legend(), *(text for text in ax.texts if text.get_gid() == "answer")):
        box = artist.get_window_extent()
        assert box.x1 / figure.dpi <= cut.x1 + 0.01
        assert box.y1 / figure.dpi <= cut.y1 + 0.01


@pytest.mark.parametrize("pixels", [2000, 500, 330, 250, 100])
def test_a_legend_has_as_many_columns_as_if_every_number_of_them_were_tried(pixels, monkeypatch):
    _, ax = plt.subplots(figsize=(12, 4))
    handles = [drawing.entry("word " * words, marker="o") for words in (1, 6, 2, 3, 1)]
    drawing._legend(ax, handles, pixels)
    width = ax.get_legend().get_window_extent().width
    monkeypatch.setattr(drawing, "_across", lambda *_: 0)
    drawing._legend(ax, handles, pixels)
    assert ax.get_legend().get_window_extent().width == width


class TestOneMarkOneMeaning:
    def test_kinds_of_events_share_no_mark_with_clocks_and_people(self):
        kinds = theme.marks(casebook.codebook("events", "kind").fields[0])
        assert len({mark.marker for mark in kinds.values()}) == len(kinds)
        assert {mark.marker for mark in kinds.values()} & {"o", "D", "|", "."} == set()

    def test_third_parties_and_people_without_a_role_look_the_same_in_every_case(self):
        faces = {}
        for case in ("oslo-1993", "iran-1979", "cuba-2014"):
            ax = network(case)
            sides = [text for text in ax.texts if text.get_gid() == "side"]
            people = [line for line in ax.get_lines() if line.get_gid() == "person"]
            for side in sides:
                below = [p for p in people if p.get_xdata()[0] == side.xy[0] and p.get_ydata()[0] == side.xy[1] + 1]
                faces.setdefault(side.get_text(), set()).add(to_rgb(below[0].get_markerfacecolor()))
        assert len(faces["Third party"]) == 1
        assert faces["No role coded"] == {(1.0, 1.0, 1.0)}

    def test_bodies_are_houses_and_people_circles(self):
        ax = network("iran-1979")
        names = {text.xy: text.get_text().replace("\n", " ") for text in ax.texts if text.get_gid() == "name"}
        kinds = casebook.load("actors").set_index("name")["kind"]
        for line in ax.get_lines():
            if line.get_gid() == "person":
                kind = kinds[names[(line.get_xdata()[0], line.get_ydata()[0])]]
                assert (line.get_marker() == "o") == (kind == "person")


class TestShortCrises:
    def test_the_thirteen_days_get_most_of_the_width(self):
        ax = drawn("timeline")
        figure = ax.get_figure()
        figure.draw_without_rendering()
        days = [np.datetime64("1962-10-22"), np.datetime64("1962-10-28")]
        left, right = (ax.transData.transform((mpl.dates.date2num(day), 0))[0] for day in days)
        assert right - left > 0.4 * ax.bbox.width
        assert re.search(r"days in the shaded part are drawn \d+ times wider", ax.get_xlabel())

    def test_days_asked_for_have_one_width(self):
        ax = plots.timeline("cuba-1962", start="1962-10-16", end="1962-10-28")
        assert ax.get_xscale() == "linear"
        assert "wider" not in ax.get_xlabel()

    def test_a_long_dispute_has_no_lens(self):
        assert plots.timeline("mandela-coetsee").get_xscale() == "linear"

    def test_a_calendar_without_days_takes_those_in_which_most_happened(self):
        labels = [label.get_text() for label in plots.calendar("cuba-1962").get_yticklabels()]
        assert "Sat 27 Oct 1962" in labels
        assert len(labels) <= 14
        assert len(plots.calendar("cuba-1962", "1962-10-22").get_yticklabels()) == 14
        assert plots.calendar("cuba-1962", end="1962-10-28").get_yticklabels()[0].get_text() == "Mon 15 Oct 1962"

    def test_the_key_of_a_calendar_is_whole(self):
        ax = plots.calendar("cuba-1962", "1962-10-22", "1962-10-28")
        (key,) = [text.get_text() for text in ax.texts if text.get_gid() == "key"]
        assert "…" not in key


class TestManyChannels:
    def test_names_give_way_to_narrow_rows(self, monkeypatch):
        usual = drawn("overview")
        monkeypatch.setattr(timelines, "_FOLD", 3)
        ax = plots.overview(TWO)
        assert {label.get_text() for label in ax.get_yticklabels()} == {""}
        assert ax.get_figure().get_size_inches()[1] < usual.get_figure().get_size_inches()[1]

    def test_a_grid_of_many_channels_counts_them_by_case(self, monkeypatch):
        monkeypatch.setattr(grids, "_FOLD", 3)
        ax = plots.heatmap("result", cases=TWO)
        channels = casebook.load("channels")
        number = (channels["case_id"] == "oslo-1993").sum()
        assert f"Oslo channel ({number})" in [label.get_text() for label in ax.get_yticklabels()]
        failures = ((channels["case_id"] == "oslo-1993") & (channels["result"] == "failure")).sum()
        assert f"Failure {failures}" in plots.describe(ax)
        mine = channels["case_id"].isin(TWO)
        assert f"{channels.loc[mine, 'result'].isna().sum()} missing value" in plots.describe(ax)
        cells = [line for text in ax.texts for line in text.get_text().split("\n")]
        assert f"Failure {failures}" in cells
        assert "Colored by the most frequent known value" in [t.get_text() for t in ax.get_legend().get_texts()]


def test_rows_of_a_grid_stand_in_the_order_asked_for():
    ax = plots.heatmap("violence", sort="outcome")
    names = [label.get_text() for label in ax.get_yticklabels()]
    outcomes = casebook.load("cases").set_index("short_title")["outcome"].cat.codes
    assert [outcomes[name.replace("\n", " ")] for name in names] == sorted(outcomes)
    assert "What goes with outcome?" in ax.get_title(loc="left")
    with pytest.raises(UnknownNameError, match="no variable 'outcom' in table cases"):
        plots.heatmap("violence", sort="outcom")


class TestPlaces:
    def test_every_meeting_with_a_country_is_counted(self):
        events = casebook.load("events")
        channels = set(casebook.load("channels")["channel_id"])
        met = events[(events["kind"] == "meeting") & (events["track"] == "back_channel")]
        met = met[met["channel_id"].isna() | met["channel_id"].isin(channels)]
        text = plots.describe(plots.places())
        assert f"{met['country'].notna().sum()} in {met['country'].nunique()} countries" in text
        assert f"{met['country'].isna().sum()} more have no country coded" in text

    def test_circles_do_not_overlap_and_stay_near(self):
        spots = {"ISR": (0.0, 0.0), "PSE": (0.01, 0.0), "LBN": (0.0, 0.01), "NOR": (3.0, 3.0)}
        radii = dict.fromkeys(spots, 0.1)
        moved = worldmap._apart(spots, radii)
        for one, other in itertools.combinations(moved, 2):
            assert np.hypot(*np.subtract(moved[one], moved[other])) >= 0.199
        assert moved["NOR"] == (3.0, 3.0)

    def test_a_country_too_small_for_the_map_is_in_the_list(self):
        ax = plots.places(["cuba-2014"])
        assert "Holy See" in plots.describe(ax)
        (key,) = [text.get_text() for text in ax.texts if text.get_gid() == "key"]
        assert "VAT Holy See" in key

    def test_outlines_are_closed_and_lie_on_the_globe(self):
        countries = worldmap._countries()
        assert len(countries) > 170
        x, y = countries["NOR"].center
        assert 4 < x < 32
        assert 57 < y < 72

    def test_wrong_arguments(self, tiny):
        with pytest.raises(UnknownNameError, match="no kind 'meting'; did you mean 'meeting'"):
            plots.places(kinds=["meting"])
        with pytest.raises(CasebookError, match=r"nothing to draw: no event \(breakdown; back channel\)"):
            plots.places(kinds=["breakdown"], data=tiny)


class TestPanorama:
    def test_each_case_has_a_panel_with_its_channels(self):
        page = drawn("panorama")
        titles = casebook.load("cases").set_index("case_id")["short_title"]
        channels = casebook.load("channels").groupby("case_id").size()
        for case, panel in zip(TWO, page.child_axes, strict=True):
            title = titles[case]
            assert title in [text.get_text() for text in panel.texts]
            assert f"{title}: {channels[case]} channels" in plots.describe(page)

    def test_the_answer_is_how_many_ran_together(self, tiny):
        assert "Up to 1 at the same time (Alpha dispute)." in [t.get_text() for t in plots.panorama(data=tiny).texts]


def test_an_event_outside_its_channel_is_hollow_and_its_reason_told():
    ax = drawn("timeline")
    stray = contacts.Timeline.of(casebook.book.packaged_release(), "cuba-1962", (), None, None, False).stray
    assert len(stray)
    hollow = [
        line
        for line in ax.get_lines()
        if line.get_gid() == "event" and to_rgb(line.get_markerfacecolor()) == (1.0, 1.0, 1.0)
    ]
    assert len(hollow) == len(stray)
    assert all(reason.rstrip(".") in plots.describe(ax) for reason in stray["outside_span"])


def test_dates_are_in_english_whatever_the_locale(monkeypatch):
    import calendar as names

    monkeypatch.setattr(names, "month_abbr", ["", *("x" * 12)])
    labels = [label.get_text() for label in plots.timeline("cuba-1962").get_xticklabels()]
    assert any("Oct" in label for label in labels)
