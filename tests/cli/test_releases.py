import datetime as dt
import json

import pytest
from click.testing import CliRunner
from support import casebook

from casebook.cli import app
from casebook.cli.releases import _release_day
from casebook.errors import CasebookError

CASE = "cases/alpha-1990/case.yaml"


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
    assert "released 2030-01-02 (as given)" in result.stdout
    result = casebook("release", "1.0.1", "--date", "soon", "--data", folder.path)
    assert (result.returncode, result.stderr) == (1, "error: date 'soon' is not a day such as 2026-01-31\n")


def test_the_day_of_a_release_and_whence_it_comes(folder, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert _release_day("2030-01-02", folder.path, "1.0.0") == (dt.date(2030, 1, 2), "as given")
    assert _release_day(None, folder.path, "0.1.0") == (dt.date(2020, 1, 1), "as casebook.yaml records it")
    assert _release_day(None, folder.path, "1.0.0")[1] == "today; --date gives another day"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert _release_day(None, folder.path, "1.0.0") == (dt.date(1970, 1, 2), "from SOURCE_DATE_EPOCH")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    with pytest.raises(CasebookError, match="SOURCE_DATE_EPOCH 'soon' is not a number of seconds"):
        _release_day(None, folder.path, "1.0.0")
