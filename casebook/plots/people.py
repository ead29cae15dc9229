"""Who met whom: the people of a case, by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import told
from casebook.book import Casebook
from casebook.errors import CasebookError
from casebook.plots.drawing import LETTER, SMALL, canvas, each, entry, finish, line, room, within
from casebook.plots.requests import chosen_events, known_tracks, library, opened
from casebook.plots.theme import HOUSE, Theme, palette
from casebook.plots.words import counted, wrapped

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

_STEP, _GAP = 0.27, 2.1
_WIDEST = 5.0


@dataclass
class _Side:
    """People who acted for the same party, or for none; third parties and those without a role are apart."""

    name: str
    people: list[str]
    third: bool = False
    coded: bool = True


@dataclass(frozen=True)
class _Network:
    """What is shown: people joined by the events they shared, their sides, and the columns in which these stand.

    A column holds people, the names of sides as `_Side`, and None for gaps.
    """

    title: str
    tracks: str
    graph: nx.Graph
    sides: list[_Side]
    columns: list[list[str | _Side | None]]

    @property
    def ranked(self) -> list[tuple[str, str, int]]:
        """Pairs with most events in common, the first first."""
        edges: Any = self.graph.edges(data="events")
        return sorted(edges, key=lambda edge: (-edge[2], edge[:2]))

    def name(self, person: str) -> str:
        return str(self.graph.nodes[person]["name"])

    @property
    def question(self) -> str:
        return f"{self.title}: who took part in the same events?"

    @property
    def answer(self) -> str:
        return f"{self.size}; most often {self._pair(self.ranked[0])}."

    @property
    def size(self) -> str:
        pairs = counted(self.graph.number_of_edges(), "pair")
        return f"{counted(len(self.graph), 'participant')}, {pairs} with an event in common"

    @property
    def sentences(self) -> list[str]:
        told = [f"{side.name}: {', '.join(map(self.name, side.people))}" for side in self.sides]
        most = "; ".join(map(self._pair, self.ranked[:5]))
        return [f"Network of {self.title}, {self.tracks}: {self.size}", *told, f"Most events in common: {most}"]

    def _pair(self, edge: tuple[str, str, int]) -> str:
        return f"{self.name(edge[0])} and {self.name(edge[1])} ({counted(edge[2], 'event')})"


@told("casebook.plots.network('cuba-1962')")
def network(
    case: str,
    *,
    tracks: Sequence[str] = ("back_channel",),
    alleged: bool = False,
    data: Casebook | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Who took part in the same events of a case.

    Two people are joined if both took part in an event; the line is wider the more events they shared. Sides stand in
    columns under their names: the first principal party on the left, other parties on the right, third parties between
    them, and under these those to whom the case gives no role. Circles are people and houses bodies or unnamed groups;
    third parties are gray and those without a role hollow, in every case. Within a column the order is chosen so that
    lines cross little; there is no randomness, so the picture is always the same.

    Parameters
    ----------
    case : str
        Identifier of the case.
    tracks : sequence of str, default ("back_channel",)
        Tracks of the table events to count.
    alleged : bool, default False
        Also count events that only an unconfirmed source claims.
    data : Casebook, optional
        The casebook; the packaged release if not given.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.

    Returns
    -------
    matplotlib Axes
        People as marks by side, shared events as lines.

    Raises
    ------
    UnknownNameError
        If there is no such case or track.
    CasebookError
        If no two people took part in the same event.

    Examples
    --------
    >>> import casebook
    >>> ax = casebook.plots.network("cuba-1962")
    >>> "Anatoly Dobrynin" in casebook.plots.describe(ax)
    True
    """
    shown = _shown(opened(data), case, tracks, alleged)
    tallest = max(map(len, shown.columns))
    names: dict[str, str] = {person: wrapped(shown.name(person), 44) for person in shown.graph}
    left, middle, right = (_wide(column, names) for column in shown.columns)
    across = (0.0, _GAP, _GAP + max(middle, _GAP))
    places: dict[str, tuple[float, float]] = {}
    headings: list[tuple[str, float, float]] = []
    for x, column in zip(across, shown.columns, strict=True):
        for place, item in enumerate(column):
            y = place + (tallest - len(column)) / 2
            if isinstance(item, _Side):
                headings.append((item.name, x, y))
            elif item is not None:
                places[item] = (x, y)
    width, height = left + across[2] + right, _STEP * tallest + 1.3
    given = room(ax, width, height)
    scale = max(0.5, min(1.0, given[0] / width, given[1] / height))
    ax = canvas(ax, width, height)
    theme = Theme.of(ax)
    _lines(ax, shown.graph, places, theme, scale)
    looks = _looks(shown, theme)
    for person, (x, y) in places.items():
        line(ax, [x], [y], gid="person", zorder=3, **{**looks[person], "markersize": 8 * scale})
        shift, align = (-8 * scale, "right") if x == 0 else (8 * scale, "left")
        ax.annotate(
            names[person], (x, y), (shift, 0), textcoords="offset points", ha=align, va="center", gid="name",
            fontsize=SMALL * scale, color=theme.ink, zorder=2, bbox=theme.box(),
        )  # fmt: skip
    for name, x, y in headings:
        shift, align = (4 * scale, "right") if x == 0 else (-4 * scale, "left")
        ax.annotate(
            wrapped(name, 44), (x, y), (shift, 0), textcoords="offset points", ha=align, va="center", gid="side",
            fontsize=SMALL * scale, fontweight="bold", color=theme.ink, zorder=2, bbox=theme.box(),
        )  # fmt: skip
    ax.set_xlim(-left, across[2] + right)
    ax.set_ylim(tallest - 0.4, -0.6)
    ax.axis("off")
    return finish(ax, shown.question, shown.answer, shown.sentences, _key(shown, theme))


