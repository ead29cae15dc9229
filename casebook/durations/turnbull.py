"""Turnbull's estimate: the survival curve of durations of which only bounds are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from casebook._support.arguments import told
from casebook.errors import CasebookError

Floats = NDArray[np.float64]
Places = NDArray[np.int_]
CLOSED = ("right", "both")
_TOLERANCE, _STEPS, _EQUAL = 1e-7, 2000, 1e-5
_AT_ONCE = 500
"""Samples in which the masses are found side by side."""
_CLOSED_LEFT, _RIGHT, _OPEN_LEFT = 0, 1, 2
"""Order of ends on one day: a closed left end, a right end, an open left end."""


@dataclass(frozen=True)
class Survival:
    """Where a distribution of durations puts its mass; made by `turnbull`.

    Attributes
    ----------
    left, right : array of float, shape (cells,)
        Bounds of the cells, in days; the same day twice where the place is known, ``inf`` where no end is known. How
        the mass is spread inside a cell cannot be told from the data.
    mass : array of float, shape (cells,)
        Share of the durations in each cell.
    """

    left: Floats
    right: Floats
    mass: Floats

    @property
    def jumps(self) -> Floats:
        """The day at which each cell counts: its middle, as in R."""
        return (self.left + self.right) / 2

    def at(self, days: ArrayLike) -> Floats:
        """Share that lasts longer than some numbers of days.

        Parameters
        ----------
        days : float or array of float
            Days.

        Returns
        -------
        array of float
            Shares, in the shape of `days`.

        Examples
        --------
        >>> turnbull([1, 2, 3, 4], [1, 2, 3, 4]).at([0, 1, 2.5]).tolist()
        [1.0, 0.75, 0.5]
        """
        return self._outlasting(days, self.jumps)

    def bounds(self, days: ArrayLike) -> tuple[Floats, Floats]:
        """Least and greatest share that lasts longer, however the mass is spread inside the cells."""
        return self._outlasting(days, np.nextafter(self.left, inf)), self._outlasting(days, self.right)

    def _outlasting(self, days: ArrayLike, places: Floats) -> Floats:
        asked = np.asarray(days, dtype=float)
        later: Floats = np.where(places > asked[..., np.newaxis], self.mass, 0.0).sum(axis=-1)
        return later.round(12)

    def quantile(self, share: float = 0.5) -> tuple[float, float]:
        """Between which days a share of the durations is over; two days where the estimate does not say which.

        Examples
        --------
        >>> turnbull([1, 2, 3, 4], [1, 2, 3, 4]).quantile()
        (2.0, 3.0)
        """
        first, second = self._crossing(share)
        return float(self.left[first]), float(self.right[second])

    @property
    def median(self) -> float:
        """The median in days: the middle of the cell, or of the gap between two, as in R; ``inf`` if not reached."""
        first, second = self._crossing(0.5)
        return float(self.jumps[first] + self.jumps[second]) / 2

    def _crossing(self, share: float) -> tuple[int, int]:
        """The cell in which a share is reached, and the next one if it is reached just so."""
        held = np.flatnonzero(self.mass > _EQUAL)
        total = np.cumsum(self.mass[held])
        first = min(int(np.searchsorted(total, share - _EQUAL)), len(held) - 1)
        second = min(first + 1, len(held) - 1) if total[first] < share + _EQUAL else first
        return int(held[first]), int(held[second])


@told("casebook.durations.turnbull([10, 20], [10, 40])")
def turnbull(
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    limits: ArrayLike | None = None,
    closed: str = "right",
) -> Survival:
    """Estimate a survival curve from intervals by nonparametric maximum likelihood.

    Parameters
    ----------
    lower, upper : array of float, shape (rows,)
        Bounds of each duration in days: equal where it is known, ``upper`` ``inf`` (or missing) where it was not over.
    weights : array of float, shape (rows,), optional
        How often each row counts; once if not given.
    limits : array of float, shape (rows,), optional
        Greatest duration with which each row could have been observed (truncation on the right); ``inf`` if not given.
    closed : {"right", "both"}, default "right"
        Whether a duration can equal its upper bound only, as in R, or the lower one too.

    Returns
    -------
    Survival
        Mass on the innermost intervals. With limits it is the distribution among durations up to the greatest limit;
        beyond, nothing can be learned.

    Raises
    ------
    CasebookError
        If there are no rows, the arrays differ in length, or a bound, weight or limit cannot be.

    Notes
    -----
    Mass can only lie where a left end is followed by a right end (Peto 1973; Turnbull 1976). It is found by the EM
    algorithm, sped up by squared extrapolation (Varadhan and Roland 2008), until no shift of mass could raise the mean
    log likelihood of a row by more than 1e-7. For truncated rows Turnbull's algorithm adds those that one must imagine
    to have been missed; limits also part the cells (Frydman 1994). That supposes that durations have nothing to do with
    how long a row could be watched.

    With ``closed="right"`` this is ``survfit(Surv(lower, upper, type = "interval2") ~ 1)`` of R's package survival,
    whose figures are in the tests. No library of Python was found that could be used instead: lifelines 0.30 puts each
    step one event late (for exact durations 1, 2, 3, 4 it gives 1.00 at day 1, where its own Kaplan-Meier estimate is
    0.75) and has no interval; SurPyval 0.25 agrees with R, but knows no clusters, takes the end of a cell for the
    median, and would be a large dependency for one function; icenReg is for R only.

    References
    ----------
    Turnbull, B. W. (1976). The empirical distribution function with arbitrarily grouped, censored and truncated data.
    Journal of the Royal Statistical Society B, 38(3), 290-295.
    Frydman, H. (1994). A note on nonparametric estimation of the distribution function from interval-censored and
    truncated observations. Journal of the Royal Statistical Society B, 56(1), 71-74.
    Varadhan, R., & Roland, C. (2008). Simple and globally convergent methods for accelerating the convergence of any EM
    algorithm. Scandinavian Journal of Statistics, 35(2), 335-353.

    Examples
    --------
    >>> import numpy as np
    >>> found = turnbull([0, 2, 3, 5], [1, 2, 7, np.inf])
    >>> found.at([1, 2, 7]).tolist()
    [0.75, 0.5, 0.0]
    """
    low, high, weight, limit = checked(lower, upper, weights, limits)
    if closed not in CLOSED:
        raise CasebookError(f"closed is 'right' or 'both', not {closed!r}")
    rows = Ends.of(low, high, limit, closed)
    cells = rows.innermost()
    [mass] = maximize(rows.hold(cells)[np.newaxis], weight[np.newaxis], rows.could_hold(cells)[np.newaxis])
    return Survival(*rows.days_of(cells), mass)


def resampled(lower: ArrayLike, upper: ArrayLike, samples: Floats, closed: str) -> Iterator[Survival]:
    """What `turnbull` finds with each of many weights of the rows, shape (samples, rows)."""
    low, high, _, limit = checked(lower, upper, None, None)
    whole = Ends.of(low, high, limit, closed)
    for start in range(0, len(samples), _AT_ONCE):
        drawn = [np.flatnonzero(weights) for weights in samples[start : start + _AT_ONCE]]
        rows = [whole.take(used) for used in drawn]
        cells = [ends.innermost() for ends in rows]
        most = max(len(left) for left, _ in cells)
        hold = np.zeros((len(drawn), max(map(len, drawn)), most), bool)
        weights = np.zeros(hold.shape[:2])
        for number, (used, ends, cell) in enumerate(zip(drawn, rows, cells, strict=True)):
            hold[number, : len(used), : len(cell[0])] = ends.hold(cell)
            weights[number, : len(used)] = samples[start + number, used]
        for cell, mass in zip(cells, maximize(hold, weights), strict=True):
            yield Survival(*whole.days_of(cell), mass[: len(cell[0])])


def checked(
    lower: ArrayLike, upper: ArrayLike, weights: ArrayLike | None, limits: ArrayLike | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """The arguments of `turnbull` as arrays, rows without weight left out."""
    low, high = _numbers("lower", lower), _numbers("upper", upper)
    high = np.where(np.isnan(high), inf, high)
    weight = np.ones(len(low)) if weights is None else _numbers("weights", weights)
    limit = np.full(len(low), inf) if limits is None else _numbers("limits", limits)
    if not low.shape == high.shape == weight.shape == limit.shape:
        raise CasebookError("lower, upper, weights and limits must have one value for each row")
    if not len(low) or not (weight > 0).any():
        raise CasebookError("there is no row to estimate from")
    for wrong, what in (
        (~np.isfinite(low) | (low < 0), "lower must be a number of days, 0 or more"),
        (high < low, "upper must not be below lower"),
        (~np.isfinite(weight) | (weight < 0), "weights must be numbers, 0 or more"),
        (np.isnan(limit) | (limit < low), "limits must not be below lower: such a row could not have been observed"),
    ):
        if wrong.any():
            raise CasebookError(f"row {int(np.flatnonzero(wrong)[0])} (counted from 0): {what}")
    used = weight > 0
    return low[used], np.minimum(high, limit)[used], weight[used], limit[used]


@dataclass(frozen=True)
class Ends:
    """Left and right ends of rows, and their limits, as places in time: three times the rank of the day among ``days``,
    and the order on that day."""

    days: Floats
    left: Places
    right: Places
    limit: Places

    @classmethod
    def of(cls, low: Floats, high: Floats, limit: Floats, closed: str) -> Ends:
        days, ranks = np.unique(np.concatenate([low, high, limit]), return_inverse=True)
        left, right, last = 3 * ranks.reshape(3, -1)
        opened = (low < high) & (closed == "right")
        return cls(days, left + np.where(opened, _OPEN_LEFT, _CLOSED_LEFT), right + _RIGHT, last + _RIGHT)

    def take(self, rows: NDArray[Any]) -> Ends:
        return Ends(self.days, self.left[rows], self.right[rows], self.limit[rows])

    def innermost(self) -> tuple[Places, Places]:
        """Cells that can hold mass: a left end followed at once by a right end. Limits are left ends too."""
        limits = self.limit[np.isfinite(self.days[self.limit // 3])] - _RIGHT + _OPEN_LEFT
        ends = np.unique(np.concatenate([self.left, self.right, limits]))
        is_left = ends % 3 != _RIGHT
        starts = np.flatnonzero(is_left[:-1] & ~is_left[1:])
        return ends[starts], ends[starts + 1]

    def days_of(self, cells: tuple[Places, Places]) -> tuple[Floats, Floats]:
        """First and last day of each cell."""
        return self.days[cells[0] // 3], self.days[cells[1] // 3]

    def hold(self, cells: tuple[Places, Places]) -> NDArray[np.bool_]:
        """Whether each cell lies in the interval of each row, shape (rows, cells)."""
        return (self.left[:, np.newaxis] <= cells[0]) & (cells[1] <= self.right[:, np.newaxis])

    def could_hold(self, cells: tuple[Places, Places]) -> NDArray[np.bool_]:
        """Whether a duration in each cell would have been observed in each row."""
        return cells[1] <= self.limit[:, np.newaxis]


def _numbers(name: str, values: ArrayLike) -> Floats:
    if np.asarray(values).dtype.kind in "mM":
        raise CasebookError(f"{name} must be numbers of days, not dates or times; write for instance {name}.dt.days")
    try:
        return np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise CasebookError(f"{name} must be numbers, one for each row, such as [10, 20]") from None


def maximize(hold: NDArray[np.bool_], weights: Floats, could_hold: NDArray[np.bool_] | None = None) -> Floats:
    """Masses of cells that make rows likeliest, in many samples at once.

    Parameters
    ----------
    hold : array of bool, shape (samples, rows, cells)
        Which cells each row may lie in.
    weights : array of float, shape (samples, rows)
        How often each row counts. One that does not fills a sample up, and may have no cell.
    could_hold : array of bool, shape (samples, rows, cells), optional
        Which cells each row would have been observed in; all if not given.

    Returns
    -------
    array of float, shape (samples, cells)
        Masses, which sum to 1 in each sample.
    """
    watched = None if could_hold is None or could_hold.all() else could_hold.astype(float)
    step = _Step(hold.astype(float), weights, watched)
    held = hold.any(axis=1)
    found = held / held.sum(axis=1, keepdims=True)
    mass, left = found, np.arange(len(found))
    for _ in range(_STEPS):
        once, likelihood, slack = step(mass)
        found[left] = mass
        going = slack >= _TOLERANCE
        if not going.all():
            left, step = left[going], step.of(going)
            mass, once, likelihood = mass[going], once[going], likelihood[going]
        if not len(left):
            break
        twice, _, _ = step(once)
        change, bend = once - mass, (twice - once) - (once - mass)
        size, length = (np.sqrt((moved**2).sum(axis=1, keepdims=True)) for moved in (bend, change))
        stride = np.maximum(np.divide(length, size, out=np.ones_like(size), where=size > 0), 1.0)
        leap = mass + 2 * stride * change + stride**2 * bend
        leap = np.where(leap < 0, mass / 10, leap)
        leap = leap / leap.sum(axis=1, keepdims=True)
        better = (stride[:, 0] > 1) & (step(leap)[1] >= likelihood)
        mass = np.where(better[:, np.newaxis], leap, twice)
    else:
        found[left] = mass
    found = np.where(found > _TOLERANCE, found, 0.0)
    return found / found.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class _Step:
    """One step of EM in each sample."""

    inside: Floats
    weights: Floats
    watched: Floats | None

    def of(self, samples: NDArray[np.bool_]) -> _Step:
        watched = None if self.watched is None else self.watched[samples]
        return _Step(self.inside[samples], self.weights[samples], watched)

    def __call__(self, mass: Floats) -> tuple[Floats, Floats, Floats]:
        """The masses after it, the log likelihood where it starts, and by how much a row's could still rise."""
        each, gain = self._share(self.inside, mass)
        likelihood = (self.weights * np.log(each)).sum(axis=1)
        rows = self.weights.sum(axis=1, keepdims=True)
        total = rows
        if self.watched is not None:
            seen, expected = self._share(self.watched, mass)
            likelihood = likelihood - (self.weights * np.log(seen)).sum(axis=1)
            total = (self.weights / seen).sum(axis=1, keepdims=True)
            gain = gain + total - expected
        slack = (gain - total).max(axis=1) / rows[:, 0]
        after = mass * gain / total
        return after / after.sum(axis=1, keepdims=True), likelihood, slack

    def _share(self, cells: Floats, mass: Floats) -> tuple[Floats, Floats]:
        """The mass in the cells of each row, and the rows that each cell would hold if it had all of it."""
        each = np.where(self.weights > 0, (cells @ mass[:, :, np.newaxis])[:, :, 0], 1.0)
        return each, ((self.weights / each)[:, np.newaxis] @ cells)[:, 0]
