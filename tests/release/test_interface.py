"""The interface stands in one table, and what type checkers see is the same."""

import ast
import subprocess
import sys

import pytest
from support import ROOT

import casebook


def names_for_type_checkers() -> set[str]:
    tree = ast.parse((ROOT / "casebook/__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    assert ast.unparse(block.test) == "TYPE_CHECKING"
    imports = [alias for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert all(alias.asname == alias.name for alias in imports), "only 'as' makes a name public for type checkers"
    return {alias.name for alias in imports}


def test_type_checkers_see_the_public_names_and_no_others():
    assert names_for_type_checkers() == {*casebook.__all__, "__version__"}


@pytest.mark.parametrize("name", casebook.__all__)
def test_every_public_name_is_documented_and_no_room_hides_it(name):
    found = getattr(casebook, name)
    assert found.__doc__
    assert callable(found) or name in ("plots", "qca", "small", "durations")


def test_names_stay_functions_whatever_was_imported_before():
    code = (
        "import pkgutil, importlib, casebook\n"
        "for module in pkgutil.walk_packages(casebook.__path__, 'casebook.'):\n"
        "    if not module.name.endswith('__main__'): importlib.import_module(module.name)\n"
        "modules = [n for n in casebook.__all__ if type(getattr(casebook, n)).__name__ == 'module']\n"
        "print(*sorted(modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert set(shown.split()) <= {"plots", "qca", "small", "durations"}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'casebook' has no attribute 'laod'"):
        casebook.laod  # noqa: B018


def test_python_m_casebook_is_the_command():
    shown = subprocess.run([sys.executable, "-m", "casebook", "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout == f"casebook {casebook.__version__}\n"


def test_the_reference_of_the_command_line_is_what_help_says():
    subprocess.run([sys.executable, ROOT / ".ci/docs", "--check"], check=True, cwd=ROOT)
