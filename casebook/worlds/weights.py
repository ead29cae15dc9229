"""How much a rival reading weighs against the coded one.

No count of readings is a probability: a value about which much was written has more rivals, and is not for that less
certain. Three schemes are at hand. Under ``confidence`` the best confidence of the rivals of a value sets how much
weight they have together; under ``equal`` every reading of a value weighs the same; the third is one's own. None of
them is right, and so the result is always given under each, as a range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, SupportsFloat

import numpy as np

from casebook.errors import CasebookError, UnknownNameError, suggestion
from casebook.worlds.alternatives import Alternative

CHANCES = {"low": 0.05, "medium": 0.15, "high": 0.30}
"""Weight of a rival reading by its confidence, under the scheme ``confidence``."""
Weigh = Callable[[Alternative], float]
Weights = str | Mapping[str, float] | Weigh


class Scheme:
    """A way to weigh the readings of a value.

    Parameters
    ----------
    name : {"confidence", "equal", "own"}
        Its name.
    weigh : callable, optional
        Weight of an alternative from 0 to 1; every reading weighs the same if not given.
    """

    def __init__(self, name: str, weigh: Weigh | None = None) -> None:
        self.name, self.weigh = name, weigh

    def shares(self, choices: Sequence[Sequence[Alternative]]) -> np.ndarray[Any, Any]:
        """Weights of the readings of a value, the coded one first; they sum to 1.

        The best rival sets what all rivals have together, and they share it in proportion.

        Examples
        --------
        >>> from casebook.model.cells import Cell
        >>> cell = Cell("cases", "alpha-1990", "deadline")
        >>> rivals = [Alternative(cell, "yes", reads, "rival", how) for reads, how in (("no", "high"), ("x", "low"))]
        >>> by_confidence({}).shares([(), *((rival,) for rival in rivals)]).round(3).tolist()
        [0.7, 0.257, 0.043]
        """
        if self.weigh is None:
            return np.full(len(choices), 1 / len(choices))
        others = ([self._weight(a) for a in choice if a.kind != "day"] for choice in choices[1:])
        weights = np.array([0.0, *(max(found, default=0.0) for found in others)])
        best, total = weights.max(), weights.sum()
        if total:
            weights *= best / total
        weights[0] = 1 - best
        return weights

    def _weight(self, alternative: Alternative) -> float:
        assert self.weigh is not None
        return _checked(self.weigh(alternative), f"the weight of {alternative}")


def _checked(weight: Any, what: str) -> float:
    if isinstance(weight, str) or not isinstance(weight, SupportsFloat) or not 0 <= float(weight) <= 1:
        raise CasebookError(f"{what} must lie between 0 and 1, not {weight!r}")
    return float(weight)


def by_confidence(chances: Mapping[str, float], name: str = "confidence") -> Scheme:
    """The scheme in which confidence decides; an alleged row counts as a reading of low confidence."""
    known = {**CHANCES, **chances}
    known.setdefault("alleged", known["low"])
    return Scheme(name, lambda alternative: known[alternative.confidence or "alleged"])


def schemes(weights: Weights, levels: Sequence[str]) -> tuple[list[Scheme], str]:
    """The schemes to compare, and the name of the one asked for.

    Parameters
    ----------
    weights : {"confidence", "equal"}, mapping or callable
        As for `casebook.multiverse`.
    levels : sequence of str
        Degrees of confidence.

    Raises
    ------
    CasebookError
        If it is none of these, or a weight does not lie between 0 and 1.
    """
    found = [by_confidence({}), Scheme("equal")]
    if isinstance(weights, str):
        names = [scheme.name for scheme in found]
        if weights not in names:
            raise CasebookError(
                f"there are no weights {weights!r}{suggestion(weights, names)}; or give a mapping from confidence to a "
                "weight from 0 to 1, or a function of an alternative"
            )
        return found, weights
    if callable(weights):
        return [*found, Scheme("own", weights)], "own"
    if not isinstance(weights, Mapping):
        raise CasebookError(f"weights must be a name, a mapping or a function, not {weights!r}")
    for name, weight in weights.items():
        if name not in (*levels, "alleged"):
            raise UnknownNameError("confidence", name, [*levels, "alleged"])
        _checked(weight, f"the weight of {name}")
    return [*found, by_confidence(weights, "own")], "own"
