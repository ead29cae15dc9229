"""Krippendorff's alpha and its bootstrap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from casebook._support.optional import needed
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
    Computed by the library krippendorff, except at interval level: its coincidence arrays grow with units times the
    square of the number of distinct values, to gigabytes for some hundred dates, while the same quantity follows there
    from sums of squares. `resampled_alphas` takes that way at nominal level too, for speed.

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
    krippendorff = needed("krippendorff", "agreement", "agreement")
    compared = pairable(ratings)
    values = np.unique(compared[~np.isnan(compared)])
    if len(values) < 2:
        return float("nan")
    if level == "interval":
        return float(_alphas(compared, level, np.arange(len(compared))[np.newaxis])[0])
    counts = (compared[:, :, np.newaxis] == values).sum(axis=1)
    return float(krippendorff.alpha(value_counts=counts, value_domain=values, level_of_measurement=level))


def resampled_alphas(ratings: NDArray[np.float64], level: Level, draws: int, seed: int) -> NDArray[np.float64]:
    """Alpha in bootstrap samples of the units (Efron & Tibshirani, 1993, An introduction to the bootstrap).

    Parameters
    ----------
    ratings : array of float, shape (units, coders)
        As for `alpha`.
    level : {"nominal", "ordinal", "interval"}
        Level of measurement.
    draws : int
        Number of samples.
    seed : int
        Seed of numpy's default generator.

    Returns
    -------
    array of float, shape (draws,)
        NaN where a sample has no variation.
    """
    compared = pairable(ratings)
    picks = np.random.default_rng(seed).integers(0, len(compared), (draws, len(compared)))
    if level == "ordinal":
        return np.array([alpha(compared[pick], level) for pick in picks])
    return _alphas(compared, level, picks)


def pairable(ratings: NDArray[np.float64]) -> NDArray[np.float64]:
    """Units with values by at least two coders."""
    return ratings[(~np.isnan(ratings)).sum(axis=1) > 1]


def _alphas(compared: NDArray[np.float64], level: Level, picks: NDArray[np.intp]) -> NDArray[np.float64]:
    """Alpha at nominal or interval level in each of several samples of units; `picks` has shape (samples, units)."""
    weights = np.array([np.bincount(pick, minlength=len(compared)) for pick in picks])
    given = (~np.isnan(compared)).sum(axis=1)
    total = weights @ given
    if level == "nominal":
        counts = (compared[:, :, np.newaxis] == np.unique(compared[~np.isnan(compared)])).sum(axis=1)
        observed = given**2 - (counts**2).sum(axis=1)
        expected = total**2 - ((weights @ counts) ** 2).sum(axis=1)
    else:
        centered = compared - np.nanmean(compared)
        sums, squares = np.nansum(centered, axis=1), np.nansum(centered**2, axis=1)
        observed = given * squares - sums**2
        expected = total * (weights @ squares) - (weights @ sums) ** 2
    varied = np.nanmin(compared, axis=1)[picks].min(axis=1) < np.nanmax(compared, axis=1)[picks].max(axis=1)
    ratio = np.full(len(picks), np.nan)
    np.divide((weights @ (observed / (given - 1))) * (total - 1), expected, out=ratio, where=varied)
    return 1 - ratio
