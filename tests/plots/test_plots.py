import re
import subprocess
import sys
from functools import cache
from itertools import groupby

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.text import Text

import casebook
from casebook import plots
from casebook.errors import CasebookError, UnknownNameError
from casebook.plots.spans import Span, durability, shares_in_words

CASES = list(casebook.load("cases")["case_id"])
CHANNELS, EVENTS = "cases/alpha-1990/channels.yaml", "cases/alpha-1990/events.yaml"


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def drawn(ax, gid):
    """Places of the marks of one kind, dates as days."""
    lines = [line for line in ax.get_lines() if line.get_gid() == gid]
    return [
        (mdates.num2date(x).date().isoformat() if isinstance(x, float) and ax.xaxis.get_converter() else x, float(y))
        for line in lines
        for x, y in zip(np.atleast_1d(line.get_xdata(orig=False)), np.atleast_1d(line.get_ydata()), strict=True)
    ]


def words(ax):
    return [text.get_text() for text in ax.get_figure().findobj(Text) if text.get_visible() and text.get_text().strip()]


def row_names(ax):
    return [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]


def shown_texts(figure):
    """Texts that the renderer draws, with their boxes."""
    figure.draw_without_rendering()
    hidden = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            slack = (high - low) * 1e-6
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not ax.axison or not low - slack <= tick.get_loc() <= high + slack:
                    hidden |= {tick.label1, tick.label2}
            if not ax.axison:
                hidden |= {axis.label, axis.get_offset_text()}
    texts = [
        text for text in figure.findobj(Text) if text not in hidden and text.get_visible() and text.get_text().strip()
    ]
    return [(text.get_text(), text.get_window_extent()) for text in texts]


def assert_readable(ax):
    """No text covers another, and none leaves the figure."""
    figure = ax.get_figure()
    texts, boxes = zip(*shown_texts(figure), strict=True)
    low, high = np.array([box.min for box in boxes]), np.array([box.max for box in boxes])
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    covered = np.triu((shared > 1).all(axis=2), k=1)
    assert [f"{texts[one]!r} covers {texts[other]!r}" for one, other in np.argwhere(covered)] == []
    outside = (low < -1).any(axis=1) | (high > figure.bbox.max + 1).any(axis=1)
    assert [texts[place] for place in np.flatnonzero(outside)] == []


def second_channel(folder, **changes):
    """Add a channel ``other`` to the tiny casebook, like the first but for the changes."""
    text = (
        folder.read(CHANNELS).replace("channel: line", "channel: other").replace("name: Ann – Bob", "name: Cat – Dan")
    )
    for name, value in changes.items():
        text = re.sub(rf"^  {name}: .*$", f"  {name}: {value}", text, count=1, flags=re.MULTILINE)
    return folder.write(CHANNELS, folder.read(CHANNELS) + text)


def add_event(folder, event, date, *, time=None, offset=None, track="back_channel", kind="call", who="ann-envoy"):
    clock = f"  time: {time}\n  utc_offset: {offset}\n" if time else ""
    channel = "line" if track == "back_channel" else "not_applicable"
    text = (
        f"- event: {event}\n  channel: {channel}\n  track: {track}\n  kind: {kind}\n  status: established\n"
        f"  date: {date}\n{clock}  place: Paris\n  country: FRA\n  summary: {event} happens.\n"
        f"  attendance: [{who}]\n  evidence:\n    - {{source: doe2001talks, confidence: high}}\n"
    )
    return folder.write(EVENTS, folder.read(EVENTS) + text)


def only_alleged(folder):
    for name in (CHANNELS, EVENTS, "cases/alpha-1990/terms.yaml"):
        folder.write(name, folder.read(name).replace("status: established", "status: alleged"))
    return folder


@pytest.fixture(scope="module")
def alpha(tiny):
    """The timeline of the small casebook, drawn once for all tests that only look at it."""
    return plots.timeline("alpha-1990", data=tiny)


