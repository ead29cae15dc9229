"""The result does not depend on who asks, nor on how many do."""

import importlib.util
import sys

import pandas as pd
import pytest

import casebook
from casebook.errors import CasebookError, MissingLibraryError
from casebook.worlds import inquiry
from casebook.worlds.worlds import Worlds


@pytest.fixture(scope="module")
def book(few):
    return few


def carried(book, least=0.2):
    result = book.load("channels")["result"]
    return {"share": (result == "information").mean(), "many": bool((result == "information").mean() > least)}


def ask(book, workers, analysis=carried, **options):
    return casebook.multiverse(
        analysis, book=book, vary=["channels.result"], max_worlds=60, workers=workers, progress=False, **options
    )


def same(one, other):
    assert str(one) == str(other)
    for name in ("worlds", "weights", "overturning", "views", "attribution", "disputed"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.conclusions == other.conclusions


def test_processes_give_the_same_result(book):
    pytest.importorskip("joblib", reason="joblib is not installed")
    choices = {"least": [0.2, 0.3]}
    same(ask(book, 1, choices=choices), ask(book, 2, choices=choices))


def test_a_local_cluster_of_dask_gives_the_same_result(book):
    pytest.importorskip("joblib", reason="joblib is not installed")
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
    ):
        same(ask(book, 1), ask(book, "dask"))


def test_a_worker_that_does_not_know_the_inquiry_is_sent_it_again(book):
    pytest.importorskip("joblib", reason="joblib is not installed")
    asked = inquiry.Inquiry(carried, Worlds(book), [], ["share", "many"])
    workers = inquiry.Workers(asked, "threading")
    portions = [[()], [(), ()]]
    expected = [[asked.answer(world) for world in portion] for portion in portions]
    assert workers(portions) == workers(portions) == expected
    inquiry._INQUIRIES.clear()
    assert workers(portions) == expected


def test_a_failure_in_another_process_is_said_here(book):
    pytest.importorskip("joblib", reason="joblib is not installed")

    def fails(book):
        result = book.load("channels")["result"]
        if (result == "information").sum() != coded:
            raise RuntimeError("an odd world")
        return {"x": 1}

    coded = (book.load("channels")["result"] == "information").sum()
    messages = []
    for workers in (1, 2):
        with pytest.raises(
            CasebookError, match=r"the analysis failed \(channels .*RuntimeError: an odd world"
        ) as caught:
            ask(book, workers, fails)
        messages.append(str(caught.value))
    assert messages[0] == messages[1], "the first world that fails is named, whoever asked it"


def test_an_analysis_that_cannot_be_sent_is_refused(book):
    pytest.importorskip("joblib", reason="joblib is not installed")
    counting = (number for number in range(1000))

    def stateful(book):
        next(counting)
        return carried(book)

    with pytest.raises(CasebookError, match=r"cannot be sent to workers .*generator"):
        ask(book, 2, stateful)


def test_a_backend_that_cannot_be_had_is_refused(book):
    pytest.importorskip("joblib", reason="joblib is not installed")
    with pytest.raises(CasebookError, match=r"workers .*'dusk'.* cannot be had"):
        ask(book, "dusk")
    with pytest.raises(CasebookError, match="number of processes or the name of a backend, not 0"):
        ask(book, 0)
    with pytest.raises(CasebookError, match="workers must be a whole number or text, not bool"):
        ask(book, True)


@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="dask.distributed is not installed")
def test_dask_without_a_client_is_refused(book):
    with pytest.raises(CasebookError, match="cannot be had"):
        ask(book, "dask")


def test_without_joblib_one_worker_still_works(book, monkeypatch):
    monkeypatch.setitem(sys.modules, "joblib", None)
    assert ask(book, 1).asked > 0
    with pytest.raises(MissingLibraryError, match="asking worlds by several workers needs the library joblib"):
        ask(book, 2)
