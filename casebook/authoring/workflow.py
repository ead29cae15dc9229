"""What a coder does, step by step: `new`, `validate`, `build`."""

from __future__ import annotations

import datetime as dt
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from casebook._support.arguments import told
from casebook._support.progress import Progress, silent
from casebook.model.dates import parse_day

if TYPE_CHECKING:
    from casebook.authoring.build import Build


@told("casebook.new('my-casebook', 'suez-1956')")
def new(
    folder: str | PathLike[str],
    case_id: str | None = None,
    *,
    reference_date: str | dt.date | None = None,
    schemas: bool = False,
) -> list[Path]:
    """Write the blank coding files of a case, and of the casebook where it has none yet.

    Parameters
    ----------
    folder : path
        The casebook folder; made if it doesn't exist.
    case_id : str, optional
        Name of the case: lower case, digits and hyphens.
    reference_date : str or date, optional
        For a new casebook: the day to which durations without an end are counted, as ``2026-01-31``; left for the
        coder to fill in if not given.
    schemas : bool, default False
        Also copy the packaged schemas to ``schemas`` in the folder, to which variables of your own can be added.

    Returns
    -------
    list of Path
        The files written. Nothing that exists is touched.

    Raises
    ------
    CasebookError
        If the name or the day cannot be used, the case or the schemas exist, or nothing was asked for.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in new(folder, "suez-1956", reference_date="2026-01-31")]
    ['casebook.yaml', 'actors.yaml', 'sources.bib', 'case.yaml', 'channels.yaml', 'events.yaml', 'terms.yaml']
    """
    from casebook.authoring.templates import copy_schemas, new_case
    from casebook.errors import CasebookError

    if case_id is None and not schemas:
        where = f"{str(folder)!r}; after the folder name a case, such as 'suez-1956', or ask for schemas"
        raise CasebookError(f"nothing to write into {where}")

    if isinstance(reference_date, str):
        try:
            reference_date = parse_day(reference_date)
        except ValueError:
            raise CasebookError(f"reference_date {reference_date!r} is not a day such as 2026-01-31") from None
    written = copy_schemas(Path(folder)) if schemas else []
    return written + (new_case(Path(folder), case_id, reference_date) if case_id is not None else [])


@told("casebook.validate('my-casebook')")
def validate(folder: str | PathLike[str], *, progress: Progress = silent, fresh: bool = False) -> Build:
    """Check the coding files of a casebook without writing its tables.

    Parameters
    ----------
    folder : path
        The casebook folder, which holds ``casebook.yaml``.
    progress : callable, optional
        Called with the name of each step.
    fresh : bool, default False
        Make everything anew. Else what follows from files that are still the same is taken from the user's cache
        folder, where it was kept by content; the result and the problems found are the same.

    Returns
    -------
    Build
        The checked tables: ``.frames`` by name, ``.rows`` in all, ``.digest``.

    Raises
    ------
    InvalidCasebookError
        With every problem found, each with file and line.
    CasebookError
        If there is no such folder.

    Examples
    --------
    >>> validate("no-such-folder")
    Traceback (most recent call last):
    casebook.errors.CasebookError: there is no folder 'no-such-folder'; name the folder that holds casebook.yaml
    """
    from casebook.authoring.build import compile_folder
    from casebook.authoring.kept import build_cache

    return compile_folder(Path(folder), progress, build_cache(fresh=fresh), second=False)


@told("casebook.build('my-casebook')")
def build(folder: str | PathLike[str], *, progress: Progress = silent, fresh: bool = False) -> Build:
    """Check the coding files of a casebook and write its tables, all or none, to the folder ``tables`` in it.

    ``casebook.open(folder)`` then reads them.

    Parameters
    ----------
    folder : path
        The casebook folder, which holds ``casebook.yaml``.
    progress : callable, optional
        Called with the name of each step.
    fresh : bool, default False
        Make everything anew. Else what follows from files that are still the same is taken from the user's cache
        folder, where it was kept by content; the result and the problems found are the same.

    Returns
    -------
    Build
        The tables written: ``.frames`` by name, ``.rows`` in all, ``.digest``.

    Raises
    ------
    InvalidCasebookError
        With every problem found, each with file and line; nothing is written then.
    CasebookError
        If there is no such folder, or the tables cannot be written.

    Examples
    --------
    >>> build("no-such-folder")
    Traceback (most recent call last):
    casebook.errors.CasebookError: there is no folder 'no-such-folder'; name the folder that holds casebook.yaml
    """
    from casebook.authoring.build import compile_folder, write
    from casebook.authoring.kept import build_cache

    made = compile_folder(Path(folder), progress, build_cache(fresh=fresh))
    write(made, Path(folder) / "tables")
    return made
