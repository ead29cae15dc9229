"""How far conclusions depend on disputed values: an analysis, asked again in every world the sources allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from casebook._support.arguments import names, told
from casebook._support.progress import counted
from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError, suggestion
from casebook.model.derivations import coded_behind
from casebook.worlds.alternatives import Alternative, Scope, Variable, confidences, find
from casebook.worlds.coherence import Coherence
from casebook.worlds.dependence import Dependence
from casebook.worlds.dimensions import Choice, Scenario, by_source, dimensions
from casebook.worlds.gathering import Settings, gather
from casebook.worlds.inquiry import Analysis, Asked, Inquiry
from casebook.worlds.result import Multiverse
from casebook.worlds.weights import Weights, schemes
from casebook.worlds.worlds import Worlds


@told("casebook.multiverse(lambda book: {'channels': len(book.load('channels'))})")
def multiverse(
    analysis: Analysis,
    *,
    book: Casebook | None = None,
    vary: str | Sequence[str] | None = None,
    cases: Iterable[str] | None = None,
    min_confidence: str = "low",
    dates: bool = True,
    alleged: bool = False,
    weights: Weights = "confidence",
    scenarios: str | Callable[[Alternative], str | None] | None = None,
    choices: Mapping[str, Sequence[Any]] | None = None,
    error: float = 0.03,
    max_worlds: int = 5000,
    workers: int | str = 1,
    seed: int = 0,
    progress: bool = True,
) -> Multiverse:
    """Run an analysis over the rival readings that the sources allow.

    Rival readings, the days that inexact dates allow, alleged rows and choices of method are combined into worlds. In
    each, derived values (durations, counts, flags, conditions) are computed again by the rules of the codebook, and the
    analysis is asked anew. The idea is that of a multiverse analysis (Steegen, Tuerlinckx, Gelman and Vanpaemel 2016,
    Perspectives on Psychological Science 11(5)), over codings as well as over choices of method.

    Parameters
    ----------
    analysis : callable
        Takes a casebook (with ``load`` and everything else that `casebook.open` gives) and returns named conclusions: a
        mapping from text to a truth value, a number or a text. It must read its tables from that casebook.
    book : Casebook, optional
        A casebook of your own; the packaged one if not given.
    vary : str or sequence of str, optional
        What may be read otherwise: tables (``"channels"``) or variables (``"channels.result"``); a computed one stands
        for the coded ones from which it follows. If not given, every variable that the analysis cannot do without: it
        is asked once for each with that variable, and what follows from it, taken out.
    cases : iterable of str, optional
        Only rows of these cases are read otherwise; by identifier or title, as in `casebook.load`.
    min_confidence : {"low", "medium", "high"}, default "low"
        Least confidence of a rival reading.
    dates : bool, default True
        Let an inexact date fall on any day that it allows, each as likely as the next. The lowest and highest number
        are sought at its ends. A date with an open end stays as it is.
    alleged : bool, default False
        Also let in rows that only an unconfirmed source claims, each on its own.
    weights : {"confidence", "equal"}, mapping or callable, default "confidence"
        How much rival readings weigh. ``confidence``: those of a value have together 0.05, 0.15 or 0.30 if the best is
        of low, medium or high confidence; a mapping gives other figures (``{"low": 0.1}``; ``"alleged"`` for rows that
        are let in), and a callable the figure for an `Alternative`. ``equal``: all readings of a value weigh the same.
        Both schemes, and your own, are always reported.
    scenarios : "source" or callable, optional
        Take readings together that belong together: all of one source in a case, or those for which the callable gives
        the same name (None for none). Of scenarios that speak of a common value one at most holds in a world. If not
        given, every value is read on its own.
    choices : mapping of str to sequence, optional
        Arguments of the analysis and the values that they take, such as ``{"cut": [0.8, 0.75, 0.85]}``; the first is
        the one as coded.
    error : float, default 0.03
        Half the width of the 95 percent interval within which every share is wanted, where worlds are drawn.
    max_worlds : int, default 5000
        Up to so many worlds all are asked; of more, as many are drawn as the error needs, under each scheme at most so
        many.
    workers : int or str, default 1
        How many processes share the work (-1: one for each core), or the name of a backend of joblib, such as
        ``"dask"``, ``"ray"`` or ``"spark"``, which you have set up. The result does not depend on it.
    seed : int, default 0
        Seed of everything that is drawn.
    progress : bool, default True
        Show a progress bar.

    Returns
    -------
    Multiverse
        For each conclusion, in what share of worlds it holds under each scheme, the lowest and highest number, which
        single readings overturn it, and which disputed values matter.

    Raises
    ------
    UnknownNameError
        If a table, variable, case or confidence does not exist.
    CasebookError
        If the analysis reads nothing from the casebook that it is given, fails, or does not return the same named
        conclusions in every world.
    MissingLibraryError
        If several workers are wanted and joblib is not installed.

    Examples
    --------
    >>> import casebook
    >>> def analysis(book):
    ...     outcome = book.load("cases").set_index("case_id")["outcome"]
    ...     return {"Issues over Cuba were left open": outcome["cuba-1962"] == "partial_settlement"}
    >>> result = casebook.multiverse(analysis, cases=["cuba-1962"], progress=False)
    >>> result.to_frame()["coded"].tolist()
    [True]
    """
    if max_worlds < 1:
        raise CasebookError(f"max_worlds must be at least 1, not {max_worlds}")
    if not 0 < error < 1:
        raise CasebookError(f"error must lie between 0 and 1, not {error}")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise CasebookError(f"seed must be a whole number from 0, not {seed!r}")
    book = book or packaged_release()
    weighing, scheme = schemes(weights, confidences(book.schema))
    settings = Settings(error, max_worlds, seed, weighing, scheme)
    together = _scenario(scenarios)
    methods = _methods(choices or {})
    worlds = Worlds(book)
    asked_cases = names(cases, "cases", "oslo-1993")
    chosen = None if asked_cases is None else [book.store.case_id(name) for name in asked_cases]
    scope = Scope(min_confidence, dates, alleged, chosen)
    reading = Dependence(analysis, worlds, methods)
    candidates = reading.candidates() if vary is None else _named(vary, worlds)
    disputes = find(book.store, worlds.stands, candidates, scope)
    if clash := [choice.name for choice in methods if choice.name in reading.coded]:
        raise CasebookError(f"{clash[0]!r} is a choice and a conclusion; call the conclusion otherwise")
    if vary is None:
        touched = {(dispute.cell.table, dispute.cell.variable) for dispute in disputes}
        bar = counted(sorted(touched), "finding what it depends on", show=progress)
        touched = {variable for variable in bar if reading.depends(variable)}
        disputes = [dispute for dispute in disputes if (dispute.cell.table, dispute.cell.variable) in touched]
    coherence = Coherence(worlds.stands, {(d.cell.table, d.cell.variable) for d in disputes})
    made = [*dimensions(disputes, coherence, together), *methods]
    asked = Asked(Inquiry(analysis, worlds, made, list(reading.coded)), workers, progress=progress)
    return gather(asked, reading.coded, disputes, coherence, settings)


def _scenario(scenarios: str | Callable[[Alternative], str | None] | None) -> Scenario | None:
    if scenarios is None or scenarios == "source":
        return by_source if scenarios else None
    if not callable(scenarios):
        raise CasebookError(f"there are no scenarios {scenarios!r}{suggestion(str(scenarios), ['source'])}")
    given = scenarios

    def names(alternative: Alternative) -> Iterable[str]:
        name = given(alternative)
        return () if name is None else (name,)

    return names


def _methods(choices: Mapping[str, Sequence[Any]]) -> list[Choice]:
    for name, values in choices.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise CasebookError(f"the choice {name!r} must be a list of values, not {values!r}")
    methods = [Choice(name, tuple(values)) for name, values in choices.items()]
    if empty := [choice.name for choice in methods if not choice.values]:
        raise CasebookError(f"the choice {empty[0]!r} has no values; name at least one")
    return methods


def _named(vary: str | Sequence[str], worlds: Worlds) -> list[Variable]:
    found: list[Variable] = []
    for name in [vary] if isinstance(vary, str) else vary:
        table, _, variable = name.partition(".")
        homes = [home.name for home in worlds.schema if name in home.by_name]
        if homes and name not in worlds.schema.tables:
            raise CasebookError(f"vary names tables, or variables with their table; write {f'{homes[0]}.{name}'!r}")
        declared = worlds.schema.table(table)
        if variable:
            found += sorted(coded_behind(worlds.schema, (table, declared.field(variable).name)))
        else:
            found += [(table, item.name) for item in declared.fields]
    return list(dict.fromkeys(found))
