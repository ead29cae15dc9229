"""Qualitative comparative analysis: which configurations of conditions go with an outcome, and which never occur."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.conditions import TABLE, analyses, declared
from casebook.views.html import STYLE, html_table

if TYPE_CHECKING:
    import pandas as pd

    from casebook.qca.truthtable import Solution

MAX_CONDITIONS = 8
NECESSARY = 0.9
CAUTION = (
    "The cases were chosen, not sampled, and share history and coders. This describes how conditions go together in "
    "them; it does not show that the conditions cause the outcome, nor that other cases would follow."
)
ASSUMPTIONS = {
    "complex": "assuming nothing about what did not occur",
    "intermediate": "assuming of it only what theory expects",
    "parsimonious": "assuming of it whatever makes the formula shortest",
}


def analyze(
    what: str,
    conditions: Sequence[str] | None = None,
    *,
    book: Casebook | None = None,
    negate: bool = False,
    consistency: float = 0.8,
    pri: float = 0.5,
    frequency: int = 1,
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
        Least consistency with which a configuration counts as sufficient.
    pri : float, default 0.5
        Least proportional reduction in inconsistency with which it does.
    frequency : int, default 1
        Least number of rows that a configuration needs; rarer ones are treated as remainders.
    alleged : bool, default False
        Also take rows with status alleged.

    Returns
    -------
    QCA
        Truth table, necessity, the three solutions and a reading. Rows with a missing membership are set aside.

    Raises
    ------
    UnknownNameError
        If the analysis, the outcome or a condition is not declared.
    CasebookError
        If fewer than two rows are left, if the conditions are too few or too many, or if pyqca is not installed.

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
    memberships = book.load(TABLE)
    rows = book.load(unit, alleged=alleged)[book.schema.table(unit).primary_key]
    memberships = memberships[(memberships["table"] == unit) & memberships["row"].isin(rows)]
    frame = memberships.pivot(index="row", columns="condition", values="membership")
    return solve(
        frame.reindex(index=list(rows), columns=[*conditions, outcome]),
        outcome,
        conditions,
        expect={name: known[name].expect for name in conditions},
        negate=negate,
        consistency=consistency,
        pri=pri,
        frequency=frequency,
        title=title or f"{known[outcome].title}?",
        unit=unit,
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
    title: str = "",
    unit: str = "rows",
) -> QCA:
    """Analyze memberships of your own.

    Parameters
    ----------
    memberships : DataFrame
        One row per case, one column per set, values from 0 to 1; the index names the cases.
    outcome : str
        Column of the outcome.
    conditions : sequence of str
        Columns of the conditions.
    expect : mapping of str to {"present", "absent", "either"}, optional
        State in which theory expects each condition to help the outcome; either where not given.
    negate, consistency, pri, frequency
        As in `analyze`.
    title, unit : str, optional
        What is asked, and what the rows are, for the reading.

    Returns
    -------
    QCA
        The analysis.

    Raises
    ------
    UnknownNameError
        If a column does not exist.
    CasebookError
        As in `analyze`, or if a membership lies outside 0 to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from casebook import qca
    >>> frame = pd.DataFrame({"A": [1, 1, 0, 0], "B": [1, 0, 1, 0], "Y": [1, 1, 0, 0]})
    >>> qca.solve(frame, "Y", ["A", "B"]).formulas["parsimonious"]
    'A'
    """
    names = [*conditions, outcome]
    for name in names:
        if name not in memberships:
            raise UnknownNameError("column", name, map(str, memberships.columns))
    if not 2 <= len(conditions) <= MAX_CONDITIONS or len(set(names)) < len(names):
        raise CasebookError(
            f"give 2 to {MAX_CONDITIONS} different conditions beside the outcome, not {list(conditions)}"
        )
    for option, value in (("consistency", consistency), ("pri", pri)):
        if not 0 <= value <= 1:
            raise CasebookError(f"{option} must lie between 0 and 1, not {value}")
    if frequency < 1:
        raise CasebookError(f"frequency must be at least 1, not {frequency}")
    frame = memberships[names].astype("Float64").astype(float)
    if ((frame < 0) | (frame > 1)).any(axis=None):
        raise CasebookError("memberships must lie between 0 and 1; calibrate the values first")
    aside = {}
    for row, values in frame.iterrows():
        if gaps := [name for name in names if math.isnan(values[name])]:
            aside[str(row)] = f"no membership in {', '.join(gaps)}"
        elif middle := [name for name in conditions if values[name] == 0.5]:
            aside[str(row)] = f"exactly 0.5, neither in nor out, in {', '.join(middle)}"
    frame = frame[[str(row) not in aside for row in frame.index]]
    if len(frame) < 2:
        raise CasebookError(
            f"only {len(frame)} of {len(memberships)} {unit} have all memberships in {', '.join(names)}"
        )
    if negate:
        frame[outcome] = 1 - frame[outcome]
    return QCA(
        frame, outcome, list(conditions), dict(expect or {}), negate, consistency, pri, frequency, title, unit, aside
    )


class QCA:
    """An analysis; made by `analyze` and `solve`.

    Attributes
    ----------
    outcome : str
        Name of the outcome, with ``~`` before it where its absence is explained.
    conditions : list of str
        Names of the conditions.
    memberships : DataFrame
        Memberships of the rows analyzed.
    set_aside : dict of str to str
        Rows that could not be used, and why.
    truth_table : DataFrame
        One row per configuration: the conditions (1 or 0), ``rows``, ``in_outcome``, ``consistency``, ``pri``,
        ``status`` (sufficient, not sufficient, remainder), ``contradictory``, and ``members``.
    necessity : DataFrame
        One row per condition and its absence: ``consistency``, ``coverage``, and ``relevance`` (Schneider and
        Wagemann's relevance of necessity), indexed by name.
    solutions : DataFrame
        One row per solution and term: ``consistency``, ``pri``, ``raw_coverage``, ``unique_coverage``, ``members``.
    formulas : dict of str to str
        Complex, intermediate and parsimonious solution as a formula; empty where no configuration is sufficient.
    models : dict of str to list of str or None
        Every equally short formula of each solution; None where there are too many to try.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        outcome: str,
        conditions: list[str],
        expect: dict[str, str],
        negate: bool,
        consistency: float,
        pri: float,
        frequency: int,
        title: str,
        unit: str,
        aside: dict[str, str],
    ) -> None:
        import pandas as pd

        from casebook.qca.truthtable import formula, membership, minimize, necessity, truth_table

        self.memberships, self.conditions, self.set_aside = frame, conditions, aside
        self.outcome = f"~{outcome}" if negate else outcome
        self.consistency, self.pri, self.frequency = consistency, pri, frequency
        self.title, self.unit = title, unit
        sets, y = frame[conditions], frame[outcome].to_numpy(dtype=float)
        self.truth_table = truth_table(sets, y, consistency, pri, frequency)
        single = {
            formula(conditions, [term]): necessity(membership(sets, term), y)
            for place in range(len(conditions))
            for term in (_literal(len(conditions), place, 1), _literal(len(conditions), place, 0))
        }
        self.necessity = pd.DataFrame.from_dict(single, orient="index").rename_axis("condition")
        wanted = {"present": 0, "absent": 1} if negate else {"present": 1, "absent": 0}
        found = minimize(self.truth_table, [wanted.get(expect.get(name, "either")) for name in conditions])
        self.formulas = {kind: formula(conditions, solution.terms) for kind, solution in found.items()}
        self.models = {
            kind: None if solution.models is None else [formula(conditions, terms) for terms in solution.models]
            for kind, solution in found.items()
        }
        self.solutions = self._solutions(found, sets, y)

    def _solutions(self, found: Mapping[str, Solution], sets: pd.DataFrame, y: Any) -> pd.DataFrame:
        import numpy as np
        import pandas as pd

        from casebook.qca.truthtable import formula, membership, sufficiency

        def row(kind: str, label: str, x: Any, unique: float) -> dict[str, Any]:
            members = ", ".join(map(str, sets.index[x > 0.5]))
            return {"solution": kind, "term": label, **sufficiency(x, y), "unique_coverage": unique, "members": members}

        rows = []
        for kind, solution in found.items():
            parts = [membership(sets, term) for term in solution.terms]
            for place, (term, x) in enumerate(zip(solution.terms, parts, strict=True)):
                others = np.max([*parts[:place], *parts[place + 1 :], np.zeros(len(y))], axis=0)
                whole = sufficiency(np.maximum(others, x), y)["raw_coverage"]
                unique = whole - sufficiency(others, y)["raw_coverage"]
                rows.append(row(kind, formula(self.conditions, [term]), x, unique))
            if len(parts) > 1:
                rows.append(row(kind, "(all terms)", np.max(parts, axis=0), float("nan")))
        columns = ["solution", "term", "consistency", "pri", "raw_coverage", "unique_coverage", "members"]
        return pd.DataFrame(rows, columns=columns)

    def conclusions(self) -> dict[str, bool | str]:
        """What the analysis says, as named conclusions for `casebook.multiverse`.

        Returns
        -------
        dict
            Each solution as a formula, and for each condition and its absence whether it passes as necessary
            (consistency at least 0.9).
        """
        necessary = self.necessity["consistency"] >= NECESSARY
        formulas = {f"{kind} solution": formula or "none" for kind, formula in self.formulas.items()}
        return {**formulas, **{f"{name} is necessary": bool(value) for name, value in necessary.items()}}

    def to_frame(self) -> pd.DataFrame:
        """The solutions as data; a fresh copy."""
        return self.solutions.copy()

    def reading(self) -> list[str]:
        """The analysis in plain words, one sentence or two per point."""
        seen, rare = self.truth_table["rows"] > 0, self.truth_table["rows"].between(1, self.frequency - 1)
        gone = f" {len(self.set_aside)} more could not be used, for want of a membership." if self.set_aside else ""
        few = f" {int(rare.sum())} of them are too rare to count." if rare.any() else ""
        empty = f"the other {int((~seen).sum())} are logical remainders, on which only theory speaks"
        inside = int((self.memberships.iloc[:, -1] > 0.5).sum())
        return [
            f"{len(self.memberships)} {self.unit}, of which {inside} are more in than out of {self.outcome}.{gone}",
            f"{len(self.conditions)} conditions make {len(seen)} configurations, of which {int(seen.sum())} occur"
            + (f"; {empty} (limited diversity)." if not seen.all() else ".")
            + few,
            *self._read_contradictions(),
            *self._read_necessity(),
            *self._read_solutions(),
            CAUTION,
        ]

    def _read_contradictions(self) -> list[str]:
        from casebook.qca.truthtable import formula

        bad = self.truth_table[self.truth_table["contradictory"]]
        if bad.empty:
            return [f"No configuration is contradictory: {self.unit} alike in all conditions agree on the outcome."]
        shown = []
        for row in bad.head(3).to_dict("records"):
            parts = formula(self.conditions, [tuple(row[name] for name in self.conditions)])
            shown.append(f"{parts} ({row['in_outcome']} of {row['rows']} in the outcome: {row['members']})")
        first = "the largest are " if len(bad) > 3 else ""
        return [
            f"{len(bad)} of the configurations that occur {'is' if len(bad) == 1 else 'are'} contradictory, so that "
            f"something else tells these {self.unit} apart: {first}{'; '.join(shown)}."
        ]

    def _read_necessity(self) -> list[str]:
        passed = self.necessity[self.necessity["consistency"] >= NECESSARY]
        if passed.empty:
            best = self.necessity["consistency"].idxmax()
            value = self.necessity["consistency"].max()
            return [
                f"No single condition is necessary; the nearest is {best} (consistency {value:.2f}, below {NECESSARY})."
            ]
        lines = []
        for name, row in passed.iterrows():
            trivial = "; but nearly every row has it, so that this says little" if row["relevance"] < 0.5 else ""
            measures = f"consistency {row['consistency']:.2f}, relevance {row['relevance']:.2f}"
            lines.append(f"{name} passes as necessary ({measures}){trivial}.")
        return lines

    def _read_solutions(self) -> list[str]:
        if not self.formulas["complex"]:
            return [f"No configuration is sufficient at consistency {self.consistency} and PRI {self.pri}."]
        lines = []
        for kind, assumption in ASSUMPTIONS.items():
            whole = self.solutions[self.solutions["solution"] == kind].iloc[-1]
            models = self.models[kind]
            number = "too many to count" if models is None else len(models) - 1
            others = f"; other formulas as short: {number}, so that it is one reading among several" if number else ""
            lines.append(
                f"The {kind} solution ({assumption}): {self.formulas[kind]}, with consistency "
                f"{whole['consistency']:.2f} and coverage {whole['raw_coverage']:.2f}{others}."
            )
        return lines

    def __str__(self) -> str:
        return "\n".join([f"{self.title} ({self.outcome})".strip(), *self.reading()])

    def __repr__(self) -> str:
        return f"<QCA of {self.outcome}: {len(self.memberships)} {self.unit}, conditions {', '.join(self.conditions)}>"

    def _repr_html_(self) -> str:
        parts = [STYLE, f"<div class='casebook'><h3>{escape(self.title or self.outcome)}</h3>"]
        parts += [f"<p>{escape(line)}</p>" for line in self.reading()]
        tables = (
            ("Truth table", self.truth_table[self.truth_table["rows"] > 0]),
            ("Necessity", self.necessity.reset_index()),
            ("Solutions", self.solutions),
        )
        for heading, frame in tables:
            rows = [[_shown(cell) for cell in row] for row in frame.itertuples(index=False)]
            parts.append(
                f"<details open><summary><b>{heading}</b></summary>{html_table(list(frame.columns), rows)}</details>"
            )
        return "".join([*parts, "</div>"])


def _literal(length: int, place: int, value: int) -> tuple[int | None, ...]:
    return tuple(value if number == place else None for number in range(length))


def _shown(cell: Any) -> str:
    if isinstance(cell, float):
        return "" if math.isnan(cell) else f"{cell:.2f}"
    return str(cell)
