"""How build and site grow with the number of cases: processor time and peak memory, each in a process of its own.

Run with ``python tests/benchmarks/growth.py [CASES …] [--site]``. The casebooks are those of ``tests/synthetic.py``.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
SIZES = (10, 50, 100, 200)


def measured(folder: Path, site: bool) -> None:
    """Build, and write a site where asked; tell rows, seconds of processor time and mebibytes."""
    from casebook.authoring.build import compile_folder, write

    start = time.process_time()
    build = compile_folder(folder)
    write(build, folder / "tables")
    built, written = time.process_time() - start, 0.0
    if site:
        from casebook.book import open as open_casebook
        from casebook.site import write_site

        book, start = open_casebook(folder), time.process_time()
        write_site(book, folder / "site", downloads=())
        written = time.process_time() - start
    print(build.rows, f"{built:.1f}", f"{written:.1f}", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    from synthetic import casebook

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
            casebook(Path(folder), count)
            command = [sys.executable, __file__, "--measure", folder, *(["--site"] if asked.site else [])]
            rows, built, written, peak = subprocess.run(
                command, capture_output=True, text=True, check=True
            ).stdout.split()
            each = [f"{float(seconds):6.1f} s {1000 * float(seconds) / count:5.0f} ms" for seconds in (built, written)]
            print(f"{count:>6} {int(rows):>9,} {each[0]} {each[1]} {int(peak):>6}")


if __name__ == "__main__":
    main()