class TestTimeline:
    def test_bar_contacts_and_disclosure(self, alpha):
        assert row_names(alpha) == ["Ann – Bob"]
        spans = {
            bar.get_gid(): [mdates.num2date(x).date().isoformat() for x in (bar.get_x(), bar.get_x() + bar.get_width())]
            for bar in alpha.patches
        }
        assert spans == {None: ["1990-02-01", "1990-05-31"], "sure": ["1990-02-28", "1990-05-31"]}
        assert [date for date, _ in drawn(alpha, "event")] == ["1990-02-15"]
        panel = alpha.figure.axes[-1]
        assert [date for date, _ in drawn(panel, "existence_disclosed")] == ["1990-06-01"]
        assert drawn(panel, "terms_disclosed") == []
        assert "terms disclosed: unknown" in words(panel)
        assert "of its own" in panel.get_xlabel()
        assert_readable(alpha)

    def test_alleged_events_only_when_asked_for(self, alpha, tiny):
        assert len(drawn(alpha, "event")) == 1
        assert len(drawn(plots.timeline("alpha-1990", alleged=True, data=tiny), "event")) == 2

    def test_what_lies_outside_is_counted(self, tiny):
        ax = plots.timeline("alpha-1990", start="1990-03-01", end="1990-05-01", data=tiny)
        assert drawn(ax, "event") == []
        assert "1 event before or after not shown" in ax.get_xlabel()
        assert "1 event before or after not shown" in plots.describe(ax)

    def test_front_channel_has_a_row_when_it_has_events(self, folder):
        book = add_event(folder, "1990-03-07-session", "1990-03-07", track="front_channel", kind="meeting").build()
        ax = plots.timeline("alpha-1990", data=book)
        assert row_names(ax) == ["Front channel", "Ann – Bob"]
        assert row_names(plots.timeline("alpha-1990", tracks=(), data=book)) == ["Ann – Bob"]
        ax = plots.timeline("alpha-1990", start="1990-04-01", data=book)
        assert "none within these dates" in words(ax)

    def test_open_bounds_are_marked(self, folder):
        folder.replace(CHANNELS, "start: 1990-02\n", "start: ../1990-02\n").replace(
            CHANNELS, "end: 1990-05-30", "end: unknown"
        )
        ax = plots.timeline("alpha-1990", data=folder.build())
        assert words(ax).count("?") == 2
        assert "? bound unknown" in words(ax)

    def test_half_open_disclosure_has_a_sign_without_length(self, folder):
        folder.replace(CHANNELS, "existence_disclosed: 1990-06-01", "existence_disclosed: ../1995")
        ax = plots.timeline("alpha-1990", data=folder.build())
        panel = ax.figure.axes[-1]
        assert [date for date, _ in drawn(panel, "existence_disclosed")] == ["1995-12-31"]
        assert [text.get_text() for text in panel.texts if text.get_gid() == "open"] == ["≤"]
        assert "Open bound: then or earlier" in words(ax)
        lines = [np.ravel(line.get_xdata(orig=False)) for line in panel.get_lines() if len(line.get_xdata())]
        dates = [float(x) for line in lines for x in line if x > 1]
        assert min(dates) == mdates.date2num(np.datetime64("1990-02-01"))

    def test_marks_on_one_day_stand_in_lanes(self, folder):
        for number in range(6):
            add_event(folder, f"1990-03-07-call-{number}", "1990-03-07")
        ax = plots.timeline("alpha-1990", data=folder.build())
        places = [y for date, y in drawn(ax, "event") if date == "1990-03-07"]
        assert len(places) == 6
        assert min(np.diff(sorted(places))) >= 0.099

    def test_on_a_given_axes(self, tiny):
        _, (left, right) = plt.subplots(1, 2, figsize=(16, 3), layout="constrained")
        assert plots.timeline("alpha-1990", data=tiny, ax=right) is right
        assert drawn(left, "event") == []
        free = plt.figure().add_axes((0.2, 0.2, 0.7, 0.7))
        assert plots.timeline("alpha-1990", data=tiny, ax=free) is free
        assert len(free.figure.axes) == 2

    def test_wrong_arguments(self, tiny, folder):
        with pytest.raises(UnknownNameError, match="no case 'alpha'"):
            plots.timeline("alpha", data=tiny)
        with pytest.raises(UnknownNameError, match="no track 'front_chanel'; did you mean 'front_channel'"):
            plots.timeline("alpha-1990", tracks=["front_chanel"], data=tiny)
        with pytest.raises(CasebookError, match="start 'March' is not a day; write for instance 1962-10-16"):
            plots.timeline("alpha-1990", start="March", data=tiny)
        with pytest.raises(CasebookError, match="start 1991-01-01 is later than end 1990-05-30"):
            plots.timeline("alpha-1990", start="1991-01-01", data=tiny)
        with pytest.raises(CasebookError, match="alpha-1990 has no established channel with a date"):
            plots.timeline("alpha-1990", data=only_alleged(folder).build())

    def test_description_tells_the_dates(self, alpha):
        text = plots.describe(alpha)
        assert "The Alpha dispute, 1990: 1 channel, 1990-02-01 to 1990-05-30" in text
        assert (
            "Ann – Bob: 1990-02 to 1990-05-30, 1 event, existence disclosed 1990-06-01, terms disclosed: unknown"
            in text
        )


