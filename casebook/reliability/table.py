"""The table ``agreement``: how far pairs of coders agree, computed from codings and published values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from casebook.model.coders import PUBLISHED
from casebook.reliability.dates import date_agreement
from casebook.reliability.figures import (
    GroupAgreement,
    Settings,
    VariableAgreement,
    group_agreement,
    grouped,
    variable_agreement,
)
from casebook.reliability.given import Codings, Variable, candidates

TABLE = "agreement"
SETTINGS = Settings()
_SHARED = ("percent", "codable", "alpha", "ac")
_OWN = ("level", "derived", "alpha_units", "both", "both_percent", "both_alpha", "apart")


class Pair(NamedTuple):
    """Two coders who are compared; the second may be the published coding."""

    coder: str
    other_coder: str
    adjudication: str


def agreement_rows(codings: Codings) -> Iterator[dict[str, Any]]:
    """Rows of the table ``agreement``.

    Parameters
    ----------
    codings : Codings
        What the coders gave, and the published values.

    Yields
    ------
    dict
        Values by column, one row per pair of coders and variable, part of one, or group, of which both coded a unit.
        They are rounded, so that no machine's arithmetic shows.
    """
    if not codings.lines["coder"]:
        return
    coders = [*dict.fromkeys(codings.lines["coder"]), PUBLISHED]
    given = {table: codings.variables(table, coders) for table in codings.schema}
    for pair in _pairs(codings, coders):
        for table, variables in given.items():
            named = [variables[item.name] for item in candidates(table) if item.name in variables]
            whole = [variable.of(pair.coder, pair.other_coder).compared(SETTINGS.missing) for variable in named]
            for group in grouped(whole):
                if any(variable.units for variable in group):
                    yield _pooled(pair, group_agreement(group, SETTINGS))
            for variable in whole:
                for part in (variable, *codings.parts(variable)) if variable.units else ():
                    yield _single(pair, part, variable_agreement(part, SETTINGS))


def _pairs(codings: Codings, coders: Iterable[str]) -> Iterator[Pair]:
    """Coders by the same version of the codebook, and each with the published coding."""
    recorded, lines = codings.read("coders"), codings.lines
    codebooks = dict(zip(recorded["coder_id"], recorded["codebook"], strict=True))
    decided = {coder for coder, said in zip(lines["coder"], lines["decision"], strict=True) if said is not None}
    for coder, other in combinations(coders, 2):
        if other == PUBLISHED:
            yield Pair(coder, other, "after" if coder in decided else "undecided")
        elif codebooks[coder] == codebooks[other]:
            yield Pair(coder, other, "before")


def _pooled(pair: Pair, found: GroupAgreement) -> dict[str, Any]:
    return {
        **_row(pair, found, f"{found.table}/{found.group}"),
        "pooled": True,
        "derived": False,
        "variables": found.variables,
        "units": found.decisions,
        "level": "nominal",
    }


def _single(pair: Pair, variable: Variable, found: VariableAgreement) -> dict[str, Any]:
    dates = date_agreement(variable) if found.level == "date" else None
    return {
        **_row(pair, found, f"{found.table}#{found.variable}" + (f"/{found.part}" if found.part else "")),
        "variable": found.variable,
        "part": found.part or None,
        "pooled": False,
        "variables": 1,
        "units": found.units,
        **{name: _rounded(getattr(found, name)) for name in _OWN},
        "overlapping": _rounded(dates.overlapping) if dates else None,
    }


def _row(pair: Pair, found: GroupAgreement | VariableAgreement, name: str) -> dict[str, Any]:
    return {
        "agreement_id": f"{pair.coder}/{pair.other_coder}/{name}",
        **pair._asdict(),
        "table": found.table,
        "kind": found.group,
        **{name: _rounded(getattr(found, name)) for name in _SHARED},
        "alpha_low": _rounded(found.low),
        "alpha_high": _rounded(found.high),
    }


def _rounded(value: Any) -> Any:
    """Four digits, or nothing for NaN; rounded twice, so that the last bits decide no tie."""
    if not isinstance(value, float):
        return value
    return None if value != value else round(round(value, 12), 4)
