"""Anchors of a calibration, so that an analysis can be asked again with others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from casebook.model.conditions import Condition, declared, direct
from casebook.model.values import to_text
from casebook.qca.truthtable import Sets

if TYPE_CHECKING:
    from casebook.book import Casebook

MAX_LEVELS = 8


@dataclass(frozen=True)
class Scale:
    """How memberships in one set follow from anchors.

    Attributes
    ----------
    name : str
        The set: a condition, or the outcome.
    values : tuple
        What was coded for each row: a category, or a number.
    anchors : mapping of str to float
        For categories the membership of each; for numbers ``out``, ``crossover`` and ``full``.
    """

    name: str
    values: tuple[Any, ...]
    anchors: Mapping[str, float]

    @property
    def graded(self) -> bool:
        """Whether the anchors calibrate a number by the direct method."""
        return set(self.anchors) == {"out", "crossover", "full"} and not isinstance(self.values[0], str)

    def memberships(self, **other: float) -> Any:
        """Memberships, with some anchors put elsewhere."""
        anchors = {**self.anchors, **other}
        if self.graded:
            return np.array([direct(value, **anchors) for value in self.values])
        return np.array([anchors[value] for value in self.values])

    def room(self, anchor: str) -> tuple[float, float, float]:
        """Least and greatest value that an anchor can take, and the step in which to go through them."""
        if not self.graded:
            return 0.0, 1.0, 0.001
        out, crossover, full = (self.anchors[name] for name in ("out", "crossover", "full"))
        width = abs(full - out)
        step = width / 200
        low, high = {
            "out": sorted((2 * out - full, crossover)),
            "crossover": sorted((out, full)),
            "full": sorted((crossover, 2 * full - out)),
        }[anchor]
        return low + step, high - step, step


def levels(sets: Sets) -> tuple[Scale, ...]:
    """Scales of memberships of which nothing more is known: every value that occurs is a level.

    A set with more than eight values was hardly calibrated by levels and has no scale.
    """
    scales = []
    for name, column in [*zip(sets.conditions, sets.x.T, strict=True), (sets.outcome, sets.y)]:
        shown = tuple(f"{value:.6g}" for value in column)
        anchors = {text: float(value) for text, value in sorted(zip(shown, column, strict=True))}
        if len(anchors) <= MAX_LEVELS:
            scales.append(Scale(name, shown, anchors))
    return tuple(scales)


def declared_scales(
    book: Casebook, table: str, unit: str, names: tuple[str, ...], keys: tuple[str, ...], alleged: bool
) -> tuple[Scale, ...]:
    """Scales of declared conditions, for the rows with these keys.

    Parameters
    ----------
    book : Casebook
        The casebook.
    table : str
        Name of the table that declares the conditions.
    unit : str
        The table whose rows are analyzed.
    names, keys : tuple of str
        The sets, and the rows.
    alleged : bool
        Whether rows with status alleged may be among them.
    """
    known = declared(book.schema.table(table))
    return tuple(
        Scale(name, _coded(book, unit, known[name], keys, alleged), next(iter(known[name].rule.values())))
        for name in names
        if known[name].form in ("levels", "anchors")
    )


def _coded(book: Casebook, unit: str, condition: Condition, keys: tuple[str, ...], alleged: bool) -> tuple[Any, ...]:
    parent, _, variable = next(iter(condition.rule)).rpartition(".")
    frame = book.load(unit, alleged=alleged).set_index(book.schema.table(unit).primary_key)
    if parent:
        key = next(key.field for key in book.schema.table(unit).foreign_keys if key.table == parent)
        above = book.load(parent, alleged=alleged).set_index(book.schema.table(parent).primary_key)
        column = frame[key].astype("str").map(above[variable].astype("object"))
    else:
        column = frame[variable]
    values = [column[key] for key in keys]
    return tuple(map(to_text, values)) if condition.form == "levels" else tuple(map(float, values))
