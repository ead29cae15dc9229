"""An agreement as readers see it: tables of rounded texts, warnings, and how to read them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from casebook._support.folding import folded
from casebook.views.html import framed, html_table

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from casebook.codings.agreement import Agreement
    from casebook.codings.units import UnitAgreement
    from casebook.reliability.figures import GroupAgreement, VariableAgreement

_TYPES = {"str": "str", "int": "int64", "float": "float64", "bool": "bool"}


def sections(found: Agreement) -> list[tuple[str, pd.DataFrame]]:
    """Tables with their titles; those without a row are left out."""
    few = found.settings.few
    whole = [row for row in found.variables if not row.part]
    tables = [
        ("Groups of variables, pooled", _frame(map(_group, found.groups))),
        ("Variables", _frame(_variable(row, few) for row in whole if row.level != "date" and not row.derived)),
        ("By category of the rows", _frame(_variable(row, few) for row in found.variables if row.part)),
        ("Dates: percent of pairs, and distances in days", _dates(found)),
        ("Computed from what each coder gave", _frame(_variable(row, few) for row in whole if row.derived)),
        ("Units", counted_units(found.units).round(2).astype("str")),
        (f"Every disagreement on variables with fewer than {few} units", _listed(found)),
    ]
    return [(title, frame) for title, frame in tables if len(frame)]


def reading(found: Agreement) -> str:
    """How to read the figures, in plain words."""
    settings = found.settings
    interval = (
        f"The interval ({settings.confidence:.0%}) comes from {settings.draws} resamples of the units (seed "
        f"{settings.seed}). With few units it is wide and itself rough; rows of one case are less independent than "
        "it assumes; and where the coders never differ it shrinks to a point, which says nothing about units that "
        "nobody has coded twice. "
        if settings.draws
        else ""
    )
    reasons = (
        "A reason for a missing value (unknown, not_applicable, withheld) counts as a value of its own in percent "
        "and in nominal alpha; it has no place on an ordinal or interval scale, so alpha leaves it out there. "
        if settings.missing == "value"
        else "Units where a coder gave a reason for a missing value were compared without that coder. "
    )
    return (
        "Percent is the share of pairs of coders who gave the same value; it comes out high by itself where one value "
        "is common. Alpha is Krippendorff's and AC is Gwet's (AC1; AC2 with ordinal weights for ordered categories): 1 "
        "is full agreement, 0 what chance alone would bring. Where one value is common alpha punishes each exception "
        f"and AC hardly notices it, so read both. {interval}{reasons}"
        "Codable is agreement on whether there is a value at all, and 'alpha, both' that on units for which both gave "
        "one: a coder can be sure of the value and unsure whether it can be known. "
        f"A coefficient that rests on fewer than {settings.few} units says little and is not shown: read the group, in "
        "which disagreements observed and expected are summed over the variables, and the list of disagreements. "
        "For dates look at how many overlap and how far the others lie apart, outside their bounds; durations are "
        "compared by log(1 + days). Figures are those of independent codings only as long as neither was corrected "
        "after a look at the other. No figure is a pass mark. Ask which conclusions would change if the units listed "
        "by disagreements() were coded the other way."
    )


def introduction(found: Agreement) -> str:
    """Who coded, and what weakens the figures."""
    coders = f"Coders: {'; '.join(map(str, found.coders))}. casebook is the published coding."
    return "\n".join([coders, *found.warnings])


def as_text(found: Agreement) -> str:
    """For terminals."""
    lines = [textwrap.fill(line, 100) for line in introduction(found).splitlines()]
    tables = [f"{title}\n{frame.to_string(index=False)}" for title, frame in sections(found)]
    return "\n\n".join(["\n".join(lines), *tables, textwrap.fill(reading(found), 100)])


def as_html(found: Agreement) -> str:
    """For notebooks."""
    coders, *warnings = introduction(found).splitlines()
    points = "".join(f"<li>{escape(warning)}</li>" for warning in warnings)
    tables = "".join(
        folded(title, html_table([str(name) for name in frame], frame.to_numpy().tolist()), len(frame))
        for title, frame in sections(found)
    )
    advice = f"<p><b>How to read this.</b> {escape(reading(found))}</p>"
    return framed(f"<p>{escape(coders)}</p><ul>{points}</ul>", tables, advice)


def as_frame(kind: type[DataclassInstance], rows: Sequence[DataclassInstance]) -> pd.DataFrame:
    """Dataclasses of one kind as data, with the types of their fields even where there are none."""
    types = {item.name: _TYPES[str(item.type)] for item in fields(kind)}
    return pd.DataFrame([asdict(row) for row in rows], columns=list(types)).astype(types)


def counted_units(units: Sequence[UnitAgreement]) -> pd.DataFrame:
    """Units as counts: the coder's and the casebook's, what both have, and F1."""
    parts = ("same", "split", "merged", "missed", "added")
    rows = [
        {
            "coder": row.coder,
            "table": row.table,
            "cases": len(row.cases),
            "found": row.found,
            "held": row.held,
            **{part: len(getattr(row, part)) for part in parts},
            "f1": row.f1,
        }
        for row in units
    ]
    numbers = dict.fromkeys(("cases", "found", "held", *parts), "int64")
    types = {"coder": "str", "table": "str", **numbers, "f1": "float64"}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def _group(row: GroupAgreement) -> dict[str, str]:
    return {
        "group": f"{row.table}, {row.group}",
        "variables": str(row.variables),
        "decisions": str(row.decisions),
        "percent": _rounded(row.percent, 0),
        "alpha": _rounded(row.alpha, 2),
        "interval": _interval(row.low, row.high),
        "AC": _rounded(row.ac, 2),
        "codable": _rounded(row.codable, 0),
    }


def _variable(row: VariableAgreement, few: int) -> dict[str, str]:
    """No coefficient that rests on few units: those of a group take its place."""
    alone = row.alpha_units >= few
    return {
        "variable": row.name,
        "level": row.level,
        "units": f"{row.units} of {row.rows}",
        "percent": _rounded(row.percent, 0),
        "alpha": _rounded(row.alpha, 2) if alone else "",
        "interval": _interval(row.low, row.high) if alone else "",
        "AC": _rounded(row.ac, 2) if alone else "",
        "codable": _rounded(row.codable, 0),
        "both": str(row.both),
        "alpha, both": _rounded(row.both_alpha, 2) if row.both >= few else "",
        "apart": _rounded(row.apart, 1),
        "note": _note(row, few),
    }


def _note(row: VariableAgreement, few: int) -> str:
    if row.alpha_units < few:
        return "few units: see the group" if row.pooled else "few units"
    if np.isnan(row.alpha):
        return "all values are the same"
    return f"{row.undefined:.0%} of resamples without variation" if row.undefined >= 0.005 else ""


def _dates(found: Agreement) -> pd.DataFrame:
    codable = {(row.table, row.variable): row for row in found.variables if not row.part}
    return _frame(
        {
            "variable": f"{row.table}.{row.variable}",
            "codable": _rounded(codable[row.table, row.variable].codable, 0),
            "both": str(row.units),
            "identical": _rounded(row.identical, 0),
            "overlap": _rounded(row.overlapping, 0),
            "≤ 1 day": _rounded(row.day, 0),
            "≤ 7": _rounded(row.week, 0),
            "≤ 31": _rounded(row.month, 0),
            "≤ 365": _rounded(row.year, 0),
            "median": _rounded(row.median, 0),
            "90 %": _rounded(row.p90, 0),
            "most": _rounded(row.most, 0),
        }
        for row in found.dates
    )


def _listed(found: Agreement) -> pd.DataFrame:
    few = {(row.table, row.variable) for row in found.variables if not row.part and row.units < found.settings.few}
    frame = found.disagreements()
    chosen = [pair in few for pair in zip(frame["table"], frame["variable"], strict=True)]
    frame = frame.loc[np.array(chosen, dtype=bool)].fillna("")
    named = frame["table"] + "." + frame["variable"]
    return frame.drop(columns=["table", "variable"]).assign(variable=named)[["variable", "row", *frame.columns[3:]]]


def _frame(rows: Iterable[dict[str, str]]) -> pd.DataFrame:
    """Rows as texts, without columns in which nothing stands."""
    frame = pd.DataFrame(list(rows), dtype="str")
    return frame[[name for name in frame if (frame[name] != "").any()]]


def _interval(low: float, high: float) -> str:
    return "" if np.isnan(low) else f"{low:.2f} to {high:.2f}"


def _rounded(number: float, digits: int) -> str:
    return "" if np.isnan(number) else f"{number:.{digits}f}"
