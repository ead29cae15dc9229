"""How build and site grow with the number of cases: time and peak memory per case, each in a process of its own.

Run with ``python tests/benchmarks/growth.py [CASES …] [--site]``. The casebooks are made of one packaged case, copied
under other names; confidences differ among the copies (seeded), so that no two are the same.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODEL = "cuba-1978"
SIZES = (10, 50, 100, 200, 300)


def made(folder: Path, count: int) -> Path:
    """A casebook of so many cases."""
    data, rng = ROOT / "data", random.Random(count)
    files = {path.name: path.read_text("utf-8") for path in sorted((data / "cases" / MODEL).iterdir())}
    for number in range(count):
        case = folder / "cases" / f"case-{number:04}"
        case.mkdir(parents=True)
        for name, text in files.items():
            (case / name).write_text(varied(text.replace(MODEL, case.name), rng), encoding="utf-8")
    named = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", "".join(files.values())))
    named |= set(
        re.findall(r"[a-z0-9]+", "".join(path.read_text("utf-8") for path in (ROOT / "schemas").glob("*.yaml")))
    )
    for name, start, key in (("sources.bib", "@", r"@\w+\{([^,]+),"), ("actors.yaml", "- actor: ", r"- actor: (\S+)")):
        entries = re.split(f"(?m)^(?={start})", (data / name).read_text("utf-8"))
        kept = [entry for entry in entries if (found := re.match(key, entry)) and found[1] in named]
        (folder / name).write_text("".join(kept), encoding="utf-8")
    shutil.copy(data / "casebook.yaml", folder)
    return folder


def varied(text: str, rng: random.Random) -> str:
    """The text with other confidences here and there."""
    return re.sub(r"confidence: medium", lambda m: "confidence: low" if rng.random() < 0.1 else m[0], text)


def measured(folder: Path, site: bool) -> None:
    """Build, and write a site where asked; tell rows, seconds and mebibytes."""
    from casebook.authoring.build import compile_folder, write

    start = time.perf_counter()
    build = compile_folder(folder)
    write(build, folder / "tables")
    built, written = time.perf_counter() - start, 0.0
    if site:
        from casebook.book import open as open_casebook
        from casebook.site import write_site

        book, start = open_casebook(folder), time.perf_counter()
        write_site(book, folder / "site", downloads=())
        written = time.perf_counter() - start
    print(build.rows, f"{built:.1f}", f"{written:.1f}", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", type=int, default=SIZES)
    parser.add_argument("--site", action="store_true", help="also write the web site")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measured(asked.measure, asked.site)
        return
    print(f"{'cases':>6} {'rows':>9} {'build':>8} {'a case':>8} {'site':>8} {'a case':>8} {'MiB':>6}")
    for count in asked.cases:
        with tempfile.TemporaryDirectory() as folder:
            made(Path(folder), count)
            command = [sys.executable, __file__, "--measure", folder, *(["--site"] if asked.site else [])]
            rows, built, written, peak = subprocess.run(
                command, capture_output=True, text=True, check=True
            ).stdout.split()
            each = [f"{float(seconds):6.1f} s {1000 * float(seconds) / count:5.0f} ms" for seconds in (built, written)]
            print(f"{count:>6} {int(rows):>9,} {each[0]} {each[1]} {int(peak):>6}")


if __name__ == "__main__":
    main()
