"""Fixtures that every room's tests share."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import Exported, Folder, part

if TYPE_CHECKING:
    from casebook.book import Casebook


# Workers, kernels and commands start Python again and again: what is compiled is kept, whatever the environment says.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# A library of jsonschema's that reads 38 grammars when it is imported, for formats that no test asks for.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

_LONG = ("release/test_notebooks.py", "exports/", "site/test_browser.py", "plots/", "worlds/", "releases/", "qca/")
FIRST = tuple(f"tests/{room}" for room in _LONG)
"""What takes long; begun early, it leaves no worker waiting for the other."""


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests build is not kept among the user's builds."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setattr("platformdirs.user_cache_path", lambda *_, **__: folder)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((n for n, path in enumerate(FIRST) if item.nodeid.startswith(path)), len(FIRST)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and tests stay to the end: the garbage collector need not look at them, nor begin so often."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
    return collected


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """What shares a costly fixture goes to one worker: the tests of a file, and all that look at exports."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFixture(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            if path == FIRST[0]:
                return nodeid
            return FIRST[1] if path.startswith(FIRST[1]) else path

    config.option.loadscopereorder = False
    return ByFixture(config, log)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Chromium without a window; tests that ask for it are skipped where there is none."""
    engines = pytest.importorskip("playwright.sync_api")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("no Chromium; the package chromium of Debian is one")
    with engines.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "tiny")


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No text is looked at when a casebook is built, so that hostile ones come through as from another builder."""
    import casebook.authoring.build

    assert casebook.authoring.build
    for name, module in list(sys.modules.items()):
        if name.startswith("casebook.") and hasattr(module, "unsafe"):
            monkeypatch.setattr(module, "unsafe", lambda text: None)


@pytest.fixture(autouse=True)
def second_opinion(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pandera takes half the time of a small build: it is asked in tests marked ``pandera``, and by real builds."""
    if "casebook.authoring.build" in sys.modules and not request.node.get_closest_marker("pandera"):
        monkeypatch.setattr("casebook.authoring.build.second_opinion", lambda table, rows: None)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory):
    """The small casebook, built once; tests must not change it."""
    return Folder(tmp_path_factory.mktemp("session") / "tiny").build()


@pytest.fixture(scope="session")
def exported_tiny(tiny: Casebook, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("tiny") / "exports"
    tiny.export(folder)
    return Exported(tiny, folder)


@pytest.fixture(scope="session")
def exported_packaged(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Two cases of the packaged casebook; all of them take twelve times as long and say nothing new of a format."""
    from casebook.book import packaged_release

    folder = tmp_path_factory.mktemp("packaged") / "exports"
    book = part(packaged_release(), "gaza-jericho-1994", "nyc-transit-2005")
    book.export(folder)
    return Exported(book, folder)


@pytest.fixture(params=["tiny", "packaged"], scope="module")
def exported(request: pytest.FixtureRequest) -> Exported:
    """Every export of the small casebook, and of a part of the packaged one."""
    return request.getfixturevalue(f"exported_{request.param}")
