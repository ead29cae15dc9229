import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from casebook.cli import app

CASE = "cases/alpha-1990/case.yaml"


def casebook(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "casebook", *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", ["verify", "diff", "history", "release"])
def test_help_has_an_example(command):
    assert f"Example: casebook {command}" in CliRunner().invoke(app, [command, "--help"]).stdout


def test_verify(tiny):
    folder = tiny.store.folder
    result = casebook("verify", "--digest", tiny.digest[:12], "--data", folder)
    assert (result.returncode, "these are the data cited" in result.stdout) == (0, True)
    result = CliRunner().invoke(app, ["verify", "--digest", "0" * 12, "--data", str(folder)])
    assert (result.exit_code, "these are not the data cited" in result.stdout) == (1, True)
    result = CliRunner().invoke(app, ["verify", "--json", "--data", str(folder)])
    about = {"name": "tiny", "version": "0.1.0", "digest": tiny.digest, "ok": True, "findings": []}
    assert json.loads(result.stdout) == about


def test_diff_and_history(tiny, folder):
    folder.replace(CASE, "violence: none", "violence: threatened").build()
    old, new = str(tiny.store.folder), str(folder.path)
    text = CliRunner().invoke(app, ["diff", old, new]).stdout
    assert "~ cases alpha-1990 violence: none → threatened" in text
    assert CliRunner().invoke(app, ["diff", old, "--data", new]).stdout == text
    markdown = CliRunner().invoke(app, ["diff", old, new, "--markdown"]).stdout
    assert "  - `cases` `alpha-1990` violence: none → threatened" in markdown
    assert json.loads(CliRunner().invoke(app, ["diff", old, new, "--json"]).stdout)["level"] == "patch"
    shown = CliRunner().invoke(app, ["history", "alpha-1990", "violence", "--data", new, "--json"]).stdout
    assert [entry["value"] for entry in json.loads(shown)] == ["threatened"]


def test_release(folder):
    result = casebook("release", "1.0.0", "--date", "2030-01-02", "--data", folder.path)
    assert result.returncode == 0
    assert "tiny-1.0.0.zip" in result.stdout.replace("\n", "")
    result = casebook("release", "1.0.1", "--date", "soon", "--data", folder.path)
    assert (result.returncode, result.stderr) == (1, "error: date 'soon' is not a day such as 2026-01-31\n")
