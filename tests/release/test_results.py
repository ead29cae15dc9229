"""The page that says how results change with release 2: its figures are those of the packaged release."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from support import ROOT, altered

from casebook import durations
from casebook.book import Casebook, packaged_release

PAGE = ROOT / "docs/results-1-to-2.md"
OLD = ("us-ussr", "us-cuba", "israel-plo", "south-africa", "nyc-transit", "nyc-watershed")
"""Disputes of release 1.0.0; of the disputes between the United States and Iran it had the first case."""


def cases(book: Casebook, old: bool) -> list[str]:
    every = book.load("cases")
    known = every["dispute"].isin(OLD) | every["case_id"].eq("iran-1979")
    return list(every.loc[known, "case_id"] if old else every["case_id"])


def channels(book: Casebook, old: bool):
    return book.load("channels", cases=cases(book, old))


def result(value: str, book: Casebook, old: bool) -> str:
    found = channels(book, old)["result"].astype("str")
    return f"{(found == value).sum()} ({(found == value).mean():.0%})"


def half(clock: str, book: Casebook, old: bool) -> str:
    """Between which days half of the hidden channels were public, whatever the dates leave open."""
    every = book.store.read("channels")
    part = altered(book, channels=every[every["case_id"].isin(cases(book, old))])
    found = durations.analyze(clock, where={"secrecy_scope": "existence_and_content"}, book=part, draws=0)
    row = found.to_frame().loc["all"]
    return f"{row['least']:g} to {row['most']:g}"


def settled(value: str, book: Casebook, old: bool) -> str:
    found = book.load("effects")
    found = found[found["channel_id"].isin(channels(book, old)["channel_id"])]["observed"].astype("str")
    return f"{(found == value).mean():.0%}"


FIGURES: dict[str, Callable[[Casebook, bool], str]] = {
    "Cases": lambda book, old: str(len(cases(book, old))),
    "Channels, alleged ones aside": lambda book, old: str(len(channels(book, old))),
    "Agreement on all issues": partial(result, "agreement"),
    "Agreement on some": partial(result, "partial_agreement"),
    "Opened the front": partial(result, "opened_front"),
    "Information": partial(result, "information"),
    "Failure": partial(result, "failure"),
    "Deception": partial(result, "deception"),
    "Without a third party": lambda book, old: f"{(channels(book, old)['intermediary_type'] == 'none').mean():.0%}",
    "Half of the hidden channels known after (days)": partial(half, "existence"),
    "Half of their terms known after (days)": partial(half, "terms"),
    "Effects observed": partial(settled, "yes"),
    "Effects unclear": partial(settled, "unclear"),
}


def told() -> dict[str, list[str]]:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ") and "---" not in line]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {cell[0]: cell[1:] for cell in cells if cell[0] in FIGURES}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_are_those_of_the_data(name):
    book = packaged_release()
    _, old, now = told()[name]
    assert (old, now) == (FIGURES[name](book, True), FIGURES[name](book, False))
