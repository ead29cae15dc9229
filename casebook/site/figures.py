"""The timelines of a site: all cases, the channels and events of a case, the secrecy of a channel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from textwrap import shorten
from typing import Any

from casebook.site.drawing import Lane, Mark, Span, Timeline, timeline
from casebook.site.reading import Reader

_SECRETS = (("existence_disclosed", "Existence secret"), ("terms_disclosed", "Terms secret"))


def day(value: Any) -> dt.date | None:
    """A day as the tables have it."""
    return None if value is None else value.date() if isinstance(value, dt.datetime) else value


def of_all(reader: Reader) -> Timeline | None:
    """All cases over time."""
    root = reader.schema.root
    lanes = [
        Lane(reader.name(root, row), reader.addresses.row(root, row), _running(cells))
        for row, cells in reader.cells(root.name).items()
    ]
    lanes.sort(key=lambda lane: (lane.spans[0].start if lane.spans else dt.date.max, lane.name))
    return timeline(lanes, f"{len(lanes)} cases over time, each from its start to its end.")


def of_case(reader: Reader, case: str) -> Timeline | None:
    """Channels of a case with their events, and above them the events outside any channel."""
    if not {"channels", "events"} <= set(reader.schema.tables):
        return None
    channels, events = reader.schema.table("channels"), reader.schema.table("events")
    marks: dict[str | None, list[Mark]] = {}
    for row in reader.ids(events, case):
        cells = reader.cells(events.name)[row]
        if when := _middle(cells, "date"):
            said = shorten(f"{cells['date']}: {reader.name(events, row)}", 110, placeholder=" …")
            kind = "alleged" if cells.get("status") == "alleged" else "event"
            marks.setdefault(cells.get("channel_id"), []).append(
                Mark(when, said, reader.addresses.row(events, row), kind)
            )
    lanes = [
        Lane(
            reader.name(channels, row),
            reader.addresses.row(channels, row),
            _running(reader.cells(channels.name)[row]),
            tuple(marks.get(row, ())),
        )
        for row in reader.ids(channels, case)
    ]
    lanes.sort(key=lambda lane: (lane.spans[0].start if lane.spans else dt.date.max, lane.name))
    lanes.insert(0, Lane("Outside the channels", None, (), tuple(marks.get(None, ()))))
    root = reader.cells(reader.schema.root.name)[case]
    days = [day for lane in lanes for span in lane.spans for day in (span.start, span.end)]
    days += [day for name in ("start", "end") for day in _bounds(root, name) if day]
    if days:
        lanes = [_within(lane, min(days), max(days)) for lane in lanes]
    shown, count = sum(len(lane.marks) for lane in lanes), sum(map(len, marks.values()))
    rest = f"; {count - shown} before or after are only listed" if shown < count else ""
    alleged = any(mark.kind == "alleged" for lane in lanes for mark in lane.marks)
    hollow = ", hollow where only alleged" if alleged else ""
    said = f"{len(lanes) - 1} channels, each from its start to its end, and {shown} dated events as dots{hollow}{rest}."
    return timeline(lanes, f"{said} All events are listed below.")


def _within(lane: Lane, first: dt.date, last: dt.date) -> Lane:
    """The lane without what happened before or after."""
    return replace(lane, marks=tuple(mark for mark in lane.marks if first <= mark.day <= last))


def of_channel(reader: Reader, row: str) -> Timeline | None:
    """How long a channel ran, and how long its existence and its terms stayed secret."""
    table = reader.schema.table("channels")
    cells = reader.cells("channels")[row]
    lanes = [Lane("Channel in use", None, _running(cells))]
    for name, title in _SECRETS:
        start, early, late = day(cells.get("start_earliest")), *_bounds(cells, name)
        if name in table.by_name and start and late:
            early = max(early or start, start)
            lanes.append(Lane(title, None, _parts((start, early, "secret"), (early, late, "possible"))))
    said = "; ".join(f"{lane.name.lower()} {_said(lane.spans)}" for lane in lanes if lane.spans)
    if len(lanes) == 1 or not said:
        return None
    return timeline(lanes, f"{said[:1].upper()}{said[1:]}. Pale: as long as the dates allow.")


def _said(spans: tuple[Span, ...]) -> str:
    return f"from {spans[0].start} until {spans[-1].end}" + (" at the latest" if spans[-1].kind == "possible" else "")


def _running(cells: Mapping[str, Any]) -> tuple[Span, ...]:
    """From start to end: surely between the latest start and the earliest end."""
    begun, sure = _bounds(cells, "start")
    ending, ended = _bounds(cells, "end")
    if begun is None or sure is None:
        return ()
    ending, ended = ending or sure, ended or ending or sure
    return _parts((begun, sure, "possible"), (sure, max(ending, sure), "sure"), (max(ending, sure), ended, "possible"))


def _parts(*parts: tuple[dt.date, dt.date, str]) -> tuple[Span, ...]:
    spans = tuple(Span(start, end, kind) for start, end, kind in parts if end > start)
    return spans or (Span(parts[0][0], parts[0][0], "sure"),)


def _bounds(cells: Mapping[str, Any], name: str) -> tuple[dt.date | None, dt.date | None]:
    return day(cells.get(f"{name}_earliest")), day(cells.get(f"{name}_latest"))


def _middle(cells: Mapping[str, Any], name: str) -> dt.date | None:
    early, late = _bounds(cells, name)
    return early + (late - early) / 2 if early and late else early or late
