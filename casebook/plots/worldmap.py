"""Where people met: countries on a map, and the places in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, hypot, radians, sqrt
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import told
from casebook.book import Casebook
from casebook.errors import CasebookError
from casebook.plots.drawing import LETTER, SMALL, canvas, each, finish, line, room, within
from casebook.plots.requests import chosen, chosen_events, known_names, known_tracks, library, opened
from casebook.plots.theme import Theme, readable_on
from casebook.plots.words import counted, fitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, float]
_MARGIN = 9.0
_RADII = 0.13, 0.30
_KEY = 4.2


@dataclass(frozen=True)
class _Country:
    """A country of the map: its outlines as (longitude, latitude)."""

    name: str
    outlines: list[list[Point]]

    @property
    def center(self) -> Point:
        """Center of gravity of the largest outline."""
        return max((_gravity(outline) for outline in self.outlines), key=lambda found: found[0])[1]


@dataclass(frozen=True)
class _Places:
    """What is shown: how often people met in each country (ISO 3166-1 alpha-3) and place, most often first."""

    what: str
    where: str
    counts: dict[str, Counter[str]]
    elsewhere: int

    @property
    def total(self) -> int:
        return sum(sum(places.values()) for places in self.counts.values())

    @property
    def question(self) -> str:
        return f"Where did they meet? {self.what} in {self.where}"

    @property
    def answer(self) -> str:
        most = ", ".join(f"{_name(code)} ({sum(self.counts[code].values())})" for code in list(self.counts)[:3])
        rest = f"; {self.elsewhere} more have no country coded" if self.elsewhere else ""
        if len(self.counts) == 1:
            return f"All {self.total} in {_name(next(iter(self.counts)))}{rest}."
        return f"{self.total} in {len(self.counts)} countries and territories, most in {most}{rest}."

    def entry(self, code: str) -> str:
        places = "; ".join(f"{place} {number}" for place, number in self.counts[code].most_common())
        return f"{_name(code)} {sum(self.counts[code].values())}: {places}"

    @property
    def sentences(self) -> list[str]:
        return [f"Map of {self.what.lower()} in {self.where}: {self.answer}", *map(self.entry, self.counts)]


@told("casebook.plots.places()")
def places(
    cases: Sequence[str] | None = None,
    *,
    kinds: Sequence[str] = ("meeting",),
    tracks: Sequence[str] = ("back_channel",),
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Where they met: a circle for each country, larger the more events, and a list of the places.

    Countries are those of today (variable ``country`` of the events), outlines those of Natural Earth at 1:110 million
    as the library bqplot carries them. A circle stands at the middle of its country, moved aside where circles would
    overlap; it does not say where in the country a place lies. Countries too small for such a map are in the list only.

    Parameters
    ----------
    cases : sequence of str, optional
        Only these cases.
    kinds : sequence of str, default ("meeting",)
        Kinds of events to count.
    tracks : sequence of str, default ("back_channel",)
        Tracks of the table events to count.
    alleged : bool, default False
        Also count what only an unconfirmed source claims.
    data : Casebook, optional
        The casebook; the packaged release if not given.
    ax : matplotlib Axes, optional
        Where to draw, the list on its right; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        Degrees of longitude across, of latitude up.

    Raises
    ------
    UnknownNameError
        If there is no such case, kind or track.
    CasebookError
        If no such event has a country.

    Examples
    --------
    >>> import casebook
    >>> ax = casebook.plots.places(["oslo-1993"])
    >>> "Norway" in casebook.plots.describe(ax)
    True
    """
    shown = _shown(opened(data), cases, kinds, tracks, alleged)
    countries = _countries()
    on_map = [code for code in shown.counts if code in countries]
    centers = {code: countries[code].center for code in on_map}
    view = _View.of(list(centers.values()))
    given = ax is not None
    width = room(ax, 12.5, 0)[0]
    size = SMALL if not given else max(5.0, min(SMALL, width * 0.65))
    letters = int(_KEY / 12.5 * width / (LETTER * size / SMALL))
    line = size * 1.3 / 72
    listed = len(list(_listed(shown, on_map, letters, 40))) * line
    height = room(ax, 0, max(4.0, (12.5 - _KEY) * view.ratio + 0.9, listed + 1.0))[1]
    ax = canvas(ax, width, height)
    theme = Theme.of(ax)
    ax.set_xlim(view.west, view.east)
    ax.set_ylim(view.south, view.north)
    ax.set_aspect(view.stretch, anchor="NW")
    faces = {code: theme.band if code in shown.counts else theme.shade(0.07) for code in countries}
    outlines = [(outline, faces[code]) for code, country in countries.items() for outline in country.outlines]
    land = library("matplotlib.collections").PolyCollection(
        [outline for outline, _ in outlines], facecolors=[face for _, face in outlines], edgecolors=theme.shade(0.3),
        linewidths=0.4, joinstyle="miter", capstyle="butt", zorder=1,
    )  # fmt: skip
    within(ax, land)
    _circles(ax, shown, centers, view, min(width * (1 - _KEY / 12.5), (height - 0.9) / view.ratio), theme)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    most = max(6, int((height - 0.8) / line))
    ax.annotate(
        "\n".join(_listed(shown, on_map, letters, most)), (1, 1), (8, 0), xycoords="axes fraction",
        textcoords="offset points", va="top", ha="left", fontsize=size, linespacing=1.25, color=theme.ink, gid="key",
    )  # fmt: skip
    return finish(ax, shown.question, shown.answer, shown.sentences)


