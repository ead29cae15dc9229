"""Conditions and outcomes for qualitative comparative analysis: what each row's membership in a set is.

They are declared in ``schemas/conditions.yaml``, calibrated at build into the table ``conditions``, and travel with a
built casebook in the description of that table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from casebook.model.values import to_text

if TYPE_CHECKING:
    from casebook.model.derivations import Record, Records
    from casebook.model.schema import Table

TABLE = "conditions"
FORMS = ("crisp", "every", "some", "levels", "anchors")
ROLES = ("condition", "outcome")
EXPECTATIONS = ("present", "absent", "either")
_LOG_ODDS = math.log(0.95 / 0.05)


@dataclass(frozen=True)
class Condition:
    """A set in which rows of a table have membership.

    Attributes
    ----------
    name, title, reason : str
        Name, title, and why theory expects it to matter.
    table : str
        Table whose rows have membership.
    role : {"condition", "outcome"}
        Whether it explains or is explained.
    form : {"crisp", "every", "some", "levels", "anchors"}
        How membership follows from coded values: `crisp` from values that count as in, `every` and `some` from such
        values in all or any rows of another table that belong to the row, `levels` from one membership for each
        category, `anchors` from a number by Ragin's direct method.
    rule : mapping
        Variables and what they ask for; ``table.variable`` is a variable of the parent row.
    across : str, optional
        For `every` and `some`: the table of the rows that belong to the row.
    expect : {"present", "absent", "either"}
        State in which theory expects a condition to help bring about the outcome.
    """

    name: str
    title: str
    table: str
    role: str
    reason: str
    form: str
    rule: Mapping[str, Any]
    across: str | None = None
    expect: str = "either"

    def to_descriptor(self) -> dict[str, Any]:
        """Render for the description of the table ``conditions``."""
        descriptor = {
            "name": self.name,
            "title": self.title,
            "table": self.table,
            "role": self.role,
            "expect": self.expect,
            "reason": self.reason,
            self.form: self.rule,
        }
        return {**descriptor, **({"across": self.across} if self.across else {})}

    @classmethod
    def from_descriptor(cls, descriptor: Mapping[str, Any]) -> Condition:
        """Read back what `to_descriptor` wrote."""
        plain = {key: value for key, value in descriptor.items() if key not in FORMS}
        form = next(key for key in FORMS if key in descriptor)
        return cls(**plain, form=form, rule=descriptor[form])

    @property
    def crisp(self) -> bool:
        """Whether membership is only ever 0 or 1."""
        return self.form in ("crisp", "every", "some") or (
            self.form == "levels" and all(value in (0, 1) for value in self._only.values())
        )

    @property
    def uses(self) -> Iterator[tuple[str, str]]:
        """Tables and variables from which membership follows."""
        for name in self.rule:
            parent, _, variable = name.rpartition(".")
            yield (self.across or parent or self.table), variable

    @property
    def _only(self) -> Any:
        return next(iter(self.rule.values()))

    def membership(self, row: Record, records: Records) -> tuple[float | None, str | None]:
        """Membership of a row, or None and the reason why it is missing.

        A conjunction with one false part is false, and `some` with one true row is true, whatever else is missing.

        Parameters
        ----------
        row : Record
            A row of the condition's table.
        records : Records
            All rows, among which its parents and children are found.

        Returns
        -------
        float or None
            Degree of membership from 0 to 1, rounded to six digits.
        str or None
            The reason where it is missing.
        """
        if self.form in ("every", "some"):
            assert self.across is not None
            judged = [
                self._crisp(child, records) for child in records.index.pointing(records.schema.tables[self.across], row)
            ]
            if self.form == "every" and not judged:
                return None, "not_applicable"
            return _any(judged) if self.form == "some" else _all(judged)
        if self.form == "crisp":
            return self._crisp(row, records)
        value, reason = _find(row, next(iter(self.rule)), records)
        if value is None:
            return None, reason
        return float(self._only[to_text(value)] if self.form == "levels" else direct(value, **self._only)), None

    def _crisp(self, row: Record, records: Records) -> tuple[float | None, str | None]:
        judged: list[tuple[float | None, str | None]] = []
        for name, allowed in self.rule.items():
            value, reason = _find(row, name, records)
            judged.append((None, reason) if value is None else (float(to_text(value) in allowed), None))
        return _all(judged)


@dataclass(frozen=True)
class Analysis:
    """An outcome and the few conditions that theory sets beside it, chosen before the data are looked at.

    Attributes
    ----------
    name, title, reason : str
        Name, question, and why these conditions.
    outcome : str
        Name of the outcome.
    conditions : list of str
        Names of the conditions.
    """

    name: str
    title: str
    reason: str
    outcome: str
    conditions: list[str] = field(default_factory=list)


def declared(table: Table) -> dict[str, Condition]:
    """The conditions declared in the table ``conditions``, by name."""
    return {condition.name: condition for condition in table.conditions}


def analyses(table: Table) -> dict[str, Analysis]:
    """The analyses declared in the table ``conditions``, by name."""
    return {analysis.name: analysis for analysis in table.analyses}


def direct(value: float, out: float, crossover: float, full: float) -> float:
    """Membership by the direct method: log odds run straight between the three anchors.

    The anchors have membership 0.05, 0.5 and 0.95 (Ragin 2008, Redesigning Social Inquiry, chapter 5).

    Parameters
    ----------
    value : float
        The value, in the unit of the anchors.
    out, crossover, full : float
        Anchors of full nonmembership, of greatest ambiguity, and of full membership, rising or falling.

    Returns
    -------
    float
        Membership between 0 and 1, rounded to six digits.

    Examples
    --------
    >>> [direct(days, out=30, crossover=365, full=3650) for days in (30, 365, 3650)]
    [0.05, 0.5, 0.95]
    """
    toward = full if (value >= crossover) == (full >= crossover) else out
    distance = (value - crossover) / (toward - crossover) * (1 if toward == full else -1)
    return round(1 / (1 + math.exp(-min(max(distance * _LOG_ODDS, -50), 50))), 6)


def calibrate(conditions: Mapping[str, Condition], records: Records) -> Iterator[dict[str, Any]]:
    """Rows of the table ``conditions``: each row's membership in each condition."""
    for condition in conditions.values():
        for row in records.rows[condition.table].values():
            membership, reason = condition.membership(row, records)
            yield {
                "membership_id": f"{condition.table}/{row.id}#{condition.name}",
                "case_id": row.case,
                "table": condition.table,
                "row": row.id,
                "condition": condition.name,
                "membership": membership,
                "reason": reason,
            }


def _find(row: Record, name: str, records: Records) -> tuple[Any, str | None]:
    parent, _, variable = name.rpartition(".")
    if parent:
        key = next(key.field for key in row.table.foreign_keys if key.table == parent)
        row = records.rows[parent][row.values[key]]
    value = row.values.get(variable)
    return value, None if value is not None else row.reasons.get(variable, "unknown")


def _all(judged: list[tuple[float | None, str | None]]) -> tuple[float | None, str | None]:
    if any(value == 0 for value, _ in judged):
        return 0.0, None
    return next(((None, reason) for value, reason in judged if value is None), (1.0, None))


def _any(judged: list[tuple[float | None, str | None]]) -> tuple[float | None, str | None]:
    if any(value == 1 for value, _ in judged):
        return 1.0, None
    return next(((None, reason) for value, reason in judged if value is None), (0.0, None))
