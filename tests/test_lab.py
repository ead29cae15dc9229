import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import ROOT

from casebook import lab
from casebook.cli import app, main
from casebook.errors import CasebookError


@pytest.fixture
def in_tmp(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    return tmp_path


def test_notebooks_are_copied(in_tmp):
    shown = CliRunner().invoke(app, ["lab", "--copy-only"]).stdout
    names = sorted(path.name for path in (in_tmp / "casebook-notebooks").iterdir())
    assert names[0] == "01-tour.ipynb"
    assert f"{len(names)} notebooks copied to casebook-notebooks" in shown


def test_a_file_that_exists_is_kept(in_tmp):
    mine = in_tmp / "work" / "01-tour.ipynb"
    mine.parent.mkdir()
    mine.write_text("my notes")
    shown = CliRunner().invoke(app, ["lab", "work", "--copy-only"]).stdout
    assert mine.read_text() == "my notes"
    assert "kept your work/01-tour.ipynb" in shown
    assert not list(mine.parent.glob(".*"))


def test_a_folder_that_cannot_be_made_is_an_error(in_tmp):
    (in_tmp / "file").touch()
    with pytest.raises(CasebookError, match=r"file/01-tour\.ipynb cannot be written: File exists"):
        lab.copy_notebooks(in_tmp.relative_to(in_tmp) / "file")


def test_without_jupyterlab_the_error_says_what_to_install(in_tmp, monkeypatch, capsys):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["casebook", "lab"])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert 'install it with: pip install "backchannel-casebook[notebooks]"' in " ".join(capsys.readouterr().err.split())
    assert (in_tmp / "casebook-notebooks" / "01-tour.ipynb").exists()


def test_interrupts_are_left_to_jupyterlab(in_tmp, monkeypatch):
    class Interrupted:
        codes = iter([KeyboardInterrupt, 0])

        def __init__(self, command, cwd):
            assert command[1:3] == ["-m", "jupyterlab"]
            assert command[-1] == "--no-browser"

        def wait(self):
            if (code := next(self.codes)) is KeyboardInterrupt:
                raise KeyboardInterrupt
            return code

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    assert lab.open_lab(in_tmp, ["--no-browser"]) == 0


def test_a_failure_of_jupyterlab_is_reported(in_tmp, monkeypatch):
    monkeypatch.setattr(lab, "open_lab", lambda folder, options: 3)
    result = CliRunner().invoke(app, ["lab"])
    assert "JupyterLab ended with exit code 3" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "folder", "options"),
    [
        ([], "casebook-notebooks", []),
        (["work"], "work", []),
        (["--port", "8889"], "casebook-notebooks", ["--port", "8889"]),
        (["work", "--ip=0.0.0.0", "--allow-root", "-y"], "work", ["--ip=0.0.0.0", "--allow-root", "-y"]),
        (["--no-browser", "work", "--port", "1"], "work", ["--no-browser", "--port", "1"]),
        (["--", "--ServerApp.token=t"], "casebook-notebooks", ["--ServerApp.token=t"]),
    ],
)
def test_what_is_not_for_casebook_goes_to_jupyterlab(in_tmp, monkeypatch, arguments, folder, options):
    told = []
    monkeypatch.setattr(lab, "open_lab", lambda *given: told.append(given) or 0)
    assert CliRunner().invoke(app, ["lab", *arguments]).exit_code == 0
    assert told == [(Path(folder), options)]
    assert (in_tmp / folder / lab.TOUR).exists()


def test_what_was_copied_is_trusted_and_what_was_there_is_not(in_tmp):
    nbformat = pytest.importorskip("nbformat")
    from nbformat.sign import NotebookNotary

    mine = in_tmp / "work" / lab.TOUR
    mine.parent.mkdir()
    cells = [
        nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("display_data", {"text/html": "<b>x</b>"})])
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), mine)
    others = len(list((ROOT / "notebooks").glob("*.ipynb"))) - 1
    shown = CliRunner().invoke(app, ["lab", "work", "--copy-only"]).stdout
    assert f"{others} notebooks copied to work, trusted by Jupyter" in shown
    found = {
        path.name: NotebookNotary().check_signature(nbformat.read(path, 4)) for path in mine.parent.glob("*.ipynb")
    }
    assert found.pop(lab.TOUR) is False
    assert len(found) == others
    assert all(found.values())


def test_without_jupyter_notebooks_are_copied_untrusted(in_tmp, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    shown = CliRunner().invoke(app, ["lab", "--copy-only"]).stdout
    assert "notebooks copied to casebook-notebooks\n" in shown


def test_jupyterlab_serves_the_notebooks(in_tmp):
    pytest.importorskip("jupyterlab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "casebook", "lab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=t"]
    running = subprocess.Popen(command, env={**os.environ, "JUPYTER_CONFIG_DIR": str(in_tmp)}, start_new_session=True)

    def ask(path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/{path}?token=t", method=method)
        return json.loads(urllib.request.urlopen(request, timeout=10).read() or "null")

    try:
        for _ in range(120):
            try:
                names = {item["name"] for item in ask("contents")["content"]}
                break
            except OSError:
                time.sleep(0.5)
        assert lab.TOUR in names
        home = urllib.request.urlopen(f"http://127.0.0.1:{port}/?token=t", timeout=10)
        assert home.geturl().partition("?")[0].endswith(f"/lab/tree/{lab.TOUR}")
        ask("shutdown", "POST")
        assert running.wait(timeout=30) == 0
    finally:
        if running.poll() is None:
            os.killpg(running.pid, 9)
