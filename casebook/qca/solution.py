"""From memberships to models: the truth table decided, minimized, and its assumptions checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from casebook.qca.minimize import Models, Rows, assumed, covers, models
from casebook.qca.truthtable import Choices, Measured, Sets, decided, measure, necessity, reaches

NECESSARY = 0.9
TRIVIAL = 0.6


@dataclass(frozen=True, eq=False)
class Solved:
    """A truth table and its models.

    Attributes
    ----------
    sets : Sets
        Memberships.
    choices : Choices
        What the researcher decided.
    """

    sets: Sets
    choices: Choices

    @cached_property
    def measured(self) -> Measured:
        return measure(self.sets.corners, self.sets.y)

    @cached_property
    def observed(self) -> Rows:
        """Which configurations are sufficient and which are not, as observed."""
        return decided(self.sets, self.measured, self.choices)

    @cached_property
    def rows(self) -> Rows:
        """The same, with refused remainders among those that are not."""
        if not self.choices.enhanced:
            return self.observed
        return replace(self.observed, negative=self.observed.negative | self.refused)

    @cached_property
    def opposite(self) -> Solved:
        """The same question about the absence of the outcome."""
        return Solved(self.sets.opposite(), self.choices)

    @cached_property
    def necessary(self) -> dict[tuple[int, int], dict[str, float]]:
        """Fit of each condition and its absence, as implicants, as necessary for the outcome."""
        present = self.sets.x.T
        lines = np.stack([present, 1 - present], axis=1).reshape(-1, len(self.sets.rows))
        fits = necessity(lines, self.sets.y)
        literals = [(bit, state) for bit in self.sets.bits for state in (bit, 0)]
        return {
            literal: dict(zip(fits, fit, strict=True)) for literal, *fit in zip(literals, *fits.values(), strict=True)
        }

    @cached_property
    def contradictory(self) -> frozenset[int]:
        """Remainders that the parsimonious models count as sufficient both for the outcome and for its absence."""
        here, there = (_all_assumed(solved.observed) for solved in (self, self.opposite))
        return here & there

    @cached_property
    def refused(self) -> frozenset[int]:
        """Remainders that an enhanced standard analysis assumes nothing of (Schneider and Wagemann 2012, chapter 8).

        These are remainders without a condition that passes as necessary, and remainders that would otherwise be
        counted as sufficient both for the outcome and for its absence. New ones of the latter may come up when the
        first are refused, so that they are sought until there are none.
        """
        own, other = (
            replace(solved.observed, negative=solved.observed.negative | solved.incoherent)
            for solved in (self, self.opposite)
        )
        refused = self.incoherent
        while both := _all_assumed(own) & _all_assumed(other):
            refused |= both
            own, other = (replace(rows, negative=rows.negative | both) for rows in (own, other))
        return refused

    @property
    def incoherent(self) -> frozenset[int]:
        """Remainders without a condition that passes as necessary and is not trivial."""
        needed = [
            literal
            for literal, fit in self.necessary.items()
            if reaches(fit["consistency"], NECESSARY) and reaches(fit["relevance"], TRIVIAL)
        ]
        return frozenset(row for row in self.observed.remainders if not all(covers(literal, row) for literal in needed))

    def choosing(self, choices: Choices) -> Solved:
        """The same memberships under other choices."""
        other = Solved(self.sets, choices)
        vars(other).update(measured=self.measured)
        return other

    def models(self, kind: str) -> Models:
        """Every model of one solution."""
        mentioned = sum(bit for bit, state in zip(self.sets.bits, self.sets.expected, strict=True) if state is not None)
        wanted = sum(bit for bit, state in zip(self.sets.bits, self.sets.expected, strict=True) if state)
        return models(self.rows, kind, mentioned, wanted)

    def within(self, kind: str) -> Any:
        """Membership of every row in the model shown."""
        found = self.models(kind).found
        return self.sets.within(found[0] if found else ())

    def assumed(self, kind: str) -> frozenset[int]:
        """The remainders that the model shown counts as sufficient."""
        found = self.models(kind).found
        return assumed(found[0], self.observed) if found else frozenset()


def _all_assumed(rows: Rows) -> frozenset[int]:
    return frozenset().union(*(assumed(model, rows) for model in models(rows, "parsimonious").found))
