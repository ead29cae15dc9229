"""The command line: the interface of the package and the builder, in a terminal.

Each command is imported when it is asked for, and what it needs when it runs: to start is most of what reading costs.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from importlib import import_module

import click

from casebook.cli.printing import err, escape
from casebook.errors import CasebookError, InvalidCasebookError

_HOME = {
    **dict.fromkeys(("tables", "show", "codebook", "find", "evidence", "compare", "cite", "export", "lab"), "read"),
    "plot": "plot",
    **dict.fromkeys(("build", "validate", "new"), "write"),
    "site": "site",
    "codings": "codings",
    **dict.fromkeys(("verify", "diff", "history", "release"), "releases"),
}
"""The module of each command, in the order in which they are listed."""
_INSTEAD = {
    "help": "write: casebook --help",
    "load": "for tables as files write: casebook export FOLDER --format csv",
    **dict.fromkeys(("case", "cases", "list"), "for a list of the cases, or one of them, write: casebook show"),
    "bibliography": "write: casebook cite",
    "explore": "rows are clicked in a notebook, with casebook.explore(); write: casebook lab",
}
"""What to write for names that the package has in Python, or that other programs have."""


class Commands(click.Group):
    """The commands; for some names that are none, the answer says what to write."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_HOME)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _HOME and cmd_name not in self.commands:
            self.add_command(getattr(import_module(f"casebook.cli.{_HOME[cmd_name]}"), cmd_name))
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in _INSTEAD:
            ctx.fail(f"No such command {args[0]!r}; {_INSTEAD[args[0]]}")
        if args[0] not in _HOME:
            for name in _HOME:  # click looks among those it has for one that was meant
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            asked = error.ctx.command.params if error.ctx else []
            if error.message.startswith("Got unexpected extra") and "data" in [option.name for option in asked]:
                raise click.UsageError(
                    f"{error.message}; a casebook of your own is named by --data", error.ctx
                ) from None
            raise
        except KeyboardInterrupt:
            raise click.exceptions.Exit(130) from None


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from casebook import __version__

        print(f"casebook {__version__}")
        ctx.exit()


@click.group(
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"], "show_default": True},
)
@click.option(
    "--version",
    is_flag=True,
    callback=_version,
    is_eager=True,
    expose_value=False,
    help="Print the version and stop.",
)
def app() -> None:
    """Coded cases of back-channel negotiation, every value with its published source."""


def main() -> None:
    """Run the command line; errors that have an explanation end with it and exit code 1.

    To look for garbage among what libraries make when they are imported, and once more at the end, takes a sixth of the
    time of a command that reads; there is none. Another sixth is taken by threads of OpenBLAS that wait for work from
    when numpy is imported; no command multiplies matrices for which one thread is not enough.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what its encoding lacks is spelled out
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except InvalidCasebookError as error:
        for problem in error.problems:
            err.print(escape(str(problem)))
        count = len(error.problems)
        err.print(f"[bold]{count} problem{'s' if count != 1 else ''}; nothing was written[/bold]")
        sys.exit(1)
    except CasebookError as error:
        err.print(f"[bold]error:[/bold] {escape(str(error))}")
        sys.exit(1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        if not isinstance(error, BrokenPipeError):  # a reader who has seen enough
            err.print(f"[bold]error:[/bold] {escape(f'{place}{error.strerror or error}')}")
        _give_up_output()
        sys.exit(1)


def _give_up_output() -> None:
    """Where nothing more can be written, what is left goes nowhere, and Python does not complain of it at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
