"""What durations are found to be: bounds that assume nothing, estimates, and the words for both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, isclose, isinf, nan
from typing import TYPE_CHECKING

import numpy as np

from casebook.durations.incidence import incidence
from casebook.durations.turnbull import Floats, Survival
from casebook.errors import CasebookError
from casebook.views.html import framed, html_table
from casebook.views.intervals import CLOCKS, KINDS, Clock

if TYPE_CHECKING:
    import pandas as pd

DAYS = (30, 365, 3652, 9131)
"""A month, a year, ten and twenty-five years."""
CAUTION = (
    "The cases were chosen, not sampled: this describes the rows listed and is no estimate of how long such things "
    "last elsewhere. A channel that nobody has ever disclosed is in no table."
)


@dataclass(frozen=True, eq=False)
class Estimate:
    """How long one group of rows lasted; made by `analyze`.

    Attributes
    ----------
    name : str
        Name of the group.
    intervals : DataFrame
        By row: ``case``, ``lower`` and ``upper`` (days), ``kind`` (exact, interval, left, right, unknown,
        not_applicable), ``limit`` (days with which it could be in the table), ``ending``.
    survival, corrected : Survival or None
        Turnbull's estimate, and the same corrected for truncation; None where no row tells anything, or nothing is
        truncated.
    samples : tuple of Survival
        Estimates from cases drawn anew.
    confidence : float
        Confidence of the intervals.
    closed : str
        Whether durations can equal their lower bounds, as in `turnbull`.
    """

    name: str
    intervals: pd.DataFrame
    survival: Survival | None
    corrected: Survival | None
    samples: tuple[Survival, ...]
    confidence: float
    closed: str

    @property
    def rows(self) -> pd.DataFrame:
        """The intervals of the rows to which the clock applies."""
        return self.intervals[self.intervals["kind"] != "not_applicable"]

    def bounds(self, share: float = 0.5) -> tuple[float, float]:
        """Least and greatest number of days within which a share of the rows was over, whatever the dates leave open.

        Examples
        --------
        >>> from casebook import durations
        >>> least, most = durations.analyze("existence", draws=0).estimates[0].bounds(0.25)
        >>> least <= most
        True
        """
        return _quantile(self.rows["lower"], share), _quantile(self.rows["upper"], share)

    @property
    def interval(self) -> tuple[float, float]:
        """Interval of the median by the cluster bootstrap, in days; NaN where there are no samples."""
        return self._middle([sample.median for sample in self.samples])

    def lasting(self, days: Sequence[float] = DAYS) -> pd.DataFrame:
        """Share that lasts longer than some numbers of days.

        Returns
        -------
        DataFrame
            By day: ``least`` and ``most`` whatever the dates leave open, ``estimate`` with ``low`` and ``high`` by the
            cluster bootstrap, and ``corrected`` for truncation.
        """
        import pandas as pd

        samples = np.array([sample.at(days) for sample in self.samples]).reshape(-1, len(days))
        frame = pd.DataFrame(index=pd.Index(days, name="days"))
        for name in ("lower", "upper"):
            bound = self.rows[name].to_numpy()
            frame["least" if name == "lower" else "most"] = [float((bound > day).mean()) for day in days]
        frame["estimate"] = nan if self.survival is None else self.survival.at(days)
        frame[["low", "high"]] = [self._middle(column) for column in samples.T]
        frame["corrected"] = nan if self.corrected is None else self.corrected.at(days)
        return frame

    def _middle(self, numbers: Sequence[float] | Floats) -> tuple[float, float]:
        if not len(numbers):
            return nan, nan
        tail = (1 - self.confidence) / 2
        low, high = np.quantile(np.asarray(numbers), [tail, 1 - tail], method="inverted_cdf")
        return float(low), float(high)


@dataclass(frozen=True, eq=False)
class Durations:
    """How long things lasted; made by `analyze`.

    Attributes
    ----------
    name : str
        Name of the clock.
    clock : Clock
        What is measured.
    estimates : tuple of Estimate
        One for each group.
    confidence : float
        Confidence of the intervals.
    """

    name: str
    clock: Clock
    estimates: tuple[Estimate, ...]
    confidence: float

    def to_frame(self) -> pd.DataFrame:
        """One row per group.

        Returns
        -------
        DataFrame
            ``rows`` and ``cases``; how many rows are of each kind; of the median, in days: ``least`` and ``most``
            whatever the dates leave open, ``median`` by Turnbull's estimate with ``low`` and ``high`` by the cluster
            bootstrap, ``corrected`` for truncation. ``inf`` where half of the rows are not over.
        """
        import pandas as pd

        rows = {}
        for found in self.estimates:
            least, most = found.bounds()
            low, high = found.interval
            counts = found.intervals["kind"].value_counts()
            rows[found.name] = {
                "rows": len(found.rows),
                "cases": found.rows["case"].nunique(),
                **{kind: int(counts.get(kind, 0)) for kind in KINDS},
                "least": least,
                "most": most,
                "median": found.survival.median if found.survival else nan,
                "low": low,
                "high": high,
                "corrected": found.corrected.median if found.corrected else nan,
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")

    def lasting(self, days: Sequence[float] = DAYS) -> pd.DataFrame:
        """`Estimate.lasting` of every group."""
        import pandas as pd

        return pd.concat({found.name: found.lasting(days) for found in self.estimates}, names=["group"])

    def incidence(self, days: Sequence[float] = DAYS) -> pd.DataFrame:
        """Share that has ended in each way by some days: competing endings, such as a leak and an archive.

        Parameters
        ----------
        days : sequence of float, optional
            Days.

        Returns
        -------
        DataFrame
            By group, ending and day: ``least`` and ``most`` whatever the dates leave open, and the ``estimate`` by
            maximum likelihood. Rows whose ending is not known count as possible for each.

        Raises
        ------
        CasebookError
            If the codebook does not say how this clock ends, or no ending is known.

        Examples
        --------
        >>> from casebook import durations
        >>> durations.analyze("existence", draws=0).incidence([365]).columns.tolist()
        ['least', 'estimate', 'most']
        """
        import pandas as pd

        if self.clock.ending is None:
            ended = ", ".join(name for name, clock in CLOCKS.items() if clock.ending)
            raise CasebookError(f"the codebook does not say how {self.clock.title} ended; it does for: {ended}")
        parts = {}
        for found in self.estimates:
            rows = found.rows
            endings = [ending if isinstance(ending, str) else None for ending in rows["ending"]]
            if any(endings):
                parts[found.name] = incidence(rows["lower"], rows["upper"], endings, days, found.closed)
        if not parts:
            raise CasebookError(f"it is not known of any row how {self.clock.title} ended")
        return pd.concat(parts, names=["group"])

    def reading(self) -> list[str]:
        """The result in plain words."""
        return [*(line for found in self.estimates for line in self._read(found)), CAUTION]

    def _read(self, found: Estimate) -> Iterator[str]:
        rows = found.rows
        named = self.clock.title if found.name == "all" else f"{self.clock.title}, {found.name}"
        counts = found.intervals["kind"].value_counts()
        kinds = [f"{counts[kind]} {words}" for kind, words in KINDS.items() if kind in counts]
        count, cases = len(rows), rows["case"].nunique()
        told = f"{count} {self.clock.table if count != 1 else self.clock.table.removesuffix('s')}"
        of = "" if self.clock.table == "cases" else f" of {cases} {'case' if cases == 1 else 'cases'}"
        yield f"{named[0].upper()}{named[1:]}: {told}{of} ({', '.join(kinds)})."
        if rows.empty:
            return
        ended = self.clock.ended
        yield f"Whatever the dates leave open, {_over(ended, *found.bounds())}."
        if found.survival is None:
            yield "No row tells more than that; there is no estimate."
            return
        low, high = found.interval
        within = f" ({self.confidence:.0%} interval {_span(low, high)}, cases resampled)" if low == low else ""
        shares = ", ".join(f"{share:.0%} after {days:,}" for days, share in found.lasting()["estimate"].items())
        yield (
            f"Estimated median, if how well a duration is known has nothing to do with its length: "
            f"{_span(*found.survival.quantile())}{within}. Not yet {ended}: {shares} days."
        )
        if found.corrected is not None:
            longest = rows["limit"].max()
            yield (
                "A row is in the table only because it had ended in time. Corrected for that, if earlier and later "
                f"ones are alike, the median is {_span(*found.corrected.quantile())} (of durations up to "
                f"{_day(longest)})."
            )

    def __str__(self) -> str:
        return "\n".join(self.reading())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        frame = self.to_frame()
        rows = [
            [name, *(_cell(value) for value in row)]
            for name, row in zip(frame.index, frame.itertuples(index=False), strict=True)
        ]
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.reading())
        return framed(html_table(["", *frame.columns], rows), lines)


def _quantile(numbers: pd.Series, share: float) -> float:
    """The number reached by a share of them; between two, their middle."""
    ranked = sorted(numbers)
    if not ranked:
        return nan
    place = share * len(ranked)
    if isclose(place, round(place)) and 0 < round(place) < len(ranked):
        return (ranked[round(place) - 1] + ranked[round(place)]) / 2
    return float(ranked[min(max(ceil(place) - 1, 0), len(ranked) - 1)])


def _day(days: float) -> str:
    return f"{days:,g} days" if days < 1000 else f"{days:,.0f} days"


def _span(low: float, high: float) -> str:
    if isinf(high):
        return f"{_day(low)} or more"
    return _day(low) if low == high else f"{_day(low).removesuffix(' days')} to {_day(high)}"


def _over(ended: str, low: float, high: float) -> str:
    """When half of the rows had ended."""
    if isinf(high):
        return f"half of them were {ended} after {_day(low)} at the earliest, if at all"
    return f"half of them were {ended} within {_span(low, high)}"


def _cell(value: float) -> str:
    return "" if value != value else "∞" if isinf(value) else f"{value:,g}"
