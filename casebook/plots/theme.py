"""Colors and marks: what a figure takes from the style in force, and what each mark means in every figure.

=====================  =====================================================================
ring, small diamond    a channel's existence, its terms become public; pale in the middle of bounds
colored shapes         kinds of events; hollow where the event lies outside its channel's span
colored circle, house  a person, a body
capped line            somewhere between two dates, or two numbers of days
``≤`` and ``≥``        an open bound: then or earlier, then or later; at most, at least
hatching               not known
=====================  =====================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from casebook.model.schema import Field
from casebook.plots.requests import library

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RGB = tuple[float, float, float]
LEAST_CONTRAST = 4.5
_BLUE, _STEEL = (0.12, 0.35, 0.57), (0.30, 0.47, 0.66)
_SHAPES = (*"psv^*P<>Xh8", (4, 1, 0))
AT_MOST, AT_LEAST = "≤", "≥"
_APART = ("#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#ca9161", "#fbafe4", "#949494", "#ece133", "#56b4e9")
_PALEST, _DEEPEST = "#eaf1f7", "#1f5a92"
HOUSE = ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.25), (0.0, 1.0), (-0.9, 0.25), (-0.9, -0.9))


def contrast(one: RGB, other: RGB) -> float:
    """Contrast ratio of two colors as WCAG 2 defines it, 1 to 21.

    Examples
    --------
    >>> round(contrast((0, 0, 0), (1, 1, 1)), 1)
    21.0
    """
    low, high = sorted(_luminance(color) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: RGB) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def readable_on(color: RGB) -> RGB:
    """Black or white, whichever reads better on the color; the contrast is 4.5 or more on every color."""
    return max(((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)), key=lambda ink: contrast(ink, color))


@dataclass(frozen=True)
class Theme:
    """The colors of one figure, made from its background, so that every style is served, dark ones too."""

    ground: RGB
    around: RGB
    ink: RGB

    @classmethod
    def of(cls, ax: Axes) -> Theme:
        """The theme of an Axes: its background, that of its figure, and the text color of the style if it reads."""
        colors, rc = library("matplotlib.colors"), library("matplotlib").rcParams
        figure = ax.get_figure(root=True)
        assert figure is not None
        around = _over(colors.to_rgba(figure.get_facecolor()), (1.0, 1.0, 1.0))
        ground = _over(colors.to_rgba(ax.get_facecolor()), around)
        asked = colors.to_rgb(rc["text.color"])
        reads = min(contrast(asked, ground), contrast(asked, around)) >= LEAST_CONTRAST
        return cls(ground, around, asked if reads else readable_on(around))

    def shade(self, share: float, color: RGB | None = None) -> RGB:
        """The ink, or another color, thinned so that only a share of it stands on the background."""
        mixed = [share * part + (1 - share) * under for part, under in zip(color or self.ink, self.ground, strict=True)]
        return mixed[0], mixed[1], mixed[2]

    @cached_property
    def quiet(self) -> RGB:
        """For text of the second rank: as pale as still reads."""
        shades = (self.shade(share / 100) for share in range(60, 100, 5))
        grounds = self.ground, self.around
        return next((s for s in shades if min(contrast(s, g) for g in grounds) >= LEAST_CONTRAST + 0.5), self.ink)

    @property
    def faint(self) -> RGB:
        """For rules and grids."""
        return self.shade(0.14)

    @property
    def lead(self) -> RGB:
        """For lines that lead the eye from one mark to another."""
        return self.shade(0.38)

    @property
    def band(self) -> RGB:
        """For areas under marks and text."""
        return self.shade(0.30 if _luminance(self.ground) > 0.2 else 0.45, _STEEL)

    @property
    def wash(self) -> float:
        """Share of a color that a wide area behind marks needs to be seen."""
        return 0.16 if _luminance(self.ground) > 0.2 else 0.4

    @property
    def half(self) -> RGB:
        """For the days within which half of a group became public."""
        return self.shade(self.wash, _STEEL)

    @property
    def edge(self) -> RGB:
        """For the outline of a band."""
        return self.shade(0.75, _STEEL)

    @property
    def strong(self) -> RGB:
        """One color that stands out."""
        return self.shade(1.0, _BLUE) if contrast(_BLUE, self.ground) >= 3 else self.shade(0.55, (0.55, 0.78, 1.0))

    def box(self, alpha: float = 0.85) -> dict[str, Any]:
        """A box in the color of the background, for text that lies over lines."""
        return {"facecolor": self.ground, "edgecolor": "none", "alpha": alpha, "pad": 0.8}


@dataclass(frozen=True)
class Mark:
    """How one category is drawn, the same in every figure."""

    label: str
    color: Any
    marker: Any

    def style(self, theme: Theme, hollow: bool = False) -> dict[str, Any]:
        """How matplotlib draws it."""
        size = 9.0 if self.marker in ("P", "X", "*") else 6.5
        face = theme.ground if hollow else self.color
        edge = {"markeredgecolor": theme.ink, "markeredgewidth": 0.8 if hollow else 0.6}
        return {
            "marker": self.marker,
            "color": self.color,
            "markerfacecolor": face,
            "markersize": size,
            "linestyle": "none",
            **edge,
        }


def palette(count: int) -> list[RGB]:
    """Colors that the color-blind tell apart: seaborn's palette ``colorblind``, without the time that seaborn takes."""
    return [library("matplotlib.colors").to_rgb(color) for color in islice(cycle(_APART), count)]


def shades(count: int) -> list[RGB]:
    """One hue in even steps from light to dark."""
    between = library("matplotlib.colors").LinearSegmentedColormap.from_list("shades", [_PALEST, _DEEPEST])
    return [between(step / max(count - 1, 1))[:3] for step in range(count)]


def marks(item: Field) -> dict[str, Mark]:
    """A color and a shape for each category of a variable, in codebook order."""
    colors = palette(len(item.categories))
    return {
        category.value: Mark(category.label, colors[place], _SHAPES[place % len(_SHAPES)])
        for place, category in enumerate(item.categories)
    }


def _over(color: tuple[float, float, float, float], under: RGB) -> RGB:
    """A color that may be transparent, over another one."""
    red, green, blue, alpha = color
    mixed = [alpha * part + (1 - alpha) * below for part, below in zip((red, green, blue), under, strict=True)]
    return mixed[0], mixed[1], mixed[2]
