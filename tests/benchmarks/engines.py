"""Events by the million, checked from the declarations and by the same checks written by hand in SQL, both in DuckDB.

Run with ``python tests/benchmarks/engines.py [ROWS]``. Told are seconds of processor time and the peak of memory, each
in a process of its own, and the ratio of the times.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
CASES = 20


def declared(folder: str) -> None:
    from casebook.engines.validation import validate_tables

    found = validate_tables(folder)
    assert found.ok, found


def by_hand(folder: str) -> None:
    import duckdb

    from casebook.engines.connecting import MEMORY
    from casebook.model.values import countries

    def among(values: object) -> str:
        return "(" + ", ".join(f"'{value}'" for value in values) + ")"

    moves = ["contact", "meeting", "message", "call", "decision", "agreement", "breakdown"]
    moving = among(moves)
    kinds = among([*moves, "disclosure", "implementation", "commitment", "denial", "background"])
    tracks = among(["back_channel", "front_channel", "public", "internal", "allied"])
    broken = [
        *(f"e.{name} IS NULL" for name in ("event_id", "case_id", "track", "kind", "status", "summary")),
        f"e.track NOT IN {tracks}",
        f"e.kind NOT IN {kinds}",
        "e.status NOT IN ('established', 'alleged')",
        "NOT regexp_full_match(e.time, '([01][0-9]|2[0-3]):[0-5][0-9]')",
        "NOT regexp_full_match(e.utc_offset, '[+-](0[0-9]|1[0-4]):[0-5][0-9]')",
        "NOT regexp_full_match(e.country, '[A-Z]{3}')",
        f"e.country NOT IN {among(countries())}",
        "e.case_id IS NOT NULL AND c.case_id IS NULL",
        "e.channel_id IS NOT NULL AND h.channel_id IS NULL",
        "e.track = 'back_channel' AND e.channel_id IS NULL",
        "e.time IS NOT NULL AND e.utc_offset IS NULL",
        f"e.kind IN {moving} AND e.outside_span IS NULL AND c.start_earliest > e.date_latest",
        f"e.kind IN {moving} AND e.outside_span IS NULL AND e.date_earliest > c.end_latest",
        "e.track = 'back_channel' AND e.outside_span IS NULL AND h.start_earliest > e.date_latest",
        "e.track = 'back_channel' AND e.outside_span IS NULL AND e.date_earliest > h.end_latest",
        "h.status = 'alleged' AND e.track = 'back_channel' AND e.status <> 'alleged'",
    ]
    with tempfile.TemporaryDirectory() as spill:
        settings = {"memory_limit": MEMORY, "temp_directory": spill, "preserve_insertion_order": False}
        with duckdb.connect(config=settings) as connection:
            events = f"read_parquet('{folder}/events/*/*.parquet')"
            again = f"SELECT count(*) FROM (SELECT event_id FROM {events} GROUP BY event_id HAVING count(*) > 1)"
            assert connection.execute(again).fetchone() == (0,)
            counts = ", ".join(f"count(*) FILTER ({where})" for where in broken)
            found = connection.execute(
                f"SELECT {counts} FROM {events} e LEFT JOIN '{folder}/cases.parquet' c ON e.case_id = c.case_id "
                f"LEFT JOIN '{folder}/channels.parquet' h ON e.channel_id = h.channel_id"
            ).fetchone()
            assert not any(found), found


def measured(name: str, folder: str) -> tuple[float, int]:
    """Seconds of processor time and mebibytes of a process that checks the folder in one of the two ways."""
    shown = subprocess.run([sys.executable, __file__, name, folder], capture_output=True, text=True, check=True).stdout
    seconds, peak = shown.split()
    return float(seconds), int(peak)


def main() -> None:
    from synthetic import casebook, events

    from casebook.authoring.build import compile_folder, write

    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 2_000_000
    with tempfile.TemporaryDirectory() as place:
        coded, folder = Path(place) / "coded", Path(place) / "folder"
        write(compile_folder(casebook(coded, CASES)), coded / "tables")
        events(coded / "tables", folder, rows)
        (ours, peak), (hand, other) = measured("declared", str(folder)), measured("by_hand", str(folder))
    print(f"{rows:,} events: declared {ours:.1f} s, {peak} MiB; by hand {hand:.1f} s, {other} MiB; {ours / hand:.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] in (["declared"], ["by_hand"]):
        globals()[sys.argv[1]](sys.argv[2])
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(f"{used.ru_utime + used.ru_stime:.2f}", used.ru_maxrss // 1024)
    else:
        main()
