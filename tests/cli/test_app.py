import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import casebook

from casebook.cli import app, printing


@pytest.fixture
def run(tiny_path, monkeypatch):
    def invoke(*arguments: str) -> str:
        result = CliRunner().invoke(app, [*arguments, "--data", str(tiny_path)])
        assert result.exit_code == 0, result.output
        return result.stdout

    return invoke


@pytest.fixture(scope="module")
def tiny_path(tiny):
    return tiny.store.folder.parent


COMMANDS = {
    "tables": [],
    "show": ["alpha-1990"],
    "codebook": ["channels", "result"],
    "find": ["deniab"],
    "evidence": ["alpha-1990", "outcome"],
    "compare": ["result", "venue"],
    "cite": ["alpha-1990"],
}


@pytest.mark.parametrize(("command", "arguments"), COMMANDS.items())
def test_json_is_json_and_text_keeps_to_80_columns(run, command, arguments, monkeypatch):
    json.loads(run(command, *arguments, "--json"))
    monkeypatch.setenv("COLUMNS", "80")
    if command != "cite":
        assert max(len(line) for line in run(command, *arguments).splitlines()) <= 80


@pytest.mark.parametrize("command", [*COMMANDS, "build", "export", "validate", "new", "lab", "site"])
def test_help_has_an_example(command):
    assert f"Example: casebook {command}" in CliRunner().invoke(app, [command, "--help"]).stdout


def test_show_prints_the_page(run):
    text = run("show", "alpha-1990")
    assert "The Alpha dispute, 1990" in text
    assert "Bob carries a letter." in text


def test_show_without_a_case_lists_the_cases(run):
    assert "alpha-1990" in run("show")
    assert [case["case_id"] for case in json.loads(run("show", "--json"))] == ["alpha-1990"]


def test_evidence_prints_rivals_and_notes(run):
    text = " ".join(run("evidence", "alpha-1990", "outcome").split())
    assert "cases.outcome = Partial settlement" in text
    assert (
        "supported (medium, inferred): Inferred from the account. – Doe, J. (2001). Secret Talks. Press. (p. 7)" in text
    )
    assert "rival reading No agreement (low, classified): Roe sees no agreement. – Roe, R. (2002)" in text


def test_evidence_of_a_row_that_needs_none(run):
    assert "Nothing is recorded" in run("evidence", "ann-envoy")


def test_cite_the_release(run):
    assert run("cite").startswith("Jane Doe. (2020).")


def shell(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "casebook", *arguments], capture_output=True, text=True, check=False)


def test_build_validate_and_check(folder):
    data = ["--data", str(folder.path)]
    assert "no problem found" in casebook("validate", *data).stdout
    assert not (folder.path / "tables").exists()
    built = shell("build", *data)
    assert built.returncode == 0
    assert re.search(r"[1-9]\d* rows in [1-9]\d* tables written", built.stdout)
    assert "is up to date" in casebook("build", "--check", *data).stdout
    folder.replace("cases/alpha-1990/terms.yaml", "Both sides", "The two sides")
    stale = casebook("build", "--check", *data)
    assert (stale.returncode, "is not up to date: terms" in stale.stderr) == (1, True)


def test_problems_end_with_exit_code_1_and_nothing_written(folder):
    folder.replace("cases/alpha-1990/case.yaml", "violence: none", "violence: '[bold]much[/bold]'")
    result = casebook("build", "--data", str(folder.path))
    assert result.returncode == 1
    assert "case.yaml:8: cases.violence: unknown category '[bold]much[/bold]'" in result.stderr
    assert "1 problem; nothing was written" in result.stderr
    assert not (folder.path / "tables").exists()


def test_wrong_names_end_with_the_nearest_and_no_traceback():
    result = shell("codebook", "chanels")
    assert result.returncode == 1
    assert result.stderr.startswith("error: there is no table 'chanels'; did you mean 'channels'?")
    assert "Traceback" not in result.stderr


def test_new_then_build(tmp_path):
    result = casebook("new", "suez-1956", "--data", str(tmp_path / "book"))
    assert "Fill them in, then run: casebook build" in result.stdout
    assert casebook("new", "suez-1956", "--data", str(tmp_path / "book")).returncode == 1
    assert casebook("build", "--data", str(tmp_path / "book")).returncode == 1


@pytest.mark.parametrize(
    ("name", "instead"),
    [("help", "casebook --help"), ("load", "casebook export FOLDER --format csv"), ("case", "casebook show")],
)
def test_a_name_that_is_no_command_is_answered_with_what_to_write(name, instead):
    said = CliRunner().invoke(app, [name, "channels"])
    assert said.exit_code == 2
    assert f"No such command '{name}'" in said.output
    assert instead in " ".join(said.output.replace("│", " ").split())


