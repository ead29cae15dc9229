"""On what a value rests, and when a confidence is more than its sources bear."""

import pytest

from casebook.model.grades import Work, overconfident, rests_on, summary


def work(consulted="full", reliability="accountable", author="a"):
    return Work(consulted, reliability, author)


@pytest.mark.parametrize(
    ("works", "grade"),
    [
        ([work(reliability="record"), work(reliability="weak")], "record"),
        ([work("summary", "record")], "unseen"),
        ([work(), work(author="b", reliability="interested")], "independent"),
        ([work(), work()], "one_account"),
        ([work(), work(author="b", reliability="weak")], "one_account"),
        ([work(), work("summary", author="b")], "one_account"),
        ([work(reliability="scrutinized")], "scrutinized"),
        ([work(reliability="weak"), work(author="b", reliability="weak")], "weak"),
        ([work("not_opened"), work(author="b", reliability="weak")], "unseen"),
    ],
)
def test_the_best_support_counts(works, grade):
    assert rests_on(works) == grade


@pytest.mark.parametrize(
    ("of", "allowed"),
    [
        (work("not_opened", "record"), "low"),
        (work("full", "weak"), "low"),
        (work("summary", "scrutinized"), "medium"),
        (work("part", "interested"), "high"),
        (work("not_opened", None), "high"),
    ],
)
def test_no_source_gives_more_confidence_than_it_allows(of, allowed):
    assert of.allows("high") == allowed
    assert of.allows("low") == "low"


@pytest.mark.parametrize(
    ("works", "part"),
    [
        ({"a": work()}, "one account, neither"),
        ({"a": work("summary", "record")}, "seen only in summary"),
        ({"a": work("not_opened", "record")}, "which was not opened"),
        ({"a": work(reliability="weak"), "b": work(reliability="weak", author="b")}, "weak in reliability"),
        ({"a": work("part", "record"), "b": work("not_opened")}, None),
        ({"a": work(), "b": work(author="b")}, None),
        ({"a": work(reliability="scrutinized")}, None),
        ({"a": work(reliability=None)}, None),
    ],
)
def test_high_needs_a_record_a_scrutinized_work_or_two_independent_accounts(works, part):
    found = overconfident("high", works)
    assert (found is None) if part is None else (part in found)
    assert overconfident("medium", works) is None


def test_rival_readings_are_counted_and_support_nothing():
    works = {"a": work(), "b": work(author="b", reliability="record")}
    said = [("a", "medium", "classified", ""), ("a", "low", "inferred", ""), ("b", "high", "stated", "other")]
    assert summary(said, works) == {
        "rests_on": "one_account",
        "basis": "classified",
        "confidence": "medium",
        "works": 1,
        "rivals": 1,
    }
    assert summary([("b", "high", "stated", "other")], works) is None
