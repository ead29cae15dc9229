"""Asking a question: of conditions that a casebook declares, or of memberships of your own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import compress

import numpy as np
import pandas as pd

from casebook._support.arguments import told
from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.conditions import EXPECTATIONS, TABLE, analyses, declared
from casebook.qca.result import QCA
from casebook.qca.scales import Scale, declared_scales, levels
from casebook.qca.solution import Solved
from casebook.qca.truthtable import TOLERANCE, Choices, Sets

MAX_CONDITIONS = 8


@told("casebook.qca.analyze('settlement')")
def analyze(
    what: str,
    conditions: Sequence[str] | None = None,
    *,
    cases: Iterable[str] | None = None,
    book: Casebook | None = None,
    negate: bool = False,
    consistency: float = 0.8,
    pri: float = 0.5,
    frequency: int = 1,
    contradictory: str = "exclude",
    enhanced: bool = False,
    alleged: bool = False,
) -> QCA:
    """Analyze an outcome under a few of the conditions that a casebook declares.

    Parameters
    ----------
    what : str
        Name of a declared analysis, or of an outcome.
    conditions : sequence of str, optional
        Names of conditions of the same table, two to eight; those of the declared analysis if not given.
    cases : iterable of str, optional
        Only these cases, by identifier or title, as in `casebook.load`.
    book : Casebook, optional
        A casebook of your own; the packaged one if not given.
    negate : bool, default False
        Explain the absence of the outcome. Expectations are then turned round.
    consistency : float, default 0.8
        Least consistency with which a configuration counts as sufficient. Figures that reach a cut but for rounding
        (a millionth) pass.
    pri : float, default 0.5
        Least proportional reduction in inconsistency with which it does.
    frequency : int, default 1
        Least number of rows that a configuration needs; rarer ones are treated as remainders.
    contradictory : {"exclude", "include"}, default "exclude"
        Whether a configuration with rows on both sides of the outcome can count as sufficient. With ``"include"`` the
        cuts alone decide, as in R's package QCA.
    enhanced : bool, default False
        Enhanced standard analysis (Schneider and Wagemann 2012, chapter 8): assume nothing of remainders that would be
        counted as sufficient both for the outcome and for its absence, nor of those without a necessary condition.
    alleged : bool, default False
        Also take rows with status alleged.

    Returns
    -------
    QCA
        Truth table, typology, necessity, the three solutions and a reading. Rows with a missing membership are set
        aside.

    Raises
    ------
    UnknownNameError
        If the analysis, the outcome or a condition is not declared, or a case does not exist.
    CasebookError
        If fewer than two rows are left, if the conditions are too few or too many, or if a choice is impossible.

    Examples
    --------
    >>> from casebook import qca
    >>> result = qca.analyze("settlement")
    >>> result.conditions
    ['stalemate_hurts', 'deadline_presses', 'front_blocked']
    >>> len(result.truth_table)
    8
    """
    book = book or packaged_release()
    choices = Choices(consistency, pri, frequency, contradictory, enhanced)
    title, outcome, conditions = _question(book, what, conditions)
    known = declared(book.schema.table(TABLE))
    unit = known[outcome].table
    expect = {name: known[name].expect for name in conditions}
    _check_question(outcome, conditions, expect)
    table = book.schema.table(unit)
    found = book.store.memberships(table, [*conditions, outcome], alleged=alleged)
    if cases is not None:
        rows = book.load(unit, cases=cases, alleged=alleged)[table.primary_key]
        found = found.only(pd.Index(found.rows).isin(rows))
    values = _checked(found.values)
    nested = len(set(found.cases)) < len(found.rows)
    sets = _sets(values, outcome, conditions, found.rows, expect, found.cases if nested else None)
    scales = partial(declared_scales, book, TABLE, unit, (*conditions, outcome), alleged=alleged)
    return _solve(sets, choices, negate, title or f"{known[outcome].title}?", unit, partial(_named, found.rows), scales)


def _question(book: Casebook, what: str, conditions: Sequence[str] | None) -> tuple[str, str, Sequence[str]]:
    """Title, outcome and conditions of what is asked."""
    table = book.schema.table(TABLE)
    known, planned = declared(table), analyses(table)
    if conditions is None:
        if what not in planned:
            raise UnknownNameError("declared analysis (or name the conditions)", what, planned)
        title, outcome, conditions = planned[what].title, planned[what].outcome, planned[what].conditions
    else:
        title, outcome = "", what
    outcomes = [c.name for c in known.values() if c.role == "outcome"]
    if outcome not in outcomes:
        raise UnknownNameError("outcome", outcome, outcomes)
    unit = known[outcome].table
    beside = [c.name for c in known.values() if c.table == unit and c.name != outcome]
    for name in conditions:
        if name not in beside:
            raise UnknownNameError(f"condition of {unit}", name, beside)
    return title, outcome, conditions


@told("casebook.qca.solve(memberships, 'outcome', ['first', 'second'])")
def solve(
    memberships: pd.DataFrame,
    outcome: str,
    conditions: Sequence[str],
    *,
    expect: Mapping[str, str] | None = None,
    negate: bool = False,
    consistency: float = 0.8,
    pri: float = 0.5,
    frequency: int = 1,
    contradictory: str = "exclude",
    enhanced: bool = False,
    clusters: Sequence[object] | None = None,
    title: str = "",
    unit: str = "rows",
) -> QCA:
    """Analyze memberships of your own.

    Parameters
    ----------
    memberships : DataFrame
        One row per case, one column per set, values from 0 to 1; the index names the cases. Where a name stands twice,
        the place of the row is added to it.
    outcome : str
        Column of the outcome.
    conditions : sequence of str
        Columns of the conditions.
    expect : mapping of str to {"present", "absent", "either"}, optional
        State in which theory expects each condition to help the outcome; either where not given.
    negate, consistency, pri, frequency, contradictory, enhanced
        As in `analyze`.
    clusters : sequence, optional
        What each row belongs to, such as its case or country, for `QCA.clusters` and for leaving out whole cases.
    title, unit : str, optional
        What is asked, and what the rows are, for the reading.

    Returns
    -------
    QCA
        The analysis.

    Raises
    ------
    UnknownNameError
        If a column, or an expectation, does not exist.
    CasebookError
        As in `analyze`, or if a membership is no number from 0 to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from casebook import qca
    >>> frame = pd.DataFrame({"A": [1, 1, 0, 0], "B": [1, 0, 1, 0], "Y": [1, 1, 0, 0]})
    >>> qca.solve(frame, "Y", ["A", "B"]).formulas["parsimonious"]
    'A'
    """
    choices = Choices(consistency, pri, frequency, contradictory, enhanced)
    expect = expect or {}
    names = [*conditions, outcome]
    if not hasattr(memberships, "columns"):
        raise CasebookError(
            f"memberships must be a DataFrame with a column for each condition, not {type(memberships).__name__}"
        )
    columns = list(memberships.columns)
    for name in [*names, *expect]:
        if name not in columns:
            raise UnknownNameError("column", name, map(str, columns))
        if columns.count(name) > 1:
            raise CasebookError(f"the column {name!r} stands twice; give each set a name of its own")
        if str(name).startswith("~"):
            raise CasebookError(f"name the column {name!r} without ~, which stands for absence")
    _check_question(outcome, conditions, expect)
    try:
        numbers = memberships[names].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise CasebookError(f"memberships in {', '.join(names)} must be numbers from 0 to 1: {error}") from error
    values = _checked(numbers)
    if clusters is not None and len(clusters) != len(memberships):
        raise CasebookError(f"clusters must have a label for each of the {len(memberships)} rows, not {len(clusters)}")
    belong = None if clusters is None else tuple(map(str, clusters))
    sets = _sets(values, outcome, conditions, _labels(memberships.index), expect, belong)
    return _solve(sets, choices, negate, title, unit, memberships.index.take, None)


def _check_question(outcome: str, conditions: Sequence[str], expect: Mapping[str, str]) -> None:
    if not 2 <= len(conditions) <= MAX_CONDITIONS or len({*conditions, outcome}) <= len(conditions):
        raise CasebookError(
            f"give 2 to {MAX_CONDITIONS} different conditions beside the outcome, not {list(conditions)}"
        )
    for state in expect.values():
        if state not in EXPECTATIONS:
            raise UnknownNameError("expectation", state, EXPECTATIONS)


def _checked(values: np.ndarray) -> np.ndarray:
    """Memberships, rounding beyond 0 and 1 cut off."""
    if ((values < -TOLERANCE) | (values > 1 + TOLERANCE)).any():
        raise CasebookError("memberships must lie between 0 and 1; calibrate the values first")
    return values.clip(0, 1)


def _sets(
    values: np.ndarray,
    outcome: str,
    conditions: Sequence[str],
    rows: tuple[str, ...],
    expect: Mapping[str, str],
    clusters: tuple[str, ...] | None,
) -> Sets:
    """Memberships as sets, the last column being the outcome."""
    states = {"present": 1, "absent": 0, "either": None}
    expected = tuple(states[expect.get(name, "either")] for name in conditions)
    return Sets(tuple(conditions), outcome, rows, values[:, :-1], values[:, -1], expected, clusters)


def _solve(
    sets: Sets,
    choices: Choices,
    negate: bool,
    title: str,
    unit: str,
    names: Callable[[Sequence[int]], pd.Index],
    scales: Callable[..., tuple[Scale, ...]] | None,
) -> QCA:
    """The analysis of those rows that can be used; `names` gives the names of the rows at some places."""
    count = len(sets.rows)
    aside = _aside(sets)
    kept = [place for place in range(count) if place not in aside]
    if len(kept) < 2:
        asked = ", ".join([*sets.conditions, sets.outcome])
        raise CasebookError(f"only {len(kept)} of {count} {unit} have all memberships in {asked}")
    why = tuple((sets.rows[place], reason) for place, reason in aside.items())
    sets = sets.only(kept)
    sets = sets.opposite() if negate else sets
    if negate and title:
        title = f"The opposite of “{title}”"
    known = partial(levels, sets) if scales is None else partial(scales, keys=sets.rows)
    return QCA(Solved(sets, choices), partial(names, kept), title, unit, why, known)


def _aside(sets: Sets) -> dict[int, str]:
    """Places of the rows that cannot be used, and why."""
    gaps = np.isnan(np.column_stack([sets.x, sets.y]))
    middle = abs(sets.x - 0.5) <= TOLERANCE
    aside = {}
    for place in np.flatnonzero(gaps.any(axis=1) | middle.any(axis=1)).tolist():
        if gaps[place].any():
            aside[place] = f"no membership in {', '.join(compress([*sets.conditions, sets.outcome], gaps[place]))}"
        else:
            undecided = ", ".join(compress(sets.conditions, middle[place]))
            aside[place] = f"exactly 0.5, neither in nor out, in {undecided}"
    return aside


def _named(rows: Sequence[str], places: Sequence[int]) -> pd.Index:
    return pd.Index([rows[place] for place in places], name="row")


def _labels(index: pd.Index) -> tuple[str, ...]:
    """One label for each row; a name that stands twice gets the place of the row."""
    texts = [" ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in index]
    count = Counter(texts)
    return tuple(text if count[text] == 1 else f"{text} (row {place})" for place, text in enumerate(texts, 1))