def _wide(column: Sequence[str | _Side | None], names: dict[str, str]) -> float:
    """Inches that the longest name of a column takes."""
    lines = [line for item in column if isinstance(item, str) for line in names[item].split("\n")]
    lines += [line for item in column if isinstance(item, _Side) for line in wrapped(item.name, 44).split("\n")]
    return 1.1 * LETTER * max(map(len, lines), default=0) + 0.3


def _looks(shown: _Network, theme: Theme) -> dict[str, dict[str, Any]]:
    """How each person is drawn."""
    colors = iter(palette(8)[:7] * 4)
    looks = {}
    for side in shown.sides:
        face = theme.shade(0.5) if side.third else next(colors)
        edge = {"markeredgecolor": theme.ink, "markeredgewidth": 0.6, "linestyle": "none"}
        for person in side.people:
            marker = "o" if shown.graph.nodes[person]["kind"] == "person" else HOUSE
            fill = face if side.coded else theme.ground
            looks[person] = {"marker": marker, "color": theme.ink, "markerfacecolor": fill, **edge}
    return looks


def _key(shown: _Network, theme: Theme) -> list[Any]:
    """What shapes and widths say; the sides have their names over them."""
    kinds = {shown.graph.nodes[person]["kind"] for person in shown.graph}
    style = {"color": theme.ink, "markerfacecolor": theme.shade(0.3), "markersize": 8, "linestyle": "none"}
    entries = [entry("Person", marker="o", **style)] if "person" in kinds else []
    if kinds - {"person"}:
        entries.append(entry("Body or unnamed group", marker=HOUSE, **style))
    numbers = sorted({1, round(shown.ranked[0][2] / 2), shown.ranked[0][2]} - {0})
    for number in numbers:
        line = {"color": theme.shade(0.5), "linewidth": _thick(number)}
        entries.append(entry(f"{counted(number, 'event')} in common", **line))
    return entries


def _shown(book: Casebook, case: str, tracks: Sequence[str], alleged: bool) -> _Network:
    page = book.case(case)
    tracked = known_tracks(book, tracks)
    graph = _graph(book, page.case_id, tracks, alleged)
    sides = _sides(book, page.case_id, graph, alleged)
    named = ", ".join(tracked.label(track).lower() for track in tracks)
    return _Network(page.title, named, graph, sides, _columns(graph, sides))


