"""Krippendorff's alpha and its bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from casebook.model.schema import Level


def alpha(ratings: NDArray[np.float64], level: Level) -> float:
    """Krippendorff's alpha.

    Parameters
    ----------
    ratings : array of float, shape (units, coders)
        Values as numbers, NaN where a coder gave none; nominal values may be numbered in any way.
    level : {"nominal", "ordinal", "interval"}
        Level of measurement.

    Returns
    -------
    float
        Alpha; NaN where it is undefined because all values that can be paired are the same, or none can.

    Notes
    -----
    The same sums give alpha and its resamples; the library krippendorff, against which they are tested, has no weights.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.
    Hayes, A. F., & Krippendorff, K. (2007). Answering the call for a standard reliability measure for coding data.
    Communication Methods and Measures, 1(1), 77-89.

    Examples
    --------
    Two observers and ten objects, example A of Krippendorff (2011):

    >>> import numpy as np
    >>> one, other = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    >>> round(alpha(np.array([one, other], dtype=float).T, "nominal"), 3)
    0.095
    """
    compared = pairable(ratings)
    if not len(compared):
        return float("nan")
    return float(_ratios(*disagreements(compared, level, np.ones((1, len(compared)))))[0])


def resampled_alphas(
    ratings: NDArray[np.float64], level: Level, draws: int, seed: int
) -> tuple[float, NDArray[np.float64]]:
    """Alpha, and alpha in bootstrap samples of the units (Efron & Tibshirani, 1993, An introduction to the bootstrap).

    Parameters
    ----------
    ratings : array of float, shape (units, coders)
        As for `alpha`.
    level : {"nominal", "ordinal", "interval"}
        Level of measurement.
    draws : int
        Number of samples.
    seed : int
        As for `samples`.

    Returns
    -------
    alpha : float
        As `alpha` gives it.
    resampled : array of float, shape (draws,)
        NaN where a sample has no variation.
    """
    compared = pairable(ratings)
    ratios = _ratios(*disagreements(compared, level, samples(len(compared), draws, seed)))
    return float(ratios[0]), ratios[1:]


def pooled_alphas(items: Sequence[NDArray[np.float64]], draws: int, seed: int) -> tuple[float, NDArray[np.float64]]:
    """One nominal alpha over several variables of the same units, and its resamples.

    Chance is taken within each variable: disagreements observed and expected are summed over the variables before they
    are divided. Variables without variation add to neither sum.

    Parameters
    ----------
    items : sequence of array of float, shape (units, coders)
        One array per variable, the units in the same order.
    draws : int
        Number of bootstrap samples; a sample takes a unit with all its variables, for they are not independent.
    seed : int
        As for `samples`.

    Returns
    -------
    alpha : float
        NaN where no variable varies.
    resampled : array of float, shape (draws,)

    References
    ----------
    De Vries, H., Elliott, M. N., Kanouse, D. E., & Teleki, S. S. (2008). Using pooled kappa to summarize interrater
    agreement across many items. Field Methods, 20(3), 272-282; here with Krippendorff's disagreements.

    Examples
    --------
    >>> import numpy as np
    >>> one, other = np.array([[0.0, 0], [1, 1], [0, 1]]), np.array([[2.0, 2], [2, 2], [2, 2]])
    >>> pooled_alphas([one, other], 0, 0)[0] == alpha(one, "nominal")
    True
    """
    observed = expected = np.zeros(draws + 1)
    for ratings in items:
        seen, chance = disagreements(ratings, "nominal", samples(len(ratings), draws, seed))
        observed, expected = observed + seen, expected + chance
    ratios = _ratios(observed, expected)
    return float(ratios[0]), ratios[1:]


def pairable(ratings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Units with values by at least two coders."""
    return ratings[(~np.isnan(ratings)).sum(axis=1) > 1]


