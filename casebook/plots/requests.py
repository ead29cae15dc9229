"""What the user asked a figure for, checked: the casebook, cases, tracks, days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from casebook._support.arguments import names
from casebook._support.optional import needed
from casebook.book import Casebook, packaged_release
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.dates import parse_day
from casebook.model.schema import Field

if TYPE_CHECKING:
    import pandas as pd


def library(module: str) -> Any:
    """Import a plotting library, or say how to install it."""
    return needed(module, "a figure", "notebooks")


def opened(data: Casebook | None) -> Casebook:
    """The casebook to draw."""
    library("matplotlib")
    if data is None:
        return packaged_release()
    if not isinstance(data, Casebook):
        raise CasebookError(f"data must be a Casebook, as casebook.open(folder) gives it, not {type(data).__name__}")
    return data


def known_names(item: Field, asked: Sequence[str], noun: str) -> list[str]:
    """The categories asked for, once all of them are known to exist."""
    none = isinstance(asked, Sequence) and not asked and not isinstance(asked, str)
    found = [] if none else names(asked, f"{noun}s", item.values[0]) or []
    for value in found:
        if value not in item.values:
            raise UnknownNameError(noun, value, item.values)
    return found


def known_tracks(book: Casebook, tracks: Sequence[str]) -> Field:
    """The variable ``track`` of the events, once all the tracks asked for are known to exist."""
    field = book.schema.table("events").field("track")
    known_names(field, tracks, "track")
    return field


def chosen(book: Casebook, cases: Sequence[str] | None) -> pd.DataFrame:
    """The cases asked for, all if None, in order of their start."""
    frame = book.load("cases")
    asked = names(cases, "cases", frame["case_id"].iloc[0] if len(frame) else "oslo-1993")
    if asked is not None:
        frame = frame[frame["case_id"].isin([book.case(case).case_id for case in asked])]
    if frame.empty:
        raise CasebookError(f"{book.metadata.name} holds no case to draw")
    return frame.sort_values(["start_earliest", "case_id"], ignore_index=True)


def chosen_events(book: Casebook, cases: Sequence[str], tracks: Sequence[str], alleged: bool) -> pd.DataFrame:
    """Events of these cases on these tracks; without the alleged, also none of a channel that is only alleged."""
    events = book.load("events", alleged=alleged)
    channels = set(book.load("channels", alleged=alleged)["channel_id"])
    events = events[events["case_id"].isin(list(cases)) & events["track"].isin(list(tracks))]
    return events[events["channel_id"].isna() | events["channel_id"].isin(channels)]


def day(text: str, name: str) -> pd.Timestamp:
    """A day given as text in the argument of that name."""

    import pandas as pd

    try:
        return pd.Timestamp(parse_day(text))
    except (TypeError, ValueError) as error:
        raise CasebookError(f"{name} {text!r} is not a day; write for instance 1962-10-16") from error
