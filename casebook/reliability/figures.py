"""Agreement on a variable, and on a group of variables, in figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from casebook.errors import CasebookError
from casebook.model.dates import bounds
from casebook.model.schema import Level
from casebook.reliability.alpha import alpha, pairable, pooled_alphas, resampled_alphas
from casebook.reliability.given import OFF, Texts, Variable
from casebook.reliability.gwet import Chance, gwet, ordinal_weights, pooled

NAN = float("nan")


@dataclass(frozen=True)
class Settings:
    """How the agreement is measured.

    Attributes
    ----------
    missing : {"value", "drop"}
        Whether a reason for a missing value counts as a value, or is left out.
    draws : int
        Bootstrap samples; 0 for no interval.
    confidence : float
        Share of the samples that an interval spans.
    seed : int
        Seed of the bootstrap.
    few : int
        With fewer units than these a variable is read with its group.
    """

    missing: str = "value"
    draws: int = 1000
    confidence: float = 0.95
    seed: int = 0
    few: int = 30

    def __post_init__(self) -> None:
        if self.missing not in ("value", "drop"):
            raise CasebookError(f"unknown treatment of missing values {self.missing!r}; valid: value, drop")
        if not 0 <= self.draws <= 1_000_000:
            raise CasebookError(f"draws is {self.draws}; give up to 1,000,000 resamples, or 0 for no interval")
        if not 0 < self.confidence < 1:
            raise CasebookError(f"confidence is {self.confidence}; give a share between 0 and 1, such as 0.95")
        if self.few < 0:
            raise CasebookError(f"few is {self.few}; give a number of units, or 0 to read every variable by itself")


@dataclass(frozen=True)
class VariableAgreement:
    """Agreement on one variable, or on a part of it.

    Attributes
    ----------
    part : str
        The category of the rows, where they are a part of the variable.
    group : str
        ``judgments``, for which the coder must give a reason, or ``facts``.
    level : str
        Level of measurement: nominal, ordinal, interval, date or duration.
    derived : bool
        Whether the values follow from others, and were computed for every coder.
    coders, units, rows : int
        Coders, units that at least two of them coded, and rows of the casebook.
    percent : float
        Pairs of coders with the same value, 0 to 100, mean over units.
    codable, codable_alpha : float
        Pairs that agree on whether there is a value at all, in percent, and alpha of that; NaN where there must be one.
    both, both_percent, both_alpha : int, float, float
        Units for which two coders gave a value, and the agreement on them.
    alpha, low, high : float
        Krippendorff's alpha and its interval. At nominal level a reason for a missing value is a value. Durations are
        compared by log(1 + days). None for dates, which have `casebook.reliability.dates.DateAgreement`.
    alpha_units : int
        Units on which alpha rests.
    undefined : float
        Share of resamples without variation, which the interval leaves out.
    ac : float
        Gwet's AC1 of nominal variables, AC2 with ordinal weights of ordered ones.
    apart : float
        Mean distance between two coders, in days or in the unit of the count.
    note : str
        What to know about these figures.
    """

    table: str
    variable: str
    part: str
    title: str
    group: str
    level: str
    derived: bool
    coders: int
    rows: int
    units: int
    percent: float
    codable: float
    codable_alpha: float
    both: int
    both_percent: float
    both_alpha: float
    alpha: float
    low: float
    high: float
    alpha_units: int
    undefined: float
    ac: float
    apart: float
    note: str

    @property
    def name(self) -> str:
        return f"{self.table}.{self.variable}" + (f" [{self.part}]" if self.part else "")

    @property
    def pooled(self) -> bool:
        """Whether it has part in a group."""
        return not self.part and not self.derived and self.level in ("nominal", "ordinal")


@dataclass(frozen=True)
class GroupAgreement:
    """Agreement on the judgments, or on the facts, of one table, all variables pooled.

    Attributes
    ----------
    variables, decisions : int
        Variables pooled, and units over all of them.
    percent, codable : float
        Pairs of coders with the same value, and that agree on whether there is one, in percent of decisions.
    alpha, low, high : float
        Pooled nominal alpha and its interval; see `casebook.reliability.alpha.pooled_alphas`.
    ac : float
        Pooled AC1; see `casebook.reliability.gwet.pooled`.
    """

    table: str
    group: str
    variables: int
    decisions: int
    percent: float
    codable: float
    alpha: float
    low: float
    high: float
    ac: float


class Ratings(NamedTuple):
    """Values as numbers, and how many categories there are to choose from."""

    numbers: NDArray[np.float64]
    categories: int


def variable_agreement(variable: Variable, settings: Settings) -> VariableAgreement:
    """Measure the agreement on a variable."""
    variable = variable.compared(settings.missing)
    values, scale = variable.texts, _scale(variable.level)
    answers = _answers(variable, values)
    settled = values.copy()
    settled[answers != 1] = None
    both = settled[(answers == 1).sum(axis=1) > 1]
    answered = answers if _may_be_missing(variable) else None
    whole, given = NAN, NAN
    ratings = _ratings(variable, values)
    compared = pairable(ratings.numbers)
    low = high = undefined = NAN
    if scale and len(compared):
        whole, drawn = resampled_alphas(ratings.numbers, scale, settings.draws, settings.seed)
        given = alpha(_ratings(variable, both).numbers, scale)
        if len(compared) > 1 and not np.isnan(whole):
            low, high, undefined = _interval(drawn, settings)
    measured = VariableAgreement(
        table=variable.table.name,
        variable=variable.item.name,
        part=variable.part,
        title=variable.item.title,
        group=variable.group,
        level=variable.level,
        derived=variable.item.derived is not None,
        coders=int(values.astype(bool).any(axis=0).sum()),
        rows=variable.rows,
        units=len(values),
        percent=_percent(variable, values),
        codable=NAN if answered is None else 100 * _same(answered),
        codable_alpha=NAN if answered is None else alpha(answered, "nominal"),
        both=len(both),
        both_percent=_percent(variable, both),
        both_alpha=given,
        alpha=whole,
        low=low,
        high=high,
        alpha_units=len(compared),
        undefined=undefined,
        ac=_gwet(ratings, variable.level).coefficient if variable.level in ("nominal", "ordinal") else NAN,
        apart=_apart(variable, values),
        note="",
    )
    return replace(measured, note="; ".join(_notes(measured)))


def group_agreement(variables: Sequence[Variable], settings: Settings) -> GroupAgreement:
    """Pool variables of one table and group."""
    variables = [variable.compared(settings.missing) for variable in variables]
    rows = sorted({unit for variable in variables for unit in variable.units})
    nominal = [_nominal(variable, _aligned(variable, rows)) for variable in variables]
    point, drawn = pooled_alphas([ratings.numbers for ratings in nominal], settings.draws, settings.seed)
    low, high, _ = _interval(drawn, settings) if len(rows) > 1 else (NAN, NAN, NAN)
    answered = [_answers(variable, variable.texts) for variable in variables if _may_be_missing(variable)]
    return GroupAgreement(
        table=variables[0].table.name,
        group=variables[0].group,
        variables=sum(len(variable.units) > 0 for variable in variables),
        decisions=sum(len(variable.units) for variable in variables),
        percent=_mean((_percent(variable, variable.texts), len(variable.units)) for variable in variables),
        codable=100 * _mean((_same(codes), len(codes)) for codes in answered),
        alpha=point,
        low=low,
        high=high,
        ac=pooled(_gwet(ratings) for ratings in nominal).coefficient,
    )


def grouped(variables: Iterable[Variable]) -> list[list[Variable]]:
    """The variables that are pooled, by table and group."""
    groups: dict[tuple[str, str], list[Variable]] = {}
    for variable in variables:
        if variable.pooled:
            groups.setdefault((variable.table.name, variable.group), []).append(variable)
    return list(groups.values())


def equal(variable: Variable, value: str) -> object:
    """What must be equal for two coders to agree: the bounds of a date, otherwise the value."""
    return bounds(value) if variable.level == "date" and value not in OFF else value


def _aligned(variable: Variable, rows: Sequence[str]) -> Texts:
    """What coders gave for these rows, some of which they may not have coded."""
    given = dict(zip(variable.units, variable.texts, strict=True))
    nothing = [None] * len(variable.coders)
    return np.array([given.get(row, nothing) for row in rows], dtype=object).reshape(len(rows), len(variable.coders))


def _scale(level: str) -> Level | None:
    """The level at which alpha is taken; none for dates."""
    if level == "date":
        return None
    return "interval" if level == "duration" else level  # type: ignore[return-value]


def _numbers(texts: Texts, number: Callable[[str], float]) -> NDArray[np.float64]:
    """Texts as numbers; NaN where there is none."""
    known = {text: NAN if text is None else number(text) for text in dict.fromkeys(texts.flat)}
    return np.array([known[text] for text in texts.flat], dtype=float).reshape(texts.shape)


def _ratings(variable: Variable, texts: Texts) -> Ratings:
    """Values as numbers on the scale of the variable; NaN where there is none."""
    if variable.level == "nominal":
        return _nominal(variable, texts)
    return Ratings(_numbers(texts, lambda text: _number(variable, text)), len(variable.item.values))


def _nominal(variable: Variable, texts: Texts) -> Ratings:
    """Places among the categories, those that nobody used included, then what else was given."""
    item = variable.item
    declared = ["yes", "no"] if item.type == "boolean" else item.values
    used = {text for text in texts.flat if text is not None}
    places = {value: place for place, value in enumerate([*declared, *sorted(used - set(declared))])}
    return Ratings(_numbers(texts, lambda text: places[text]), len(places))


def _number(variable: Variable, text: str) -> float:
    if text in OFF or variable.level == "date":
        return NAN
    if variable.item.categories:
        return variable.item.values.index(text)
    return float(np.log1p(float(text))) if variable.level == "duration" else float(text)


def _answers(variable: Variable, texts: Texts) -> NDArray[np.float64]:
    """1 where a coder gave a value, 0 where a reason or a category that settles nothing; NaN where nothing."""
    return _numbers(texts, lambda text: variable.settles(text))


def _may_be_missing(variable: Variable) -> bool:
    return not variable.item.required or bool(variable.item.no_evidence_for)


def _gwet(ratings: Ratings, level: str = "nominal") -> Chance:
    size = ratings.categories
    return gwet(ratings.numbers, ordinal_weights(size) if level == "ordinal" else np.eye(size))


def _interval(drawn: NDArray[np.float64], settings: Settings) -> tuple[float, float, float]:
    """Low and high end of the percentile interval, and the share of resamples that it leaves out."""
    if not len(drawn):
        return NAN, NAN, NAN
    undefined = float(np.isnan(drawn).mean())
    if undefined == 1:
        return NAN, NAN, undefined
    tail = (1 - settings.confidence) / 2
    low, high = np.quantile(drawn[~np.isnan(drawn)], [tail, 1 - tail])
    return float(low), float(high), undefined


def _percent(variable: Variable, texts: Texts) -> float:
    places: dict[object, int] = {}
    return 100 * _same(_numbers(texts, lambda text: places.setdefault(equal(variable, text), len(places))))


def _same(codes: NDArray[np.float64]) -> float:
    """Share of pairs of coders with the same value."""
    return _over_pairs(codes, lambda one, other: np.where(np.isnan(one + other), NAN, one == other))


def _over_pairs(codes: NDArray[np.float64], measure: Callable[..., NDArray[np.float64]]) -> float:
    """Mean of a measure over the pairs of coders of each unit, and then over the units."""
    pairs = [measure(one, other) for one, other in combinations(codes.T, 2)]
    measures = np.array(pairs).reshape(len(pairs), len(codes))
    measured = (~np.isnan(measures)).sum(axis=0)
    means = np.nansum(measures, axis=0)[measured > 0] / measured[measured > 0]
    return float(means.mean()) if len(means) else NAN


def _mean(parts: Iterable[tuple[float, int]]) -> float:
    """Mean of shares, each weighted by its units."""
    counted = [(share, units) for share, units in parts if units]
    return sum(share * units for share, units in counted) / sum(units for _, units in counted) if counted else NAN


def _apart(variable: Variable, texts: Texts) -> float:
    """Mean distance between two coders."""
    if variable.level not in ("interval", "duration"):
        return NAN
    numbers = _numbers(texts, lambda text: NAN if text in OFF else float(text))
    return _over_pairs(numbers, lambda one, other: abs(one - other))


def _notes(found: VariableAgreement) -> Iterable[str]:
    if not found.units:
        yield "no unit was coded by two of these coders"
        return
    if found.level == "date":
        return
    if left_out := found.units - found.alpha_units:
        yield f"alpha leaves out {left_out} of {found.units} units without two values on the scale"
    if found.alpha_units and np.isnan(found.alpha):
        yield "alpha is undefined: all values are the same, so chance would agree as well"
    elif found.alpha_units == 1:
        yield "one unit: alpha says next to nothing, and there is no interval"
    if found.undefined > 0:
        yield f"the interval leaves out {found.undefined:.1%} of the resamples, which had no variation"
