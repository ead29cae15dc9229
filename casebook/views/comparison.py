"""Cases or channels side by side: a table of labels for notebooks, articles and spreadsheets."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from casebook._support.arguments import names, spread, text
from casebook._support.optional import needed
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.cells import case_of
from casebook.model.texts import could_run
from casebook.views.html import numeric

if TYPE_CHECKING:
    import pandas as pd

    from casebook.model.schema import Schema, Table
    from casebook.releases.store import Store

_GRAY = "#595959"
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
{body}
</body>
</html>
"""
_TAG = re.compile(r"<[a-z][^<>]*>")
_COLORED = re.compile(r"(?<![-\w])(?:background-)?color:[^;\"]*;?\s*")
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        **{special: f"\\{special}" for special in "&%$#_{}"},
    }
)


class Compared(NamedTuple):
    """One row of a comparison: its labels, a text for each variable, and which of these are reasons."""

    labels: tuple[str, ...]
    shown: list[str]
    missing: list[bool]


class Comparison:
    """Rows side by side on chosen variables, as `casebook.book.Casebook.compare` makes it.

    Shows itself in notebooks and terminals. Values are labels of the codebook; a missing value shows its reason, in
    italics where the format allows.

    Parameters
    ----------
    rows : sequence of Compared
        What stands side by side.
    names : sequence of str
        What the labels of a row are called.
    titles : sequence of str
        Titles of the variables.
    caption : str
        What is compared.

    Attributes
    ----------
    frame : DataFrame
        Texts; one row per case or channel, one column per variable (its title).
    missing : DataFrame of bool
        Same shape; whether the text is the reason for a missing value.

    Examples
    --------
    >>> import casebook
    >>> compared = casebook.compare("outcome", "violence", cases=["cuba-1962"])
    >>> compared.to_frame().loc["Cuban missile crisis", "Violence"]
    'Threatened'
    """

    def __init__(self, rows: Sequence[Compared], names: Sequence[str], titles: Sequence[str], caption: str) -> None:
        self.rows, self.names, self.titles = list(rows), list(names), list(titles)
        self.caption = caption

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The texts."""
        return self._framed([row.shown for row in self.rows]).astype("str")

    @cached_property
    def missing(self) -> pd.DataFrame:
        """Which texts are reasons."""
        return self._framed([row.missing for row in self.rows]).astype("bool")

    def _framed(self, cells: list[Any]) -> pd.DataFrame:
        import pandas as pd

        labels = list(zip(*(row.labels for row in self.rows), strict=True)) or [()] * len(self.names)
        single = pd.Index(labels[0], dtype="str", name=self.names[0])
        index = single if len(self.names) == 1 else pd.MultiIndex.from_arrays(labels, names=self.names)
        return pd.DataFrame(cells, index=index, columns=pd.Index(self.titles, dtype="str"))

    def to_frame(self) -> pd.DataFrame:
        """The texts as a DataFrame.

        Returns
        -------
        DataFrame
            A copy of ``frame``.
        """
        return self.frame.copy()

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The table as HTML that can be pasted into a word processor.

        Made by great_tables, with every style written at its element; no script, no link, all text escaped. Text and
        background have the colors of the page around them, dark or light.

        Parameters
        ----------
        path : path, optional
            File to write as well.

        Returns
        -------
        str
            An HTML fragment, or nothing but the same table in a page of its own in the file.

        Raises
        ------
        CasebookError
            If the extra ``notebooks`` is not installed, or the file can't be written.

        Examples
        --------
        >>> import casebook
        >>> html = casebook.compare("outcome").to_html()
        >>> "<style" in html, "<script" in html
        (False, False)
        """
        fragment = self._html()
        _save(path, _PAGE.format(title=escape(self.caption), body=fragment))
        return fragment

    def to_latex(self, path: str | os.PathLike[str] | None = None) -> str:
        """The table as LaTeX.

        Made by pandas' Styler, with all special characters escaped. The document needs the packages ``array``,
        ``booktabs``, ``longtable`` and ``xcolor``.

        Parameters
        ----------
        path : path, optional
            File to write as well.

        Returns
        -------
        str
            A ``longtable``.

        Raises
        ------
        CasebookError
            If the extra ``notebooks`` is not installed, or the file can't be written.

        Examples
        --------
        >>> import casebook
        >>> "Outcome" in casebook.compare("outcome").to_latex()
        True
        """
        _needed("jinja2")
        levels = self.frame.index.to_frame(index=False)
        if levels.shape[1] > 1:
            levels.iloc[:, 0] = levels.iloc[:, 0].mask(levels.iloc[:, 0].duplicated(), "")
        plain = self.frame.reset_index(drop=True)
        for place, name in enumerate(levels.columns):
            plain.insert(place, name, levels[name])
        absent = self.missing.reset_index(drop=True).reindex(columns=plain.columns, fill_value=False)
        quiet = absent.map(lambda missing: f"textcolor:[HTML]{{{_GRAY[1:]}}}--rwrap; textit:--rwrap" if missing else "")
        style = plain.style.apply(lambda _: quiet, axis=None).format(_latex).format_index(_latex, axis="columns")
        letters = [min(max(map(len, [str(name), *plain[name].astype("str")])), 32) + 10 for name in plain.columns]
        widths = [f"\\dimexpr {0.998 * size / sum(letters):.3f}\\linewidth-2\\tabcolsep\\relax" for size in letters]
        text = style.hide(axis="index").to_latex(
            environment="longtable",
            hrules=True,
            caption=_latex(self.caption),
            column_format="".join(f">{{\\raggedright\\arraybackslash}}p{{{width}}}" for width in widths),
        )
        _save(path, text)
        return str(text)

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """The table as comma-separated values with a header, quoted where the content asks for it (RFC 4180).

        A text that a spreadsheet could run as a formula is refused, as in the format csv of an export.

        Parameters
        ----------
        path : path, optional
            File to write as well, in UTF-8.

        Returns
        -------
        str
            The lines.

        Raises
        ------
        CasebookError
            If a text could run as a formula, or the file can't be written.

        Examples
        --------
        >>> import casebook
        >>> casebook.compare("outcome").to_csv().splitlines()[0]
        'Case,Outcome'
        """
        whole = self.frame.reset_index()
        for cell in [*map(str, whole.columns), *map(str, whole.to_numpy().ravel())]:
            if could_run(cell):
                raise CasebookError(
                    f"csv: {cell[:40]!r} begins with {cell[:1]!r}, which spreadsheets may run as a formula; begin the "
                    "text with a word, or take another form of the comparison"
                )
        text = self.frame.to_csv(lineterminator="\n")
        _save(path, text)
        return text

    def __str__(self) -> str:
        return self.frame.to_string()

    def __repr__(self) -> str:
        return f"{self.caption}\n{self}"

    def __len__(self) -> int:
        return len(self.rows)

    def _repr_html_(self) -> str | None:
        try:
            return self._html()
        except CasebookError:
            return None

    def _html(self) -> str:
        """The table without a style sheet, which notebooks strip where they are not trusted, and without colors."""
        _needed("css_inline")
        html = str(self._great().as_raw_html(inline_css=True))
        return _TAG.sub(lambda tag: _COLORED.sub("", tag[0]), html)

    def _great(self) -> Any:
        """The table for great_tables: cases as groups, channels or cases as the stub."""
        great = _needed("great_tables")
        columns = {f"column_{place}": self.frame.iloc[:, place].array for place in range(self.frame.shape[1])}
        levels = {
            f"level_{place}": self.frame.index.get_level_values(place) for place in range(self.frame.index.nlevels)
        }
        import pandas as pd

        frame = pd.DataFrame({**levels, **columns}).reset_index(drop=True)
        *group, stub = levels
        table = great.GT(frame, rowname_col=stub, groupname_col=group[0] if group else None, id="casebook-comparison")
        table = table.cols_label(**dict(zip(columns, self.frame.columns, strict=True)))
        table = table.cols_align("left")
        if numbers := [f"column_{place}" for place in self._numeric()]:
            table = table.cols_align("right", numbers)
        table = table.tab_stubhead(str(self.frame.index.names[-1])).tab_header(self.caption)
        for place, column in enumerate(columns):
            rows = [row for row, absent in enumerate(self.missing.iloc[:, place]) if absent]
            if rows:
                table = table.tab_style(
                    great.style.text(style="italic", size="90%"), great.loc.body(columns=column, rows=rows)
                )
        return table.tab_options(
            table_font_size="14px",
            data_row_padding="4px",
            heading_align="left",
            table_margin_left="0px",
            row_group_font_weight="bold",
            column_labels_font_weight="bold",
        )

    def _numeric(self) -> set[int]:
        """The columns that hold numbers, whatever stands where one is missing."""
        return numeric(self.frame.mask(self.missing, "").to_numpy().tolist())