class TestOverview:
    def test_channels_in_order_of_start(self, folder):
        second_channel(folder, start="1990-01", existence_disclosed="2001/2003")
        ax = plots.overview(data=folder.build())
        assert row_names(ax) == ["Cat – Dan", "Ann – Bob"]
        assert drawn(ax, "existence_disclosed") == [("2002-07-02", 0.0), ("1990-06-01", 1.0)]
        between, known = (line.get_color() for line in ax.get_lines() if line.get_gid() == "existence_disclosed")
        assert sum(to_rgb(between)) > sum(to_rgb(known)), "a mark between bounds is pale, for it is no date"
        assert words(ax).count("terms unknown") == 2
        assert "2 channels of 1 case" in plots.describe(ax)
        assert_readable(ax)

    def test_cases(self, tiny):
        with pytest.raises(UnknownNameError, match="no case 'beta'"):
            plots.overview(["beta"], data=tiny)
        with pytest.raises(CasebookError, match=r"write cases=\['alpha-1990'\]"):
            plots.overview("alpha-1990", data=tiny)
        with pytest.raises(CasebookError, match="cases is an empty list"):
            plots.overview([], data=tiny)


class TestSecrecy:
    def test_days_with_their_bounds_on_a_log_scale(self, tiny):
        ax = plots.secrecy(data=tiny)
        assert ax.get_xscale() == "symlog"
        assert drawn(ax, "duration") == [(106.5, 0.0)]
        bounds = [list(line.get_xdata()) for line in ax.get_lines() if len(line.get_xdata()) == 2]
        assert [93.0, 120.0] in bounds
        assert ax.get_xlabel() == "Days from first contact to disclosure of the existence (log scale)"
        assert "Partial agreement" in words(ax)
        assert "Ann – Bob (Alpha dispute, partial agreement): 3.1 months to 3.9 months" in plots.describe(ax)
        assert_readable(ax)

    def test_unknown_is_said_and_not_dropped(self, tiny):
        ax = plots.secrecy("terms", data=tiny)
        assert row_names(ax) == ["Ann – Bob"]
        assert drawn(ax, "duration") == []
        assert "unknown" in words(ax)
        assert "unknown" in plots.describe(ax)

    def test_undisclosed_is_censored_at_the_reference_date(self, folder):
        folder.replace(CHANNELS, "terms_disclosed: unknown", "terms_disclosed: not_applicable")
        folder.replace(CHANNELS, "terms_disclosure_mode: unknown", "terms_disclosure_mode: not_disclosed")
        text = (
            "on: terms_disclosure_mode\n      source: doe2001talks\n      confidence: high\n    - on: [summary, status"
        )
        folder.replace(CHANNELS, "on: [summary, status", text)
        ax = plots.secrecy("terms", data=folder.build())
        assert drawn(ax, "duration") == []
        (sign,) = [text for text in ax.texts if text.get_gid() == "open"]
        assert (sign.get_text(), sign.xy) == ("≥", (10899.0, 0.0))
        assert "Open bound: at least" in words(ax)
        assert "not disclosed, 29.9 years so far" in plots.describe(ax)

    def test_shortest_first_then_open_then_unknown(self, folder):
        second_channel(folder, existence_disclosed="1990-05-31", result="failure")
        book = folder.build()
        ax = plots.secrecy(by=None, data=book)
        assert row_names(ax) == ["Cat – Dan", "Ann – Bob"]
        faces = {line.get_marker() for line in ax.get_lines() if line.get_gid() == "duration"}
        assert faces == {"o"}
        assert row_names(plots.secrecy(data=book)) == ["Ann – Bob", "Cat – Dan"]

    def test_rows_stand_under_the_groups_asked_for(self, folder):
        second_channel(folder, existence_disclosed="1990-05-31", result="failure")
        book = folder.build()
        assert {"Partial agreement", "Failure"} <= set(words(plots.secrecy(data=book)))
        by_kind = plots.secrecy(by="intermediary_type", data=book)
        assert any(text.startswith("2 channels: half were public within") for text in words(by_kind))
        with pytest.raises(UnknownNameError, match="no variable 'intermediary' in table channels"):
            plots.secrecy(by="intermediary", data=book)
        with pytest.raises(CasebookError, match=r"channels\.name has no categories to group by; valid: status"):
            plots.secrecy(by="name", data=book)

    def test_alleged_and_unknown_names(self, folder, tiny):
        with pytest.raises(UnknownNameError, match="no clock 'term'; did you mean 'terms'"):
            plots.secrecy("term", data=tiny)
        book = only_alleged(folder).build()
        with pytest.raises(CasebookError, match=r"alpha-1990 has no established channel \(alleged=True"):
            plots.secrecy(data=book)
        assert row_names(plots.secrecy(data=book, alleged=True)) == ["Ann – Bob"]