def _shown(
    book: Casebook, cases: Sequence[str] | None, kinds: Sequence[str], tracks: Sequence[str], alleged: bool
) -> _Places:
    selected = chosen(book, cases)
    tracked = known_tracks(book, tracks)
    kind = book.schema.table("events").field("kind")
    known_names(kind, kinds, "kind")
    events = chosen_events(book, list(selected["case_id"]), tracks, alleged)
    events = events[events["kind"].isin(list(kinds))]
    counts: dict[str, Counter[str]] = {}
    for event in each(events[events["country"].notna()]):
        place = event.place if isinstance(event.place, str) else "place unknown"
        counts.setdefault(event.country, Counter())[place] += 1
    where = ", ".join(tracked.label(track).lower() for track in tracks)
    if not counts:
        named = ", ".join(kind.label(one).lower() for one in kinds)
        raise CasebookError(f"nothing to draw: no event ({named}; {where}) of these cases has a country")
    ranked = sorted(counts, key=lambda code: (-sum(counts[code].values()), code))
    title = selected["title"].iloc[0] if len(selected) == 1 else counted(len(selected), "case")
    what = ", ".join(kind.label(one) for one in kinds)
    what = f"{what}s" if len(kinds) == 1 else what
    missing = int(events["country"].isna().sum())
    return _Places(f"{what} ({where})", str(title), {code: counts[code] for code in ranked}, missing)


@dataclass(frozen=True)
class _View:
    """The part of the world that is shown, in degrees."""

    west: float
    east: float
    south: float
    north: float

    @classmethod
    def of(cls, centers: Sequence[Point]) -> _View:
        """All countries with room around them; the whole world where none is on the map."""
        if not centers:
            return cls(-170.0, 170.0, -58.0, 80.0)
        west, east = min(x for x, _ in centers) - 2 * _MARGIN, max(x for x, _ in centers) + 2 * _MARGIN
        south, north = min(y for _, y in centers) - _MARGIN, max(y for _, y in centers) + _MARGIN
        wider = max(0.0, 70 - (east - west)) / 2
        taller = max(0.0, 0.4 * (east - west + 2 * wider) - (north - south)) / 2
        return cls(west - wider, east + wider, max(-58.0, south - taller), min(83.0, north + taller))

    @property
    def stretch(self) -> float:
        """How many times longer a degree of latitude is than one of longitude, in the middle of the map."""
        return 1 / cos(radians((self.south + self.north) / 2))

    @property
    def ratio(self) -> float:
        """Height of the map by its width."""
        return (self.north - self.south) * self.stretch / (self.east - self.west)


