"""Figures from the shell: the format by suffix, nothing half-written, and an answer to what is asked wrongly."""

import matplotlib
import pytest
from support import casebook

from casebook.cli import plot


@pytest.fixture(scope="module")
def data(tiny):
    return ["--data", str(tiny.store.folder.parent)]


@pytest.fixture(autouse=True)
def closed():
    backend = matplotlib.get_backend()
    yield
    matplotlib.pyplot.close("all")
    matplotlib.use(backend)


SIGNATURES = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG", "eps": b"%!PS", "jpg": b"\xff\xd8", "webp": b"RIFF"}


@pytest.mark.parametrize("form", [*SIGNATURES, "tif"])
def test_the_suffix_is_the_format(tmp_path, data, form):
    target = tmp_path / f"figure.{form}"
    done = casebook("plot", "timeline", "alpha-1990", "--out", target, *data)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"wrote {target}\n"
    assert target.read_bytes().startswith(SIGNATURES.get(form, (b"II", b"MM")))


@pytest.mark.parametrize("figure", plot.FIGURES)
def test_every_figure_can_be_had(tmp_path, data, figure):
    case, told = ("cuba-1962", []) if figure in ("calendar", "places") else ("alpha-1990", data)
    names = {"heatmap": ["outcome"]}.get(figure, [case] if figure in plot._OF_A_CASE else [])
    done = casebook("plot", figure, *names, "--out", tmp_path / "figure.svg", *told)
    assert (done.returncode, done.stderr) == (0, "")
    assert "<svg" in (tmp_path / "figure.svg").read_text(encoding="utf-8")


def test_without_a_figure_the_answer_names_them(data):
    done = casebook("plot", *data)
    assert done.returncode != 0
    assert "name a figure: timeline, network, calendar" in done.stderr


def test_the_same_data_give_the_same_file_and_say_what_it_shows(tmp_path, data):
    for name in ("a.svg", "b.svg"):
        casebook("plot", "outcome", "--out", tmp_path / name, *data)
    content = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert content == (tmp_path / "b.svg").read_text(encoding="utf-8")
    assert "Alpha dispute" in content.partition("<dc:description>")[2].partition("</dc:description>")[0]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["timelin", "alpha-1990", "--out", "x.svg"], "there is no figure 'timelin'; did you mean 'timeline'?"),
        (["alpha-1990"], "is a case; name a figure before it: casebook plot timeline alpha-1990 --out timeline.svg"),
        (["timeline", "alpha-1990"], "timeline is written to a file; add --out timeline.svg"),
        (["timeline", "alpha", "--out", "x.svg"], "there is no case 'alpha'; did you mean 'alpha-1990'?"),
        (["timeline", "--out", "x.svg"], "timeline needs one case, such as cuba-1962"),
        (["timeline", "alpha-1990", "beta", "--out", "x.svg"], "it was given alpha-1990, beta"),
        (["outcome", "--out", "x.doc"], "--out 'x.doc' must end with a format of figures: .svg, .pdf,"),
        (["outcome", "--out", "x"], "--out 'x' must end with a format of figures"),
        (["outcome", "--out", "nowhere/x.svg"], "nowhere/x.svg cannot be written: No such file or directory"),
        (["secrecy", "--concept", "strict", "--out", "x.svg"], "concept"),
        (["heatmap", "resul", "--out", "x.svg"], "there is no variable 'resul'; did you mean 'result'?"),
        (["survival", "--case", "alpha-1990", "--out", "x.svg"], "survival is drawn of all cases; leave --case out"),
    ],
)
def test_what_is_asked_wrongly_is_answered_and_nothing_is_written(tmp_path, monkeypatch, data, arguments, answer):
    monkeypatch.chdir(tmp_path)
    done = casebook("plot", *arguments, *data)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert answer in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_there_outlives_a_figure_that_fails(tmp_path, data, monkeypatch):
    target = tmp_path / "figure.svg"
    target.write_text("before")
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        casebook("plot", "outcome", "--out", target, *data)
    assert [path.name for path in tmp_path.iterdir()] == ["figure.svg"]
    assert target.read_text() == "before"