def compare(
    store: Store, variables: Sequence[str], table: str | None, cases: Sequence[str] | None, alleged: bool
) -> Comparison:
    """Rows of one table side by side; see `casebook.book.Casebook.compare`."""
    variables = [text(name, "each variable", "outcome") for name in spread(variables)]
    declared = table_of(store.schema, variables, table)
    fields = list({declared.field(name).title: declared.field(name) for name in variables}.values())
    chosen = names(cases, "cases", "oslo-1993")
    wanted = None if chosen is None else {store.case_id(name) for name in chosen}
    in_cases = not (declared.shared or declared.built)
    rows = store.cells(declared.name) if alleged else store.established_cells(declared)
    if wanted is not None and in_cases:
        rows = {key: cells for key, cells in rows.items() if case_of(key) in wanted}
    dates = [f"{item.name}_earliest" for item in declared.fields if item.edtf][:1]

    def place(key: str) -> tuple[Any, ...]:
        return labels[key][0], case_of(key), *(rows[key][name] or dt.date.max for name in dates)

    labels = {key: _labels(store, declared, key, cells) for key, cells in rows.items()}
    compared = [
        Compared(
            labels[key],
            [store.shown(declared.name, key, item.name) for item in fields],
            [rows[key][item.name] is None for item in fields],
        )
        for key in sorted(rows, key=place)
    ]
    titles = [item.title for item in fields]
    levels = [*(["Case"] if in_cases else []), *([declared.title] if declared.name != "cases" else [])]
    return Comparison(compared, levels, titles, f"{declared.title}: {', '.join(titles)}")


