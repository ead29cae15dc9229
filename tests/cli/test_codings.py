import json

import pytest
from click.testing import CliRunner

from casebook.cli import app
from casebook.errors import CasebookError


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["codings", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("command", ["sheet", "add", "agreement"])
def test_help_has_an_example(command):
    assert f"Example: casebook codings {command}" in run(command, "--help")


def test_from_sheet_to_agreement(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder.build()
    data = ["--data", str(folder.path)]
    said = run("sheet", "ann", "--table", "effects", "--sample", "3", "--seed", "4", *data)
    assert "wrote ann.csv: 3 values to code in 3 rows" in said
    assert "casebook codings add ann.csv" in said
    sheet = tmp_path / "ann.csv"
    sheet.write_text(sheet.read_text(encoding="utf-8-sig").replace(",observed,,", ",observed,no,"), encoding="utf-8")
    assert "3 codings added to" in run("add", "ann.csv", *data)
    folder.build()
    figures = json.loads(run("agreement", "effects", "observed", "--draws", "10", "--json", *data))
    assert figures["agreement"][0]["units"] == 3
    assert len(figures["disagreements"]) == 3
    text = " ".join(run("agreement", "--coder", "ann", "--coder", "casebook", *data).split())
    assert "effects.observed" in text
    assert "No figure is a pass mark." in text


def test_what_add_says(folder, tmp_path):
    sheet = tmp_path / "ann.csv"
    sheet.write_text(
        "coder,table,row,variable,value\n"
        "ann,delegations,alpha-1990/line/aland,lead_actor_id,Harold Caccia\n"
        "ann,cases,alpha-1990,outcome,\n",
        encoding="utf-8",
    )
    said = run("add", str(sheet), "--data", str(folder.path))
    assert "1 codings added to" in said
    assert "1 lines without a value were passed over" in said
    assert "delegations alpha-1990/line/aland, lead_actor_id: 'Harold Caccia' is in no table of the casebook" in said


def test_agreement_before_the_build_says_so(folder):
    folder.build()
    folder.write("codings/ann.csv", "coder,table,row,variable,value\nann,cases,alpha-1990,outcome,no_agreement\n")
    with pytest.raises(CasebookError, match="are not in the tables yet; run 'casebook build' first"):
        run("agreement", "--data", str(folder.path))


def test_without_a_second_coding(tiny):
    with pytest.raises(CasebookError, match="there is no second coding yet"):
        run("agreement", "--data", str(tiny.store.folder.parent))
