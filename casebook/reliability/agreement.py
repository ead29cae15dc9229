"""Agreement between independent coders, variable by variable.

The function is `casebook.agreement`; a module of that name would hide it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from casebook.errors import CasebookError, UnknownNameError
from casebook.model.dates import bounds
from casebook.model.schema import REASONS, Field, Table
from casebook.reliability.alpha import alpha, pairable, resampled_alphas
from casebook.views.html import STYLE, html_table

if TYPE_CHECKING:
    from casebook.book import Casebook

PUBLISHED = "casebook"
COLUMNS = {
    "table": "str",
    "variable": "str",
    "title": "str",
    "level": "str",
    "coders": "int64",
    "units": "int64",
    "percent": "float64",
    "alpha": "float64",
    "low": "float64",
    "high": "float64",
    "alpha_units": "int64",
    "undefined": "float64",
    "apart": "float64",
    "note": "str",
}
NOBODY = (
    "there is no second coding yet, so there is no agreement to measure. To get one, write a blank sheet with "
    "'casebook codings sheet CODER', have the coder fill it from the sources without a look at the published values, "
    "add it with 'casebook codings add FILE', and run 'casebook build'"
)


@dataclass(frozen=True)
class Settings:
    """How the agreement is measured."""

    missing: str = "value"
    draws: int = 1000
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if self.missing not in ("value", "drop"):
            raise CasebookError(f"unknown treatment of missing values {self.missing!r}; valid: value, drop")
        if self.draws < 0:
            raise CasebookError(f"draws is {self.draws}; give a number of resamples, or 0 for no interval")
        if not 0 < self.confidence < 1:
            raise CasebookError(f"confidence is {self.confidence}; give a share between 0 and 1, such as 0.95")


class Agreement:
    """Agreement between coders, one row per variable; made by `casebook.book.Casebook.agreement`.

    Attributes
    ----------
    coders : list of str
        The coders compared; ``casebook`` is the published coding.
    settings : Settings
        How it was measured: ``missing``, ``draws``, ``confidence``, ``seed``.
    """

    def __init__(self, figures: pd.DataFrame, differing: pd.DataFrame, coders: list[str], settings: Settings) -> None:
        self._figures, self._differing = figures, differing
        self.coders, self.settings = coders, settings

    def to_frame(self) -> pd.DataFrame:
        """The figures as data.

        Returns
        -------
        DataFrame
            One row per variable: ``table``, ``variable``, ``title``, ``level``; ``coders`` and ``units`` (how many
            coders there are, and how many units at least two of them coded); ``percent`` (pairs of coders with the
            same value, 0 to 100, mean over units); ``alpha``, ``low``, ``high``; ``alpha_units`` (units on which alpha
            rests); ``undefined`` (share of resamples without variation, which the interval leaves out); ``apart``
            (interval level only: mean distance between two coders, in days for dates, else in the variable's own
            unit); ``note``.
        """
        return self._figures.copy(deep=True)

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
    def reading(self) -> str:
        """How to read the figures, in plain words."""
        settings = self.settings
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
            f"Coders: {', '.join(self.coders)} (casebook is the published coding). "
            "Percent is the share of pairs of coders who gave the same value; it comes out high by itself where one "
            "value is common. Alpha is Krippendorff's: 1 is full agreement, 0 what chance alone would bring, less than "
            f"0 worse than chance. {interval}{reasons}"
            "Dates agree in percent if their bounds are the same; alpha compares the midpoints of the bounds. Where "
            "dates lie decades apart alpha is close to 1 even if coders differ by months: look at apart, the mean "
            "distance in days. No figure is a pass mark. Ask which conclusions would change if the units listed by "
            "disagreements() were coded the other way."
        )

    def shown(self) -> pd.DataFrame:
        """The figures as texts, rounded for readers."""
        rows = [
            {
                "variable": f"{row['table']}.{row['variable']}",
                "level": row["level"],
                "units": str(row["units"]),
                "percent": _rounded(row["percent"], 0),
                "alpha": _rounded(row["alpha"], 2),
                "interval": "" if np.isnan(row["low"]) else f"{row['low']:.2f} to {row['high']:.2f}",
                "apart": _rounded(row["apart"], 1),
                "note": row["note"],
            }
            for row in self._figures.to_dict("records")
        ]
        return pd.DataFrame(rows, dtype="str")

    def __str__(self) -> str:
        return f"{self.shown().to_string(index=False)}\n\n{textwrap.fill(self.reading, 100)}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        shown = self.shown()
        reading = f"<p class='quiet'><b>How to read this.</b> {escape(self.reading)}</p>"
        table = html_table([str(name) for name in shown], shown.to_numpy().tolist())
        return f"{STYLE}<div class='casebook'>{table}{reading}</div>"


def measure(
    book: Casebook, table: str | None, variable: str | None, coders: Sequence[str] | None, settings: Settings
) -> Agreement:
    """Measure the agreement between coders; see `casebook.book.Casebook.agreement`."""
    codings = book.store.read("codings")
    chosen = _chosen(book, codings, table, variable)
    known = [PUBLISHED, *dict.fromkeys(codings["coder"])]
    for coder in coders or []:
        if coder not in known:
            raise UnknownNameError("coder", coder, known)
    names = list(dict.fromkeys(known if coders is None else coders))
    if len(names) < 2:
        raise CasebookError(f"agreement needs two coders, not {len(names)}; valid: {', '.join(known)}")
    figures, differing = [], []
    console = Console(stderr=True)
    shown = settings.draws > 0 and (console.is_terminal or console.is_jupyter)
    steps = track(chosen, "measuring agreement", console=console, transient=True, disable=not shown)
    for declared, item in steps:
        units = _units(book, codings, declared, item).reindex(columns=names)
        if settings.missing == "drop":
            units = units.mask(units.isin(REASONS))
        units = units[units.notna().sum(axis=1) > 1]
        labels = {"table": declared.name, "variable": item.name}
        figures.append({**labels, "title": item.title, "level": item.level, **_figures(item, units, settings)})
        for row, given in units.iterrows():
            if len({_same(item, value) for value in given.dropna()}) > 1:
                differing.append({"table": declared.name, "row": row, "variable": item.name, **given})
    return Agreement(
        pd.DataFrame(figures, columns=list(COLUMNS)).astype(COLUMNS),
        pd.DataFrame(differing, columns=["table", "row", "variable", *names], dtype="str"),
        names,
        settings,
    )


def _chosen(
    book: Casebook, codings: pd.DataFrame, table: str | None, variable: str | None
) -> list[tuple[Table, Field]]:
    """Variables that somebody coded a second time, in codebook order."""
    tables = list(book.schema) if table is None else [book.schema.table(table)]
    if variable is not None:
        names = {item.name for declared in tables for item in declared.columns}
        if variable not in names:
            where = f"variable in table {table}" if table else "variable"
            raise UnknownNameError(where, variable, sorted(names))
        if not any(item.name == variable for declared in tables for item in declared.comparable):
            raise CasebookError(f"agreement is not measured on {variable}: it is not coded, or free text")
    if codings.empty:
        raise CasebookError(NOBODY)
    coded = set(zip(codings["table"], codings["variable"], strict=True))
    asked = [(declared, item) for declared in tables for item in declared.comparable if variable in (None, item.name)]
    chosen = [(declared, item) for declared, item in asked if (declared.name, item.name) in coded]
    if not chosen:
        what = ".".join(filter(None, (table, variable)))
        done = dict.fromkeys(f"{one}.{other}" for one, other in sorted(coded))
        raise CasebookError(f"nobody has coded {what} a second time; coded so far: {', '.join(done)}")
    return chosen


def _units(book: Casebook, codings: pd.DataFrame, table: Table, item: Field) -> pd.DataFrame:
    """Values as texts, one row per unit and one column per coder, the published coding among them."""
    own = codings[(codings["table"] == table.name) & (codings["variable"] == item.name)]
    units = own.pivot(index="row", columns="coder", values="value").astype(object)
    units[PUBLISHED] = [_published(book, table, row, item) for row in units.index]
    return units


def _published(book: Casebook, table: Table, row: str, item: Field) -> str | None:
    rows = book.store.indexed(table.name)
    if row not in rows.index:
        return None
    value: Any = rows.at[row, item.name]
    if pd.isna(value):
        return book.reason(table.name, row, item.name)
    return ("yes" if value else "no") if item.type == "boolean" else str(value)


def _figures(item: Field, units: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    given = [[value for value in row if isinstance(value, str)] for row in units.to_numpy(dtype=object)]
    same = [np.mean([a == b for a, b in combinations([_same(item, v) for v in row], 2)]) for row in given]
    ratings = _ratings(item, units)
    compared = pairable(ratings)
    point = alpha(ratings, item.level)
    figures: dict[str, Any] = {
        "coders": int((units.notna().sum() > 0).sum()),
        "units": len(units),
        "percent": 100 * np.mean(same) if same else np.nan,
        "alpha": point,
        "low": np.nan,
        "high": np.nan,
        "alpha_units": len(compared),
        "undefined": np.nan,
        "apart": _apart(compared) if item.level == "interval" and len(compared) else np.nan,
    }
    if len(compared) > 1 and settings.draws and not np.isnan(point):
        drawn = resampled_alphas(ratings, item.level, settings.draws, settings.seed)
        tail = (1 - settings.confidence) / 2
        figures["undefined"] = float(np.isnan(drawn).mean())
        if figures["undefined"] < 1:
            figures["low"], figures["high"] = np.nanquantile(drawn, [tail, 1 - tail])
    left_out = len(units) - len(compared)
    return {**figures, "note": "; ".join(_notes(figures, left_out))}


def _notes(figures: dict[str, Any], left_out: int) -> list[str]:
    if not figures["units"]:
        return ["no unit was coded by two of these coders"]
    notes = []
    if left_out:
        notes.append(f"alpha leaves out {left_out} of {figures['units']} units without two values on the scale")
    if figures["alpha_units"] and np.isnan(figures["alpha"]):
        notes.append("alpha is undefined: all values are the same, so chance would agree as well")
    elif figures["alpha_units"] == 1:
        notes.append("one unit: alpha says next to nothing, and there is no interval")
    if figures["undefined"] > 0:
        notes.append(f"the interval leaves out {figures['undefined']:.1%} of the resamples, which had no variation")
    return notes


def _ratings(item: Field, units: pd.DataFrame) -> NDArray[np.float64]:
    """Values as numbers on the scale of the variable; NaN where there is none."""
    if item.level == "nominal":
        codes, _ = pd.factorize(units.to_numpy(dtype=object).ravel())
        return np.where(codes < 0, np.nan, codes.astype(float)).reshape(units.shape)
    numbers = [[_number(item, value) for value in row] for row in units.to_numpy(dtype=object)]
    return np.array(numbers, dtype=float).reshape(units.shape)


def _number(item: Field, value: Any) -> float:
    if not isinstance(value, str) or value in REASONS:
        return float("nan")
    if item.categories:
        return float(item.values.index(value))
    if item.edtf:
        earliest, latest = bounds(value)
        if earliest is None or latest is None:
            return float("nan")
        return (earliest.toordinal() + latest.toordinal()) / 2
    return float(value)


def _same(item: Field, value: str) -> object:
    """What must be equal for two codings to agree: the bounds of a date, otherwise the value."""
    return bounds(value) if item.edtf and value not in REASONS else value


def _apart(compared: NDArray[np.float64]) -> float:
    """Mean distance between two coders, over the pairs of each unit and then over units."""
    distances = [[abs(a - b) for a, b in combinations(row[~np.isnan(row)], 2)] for row in compared]
    return float(np.mean([np.mean(pairs) for pairs in distances]))


def _rounded(number: float, digits: int) -> str:
    return "" if np.isnan(number) else f"{number:.{digits}f}"
