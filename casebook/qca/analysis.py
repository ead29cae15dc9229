"""Asking a question: of conditions that a casebook declares, or of memberships of your own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.conditions import EXPECTATIONS, TABLE, analyses, declared
from casebook.qca.result import QCA
from casebook.qca.scales import Scale, declared_scales, levels
from casebook.qca.solution import Solved
from casebook.qca.truthtable import TOLERANCE, Choices, Sets

MAX_CONDITIONS = 8


def analyze(
    what: str,
    conditions: Sequence[str] | None = None,
    *,
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
        If the analysis, the outcome or a condition is not declared.
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
    rows = list(book.load(unit, alleged=alleged)[book.schema.table(unit).primary_key])
    names = [*dict.fromkeys(conditions), outcome]
    values = dict.fromkeys(((row, name) for row in rows for name in names), float("nan"))
    cases: dict[str, str] = {}
    memberships = book.load(TABLE)
    memberships = memberships[(memberships["table"] == unit) & memberships["condition"].isin(names)]
    columns = (memberships[name].tolist() for name in ("case_id", "row", "condition", "membership"))
    for case, row, name, value in zip(*columns, strict=True):
        if (row, name) in values and not pd.isna(value):
            values[row, name] = float(value)
        cases[row] = case
    frame = pd.DataFrame(
        {name: [values[row, name] for row in rows] for name in names}, index=pd.Index(rows, name="row")
    )
    nested = len({cases.get(row, row) for row in rows}) < len(rows)
    return _solve(
        frame,
        outcome,
        conditions,
        {name: known[name].expect for name in conditions},
        Choices(consistency, pri, frequency, contradictory, enhanced),
        negate,
        title or f"{known[outcome].title}?",
        unit,
        [cases.get(row, row) for row in rows] if nested else None,
        partial(declared_scales, book, TABLE, unit, tuple(names), alleged=alleged),
    )


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
    return _solve(memberships, outcome, conditions, expect or {}, choices, negate, title, unit, clusters, None)


def _solve(
    memberships: pd.DataFrame,
    outcome: str,
    conditions: Sequence[str],
    expect: Mapping[str, str],
    choices: Choices,
    negate: bool,
    title: str,
    unit: str,
    clusters: Sequence[object] | None,
    scales: Callable[..., tuple[Scale, ...]] | None,
) -> QCA:
    values = _checked(memberships, outcome, conditions, expect)
    if clusters is not None and len(clusters) != len(memberships):
        raise CasebookError(f"clusters must have a label for each of the {len(memberships)} rows, not {len(clusters)}")
    labels, aside, kept = _labels(memberships.index), {}, []
    for place, line in enumerate(values):
        if gaps := [name for name, value in zip([*conditions, outcome], line, strict=True) if np.isnan(value)]:
            aside[labels[place]] = f"no membership in {', '.join(gaps)}"
        elif middle := [name for name, value in zip(conditions, line, strict=False) if abs(value - 0.5) <= TOLERANCE]:
            aside[labels[place]] = f"exactly 0.5, neither in nor out, in {', '.join(middle)}"
        else:
            kept.append(place)
    if len(kept) < 2:
        raise CasebookError(
            f"only {len(kept)} of {len(memberships)} {unit} have all memberships in {', '.join([*conditions, outcome])}"
        )
    states = {"present": 1, "absent": 0, "either": None}
    rows = tuple(labels[place] for place in kept)
    sets = Sets(
        tuple(conditions),
        outcome,
        rows,
        values[kept, :-1],
        values[kept, -1],
        tuple(states[expect.get(name, "either")] for name in conditions),
        None if clusters is None else tuple(str(list(clusters)[place]) for place in kept),
    )
    sets = sets.opposite() if negate else sets
    if negate and title:
        title = f"The opposite of “{title}”"
    known = partial(levels, sets) if scales is None else partial(scales, keys=rows)
    return QCA(Solved(sets, choices), memberships.index[kept], title, unit, tuple(aside.items()), known)


def _checked(
    memberships: pd.DataFrame, outcome: str, conditions: Sequence[str], expect: Mapping[str, str]
) -> np.ndarray:
    """Memberships as numbers, conditions first, rounding beyond 0 and 1 cut off."""
    names = [*conditions, outcome]
    columns = list(memberships.columns)
    for name in [*names, *expect]:
        if name not in columns:
            raise UnknownNameError("column", name, map(str, columns))
        if columns.count(name) > 1:
            raise CasebookError(f"the column {name!r} stands twice; give each set a name of its own")
        if str(name).startswith("~"):
            raise CasebookError(f"name the column {name!r} without ~, which stands for absence")
    if not 2 <= len(conditions) <= MAX_CONDITIONS or len(set(names)) < len(names):
        raise CasebookError(
            f"give 2 to {MAX_CONDITIONS} different conditions beside the outcome, not {list(conditions)}"
        )
    for state in expect.values():
        if state not in EXPECTATIONS:
            raise UnknownNameError("expectation", state, EXPECTATIONS)
    try:
        values = memberships[names].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise CasebookError(f"memberships in {', '.join(names)} must be numbers from 0 to 1: {error}") from error
    if ((values < -TOLERANCE) | (values > 1 + TOLERANCE)).any():
        raise CasebookError("memberships must lie between 0 and 1; calibrate the values first")
    return values.clip(0, 1)


def _labels(index: pd.Index) -> list[str]:
    """One label for each row; a name that stands twice gets the place of the row."""
    texts = [" ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in index]
    count = Counter(texts)
    return [text if count[text] == 1 else f"{text} (row {place})" for place, text in enumerate(texts, 1)]
