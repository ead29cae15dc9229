"""A built casebook, ready to be read, compared, checked, exported and cited."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from functools import cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from casebook._support.arguments import names, told
from casebook._support.progress import Progress, silent
from casebook._support.resources import packaged
from casebook.errors import CasebookError
from casebook.model.cells import Cell
from casebook.releases.store import Store

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import pandas as pd

    from casebook.codings.agreement import Agreement
    from casebook.codings.units import Unit
    from casebook.model.metadata import Metadata
    from casebook.model.schema import Schema
    from casebook.releases.changes import Changes
    from casebook.releases.verification import Verification
    from casebook.sources.bibliography import Bibliography
    from casebook.views.case import Case
    from casebook.views.codebook import Codebook
    from casebook.views.comparison import Comparison
    from casebook.views.evidence import Evidence


class Casebook:
    """A built casebook: the packaged release, or a researcher's own folder.

    Made by `open`; the functions of the package ``casebook`` are these methods on the packaged release.

    Parameters
    ----------
    folder : Traversable
        Folder with ``datapackage.json`` and the Parquet tables.
    """

    @told("casebook.open('my-casebook')")
    def __init__(self, folder: Traversable) -> None:
        self.store = Store(folder)
        self.schema: Schema = self.store.schema
        self.metadata: Metadata = self.store.metadata

    def __repr__(self) -> str:
        return f"<Casebook {self.metadata.name} {self.metadata.version}: {len(self.schema.tables)} tables>"

    @property
    def digest(self) -> str:
        """Content digest of the release, as recorded when it was built."""
        return self.store.digest

    @told("casebook.tables()")
    def tables(self) -> pd.DataFrame:
        """List the tables with their row counts.

        Returns
        -------
        DataFrame
            One row per table: ``title``, ``rows``, ``variables``, ``description``; indexed by table name. Rows with
            status alleged are counted.

        Examples
        --------
        >>> import casebook
        >>> casebook.tables().loc["channels", "title"]
        'Channels'
        """
        import pandas as pd

        from casebook.views.codebook import listed
        from casebook.views.frames import Readable

        rows = listed(self.store)
        names = pd.Index([row.pop("table") for row in rows], name="table", dtype="str")
        return Readable(rows, index=names)

    @told("casebook.load('channels')")
    def load(
        self,
        table: str,
        *,
        columns: Iterable[str] | None = None,
        cases: Iterable[str] | None = None,
        concept: str | Iterable[str] | None = None,
        wide: bool = False,
        labels: bool = False,
        alleged: bool = False,
    ) -> pd.DataFrame:
        """Load a table.

        Parameters
        ----------
        table : str
            Name of the table, as in `tables`.
        columns : iterable of str, optional
            Only these columns, in this order. Of a table that was not loaded yet, the others are not read.
        cases : iterable of str, optional
            Only rows of these cases, by identifier or title. Of a table that was not loaded yet, the others are not
            read.
        concept : str or iterable of str, optional
            Only channels that meet a concept of a back channel, and what belongs to them; see `narrow`.
        wide : bool, default False
            Join the parent rows along the declared foreign keys; a parent's columns begin with the name of the key, for
            example ``case_outcome``.
        labels : bool, default False
            Give categories by their labels (``Opened front channel``) instead of their codes (``opened_front``).
        alleged : bool, default False
            Also return rows that only an unconfirmed source claims (``status`` is ``alleged``).

        Returns
        -------
        DataFrame
            A fresh copy: categoricals in codebook order, pandas' string type, nullable integers and booleans, real
            dates. Why a cell is empty is said in the table ``missing``.

        Raises
        ------
        UnknownNameError
            If there is no such table, column or case.
        CasebookError
            If the file of the table is missing or damaged.

        Examples
        --------
        >>> import casebook
        >>> channels = casebook.load("channels")
        >>> channels["result"].cat.categories[0]
        'agreement'
        >>> list(casebook.load("channels", columns=["channel_id", "result"], cases=["cuba-1962"]))
        ['channel_id', 'result']
        """
        store = self.store if concept is None else self.narrow(concept=concept).store
        return store.load(
            self.schema.table(table),
            columns=names(columns, "columns", "result"),
            cases=names(cases, "cases", "oslo-1993"),
            wide=wide,
            labels=labels,
            alleged=alleged,
        )

    @told("casebook.narrow(concept='strict')")
    def narrow(self, *, concept: str | Iterable[str] | None = None, cases: Iterable[str] | None = None) -> Casebook:
        """The casebook with only some cases, or only the channels that meet a concept, and what belongs to them.

        Give it to figures and methods as their `data` or `book`. What belongs to no case stays; so does what was
        computed when the casebook was built, such as the number of channels of a case.

        Parameters
        ----------
        concept : str or iterable of str, optional
            One or several categories of the variable ``concept`` of the table ``channels``: ``"strict"`` for sanctioned
            talks whose existence was kept secret, after Wanis-St. John (2006).
        cases : iterable of str, optional
            Only these cases, by identifier or title.

        Returns
        -------
        Casebook
            Another casebook; this one stays as it is.

        Raises
        ------
        UnknownNameError
            If there is no such concept or case.
        CasebookError
            If neither is given, or the codebook of this casebook has no such variable.

        Examples
        --------
        >>> import casebook
        >>> strict = casebook.narrow(concept="strict")
        >>> len(strict.load("channels")) < len(casebook.load("channels"))
        True
        >>> casebook.narrow(cases=["oslo-1993"]).load("cases")["case_id"].to_list()
        ['oslo-1993']
        """
        from casebook.releases.narrowing import Narrowed

        if concept is None and cases is None:
            raise CasebookError("say to what the casebook is to be narrowed: concept='strict', cases=['oslo-1993']")
        concepts = [concept] if isinstance(concept, str) else names(concept, "concept", "strict")
        other = copy.copy(self)
        other.store = Narrowed(self.store, concepts, names(cases, "cases", "oslo-1993"))
        return other

    @told("casebook.codebook('channels', 'result')")
    def codebook(self, table: str | None = None, variable: str | None = None) -> Codebook:
        """Look variables up in the codebook.

        Parameters
        ----------
        table : str, optional
            Name of a table; all tables if not given.
        variable : str, optional
            Name of one of its variables.

        Returns
        -------
        Codebook
            Shows itself in notebooks and terminals; ``.to_frame()`` gives a DataFrame.

        Raises
        ------
        UnknownNameError
            If there is no such table or variable.

        Examples
        --------
        >>> import casebook
        >>> book = casebook.codebook("channels", "directness")
        >>> [category.value for category in book.fields[0].categories]
        ['direct', 'relayed', 'mixed']
        """
        from casebook.views.codebook import look_up

        return look_up(self.schema, table, variable, self.store.cited_as)

    @told("casebook.find('deadline')")
    def find(self, text: str) -> pd.DataFrame:
        """Search names, titles, descriptions and categories of the codebook.

        Parameters
        ----------
        text : str
            What to look for, without regard to case.

        Returns
        -------
        DataFrame
            One row per variable found: ``table``, ``variable``, ``title``, ``description``.

        Examples
        --------
        >>> import casebook
        >>> "deniability" in set(casebook.find("disown")["variable"])
        True
        """
        from casebook.views.codebook import find

        return find(self.schema, text)

    @told("casebook.case('cuba-1962')")
    def case(self, case_id: str) -> Case:
        """One case as a readable page.

        Parameters
        ----------
        case_id : str
            Identifier of the case, for example ``"cuba-1962"``.

        Returns
        -------
        Case
            Shows itself in notebooks and terminals; ``.facts``, ``.channels``, ``.events``, ``.terms`` and
            ``.narrative`` give its parts.

        Raises
        ------
        UnknownNameError
            If there is no such case; the message names the nearest.

        Examples
        --------
        >>> import casebook
        >>> casebook.case("cuba-1962").title
        'Cuban missile crisis, 1962'
        """
        from casebook.views.case import Case

        return Case(self.store, case_id)

    @told("casebook.evidence('cuba-1962', 'outcome')")
    def evidence(self, row: str, variable: str | None = None) -> Evidence:
        """Every source behind a row or one of its values, rival readings included.

        Parameters
        ----------
        row : str
            Identifier of a row of any table, for example ``"cuba-1962"`` or ``"cuba-1962/rfk-dobrynin"``.
        variable : str, optional
            Name of a variable.

        Returns
        -------
        Evidence
            Shows itself in notebooks and terminals: each value with the sources that support it and rival readings, an
            empty one with its reason, a derived one with that from which it follows; ``.to_frame()`` gives one row per
            value and source.

        Raises
        ------
        UnknownNameError
            If there is no such row or variable.

        Examples
        --------
        >>> import casebook
        >>> print(casebook.evidence("cuba-1962", "durability_days"))
        cases.durability_days = ...
          derived from outcome_date = ...; reversal_date = ...
        """
        from casebook.views.evidence import evidence

        return evidence(self.store, row, variable)

    @told("book.reason('channels', 'cuba-1962/rfk-dobrynin', 'end')")
    def reason(self, table: str, row: str, variable: str) -> str | None:
        """Why a cell is empty, or None where it is not or needs no reason."""
        return self.store.reasons.get(Cell(table, row, variable))

    @told("casebook.compare('outcome', 'violence')")
    def compare(
        self,
        *variables: str,
        table: str | None = None,
        cases: Sequence[str] | None = None,
        concept: str | Iterable[str] | None = None,
        alleged: bool = False,
    ) -> Comparison:
        """Cases or channels side by side on chosen variables, in labels instead of codes.

        Parameters
        ----------
        *variables : str
            Names of variables of one table.
        table : str, optional
            Name of the table; the first of cases, channels, and the others that has all the variables if not given.
        cases : sequence of str, optional
            Only these cases.
        concept : str or iterable of str, optional
            Only channels that meet a concept; see `narrow`.
        alleged : bool, default False
            Also compare rows with status alleged.

        Returns
        -------
        Comparison
            One row per case or channel, sorted by case, then start; one column per variable, texts only. A missing
            value shows its reason. Shows itself in notebooks and terminals; ``.to_frame()`` gives a DataFrame,
            ``.to_html()``, ``.to_latex()`` and ``.to_csv()`` the table for other programs.

        Raises
        ------
        UnknownNameError
            If a variable, table or case does not exist.

        Examples
        --------
        >>> import casebook
        >>> casebook.compare("outcome", "violence").to_frame().loc["Cuban missile crisis", "Violence"]
        'Threatened'
        """
        from casebook.views.comparison import compare

        store = self.store if concept is None else self.narrow(concept=concept).store
        return compare(store, variables, table, cases, alleged)

    @told("casebook.cite('cuba-1962'), or casebook.bibliography(frame) for a frame")
    def cite(self, what: str | None = None, *, style: str = "apa") -> Bibliography:
        """How to cite the release, or the published sources behind a part of it.

        Parameters
        ----------
        what : str, optional
            A case, a row of any table, a table, or a variable (``"channels.result"``); the release itself if not given.
        style : {"apa", "chicago", "bibtex", "ris", "csl-json"}, default "apa"
            Form of the citations; Chicago is author-date.

        Returns
        -------
        Bibliography
            A list of citations that shows itself in notebooks and terminals.

        Raises
        ------
        UnknownNameError
            If there is no such case, row, table, variable or style.

        Examples
        --------
        >>> import casebook
        >>> print(casebook.cite())
        The Casebook contributors. (...). Casebook: coded cases of back-channel negotiation (Version ...) [Data set]...
        """
        from casebook.sources.bibliography import release_reference, source_references

        style = style.lower()
        if what is None:
            return release_reference(self.metadata, self.digest, style)
        from casebook.views.provenance import sources_behind

        return source_references(self.store, sources_behind(self.store, what), style)

    @told("casebook.bibliography(casebook.load('channels'))")
    def bibliography(self, frame: pd.DataFrame, *, style: str = "apa") -> Bibliography:
        """The published sources behind a frame that was loaded from this casebook.

        Parameters
        ----------
        frame : DataFrame
            Plain or wide, filtered or merged; it must still have the key of its rows (``channel_id``). Only the columns
            that are still there count.
        style : {"apa", "chicago", "bibtex", "ris", "csl-json"}, default "apa"
            Form of the citations.

        Returns
        -------
        Bibliography
            A list of citations that shows itself in notebooks and terminals.

        Raises
        ------
        CasebookError
            If no row or variable of the casebook can be recognized.
        UnknownNameError
            If a row is not in this casebook, or there is no such style.

        Examples
        --------
        >>> import casebook
        >>> channels = casebook.load("channels")
        >>> used = channels.loc[channels["case_id"] == "cuba-1962", ["channel_id", "result"]]
        >>> set(casebook.bibliography(used)) <= set(casebook.cite("cuba-1962"))
        True
        """
        from casebook.sources.bibliography import source_references
        from casebook.views.provenance import cells_in, sources_of

        return source_references(self.store, sources_of(self.store, cells_in(self.store, frame)), style)

    @told("casebook.verify()")
    def verify(self, digest: str | None = None, *, progress: Progress = silent, fresh: bool = False) -> Verification:
        """Check that files, values, references, reasons and evidence are what they are recorded and declared to be.

        Checksums and digests are computed every time. That cells and rows of the same files agree with each other and
        with the schema is remembered in the user's cache folder, for the same code and libraries; findings never are.

        Parameters
        ----------
        digest : str, optional
            Content digest cited in a paper, in full or its first 12 or more digits: are these the data cited?
        progress : callable, optional
            Called with the name of each step.
        fresh : bool, default False
            Check everything anew, whatever is remembered.

        Returns
        -------
        Verification
            ``.ok``, ``.digest`` (computed afresh) and ``.findings``, each with table, row and variable where it can.

        Raises
        ------
        CasebookError
            If the digest cited is not one.

        Examples
        --------
        >>> import casebook
        >>> casebook.verify().ok
        True
        """
        from casebook.releases.verification import verify

        return verify(self.store, digest, progress, fresh=fresh)

    @told("book.changes('older.zip')")
    def changes(self, since: str | PathLike[str] | Casebook) -> Changes:
        """What changed since an older release: codebook, rows, cells and evidence.

        Parameters
        ----------
        since : path or Casebook
            The older release, as for `open`.

        Returns
        -------
        Changes
            Shows itself in notebooks and terminals; ``.to_frame()`` gives the changed cells.

        Raises
        ------
        CasebookError
            If there is no built casebook at the path.

        Examples
        --------
        >>> from casebook.book import packaged_release
        >>> print(packaged_release().changes(packaged_release()))
        backchannel-casebook ...
        no difference
        """
        from casebook.releases.changes import changes_between

        older = since if isinstance(since, Casebook) else open(since)
        return changes_between(older.store, self.store)

    @told("casebook.history('cuba-1962', 'outcome')")
    def history(
        self, row: str, variable: str, *, releases: str | PathLike[str] | Iterable[str | PathLike[str]] = ()
    ) -> pd.DataFrame:
        """One value through older releases up to this one.

        Parameters
        ----------
        row : str
            Identifier of a row.
        variable : str
            Name of a variable of that row.
        releases : path or iterable of path, optional
            Older releases, as for `open`, or one folder in which they lie.

        Returns
        -------
        DataFrame
            One row per release: ``released``, ``table``, ``value``, ``sources``, ``digest``; indexed by ``version``.
            The value is missing where a release doesn't have the row or the variable.

        Raises
        ------
        UnknownNameError
            If no release has the row, or none has the variable.

        Examples
        --------
        >>> import casebook
        >>> casebook.history("cuba-1962", "violence")["value"].to_list()
        ['threatened']
        """
        from casebook.releases.archives import releases_in
        from casebook.releases.changes import history
        from casebook.views.frames import Readable

        paths = releases_in(Path(releases)) if isinstance(releases, str | PathLike) else releases
        return Readable(history([*(open(path).store for path in paths), self.store], row, variable))

    @told("casebook.export('exports', 'excel')")
    def export(
        self,
        directory: str | PathLike[str],
        formats: str | Iterable[str] | None = None,
        *,
        overwrite: bool = False,
        progress: Progress = silent,
    ) -> list[Path]:
        """Write the casebook in other formats.

        All rows are written, those with status alleged included. Everything is made in a temporary place first; the
        target changes only when all is done.

        Parameters
        ----------
        directory : path
            Folder to write to; made if it doesn't exist. Other files in it are left alone.
        formats : str or iterable of str, optional
            Names from `casebook.exports.FORMATS`, which says what each format holds; all formats if not given.
        overwrite : bool, default False
            Replace exports that the folder already holds.
        progress : callable, optional
            Called with the name of each step.

        Returns
        -------
        list of Path
            The files and folders written, one per format.

        Raises
        ------
        CasebookError
            If a format is unknown, a library for it is not installed, the folder already holds the export, or the
            format cannot hold a value.

        Examples
        --------
        >>> import casebook, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [path.name for path in casebook.export(folder, ["jsonl", "markdown"])]
        ['jsonl', 'codebook.md']
        """
        from casebook.exports import export

        return export(self, directory, formats, overwrite=overwrite, progress=progress)

    @told("casebook.agreement('channels', 'result')")
    def agreement(
        self,
        table: str | None = None,
        variable: str | None = None,
        *,
        coders: Sequence[str] | None = None,
        units: str | PathLike[str] | Sequence[Unit] | None = None,
        missing: str = "value",
        draws: int = 1000,
        confidence: float = 0.95,
        seed: int = 0,
        few: int = 30,
    ) -> Agreement:
        """Agreement between independent coders, variable by variable and pooled by group.

        The published values take part as the coder ``casebook``. Only units that two coders coded are compared, rows
        with status alleged among them. The schema gives the level: categories are nominal, or ordinal where they are
        ordered, and whole numbers are interval. For these there are percent agreement, Krippendorff's alpha with an
        interval, Gwet's AC1 or AC2, agreement on whether there is a value at all, and alpha where two gave one. Dates
        have no coefficient, but shares that are identical, overlap or lie near; durations that follow from them are
        computed for each coder, and compared by log(1 + days).

        Parameters
        ----------
        table : str, optional
            Only this table.
        variable : str, optional
            Only the variable of this name, derived ones included.
        coders : sequence of str, optional
            Only these coders, at least two; all of them if not given.
        units : path or sequence of Unit, optional
            What coders found that there is to code, as `casebook.codings.units.read_units` describes it.
        missing : {"value", "drop"}, default "value"
            With ``value``, a reason for a missing value (unknown, not_applicable, withheld) is a value of its own in
            percent agreement and in nominal alpha: whether something can be known is a judgment too, on which coders
            can differ. It has no place on an ordinal or interval scale, so alpha leaves it out there. With ``drop`` it
            is left out everywhere.
        draws : int, default 1000
            Bootstrap samples of units behind the interval; 0 for none.
        confidence : float, default 0.95
            Share of the samples that the percentile interval spans.
        seed : int, default 0
            Seed of the bootstrap; a variable's interval doesn't depend on which others are measured.
        few : int, default 30
            A variable with fewer units shows no coefficient by itself: its group does, with a list of disagreements.

        Returns
        -------
        Agreement
            Shows itself in notebooks and terminals with advice on how to read it; ``.to_frame()`` gives the figures,
            ``.disagreements()`` the units on which coders differ, ``.warnings`` what weakens the figures.

        Raises
        ------
        UnknownNameError
            If there is no such table, variable or coder.
        CasebookError
            If nobody coded these variables a second time; the message says how to get a second coding.

        References
        ----------
        Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.
        Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement.
        British Journal of Mathematical and Statistical Psychology, 61(1), 29-48.

        Examples
        --------
        >>> import casebook
        >>> casebook.agreement("channels", "results")
        Traceback (most recent call last):
        casebook.errors.UnknownNameError: there is no variable 'results' in table channels; did you mean 'result'?...
        """
        from casebook.codings.agreement import measure
        from casebook.reliability.figures import Settings

        return measure(self, table, variable, coders, units, Settings(missing, draws, confidence, seed, few))


@cache
def packaged_release() -> Casebook:
    """The casebook that ships with the package."""
    return Casebook(packaged("tables"))


@told("casebook.open('my-casebook')")
def open(folder: str | PathLike[str]) -> Casebook:
    """Open a casebook of your own or an older release, with the interface of the packaged one.

    Parameters
    ----------
    folder : path
        A casebook folder that ``casebook build`` has built, its folder of tables, or a release: a wheel, a source
        distribution, or an exchange archive (``.zip``).

    Returns
    -------
    Casebook
        The built casebook.

    Raises
    ------
    CasebookError
        If there is no built casebook.
    """
    from casebook.releases.archives import tables_folder

    return Casebook(tables_folder(Path(folder)))
