"""The package imports fast, and works from a zip of the wheel's content."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from packaging.requirements import Requirement
from support import ROOT


def python(code: str, *path: Path) -> str:
    command = [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = {[str(p) for p in path]!r}\n{code}"]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout.strip()


def test_importing_the_package_imports_nothing_heavy():
    heavy = "{'pandas', 'pandera', 'pyarrow', 'yaml', 'numpy', 'matplotlib'}"
    assert python(f"import casebook; print({heavy} & set(sys.modules))", ROOT) == "set()"


def test_it_reads_from_a_zip_of_the_wheels_content(tmp_path):
    archive = tmp_path / "casebook.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in (ROOT / "casebook").rglob("*.py"):
            target.write(path, path.relative_to(ROOT))
        for path in (ROOT / "data/tables").iterdir():
            target.write(path, f"casebook/_data/tables/{path.name}")
    code = "import casebook; print(casebook.__file__, len(casebook.load('cases')), len(casebook.cite('cases')))"
    file, cases, sources = python(code, archive).split()
    assert file.startswith(str(archive))
    assert int(cases) > 0
    assert int(sources) > 0


def pinned_in(name):
    """The libraries of a file of locked ones, each of which has a hash."""
    entries = re.split(r"\n(?=[a-z])", re.sub("^#.*\n", "", (ROOT / ".ci" / name).read_text(), flags=re.M))
    assert all(re.search(r" \\\n +--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    return [Requirement(entry.partition(" \\\n")[0]) for entry in entries]


def test_what_reads_the_citation_file_is_locked_with_hashes():
    assert {"cffconvert", "setuptools"} <= {pin.name for pin in pinned_in("citation.txt")}


def test_every_library_that_is_wanted_is_locked_with_hashes():
    pinned = pinned_in("requirements.txt")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    wanted += [text for name, texts in extras.items() if name != "spark" for text in texts]
    for requirement in map(Requirement, wanted):
        if requirement.name != project["project"]["name"]:
            same = [pin for pin in pinned if pin.name.lower() == requirement.name.lower().replace("_", "-")]
            assert same, f"{requirement}: run .ci/lock"
            for pin in same:
                [version] = pin.specifier
                assert version.version in requirement.specifier, f"{requirement}: run .ci/lock"
