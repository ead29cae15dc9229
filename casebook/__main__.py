"""``python -m casebook`` is the command ``casebook``."""

from casebook.cli import main

main()