class TestOutcome:
    def test_what_held_has_an_open_bound(self, tiny):
        ax = plots.outcome(data=tiny)
        assert drawn(ax, "duration") == []
        (sign,) = [text for text in ax.texts if text.get_gid() == "open"]
        assert (sign.get_text(), sign.xy[0]) == ("≥", 10806)
        assert {"Partial settlement", "not reversed"} <= set(words(ax))
        assert "Alpha dispute: Partial settlement; no reversal; not reversed, 29.6 years so far" in plots.describe(ax)
        assert_readable(ax)

    def test_what_the_dates_leave_open_is_said_only_where_they_do(self):
        early, late, wide = Span("a", "", "", 1, 2), Span("b", "", "", 400, 500), Span("c", "", "", 1, 500)
        assert shares_in_words([early, late], 365, "a year", "public") == (
            "1 was surely public within a year and 1 surely not"
        )
        assert shares_in_words([early, late, wide], 365, "a year", "public").endswith("; for 1 the dates leave it open")

    def test_what_was_discharged_is_not_still_holding(self):
        done = Span("Done", "", "", 10, None, censored=True, note="discharged")
        owed = Span("Owed", "", "", 20, None, censored=True, note="not reversed")
        assert (done.words, owed.words) == ("discharged after 10 days", "not reversed, 20 days so far")
        assert durability([done, owed]) == (
            "Of 2 outcomes: 1 discharged (nothing more was owed) before any reversal; 1 not reversed by the reference "
            "date (in 20 days or more)."
        )

    def test_what_was_reversed_has_a_full_one(self, folder):
        name = "cases/alpha-1990/case.yaml"
        folder.replace(name, "reversal: none", "reversal: full")
        folder.replace(name, "reversal_date: not_applicable", "reversal_date: 1990-07-01")
        folder.replace(name, "implementation, reversal]", "implementation, reversal, reversal_date]")
        ax = plots.outcome(data=folder.build())
        assert drawn(ax, "duration") == [(30.0, 0.0)]
        assert "reversal: full; 30 days" in plots.describe(ax)


