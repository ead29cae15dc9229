"""Checks of dates against the day to which the casebook reaches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from casebook.authoring.bibliography import Source
from casebook.authoring.cases import Coding
from casebook.errors import Problems
from casebook.model.dates import bounds


def check_chronology(coding: Coding, reference_date: dt.date, problems: Problems) -> None:
    """Nothing is later than the reference date.

    Parameters
    ----------
    coding : Coding
        The rows as coded.
    reference_date : date
        The last day of which the coders could know.
    problems : Problems
        Receives what is wrong.
    """
    for row in coding:
        for item in row.table.fields:
            earliest = row.values.get(f"{item.name}_earliest") if item.edtf else None
            if earliest is not None and earliest > reference_date:
                problems.add(
                    row.mark_of(item.name),
                    f"{row.table.name}.{item.name}",
                    _late(row.values[item.name], reference_date),
                )


def check_publication(sources: Mapping[str, Source], reference_date: dt.date, problems: Problems) -> None:
    """No source is later than the reference date."""
    for key, source in sources.items():
        date = source.row.get("date")
        earliest = bounds(date).earliest if date else None
        if date and earliest and earliest > reference_date:
            problems.add(source.mark, f"sources.{key}", _late(date, reference_date))


def _late(date: str, reference_date: dt.date) -> str:
    return (
        f"{date!r} lies after {reference_date.isoformat()}, the reference date of the casebook; correct it, "
        "or move reference_date in casebook.yaml"
    )
