"""Speed as ratios of two things timed in one session, because machines differ.

Run with ``python tests/benchmarks/run.py``.
"""

from __future__ import annotations

import io
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]


def seconds(action: Callable[[], object], repeats: int = 5) -> float:
    """Median time of an action."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def imports(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)


def main() -> None:
    import pandas as pd

    import casebook
    from casebook._support.cache import Cache
    from casebook.authoring.build import compile_folder, render
    from casebook.authoring.marked import read_yaml
    from casebook.book import packaged_release
    from casebook.errors import Problems

    book = packaged_release()
    csv = casebook.load("evidence").to_csv(index=False)

    def parse_yaml() -> None:
        for path in (ROOT / "data").rglob("*.yaml"):
            read_yaml(path, Problems())

    def load_cold() -> None:
        type(book)(book.store.folder).load("evidence")

    scratch = Path(tempfile.mkdtemp())
    shutil.copytree(ROOT / "data", scratch / "data")
    cache = Cache(scratch / "kept")
    render(compile_folder(scratch / "data", cache=cache))

    def build_changed() -> None:
        with (scratch / "data/cases/oslo-1993/events.yaml").open("a", encoding="utf-8") as file:
            file.write("# changed\n")
        render(compile_folder(scratch / "data", cache=cache))

    rows = {
        "import casebook / import json": (lambda: imports("casebook"), lambda: imports("json"), 5),
        "import casebook / import pandas": (lambda: imports("casebook"), lambda: imports("pandas"), 5),
        "load evidence, first time / read it from CSV": (load_cold, lambda: pd.read_csv(io.StringIO(csv)), 5),
        "load evidence again / read it from CSV": (
            lambda: book.load("evidence"),
            lambda: pd.read_csv(io.StringIO(csv)),
            5,
        ),
        "whole build / parsing its YAML": (lambda: compile_folder(ROOT / "data"), parse_yaml, 1),
        "build after a change in one case / whole build": (
            build_changed,
            lambda: render(compile_folder(ROOT / "data")),
            1,
        ),
    }
    for name, (one, other, repeats) in rows.items():
        first, second = seconds(one, repeats), seconds(other, repeats)
        print(f"{name:48} {first / second:8.2f}   ({first * 1000:.0f} ms / {second * 1000:.0f} ms)")
    shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
