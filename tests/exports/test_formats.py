"""Exports as a whole: what is asked for, where it goes, and what happens when something is wrong."""

import sys

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner

import casebook
from casebook import exports
from casebook.cli import app
from casebook.errors import CasebookError
from casebook.exports import FORMATS

LONGEST = 32_767  # bytes of a text in SPSS; Excel holds as many characters, Stata more


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_every_format_is_written_unless_some_are_asked_for(exported):
    name = exported.book.metadata.name
    assert names(exported.folder) == sorted(place.format(name=name) for place, _ in FORMATS.values())


def test_python_and_command_line_write_the_same(tiny, tmp_path):
    python = tiny.export(tmp_path / "python", ["jsonl", "html"])
    folder = tiny.store.folder.parent
    arguments = ["export", str(tmp_path / "shell"), "--format", "jsonl", "--format", "html", "--data", str(folder)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert [path.name for path in python] == ["jsonl", "codebook.html"]
    assert result.stdout.splitlines() == [f"wrote {tmp_path / 'shell' / path.name}" for path in python]
    for path in (tmp_path / "python").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "shell" / path.relative_to(tmp_path / "python")).read_bytes()


def test_one_format_may_be_given_as_text(tiny, tmp_path):
    assert tiny.export(tmp_path, "markdown") == [tmp_path / "codebook.md"]


def test_progress_names_every_format(tiny, tmp_path):
    steps = []
    tiny.export(tmp_path / "out", ["markdown", "jsonl"], progress=steps.append)
    assert steps == ["writing markdown", "writing jsonl"]


def test_an_unknown_format_is_answered_with_the_valid_ones(tiny, tmp_path):
    with pytest.raises(CasebookError) as caught:
        tiny.export(tmp_path / "out", "stat")
    assert str(caught.value) == (f"there is no format 'stat'; did you mean 'stata'?; valid: {', '.join(FORMATS)}")
    with pytest.raises(CasebookError, match="no format given; valid: csv, parquet"):
        tiny.export(tmp_path / "out", [])
    assert not (tmp_path / "out").exists()


def test_what_is_there_is_not_silently_overwritten(tiny, tmp_path):
    (tmp_path / "codebook.md").write_text("mine")
    with pytest.raises(CasebookError, match=r"already holds codebook.md; .*--overwrite"):
        tiny.export(tmp_path, ["jsonl", "markdown"])
    assert names(tmp_path) == ["codebook.md"]
    assert (tmp_path / "codebook.md").read_text() == "mine"
    tiny.export(tmp_path, ["jsonl", "markdown"], overwrite=True)
    assert names(tmp_path) == ["codebook.md", "jsonl"]
    assert (tmp_path / "codebook.md").read_text().startswith("# A tiny casebook")


def test_other_files_in_the_target_are_left_alone(tiny, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    tiny.export(tmp_path, "markdown")
    assert names(tmp_path) == ["codebook.md", "notes.txt"]


def test_a_file_cannot_be_the_target(tiny, tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(CasebookError, match="out is a file; name a folder"):
        tiny.export(tmp_path / "out", "csv")


def test_a_target_that_cannot_be_made_is_said(tiny, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CasebookError, match="cannot be written"):
        tiny.export(tmp_path / "file" / "out", "csv")


def test_a_failing_export_leaves_nothing_behind(folder, tmp_path):
    folder.replace("cases/alpha-1990/claims.yaml", "statement: The", "statement: =HYPERLINK(1) the")
    target = tmp_path / "exports"
    with pytest.raises(CasebookError, match="begins with '=HYPERLINK"):
        folder.build().export(target, ["jsonl", "csv"])
    assert names(tmp_path) == ["tiny"]


def test_a_failing_move_puts_back_what_was_there(tiny, tmp_path, monkeypatch):
    target = tmp_path / "exports"
    tiny.export(target, ["markdown", "html"])
    (target / "codebook.md").write_text("mine")
    rename = type(target).rename

    def fail_on_html(path, new):
        if path.name == "codebook.html" and new.parent == target:
            raise OSError(28, "No space left on device")
        return rename(path, new)

    monkeypatch.setattr(type(target), "rename", fail_on_html)
    with pytest.raises(CasebookError, match="exports cannot be written: No space left on device"):
        tiny.export(target, ["markdown", "html"], overwrite=True)
    assert (target / "codebook.md").read_text() == "mine"
    assert names(tmp_path) == ["exports"]


LIBRARIES = {
    "duckdb": "duckdb",
    "excel": "openpyxl",
    "stata": "pyreadstat",
    "spss": "pyreadstat",
    "croissant": "mlcroissant",
    "html": "markdown_it",
}


@pytest.mark.parametrize(("name", "library"), LIBRARIES.items())
def test_a_missing_library_is_named_with_the_way_to_install_it(tiny, tmp_path, monkeypatch, name, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(CasebookError) as caught:
        tiny.export(tmp_path / "out", name)
    assert str(caught.value) == (
        f'the format {name} needs the library {library}; install it with pip install "backchannel-casebook[export]" '
        '(from a checkout: pip install ".[export]")'
    )


def test_a_new_variable_is_in_every_export_without_any_code(folder, tmp_path):
    folder.own_schemas()
    text = folder.read("schemas/cases.yaml")
    new = "  - name: mood\n    type: string\n    title: Mood\n    description: How it felt.\n"
    new += "    casebook: {optional: true}\n  - name: narrative\n"
    folder.write("schemas/cases.yaml", text.replace("  - name: narrative\n", new, 1))
    folder.replace("cases/alpha-1990/case.yaml", "domain:", "mood: glum\ndomain:")
    book = folder.build()
    assert book.load("cases").loc[0, "mood"] == "glum"
    for path in book.export(tmp_path / "out"):
        files = sorted(path.rglob("*.*")) if path.is_dir() else [path]
        if path.suffix == ".xlsx":
            import openpyxl

            sheet = openpyxl.load_workbook(path)["cases"]
            assert "mood" in [cell.value for cell in sheet[1]]
        else:
            assert any(b"mood" in file.read_bytes() for file in files), path


def test_the_documentation_lists_every_format():
    lines = [line.split()[0] for line in exports.__doc__.splitlines() if line and not line.startswith(" ")]
    assert [word for word in lines if word in FORMATS] == list(FORMATS)


def test_the_whole_packaged_release_goes_into_every_format(tmp_path):
    """Every row in one of them; for those that take long, that nothing in it is beyond what they hold."""
    book = casebook.book.packaged_release()
    [path] = book.export(tmp_path / "csv", "csv")
    for table in book.schema:
        frame = book.load(table.name, alleged=True)
        assert len(pd.read_csv(path / f"{table.name}.csv", usecols=[0])) == len(frame)
        for name in frame.select_dtypes("string"):
            lengths = pc.binary_length(pa.array(frame[name], pa.string()).cast(pa.binary()))
            assert (pc.max(lengths).as_py() or 0) <= LONGEST, (table.name, name)


def test_the_package_exports_the_packaged_release(tmp_path):
    assert casebook.export(tmp_path / "out", "schema-org")[0].read_text().startswith("{")