class TestTexts:
    def test_a_dollar_sign_is_a_dollar_sign(self, folder):
        folder.replace(CHANNELS, "name: Ann – Bob", "name: The $8 billion for $12 billion line")
        folder.replace("cases/alpha-1990/case.yaml", "short_title: Alpha dispute", "short_title: $5m or $6m dispute")
        folder.replace("cases/alpha-1990/case.yaml", "title: The Alpha dispute, 1990", "title: The $5m or $6m^ dispute")
        folder.replace("cases/alpha-1990/case.yaml", "name: Aland", "name: A$land and B$land")
        folder.replace("actors.yaml", "name: Ann Envoy", "name: A$^{ron Ca$h")
        folder.replace(EVENTS, "Bob carries a letter.", "Bob carries $1 and $2.")
        folder.replace(EVENTS, "date: 1990-02\n", "date: 1990-02-03\n")
        book = folder.build()
        for draw in (
            lambda: plots.timeline("alpha-1990", data=book),
            lambda: plots.overview(data=book),
            lambda: plots.secrecy(data=book),
            lambda: plots.outcome(data=book),
            lambda: plots.heatmap(data=book),
            lambda: plots.network("alpha-1990", data=book),
            lambda: plots.calendar("alpha-1990", "1990-02-01", "1990-03-01", data=book),
            lambda: plots.panorama(data=book),
        ):
            figure = draw().get_figure()
            figure.draw_without_rendering()
            priced = [text for text in figure.findobj(Text) if "$" in text.get_text()]
            assert priced
            assert not [text for text in priced if text.get_parse_math()]


class TestHeatmap:
    def test_cells_carry_labels_from_the_codebook(self, tiny):
        ax = plots.heatmap("violence", "deadline", "outcome", data=tiny)
        assert [label.get_text() for label in ax.get_xticklabels()] == ["Violence", "Deadline", "Outcome"]
        cells = ["No violence", "yes", "Partial settlement"]
        assert [text.get_text() for text in ax.texts if not text.get_gid()] == cells
        assert row_names(ax) == ["Alpha dispute"]
        assert "violence: No violence, deadline: yes, outcome: Partial settlement" in plots.describe(ax)
        assert_readable(ax)

    def test_all_coded_conditions_by_default(self, tiny):
        cases = tiny.schema.table("cases")
        wanted = [f.title for f in cases.fields if f.coded and (f.categories or f.type == "boolean")]
        shown = [label.get_text().replace("\n", " ") for label in plots.heatmap(data=tiny).get_xticklabels()]
        assert shown == wanted

    def test_missing_is_hatched_and_says_why(self, tiny):
        ax = plots.heatmap("result", "terms_disclosure_mode", data=tiny)
        (cell,) = [patch for patch in ax.patches if patch.get_gid() == "missing"]
        assert cell.get_hatch()
        assert "unknown" in [text.get_text() for text in ax.texts]
        assert "1 missing value" in plots.describe(ax)

    def test_ordered_categories_go_from_light_to_dark(self):
        from casebook.plots.grids import _colors

        field = casebook.codebook("cases", "outcome").fields[0]
        lightness = [np.dot((0.299, 0.587, 0.114), color) for color in _colors(field).values()]
        assert lightness == sorted(lightness, reverse=True)

    def test_wrong_variables(self, tiny, folder):
        with pytest.raises(UnknownNameError, match="no variable 'violnce'; did you mean 'violence'"):
            plots.heatmap("violnce", data=tiny)
        with pytest.raises(CasebookError, match=r"cases\.durability_days has no categories .*: domain, arena"):
            plots.heatmap("durability_days", data=tiny)
        with pytest.raises(CasebookError, match="alpha-1990 has no row in channels"):
            plots.heatmap("result", data=only_alleged(folder).build())