def table_of(schema: Schema, variables: Sequence[str], table: str | None) -> Table:
    if not variables:
        raise CasebookError("compare needs at least one variable; casebook.find() searches for them")
    if table is not None:
        return schema.table(table)
    order = ["cases", "channels", *schema.tables]
    for name in order:
        if name in schema.tables and all(v in schema.tables[name].by_name for v in variables):
            return schema.tables[name]
    anywhere = {item.name for declared in schema for item in declared.columns}
    for variable in variables:
        home, _, name = str(variable).partition(".")
        if home in schema.tables and name in schema.tables[home].by_name:
            raise CasebookError(f"{variable!r} names a table too; write {name!r} with table={home!r}")
        if variable not in anywhere:
            raise UnknownNameError("variable", variable, sorted(anywhere))
    homes = {v: [t.name for t in schema if v in t.by_name] for v in variables}
    where = "; ".join(f"{variable} is in {', '.join(names)}" for variable, names in homes.items())
    raise CasebookError(
        f"no single table has all these variables; compare those of one table at a time ({where}), or load one with "
        "wide=True, which joins it to those above it"
    )


def _labels(store: Store, table: Table, key: str, cells: Mapping[str, Any]) -> tuple[str, ...]:
    """What a row is called, after the case in which it lies."""
    own = str(cells[table.label_field])
    if table.name == "cases" or table.shared or table.built:
        return (own,)
    return store.called(case_of(key)), own


def _save(path: str | os.PathLike[str] | None, content: str) -> None:
    from casebook._support.files import write_file

    if path is not None:
        write_file(Path(path), content.encode(), parents=False)


def _needed(module: str) -> Any:
    return needed(module, "this form of a comparison", "notebooks")


def _latex(text: object) -> str:
    """Escape for LaTeX, also ``[`` and ``*``, which mean something after the end of a table row."""
    escaped = str(text).translate(_LATEX)
    return f"{{}}{escaped}" if escaped.startswith(("[", "*")) else escaped
