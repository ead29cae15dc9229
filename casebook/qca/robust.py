"""What is known of the robustness of a solution: ranges, robust core, omissions, and luck."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from html import escape
from typing import TYPE_CHECKING, Any

from casebook.views.html import framed, html_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Span:
    """How far one choice can go, all others as they are, before the solution is another."""

    choice: str
    anchor: str
    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Omission:
    """The solution without some rows."""

    omitted: str
    rows: int
    solution: str
    same: bool


@dataclass(frozen=True)
class Core:
    """What test solutions leave of a solution (Oana and Schneider 2024).

    Attributes
    ----------
    coverage : float
        RF_cov: coverage of the core, as a share of that of the solution.
    consistency : float
        RF_cons: consistency of the solution, as a share of that of the core.
    overlap_least, overlap_most : float
        RF_SC_minTS and RF_SC_maxTS: what the solution shares with what all test solutions cover, and with what any
        of them covers, as a share of both together.
    typical, deviant : float
        RCR_typ and RCR_dev: robust rows, as a share of robust, shaky and possible ones, with the outcome and without.
    rank : int
        RCC_Rank, from 1 (no row is shaky or possible) to 4 (there are rows of both sorts).
    """

    coverage: float
    consistency: float
    overlap_least: float
    overlap_most: float
    typical: float
    deviant: float
    rank: int


@dataclass(frozen=True)
class Luck:
    """What comes of the outcome dealt out to the rows anew.

    Attributes
    ----------
    share : float
        Share of reshuffles that give a solution of which consistency times coverage is at least as high; not a number
        where there is no solution.
    number : int
        Number of reshuffles.
    exact : bool
        Whether these are all that differ, or drawn at random.
    """

    share: float
    number: int
    exact: bool

    def __str__(self) -> str:
        which = f"all {self.number:,}" if self.exact else f"{self.number:,} random"
        return (
            f"Of {which} reshuffles of the outcome among these rows, {self.share:.0%} give a solution that fits at "
            "least as well (consistency times coverage)."
        )


@dataclass(frozen=True, repr=False)
class Robustness:
    """How robust a solution is; made by `casebook.qca.robustness`.

    Attributes
    ----------
    kind, solution, unit : str
        Which solution, its models as text, and what the rows are.
    spans : tuple of Span
        Range of every cut, anchor and frequency within which all models stay the same.
    tests : tuple of str
        The test solutions, as text.
    core : Core
        What they leave of the solution.
    sides : tuple of (str, str)
        For each row its label and what it is to the robust core.
    omissions : tuple of Omission
        The solution without each row, and without each case where rows belong to cases.
    luck : Luck
        Share of reshuffles of the outcome that give a solution that fits at least as well.
    """

    kind: str
    solution: str
    unit: str
    spans: tuple[Span, ...]
    tests: tuple[str, ...]
    core: Core
    sides: tuple[tuple[str, str], ...]
    omissions: tuple[Omission, ...]
    luck: Luck

    @property
    def ranges(self) -> pd.DataFrame:
        """The spans, one row each: ``choice``, ``anchor``, ``value``, ``lower`` and ``upper`` (both still within)."""
        return _frame(self.spans, Span)

    @property
    def leave_one_out(self) -> pd.DataFrame:
        """The omissions, one row each: ``omitted``, ``rows``, ``solution``, ``same``."""
        return _frame(self.omissions, Omission)

    @property
    def cases(self) -> pd.DataFrame:
        """What each row is to the robust core: ``row`` and ``side``.

        Robust rows lie in the core, shaky ones in the solution only, possible ones in a test solution only; typical
        rows have the outcome, deviant ones do not. Rows in no solution are uncovered or irrelevant.
        """
        import pandas as pd

        return pd.DataFrame(self.sides, columns=["row", "side"])

    def to_frame(self) -> pd.DataFrame:
        """The ranges; a fresh copy."""
        return self.ranges

    def reading(self) -> list[str]:
        """The result in plain words."""
        if not self.solution:
            return [f"There is no {self.kind} solution whose robustness could be asked."]
        narrow = [span for span in self.spans if span.anchor and span.upper - span.lower < 0.05]
        lines = [f"The {self.kind} solution: {self.solution}.", *map(_said, self.spans[:3])]
        if narrow:
            lines.append("It hangs on single lines drawn in the calibration: " + "; ".join(map(_placed, narrow)) + ".")
        names = [label for label, side in self.sides if side.startswith("robust")]
        shown = f": {', '.join(names)}" if 0 < len(names) <= 12 else ""
        lines.append(
            f"{len(self.tests)} test solutions leave {self.core.coverage:.0%} of its coverage, in {len(names)} "
            f"{self.unit}{shown}."
        )
        for label, chosen in (
            (f"one of {self.unit}", [one for one in self.omissions if one.rows == 1]),
            ("a whole case", [one for one in self.omissions if one.rows > 1]),
        ):
            other = [one.omitted for one in chosen if not one.same]
            if chosen:
                listed = f": {', '.join(other)}" if 0 < len(other) <= 12 else ""
                lines.append(f"Left out {label}, {len(other)} of {len(chosen)} give another solution{listed}.")
        return [*lines, str(self.luck)]

    def __str__(self) -> str:
        return "\n".join(self.reading())

    def __repr__(self) -> str:
        return f"<Robustness of the {self.kind} solution {self.solution or '(none)'}>"

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(line)}</p>" for line in self.reading()]
        for heading, frame in (
            ("Ranges", self.ranges),
            ("Rows and the robust core", self.cases),
            ("Left out", self.leave_one_out),
        ):
            cells = [[f"{v:.4g}" if isinstance(v, float) else v for v in line] for line in frame.to_numpy(dtype=object)]
            table = html_table(list(frame.columns), cells)
            parts.append(f"<details><summary><b>{heading}</b></summary>{table}</details>")
        return framed(*parts)


def _said(span: Span) -> str:
    return f"It stays the same for {span.choice} from {span.lower:g} to {span.upper:g} (chosen: {span.value:g})."


def _placed(span: Span) -> str:
    return f"{span.choice} of {span.anchor} stands at {span.value:g} and may lie from {span.lower:g} to {span.upper:g}"


def _frame(records: Iterable[Any], kind: type[Span] | type[Omission]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([vars(record) for record in records], columns=[item.name for item in fields(kind)])
