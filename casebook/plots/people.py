"""Who met whom: the people of a case, by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from casebook.book import Casebook
from casebook.errors import CasebookError
from casebook.plots.drawing import (
    INK,
    PLAIN,
    SMALL,
    Mark,
    canvas,
    counted,
    each,
    heading,
    known_tracks,
    legend,
    library,
    opened,
    remember,
    wrapped,
)

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

_STEP, _GAP, _LETTER = 0.27, 2.1, 0.068
_SHAPES = "os^vDPXph8<>"


@dataclass
class _Side:
    """People who acted for the same party, or for none."""

    name: str
    people: list[str]
    third: bool


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
    columns: the first principal party on the left, other parties on the right, third parties between them. Within a
    column the order is chosen so that lines cross little; there is no randomness, so the picture is always the same.

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
    library("matplotlib")
    book = opened(data)
    page = book.case(case)
    tracked = known_tracks(book, tracks)
    graph = _graph(book, case, tracks, alleged)
    sides = _sides(book, case, graph, alleged)
    columns = _columns(graph, sides)
    tallest = max(map(len, columns))
    names: dict[str, str] = {person: wrapped(graph.nodes[person]["name"], 44) for person in graph}
    left, middle, right = (
        _LETTER * max((len(line) for person in column if person for line in names[person].split("\n")), default=0) + 0.3
        for column in columns
    )
    across = (0.0, _GAP, _GAP + max(middle, _GAP))
    places = {
        person: (x, place + (tallest - len(column)) / 2)
        for x, column in zip(across, columns, strict=True)
        for place, person in enumerate(column)
        if person is not None
    }
    ax = canvas(ax, left + across[2] + right, _STEP * tallest + 1.4)
    _lines(ax, graph, places)
    colors = library("seaborn").color_palette("colorblind", len(sides))
    looks = [Mark(side.name, color, shape) for side, color, shape in zip(sides, colors, _SHAPES * 4, strict=False)]
    box = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 0.8}
    for side, look in zip(sides, looks, strict=True):
        for person in side.people:
            x, y = places[person]
            ax.plot(x, y, gid="person", zorder=3, **{**look.style, "markersize": 8})
            shift, align = (-8, "right") if x == 0 else (8, "left")
            ax.annotate(
                names[person], (x, y), (shift, 0), textcoords="offset points", ha=align, va="center",
                fontsize=SMALL, color=INK, zorder=2, bbox=box, **PLAIN,
            )  # fmt: skip
    ax.set_xlim(-left, across[2] + right)
    ax.set_ylim(tallest - 0.4, -0.6)
    ax.axis("off")
    heading(ax, f"{page.title}: who took part in the same events")
    legend(ax, [look.proxy() for look in looks], 0.1, 7)
    told = [f"{side.name}: {', '.join(graph.nodes[person]['name'] for person in side.people)}" for side in sides]
    ranked: list[Any] = sorted(graph.edges(data="events"), key=lambda edge: (-edge[2], edge[:2]))[:5]
    most = [f"{graph.nodes[a]['name']} and {graph.nodes[b]['name']} ({counted(n, 'event')})" for a, b, n in ranked]
    size = f"{counted(len(graph), 'participant')}, {counted(graph.number_of_edges(), 'pair')} with an event in common"
    tracks_named = ", ".join(tracked.label(track).lower() for track in tracks)
    remember(
        ax, [f"Network of {page.title}, {tracks_named}: {size}", *told, f"Most events in common: {'; '.join(most)}"]
    )
    return ax


def _graph(book: Casebook, case: str, tracks: Sequence[str], alleged: bool) -> nx.Graph:
    """People joined by the number of events they shared."""
    networkx = library("networkx")
    events = book.load("events", alleged=alleged)
    established = set(book.load("channels", alleged=alleged)["channel_id"])
    events = events[(events["case_id"] == case) & events["track"].isin(tracks)]
    events = events[events["channel_id"].isna() | events["channel_id"].isin(established)]
    present = book.load("attendance", alleged=alleged)
    present = present[present["event_id"].isin(events["event_id"])]
    graph = networkx.Graph()
    names = book.load("actors").set_index("actor_id")["name"]
    for _, actors in present.groupby("event_id")["actor_id"]:
        for pair in combinations(sorted(actors), 2):
            shared = graph.get_edge_data(*pair, {"events": 0})["events"]
            graph.add_edge(*pair, events=shared + 1)
    if not len(graph):
        raise CasebookError(
            f"nothing to draw: no two people are recorded at the same event of {case} in {', '.join(tracks)}"
        )
    networkx.set_node_attributes(graph, {actor: names[actor] for actor in graph}, "name")
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
    sides.append(_Side(standing.label("third_party"), [actor for actor in others if actor in known], True))
    sides.append(_Side("No role coded", [actor for actor in others if actor not in known], True))
    return [side for side in sides if side.people]


def _columns(graph: nx.Graph, sides: list[_Side]) -> list[list[str | None]]:
    """Left, middle and right column of people; None stands for the gap between two sides.

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
    filled: list[list[str | None]] = []
    for column in columns:
        people: list[str | None] = []
        for side in column:
            people += [None, *side.people] if people else side.people
        filled.append(people)
    return filled


def _lines(ax: Axes, graph: nx.Graph, places: dict[str, tuple[float, float]]) -> None:
    """Shared events: straight between columns, bowed away from the names within one."""
    path, patch = library("matplotlib.path").Path, library("matplotlib.patches").PathPatch
    edges: Iterable[tuple[str, str, int]] = graph.edges(data="events")
    for one, other, events in edges:
        (x, y), (to_x, to_y) = sorted([places[one], places[other]])
        bow = 0.25 + 0.08 * abs(to_y - y) if x == to_x else 0.0
        middle = ((x + to_x) / 2 + min(bow, 1.4) * (1 if x == 0 else -1), (y + to_y) / 2)
        curve = path([(x, y), middle, (to_x, to_y)], [path.MOVETO, path.CURVE3, path.CURVE3])
        style = {"edgecolor": "#737373", "alpha": 0.55, "linewidth": min(0.7 * events, 4.5)}
        ax.add_patch(patch(curve, facecolor="none", zorder=1, gid="pair", **style))
