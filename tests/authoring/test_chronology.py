"""Dates are checked against each other, and against the day to which the casebook reaches."""

import pytest

CASE = "cases/alpha-1990/case.yaml"
CHANNELS = "cases/alpha-1990/channels.yaml"
EVENTS = "cases/alpha-1990/events.yaml"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (CHANNELS, "end: 1990-05-30", "end: 1890-05-30", "channels.end: 1890-05-30 lies before start"),
        (
            EVENTS,
            "date: 1990-02",
            "date: 2091-02-10",
            "events.date: '2091-02-10' lies after 2020-01-01, the reference",
        ),
        (
            EVENTS,
            "date: 1990-02",
            "date: 1990-01-10",
            "events.not_before_its_channel: an event in a back channel lies",
        ),
        (
            EVENTS,
            "date: 1990-02",
            "date: 1990-06-10",
            "events.not_after_its_channel: an event in a back channel lies",
        ),
        (CHANNELS, "end: 1990-05-30", "end: 1990-05-30/2107", ""),
        ("sources.bib", "date = {2001}", "date = {2109}", "sources.doe2001talks: '2109' lies after 2020-01-01"),
    ],
)
def test_a_slip_of_the_pen_is_found(folder, name, old, new, message):
    folder.replace(name, old, new)
    if message:
        assert any(message in problem for problem in folder.problems())
    else:
        folder.build()


def test_a_channel_of_another_century_does_not_touch_its_case(folder):
    folder.replace(CHANNELS, "start: 1990-02", "start: 1004-02").replace(CHANNELS, "end: 1990-05-30", "end: 1004-05-30")
    assert any("channels.not_over_before_its_case" in problem for problem in folder.problems())


def test_a_channel_may_be_announced_before_it_begins(folder):
    folder.replace(CHANNELS, "existence_disclosed: 1990-06-01", "existence_disclosed: 1990-01-05")
    channel = folder.build().load("channels").iloc[0]
    assert channel["existence_secrecy_days_max"] == 0


def test_terms_are_not_disclosed_before_the_first_contact(folder):
    folder.replace(CHANNELS, "terms_disclosed: unknown", "terms_disclosed: 1890-01-05")
    folder.replace(CHANNELS, "terms_disclosure_mode: unknown", "terms_disclosure_mode: leak")
    assert any("channels.terms_disclosed: 1890-01-05 lies before start" in problem for problem in folder.problems())


def test_an_event_outside_its_channel_may_say_why(folder):
    folder.replace(EVENTS, "  date: 1990-02", "  date: 1990-06-10\n  outside_span: A last letter came late.")
    folder.build()
