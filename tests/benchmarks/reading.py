"""How quick reading is: commands to ``import pandas``, load to reading Parquet by hand, verify to reading and hashing.

Run with ``python tests/benchmarks/reading.py [rounds]``. Ratios of processor time, the least of several rounds in which
everything has its turn, so that other work on the machine counts little.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable

TABLE, CASE = "evidence", "cuba-1962"
COLUMNS = ["evidence_id", "row", "source_id", "confidence"]
COMMANDS = (
    *("--help", "tables", "codebook channels", "cite"),
    *(f"show {CASE}", f"evidence {CASE} outcome", "compare outcome", "find secrecy"),
)


def process(*command: str) -> float:
    """Processor time of a Python process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def here(action: Callable[[], object]) -> float:
    """Processor time of a call."""
    start = time.process_time()
    action()
    return time.process_time() - start


def pairs() -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """What is compared within one process: Casebook's way, and the other."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    from casebook.book import packaged_release
    from casebook.model.arrow import typed
    from casebook.model.digest import table_digest
    from casebook.model.rendering import framed
    from casebook.releases.parquet import read_parquet

    book = packaged_release()
    table, path = book.schema.table(TABLE), str(book.store.folder / f"{TABLE}.parquet")
    types = {pa.string(): pd.StringDtype(na_value=np.nan), pa.bool_(): pd.BooleanDtype()}

    def by_hand(**asked: object) -> None:
        frame = pq.read_table(path, **asked).to_pandas(types_mapper=types.get, date_as_object=False)
        for name in frame:
            if table.by_name[name].categories:
                frame[name] = frame[name].astype(pd.CategoricalDtype(table.by_name[name].values))
            elif table.by_name[name].type == "array":
                frame[name] = frame[name].map(list)

    unread = [type(book)(book.store.folder) for _ in range(100)]

    def first(**asked: object) -> None:
        unread.pop().load(TABLE, **asked)

    def read_and_hashed() -> None:
        for declared in book.schema:
            content = (book.store.folder / f"{declared.name}.parquet").read_bytes()
            table_digest(framed(declared, typed(declared, read_parquet(content))), declared)

    book.load(TABLE)
    return {
        "load / by hand, first time": (first, by_hand),
        "load / by hand, again": (lambda: book.load(TABLE), by_hand),
        "load / by hand, some columns": (lambda: first(columns=COLUMNS), lambda: by_hand(columns=COLUMNS)),
        "load / by hand, one case": (
            lambda: first(cases=[CASE]),
            lambda: by_hand(filters=[("case_id", "=", CASE)]),
        ),
        "verify / read and hash, first time": (lambda: book.verify(fresh=True), read_and_hashed),
        "verify / read and hash, again": (book.verify, read_and_hashed),
    }


def main() -> None:
    rounds = int(sys.argv[1]) if sys.argv[1:] else 7
    commands = {"import pandas": ("-c", "import pandas")} | {c: ("-m", "casebook", *c.split()) for c in COMMANDS}
    turns = [{name: process(*command) for name, command in commands.items()} for _ in range(rounds)]
    least = {name: min(turn[name] for turn in turns) for name in commands}
    for name in COMMANDS:
        print(f"{name + ' / import pandas':42} {least[name] / least['import pandas']:6.2f}")
    for name, (ours, theirs) in pairs().items():
        times = [(here(ours), here(theirs)) for _ in range(rounds)]
        one, other = map(min, zip(*times, strict=True))
        print(f"{name:42} {one / other:6.2f}   ({1000 * one:.0f} ms / {1000 * other:.0f} ms)")


if __name__ == "__main__":
    main()
