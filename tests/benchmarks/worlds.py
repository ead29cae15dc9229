"""Worlds per second of processor time, here and at an older revision, measured in turn in one session.

Run with ``python tests/benchmarks/worlds.py [revision]``. What it takes to set an inquiry up is left out. With two
workers it is the time on the clock, which other programs lengthen.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORLDS = {"plain": (300, 3000), "days": (150, 300), "qca": (300, 1500)}
"""Worlds asked before the clock runs, so that all workers are at work, and while it runs."""
ROUNDS = 3

ASK = """
import inspect, json, sys, time
import casebook

name, least, most, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
book = casebook.open("data")
clock = time.process_time if workers == 1 else time.perf_counter

def plain(book):
    result = book.load("channels")["result"]
    return {"share": float((result == "agreement").mean()), "most failed": bool((result == "failure").mean() > 0.5)}

def days(book):
    return {"long": bool(book.load("channels")["existence_secrecy_days"].median() > 365)}

def qca(book):
    from casebook import qca
    return qca.analyze("settlement", book=book).conclusions()

analysis = {"plain": plain, "days": days, "qca": qca}[name]

try:
    from casebook.worlds.gathering import gather
except ImportError:
    def seconds(count):
        start = clock()
        casebook.multiverse(analysis, book=book, max_worlds=count, progress=False)
        return clock() - start
    print(json.dumps((most - least) / (seconds(most) - seconds(least))))
else:
    import casebook.worlds.multiverse as module
    from casebook.worlds.sampling import draw
    from casebook.worlds.weights import Scheme

    def rate(asked, *_):
        worlds = draw(asked.inquiry.dimensions, Scheme("equal"), 0, 0, range(least + most))
        asked.ask(worlds[:least])
        start = clock()
        draw(asked.inquiry.dimensions, Scheme("equal"), 0, 0, range(most))
        asked.ask(worlds[least:])
        print(json.dumps(most / (clock() - start)))
    module.gather = rate
    casebook.multiverse(analysis, book=book, progress=False, workers=workers)
"""


def rate(root: Path, name: str, workers: int) -> float:
    """Worlds a second in a fresh process with the package of a folder."""
    arguments = [sys.executable, "-c", ASK, name, *map(str, WORLDS[name]), str(workers)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(arguments, cwd=root, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        older = None
        if len(sys.argv) > 1:
            older = Path(folder)
            archive = subprocess.run(
                ["git", "archive", sys.argv[1], "casebook", "schemas", "data/tables"],
                cwd=ROOT,
                check=True,
                capture_output=True,
            )
            subprocess.run(["tar", "x", "-C", folder], input=archive.stdout, check=True)
        print(
            f"{'worlds a second':16} {'one worker':>12} {'two workers':>12}"
            + f" {'older':>8} {'ratio':>6}" * bool(older)
        )
        for name in WORLDS:
            rounds = [
                (rate(ROOT, name, 1), rate(ROOT, name, 2), rate(older, name, 1) if older else 0.0)
                for _ in range(ROUNDS)
            ]
            one, two, old = (sorted(values)[ROUNDS // 2] for values in zip(*rounds, strict=True))
            ratio = f" {old:8.0f} {one / old:6.1f}" if older else ""
            print(f"{name:16} {one:12.0f} {two:12.0f}{ratio}", flush=True)


if __name__ == "__main__":
    main()
