"""On which values an analysis depends: what it reads, and what it cannot do without."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from casebook.book import Casebook
from casebook.errors import CasebookError
from casebook.releases.recording import recording
from casebook.worlds.alternatives import Variable
from casebook.worlds.dimensions import Choice
from casebook.worlds.inquiry import Analysis, Answer, normal
from casebook.worlds.worlds import Worlds


class Dependence:
    """What an analysis says of the casebook as coded, and on which variables that depends.

    Parameters
    ----------
    analysis : callable
        The analysis.
    worlds : Worlds
        The casebook.
    methods : sequence of Choice
        Its choices of method, each of which is tried once in place of the first.
    """

    def __init__(self, analysis: Analysis, worlds: Worlds, methods: Sequence[Choice]) -> None:
        self._analysis, self._worlds = analysis, worlds
        usual = {choice.name: choice.values[0] for choice in methods}
        self._arguments = [
            usual,
            *({**usual, choice.name: value} for choice in methods for value in choice.values[1:]),
        ]
        book = copy.copy(worlds.book)
        book.store = worlds.book.store.altered({})
        with recording() as recorder:
            self.coded = self._ask(book, usual)
        self._needed = recorder.tables(book.store)
        elsewhere = sorted(recorder.elsewhere(book.store))
        if elsewhere or not self._needed:
            what = f"reads {', '.join(elsewhere)}" if elsewhere else "reads nothing"
            where = "elsewhere than in the casebook that it is given" if elsewhere else "from the casebook it is given"
            raise CasebookError(
                f"the analysis {what} {where}, so that no other reading could change it; use its argument throughout: "
                "book.load(...) instead of casebook.load(...), book=book where a function takes a casebook"
            )
        self._answers = [self.coded, *(self._try(book, arguments) for arguments in self._arguments[1:])]

    def _ask(self, book: Casebook, arguments: Mapping[str, Any]) -> Answer:
        try:
            return normal(self._analysis(book, **arguments))
        except CasebookError:
            raise
        except Exception as error:
            raise CasebookError(f"the analysis failed (as coded): {type(error).__name__}: {error}") from error

    def _try(self, book: Casebook, arguments: Mapping[str, Any]) -> Answer | None:
        try:
            return normal(self._analysis(book, **arguments))
        except Exception:
            return None

    def candidates(self) -> list[Variable]:
        """Variables from which something follows in a table that it reads."""
        return [
            variable
            for variable in self._worlds.variables
            if any(table in self._needed for table, _ in self._worlds.consequences(variable))
        ]

    def depends(self, variable: Variable) -> bool:
        """Whether it fails or answers otherwise without a variable and what follows from it."""
        if variable[1] == "status" and variable[0] in self._needed:
            return True
        columns = [(table, name) for table, name in self._worlds.consequences(variable) if table in self._needed]
        book = self._worlds.without(columns)
        answers = (self._try(book, arguments) for arguments in self._arguments)
        return any(answer is None or answer != known for answer, known in zip(answers, self._answers, strict=True))
