"""Which readings of a row can hold together: the rules of the codebook, asked of one row at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from casebook.model.demands import Rule
from casebook.model.schema import REASONS, Table
from casebook.model.values import to_text

if TYPE_CHECKING:
    from casebook.worlds.alternatives import Alternative, Variable
    from casebook.worlds.stands import Stands


class Coherence:
    """The rules that bind some variables.

    A rule binds only where what it demands is among the variables that can be read otherwise; a rule that looks at
    other rows binds nowhere.

    Parameters
    ----------
    stands : Stands
        The rows as coded.
    touched : collection of (table, variable)
        The variables that can be read otherwise.
    """

    def __init__(self, stands: Stands, touched: Collection[Variable]) -> None:
        self._stands, self._touched = stands, frozenset(touched)

    @cached_property
    def _rules(self) -> dict[str, list[Rule]]:
        names = {table for table, _ in self._touched}
        return {name: list(self._binding(self._stands.schema.table(name))) for name in names}

    def _binding(self, table: Table) -> Iterator[Rule]:
        for rule in table.rules:
            if rule.parents:
                continue
            require = {name: allowed for name, allowed in rule.require.items() if self._is_touched(table, name)}
            order = rule.order if any(self._is_touched(table, name) for name in rule.order) else ()
            if require or order:
                yield dataclasses.replace(rule, require=require, order=order)

    def _is_touched(self, table: Table, name: str) -> bool:
        return (table.name, _declared(table, name)) in self._touched

    def bound_together(self, table: str) -> Iterator[set[str]]:
        """Variables of a table of which one rule speaks."""
        declared = self._stands.schema.table(table)
        for rule in self._rules.get(table, ()):
            yield {_declared(declared, name) for name in rule.fields}

    def keeps(self, taken: Iterable[Alternative]) -> bool:
        """Whether rows keep the rules when some of their values are read otherwise."""
        by_row: dict[tuple[str, str], list[Alternative]] = {}
        for alternative in taken:
            by_row.setdefault((alternative.table, alternative.row), []).append(alternative)
        for (table, row), alternatives in by_row.items():
            if rules := self._rules.get(table):
                stand = self._stands.row(table, row).copy()
                for alternative in alternatives:
                    names = [*alternative.values, *alternative.reasons]
                    stand.take(names, alternative.values, alternative.reasons)
                if not all(keeps(rule, stand.values, stand.reasons) for rule in rules):
                    return False
        return True


def _declared(table: Table, name: str) -> str:
    item = table.field(name)
    return item.generated_from or item.name


def keeps(rule: Rule, values: Mapping[str, Any], reasons: Mapping[str, str]) -> bool:
    """Whether one row keeps a rule; on many rows at once it is `casebook.model.rules.broken` that answers.

    Examples
    --------
    >>> rule = Rule("in_order", "", order=("least", "most"))
    >>> keeps(rule, {"least": 3, "most": 2}, {}), keeps(rule, {"least": 3}, {"most": "unknown"})
    (False, True)
    """
    if not all(_matches(values, reasons, name, wanted, required=False) for name, wanted in rule.when.items()):
        return True
    if not all(_matches(values, reasons, name, wanted, required=True) for name, wanted in rule.require.items()):
        return False
    low, high = (values.get(name) for name in rule.order or ("", ""))
    return low is None or high is None or low <= high


def _matches(
    values: Mapping[str, Any], reasons: Mapping[str, str], name: str, wanted: str | list[str], *, required: bool
) -> bool:
    value = values.get(name)
    if wanted == "missing":
        return value is None
    if wanted == "coded":
        return value is not None
    if isinstance(wanted, str) and wanted in REASONS:
        return value is None and reasons.get(name) == wanted
    if value is None:
        return required and reasons.get(name) != "not_applicable"
    return to_text(value) in ([wanted] if isinstance(wanted, str) else wanted)