@pytest.mark.usefixtures("unchecked")
def test_signs_of_a_strange_casebook_do_nothing_to_a_terminal(folder):
    """A casebook that another program made may hold what the builder here refuses."""
    folder.replace("actors.yaml", "name: Ann Envoy", 'name: "Ann \\e[31mEnvoy"')
    folder.replace("cases/alpha-1990/case.yaml", "title: The", 'title: "\\e]0;x\\aThe').replace(
        "cases/alpha-1990/case.yaml", "dispute, 1990\n", 'dispute, 1990 \\u202eabc"\n'
    )
    folder.replace("cases/alpha-1990/channels.yaml", "note: Her chapter", 'note: "\\e[2J').replace(
        "cases/alpha-1990/channels.yaml", "on the broker.", 'on the broker."'
    )
    folder.build()
    for command in (
        *(["show", "alpha-1990"], ["evidence", "alpha-1990/line", "result"], ["compare", "result"], ["tables"]),
        *(["cite", "alpha-1990"], ["verify"], ["find", "deniab"]),
    ):
        said = casebook(*command, "--data", folder.path)
        assert not set("\x1b\x07\u202e") & set(said.stdout + said.stderr), command
    assert "Ann \\x1b[31mEnvoy" in casebook("show", "alpha-1990", "--data", folder.path).stdout


@pytest.mark.parametrize("command", [["build"], ["validate"], ["verify"], ["history", "alpha-1990", "outcome"]])
def test_a_folder_without_its_option_is_told_the_option(command):
    said = CliRunner().invoke(app, [*command, "my-casebook"])
    assert said.exit_code == 2
    assert "(my-casebook); a casebook of your own is named by --data" in said.output


def test_a_name_that_is_nearly_a_command_is_still_recognized():
    assert "Did you mean 'tables'?" in CliRunner().invoke(app, ["table"]).output


READING = ["tables", "show alpha-1990", "codebook channels result", "find deniab", "evidence alpha-1990 outcome"]


def test_an_option_that_nearly_is_one_is_recognized():
    assert "Did you mean '--json'?" in CliRunner().invoke(app, ["tables", "--josn"]).output


def test_an_interrupt_ends_without_a_traceback(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("casebook.cli.read.opened", interrupted)
    result = CliRunner().invoke(app, ["tables"])
    assert (result.exit_code, result.output) == (130, "")


GRIDS = {
    "one line each": (["case", "outcome"], [["Oslo", "Partial"], ["Camp David – 1978", "Comprehensive"]]),
    "nothing in it": (["case", "outcome"], []),
    "an empty cell": (["a", "b"], [["", "x"], ["y", ""]]),
    "lines to be wrapped": (["case", "note"], [["Oslo", "a word " * 20], ["Cuba", "[bold]no markup[/bold]"]]),
    "letters two columns wide": (["case", "note"], [["大阪", "x"], ["Oslo", "y"]]),
    "accents apart from their letters": (["case"], [["E\u0301vian"], ["Oslo"]]),
    "what a terminal obeys": (["case"], [["\x07bell"], ["Oslo"]]),
}


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("name", GRIDS)
def test_grids_are_those_of_rich(name, color, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    if color:
        monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(printing, "out", printing.Terminal())
    header, rows = GRIDS[name]
    printing.print_rows(header, rows)
    ours = capsys.readouterr().out
    printing.out.print(printing.grid(header, rows))
    assert ours == capsys.readouterr().out


def test_what_only_reads_imports_neither_pandas_nor_pydantic(tiny_path):
    commands = [*READING, "compare result venue", "cite"]
    code = f"""
import sys
from casebook.cli import app
for command in {commands!r}:
    app([*command.split(), "--data", sys.argv[1]], standalone_mode=False)
    assert not {{"pandas", "pydantic", "pyarrow.compute", "pyarrow.dataset"}} & set(sys.modules), command
"""
    subprocess.run([sys.executable, "-c", code, str(tiny_path)], check=True, stdout=subprocess.DEVNULL)


def test_verify_imports_neither_pandas_nor_pydantic(tiny_path):
    code = """
import sys
from casebook.cli import app
app(["verify", "--fresh", "--data", sys.argv[1]], standalone_mode=False)
assert not {"pandas", "pydantic"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code, str(tiny_path)], check=True, stdout=subprocess.DEVNULL)


def test_numpy_starts_no_threads_that_wait_unless_the_user_wants_them(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    casebook("tables")
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    casebook("tables")
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


class TestOutput:
    """What is printed goes to consoles, files and pipes that are not always up to it."""

    def run(self, arguments, **options):
        command = f"{shlex.quote(sys.executable)} -m casebook {arguments}"
        return subprocess.run(command, shell=True, capture_output=True, text=True, encoding="utf-8", **options)

    @pytest.mark.parametrize("encoding", ["ascii", "cp437", "latin-1"])
    def test_letters_that_a_console_lacks_are_spelled_out(self, encoding):
        said = self.run("show oslo-1993", env={**os.environ, "PYTHONIOENCODING": encoding}, errors="replace")
        assert (said.returncode, said.stderr) == (0, "")
        assert "Israel\\u2013PLO" in said.stdout

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
    @pytest.mark.parametrize("command", ["tables", "tables --json", "show oslo-1993"])
    def test_a_full_disk_is_said(self, command):
        said = self.run(f"{command} > /dev/full")
        assert (said.returncode, said.stderr) == (1, "error: No space left on device\n")

    @pytest.mark.skipif(os.name == "nt", reason="needs a shell of POSIX")
    def test_a_reader_who_has_seen_enough_is_not_told(self):
        said = self.run("codebook channels --json | head -c 10")
        assert (said.stdout[:1], said.stderr) == ("{", "") or (said.stdout[:1], said.stderr) == ("[", "")
