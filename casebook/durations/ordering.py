"""Which of two dates came first, where both are inexact: was a channel exposed while it ran?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import told
from casebook.book import Casebook, packaged_release
from casebook.durations.results import CAUTION
from casebook.durations.selection import Where, select
from casebook.errors import CasebookError
from casebook.model.computed import Days
from casebook.model.schema import Table
from casebook.views.html import framed, html_table
from casebook.views.intervals import CLOCKS, Clock, date_bounds, pending

if TYPE_CHECKING:
    import pandas as pd

_OPEN = 10**9
ANSWERS = ("before", "same_day", "after", "unclear", "not_applicable")


@told("casebook.durations.order('start', 'existence_disclosed')")
def order(
    first: str,
    second: str,
    *,
    table: str = "channels",
    where: Where | None = None,
    cases: Iterable[str] | None = None,
    book: Casebook | None = None,
    alleged: bool = False,
) -> Order:
    """Say of each row which of two dates came first, as far as their bounds settle it.

    Parameters
    ----------
    first, second : str
        Variables with dates, for example ``"end"`` and ``"existence_disclosed"``: did channels outlive their use in
        secrecy, or were they exposed while they ran?
    table : str, default "channels"
        Name of the table.
    where, cases, book, alleged
        As in `analyze`.

    Returns
    -------
    Order
        By row: ``before`` (the first date surely came before the second), ``same_day``, ``after``, ``unclear`` where
        the bounds allow more than one of these, ``not_applicable`` where one of the dates has no meaning. What had not
        happened by the reference date comes after what had.

    Raises
    ------
    UnknownNameError
        If the table, a variable or a case does not exist.
    CasebookError
        If a variable is no date, or no row is left.

    Examples
    --------
    >>> from casebook import durations
    >>> found = durations.order("end", "existence_disclosed", where={"secrecy_scope": "existence_and_content"})
    >>> list(found.to_frame().index)
    ['before', 'same_day', 'after', 'unclear', 'not_applicable']
    """
    book = book or packaged_release()
    declared = book.schema.table(table)
    for name in (first, second):
        if not declared.field(name).edtf:
            dates = [item.name for item in declared.fields if item.edtf]
            raise CasebookError(f"{table}.{name} is no date; {table} has the dates {', '.join(dates)}")
    frame = select(book, table, where, cases, alleged)
    bounds = [_bounds(book, declared, frame, name) for name in (first, second)]
    answers = dict(zip(frame[declared.primary_key], map(_answer, *bounds), strict=True))
    return Order(first, second, table, answers)


def _bounds(book: Casebook, table: Table, frame: pd.DataFrame, name: str) -> list[tuple[int, int] | str | None]:
    """Bounds of a date as ordinals; ``pending`` if it had not come, None if it has no meaning."""
    clocks = [clock for clock in CLOCKS.values() if clock.table == table.name]
    clock = next((clock for clock in clocks if _last(table, clock) == name), None)
    ending = clock.ending if clock else None
    latest = book.metadata.reference_date.toordinal() if clock and clock.selected else _OPEN
    found: list[tuple[int, int] | str | None] = []
    for row, (low, high), how in zip(
        frame[table.primary_key],
        date_bounds(frame, name),
        frame[ending].astype(object) if ending else [None] * len(frame),
        strict=True,
    ):
        reason = book.reason(table.name, row, name)
        if low is None and high is None and reason is not None and pending(how, reason):
            found.append("pending")
        elif reason == "not_applicable":
            found.append(None)
        else:
            found.append((low.toordinal() if low else 0, high.toordinal() if high else latest))
    return found


def _last(table: Table, clock: Clock) -> str | None:
    rule = table.by_name[clock.days].derived if clock.days in table.by_name else None
    return rule.last if isinstance(rule, Days) else None


def _answer(first: Any, second: Any) -> str:
    if first is None or second is None:
        return "not_applicable"
    if first == "pending":
        return "unclear" if second == "pending" or second[1] == _OPEN else "after"
    if second == "pending":
        return "unclear" if first[1] == _OPEN else "before"
    if first[1] < second[0]:
        return "before"
    if first[0] > second[1]:
        return "after"
    return "same_day" if first[0] == first[1] == second[0] == second[1] else "unclear"


@dataclass(frozen=True)
class Order:
    """Which of two dates came first; made by `order`.

    Attributes
    ----------
    first, second : str
        The dates.
    table : str
        Their table.
    answers : dict of str to str
        The answer for each row.
    """

    first: str
    second: str
    table: str
    answers: dict[str, str]

    def to_frame(self) -> pd.DataFrame:
        """Number of rows with each answer."""
        import pandas as pd

        given = list(self.answers.values())
        return pd.DataFrame(
            {self.table: [given.count(answer) for answer in ANSWERS]}, index=pd.Index(ANSWERS, name="answer")
        )

    def reading(self) -> list[str]:
        """The result in plain words."""
        count = self.to_frame()[self.table]
        asked = len(self.answers) - count["not_applicable"]
        least, most = count["before"], count["before"] + count["unclear"]
        return [
            f"{self.first} came before {self.second} in {count['before']} of {asked} {self.table}, on the same day in "
            f"{count['same_day']}, after it in {count['after']}; the dates do not settle {count['unclear']}, so that "
            f"it came before in {least} to {most}. {count['not_applicable']} left out because a date has no meaning.",
            CAUTION,
        ]

    def __str__(self) -> str:
        return "\n".join(self.reading())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = [[str(answer).replace("_", " "), count] for answer, count in self.to_frame()[self.table].items()]
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.reading())
        return framed(html_table(["", self.table], rows), lines)
