"""Agreement between independent coders.

The function is `casebook.agreement`; a module of that name would hide it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from casebook._support.arguments import names as list_of
from casebook._support.progress import counted
from casebook.codings import report
from casebook.codings.units import Unit, UnitAgreement, read_units, unit_agreement
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.coders import PUBLISHED, Coder
from casebook.model.schema import Table
from casebook.reliability.dates import DateAgreement, date_agreement
from casebook.reliability.figures import (
    GroupAgreement,
    Settings,
    VariableAgreement,
    equal,
    group_agreement,
    grouped,
    variable_agreement,
)
from casebook.reliability.given import Codings, Variable, candidates

if TYPE_CHECKING:
    from casebook.book import Casebook

NOBODY = (
    "there is no second coding yet, so there is no agreement to measure. To get one, write a blank sheet with "
    "'casebook codings sheet CODER', have the coder fill it from the sources without a look at the published values, "
    "add it with 'casebook codings add FILE', and run 'casebook build'"
)


@dataclass(frozen=True)
class Agreement:
    """Agreement between coders; made by `casebook.book.Casebook.agreement`.

    Shows itself in notebooks and terminals, with its denominators, warnings and advice on how to read it.

    Attributes
    ----------
    coders : tuple of Coder
        The coders compared, with what the casebook records of them; ``casebook`` is the published coding.
    settings : Settings
        How it was measured.
    variables : tuple of VariableAgreement
        Coded variables, the parts of those that are coded for every category of something, and derived variables.
    groups : tuple of GroupAgreement
        Judgments and facts of each table, all variables pooled; dates and counts take no part.
    dates : tuple of DateAgreement
        Variables that are dates.
    units : tuple of UnitAgreement
        What coders found that there is to code; empty without a second list.
    warnings : tuple of str
        What weakens the figures.
    """

    coders: tuple[Coder, ...]
    settings: Settings
    variables: tuple[VariableAgreement, ...]
    groups: tuple[GroupAgreement, ...]
    dates: tuple[DateAgreement, ...]
    units: tuple[UnitAgreement, ...]
    warnings: tuple[str, ...]
    _differing: pd.DataFrame = field(repr=False, compare=False)

    def to_frame(self, what: str = "variables") -> pd.DataFrame:
        """The figures as data.

        Parameters
        ----------
        what : {"variables", "groups", "dates", "units"}, default "variables"
            Of what.

        Returns
        -------
        DataFrame
            One row per `casebook.reliability.figures.VariableAgreement`, `GroupAgreement`, `DateAgreement` of
            `casebook.reliability.dates` or `UnitAgreement` of `casebook.codings.units`, where the columns are
            described; of units only counts, and ``f1``.

        Raises
        ------
        UnknownNameError
            If `what` is something else.
        """
        if what == "units":
            return report.counted_units(self.units)
        if what == "variables":
            return report.as_frame(VariableAgreement, self.variables)
        if what == "groups":
            return report.as_frame(GroupAgreement, self.groups)
        if what == "dates":
            return report.as_frame(DateAgreement, self.dates)
        raise UnknownNameError("part of an agreement", what, ["variables", "groups", "dates", "units"])

    def disagreements(self) -> pd.DataFrame:
        """The units on which coders differ, for them to talk over.

        Returns
        -------
        DataFrame
            ``table``, ``row``, ``variable``, and one column per coder with the value given; missing where the coder
            did not code the unit.
        """
        return self._differing.copy(deep=True)

    @property
    def introduction(self) -> str:
        """Who coded, and what weakens the figures."""
        return report.introduction(self)

    @property
    def reading(self) -> str:
        """How to read the figures, in plain words."""
        return report.reading(self)

    def sections(self) -> list[tuple[str, pd.DataFrame]]:
        """Tables for readers with their titles: texts, rounded."""
        return report.sections(self)

    def __str__(self) -> str:
        return report.as_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return report.as_html(self)


def measure(
    book: Casebook,
    table: str | None,
    variable: str | None,
    coders: Sequence[str] | None,
    units: str | PathLike[str] | Sequence[Unit] | None,
    settings: Settings,
) -> Agreement:
    """Measure the agreement between coders; see `casebook.book.Casebook.agreement`."""
    given = Codings(book.schema, book.store.lists, book.metadata.reference_date)
    codings = book.store.read("codings")
    tables = _tables(book, table, variable)
    if codings.empty and units is None:
        raise CasebookError(NOBODY)
    names = _coders(codings, coders)
    listed = read_units(Path(units)) if isinstance(units, str | PathLike) else list(() if units is None else units)
    if not all(isinstance(unit, Unit) for unit in listed):
        raise CasebookError("units must be a path, or what casebook.codings.units.read_units gives")
    chosen = [] if codings.empty else _chosen(given, tables, variable, names)
    whole = [each for each in chosen if not each.part]
    coded = [each for each in whole if each.item.derived is None]
    steps = counted(chosen, "measuring agreement", show=settings.draws > 0)
    return Agreement(
        coders=tuple(_recorded(book, name) for name in dict.fromkeys([*names, *(unit.coder for unit in listed)])),
        settings=settings,
        variables=tuple(variable_agreement(each, settings) for each in steps),
        groups=tuple(group_agreement(group, settings) for group in grouped(whole)),
        dates=tuple(date_agreement(each) for each in coded if each.level == "date"),
        units=tuple(unit_agreement(book, listed)),
        warnings=(
            *_warnings([_recorded(book, name) for name in names], bool(listed)),
            *_unheld(book, codings[codings["coder"].isin(names)]),
        ),
        _differing=_differing(coded, names, settings),
    )


def _tables(book: Casebook, table: str | None, variable: str | None) -> list[Table]:
    """The tables asked for, once it is clear that the names are right."""
    tables = list(book.schema) if table is None else [book.schema.table(table)]
    if variable is not None:
        names = {item.name for declared in tables for item in declared.columns}
        if variable not in names:
            where = f"variable in table {table}" if table else "variable"
            raise UnknownNameError(where, variable, sorted(names))
        if not any(item.name == variable for declared in tables for item in candidates(declared)):
            raise CasebookError(f"agreement is not measured on {variable}: it is not coded, or free text")
    return tables


def _coders(codings: pd.DataFrame, coders: Sequence[str] | None) -> list[str]:
    known = [PUBLISHED, *dict.fromkeys(codings["coder"])]
    asked = list_of(coders, "coders", PUBLISHED)
    for coder in asked or []:
        if coder not in known:
            raise UnknownNameError("coder", coder, known)
    names = list(dict.fromkeys(known if asked is None else asked))
    if len(names) < 2 and not codings.empty:
        raise CasebookError(f"agreement needs two coders, not {len(names)}; valid: {', '.join(known)}")
    return names


def _chosen(given: Codings, tables: Sequence[Table], variable: str | None, coders: list[str]) -> list[Variable]:
    """Variables that somebody coded a second time, in codebook order, each followed by its parts."""
    lines = given.lines
    coded = dict.fromkeys(f"{one}.{other}" for one, other in zip(lines["table"], lines["variable"], strict=True))
    found: list[Variable] = []
    for table in tables:
        values = given.variables(table, coders)
        for item in candidates(table):
            if item.name in values and variable in (None, item.name):
                found += [values[item.name], *given.parts(values[item.name])]
    if not found:
        what = ".".join(filter(None, (tables[0].name if len(tables) == 1 else None, variable)))
        raise CasebookError(f"nobody has coded {what} a second time; coded so far: {', '.join(sorted(coded))}")
    return found


def _recorded(book: Casebook, name: str) -> Coder:
    return next((coder for coder in book.metadata.coders if coder.name == name), Coder(name))


def _warnings(coders: Sequence[Coder], listed: bool) -> list[str]:
    warnings = []
    unknown = [coder.name for coder in coders if coder.kind is None]
    if unknown:
        warnings.append(
            f"It is not recorded whether {' and '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} human or "
            "machine; say so under coders in casebook.yaml."
        )
    if all(coder.kind == "machine" for coder in coders):
        warnings.append(
            "All coders are machines: the figures say how well the codebook can be applied again by such a coder, not "
            "whether people would read the sources alike."
        )
    shared = {part for coder in coders for part in coder.material if sum(part in c.material for c in coders) > 1}
    if shared:
        warnings.append(
            f"Coders worked from the same material ({', '.join(sorted(shared))}): what it leaves out or has wrong "
            "counts as agreement."
        )
    if not listed:
        warnings.append(
            "The rows were given to the coders: what there is to code, say which channels, is not compared."
        )
    return warnings


def _unheld(book: Casebook, codings: pd.DataFrame) -> Iterator[str]:
    for (coder, table), lines in codings.groupby(["coder", "table"], sort=False):
        rows = set(lines["row"]) - set(book.store.indexed(str(table)).index)
        if rows:
            yield (
                f"{coder} coded rows of {table} that the casebook does not have ({len(rows)}); they are compared only "
                "between coders who have them."
            )


def _differing(variables: Sequence[Variable], coders: list[str], settings: Settings) -> pd.DataFrame:
    rows = []
    for variable in variables:
        compared = variable.compared(settings.missing)
        for row, texts in zip(compared.units, compared.texts, strict=True):
            if len({equal(variable, text) for text in texts if text is not None}) > 1:
                rows.append([variable.table.name, row, variable.item.name, *texts])
    return pd.DataFrame(rows, columns=["table", "row", "variable", *coders], dtype="str")
