"""The command line: the interface of the package and the builder, in a terminal."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
import typer.core

from casebook.cli import codings, plot, read, releases, site, write
from casebook.cli.printing import err, escape
from casebook.errors import CasebookError, InvalidCasebookError

_INSTEAD = {
    "help": "write: casebook --help",
    "load": "for tables as files write: casebook export FOLDER --format csv",
    "case": "write: casebook show",
    "bibliography": "write: casebook cite",
    "explore": "rows are clicked in a notebook, with casebook.explore(); write: casebook lab",
}
"""What to write for names that the package has in Python, or that other programs have."""


class Commands(typer.core.TyperGroup):
    """The commands; for some names that are none, the answer says what to write."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in _INSTEAD:
            ctx.fail(f"No such command {args[0]!r}; {_INSTEAD[args[0]]}")
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="Coded cases of back-channel negotiation, every value with its published source.",
)
app.add_typer(read.app)
app.add_typer(plot.app)
app.add_typer(write.app)
app.add_typer(site.app)
app.add_typer(codings.app, name="codings")
app.add_typer(releases.app)


def _version(wanted: bool) -> None:
    if wanted:
        from casebook import __version__

        print(f"casebook {__version__}")
        raise typer.Exit


@app.callback()
def casebook(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Coded cases of back-channel negotiation, every value with its published source."""


def main() -> None:
    """Run the command line; errors that have an explanation end with it and exit code 1."""
    try:
        app()
    except InvalidCasebookError as error:
        for problem in error.problems:
            err.print(escape(str(problem)))
        count = len(error.problems)
        err.print(f"[bold]{count} problem{'s' if count != 1 else ''}; nothing was written[/bold]")
        sys.exit(1)
    except CasebookError as error:
        err.print(f"[bold]error:[/bold] {escape(str(error))}")
        sys.exit(1)
