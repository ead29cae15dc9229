"""Whatever a public function is called with, it works or answers in words; nothing comes from the depths."""

import inspect
import re
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import casebook
from casebook import durations, plots, qca, small
from casebook.book import Casebook, packaged_release
from casebook.browsing.explorer import Explorer
from casebook.errors import CasebookError

RIGHT = {
    "load": ("channels",),
    "codebook": ("channels", "result"),
    "schema": ("channels",),
    "find": ("deadline",),
    "case": ("alpha-1990",),
    "evidence": ("alpha-1990", "outcome"),
    "history": ("alpha-1990", "outcome"),
    "compare": ("outcome",),
    "bibliography": (pd.DataFrame(),),
    "agreement": ("channels", "result"),
    "reason": ("channels", "alpha-1990/line", "end"),
    "new": ("nowhere", "Not A Name"),
    "export": ("nowhere", "excell"),
    "multiverse": (3,),
    "plots.timeline": ("alpha",),
    "plots.network": ("alpha",),
    "plots.calendar": ("alpha",),
    "plots.secrecy": ("existense",),
    "plots.heatmap": ("resul",),
    "qca.analyze": ("settlemen",),
    "qca.solve": (pd.DataFrame(), "outcome", ["first"]),
    "small.difference": ("meetings_min", ("directness", ["direct"])),
    "small.pairs": ("existence_secrecy_days", ("directness", ["direct"])),
    "small.stratified": (("directness", ["direct"]), ("result", ["failure"])),
    "small.crosstab": ("directness", "result"),
    "durations.analyze": ("existense",),
    "durations.order": ("start", "end"),
    "durations.turnbull": ([10, 20], [10, 40]),
    "scan": ("channel",),
    "validate_tables": ("nowhere",),
}
"""First arguments with which a call is right, or nearly: what takes long ends in the answer to a slip."""
ODD = [
    None,
    3,
    ["alpha-1990"],
    [],
    pd.Series(["alpha-1990"]),
    "",
    "alpa",
    "Alpha dispute",
    "channels",
    "result",
    "alpha-1990/line",
    {"a": 3},
    "a" * 5000,
    "a\0b",
    "\ud800",
    np.array([]),
    pd.Index(["alpha-1990"]),
    pd.DataFrame({"a": [3]}),
    casebook,
]
SLOW = {"verify", "history", "export", "plots.outcome", "plots.overview", "plots.panorama", "plots.places"}
"""Functions that do their work when nothing is wrong; an argument that they do not have is all they are given."""


def public(tiny):
    """Every public function, by the name under which users know it."""
    yield from (
        (name, getattr(casebook, name))
        for name in ("open", "new", "validate", "build", "explore", "multiverse", "scan", "validate_tables")
    )
    methods = (name for name, _ in inspect.getmembers(Casebook, inspect.isfunction) if not name.startswith("_"))
    yield from ((name, getattr(tiny, name)) for name in methods)
    yield "schema", tiny.schema
    for module in (plots, qca, small, durations):
        room = module.__name__.rpartition(".")[2]
        found = ((name, getattr(module, name)) for name in module.__all__)
        yield from ((f"{room}.{name}", function) for name, function in found if inspect.isfunction(function))


def answers(name, function, *args, **kwargs):
    """What is wrong with the answer to a call; nothing if it is given, or refused in words."""
    try:
        function(*args, **kwargs)
    except CasebookError as error:
        return [] if len(str(error)) > 20 else [f"{name}: {error}"]
    except Exception as error:
        return [f"{name}(*{args}, **{kwargs}): {type(error).__name__}: {error}"]
    return []


def test_every_public_function_is_among_them(tiny):
    known = dict(public(tiny))
    functions = {name for name in casebook.__all__ if inspect.isroutine(getattr(casebook, name))}
    assert functions <= {*known}
    assert len(known) > len(functions) + 15


