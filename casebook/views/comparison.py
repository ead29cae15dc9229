"""Cases or channels side by side: a table of labels for notebooks, articles and spreadsheets."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import names, spread, text
from casebook._support.files import write_file
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


class Comparison:
    """Rows side by side on chosen variables, as `casebook.book.Casebook.compare` makes it.

    Shows itself in notebooks and terminals. Values are labels of the codebook; a missing value shows its reason, in
    italics where the format allows.

    Attributes
    ----------
    frame : DataFrame
        Texts; one row per case or channel, one column per variable (its title).
    missing : DataFrame of bool
        Same shape; whether the text is the reason for a missing value.
    caption : str
        What is compared.

    Examples
    --------
    >>> import casebook
    >>> compared = casebook.compare("outcome", "violence", cases=["cuba-1962"])
    >>> compared.to_frame().loc["Cuban missile crisis", "Violence"]
    'Threatened'
    """

    def __init__(self, frame: pd.DataFrame, missing: pd.DataFrame, caption: str) -> None:
        self.frame = frame
        self.missing = missing
        self.caption = caption

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
        if path is not None:
            write_file(Path(path), _PAGE.format(title=escape(self.caption), body=fragment).encode(), parents=False)
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
        if path is not None:
            write_file(Path(path), text.encode(), parents=False)
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
        if path is not None:
            write_file(Path(path), text.encode(), parents=False)
        return text

    def __str__(self) -> str:
        return self.frame.to_string()

    def __repr__(self) -> str:
        return f"{self.caption}\n{self}"

    def __len__(self) -> int:
        return len(self.frame)

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
    import pandas as pd

    variables = [text(name, "each variable", "outcome") for name in spread(variables)]
    declared = table_of(store.schema, variables, table)
    fields = [declared.field(name) for name in variables]
    chosen = names(cases, "cases", "oslo-1993")
    wanted = None if chosen is None else [store.case_id(name) for name in chosen]
    frame = store.load(declared, alleged=alleged)
    frame = frame.assign(_case=[case_of(row) for row in frame[declared.primary_key]])
    if wanted is not None and not (declared.shared or declared.built):
        frame = frame[frame["_case"].isin(wanted)]
    frame = frame.assign(_label=_row_labels(store, frame, declared).get_level_values(0))
    dates = [f"{item.name}_earliest" for item in declared.fields if item.edtf][:1]
    frame = frame.sort_values(["_label", "_case", *dates], kind="stable")
    rows = list(frame[declared.primary_key])
    index = _row_labels(store, frame, declared)
    shown = {item.title: [store.shown(declared.name, row, item.name) for row in rows] for item in fields}
    missing = {item.title: frame[item.name].isna().to_numpy() for item in fields}
    return Comparison(
        pd.DataFrame(shown, index=index, dtype="str"),
        pd.DataFrame(missing, index=index, dtype="bool"),
        f"{declared.title}: {', '.join(item.title for item in fields)}",
    )


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
        if variable not in anywhere:
            raise UnknownNameError("variable", variable, sorted(anywhere))
    homes = {v: [t.name for t in schema if v in t.by_name] for v in variables}
    where = "; ".join(f"{variable} is in {', '.join(names)}" for variable, names in homes.items())
    raise CasebookError(f"no single table has all these variables; compare those of one table at a time ({where})")


def _row_labels(store: Store, frame: pd.DataFrame, table: Table) -> pd.Index:
    import pandas as pd

    label = table.label_field
    if table.name == "cases":
        return pd.Index(frame[label], name="Case")
    if table.shared or table.built:
        return pd.Index(frame[label], name=table.title)
    titles = store.read("cases").set_index("case_id")["short_title"]
    cases = [titles[case_of(row)] for row in frame[table.primary_key]]
    return pd.MultiIndex.from_arrays([cases, frame[label]], names=["Case", table.title])


def _needed(module: str) -> Any:
    return needed(module, "this form of a comparison", "notebooks")


def _latex(text: object) -> str:
    """Escape for LaTeX, also ``[`` and ``*``, which mean something after the end of a table row."""
    escaped = str(text).translate(_LATEX)
    return f"{{}}{escaped}" if escaped.startswith(("[", "*")) else escaped
