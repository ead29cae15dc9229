"""Gwet's agreement coefficients: AC1 for unordered categories, AC2 for ordered ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Chance:
    """Agreement observed, and expected by chance.

    Attributes
    ----------
    units : int
        Units with values by at least two coders.
    observed, expected : float
        Shares of 1.
    """

    units: int
    observed: float
    expected: float

    @property
    def coefficient(self) -> float:
        """The agreement beyond chance, as a share of what is possible beyond chance; NaN where nothing is."""
        return (self.observed - self.expected) / (1 - self.expected) if self.expected < 1 else float("nan")


def gwet(ratings: NDArray[np.float64], weights: NDArray[np.float64]) -> Chance:
    """Gwet's AC1, or with weights for partial agreement AC2.

    Parameters
    ----------
    ratings : array of float, shape (units, coders)
        Places of the categories, from 0; NaN where a coder gave none.
    weights : array of float, shape (categories, categories)
        How far two categories agree, from 0 to 1: the identity matrix for AC1, `ordinal_weights` for AC2. Its size is
        the number of categories that could be chosen, whether or not anybody did.

    Returns
    -------
    Chance
        ``.coefficient`` is AC1 or AC2; NaN where no unit has two values or there is only one category.

    Notes
    -----
    Units with a single value tell how common the categories are and count in ``expected`` alone. Where one value is
    common, AC1 is near the percent agreement while alpha can be near 0: neither is right, and both are given.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement. British
    Journal of Mathematical and Statistical Psychology, 61(1), 29-48.
    Gwet, K. L. (2014). Handbook of inter-rater reliability (4th ed.). Advanced Analytics.

    Examples
    --------
    Three categories and two raters, ``cont3x3abstractors`` of Gwet's package irrCAC for R:

    >>> import numpy as np
    >>> pairs = {(0, 0): 13, (1, 1): 20, (1, 2): 7, (2, 1): 4, (2, 2): 56}
    >>> ratings = np.repeat(np.array(list(pairs), dtype=float), list(pairs.values()), axis=0)
    >>> round(gwet(ratings, np.eye(3)).coefficient, 7)
    0.8493305
    """
    size = len(weights)
    known = ~np.isnan(ratings)
    given = known.sum(axis=1)
    several, some = given > 1, given > 0
    if size < 2 or not several.any():
        return Chance(0, float("nan"), float("nan"))
    agreeing = np.zeros(len(ratings))
    for one, other in combinations(ratings.T, 2):
        both = ~np.isnan(one + other)
        agreeing[both] += weights[one[both].astype(int), other[both].astype(int)]
    agreed = agreeing[several] / (given * (given - 1) / 2)[several]
    shares = np.repeat(1 / given[some], given[some])
    common = np.bincount(ratings[known].astype(int), shares, size) / some.sum()
    expected = weights.sum() * (common * (1 - common)).sum() / (size * (size - 1))
    return Chance(int(several.sum()), float(agreed.mean()), float(expected))


def ordinal_weights(size: int) -> NDArray[np.float64]:
    """Gwet's ordinal weights: less, the more pairs of categories lie within the span of the two.

    Examples
    --------
    >>> ordinal_weights(3)[0].round(3).tolist()
    [1.0, 0.667, 0.0]
    """
    places = np.arange(size)
    span = np.abs(places[:, np.newaxis] - places) + 1
    pairs = span * (span - 1) / 2
    return 1 - pairs / max(pairs.max(), 1)


def pooled(parts: Iterable[Chance]) -> Chance:
    """Several variables as one: agreement and chance averaged over all their units.

    References
    ----------
    De Vries, H., Elliott, M. N., Kanouse, D. E., & Teleki, S. S. (2008). Using pooled kappa to summarize interrater
    agreement across many items. Field Methods, 20(3), 272-282; here with Gwet's chance agreement.

    Examples
    --------
    >>> pooled([Chance(10, 0.8, 0.5), Chance(30, 1.0, 0.1)])
    Chance(units=40, observed=0.95, expected=0.2)
    """
    parts = [part for part in parts if part.units]
    units = sum(part.units for part in parts)
    if not units:
        return Chance(0, float("nan"), float("nan"))
    observed = sum(part.units * part.observed for part in parts) / units
    expected = sum(part.units * part.expected for part in parts) / units
    return Chance(units, observed, expected)
