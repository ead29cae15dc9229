"""What an analysis gives: tables, solutions, and a reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from casebook.errors import UnknownNameError
from casebook.qca import reading
from casebook.qca.cases import by_cluster, typology
from casebook.qca.minimize import KINDS
from casebook.qca.scales import Scale
from casebook.qca.solution import NECESSARY, Solved
from casebook.qca.truthtable import TOLERANCE, Choices, membership, reaches, sufficiency, total

if TYPE_CHECKING:
    from casebook.qca.minimize import Model


@dataclass(frozen=True, eq=False, repr=False)
class QCA:
    """An analysis; made by `analyze` and `solve`. Every table is made afresh, so that changing one spoils nothing.

    Attributes
    ----------
    solved : Solved
        Memberships, choices and models, for further computation.
    names : callable
        Gives the names of the rows analyzed.
    title : str
        What is asked.
    unit : str
        What the rows are.
    aside : tuple of (str, str)
        Rows that could not be used, and why.
    scales : callable
        Gives the anchors of the calibration, as far as they are known.
    """

    solved: Solved
    names: Callable[[], pd.Index]
    title: str
    unit: str
    aside: tuple[tuple[str, str], ...]
    scales: Callable[[], tuple[Scale, ...]]

    @cached_property
    def index(self) -> pd.Index:
        """Names of the rows analyzed."""
        return self.names()

    @property
    def outcome(self) -> str:
        """Name of the outcome, with ``~`` before it where its absence is explained."""
        return self.solved.sets.outcome

    @property
    def heading(self) -> str:
        """What is asked, and of which outcome or absence of an outcome."""
        return f"{self.title} ({self.outcome})".strip()

    @property
    def conditions(self) -> list[str]:
        """Names of the conditions."""
        return list(self.solved.sets.conditions)

    @property
    def choices(self) -> Choices:
        """Cuts and other choices."""
        return self.solved.choices

    @property
    def set_aside(self) -> dict[str, str]:
        """Rows that could not be used, and why."""
        return dict(self.aside)

    @property
    def memberships(self) -> pd.DataFrame:
        """Memberships of the rows analyzed, one column for each condition and the last for the outcome."""
        sets = self.solved.sets
        columns = {name: column.copy() for name, column in zip(sets.conditions, sets.x.T, strict=True)}
        return pd.DataFrame({**columns, self.outcome: sets.y.copy()}, index=self.index.copy())

    @property
    def truth_table(self) -> pd.DataFrame:
        """One row per configuration, the most frequent first.

        The conditions (1 or 0), ``rows``, ``in_outcome``, ``consistency``, ``pri``, ``status`` (sufficient, not
        sufficient, remainder), ``contradictory`` (whether there are rows on both sides of the outcome), ``members``.
        """
        solved, sets = self.solved, self.solved.sets
        fit, rows = solved.measured, solved.observed
        status = {**dict.fromkeys(rows.positive, "sufficient"), **dict.fromkeys(rows.negative, "not sufficient")}
        frame = pd.DataFrame(
            [[int(bool(code & bit)) for bit in sets.bits] for code in sets.codes], columns=list(sets.conditions)
        ).assign(
            rows=fit.rows,
            in_outcome=fit.inside,
            consistency=fit.consistency,
            pri=fit.pri,
            status=[status.get(code, "remainder") for code in sets.codes],
            contradictory=fit.contradictory,
            members=[self._members(corner) for corner in sets.corners],
        )
        return frame.sort_values("rows", ascending=False, kind="stable", ignore_index=True)

    @property
    def necessity(self) -> pd.DataFrame:
        """One row per condition and its absence: ``consistency``, ``coverage``, and ``relevance``, indexed by name.

        Relevance is Schneider and Wagemann's (2012) relevance of necessity; below 0.6 a necessary condition is trivial.
        """
        sets = self.solved.sets
        found = {sets.formula((literal,)): fit for literal, fit in self.solved.necessary.items()}
        return pd.DataFrame.from_dict(found, orient="index").rename_axis("condition")

    @property
    def models(self) -> dict[str, list[str] | None]:
        """Every model of each solution, the one shown first; None where there are too many to list.

        Complex and parsimonious models are the shortest ones. Each pair of a complex and a parsimonious model has
        intermediate models of its own, which need not be equally short.
        """
        found = {kind: self.solved.models(kind) for kind in KINDS}
        return {
            kind: list(map(self.solved.sets.formula, models.found)) if models.complete else None
            for kind, models in found.items()
        }

    @property
    def formulas(self) -> dict[str, str]:
        """The model shown of each solution; empty where no configuration is sufficient."""
        return {kind: self.solved.sets.formula(self._first(kind)) for kind in KINDS}

    @property
    def solutions(self) -> pd.DataFrame:
        """One row per solution, model and term, and one for all terms of a model.

        ``consistency``, ``pri``, ``raw_coverage``, ``unique_coverage``, number of ``rows`` in the term, ``members``.
        """
        sets = self.solved.sets
        lines: list[dict[str, Any]] = []
        for kind in KINDS:
            for number, model in enumerate(self.solved.models(kind).found, 1):
                parts = [membership(sets.x, sets.term(one)) for one in model]
                for place, one in enumerate(model):
                    rest = sets.within(model[:place] + model[place + 1 :])
                    covered = [total(np.minimum(x, sets.y)) for x in (np.maximum(rest, parts[place]), rest)]
                    unique = float((covered[0] - covered[1]) / total(sets.y)) if total(sets.y) else 0.0
                    lines.append(self._line(kind, number, sets.formula((one,)), parts[place], unique))
                if len(model) > 1:
                    lines.append(self._line(kind, number, "(all terms)", sets.within(model), float("nan")))
        columns = ["solution", "model", "term", "consistency", "pri", "raw_coverage", "unique_coverage", "rows"]
        return pd.DataFrame(lines, columns=[*columns, "members"])

    @property
    def assumptions(self) -> pd.DataFrame:
        """Remainders that a solution counts as sufficient, or that the opposite question's does.

        The conditions, ``intermediate`` and ``parsimonious`` (by the model shown), ``opposite`` (by a parsimonious
        model of the opposite outcome), ``contradictory`` (by parsimonious models of both), and ``refused``.
        """
        solved, sets = self.solved, self.solved.sets
        against = solved.opposite.assumed("parsimonious")
        taken = {kind: solved.assumed(kind) for kind in ("intermediate", "parsimonious")}
        refused = solved.refused if self.choices.enhanced else frozenset()
        codes = [
            c
            for c in sets.codes
            if c in against | refused | solved.contradictory or any(c in s for s in taken.values())
        ]
        frame = pd.DataFrame([[int(bool(c & bit)) for bit in sets.bits] for c in codes], columns=list(sets.conditions))
        return frame.assign(
            intermediate=[c in taken["intermediate"] for c in codes],
            parsimonious=[c in taken["parsimonious"] for c in codes],
            opposite=[c in against for c in codes],
            contradictory=[c in solved.contradictory for c in codes],
            refused=[c in refused for c in codes],
        )

    def typology(self) -> pd.DataFrame:
        """The configurations that occur, with the rows that show each; what to show of few cases.

        Returns
        -------
        DataFrame
            One row per configuration: ``type``, ``rows``, ``outcome`` (present, absent, mixed; empty where every row
            has exactly 0.5), the rows ``with_outcome``, ``without_outcome`` and ``undecided``, and those that are
            ``deviant``: the fewer of a mixed type, or those without the outcome where both are as many.
        """
        return typology(self.solved)

    def clusters(self, kind: str = "intermediate") -> pd.DataFrame:
        """Fit of the terms of a solution where rows belong to cases: pooled, between cases, and within each.

        A term that holds pooled may hold in one case only. Pooled and within consistency and their distance are those
        of García-Castro and Ariño (2016), A General Approach to Panel Data Set-Theoretic Research, and of ``cluster``
        in R's package SetMethods, but that a case without membership in the term says nothing there, where SetMethods
        counts it as consistent. Between is taken on the mean memberships of the cases, so that each counts alike.

        Parameters
        ----------
        kind : {"intermediate", "complex", "parsimonious"}
            Which solution; its first model is taken.

        Returns
        -------
        DataFrame
            One row per term, ``level`` (pooled, between, within) and ``cluster``: number of ``members``,
            ``consistency``, ``coverage``, and for pooled the ``distance`` of the consistencies within (0: all alike).

        Raises
        ------
        CasebookError
            If it is not known what the rows belong to, or the kind does not exist.
        """
        return by_cluster(self.solved.sets, self._first(kind))

    def conclusions(self) -> dict[str, bool | str]:
        """What the analysis says, as named conclusions for `casebook.multiverse`.

        Returns
        -------
        dict
            Each solution as a formula (all its models, joined by "or"), and for each condition and its absence whether
            it passes as necessary (consistency at least 0.9).
        """
        sets = self.solved.sets
        said = {f"{kind} solution": reading.alternatives(self.solved, kind) or "none" for kind in KINDS}
        needed = {
            f"{sets.formula((literal,))} is necessary": bool(reaches(fit["consistency"], NECESSARY))
            for literal, fit in self.solved.necessary.items()
        }
        return {**said, **needed}

    def to_frame(self) -> pd.DataFrame:
        """The solutions as data; a fresh copy."""
        return self.solutions

    def reading(self) -> list[str]:
        """The analysis in plain words, one sentence or two per point."""
        return reading.sentences(self)

    def __str__(self) -> str:
        return "\n".join([self.heading, *self.reading()])

    def __repr__(self) -> str:
        count = len(self.solved.sets.rows)
        return f"<QCA of {self.outcome}: {count} {self.unit}, conditions {', '.join(self.conditions)}>"

    def _repr_html_(self) -> str:
        return reading.page(self)

    def _first(self, kind: str) -> Model:
        if kind not in KINDS:
            raise UnknownNameError("solution", kind, KINDS)
        found = self.solved.models(kind).found
        return found[0] if found else ()

    def _members(self, x: Any) -> str:
        return ", ".join(row for row, value in zip(self.solved.sets.rows, x, strict=True) if value > 0.5 + TOLERANCE)

    def _line(self, kind: str, model: int, label: str, x: Any, unique: float) -> dict[str, Any]:
        fit = sufficiency(x, self.solved.sets.y)
        rows = int((x > 0.5 + TOLERANCE).sum())
        named = {"solution": kind, "model": model, "term": label}
        return {**named, **fit, "unique_coverage": unique, "rows": rows, "members": self._members(x)}
