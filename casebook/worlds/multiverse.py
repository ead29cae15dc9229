"""How far conclusions depend on disputed values: an analysis, asked again in every world the sources allow."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import product
from math import prod, sqrt
from numbers import Real
from typing import TYPE_CHECKING, Any

from casebook._support.progress import counted
from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError
from casebook.views.html import STYLE, html_table

if TYPE_CHECKING:
    import pandas as pd

    from casebook.worlds.worlds import Reading, Variable, Worlds

Answer = dict[str, Any]
Analysis = Callable[[Casebook], Mapping[str, Any]]
CAUTION = (
    "The shares count worlds and are not probabilities: every reading weighs the same, whatever its confidence, and "
    "disputes are combined as if they had nothing to do with each other."
)


def multiverse(
    analysis: Analysis,
    *,
    book: Casebook | None = None,
    vary: Sequence[str] | None = None,
    cases: Collection[str] | None = None,
    min_confidence: str = "low",
    dates: bool = True,
    alleged: bool = False,
    max_worlds: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> Multiverse:
    """Run an analysis over the rival readings that the sources allow.

    Rival readings, bounds of inexact dates and alleged rows are combined into worlds. In each, derived values
    (durations, counts, flags, conditions) are computed again by the rules of the codebook, and the analysis is asked
    anew. The idea is that of a multiverse analysis (Steegen, Tuerlinckx, Gelman and Vanpaemel 2016, Perspectives on
    Psychological Science 11(5)), over codings instead of over choices of method.

    Parameters
    ----------
    analysis : callable
        Takes a casebook (with ``load`` and everything else that `casebook.open` gives) and returns named conclusions: a
        mapping from text to a truth value, a number or a text.
    book : Casebook, optional
        A casebook of your own; the packaged one if not given.
    vary : sequence of str, optional
        What may be read otherwise: tables (``"channels"``) or variables (``"channels.result"``). If not given, every
        variable that the analysis cannot do without: it is asked once for each with that variable, and what follows
        from it, taken out.
    cases : collection of str, optional
        Only rows of these cases are read otherwise.
    min_confidence : {"low", "medium", "high"}, default "low"
        Least confidence of a rival reading.
    dates : bool, default True
        Also let an inexact date be its earliest and its latest day.
    alleged : bool, default False
        Also let in rows that only an unconfirmed source claims, each on its own.
    max_worlds : int, default 1000
        Up to so many worlds all are asked; of more, a sample of this size.
    seed : int, default 0
        Seed of the sample.
    progress : bool, default True
        Show a progress bar.

    Returns
    -------
    Multiverse
        For each conclusion, in what share of worlds it holds and which single values overturn it.

    Raises
    ------
    UnknownNameError
        If a table, variable, case or confidence does not exist.
    CasebookError
        If the analysis fails, or does not return the same named conclusions in every world.

    Examples
    --------
    >>> import casebook
    >>> def analysis(book):
    ...     deadline = book.load("cases").set_index("case_id")["deadline"]
    ...     return {"There was a deadline over Cuba": deadline["cuba-1962"]}
    >>> result = casebook.multiverse(analysis, cases=["cuba-1962"], progress=False)
    >>> result.to_frame()["coded"].tolist()
    [True]
    """
    from casebook.worlds.worlds import Worlds

    if max_worlds < 1:
        raise CasebookError(f"max_worlds must be at least 1, not {max_worlds}")
    book = book or packaged_release()
    worlds = Worlds(book)
    tracked = book.altered({}, book.store.reasons)
    tracked.store.forget()
    coded = _ask(analysis, tracked, None, "as coded")
    assert coded is not None
    needed = tracked.store.in_use
    if vary is None:
        candidates = [v for v in worlds.variables if any(table in needed for table, _ in worlds.consequences(v))]
    else:
        candidates = _named(vary, worlds)
    readings = worlds.readings(
        variables=candidates, min_confidence=min_confidence, dates=dates, alleged=alleged, cases=cases
    )
    touched = {(r.table, r.variable) for r in readings}
    if vary is None:
        bar = counted(sorted(touched), "finding what it depends on", show=progress)
        touched = {v for v in bar if _depends(analysis, coded, worlds, v, needed)}
        readings = [r for r in readings if (r.table, r.variable) in touched]
    alone = [r for r in readings if worlds.stands_alone(r, touched)]
    singles = [
        (r, _ask(analysis, worlds.world([r], needed), coded, str(r)))
        for r in counted(alone, "single values", show=progress)
    ]
    groups = worlds.variants(readings, touched, seed)
    possible = prod(map(len, groups))
    chosen: Iterable[Sequence[tuple[Reading, ...]]] = product(*groups)
    if possible > max_worlds:
        rng = random.Random(seed)
        chosen = ([rng.choice(group) for group in groups] for _ in range(max_worlds))
    answers = []
    for picks in counted(chosen, "worlds", min(possible, max_worlds), show=progress):
        taken = [reading for pick in picks for reading in pick]
        answers.append(
            _ask(analysis, worlds.world(taken, needed), coded, f"in a world with {len(taken)} other readings")
        )
    return Multiverse(coded, readings, singles, answers, possible, len(readings) - len(alone), seed)


def _named(vary: Sequence[str], worlds: Worlds) -> list[Variable]:
    found: list[Variable] = []
    for name in [vary] if isinstance(vary, str) else vary:
        table, _, variable = name.partition(".")
        declared = worlds.schema.table(table)
        names = [declared.field(variable).name] if variable else [item.name for item in declared.fields]
        found += [(table, name) for name in names]
    return found


def _depends(analysis: Analysis, coded: Answer, worlds: Worlds, variable: Variable, needed: Collection[str]) -> bool:
    """Whether an analysis fails or answers otherwise without a variable and what follows from it."""
    if variable[1] == "status" and variable[0] in needed:
        return True
    columns = [(table, name) for table, name in worlds.consequences(variable) if table in needed]
    try:
        return _normal(analysis(worlds.without(columns))) != coded
    except Exception:
        return True


def _ask(analysis: Analysis, book: Casebook, coded: Answer | None, where: str) -> Answer | None:
    """The conclusions, or None where the analysis says by a `CasebookError` that it has none in this world."""
    try:
        answer = _normal(analysis(book))
    except CasebookError:
        if coded is None:
            raise
        return None
    except Exception as error:
        message = f"the analysis failed ({where}): {type(error).__name__}: {error}"
        raise CasebookError(message) from error
    if coded is not None and answer.keys() != coded.keys():
        odd = sorted(answer.keys() ^ coded.keys())
        raise CasebookError(
            f"the analysis must return the same conclusions in every world; {odd[0]!r} came or went ({where})"
        )
    return answer


def _normal(answer: Any) -> Answer:
    if not isinstance(answer, Mapping) or not answer or not all(isinstance(name, str) for name in answer):
        raise CasebookError(f"the analysis must return a mapping of named conclusions, not {type(answer).__name__}")
    return {name: _value(name, value) for name, value in answer.items()}


def _value(name: str, value: Any) -> bool | float | str | None:
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value or str(value) in ("<NA>", "NaT"):
        return None
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, Real):
        return float(value)
    raise CasebookError(f"conclusion {name!r} must be a truth value, a number or a text, not {type(value).__name__}")


class Multiverse:
    """What an analysis says across worlds; made by `multiverse`.

    Attributes
    ----------
    coded : dict
        The conclusions as coded.
    disputed : DataFrame
        The readings that were varied: ``table``, ``row``, ``variable``, ``coded``, ``reads``, ``kind`` (rival, bound,
        alleged), ``confidence``.
    worlds : DataFrame
        One row per world asked, one column per conclusion.
    overturning : DataFrame
        One row per conclusion and single reading that changes it, all else as coded: the reading, and what the
        conclusion ``gives`` then (None where the analysis has no answer).
    possible : int
        How many worlds there are.
    complete : bool
        Whether all were asked, and not a sample.
    incoherent : int
        Readings that break a rule of the codebook when all else is as coded, and so occur only with others.
    """

    def __init__(
        self,
        coded: Answer,
        readings: list[Reading],
        singles: list[tuple[Reading, Answer | None]],
        answers: list[Answer | None],
        possible: int,
        incoherent: int,
        seed: int,
    ) -> None:
        import pandas as pd

        self.coded, self.possible, self.incoherent, self.seed = coded, possible, incoherent, seed
        self.complete = len(answers) == possible
        self.unanswered = sum(answer is None for answer in answers)
        columns = ["table", "row", "variable", "coded", "reads", "kind", "confidence"]
        self.disputed = pd.DataFrame([[getattr(r, name) for name in columns] for r in readings], columns=columns)
        self.worlds = pd.DataFrame([answer or {} for answer in answers], columns=list(coded), dtype=object)
        overturning = [
            [name, *(getattr(reading, column) for column in columns), value, (answer or {}).get(name)]
            for name, value in coded.items()
            for reading, answer in singles
            if (answer or {}).get(name) != value
        ]
        names = ["conclusion", *columns[:3], "coded_value", *columns[4:], "coded", "gives"]
        self.overturning = pd.DataFrame(overturning, columns=names)

    def to_frame(self) -> pd.DataFrame:
        """One row per conclusion.

        Returns
        -------
        DataFrame
            ``coded``; ``holds`` (share of worlds that say the same); ``lowest``, ``median`` and ``highest`` of a
            number; ``most_common_other`` of a text; ``overturned_by`` (how many single readings change it), indexed by
            conclusion.
        """
        import pandas as pd

        rows = {}
        for name, coded in self.coded.items():
            values = self.worlds[name]
            same = values.isna() if coded is None else values == coded
            is_number = isinstance(coded, float)
            numbers = pd.to_numeric(values).dropna() if is_number else pd.Series(dtype=float)
            others = values[~same].dropna().value_counts() if isinstance(coded, str) else pd.Series(dtype=object)
            rows[name] = {
                "coded": coded,
                "holds": float(same.mean()),
                "lowest": numbers.min(),
                "median": numbers.median(),
                "highest": numbers.max(),
                "most_common_other": others.index[0] if len(others) else None,
                "overturned_by": int((self.overturning["conclusion"] == name).sum()),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("conclusion")

    def reading(self) -> list[str]:
        """The result in plain words."""
        asked = len(self.worlds)
        cells = len(self.disputed.drop_duplicates(["table", "row", "variable"]))
        names = sorted(
            {f"{table}.{name}" for table, name in self.disputed[["table", "variable"]].itertuples(index=False)}
        )
        if not names:
            return ["The analysis depends on no value that is disputed; there is one world, the coded one.", CAUTION]
        sample = f"all {asked} worlds were asked"
        if not self.complete:
            error = f"a share may be off by up to {100 * 1.96 * sqrt(0.25 / asked):.0f} points"
            sample = f"{asked} of {_many(self.possible)} worlds were drawn (seed {self.seed}), so that {error}"
        lines = [f"{len(self.disputed)} other readings of {cells} values in {', '.join(names)}; {sample}."]
        if self.incoherent:
            lines.append(f"{self.incoherent} of them break a rule of the codebook alone, and occur only with others.")
        if self.unanswered:
            lines.append(
                f"In {self.unanswered} worlds the analysis had no answer; they count against every conclusion."
            )
        for name, row in self.to_frame().iterrows():
            lines.append(" ".join(self._read(str(name), row)))
        return [*lines, CAUTION]

    def _read(self, name: str, row: Any) -> Iterator[str]:
        coded = row["coded"]
        if isinstance(coded, float):
            numbers = [f"{row[measure]:.4g}" for measure in ("lowest", "highest", "median")]
            yield f"{name}: {coded:.4g} as coded; {' to '.join(numbers[:2])} across worlds, median {numbers[2]}."
        else:
            shown = {True: "yes", False: "no", None: "no answer"}.get(coded, coded)
            yield f"{name}: {shown} as coded, and in {_percent(row['holds'])} of worlds."
            if isinstance(row["most_common_other"], str):
                yield f"The most common other answer is {row['most_common_other']}."
        changing = self.overturning[self.overturning["conclusion"] == name]
        verb = "moves" if isinstance(coded, float) else "overturns"
        if changing.empty:
            yield f"No single reading {verb} it."
            return
        if isinstance(coded, float):
            distance = (changing["gives"].astype(float) - coded).abs()
            changing = changing.loc[distance.sort_values(ascending=False, kind="stable").index]
        first = changing.iloc[0]
        who = f"One single reading {verb}" if len(changing) == 1 else f"{len(changing)} single readings {verb[:-1]}"
        such = "it:" if len(changing) == 1 else "it, most of all" if isinstance(coded, float) else "it, for instance"
        yield f"{who} {such} {first['row']}, {first['variable']}: {first['reads']} instead of {first['coded_value']}."

    def __str__(self) -> str:
        return "\n".join(self.reading())

    def __repr__(self) -> str:
        return f"<Multiverse of {len(self.coded)} conclusions in {len(self.worlds)} of {_many(self.possible)} worlds>"

    def _repr_html_(self) -> str:
        parts = [STYLE, "<div class='casebook'>", *(f"<p>{escape(line)}</p>" for line in self.reading())]
        frame = self.to_frame().reset_index()
        for heading, shown in (("Conclusions", frame), ("Single readings that change them", self.overturning)):
            rows = [
                ["" if cell is None or cell != cell else cell for cell in row] for row in shown.itertuples(index=False)
            ]
            table = html_table(list(shown.columns), rows[:50])
            more = f"<p>and {len(rows) - 50} more</p>" if len(rows) > 50 else ""
            parts.append(f"<details><summary><b>{heading}</b></summary>{table}{more}</details>")
        return "".join([*parts, "</div>"])


def _percent(share: float) -> str:
    """A share in percent; never 0 or 100 where a world says otherwise."""
    if 0 < share < 0.005:
        return "fewer than 1%"
    return "more than 99%" if 0.995 <= share < 1 else f"{share:.0%}"


def _many(number: int) -> str:
    return f"{number:,}" if number < 10**9 else f"about 10^{len(str(number)) - 1}"
