"""The tables ``evidence`` and ``support``: what coders wrote about sources, each statement once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from casebook.authoring.cases import Coding, Row
from casebook.authoring.checks import covers, covers_list, supports
from casebook.authoring.evidence import Support
from casebook.model.cells import Cell
from casebook.model.grades import Said, Work, summary


def statements_of(coding: Coding, works: Mapping[str, Work]) -> list[dict[str, Any]]:
    """Rows of the table ``evidence``.

    Parameters
    ----------
    coding : Coding
        The rows with what coders wrote about their sources.
    works : mapping of Work
        The sources by key.
    """
    holding = {(row.table.under, row.parent.id) for row in coding if row.table.parent_evidence and row.parent}
    return [entry for row in coding if row.support for entry in _statements(row, coding, holding, works)]


def _statements(
    row: Row, coding: Coding, holding: set[tuple[str | None, str]], works: Mapping[str, Work]
) -> Iterator[dict[str, Any]]:
    number = 0
    for support in row.support:
        for variables in _groups(row, support, coding, holding):
            for source, locator in support.sources:
                number += 1
                yield {
                    "evidence_id": f"{row.table.name}/{row.id}/{number}",
                    "case_id": row.case,
                    "table": row.table.name,
                    "row": row.id,
                    "variables": [name for name, _ in variables],
                    "source_id": source,
                    "locator": locator,
                    "confidence": works[source].allows(support.confidence),
                    "basis": _basis(support, variables[0][1], works[source]),
                    "rival": support.reads is not None,
                    "reads": support.reads,
                    "note": support.note,
                }


def _groups(
    row: Row, support: Support, coding: Coding, holding: set[tuple[str | None, str]]
) -> Iterator[list[tuple[str, bool]]]:
    """The variables that an entry covers, those which are the coder's classification apart from the others."""
    covered = [(item.name, item.classified) for item in row.table.fields if item.coded and covers(row, support, item)]
    for child in coding.schema.children(row.table.name):
        if child.parent_evidence and child.under and (child.under, row.id) in holding:
            covered += [(child.under, False)] * covers_list(support, child.under)
    for classified in (False, True):
        if group := [(name, is_) for name, is_ in covered if is_ is classified]:
            yield group


def _basis(support: Support, classified: bool, work: Work) -> str:
    if not work.opened:
        return "reported"
    return support.basis or ("classified" if classified else "stated")


def supports_of(
    coding: Coding, evidence: Iterable[Mapping[str, Any]], works: Mapping[str, Work]
) -> Iterator[dict[str, Any]]:
    """Rows of the table ``support``: one for each coded value that has evidence."""
    said: dict[tuple[str, str, str], list[Said]] = {}
    for entry in evidence:
        what = (entry["source_id"], entry["confidence"], entry["basis"], entry["reads"] or "")
        for variable in entry["variables"]:
            said.setdefault((entry["table"], entry["row"], variable), []).append(what)
    for row in coding:
        holder = row.parent if row.table.parent_evidence and row.parent else None
        for item in row.table.fields:
            if not item.coded or row.values.get(item.name) is None:
                continue
            place = (
                (holder.table.name, holder.id, str(row.table.under)) if holder else (row.table.name, row.id, item.name)
            )
            found = summary(said.get(place, []), works)
            if found is not None:
                cell = Cell(row.table.name, row.id, item.name)
                yield {"support_id": str(cell), "case_id": row.case, **cell._asdict(), **found}


def missing_of(coding: Coding) -> Iterator[dict[str, Any]]:
    """Rows of the table ``missing``: one for each empty cell that is not simply optional."""
    for row in coding:
        for item in row.table.columns if not row.table.built and row.table.name != "sources" else ():
            if row.values.get(item.name) is not None or (item.optional and item.name not in row.reasons):
                continue
            coded = row.table.by_name[item.generated_from or item.name]
            notes = [s.note for s in supports(row, coded) if s.note] if coded.coded else []
            cell = Cell(row.table.name, row.id, item.name)
            yield {
                "missing_id": str(cell),
                "case_id": row.case,
                **cell._asdict(),
                "reason": row.reasons.get(item.name, "open"),
                "note": notes[0] if notes else None,
            }
