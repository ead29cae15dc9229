"""What the README shows is what happens: its Python runs as a doctest, its commands are run here."""

import os
import re
import subprocess
import sys

import pytest
from support import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```console\n\$ casebook (.*)\n((?:.*\n)*?)```", README)


@pytest.mark.parametrize(("arguments", "output"), SHOWN)
def test_commands_print_what_is_shown(arguments, output):
    command = [sys.executable, "-m", "casebook", *arguments.split()]
    shown = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "80"}
    ).stdout
    assert [line.rstrip() for line in shown.splitlines()] == [line.rstrip() for line in output.splitlines()]


def test_the_commands_of_the_first_section_are_there():
    assert len(re.findall(r"^python3 -m venv \.venv", README, re.MULTILINE)) == 2
    assert SHOWN


def test_links_lead_to_files():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
