"""Exact tools for few cases: counts, differences and exact tests, always with the size of an effect.

`crosstab` counts categories, `difference` compares numbers, `pairs` compares durations of which only bounds are known;
`stratified` compares inside each case. Whoever takes several looks adds them up with `looks`.
"""

from casebook.small.looks import Looks, looks
from casebook.small.numbers import Difference, difference
from casebook.small.pairs import Pairs, pairs
from casebook.small.strata import Stratified, mantel_haenszel, stratified
from casebook.small.tables import Crosstab, crosstab

__all__ = [
    "Crosstab",
    "Difference",
    "Looks",
    "Pairs",
    "Stratified",
    "crosstab",
    "difference",
    "looks",
    "mantel_haenszel",
    "pairs",
    "stratified",
]
