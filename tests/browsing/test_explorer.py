"""Rows to look through: the same filters in code and by hand, and a table where nobody can click."""

import datetime as dt
import sys
from dataclasses import replace

import pytest

import casebook
from casebook.browsing import explorer as browsing
from casebook.browsing.explorer import explore
from casebook.errors import CasebookError, MissingLibraryError, UnknownNameError


@pytest.fixture
def clickable(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "a.ipynb")


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    for name in browsing._FRONT_ENDS:
        monkeypatch.delenv(name, raising=False)


def ids(found):
    return set(found.rows[found.table.primary_key])


def test_categories_are_those_of_load():
    channels = casebook.load("channels")
    wanted = channels[channels["result"].isin(["agreement", "deception"])]
    assert ids(explore(where={"result": ["agreement", "deception"]})) == set(wanted["channel_id"])
    nothing = explore(where={"result": "no value"})
    assert ids(nothing) == set(channels.loc[channels["result"].isna(), "channel_id"])
    assert len(nothing)


def test_a_truth_value_is_a_category():
    channels = casebook.load("channels", alleged=True)
    name = next(item.name for item in casebook.codebook("channels").fields if item.type == "boolean")
    yes, no, none = (ids(explore(where={name: [word]}, alleged=True)) for word in ("yes", False, "no value"))
    assert yes == set(channels.loc[channels[name].fillna(False), "channel_id"])
    assert yes | no | none == set(channels["channel_id"])
    assert not yes & no


def test_a_range_keeps_what_its_bounds_allow():
    channels = casebook.load("channels")
    found = ids(explore(where={"start": ("1979-11", "1980")}))
    first, last = channels["start_earliest"], channels["start_latest"]
    inside = (first >= "1979-11-01") & (last <= "1980-12-31")
    outside = (last < "1979-11-01") | (first > "1980-12-31") | channels["start"].isna()
    assert set(channels.loc[inside, "channel_id"]) <= found
    assert not found & set(channels.loc[outside.fillna(False).astype(bool), "channel_id"])
    days = ids(explore(where={"existence_secrecy_days": (None, 365)}))
    surely = channels["existence_secrecy_days_max"] <= 365
    never = channels["existence_secrecy_days_min"] > 365
    assert set(channels.loc[surely.fillna(False), "channel_id"]) <= days
    assert not days & set(channels.loc[never.fillna(False), "channel_id"])


def test_words_stand_in_what_readers_see(tiny):
    assert len(explore("events", text="CARRIES A LETTER", book=tiny)) == 1
    assert len(explore("channels", text="no such words", book=tiny)) == 0


def test_filters_go_together_and_away(tiny):
    found = explore("channels", where={"case_id": ["Alpha dispute"], "result": "partial_agreement"}, book=tiny)
    assert ids(found) == {"alpha-1990/line"}
    assert found.where == {"case_id": ("alpha-1990",), "result": ("partial_agreement",)}
    assert len(found.filter({"result": ["failure"]})) == 0
    assert len(found.filter()) == len(tiny.load("channels"))


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({"table": "chanels"}, "no table 'chanels'; did you mean 'channels'"),
        ({"table": "sources"}, r"rows of sources belong to no case; casebook.load\('sources'\) gives them"),
        ({"table": None}, "table must be text, not NoneType; write for instance casebook.explore"),
        ({"where": {"resul": ["failure"]}}, "no variable 'resul' in table channels; did you mean 'result'"),
        ({"where": {"result": ["failur"]}}, "no category 'failur' of result; did you mean 'failure'"),
        ({"where": {"result": 3}}, "result must be a list of categories, not int"),
        ({"where": {"case_id": ["alpha"]}}, "no case 'alpha'; did you mean 'alpha-1990'"),
        ({"where": {"start": "1990"}}, r"start is filtered by its first and last value; write \('1979', None\)"),
        ({"where": {"start": ("spring", None)}}, "'spring' is not a date; write for instance '1979'"),
        ({"where": {"meetings_min": ("few", None)}}, "'few' is not a number"),
        ({"where": {"summary": ["letter"]}}, "summary has neither categories nor an order; search it with text="),
        ({"where": ["result"]}, r"where must be a dictionary, not list; .* where=\{'result'"),
        ({"show": "result"}, r"show must be a list; write show=\['result'\]"),
        ({"text": 3}, "text must be text, not int"),
    ],
)
def test_what_is_asked_wrongly_is_answered(tiny, asked, answer):
    with pytest.raises(CasebookError, match=answer):
        explore(book=tiny, **asked)


def test_a_row_is_chosen_in_code(tiny):
    found = explore(book=tiny)
    with pytest.raises(CasebookError, match="no row is chosen; click one"):
        _ = found.evidence
    with pytest.raises(UnknownNameError, match="did you mean 'alpha-1990/line'"):
        found.choose("alpha-1990/lin")
    found.choose("alpha-1990/line")
    assert str(found.evidence) == str(tiny.evidence("alpha-1990/line"))


