"""How long things lasted, as far as the dates tell. Nothing here draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from casebook.book import Casebook
from casebook.plots import disclosures
from casebook.plots.theme import AT_LEAST, AT_MOST
from casebook.plots.words import between, counted, in_words

DISCHARGED = "discharged"


@dataclass(frozen=True)
class Span:
    """One row: a duration with its bounds, either of which may be open; or the reason why there is none.

    Attributes
    ----------
    label, side : str
        What lasted, and what is said beside it.
    group : str
        Under which heading it stands.
    least, most : float or None
        Days; None where that bound is open.
    censored : bool
        Whether it had not ended by the reference date, or could no longer end; then only ``least`` is a bound.
    note : str
        Why there is no duration, or how things stood at the reference date.
    """

    label: str
    side: str
    group: str
    least: float | None
    most: float | None
    censored: bool = False
    note: str = ""

    @property
    def middle(self) -> float | None:
        known = [bound for bound in (self.least, self.most) if bound is not None]
        return sum(known) / len(known) if known else None

    @property
    def order(self) -> tuple[bool, bool, float]:
        return self.middle is None, self.censored, self.middle or 0.0

    @property
    def pointed(self) -> bool:
        """Whether the bounds are so close that a mark between them tells the truth."""
        if self.least is None or self.most is None or self.censored:
            return False
        return self.most <= max(2 * self.least, self.least + 2)

    @property
    def open_side(self) -> str:
        if self.middle is None:
            return ""
        return AT_LEAST if self.censored or self.most is None else AT_MOST if self.least is None else ""

    @property
    def bounds(self) -> tuple[float, float]:
        """Bounds in days, 0 and infinity where nothing is known."""
        return self.least or 0.0, inf if self.most is None or self.censored else self.most

    @property
    def words(self) -> str:
        if self.middle is None:
            return self.note
        if self.censored:
            lasted = in_words(self.middle)
            return f"{self.note} after {lasted}" if self.note == DISCHARGED else f"{self.note}, {lasted} so far"
        if self.least is None or self.most is None:
            return f"{'at most' if self.least is None else 'at least'} {in_words(self.middle)}"
        return between(self.least, self.most)


def halfway(spans: Sequence[Span]) -> tuple[float, float]:
    """Least and greatest number of days within which half of the rows had ended, whatever the dates leave open."""
    half = (len(spans) + 1) // 2 - 1
    return sorted(span.bounds[0] for span in spans)[half], sorted(span.bounds[1] for span in spans)[half]


def half_in_words(spans: Sequence[Span], ended: str) -> str:
    """Within what time half of the rows had ended.

    Examples
    --------
    >>> half_in_words([Span("a", "", "", 90, 120), Span("b", "", "", 400, 410)], "public")
    'half were public within 3.0 to 3.9 months'
    """
    least, most = halfway(spans)
    if len(spans) == 1:
        return ""
    if most == inf:
        return f"half were {ended} within {in_words(least)} at the least" if least else ""
    if least == 0:
        return f"half were {ended} within {in_words(most)} at the most"
    text = between(least, most)
    same = text.split(" to ")
    short = len(same) == 2 and same[0].split()[1] == same[1].split()[1]
    return (
        f"half were {ended} within {same[0].split()[0]} to {same[1]}" if short else f"half were {ended} within {text}"
    )


def shares_in_words(spans: Sequence[Span], days: float, span: str, ended: str) -> str:
    """How many had surely ended within so many days, how many surely not, and for how many that is open."""
    within = sum(one.bounds[1] <= days for one in spans)
    beyond = sum(one.bounds[0] > days for one in spans)
    rest = len(spans) - within - beyond
    told = f"{within} {'was' if within == 1 else 'were'} surely {ended} within {span} and {beyond} surely not"
    return f"{told}; for {rest} the dates leave it open" if rest else told


def secret(book: Casebook, channel: Any, clock: disclosures.Clock, side: str, group: str) -> Span:
    """How long a channel, or what it agreed, stayed secret."""
    import pandas as pd

    least, most = (_number(getattr(channel, f"{clock.days}_{side}")) for side in ("min", "max"))
    note, censored = "", False
    if least is None and most is None:
        note = disclosures.absence(book, channel.channel_id, clock)
        if disclosures.known(channel, clock):
            note = "the dates of start and disclosure set no bound"
        undisclosed = book.reason("channels", channel.channel_id, clock.date) == "not_applicable"
        if undisclosed and book.reason("channels", channel.channel_id, clock.mode) is None:
            today = pd.Timestamp(book.metadata.reference_date)
            bounds = [(today - day).days for day in (channel.start_latest, channel.start_earliest) if pd.notna(day)]
            least, most, censored = (bounds[0], bounds[-1], True) if bounds else (None, None, False)
    return Span(channel.name, side, group, least, most, censored, note)


def durable(book: Casebook, case: Any) -> Span:
    """How long the outcome of a case held."""
    import pandas as pd

    table = book.schema.table("cases")
    least, most = (_number(getattr(case, f"durability_days_{side}")) for side in ("min", "max"))
    censored = bool(pd.notna(case.durability_censored) and case.durability_censored)
    shown = {name: book.store.shown("cases", case.case_id, name) for name in ("outcome", "reversal")}
    title, reversal = table.field("reversal").title.lower(), shown["reversal"].lower()
    reversal = reversal if title in reversal else f"{title}: {reversal}"
    side = f"{shown['outcome']}; {reversal}"
    note = "not reversed" if censored else book.store.shown("cases", case.case_id, "durability_days")
    if censored and getattr(case, "durability_end", "") == DISCHARGED:
        note = DISCHARGED
    if least is not None and not censored:
        note = reversal
    return Span(case.short_title, side, shown["outcome"], least, most, censored, note)


def durability(spans: Sequence[Span]) -> str:
    """The answer to how long outcomes held, in one sentence."""
    ended = [span for span in spans if span.middle is not None and not span.censored]
    censored = [span for span in spans if span.censored]
    holding = [span for span in censored if span.note != DISCHARGED]
    parts = []
    if ended:
        least, most = min(span.bounds[0] for span in ended), max(span.bounds[1] for span in ended)
        after = f" (after {between(least, most)})" if most < inf else ""
        parts.append(f"{len(ended)} reversed at least in part{after}")
    if len(holding) < len(censored):
        parts.append(f"{len(censored) - len(holding)} discharged (nothing more was owed) before any reversal")
    if holding:
        since = min(span.middle or 0 for span in holding)
        parts.append(f"{len(holding)} not reversed by the reference date (in {in_words(since)} or more)")
    if left := len(spans) - len(ended) - len(censored):
        parts.append(f"{left} without a duration")
    return f"Of {counted(len(spans), 'outcome')}: {'; '.join(parts)}."


def _number(value: Any) -> float | None:
    import pandas as pd

    return None if pd.isna(value) else float(value)
