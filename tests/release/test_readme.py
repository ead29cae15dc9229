"""What the README shows is what happens: its Python runs as a doctest, its commands are run here."""

import html
import os
import re
import subprocess
import sys

import pytest
from support import ROOT

import casebook
from casebook import plots

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


def test_the_figure_shows_what_the_data_say():
    picture = (ROOT / "docs/cuba-1962.svg").read_text(encoding="utf-8")
    told = html.unescape(re.search("<dc:description>(.*?)</dc:description>", picture, re.DOTALL)[1])
    fresh = plots.describe(plots.timeline("cuba-1962"))
    assert told == fresh, "write casebook plot timeline cuba-1962 --out docs/cuba-1962.svg"


def test_the_agreement_between_coders_is_that_of_the_table():
    pooled = casebook.load("agreement").query("pooled").set_index(["coder", "other_coder", "table", "kind"])
    columns = {
        ("first-a", "second-b"): "before",
        ("second-b", "casebook"): "after",
        ("pilot-one", "pilot-two"): "before",
    }
    names = {"effects": "effects, judgments", "facts of channels": "channels, facts"}
    shown = re.findall(r"^  \| ([a-z, ]+) \| (.+) \|$", README, re.MULTILINE)
    assert len(shown) == 5
    for name, figures in shown:
        found = [pooled.loc[(*pair, *names.get(name, name).split(", "))] for pair in columns]
        assert [each["adjudication"] for each in found] == list(columns.values())
        texts = [f"{each['percent']:.0f} %, {each['alpha']:.2f}".replace(" 0.", " .") for each in found]
        assert figures == " | ".join(texts)


def test_every_guarantee_names_tests_that_are_there():
    page = (ROOT / "docs/guarantees.md").read_text(encoding="utf-8")
    named = re.findall(r"tests/[\w/.]+", page)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []
