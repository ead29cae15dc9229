"""A built casebook, ready to be loaded, searched, compared and cited."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook.errors import CasebookError, UnknownNameError
from casebook.metadata import Metadata
from casebook.resources import packaged
from casebook.schema import Field, Schema, Table, parse_table

if TYPE_CHECKING:
    import pandas as pd

    from casebook.views import Bibliography, Case, Codebook


class Casebook:
    """A built casebook: the packaged release, or a researcher's own folder.

    Made by `open_casebook`; the functions of the package ``casebook`` are these methods on the packaged release.

    Parameters
    ----------
    folder : Traversable
        Folder with ``datapackage.json`` and the Parquet tables.
    """

    def __init__(self, folder: Traversable) -> None:
        self.folder = folder
        path = folder / "datapackage.json"
        try:
            self._package: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            self.metadata = Metadata.from_descriptor(self._package)
            tables = [parse_table(resource["schema"]) for resource in self._package["resources"]]
            self.schema = Schema({table.name: table for table in tables})
            self._resources = {resource["name"]: resource for resource in self._package["resources"]}
        except OSError as error:
            raise CasebookError(f"{folder} holds no built casebook (no datapackage.json); run 'casebook build'") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CasebookError(f"{path} is damaged ({error!r}); run 'casebook build', or reinstall the package") from error
        self._frames: dict[str, pd.DataFrame] = {}

    def __repr__(self) -> str:
        return f"<Casebook {self.metadata.name} {self.metadata.version}: {len(self.schema.tables)} tables>"

    @property
    def digest(self) -> str:
        """Content digest of the release, as recorded when it was built."""
        return str(self._package["casebook"]["digest"])

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
                "rows": self._resources[table.name]["casebook"]["rows"],
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
        frame = self._read(declared)
        if not alleged:
            frame = frame[self._established(frame, declared)].reset_index(drop=True)
        frame = frame.copy(deep=True)
        for column in declared.columns:
            if column.type == "array":
                frame[column.name] = frame[column.name].map(list, na_action="ignore")
        return self._widen(frame, declared) if wide else frame

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

        ids = list(self._read(self.schema.table("cases"))["case_id"])
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

        holders = {table.name: table for table in self.schema if self._holds(table, row)}
        if not holders:
            raise UnknownNameError("row", row, self._all_ids())
        if variable is not None:
            names = [item.name for table in holders.values() for item in table.columns]
            if variable not in names:
                raise UnknownNameError(f"variable of {row}", variable, names)
        evidence = self._read(self.schema.table("evidence"))
        found = evidence[(evidence["row"] == row) & ((evidence["variable"] == variable) | (variable is None))]
        sources = self._read(self.schema.table("sources")).set_index("source_id")["citation"]
        found = found.assign(
            value=[self._shown(holders[e.table], row, e.variable) for e in found.itertuples()],
            citation=found["source_id"].map(sources),
        )
        columns = "table row variable value reads confidence basis source_id locator note citation".split()
        return pd.DataFrame(found[columns]).reset_index(drop=True)

    def compare(
        self, *variables: str, table: str | None = None, cases: Sequence[str] | None = None, alleged: bool = False
    ) -> pd.DataFrame:
        """Cases or channels side by side on chosen variables, in labels instead of codes.

        Parameters
        ----------
        *variables : str
            Names of variables of one table.
        table : str, optional
            Name of the table; the first of cases, channels, and the others that has all the variables if not given.
        cases : sequence of str, optional
            Only these cases.
        alleged : bool, default False
            Also compare rows with status alleged.

        Returns
        -------
        DataFrame
            One row per case or channel, one column per variable, texts only. A missing value shows its reason.

        Raises
        ------
        UnknownNameError
            If a variable, table or case does not exist.

        Examples
        --------
        >>> import casebook
        >>> casebook.compare("outcome", "violence").loc["Cuban missile crisis", "Violence"]
        'Threatened'
        """
        import pandas as pd

        declared = self._table_of(variables, table)
        known = list(self._read(self.schema.table("cases"))["case_id"])
        for case_id in cases or []:
            if case_id not in known:
                raise UnknownNameError("case", case_id, known)
        frame = self.load(declared.name, alleged=alleged)
        if cases is not None and "case_id" in frame:
            frame = frame[frame["case_id"].isin(cases)]
        columns = {}
        for name in variables:
            item = declared.field(name)
            columns[item.title] = [self._shown(declared, row, name) for row in frame[declared.primary_key]]
        return pd.DataFrame(columns, index=self._row_labels(frame, declared), dtype="str")

    def cite(self, what: str | None = None, *, style: str = "apa") -> Bibliography:
        """How to cite the release, or the published sources behind a part of it.

        Parameters
        ----------
        what : str, optional
            A case, a row of any table, or a table; the release itself if not given.
        style : {"apa", "bibtex"}, default "apa"
            Form of the citations.

        Returns
        -------
        Bibliography
            A list of citations that shows itself in notebooks and terminals.

        Raises
        ------
        UnknownNameError
            If there is no such case, row or table.

        Examples
        --------
        >>> import casebook
        >>> print(casebook.cite())
        The Casebook contributors (...). Casebook: coded cases of back-channel negotiation (Version ...) [Data set]...
        """
        from casebook.views import Bibliography

        if what is None:
            return Bibliography.of_release(self, style)
        evidence = self._read(self.schema.table("evidence"))
        if what in self.schema.tables:
            used = evidence[evidence["table"] == what]
        else:
            used = evidence[(evidence["case_id"] == what) | (evidence["row"] == what)]
        if used.empty and what not in self.schema.tables and what not in self._all_ids():
            raise UnknownNameError("case, row or table", what, [*self.schema.tables, *self._all_ids()])
        return Bibliography.of_sources(self, used["source_id"].unique(), style)

    def reason(self, table: str, row: str, variable: str) -> str | None:
        """Why a cell is empty, or None where it is not or needs no reason."""
        return self._reasons.get((table, row, variable))

    @cached_property
    def _reasons(self) -> dict[tuple[str, str, str], str]:
        missing = self._read(self.schema.table("missing"))
        keys = zip(missing["table"], missing["row"], missing["variable"], strict=True)
        return dict(zip(keys, missing["reason"].astype("str"), strict=True))

    def _read(self, table: Table) -> pd.DataFrame:
        if table.name not in self._frames:
            import pyarrow.parquet as pq

            path = self.folder / self._resources[table.name]["path"]
            try:
                arrow = pq.read_table(io.BytesIO(path.read_bytes()))
                self._frames[table.name] = table.conform(arrow.to_pandas())
            except OSError as error:
                raise CasebookError(f"{path} is missing or damaged ({error}); build or install again") from error
            except (ValueError, KeyError, TypeError) as error:
                raise CasebookError(f"{path} does not hold the table {table.name!r} ({error}); build again") from error
        return self._frames[table.name]

    def _established(self, frame: pd.DataFrame, table: Table) -> pd.Series:
        if "status" in table.by_name and "alleged" in table.by_name["status"].values:
            return frame["status"] != "alleged"
        if table.within:
            parent = self.schema.table(table.within)
            kept = self._read(parent)
            kept = kept[self._established(kept, parent)]
            key = next(key.field for key in table.foreign_keys if key.table == parent.name)
            return frame[key].isin(kept[parent.primary_key])
        return frame[table.primary_key].notna()

    def _widen(self, frame: pd.DataFrame, table: Table) -> pd.DataFrame:
        """Join parents, then their parents, each table once and by the shortest way."""
        repeated = {key.table for key in table.foreign_keys if sum(k.table == key.table for k in table.foreign_keys) > 1}
        waiting = list(table.foreign_keys)
        joined = {table.name}
        while waiting:
            key = waiting.pop(0)
            if key.table in joined:
                continue
            parent = self.schema.table(key.table)
            prefix = (key.field if key.table in repeated else parent.primary_key).removesuffix("_id")
            columns = self._read(parent).rename(columns=lambda name, prefix=prefix: _prefixed(name, prefix))
            columns = columns.rename(columns={_prefixed(parent.primary_key, prefix): key.field})
            frame = frame.merge(columns, on=key.field, how="left", validate="many_to_one")
            if key.table not in repeated:
                joined.add(key.table)
            for further in parent.foreign_keys:
                inherited = _prefixed(further.field, prefix)
                if further.field in frame:
                    frame = frame.drop(columns=inherited, errors="ignore")
                elif further.field == further.reference:
                    frame = frame.rename(columns={inherited: further.field})
                    waiting.append(further)
        return frame

    def _table_of(self, variables: Sequence[str], table: str | None) -> Table:
        if not variables:
            raise CasebookError("compare needs at least one variable; casebook.find() searches for them")
        if table is not None:
            return self.schema.table(table)
        order = ["cases", "channels", *self.schema.tables]
        for name in order:
            if name in self.schema.tables and all(v in self.schema.tables[name].by_name for v in variables):
                return self.schema.tables[name]
        anywhere = {item.name for declared in self.schema for item in declared.columns}
        for variable in variables:
            if variable not in anywhere:
                raise UnknownNameError("variable", variable, sorted(anywhere))
        raise CasebookError(f"no single table has all of {', '.join(variables)}; compare those of one table at a time")

    def _row_labels(self, frame: pd.DataFrame, table: Table) -> pd.Index:
        import pandas as pd

        label = table.label_field
        if table.name == "cases":
            return pd.Index(frame[label], name="Case")
        if "case_id" not in frame:
            return pd.Index(frame[label], name=table.title)
        titles = self._read(self.schema.table("cases")).set_index("case_id")["short_title"]
        return pd.MultiIndex.from_arrays([frame["case_id"].map(titles), frame[label]], names=["Case", table.title])

    def _shown(self, table: Table, row: str, variable: str) -> str:
        """A value as readers see it: label, text, or the reason why it is missing."""
        import pandas as pd

        item = table.field(variable)
        value = self._indexed(table).at[row, variable]
        if item.type == "array":
            return "; ".join(value) if value is not None else ""
        if pd.isna(value):
            reason = self.reason(table.name, row, variable)
            return reason.replace("_", " ") if reason else ""
        return f"{value:%Y-%m-%d}" if item.type == "date" else item.label(value)

    def _indexed(self, table: Table) -> pd.DataFrame:
        return self._read(table).set_index(table.primary_key, drop=False)

    def _holds(self, table: Table, row: str) -> bool:
        return not table.built and bool((self._read(table)[table.primary_key] == row).any())

    def _all_ids(self) -> list[str]:
        return [row for table in self.schema if not table.built for row in self._read(table)[table.primary_key]]


def _prefixed(name: str, prefix: str) -> str:
    return name if name.startswith(f"{prefix}_") else f"{prefix}_{name}"


def _searchable(item: Field) -> Iterable[str]:
    yield from (item.name, item.title, item.description, str(item.casebook.get("rule", "")))
    for category in item.categories:
        yield from (category.value, category.label, category.description)


@cache
def packaged_release() -> Casebook:
    """The casebook that ships with the package."""
    return Casebook(packaged("tables"))


def open_casebook(folder: str | PathLike[str]) -> Casebook:
    """Open a casebook of your own, with the interface of the packaged one.

    Parameters
    ----------
    folder : path
        A casebook folder that ``casebook build`` has built, or its folder of tables.

    Returns
    -------
    Casebook
        The built casebook.

    Raises
    ------
    CasebookError
        If there is no built casebook in the folder.
    """
    path = Path(folder)
    if not path.is_dir():
        raise CasebookError(f"there is no folder {str(path)!r}")
    return Casebook(path / "tables" if (path / "tables").is_dir() else path)
