"""The command ``casebook plot``: figures as files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from casebook.cli.options import PATH, cases, data, opened
from casebook.cli.printing import escape, out
from casebook.errors import CasebookError, UnknownNameError

if TYPE_CHECKING:
    from casebook.book import Casebook

_OF_A_CASE = ("timeline", "network", "calendar")
_OF_CASES = ("overview", "panorama", "secrecy", "outcome", "places")
_EXAMPLE = "casebook plot timeline cuba-1962 --out timeline.svg"
FIGURES = (*_OF_A_CASE, *_OF_CASES, "heatmap", "survival")
FORMATS = ("svg", "pdf", "png", "eps", "jpg", "tif", "webp")
_UNDATED: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
_TOLD = {"svg": "Description", "png": "Description", "pdf": "Subject"}
"""Where a format keeps what the figure shows, in words."""


@click.command(epilog=f"Example: {_EXAMPLE}")
@click.argument("figure", required=False, help=f"{', '.join(FIGURES)}.")
@click.argument(
    "names",
    nargs=-1,
    help=f"The case of {', '.join(_OF_A_CASE)}; the variables of heatmap; existence or terms for survival; for "
    "the others only these cases, all if not given.",
)
@click.option(
    "--out",
    "-o",
    "file",
    type=PATH,
    help="File to write; its suffix is the format: .svg, .pdf, .png, .eps, .jpg, .tif or .webp.",
)
@cases
@click.option("--concept", multiple=True, help="Only channels that meet this concept, such as strict; may be repeated.")
@data
def plot(
    figure: str | None,
    names: tuple[str, ...],
    file: Path | None,
    case: tuple[str, ...],
    concept: tuple[str, ...],
    data: Path | None,
) -> None:
    """Draw a figure into a file."""
    from casebook import plots
    from casebook._support.files import write_file
    from casebook.plots.requests import library

    if figure is None:
        raise CasebookError(f"name a figure: {', '.join(FIGURES)}; write for instance: {_EXAMPLE}")
    book = opened(data)
    if figure not in FIGURES:
        raise _unknown(figure, book)
    if file is None:
        raise CasebookError(f"{figure} is written to a file; add --out {figure}.svg")
    form = _form(file)
    library("matplotlib").use("Agg")
    if concept:
        book = book.narrow(concept=concept)
    ax = _drawn(plots, book, figure, list(names), list(case))
    write_file(file, _content(ax, form, plots.describe(ax)), parents=False)
    out.print(f"wrote {escape(str(file))}", soft_wrap=True)


def _unknown(figure: str, book: Casebook) -> CasebookError:
    """The answer to what is no figure; a case, for which people reach first, is told apart."""
    try:
        case = book.case(figure).case_id
    except UnknownNameError:
        return UnknownNameError("figure", figure, FIGURES)
    return CasebookError(
        f"{figure!r} is a case; name a figure before it: casebook plot timeline {case} --out timeline.svg "
        f"(figures of a case: {', '.join(_OF_A_CASE)})"
    )


def _form(file: Path) -> str:
    form = file.suffix.removeprefix(".").lower()
    if form not in FORMATS:
        raise CasebookError(f"--out {str(file)!r} must end with a format of figures: .{', .'.join(FORMATS)}")
    return form


def _drawn(plots: Any, book: Casebook, figure: str, names: list[str], cases: list[str]) -> Any:
    draw = getattr(plots, figure)
    if figure == "heatmap":
        return draw(*names, cases=cases or None, data=book)
    if figure == "survival":
        from casebook.durations import analyze

        if cases:
            raise CasebookError("survival is drawn of all cases; leave --case out")
        return draw(analyze(*_one(names or ["existence"], figure, "a clock, existence or terms"), book=book))
    if figure in _OF_A_CASE:
        return draw(*_one([*names, *cases], figure, "one case, such as cuba-1962"), data=book)
    return draw(cases=[*names, *cases] or None, data=book)


def _one(names: list[str], figure: str, what: str) -> list[str]:
    if len(names) != 1:
        given = ", ".join(names) or "nothing"
        raise CasebookError(f"{figure} needs {what}: casebook plot {figure} …; it was given {given}")
    return names


def _content(ax: Any, form: str, told: str) -> bytes:
    """The file, without a date, so that the same data give the same figure."""
    from matplotlib import rc_context

    about = {**_UNDATED.get(form, {}), **({_TOLD[form]: told} if form in _TOLD else {})}
    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": "casebook"}):
        ax.figure.savefig(buffer, format=form, bbox_inches="tight", metadata=about or None)
    return buffer.getvalue()
