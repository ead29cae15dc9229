"""How long things of a casebook lasted, from what its dates leave open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from casebook._support.arguments import told
from casebook.book import Casebook, packaged_release
from casebook.durations.results import Durations, Estimate
from casebook.durations.selection import Where, grouped, select
from casebook.durations.turnbull import CLOSED, resampled, turnbull
from casebook.errors import CasebookError, UnknownNameError
from casebook.views.intervals import CLOCKS, intervals

if TYPE_CHECKING:
    import pandas as pd

RETROSPECTIVE = ("memoir_or_interview", "archive_release")
MAX_DRAWS = 1_000_000
READINGS = ("date", "upper_bound")


@told("casebook.durations.analyze('existence')")
def analyze(
    clock: str,
    *,
    where: Where | None = None,
    by: str | None = None,
    cases: Iterable[str] | None = None,
    book: Casebook | None = None,
    alleged: bool = False,
    retrospective: str = "date",
    closed: str = "right",
    draws: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Durations:
    """Say how long something lasted, without guessing at what the dates leave open.

    Parameters
    ----------
    clock : {"existence", "terms", "life", "durability"}
        Secrecy of a channel's existence or of its terms, from its first contact; time from its first to its last
        contact; time from an outcome to its first reversal.
    where : mapping of str to str, bool or sequence of str, optional
        Variables of the table (channels, or cases for durability) and the values with which a row counts, for example
        ``{"secrecy_scope": "existence_and_content"}``.
    by : str, optional
        A variable with categories or a truth value, to estimate each of its groups apart.
    cases : iterable of str, optional
        Only these cases, by identifier or title, as in `casebook.load`.
    book : Casebook, optional
        A casebook of your own; the packaged one if not given.
    alleged : bool, default False
        Also take rows with status alleged.
    retrospective : {"date", "upper_bound"}, default "date"
        What the date of a disclosure by memoir, interview or archive is: the date, or the latest that it can have been,
        since it is that of the earliest publication found. The secret then lasted at least as long as the channel.
    closed : {"right", "both"}, default "right"
        As in `turnbull`.
    draws : int, default 1000
        Bootstrap samples for the interval; 0 for none.
    confidence : float, default 0.95
        Confidence of the interval.
    seed : int, default 0
        Seed of numpy's default generator.

    Returns
    -------
    Durations
        One `Estimate` for each group, with bounds that assume nothing, Turnbull's estimate, its interval, its
        correction for truncation, and a reading.

    Raises
    ------
    UnknownNameError
        If there is no such clock, variable or case.
    CasebookError
        If a value does not exist, an option cannot be, or no row is left.

    Notes
    -----
    Every row is an interval of days: from the latest start to the earliest end, and from the earliest start to the
    latest end. An open end of a date is an open end of the interval; an open start is that of the case. What had not
    ended by the reference date of the release (terms not disclosed, outcomes not reversed) is censored on the right
    there. A row of unknown date can be of any length: it widens the bounds, and tells the estimate nothing. A row to
    which the clock does not apply is left out. All are counted.

    The bounds are the medians of the lower and of the upper bounds, and shares of rows: they hold for these rows
    whatever the dates leave open. The estimate (see `turnbull`) adds the supposition that how well a duration is known
    has nothing to do with its length. Its interval is the range of the middle part of as many estimates from cases
    drawn anew with all their rows, as rows of one case are not independent (cluster bootstrap; Efron and Tibshirani
    1993, An introduction to the bootstrap). With about ten cases it is rough, and usually too narrow.

    The clock ``existence`` is also truncated: a channel is in the table only because it has become public by the
    reference date. The corrected estimate weighs each row against those that could not be known yet. It supposes that
    secrets of earlier and later years are of like length, which changes in the law of archives make doubtful, and holds
    only among durations as short as the longest time that could be watched. No interval is given for it, as in many
    resamples hardly any channel could have been watched for long. Terms need no such correction: a channel is in the
    table whether or not its terms came out.

    Examples
    --------
    >>> from casebook import durations
    >>> found = durations.analyze("terms", where={"secrecy_scope": "existence_and_content"}, draws=50)
    >>> list(found.to_frame().index)
    ['all']
    >>> least, most = found.estimates[0].bounds()
    >>> least <= most
    True
    """
    if clock not in CLOCKS:
        raise UnknownNameError("clock", clock, CLOCKS)
    for name, value, choices in (("retrospective", retrospective, READINGS), ("closed", closed, CLOSED)):
        if value not in choices:
            raise CasebookError(f"{name} is {' or '.join(map(repr, choices))}, not {value!r}")
    if not 0 <= draws <= MAX_DRAWS or not 0 < confidence < 1:
        raise CasebookError(f"draws must be 0 to {MAX_DRAWS:,}, and confidence between 0 and 1")
    book = book or packaged_release()
    chosen = CLOCKS[clock]
    frame = select(book, chosen.table, where, cases, alleged)
    spans = intervals(book.store, chosen, frame)
    if retrospective == "upper_bound" and chosen.selected | (clock == "terms"):
        life = intervals(book.store, CLOCKS["life"], frame)["lower"].fillna(0.0)
        late = spans["ending"].isin(RETROSPECTIVE) & (life < spans["lower"])
        spans = spans.assign(lower=spans["lower"].mask(late, life), kind=spans["kind"].mask(late, "left"))
    root = book.schema.root
    keys = book.schema.table(chosen.table).keys_to(root.name)
    spans.insert(0, "case", frame[keys[0] if keys else root.primary_key].to_numpy())
    estimates = [
        _estimate(name, spans[rows.to_numpy()], closed, draws, confidence, seed)
        for name, rows in grouped(book, chosen.table, frame, by)
    ]
    return Durations(clock, chosen, tuple(estimates), confidence)


def _estimate(name: str, spans: pd.DataFrame, closed: str, draws: int, confidence: float, seed: int) -> Estimate:
    told = spans[spans["kind"].ne("not_applicable") & ~(spans["lower"].eq(0) & np.isinf(spans["upper"]))]
    if told.empty:
        return Estimate(name, spans, None, None, (), confidence, closed)
    survival = turnbull(told["lower"], told["upper"], closed=closed)
    truncated = np.isfinite(told["limit"]).any()
    corrected = turnbull(told["lower"], told["upper"], limits=told["limit"], closed=closed) if truncated else None
    codes, cases = told["case"].factorize()
    generator = np.random.default_rng(seed)
    picks = generator.integers(0, len(cases), (draws if len(cases) > 1 else 0, len(cases)))
    weights = np.array([np.bincount(pick, minlength=len(cases))[codes] for pick in picks], float)
    samples = tuple(resampled(told["lower"], told["upper"], weights, closed))
    return Estimate(name, spans, survival, corrected, samples, confidence, closed)
