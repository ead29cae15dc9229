"""The notebooks on the user's disk, and JupyterLab to read them in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from casebook._support.files import write_file
from casebook._support.optional import needed
from casebook._support.resources import packaged
from casebook.errors import CasebookError

TOUR = "01-tour.ipynb"


def copy_notebooks(folder: Path) -> tuple[list[Path], list[Path]]:
    """Copy the packaged notebooks into a folder.

    Parameters
    ----------
    folder : Path
        Where to; made if it doesn't exist.

    Returns
    -------
    written : list of Path
        The notebooks copied.
    kept : list of Path
        Those that were there already; a file that exists is never touched.

    Raises
    ------
    CasebookError
        If the folder can't be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written, kept = copy_notebooks(Path(folder))
    ...     again, kept_then = copy_notebooks(Path(folder))
    >>> len(written) > 0, kept, again, kept_then == written
    (True, [], [], True)
    """
    written: list[Path] = []
    kept: list[Path] = []
    found = (item for item in packaged("notebooks").iterdir() if item.name.endswith(".ipynb"))
    notebooks = sorted(found, key=lambda item: item.name)
    for notebook in notebooks:
        target = folder / notebook.name
        if target.exists():
            kept.append(target)
        else:
            write_file(target, notebook.read_bytes())
            written.append(target)
    return written, kept


def trust(notebooks: Iterable[Path]) -> bool:
    """Sign notebooks with the user's key, as ``jupyter trust`` does, so that their displays show as they were made.

    Parameters
    ----------
    notebooks : iterable of Path
        Notebooks whose content is known to be harmless.

    Returns
    -------
    bool
        Whether they were signed: not without Jupyter, nor where its folder of keys cannot be written.
    """
    try:
        nbformat, sign = (needed(name, "trusting notebooks", "notebooks") for name in ("nbformat", "nbformat.sign"))
        notary = sign.NotebookNotary()
        for path in notebooks:
            notary.sign(nbformat.read(path, as_version=4))
    except (ImportError, OSError):
        return False
    return True


def open_lab(folder: Path, options: Sequence[str] = ()) -> int:
    """Run JupyterLab in a folder, with the tour open, until the user stops it.

    Parameters
    ----------
    folder : Path
        The folder that JupyterLab shows.
    options : sequence of str
        Options of ``jupyter lab``, for instance ``--no-browser`` or ``--port=8889``.

    Returns
    -------
    int
        Exit code of JupyterLab.

    Raises
    ------
    CasebookError
        If JupyterLab is not installed.
    """
    if find_spec("jupyterlab") is None:
        raise CasebookError(
            f'JupyterLab is not installed; install it with: pip install "backchannel-casebook[notebooks]". '
            f"The notebooks in {str(folder)!r} also open in any other notebook program"
        )
    command = [sys.executable, "-m", "jupyterlab", f"--LabApp.default_url=/lab/tree/{TOUR}", *options]
    lab = subprocess.Popen(command, cwd=folder)
    while True:
        try:
            return lab.wait()
        except KeyboardInterrupt:
            continue  # Ctrl-C reaches JupyterLab as well, which asks whether to stop
