"""Every method that takes a casebook takes a set of cases, in the words and with the errors of `load`."""

import inspect

import pytest

import casebook
from casebook import durations, qca, small
from casebook.errors import CasebookError, UnknownNameError

WORKED = ("result", ["agreement", "partial_agreement"])
HIDDEN = {"secrecy_scope": "existence_and_content"}
SOME = ["cuba-1962", "iran-1979", "oslo-1993", "mandela-coetsee-1985", "us-china-1969", "vietnam-1965"]


def named(method):
    return f"{method.__module__}.{method.__name__}"


def _settled(book):
    return {"settled": str(book.load("cases")["outcome"].iloc[0])}


METHODS = {
    durations.analyze: lambda **given: durations.analyze("existence", where=HIDDEN, draws=5, **given),
    durations.order: lambda **given: durations.order("end", "existence_disclosed", **given),
    small.crosstab: lambda **given: small.crosstab(("directness", ["direct"]), WORKED, **given),
    small.difference: lambda **given: small.difference("event_count", ("directness", ["direct"]), **given),
    small.pairs: lambda **given: small.pairs("existence_secrecy_days", ("directness", ["direct"]), **given),
    small.stratified: lambda **given: small.stratified(("directness", "direct"), WORKED, **given),
    qca.analyze: lambda **given: qca.analyze("settlement", **given),
    casebook.narrow: lambda **given: casebook.narrow(**given).load("channels"),
    casebook.multiverse: lambda **given: casebook.multiverse(_settled, vary=["cases.outcome"], progress=False, **given),
}
TAKE_A_BOOK = [method for method in METHODS if method not in (casebook.narrow, casebook.multiverse)]
each = pytest.mark.parametrize("method", METHODS, ids=named)


@pytest.fixture(scope="module")
def some():
    known = list(casebook.load("cases")["case_id"])
    return [case for case in known if case in SOME]


def test_every_method_that_takes_a_casebook_is_among_those_tested_here():
    modules = (durations, small, qca)
    takes = [
        function
        for module in modules
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if "book" in inspect.signature(function).parameters
    ]
    assert takes
    assert set(takes) == set(TAKE_A_BOOK)


@pytest.mark.parametrize("method", TAKE_A_BOOK, ids=named)
def test_a_method_takes_cases_by_identifier_or_title_as_the_narrowed_casebook_has_them(method, some):
    ask = METHODS[method]
    titles = casebook.load("cases", cases=some)["title"].to_list()
    by_name, by_title = ask(cases=some), ask(cases=titles)
    narrowed, whole = ask(book=casebook.narrow(cases=some)), ask()
    assert str(by_name) == str(by_title) == str(narrowed)
    assert str(by_name) != str(whole)


@each
@pytest.mark.parametrize("cases", [["nowhere"], ["cuba-1962/rfk-dobrynin"], "oslo-1993", [], [3]], ids=repr)
def test_a_method_refuses_cases_in_the_words_of_load(method, cases):
    with pytest.raises(CasebookError) as of_load:
        casebook.load("channels", cases=cases)
    with pytest.raises(CasebookError) as of_method:
        METHODS[method](cases=cases)
    assert str(of_method.value) == str(of_load.value)
    assert type(of_method.value) is type(of_load.value)


def test_a_row_given_as_a_case_is_answered_with_its_table_and_case():
    with pytest.raises(
        CasebookError, match=r"'cuba-1962/rfk-dobrynin' is no case but a row of channels; its case is 'cuba-1962'"
    ):
        casebook.load("channels", cases=["cuba-1962/rfk-dobrynin"])
    with pytest.raises(UnknownNameError, match=r"no case 'oslo-1992'; did you mean 'oslo-1993'"):
        casebook.narrow(cases=["oslo-1992"])
