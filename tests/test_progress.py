from types import SimpleNamespace

import pytest

from casebook._support import progress


def test_a_bar_in_a_notebook_counts_and_leaves_nothing_behind(monkeypatch):
    ipython = pytest.importorskip("IPython.display")
    shown = []
    handle = SimpleNamespace(update=lambda data, raw: shown.append(data["text/html"]))
    monkeypatch.setattr(ipython, "display", lambda data, raw, display_id: handle)
    monkeypatch.setattr(progress, "_EVERY", -1)
    assert list(progress._in_notebook(["a", "b"], "worlds <asked>", None)) == ["a", "b"]
    assert shown == [
        "worlds &lt;asked&gt; … <progress value='0' max='2'></progress> 0 of 2",
        "worlds &lt;asked&gt; … <progress value='1' max='2'></progress> 1 of 2",
        "",
    ]
