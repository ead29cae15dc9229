"""What an analysis says across worlds, and how to read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from math import isnan
from typing import TYPE_CHECKING, Any

import pandas as pd

from casebook.views.html import framed, html_table
from casebook.worlds.extremes import Extremes
from casebook.worlds.inquiry import Value
from casebook.worlds.sampling import Share

if TYPE_CHECKING:
    from casebook.worlds.attribution import Part

SHOWN = 50
SCHEMES = {"confidence": "weighted by confidence", "equal": "with equal weights", "own": "with weights of your own"}
CAUTION = (
    "The shares depend on how rival readings are weighed, and are no probabilities that a conclusion is right: nobody "
    "knows the readings that no source offers. Values in dispute are combined as if they had nothing to do with each "
    "other, unless a rule of the codebook binds them or scenarios were asked for."
)


@dataclass(frozen=True)
class Matter:
    """A disputed value, or a choice of method, that matters for a conclusion.

    Attributes
    ----------
    name : str
        Row and variable, or the name of the choice.
    share : float
        Total Sobol index: the share of variance that would be left if all else were settled.
    error : float
        Its standard error; 0 where all worlds were asked.
    """

    name: str
    share: float
    error: float


@dataclass(frozen=True)
class Conclusion:
    """One conclusion across worlds.

    Attributes
    ----------
    name : str
        Its name.
    coded : bool, float, str or None
        What it is as coded.
    shares : mapping of str to Share
        By scheme, in what share of worlds it is the same, and between which bounds that share lies.
    scheme : str
        The scheme asked for.
    extremes : Extremes or None
        Lowest and highest number, and how they were found.
    median : float or None
        Weighted median of a number under the scheme asked for.
    most_common_other : str or None
        The weightiest other text.
    overturned_by : int
        How many single readings change it.
    matters : tuple of Matter
        What matters, most of all first.
    """

    name: str
    coded: Value
    shares: Mapping[str, Share]
    scheme: str
    extremes: Extremes | None
    median: float | None
    most_common_other: str | None
    overturned_by: int
    matters: tuple[Matter, ...]

    @property
    def holds(self) -> float:
        """Share of worlds under the scheme asked for."""
        return self.shares[self.scheme].holds

    @property
    def range(self) -> tuple[float, float]:
        """Least and greatest share under any scheme, drawing errors included."""
        return min(share.low for share in self.shares.values()), max(share.high for share in self.shares.values())

    @property
    def exact(self) -> bool:
        """Whether all worlds were asked."""
        return all(share.how == "all worlds" for share in self.shares.values())


def matters_of(parts: list[Part], names: list[str]) -> tuple[Matter, ...]:
    """Parts with the names of their dimensions."""
    return tuple(Matter(names[part.dimension], part.share, part.error) for part in parts)


@dataclass(frozen=True, eq=False, repr=False)
class Multiverse:
    """What an analysis says across worlds; made by `casebook.multiverse`.

    Attributes
    ----------
    conclusions : tuple of Conclusion
        The conclusions.
    disputed : DataFrame
        What was varied: ``table``, ``row``, ``variable``, ``coded``, ``reads``, ``kind`` (rival, day, alleged),
        ``confidence``, ``sources``. A row of the kind ``day`` is a coded date that is not exact to the day.
    worlds : DataFrame
        One row per world asked, one column per conclusion, and one per choice of method.
    weights : DataFrame
        Weight of each of these worlds under each scheme.
    overturning : DataFrame
        One row per conclusion and single reading that changes it, all else as coded: the reading, and what the
        conclusion ``gives`` then (None where the analysis has no answer).
    views : DataFrame
        The same for sources: one row per conclusion and source whose ``readings`` of a case, all taken together, change
        it.
    attribution : DataFrame
        One row per conclusion and disputed value or choice that matters: ``matters``, ``share`` (total Sobol index
        under the scheme asked for), ``error`` (its standard error).
    possible : int
        How many worlds there are.
    complete : bool
        Whether all were asked, and not a sample.
    drawn : int
        How many were drawn under each scheme; 0 if all were asked.
    asked : int
        In how many worlds the analysis was asked in all.
    error : float
        The error wanted: half the width of the interval of a share.
    unanswered : float
        Share of worlds in which the analysis had no answer, under the scheme asked for.
    incoherent : int
        Readings that break a rule of the codebook when all else is as coded, and so occur only with others.
    seed : int
        The seed.
    """

    conclusions: tuple[Conclusion, ...]
    disputed: pd.DataFrame
    worlds: pd.DataFrame
    weights: pd.DataFrame
    overturning: pd.DataFrame
    views: pd.DataFrame
    attribution: pd.DataFrame
    possible: int
    complete: bool
    drawn: int
    asked: int
    error: float
    unanswered: float
    incoherent: int
    seed: int

    @property
    def coded(self) -> dict[str, Value]:
        """The conclusions as coded."""
        return {conclusion.name: conclusion.coded for conclusion in self.conclusions}

    def to_frame(self) -> pd.DataFrame:
        """One row per conclusion.

        Returns
        -------
        DataFrame
            ``coded``; ``holds`` (share of worlds that say the same, under the scheme asked for); ``holds_low`` and
            ``holds_high`` (least and greatest share under any scheme, drawing errors included); ``exact`` (all worlds
            were asked); ``lowest``, ``median`` and ``highest`` of a number, and ``found`` (how its extremes were
            found); ``most_common_other`` of a text; ``overturned_by`` (how many single readings change it);
            ``matters_most``; indexed by conclusion.
        """
        rows = {}
        for one in self.conclusions:
            low, high, how = one.extremes or (None, None, None)
            rows[one.name] = {
                "coded": one.coded,
                "holds": one.holds,
                "holds_low": one.range[0],
                "holds_high": one.range[1],
                "exact": one.exact,
                "lowest": low,
                "median": one.median,
                "highest": high,
                "found": how,
                "most_common_other": one.most_common_other,
                "overturned_by": one.overturned_by,
                "matters_most": one.matters[0].name if one.matters else None,
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("conclusion")

    def shares(self) -> pd.DataFrame:
        """Shares under every scheme.

        Returns
        -------
        DataFrame
            ``holds``, ``low`` and ``high`` (its 95 percent interval) and ``how`` (all worlds, drawn, or values that
            matter), indexed by conclusion and scheme.
        """
        rows = {(one.name, scheme): share._asdict() for one in self.conclusions for scheme, share in one.shares.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["conclusion", "scheme"])

    def by_choice(self) -> pd.DataFrame:
        """Shares for every choice of method, under the scheme asked for.

        Returns
        -------
        DataFrame
            In what share of the worlds with that choice each conclusion is as coded, indexed by choice and value.
        """
        scheme = self.conclusions[0].scheme
        rows = {}
        for choice in [column for column in self.worlds if column not in self.coded]:
            for value in dict.fromkeys(self.worlds[choice]):
                mine = self.worlds[choice] == value
                weight = self.weights.loc[mine, scheme]
                same = {name: self.worlds.loc[mine, name] == coded for name, coded in self.coded.items()}
                rows[str(choice), value] = {name: (weight * s).sum() / weight.sum() for name, s in same.items()}
        index = pd.MultiIndex.from_tuples(list(rows), names=["choice", "value"])
        return pd.DataFrame(list(rows.values()), index=index, columns=list(self.coded))

    @property
    def explanation(self) -> tuple[str, ...]:
        """The result in plain words."""
        if self.possible == 1:
            return ("The analysis depends on no value that is disputed; there is one world, the coded one.", CAUTION)
        lines = [self._varied(), self._asked()]
        if self.incoherent:
            lines.append(f"{self.incoherent} readings break a rule of the codebook alone, and occur only with others.")
        if self.unanswered:
            lines.append(
                f"In {percent(self.unanswered)} of worlds the analysis had no answer; they count against every "
                "conclusion."
            )
        return (*lines, *(" ".join(self._read(one)) for one in self.conclusions), CAUTION)

    def _varied(self) -> str:
        kinds = self.disputed["kind"].value_counts()
        words = {"rival": "rival readings", "day": "inexact dates", "alleged": "alleged rows"}
        parts = [f"{kinds[kind]} {word}" for kind, word in words.items() if kind in kinds]
        names = sorted({f"{t}.{v}" for t, v in self.disputed[["table", "variable"]].itertuples(index=False)})
        choices = [str(column) for column in self.worlds if column not in self.coded]
        cells = len(self.disputed.drop_duplicates(["table", "row", "variable"]))
        values = f"{' and '.join(parts)}, of {cells} values in {', '.join(names)}" if names else ""
        methods = f"choices of {', '.join(choices)}" if choices else ""
        return "; ".join(filter(None, [values, methods])) + "."

    def _asked(self) -> str:
        if self.complete:
            return f"All {self.possible:,} worlds were asked."
        widest = max((s.high - s.low) / 2 for one in self.conclusions for s in one.shares.values())
        drew = f"{self.drawn:,} of {_many(self.possible)} worlds were drawn under each scheme (seed {self.seed})"
        if widest <= self.error:
            return f"{drew}; every share is known to within {100 * self.error:.2g} points (95% interval)."
        return (
            f"{drew}; that is too few for an error of {100 * self.error:.2g} points: a share may be off by "
            f"{100 * widest:.2g} points (95% interval). Raise max_worlds."
        )

    def _read(self, one: Conclusion) -> Iterator[str]:
        moves, coded = isinstance(one.coded, float), one.coded
        if isinstance(coded, float) and one.extremes:
            span = f"{one.extremes.lowest:.4g} to {one.extremes.highest:.4g} across worlds"
            how = {"exact": "exact", "search": "by search; there may be more", "drawn": "among the worlds drawn"}
            middle = "" if one.median is None or isnan(one.median) else f", median {one.median:.4g}"
            yield f"{one.name}: {coded:.4g} as coded; {span} ({how[one.extremes.how]}){middle}."
        else:
            shown = {True: "yes", False: "no", None: "no answer"}.get(coded, coded)  # type: ignore[arg-type]
            yield f"{one.name}: {shown} as coded, and in {self._held(one)}."
            if one.most_common_other is not None:
                yield f"The most common other answer is {one.most_common_other}."
        yield from self._single(one, "moves" if moves else "overturns")
        mine = self.views[self.views["conclusion"] == one.name]
        if len(mine):
            first = mine.iloc[0]
            yield (
                f"To believe one source throughout a case {'moves' if moves else 'overturns'} it for {len(mine)} "
                f"source{'s' * (len(mine) > 1)}, for instance {first['source']} on {first['case']}."
            )
        if one.matters:
            first_two = "; ".join(f"{matter.name} ({percent(matter.share)})" for matter in one.matters[:2])
            yield f"What matters most: {first_two}."

    def _held(self, one: Conclusion) -> str:
        low, high = (bound(s.holds for s in one.shares.values()) for bound in (min, max))
        if percent(low) == percent(high):
            return f"{percent(low)} of worlds, however they are weighed"
        span = f"{percent(low)} to {percent(high)}"
        each = ", ".join(f"{percent(share.holds)} {SCHEMES[name]}" for name, share in one.shares.items())
        return f"{span} of worlds ({each})"

    def _single(self, one: Conclusion, verb: str) -> Iterator[str]:
        changing = self.overturning[self.overturning["conclusion"] == one.name]
        if changing.empty:
            yield f"No single reading {verb} it."
            return
        if isinstance(one.coded, float):
            distance = (changing["gives"].astype(float) - one.coded).abs()
            changing = changing.loc[distance.sort_values(ascending=False, kind="stable").index]
        first = changing.iloc[0]
        count = len(changing)
        who = f"One single reading {verb}" if count == 1 else f"{count} single readings {verb[:-1]}"
        such = "it:" if count == 1 else "it, most of all" if isinstance(one.coded, float) else "it, for instance"
        yield f"{who} {such} {first['row']}, {first['variable']}: {first['reads']} instead of {first['coded_value']}."

    def __str__(self) -> str:
        return "\n".join(self.explanation)

    def __repr__(self) -> str:
        worlds = f"{len(self.worlds):,} of {_many(self.possible)} worlds"
        return f"<Multiverse of {len(self.conclusions)} conclusions in {worlds}>"

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(line)}</p>" for line in self.explanation]
        for heading, shown in {
            "Conclusions": self.to_frame().reset_index(),
            "What matters": self.attribution,
            "Single readings that change them": self.overturning,
            "Sources that change them": self.views,
        }.items():
            rows = [["" if _is_empty(cell) else cell for cell in row] for row in shown.itertuples(index=False)]
            table = html_table(list(map(str, shown.columns)), [[_plain(cell) for cell in row] for row in rows[:SHOWN]])
            more = f"<p>and {len(rows) - SHOWN} more</p>" if len(rows) > SHOWN else ""
            parts.append(f"<details><summary><b>{heading}</b></summary>{table}{more}</details>")
        return framed(*parts)


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, float) and isnan(cell))


def _plain(cell: Any) -> str:
    return f"{cell:.4g}" if isinstance(cell, float) else ", ".join(cell) if isinstance(cell, tuple) else str(cell)


def percent(share: float) -> str:
    """A share in percent; never 0 or 100 where a world says otherwise.

    Examples
    --------
    >>> percent(0.001), percent(0.255), percent(1.0)
    ('fewer than 1%', '26%', '100%')
    """
    if 0 < share < 0.005:
        return "fewer than 1%"
    return "more than 99%" if 0.995 <= share < 1 else f"{share:.0%}"


def _many(number: int) -> str:
    return f"{number:,}" if number < 10**9 else f"about 10^{len(str(number)) - 1}"