@lru_cache(maxsize=2)
def samples(units: int, draws: int, seed: int) -> NDArray[np.float64]:
    """How often each unit is in all the units, which is once, and in each of several samples with replacement.

    Parameters
    ----------
    units : int
        Number of units.
    draws : int
        Number of samples.
    seed : int
        Seed of numpy's bit generator PCG64, whose stream is the same on every machine and in every version of numpy.

    Returns
    -------
    array of float, shape (draws + 1, units)
        The same one, not to be changed, for variables of as many units one after another.
    """
    places = np.random.PCG64(seed).random_raw((draws, units)) >> np.uint64(32)
    places *= np.uint64(units)
    places >>= np.uint64(32)
    places += units * np.arange(draws, dtype=np.uint64)[:, np.newaxis]
    drawn = np.ones((draws + 1, units))
    drawn[1:] = np.bincount(places.ravel().view(np.int64), minlength=draws * units).reshape(draws, units)
    drawn.flags.writeable = False
    return drawn


def disagreements(
    compared: NDArray[np.float64], level: Level, weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Disagreement observed, and expected by chance, in several samples of units.

    Parameters
    ----------
    compared : array of float, shape (units, coders)
        Units with values by at least two coders; of nominal values also others, which count for nothing.
    level : {"nominal", "ordinal", "interval"}
        Level of measurement.
    weights : array of float, shape (samples, units)
        How often each unit is in each sample.

    Returns
    -------
    observed, expected : array of float, shape (samples,)
        Each the number of values times Krippendorff's average; both 0 where a sample has no variation.
    """
    known = ~np.isnan(compared)
    given = known.sum(axis=1)
    if level == "interval":
        centered = compared - np.nanmean(compared)
        sums, squares = np.nansum(centered, axis=1), np.nansum(centered**2, axis=1)
        low = np.where(weights > 0, np.nanmin(compared, axis=1), np.inf).min(axis=1, initial=np.inf)
        high = np.where(weights > 0, np.nanmax(compared, axis=1), -np.inf).max(axis=1, initial=-np.inf)
        apart = (given * squares - sums**2) / (given - 1)
        total, apart, sums, squares = _weighed([given, apart, sums, squares], weights)
        observed, expected = (np.where(low < high, part, 0.0) for part in (apart, total * squares - sums**2))
        return observed, expected / np.maximum(total - 1, 1)
    values = np.unique(compared[known])
    counts = (values[:, np.newaxis, np.newaxis] == compared).sum(axis=2) * (given > 1)
    others = np.maximum(given - 1, 1)
    if level == "nominal":
        sums = _weighed([(counts.sum(axis=0) ** 2 - (counts**2).sum(axis=0)) / others, *counts], weights)
        observed, used = sums[0], sums[1:]
        expected = used.sum(axis=0) ** 2 - (used**2).sum(axis=0)
    else:
        pairs = counts[:, np.newaxis] * counts / others
        used = _weighed(counts, weights)
        middles = used.cumsum(axis=0) - used / 2
        distances = (middles[:, np.newaxis] - middles) ** 2
        seen = _weighed(pairs.reshape(-1, len(compared)), weights).reshape(distances.shape)
        observed = (seen * distances).sum(axis=(0, 1))
        expected = (used[:, np.newaxis] * used * distances).sum(axis=(0, 1))
    return observed, expected / np.maximum(used.sum(axis=0) - 1, 1)


def _weighed(rows: ArrayLike, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of each row over the units of each sample.

    Samples are taken together in pieces so small that BLAS works on them by one thread: several lose more time in
    waiting for each other than they save.
    """
    rows = np.asarray(rows, dtype=float)
    size = 250_000 // max(rows.size, 1) or 1
    pieces = [rows @ weights[start : start + size].T for start in range(0, len(weights) or 1, size)]
    return np.concatenate(pieces, axis=1)


def _ratios(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    ratios = np.full(len(observed), np.nan)
    np.divide(observed, expected, out=ratios, where=expected > 0)
    return 1 - ratios
