import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from typer.testing import CliRunner

from casebook import lab
from casebook.cli import app, main
from casebook.errors import CasebookError


@pytest.fixture
def in_tmp(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
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
            assert command[1:] == ["-m", "jupyterlab", "--no-browser"]

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


def test_jupyterlab_serves_the_notebooks(in_tmp):
    pytest.importorskip("jupyterlab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"ServerApp": {"allow_root": True, "port": port}, "IdentityProvider": {"token": "t"}}
    (in_tmp / "jupyter_server_config.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "casebook", "lab", "--no-browser"]
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
        assert "01-tour.ipynb" in names
        ask("shutdown", "POST")
        assert running.wait(timeout=30) == 0
    finally:
        if running.poll() is None:
            os.killpg(running.pid, 9)
