"""Several looks at the same rows: the more one takes, the likelier one of them finds something by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from casebook._support.arguments import told
from casebook.errors import CasebookError
from casebook.small.grouping import html

if TYPE_CHECKING:
    import pandas as pd

CAUTION = (
    "The cases were chosen, not sampled. The correction counts the looks named here; looks that were taken and not "
    "told belong to it too."
)


class Look(Protocol):
    """A result with the size of an effect and a p-value."""

    @property
    def effect(self) -> tuple[str, float]: ...
    @property
    def p_value(self) -> float: ...


@told("casebook.small.looks({'directness': casebook.small.crosstab('directness', 'result')})")
def looks(results: Mapping[str, Look], *, taken: int | None = None) -> Looks:
    """Add up several looks at the same rows, and correct their p-values for their number.

    Parameters
    ----------
    results : mapping of str to Crosstab, Difference, Pairs or Stratified
        The looks, by name.
    taken : int, optional
        How many looks were taken in all, those not among the results included; as many as there are if not given.

    Returns
    -------
    Looks
        Effects, p-values, and p-values corrected by Holm's method, which keeps the chance of any false find below the
        level chosen, however the looks hang together.

    Raises
    ------
    CasebookError
        If there is no result, or fewer looks were taken than there are results.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics, 6(2),
    65-70.

    Examples
    --------
    >>> from casebook import small
    >>> result = ("result", ["agreement", "partial_agreement"])
    >>> traits = {"direct": ("directness", "direct"), "hidden": ("secrecy_scope", "existence_and_content")}
    >>> found = looks({name: small.stratified(trait, result) for name, trait in traits.items()})
    >>> list(found.to_frame().columns)
    ['effect', 'size', 'p', 'p_holm']
    """
    if not results:
        raise CasebookError("there is no result to correct")
    taken = len(results) if taken is None else taken
    if taken < len(results):
        raise CasebookError(f"taken is {taken}, but {len(results)} results are given")
    return Looks(dict(results), taken)


def holm(p_values: list[float], taken: int) -> list[float]:
    """P-values corrected for a number of looks, in the same order.

    Examples
    --------
    >>> [round(p, 2) for p in holm([0.01, 0.04, 0.03], 3)]
    [0.03, 0.06, 0.06]
    """
    corrected, least = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min((taken - rank) * p_values[place], 1.0))
        corrected[place] = least
    return corrected


@dataclass(frozen=True)
class Looks:
    """Several looks at the same rows; made by `looks`.

    Attributes
    ----------
    results : mapping of str to Look
        The looks, by name.
    taken : int
        How many looks were taken in all.
    """

    results: Mapping[str, Look]
    taken: int

    def to_frame(self) -> pd.DataFrame:
        """By look: name and ``size`` of the ``effect``, ``p``, and ``p_holm``, corrected for the number of looks."""
        import pandas as pd

        corrected = holm([result.p_value for result in self.results.values()], self.taken)
        rows = {
            name: (*result.effect, result.p_value, p)
            for (name, result), p in zip(self.results.items(), corrected, strict=True)
        }
        columns = ["effect", "size", "p", "p_holm"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("look")

    def reading(self) -> list[str]:
        """The result in plain words."""
        lines = [
            f"{name}: {row['effect']} {row['size']:+.2f}, p = {row['p']:.3f}, corrected {row['p_holm']:.3f}."
            for name, row in self.to_frame().iterrows()
        ]
        head = f"{self.taken} looks were taken at these rows; p-values are corrected by Holm's method."
        return [head, *lines, CAUTION]

    def __str__(self) -> str:
        return "\n".join(self.reading())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html(self.to_frame().round(3), self.reading())
