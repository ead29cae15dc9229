"""An analysis, asked in one world after another, here or by several workers."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any

from casebook._support.optional import needed
from casebook._support.progress import counted
from casebook.book import Casebook
from casebook.errors import CasebookError, MissingLibraryError, UnknownNameError
from casebook.worlds.alternatives import Variable
from casebook.worlds.clusters import Cluster, clusters
from casebook.worlds.dimensions import Dimension, Key, Taken
from casebook.worlds.patched import Patch
from casebook.worlds.worlds import Worlds

Value = bool | float | str | None
Answer = Mapping[str, Value]
Analysis = Callable[..., Mapping[str, Any]]
World = tuple[Key, ...]
"""A key for every dimension; None is what is coded."""
PORTION = 50
"""Worlds that a worker is given at a time."""
FEW = 8
"""So many worlds are not worth a worker."""


@dataclass(frozen=True)
class Failure:
    """Why an analysis failed."""

    message: str


class Inquiry:
    """An analysis and the worlds in which it can be asked.

    Parameters
    ----------
    analysis : callable
        Takes a casebook, and the choices of method as keyword arguments.
    worlds : Worlds
        The casebook.
    dimensions : sequence of Dimension
        What can be otherwise.
    names : sequence of str
        The conclusions that every answer must have.
    """

    def __init__(
        self, analysis: Analysis, worlds: Worlds, dimensions: Sequence[Dimension], names: Sequence[str]
    ) -> None:
        self.analysis, self.worlds, self.dimensions, self.names = analysis, worlds, dimensions, list(names)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_clusters", "_wanted")}

    @cached_property
    def _wanted(self) -> set[Variable]:
        """Columns that the analysis has read in some world so far; what follows for others is not computed."""
        return set()

    @cached_property
    def _clusters(self) -> list[Cluster]:
        return clusters(self.worlds, self.dimensions, self._wanted)

    @cached_property
    def _choices(self) -> list[int]:
        """Places of the dimensions that tell the analysis something."""
        return [number for number, dimension in enumerate(self.dimensions) if dimension.arguments(None)]

    def taken(self, world: World) -> Taken:
        """The alternatives that hold in a world."""
        return tuple(a for d, key in zip(self.dimensions, world, strict=True) for a in d.taken(key))

    def book(self, world: World) -> Casebook:
        """The casebook as it stands in a world."""
        return self.worlds.patched(lambda wanted: self._patches(world, wanted))

    def _patches(self, world: World, wanted: frozenset[Variable] | None) -> list[Patch]:
        """What differs in a world in some columns, or in all for None."""
        wanted = self.worlds.everything if wanted is None else wanted
        if not wanted <= self._wanted:
            self._wanted.update(wanted)
            self.__dict__.pop("_clusters", None)
        return [patch for cluster in self._clusters for patch in cluster.patches(world)]

    def answer(self, world: World) -> Answer | Failure | None:
        """What the analysis says in a world; None where it says by a `CasebookError` that it has no answer."""
        arguments: dict[str, Any] = {}
        for number in self._choices:
            arguments.update(self.dimensions[number].arguments(world[number]))
        try:
            answer = normal(self.analysis(self.book(world), **arguments))
        except (MissingLibraryError, UnknownNameError, _UnfitError) as error:
            return Failure(f"{error} ({self.where(world)})")
        except CasebookError:
            return None
        except Exception as error:
            return Failure(f"the analysis failed ({self.where(world)}): {type(error).__name__}: {error}")
        if list(answer) != self.names:
            odd = sorted({*answer} ^ {*self.names})
            if odd:
                return Failure(
                    f"the analysis must return the same conclusions in every world; {odd[0]!r} came or went "
                    f"({self.where(world)})"
                )
        return answer

    def where(self, world: World) -> str:
        """A world in words."""
        taken = self.taken(world)
        chosen = [
            f"{name}={value!r}"
            for dimension, key in zip(self.dimensions, world, strict=True)
            if key is not None
            for name, value in dimension.arguments(key).items()
        ]
        readings = [str(taken[0])] if len(taken) == 1 else [f"in a world with {len(taken)} other readings"]
        return "; ".join([*(readings if taken else []), *chosen]) or "as coded"


class _UnfitError(CasebookError):
    """An answer that no conclusion can be read from."""


def normal(answer: Any) -> Answer:
    """An answer in plain Python.

    Raises
    ------
    CasebookError
        If it is not a mapping from names to truth values, numbers or texts.
    """
    if not isinstance(answer, Mapping) or not answer or not all(isinstance(name, str) for name in answer):
        raise _UnfitError(
            f"the analysis must return named conclusions, such as {{'channels': 145}}, not {type(answer).__name__}"
        )
    return {name: _value(name, value) for name, value in answer.items()}


def _value(name: str, value: Any) -> Value:
    value = value.item() if hasattr(value, "item") else value
    if value is None or value != value or str(value) in ("<NA>", "NaT"):
        return None
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, Real):
        return float(value)
    raise _UnfitError(f"conclusion {name!r} must be a truth value, a number or a text, not {type(value).__name__}")


class Asked:
    """The answers to an inquiry so far; no world is asked twice.

    Parameters
    ----------
    inquiry : Inquiry
        What is asked.
    workers : int or str, default 1
        As for `casebook.multiverse`.
    progress : bool, default False
        Whether to show a bar.
    """

    def __init__(self, inquiry: Inquiry, workers: int | str = 1, *, progress: bool = False) -> None:
        if isinstance(workers, bool) or not isinstance(workers, (int, str)) or workers == 0:
            raise CasebookError(f"workers must be a number of processes or the name of a backend, not {workers!r}")
        self.inquiry, self._progress = inquiry, progress
        self._answers: dict[World, Answer | None] = {}
        self._workers = None if workers == 1 else Workers(inquiry, workers)

    def __len__(self) -> int:
        return len(self._answers)

    def ask(self, worlds: Sequence[World], label: str = "worlds") -> list[Answer | None]:
        """The answer in each of some worlds.

        Raises
        ------
        CasebookError
            If the analysis fails in one of them.
        """
        new = [world for world in dict.fromkeys(worlds) if world not in self._answers]
        if self._workers and len(new) > FEW:
            groups = _cut(_cut(new, PORTION), 10)
            found = (answer for g in self._shown(groups, label) for part in self._workers(g) for answer in part)
        else:
            found = (self.inquiry.answer(world) for world in self._shown(new, label))
        for world, answer in zip(new, found, strict=True):
            if isinstance(answer, Failure):
                raise CasebookError(answer.message)
            self._answers[world] = answer
        return [self._answers[world] for world in worlds]

    def _shown(self, items: Sequence[Any], label: str) -> Any:
        return counted(items, label, len(items), show=self._progress and bool(items))


def _cut(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


class Workers:
    """Workers that answer portions of worlds, by joblib.

    Parameters
    ----------
    inquiry : Inquiry
        What they are asked.
    workers : int or str
        How many processes of this machine, -1 for as many as it has cores; or the name of a backend that joblib knows.
    """

    def __init__(self, inquiry: Inquiry, workers: int | str) -> None:
        purpose = "asking worlds by several workers"
        self._joblib = needed("joblib", purpose, "notebooks")
        self._how = {"n_jobs": workers} if isinstance(workers, int) else {"n_jobs": -1, "backend": workers}
        try:
            self._packed = needed("cloudpickle", purpose, "notebooks").dumps(inquiry)
        except (TypeError, pickle.PicklingError) as error:
            raise CasebookError(
                f"the analysis cannot be sent to workers ({error}); let it use only its arguments"
            ) from error
        self._name = hashlib.sha256(self._packed).hexdigest()
        self._sent = False

    def __call__(self, portions: Sequence[Sequence[World]]) -> list[list[Answer | Failure | None]]:
        try:
            with self._joblib.parallel_config(**self._how), self._joblib.Parallel(batch_size=1) as parallel:
                ask = self._joblib.delayed(_answers)
                found = parallel(ask(self._name, None if self._sent else self._packed, p) for p in portions)
                new = [number for number, answers in enumerate(found) if answers is None]
                again = parallel(ask(self._name, self._packed, portions[number]) for number in new)
        except (ValueError, ImportError, KeyError) as error:
            raise CasebookError(f"the workers {self._how} cannot be had: {error}") from error
        self._sent = True
        for number, answers in zip(new, again, strict=True):
            found[number] = answers
        return found


_INQUIRIES: dict[str, Inquiry] = {}


def _answers(name: str, packed: bytes | None, worlds: Sequence[World]) -> list[Answer | Failure | None] | None:
    """What a worker does: unpack the inquiry once, and answer; None where it has none and was given none."""
    if name not in _INQUIRIES:
        if packed is None:
            return None
        _INQUIRIES.clear()
        _INQUIRIES[name] = pickle.loads(packed)
    return [_INQUIRIES[name].answer(world) for world in worlds]