def test_an_argument_that_is_not_there_is_answered_with_those_that_are(tiny):
    for name, function in public(tiny):
        with pytest.raises(CasebookError, match=rf"there is no argument 'colour' of \w*\.?{name}"):
            function(colour="red")
    with pytest.raises(CasebookError, match=r"no argument 'label' of casebook.load; did you mean 'labels'"):
        tiny.load("channels", label=True)


def test_an_argument_that_is_missing_is_named_with_a_call_that_is_right(tiny):
    for name, function in public(tiny):
        needed = [
            one.name
            for one in inspect.signature(function).parameters.values()
            if one.default is one.empty and one.kind != one.VAR_POSITIONAL
        ]
        if needed:
            words = rf"{name} needs {' and '.join(needed)}; write for instance \w.*{name}\("
            with pytest.raises(CasebookError, match=words):
                function()


def test_odd_arguments_in_any_place_are_taken_or_refused_in_words(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong = []
    for name, function in public(tiny):
        if name in SLOW:
            continue
        right, declared = RIGHT.get(name, ()), inspect.signature(function).parameters
        own = {key: tiny for key in ("book", "data") if key in declared}
        for odd in ODD:
            wrong += answers(name, function, odd, *right[1:], **own)
            named = (one.name for one in declared.values() if one.kind == one.KEYWORD_ONLY)
            wrong += chain.from_iterable(answers(name, function, *right, **{**own, key: odd}) for key in named)
    assert wrong == []


EXAMPLES = {
    found
    for path in Path(casebook.__file__).parent.rglob("*.py")
    for found in re.findall(r'^ *@told\("(.*)"\)$', path.read_text(encoding="utf-8"), re.MULTILINE)
}
FOR_FILES = ("my-casebook", "my-tables", "older.zip", "exports", "memberships", "rows.", "verify()")
"""What examples name that has to be there first; and what has tests of its own."""


@pytest.mark.parametrize("example", sorted(one for one in EXAMPLES if not any(name in one for name in FOR_FILES)))
def test_the_call_that_an_answer_advises_is_right(example):
    eval(example.partition(", or ")[0], {"casebook": casebook, "book": packaged_release()})


def test_an_empty_path_is_not_the_folder_here(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for write in (tiny.export, casebook.build, lambda path: casebook.new(path, "suez-1956")):
        with pytest.raises(CasebookError, match=r"cannot be a path: it is empty; write '\.' for the folder here"):
            write("")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda b: b.load("channels", labels="yes"), "labels must be True or False, not str; write for instance"),
        (lambda b: b.compare("outcome", table=["cases"]), "table must be text, not list; write 'cases'"),
        (lambda b: b.compare("outcome", concept=3), "concept must be text or a list, not int"),
        (lambda b: b.case("alpha-1990", "outcome"), "casebook.case: too many positional arguments; write for instance"),
        (lambda b: plots.timeline(["alpha-1990"], data=b), "case must be text, not list; write 'alpha-1990'"),
        (lambda b: plots.survival("existence"), "found must be what casebook.durations.analyze gives, not str"),
        (lambda b: plots.heatmap("outcome", data=b, ax=[]), "ax must be an Axes of matplotlib, not list"),
        (lambda b: qca.analyze("settlement", consistency="0.8"), "consistency must be a number, not str"),
        (lambda b: qca.analyze("settlement", book=[]), r"book must be a Casebook, as casebook.open\(folder\) gives it"),
        (lambda b: small.crosstab(3, "result", book=b), "named by a variable such as 'directness', .* not by int"),
        (lambda b: durations.turnbull(["soon"], [3]), r"lower must be numbers, one for each row, such as \[10, 20\]"),
        (
            lambda b: casebook.open(None),
            "folder must be text or a path, not NoneType; write for instance casebook.open",
        ),
        (lambda b: Explorer.filter(casebook.explore(book=b), ["result"]), "where must be a dictionary, not list"),
    ],
)
def test_the_answer_says_what_the_argument_must_be(tiny, ask, answer):
    with pytest.raises(CasebookError, match=answer):
        ask(tiny)