def test_at_a_prompt_the_rows_are_lines(tiny):
    found = explore(show=["result"], book=tiny)
    assert repr(found) == "Channels: 1\nalpha-1990/line\n  Ann – Bob | Partial agreement"
    whole = explore()
    assert max(map(len, str(whole).splitlines())) <= 80
    assert f"… {len(whole) - 12} more; print() shows them all" in repr(whole)


def test_the_title_of_a_table_is_shown_as_text(tiny):
    found = explore("channels", book=tiny)
    found.table = replace(found.table, title="<b>Lines</b>")
    assert "<p>&lt;b&gt;Lines&lt;/b&gt;: " in found._repr_html_()


def test_where_nobody_can_click_there_is_a_table(tiny):
    pytest.importorskip("IPython")
    from IPython.core.interactiveshell import InteractiveShell

    shown, _ = InteractiveShell.instance().display_formatter.format(explore(show=["result"], book=tiny))
    assert set(shown) == {"text/plain", "text/html"}
    for piece in ("<p>Channels: 1</p>", "Alpha dispute", "Ann – Bob", "Partial agreement", "alpha-1990/line"):
        assert piece in shown["text/html"]


@pytest.mark.usefixtures("clickable")
def test_without_the_library_the_table_says_how_to_get_it(tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    shown = explore(book=tiny)._repr_mimebundle_()
    assert set(shown) == {"text/html"}
    assert "clicking through rows needs the library ipywidgets; install it with" in shown["text/html"]
    assert "Ann – Bob" in shown["text/html"]
    with pytest.raises(MissingLibraryError):
        _ = explore(book=tiny).widget


class TestPanel:
    """The widgets, driven as a front end drives them."""

    @pytest.fixture(autouse=True)
    def library(self):
        pytest.importorskip("ipywidgets")

    @pytest.mark.usefixtures("clickable")
    def test_a_front_end_gets_the_widget_and_others_the_table(self, tiny):
        found = explore(book=tiny)
        shown = found._repr_mimebundle_()
        assert shown["application/vnd.jupyter.widget-view+json"]["model_id"] == found.widget.model_id
        assert shown["text/plain"] == repr(found)

    def test_a_filter_is_added_set_and_cleared(self):
        found = explore()
        panel = found.panel
        panel.add.value = "result"
        (chooser,) = panel.filters["result"].children
        assert len(found) == len(casebook.load("channels"))
        chooser.value = ("agreement", "deception")
        assert found.where == {"result": ("agreement", "deception")}
        assert [value for _, value in panel.list.options] == list(found.rows["channel_id"])
        assert found.summary in panel.said.value
        panel.add.value = "start"
        low, high = panel.filters["start"].children
        low.value = "1979"
        assert found.where["start"] == (dt.date(1979, 1, 1), None)
        assert set(panel.filters) == {"result", "start"}
        fewer = len(found)
        high.value = "someday"
        assert "&#x27;someday&#x27; is not a date" in panel.said.value
        assert len(found) == fewer
        panel.clear.click()
        assert (found.where, panel.filters, len(found)) == ({}, {}, len(found.all))

    def test_a_filter_in_which_nothing_is_chosen_stays_to_be_used(self):
        panel = explore(where={"result": ["failure"]}).panel
        (chooser,) = panel.filters["result"].children
        assert chooser.value == ("failure",)
        chooser.value = ()
        chooser.value = ("deception",)
        assert panel.filters["result"].children == (chooser,)
        assert len(panel.list.options) == int((casebook.load("channels")["result"] == "deception").sum())

    def test_words_are_searched(self, tiny):
        found = explore("events", book=tiny)
        found.panel.search.value = "a letter"
        assert len(found) == len(found.panel.list.options) == 1
        assert found.text == "a letter"

    def test_a_click_shows_timeline_and_evidence_of_the_row(self, tiny):
        pytest.importorskip("matplotlib").use("agg")
        from matplotlib import pyplot

        found = explore(book=tiny)
        panel, before = found.panel, pyplot.get_fignums()
        assert panel.list.value is None
        assert panel.evidence.value == ""
        panel.list.value = "alpha-1990/line"
        assert found.chosen == "alpha-1990/line"
        assert "<img " in panel.timeline.value
        assert 'alt="Timeline of' in panel.timeline.value
        assert tiny.evidence("alpha-1990/line")._repr_html_() in panel.evidence.value
        assert pyplot.get_fignums() == before

    def test_what_cannot_be_drawn_says_why(self, tiny, monkeypatch):
        found = explore(book=tiny)
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        found.panel.list.value = "alpha-1990/line"
        assert "<img" not in found.panel.timeline.value
        assert "matplotlib" in found.panel.timeline.value
        assert "Doe" in found.panel.evidence.value

    def test_what_is_done_in_code_is_seen(self, tiny):
        found = explore(book=tiny)
        panel = found.panel
        found.filter({"result": ["failure"]})
        assert panel.list.options == ()
        assert panel.filters["result"].children[0].value == ("failure",)
        found.filter().choose("alpha-1990/line")
        assert panel.list.value == "alpha-1990/line"
        assert "Doe" in panel.evidence.value
