"""Reading a built casebook: tables, codebook, case pages and the evidence behind values."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from casebook.errors import UnknownNameError
from casebook.metadata import Metadata
from casebook.schema import Field, Schema
from casebook.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from casebook.views import Case, Codebook


class Reading:
    """The part of `casebook.book.Casebook` that looks things up.

    Parameters
    ----------
    folder : Traversable
        Folder with ``datapackage.json`` and the Parquet tables.
    """

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

        rows = {
            table.name: {
                "title": table.title,
                "rows": self.store.resources[table.name]["casebook"]["rows"],
                "variables": len(table.fields),
                "description": " ".join(table.description.split()),
            }
            for table in self.schema
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("table")

    def load(self, table: str, *, wide: bool = False, alleged: bool = False) -> pd.DataFrame:
        """Load a table.

        Parameters
        ----------
        table : str
            Name of the table, as in `tables`.
        wide : bool, default False
            Join the parent rows along the declared foreign keys; a parent's columns begin with the name of the key, for
            example ``case_outcome``.
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
            If there is no such table.
        CasebookError
            If the file of the table is missing or damaged.

        Examples
        --------
        >>> import casebook
        >>> channels = casebook.load("channels")
        >>> channels["result"].cat.categories[0]
        'agreement'
        """
        declared = self.schema.table(table)
        frame = self.store.read(table) if alleged else self.store.established(declared).reset_index(drop=True)
        frame = frame.copy(deep=True)
        for column in declared.columns:
            if column.type == "array":
                frame[column.name] = frame[column.name].map(list, na_action="ignore")
        return self.store.widen(frame, declared) if wide else frame

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
        from casebook.views import Codebook

        tables = [self.schema.table(table)] if table else list(self.schema)
        return Codebook(tables, variable)

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
        import pandas as pd

        wanted = text.casefold()
        found = [
            {"table": table.name, "variable": item.name, "title": item.title, "description": item.description}
            for table in self.schema
            for item in table.fields
            if any(wanted in piece.casefold() for piece in _searchable(item))
        ]
        return pd.DataFrame(found, columns=["table", "variable", "title", "description"])

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
        from casebook.views import Case

        ids = list(self.store.read("cases")["case_id"])
        if case_id not in ids:
            raise UnknownNameError("case", case_id, ids)
        return Case(self, case_id)

    def evidence(self, row: str, variable: str | None = None) -> pd.DataFrame:
        """Every source behind a row or one of its values, rival readings included.

        Parameters
        ----------
        row : str
            Identifier of a row of any table, for example ``"cuba-1962"`` or ``"cuba-1962/rfk-dobrynin"``.
        variable : str, optional
            Name of a variable.

        Returns
        -------
        DataFrame
            One row per value and source: ``table``, ``row``, ``variable``, ``value`` (as coded), ``reads`` (what a
            rival reading gives), ``confidence``, ``basis``, ``source_id``, ``locator``, ``note``, ``citation``.

        Raises
        ------
        UnknownNameError
            If there is no such row or variable.

        Examples
        --------
        >>> import casebook
        >>> set(casebook.evidence("cuba-1962", "outcome")["variable"])
        {'outcome'}
        """
        import pandas as pd

        holders = self.store.tables_with(row)
        if not holders:
            raise UnknownNameError("row", row, self.store.identifiers())
        if variable is not None:
            names = [item.name for table in holders for item in table.columns]
            if variable not in names:
                raise UnknownNameError(f"variable of {row}", variable, names)
        evidence = self.store.read("evidence")
        found = evidence[(evidence["row"] == row) & ((evidence["variable"] == variable) | (variable is None))]
        sources = self.store.read("sources").set_index("source_id")["citation"]
        found = found.assign(
            value=[self.store.shown(e["table"], row, e["variable"]) for e in found.to_dict("records")],
            citation=found["source_id"].map(sources),
        )
        columns = [
            "table",
            "row",
            "variable",
            "value",
            "reads",
            "confidence",
            "basis",
            "source_id",
            "locator",
            "note",
            "citation",
        ]
        return pd.DataFrame(found[columns]).reset_index(drop=True)

    def reason(self, table: str, row: str, variable: str) -> str | None:
        """Why a cell is empty, or None where it is not or needs no reason."""
        return self.store.reasons.get((table, row, variable))


def _searchable(item: Field) -> Iterable[str]:
    yield from (item.name, item.title, item.description, str(item.casebook.get("rule", "")))
    for category in item.categories:
        yield from (category.value, category.label, category.description)
