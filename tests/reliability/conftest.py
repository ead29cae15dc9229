"""Published ratings, and the small casebook coded a second time."""

from __future__ import annotations

import numpy as np
import pytest

# Krippendorff (2011), "Computing Krippendorff's alpha-reliability", examples C and D, and cac.raw4raters of irrCAC:
# four observers, one a line, of twelve units; incomplete.
FOUR = "123321412... 1233224125.3 .3332342251. 12332441251."
# Hayes & Krippendorff (2007): five observers, one a line, of 40 units; incomplete.
HAYES = """
1 1 2 . 0 0 1 1 2 2 . 0 1 3 1 1 2 1 1 0 0 0 2 0 1 0 0 1 1 1 1 2 2 3 2 2 2 2 2 1
1 1 3 0 0 0 0 . 2 1 1 0 2 3 1 1 1 2 1 0 0 0 3 0 2 1 0 2 1 1 1 1 2 2 2 2 2 2 2 1
2 0 3 0 0 0 2 2 2 1 0 0 2 2 1 1 2 3 0 0 1 . 3 0 . 1 0 1 2 2 0 2 . 2 2 3 2 . 2 1
. 1 3 . . . . 0 . 1 0 0 2 2 . . . 3 1 . 1 0 3 0 2 1 1 2 2 . . 1 2 2 . . . 1 2 .
2 . . 0 0 0 1 . 2 . . . . 3 1 1 2 . . 0 . 0 . . 2 . 0 . . 2 0 . 2 . 2 2 2 2 . 1
"""


def _units(lines: list[str]) -> np.ndarray:
    return np.array([[float(value) if value != "." else np.nan for value in line] for line in lines]).T


@pytest.fixture(scope="session")
def four() -> np.ndarray:
    """Four observers of twelve units, values 1 to 5."""
    return _units(FOUR.split())


@pytest.fixture(scope="session")
def hayes() -> np.ndarray:
    """Five observers of 40 units, values 0 to 3."""
    return _units([line.replace(" ", "") for line in HAYES.split("\n") if line])