class TestNetwork:
    def test_people_by_side(self, tiny):
        ax = plots.network("alpha-1990", data=tiny)
        people = {text.get_text(): text.xy for text in ax.texts if text.get_gid() == "name"}
        assert set(people) == {"Ann Envoy", "Bob Broker"}
        assert people["Ann Envoy"][0] < people["Bob Broker"][0]
        assert len([patch for patch in ax.patches if patch.get_gid() == "pair"]) == 1
        assert {"Aland", "Third party"} <= set(words(ax))
        assert "Aland: Ann Envoy. Third party: Bob Broker." in plots.describe(ax)
        assert_readable(ax)

    def test_shared_events_widen_the_line(self, folder):
        add_event(folder, "1990-03-07-call", "1990-03-07", who="ann-envoy, bob-broker")
        ax = plots.network("alpha-1990", data=folder.build())
        (pair,) = [patch for patch in ax.patches if patch.get_gid() == "pair"]
        assert pair.get_linewidth() == pytest.approx(1.4)
        assert "Ann Envoy and Bob Broker (2 events)" in plots.describe(ax)

    def test_nobody_met(self, tiny):
        with pytest.raises(CasebookError, match=r"no two people are recorded at the same event .* in internal"):
            plots.network("alpha-1990", tracks=["internal"], data=tiny)
        with pytest.raises(UnknownNameError, match="no track 'intern'"):
            plots.network("alpha-1990", tracks=["intern"], data=tiny)

    def test_the_picture_is_always_the_same(self):
        first, second = ({text.get_text(): text.xy for text in plots.network(CASES[0]).texts} for _ in range(2))
        assert first == second


class TestCalendar:
    @pytest.fixture
    def book(self, folder):
        add_event(folder, "1990-03-07-morning", "1990-03-07", time="09:30", offset="-05:00")
        add_event(folder, "1990-03-07-evening", "1990-03-07", time="21:00", offset="-05:00")
        add_event(folder, "1990-03-09-moscow", "1990-03-09", time="03:15", offset="+03:00")
        add_event(folder, "1990-03-08-some-time", "1990-03-08")
        add_event(folder, "1990-03-06-several-days", "1990-03-06/1990-03-08")
        return folder.build()

    def test_days_hours_and_a_column_without_clock(self, book):
        ax = plots.calendar("alpha-1990", "1990-03-06", "1990-03-09", data=book)
        assert row_names(ax) == ["Tue 6 Mar 1990", "Wed 7 Mar 1990", "Thu 8 Mar 1990", "Fri 9 Mar 1990"]
        assert "UTC-05:00" in ax.get_xlabel()
        hours = [line.get_xdata()[0] for line in ax.get_lines() if line.get_gid() == "event"]
        assert hours[1:3] == [9.5, 21.0]
        assert hours[0] < 0
        assert hours[3] < 0
        assert hours[4] == 19.25
        tops = {line.get_xdata()[0]: line.get_ydata()[0] for line in ax.get_lines() if line.get_gid() == "event"}
        assert 2 * 0.32 < tops[19.25] < 3 * 0.32 or tops[19.25] == max(tops.values())
        assert len([line for line in ax.get_lines() if line.get_gid() == "span"]) == 1
        assert_readable(ax)

    def test_what_lies_somewhere_within_days_is_no_event_of_the_one_day_shown(self, book):
        ax = plots.calendar("alpha-1990", "1990-03-07", "1990-03-07", data=book)
        assert len([line for line in ax.get_lines() if line.get_gid() == "span"]) == 1
        assert "most on one day: 2, on Wed 7 Mar 1990" in " ".join(words(ax))

    def test_the_key_keeps_the_local_time(self, book):
        ax = plots.calendar("alpha-1990", "1990-03-06", "1990-03-09", data=book)
        (key,) = [text.get_text() for text in ax.texts if text.get_gid() == "key"]
        assert "1990-03-09, 03:15 UTC+03:00, call: 1990-03-09-moscow happens." in key
        assert "5 events, 3 with a clock time" in plots.describe(ax)

    def test_wrong_days(self, book):
        with pytest.raises(CasebookError, match="no event from 1991-01-01 to 1991-01-02 in back_channel"):
            plots.calendar("alpha-1990", "1991-01-01", "1991-01-02", data=book)
        with pytest.raises(CasebookError, match="must be 0 to 62 days after start"):
            plots.calendar("alpha-1990", "1990-03-02", "1990-03-01", data=book)
        with pytest.raises(CasebookError, match="end '1990-3' is not a day"):
            plots.calendar("alpha-1990", "1990-03-02", "1990-3", data=book)
        with pytest.raises(UnknownNameError, match="no track 'front'"):
            plots.calendar("alpha-1990", "1990-03-01", "1990-03-02", tracks=["front"], data=book)