def _circles(ax: Axes, shown: _Places, centers: dict[str, Point], view: _View, inches: float, theme: Theme) -> None:
    """A circle for each country, its area by the number of events, with a line to the country where it was moved."""
    degree, stretch = inches / (view.east - view.west), view.stretch
    most = max(sum(shown.counts[code].values()) for code in centers) if centers else 1
    radii = {code: max(_RADII[0], _RADII[1] * sqrt(sum(shown.counts[code].values()) / most)) for code in centers}
    spots = {code: (x * degree, y * degree * stretch) for code, (x, y) in centers.items()}
    moved = _apart(spots, radii)
    for code, (x, y) in moved.items():
        at = (x / degree, y / degree / stretch)
        if hypot(x - spots[code][0], y - spots[code][1]) > 0.5 * radii[code]:
            line(ax, *zip(at, centers[code], strict=True), color=theme.ink, linewidth=0.7, zorder=2)
        size = 2 * 72 * radii[code]
        line(
            ax, at[:1], at[1:], marker="o", markersize=size, color=theme.strong, markeredgecolor=theme.ground,
            markeredgewidth=0.8, zorder=3, gid="country",
        )  # fmt: skip
        ax.text(
            *at, code, ha="center", va="center_baseline", fontsize=SMALL - 2, color=readable_on(theme.strong), zorder=4
        )


def _apart(spots: dict[str, Point], radii: dict[str, float]) -> dict[str, Point]:
    """Circles moved as little as makes them not overlap, always in the same way (after Dorling, 1996)."""
    places = {code: [x, y] for code, (x, y) in spots.items()}
    codes = sorted(places)
    for _ in range(300):
        for n, one in enumerate(codes):
            for other in codes[n + 1 :]:
                dx, dy = places[other][0] - places[one][0], places[other][1] - places[one][1]
                apart, needed = hypot(dx, dy) or 1e-6, radii[one] + radii[other] + 0.01
                if apart < needed:
                    push = (needed - apart) / 2 / apart
                    for code, sign in ((one, -1), (other, 1)):
                        places[code][0] += sign * dx * push
                        places[code][1] += sign * dy * push
        for code in codes:
            for n in (0, 1):
                places[code][n] += 0.01 * (spots[code][n] - places[code][n])
    return {code: (x, y) for code, (x, y) in places.items()}


def _listed(shown: _Places, on_map: Sequence[str], letters: int, most: int) -> Iterator[str]:
    """Lines of the list: as many countries as there is room for, each with its places in two lines at most."""
    left = list(shown.counts)
    used = 0
    while left:
        code = left[0]
        absent = "" if code in on_map else " (too small for the map)"
        lines = fitted(f"{code} {shown.entry(code)}{absent}", letters, 2).split("\n")
        if used + len(lines) > most - (len(left) > 1):
            rest = f"and {len(left)} more: {', '.join(map(_name, left))}"
            yield fitted(rest, letters, 1)
            return
        yield lines[0]
        yield from (f"       {line}" for line in lines[1:])
        used += len(lines)
        left.pop(0)


@cache
def _countries() -> dict[str, _Country]:
    """Outlines of all countries of Natural Earth at 1:110 million, by ISO 3166-1 alpha-3."""
    topology = library("bqplot").topo_load("map_data/WorldMap.json")
    (across, down), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[list[Point]] = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * across + left, y * down + bottom))
        arcs.append(points)
    countries = {}
    for shape in topology["objects"]["subunits"]["geometries"]:
        found = library("pycountry").countries.get(numeric=f"{max(shape['id'], 0):03}")
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        code = found.alpha_3 if found else str(shape["properties"].get("name", shape["id"]))
        outlines = [_outline(arcs, polygon[0]) for polygon in polygons]
        countries[code] = _Country(str(shape["properties"].get("name", code)), outlines)
    return countries


def _outline(arcs: Sequence[list[Point]], parts: Sequence[int]) -> list[Point]:
    """A ring from the arcs that it consists of; a number below zero is an arc drawn backwards."""
    points: list[Point] = []
    for part in parts:
        found = arcs[part] if part >= 0 else arcs[~part][::-1]
        points += found[1:] if points else found
    return points


def _gravity(outline: Sequence[Point]) -> tuple[float, Point]:
    """Area of a ring and its center of gravity."""
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in zip(outline, [*outline[1:], outline[0]], strict=True):
        cross = x0 * y1 - x1 * y0
        area, x, y = area + cross / 2, x + (x0 + x1) * cross / 6, y + (y0 + y1) * cross / 6
    return (abs(area), (x / area, y / area)) if area else (0.0, outline[0])


def _name(code: str) -> str:
    """A country as readers call it."""
    found: Any = library("pycountry").countries.get(alpha_3=code)
    if found is None:
        return code
    return str(getattr(found, "common_name", found.name)).partition(",")[0].partition(" (")[0]
