"""Durations as intervals: what inexact, open and missing dates leave possible."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan, nan
from typing import TYPE_CHECKING, Any

from casebook.model.cells import Cell
from casebook.model.computed import Days

if TYPE_CHECKING:
    import pandas as pd

    from casebook.model.schema import Table
    from casebook.releases.store import Store

NOT_YET = ("not_disclosed", "none")
"""Endings, or reasons for a missing date, which say that something had not happened by the reference date."""
KINDS = {
    "exact": "known to the day",
    "interval": "between two bounds",
    "left": "bounded above only",
    "right": "bounded below only",
    "unknown": "of unknown length",
    "not_applicable": "without meaning",
}
"""What the dates say of a duration, and how readers say it."""


@dataclass(frozen=True)
class Clock:
    """A duration of the codebook, and what is known of how it ends.

    Attributes
    ----------
    table, days : str
        Table, and its derived variable with days.
    title : str
        What lasts.
    ended : str
        What happens when it ends.
    ending : str, optional
        Variable of the same table that says how it ended.
    selected : bool
        Whether a row is in the table only because its clock has stopped: nobody can list a channel that is still
        secret. The durations are then truncated on the right.
    """

    table: str
    days: str
    title: str
    ended: str
    ending: str | None = None
    selected: bool = False


CLOCKS = {
    "existence": Clock(
        "channels", "existence_secrecy_days", "secrecy of existence", "public", "existence_disclosure_mode", True
    ),
    "terms": Clock("channels", "terms_secrecy_days", "secrecy of terms", "public", "terms_disclosure_mode"),
    "life": Clock("channels", "duration_days", "life of channels", "over"),
    "durability": Clock("cases", "durability_days", "durability of outcomes", "undone", "reversal"),
}
_BY_DAYS = {(clock.table, clock.days): clock for clock in CLOCKS.values()}


def clock_of(store: Store, table: str, variable: str) -> Clock | None:
    """The clock of a variable, or None where it does not hold days between two dates."""
    item = store.schema.table(table).field(variable)
    if not isinstance(item.derived, Days):
        return None
    return _BY_DAYS.get((table, variable)) or Clock(table, variable, item.title.lower(), "over")


def intervals(store: Store, clock: Clock, frame: pd.DataFrame) -> pd.DataFrame:
    """What the dates leave possible for a duration of each row.

    Parameters
    ----------
    store : Store
        The built casebook, for reasons and the reference date.
    clock : Clock
        The duration.
    frame : DataFrame
        Rows of its table.

    Returns
    -------
    DataFrame
        Indexed by row: ``lower`` and ``upper`` (days; both possible, ``inf`` where nothing is known above), ``kind``
        (one of `KINDS`), ``limit`` (the greatest number of days with which the row could be in the table; ``inf``
        unless the clock selects the rows), and ``ending``. Rows that the duration does not apply to have no bounds.

    Notes
    -----
    Bounds follow from the dates: from the latest start to the earliest end, and from the earliest start to the latest
    end. Where the earliest start is open, it is that of the case, before which no channel of it began. What had not
    ended by the reference date of the release lasted at least until then; an open or unknown end lies before that date
    only if the row could not be in the table otherwise.
    """
    import pandas as pd

    table = store.schema.table(clock.table)
    rule = table.field(clock.days).derived
    assert isinstance(rule, Days)
    today = pd.Timestamp(store.metadata.reference_date)
    rows = {}
    for row, start, end, floor, ending in zip(
        frame[table.primary_key],
        date_bounds(frame, rule.first),
        date_bounds(frame, rule.last),
        _floors(store, table, frame),
        _endings(clock, frame),
        strict=True,
    ):
        earliest, latest = start
        if earliest is None and floor is not None and (latest is None or floor <= latest):
            earliest = floor
        limit = _days(earliest, today) if clock.selected and earliest is not None else inf
        why = {name: store.reasons.get(Cell(table.name, row, name)) for name in (rule.first, rule.last, clock.days)}
        counted = bool(rule.until) and why[clock.days] is None
        if not any(end) and (pending(ending, why[rule.last]) or counted):
            until = _until(frame, table, row, rule, today)
            least, most, ending = _days(latest, until) if latest else 0.0, inf, None
        elif "not_applicable" in (why[rule.first], why[rule.last]):
            least, most = nan, nan
        else:
            least = _days(latest, end[0]) if latest and end[0] else 0.0
            most = _days(earliest, end[1]) if earliest and end[1] else limit
        rows[row] = least, most, _kind(least, most, any(end), bool(latest and end[0])), limit, ending
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["lower", "upper", "kind", "limit", "ending"])
    return found.astype({"lower": float, "upper": float, "limit": float, "kind": "str", "ending": "str"}).rename_axis(
        table.primary_key
    )


def pending(ending: str | None, reason: str | None) -> bool:
    """Whether what has no date had not happened by the reference date, as far as sources show.

    Parameters
    ----------
    ending : str or None
        Coded value of how it ended.
    reason : str or None
        Why the date is missing.
    """
    return reason in NOT_YET or (reason == "not_applicable" and ending in NOT_YET)


def date_bounds(frame: pd.DataFrame, date: str) -> list[tuple[Any, Any]]:
    """Earliest and latest day of a date in each row, None where it is open or missing."""
    columns = frame[[f"{date}_earliest", f"{date}_latest"]].astype(object)
    return list(columns.where(columns.notna(), None).itertuples(index=False, name=None))


def _endings(clock: Clock, frame: pd.DataFrame) -> list[str | None]:
    if clock.ending not in frame:
        return [None] * len(frame)
    return [ending if isinstance(ending, str) else None for ending in frame[clock.ending].astype("str")]


def _until(frame: pd.DataFrame, table: Table, row: str, rule: Days, today: pd.Timestamp) -> pd.Timestamp:
    """The day until which a row that has not ended is known to have lasted."""
    own = frame[frame[table.primary_key] == row].iloc[0]
    bounds = (own.get(f"{name}_earliest") for name in rule.until if f"{name}_earliest" in own)
    return min([today, *(bound for bound in bounds if bound is not None and bound == bound)])


def _floors(store: Store, table: Table, frame: pd.DataFrame) -> list[Any]:
    """The first day of each row's case, before which no row of it began; None for cases themselves."""
    root = store.schema.root
    keys = table.keys_to(root.name)
    if not keys or "start_earliest" not in root.by_name:
        return [None] * len(frame)
    days = dict(zip(store.indexed(root.name).index, date_bounds(store.indexed(root.name), "start"), strict=True))
    return [days[case][0] for case in frame[keys[0]]]


def _kind(least: float, most: float, dated: bool, bounded: bool) -> str:
    if isnan(least):
        return "not_applicable"
    if least == most:
        return "exact"
    if most == inf and (least or not dated):
        return "right" if least else "unknown"
    return "unknown" if not dated else "interval" if bounded else "left"


def _days(start: Any, end: Any) -> float:
    return float(max((end - start).days, 0))
