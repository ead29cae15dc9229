"""The notebooks run from top to bottom, say nothing unexpected, and were committed with these outputs.

They run on another day, where there is faketime, and in another time zone, locale and folder, with another hash seed
and a wide terminal: what they say depends on none of these.
"""

import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def moved():
    """Environment of a machine elsewhere."""
    moved = {"TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "COLUMNS": "203"}
    if shutil.which("faketime"):
        command = ["faketime", "-f", "+240d", "printenv", "LD_PRELOAD", "FAKETIME"]
        values = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        moved |= zip(("LD_PRELOAD", "FAKETIME"), values, strict=True)
    return {**os.environ, **moved}


@pytest.fixture
def sockets():
    """Files by which a kernel is spoken to: of ports, two that start at once could choose the same."""
    with tempfile.TemporaryDirectory() as folder:  # of a short name, as sockets need
        yield Config(KernelManager={"transport": "ipc", "ip": f"{folder}/kernel"})


def texts(notebook):
    """Everything that the cells say, figures aside."""
    return [
        (
            cell.source,
            output.get("name"),
            output.get("text"),
            {kind: text for kind, text in output.get("data", {}).items() if kind != "image/png"},
        )
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_without_warnings_and_as_committed(path, tmp_path, moved, sockets):
    committed = nbformat.read(path, as_version=4)
    fresh = nbformat.from_dict(json.loads(json.dumps(committed)))
    folder = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(fresh, timeout=300, coalesce_streams=True, resources=folder, config=sockets).execute(env=moved)
    outputs = [output for cell in fresh.cells for output in cell.get("outputs", [])]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    assert texts(fresh) == texts(committed), "run .ci/notebooks and commit the notebooks"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_opens_with_a_question_and_ends_with_limits_and_sources(path):
    cells = nbformat.read(path, as_version=4).cells
    assert "?**" in cells[0].source
    last = [cell.source for cell in cells if cell.cell_type == "markdown"][-3:]
    assert any("What may be concluded, and what may not" in text for text in last)
    assert any(cell.source == "casebook.cite()" for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS[:9], ids=lambda path: path.stem)
def test_cells_that_only_write_a_sentence_are_folded(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code" and cell.outputs]
    told = [cell for cell in cells if all("text/markdown" in output.get("data", {}) for output in cell.outputs)]
    long = [
        cell for cell in told if cell.source.count("\n") > 1 and not re.search("^(import|from) ", cell.source, re.M)
    ]
    assert long
    assert [cell.source for cell in long if not cell.metadata.get("jupyter", {}).get("source_hidden")] == []


def test_there_are_ten():
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(1, 11)]


def test_exercises_have_a_hint_and_an_answer_that_are_folded():
    cells = nbformat.read(FOLDER / "10-exercises.ipynb", as_version=4).cells
    exercises = [cell.source for cell in cells if re.match(r"## \d+\.", cell.source)]
    assert len(exercises) >= 6
    assert all("<details><summary>Hint</summary>" in text for text in exercises)
    answers = [after for before, after in itertools.pairwise(cells) if before.source.startswith("**Answer")]
    assert len(answers) == len(exercises)
    for cell in answers:
        (output,) = cell.outputs
        assert "".join(output["data"]["text/html"]).startswith("<details><summary>Answer</summary>")