@pytest.mark.parametrize("case", CASES)
def test_figures_of_every_packaged_case_are_readable(case):
    for figure in (plots.timeline, plots.network):
        ax = figure(case)
        assert_readable(ax)
        assert casebook.case(case).title in plots.describe(ax)


@cache
def secrecy(clock):
    return plots.secrecy(clock)


@pytest.mark.parametrize(
    "draw",
    [plots.overview, lambda: secrecy("existence"), lambda: secrecy("terms"), plots.outcome, plots.heatmap],
    ids=["overview", "secrecy", "terms", "outcome", "heatmap"],
)
def test_figures_of_all_packaged_cases_are_readable(draw):
    ax = draw()
    titles = casebook.load("cases")["short_title"]
    assert_readable(ax)
    assert [title for title in titles if title not in plots.describe(ax)] == []


def test_each_group_of_channels_stands_together():
    groups = [group for group, _ in groupby(re.findall(r", ([a-z ]+)\): ", plots.describe(secrecy("existence"))))]
    assert {"failure", "unknown", "not applicable"} < set(groups)
    assert len(groups) == len(set(groups))


@pytest.mark.parametrize("clock", ["existence", "terms"])
def test_no_packaged_channel_is_dropped(clock):
    channels = casebook.load("channels")
    assert len(row_names(secrecy(clock))) == len(channels)


@pytest.mark.parametrize(
    ("case", "start", "end"),
    [("cuba-1962", "1962-10-16", "1962-10-29"), ("nyc-transit-2005", "2005-12-15", "2005-12-27")],
)
def test_calendars_of_the_short_crises_are_readable(case, start, end):
    ax = plots.calendar(case, start, end, tracks=["back_channel", "front_channel"])
    assert_readable(ax)


def test_describe_knows_only_its_own_figures():
    with pytest.raises(CasebookError, match="nothing is known of this Axes"):
        plots.describe(plt.figure().add_subplot())


def test_data_must_be_a_casebook():
    with pytest.raises(CasebookError, match=r"data must be a Casebook, .* not DataFrame"):
        plots.outcome(data=casebook.load("cases"))


def test_without_the_extra_the_message_names_it(monkeypatch, tiny):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = re.escape('pip install "backchannel-casebook[notebooks]"')
    arguments = {
        "timeline": ("alpha-1990",),
        "network": ("alpha-1990",),
        "calendar": ("alpha-1990", "1990-02-01", "1990-02-02"),
    }
    for name in set(plots.__all__) - {"describe", "survival"}:
        with pytest.raises(CasebookError, match=message):
            getattr(plots, name)(*arguments.get(name, ()), data=tiny)


def test_matplotlib_is_imported_only_to_draw():
    code = (
        "import casebook, sys; casebook.plots.timeline; print({'matplotlib', 'seaborn', 'networkx'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("odd", [["result"], {"result"}, {"result": "failure"}, np.array(["result"]), None])
def test_every_variable_of_a_heatmap_is_text(tiny, odd):
    with pytest.raises(CasebookError, match="each variable must be text such as 'outcome'"):
        plots.heatmap("result", odd, data=tiny)


def test_a_variable_named_twice_is_drawn_once(tiny):
    ax = plots.heatmap("result", "deniability", "result", data=tiny)
    assert len(ax.get_xticklabels()) == 2