def _graph(book: Casebook, case: str, tracks: Sequence[str], alleged: bool) -> nx.Graph:
    """People joined by the number of events they shared."""
    networkx = library("networkx")
    events = chosen_events(book, [case], tracks, alleged)
    present = book.load("attendance", alleged=alleged)
    present = present[present["event_id"].isin(events["event_id"])]
    graph = networkx.Graph()
    actors = book.load("actors").set_index("actor_id")
    for _, found in present.groupby("event_id")["actor_id"]:
        for pair in combinations(sorted(found), 2):
            shared = graph.get_edge_data(*pair, {"events": 0})["events"]
            graph.add_edge(*pair, events=shared + 1)
    if not len(graph):
        raise CasebookError(
            f"nothing to draw: no two people are recorded at the same event of {case} in {', '.join(tracks)}"
        )
    for variable in ("name", "kind"):
        networkx.set_node_attributes(graph, {actor: actors.at[actor, variable] for actor in graph}, variable)
    return graph


def _sides(book: Casebook, case: str, graph: nx.Graph, alleged: bool) -> list[_Side]:
    """People by the party for which they acted most often; third parties and people without a role apart."""
    roles = book.load("roles", alleged=alleged)
    roles = roles[roles["role_id"].str.startswith(f"{case}/")]
    party_of = roles.dropna(subset="party_id").groupby("actor_id")["party_id"].agg(lambda found: found.mode().iloc[0])
    standing = book.schema.table("parties").field("standing")
    parties = book.load("parties")
    parties = parties[parties["case_id"] == case].assign(
        rank=parties["standing"].map({value: rank for rank, value in enumerate(standing.values)}).astype("Float64")
    )
    sides = [
        _Side(
            party.name,
            [actor for actor in graph if party_of.get(actor) == party.party_id],
            party.standing == "third_party",
        )
        for party in each(parties.sort_values("rank", kind="stable"))
    ]
    others = [actor for actor in graph if actor not in party_of]
    known = set(roles["actor_id"])
    parties_third = [side for side in sides if side.third]
    mediators = [actor for actor in others if actor in known]
    name = "Other third parties" if any(side.people for side in parties_third) else standing.label("third_party")
    sides.append(_Side(name, mediators, third=True))
    sides.append(_Side("No role coded", [actor for actor in others if actor not in known], third=True, coded=False))
    return [side for side in sides if side.people]


def _columns(graph: nx.Graph, sides: list[_Side]) -> list[list[str | _Side | None]]:
    """Left, middle and right column of people, each side under its name, with a gap before the next.

    Within a side people are put in order of the mean height of those they met (the barycenter method of Sugiyama,
    Tagawa and Toda, 1981), so that lines cross little.
    """
    columns: list[list[_Side]] = [[], [], []]
    for side in sides:
        size = [sum(len(other.people) + 1 for other in column) for column in columns]
        columns[1 if side.third else 0 if size[0] <= size[2] and (not columns[0] or columns[2]) else 2].append(side)
    for _ in range(8):
        height = {
            person: (place - len(order) / 2)
            for column in columns
            for order in [[person for side in column for person in side.people]]
            for place, person in enumerate(order)
        }
        for side in sides:
            means = {
                person: sum(height[other] for other in graph[person]) / graph.degree(person) for person in side.people
            }
            side.people.sort(key=lambda person: (means[person], person))
    filled: list[list[str | _Side | None]] = []
    for column in columns:
        people: list[str | _Side | None] = []
        for side in column:
            people += [*([None] if people else []), side, *side.people]
        filled.append(people)
    return filled


def _thick(events: int) -> float:
    """Points that the line of a pair is wide."""
    return min(0.7 * events, _WIDEST)


def _lines(ax: Axes, graph: nx.Graph, places: dict[str, tuple[float, float]], theme: Theme, scale: float) -> None:
    """Shared events: straight between columns, bowed away from the names within one."""
    path, patch = library("matplotlib.path").Path, library("matplotlib.patches").PathPatch
    edges: Iterable[tuple[str, str, int]] = graph.edges(data="events")
    for one, other, events in edges:
        (x, y), (to_x, to_y) = sorted([places[one], places[other]])
        bow = 0.25 + 0.08 * abs(to_y - y) if x == to_x else 0.0
        middle = ((x + to_x) / 2 + min(bow, 1.4) * (1 if x == 0 else -1), (y + to_y) / 2)
        curve = path([(x, y), middle, (to_x, to_y)], [path.MOVETO, path.CURVE3, path.CURVE3])
        style = {"edgecolor": theme.shade(0.5), "alpha": 0.6, "linewidth": _thick(events) * scale}
        within(ax, patch(curve, facecolor="none", zorder=1, gid="pair", **style))
