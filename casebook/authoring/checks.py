"""Checks that look across rows, each problem with its line; what must hold is said in `casebook.model.integrity`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from casebook.authoring.bibliography import Source
from casebook.authoring.cases import Coding, Row
from casebook.authoring.evidence import Support
from casebook.errors import Mark, Problems, suggestion
from casebook.model import integrity
from casebook.model.grades import Work, overconfident
from casebook.model.integrity import Finding
from casebook.model.rules import broken, join_parents
from casebook.model.schema import Field
from casebook.sources.narrative import cited_keys


def check_references(coding: Coding, sources: Mapping[str, Source], problems: Problems) -> None:
    """Every foreign key and every list of references must lead to a row."""
    keys = {**coding.rows, "sources": sources}
    readable = {name: rows for name, rows in coding.rows.items() if name not in coding.unreadable}
    for finding in integrity.dangling_keys(coding, readable):
        coding.rows[finding.table][finding.row].unread.add(finding.variable)
        _add(finding, coding, problems)
    if not coding.unreadable:
        for finding in integrity.dangling_lists(coding, coding.schema, keys):
            _add(replace(finding, message=finding.advice, advice=""), coding, problems)
    for row in coding:
        for support in row.support:
            for source, _ in support.sources:
                if source not in sources and "sources" not in coding.unreadable:
                    problems.add(
                        support.mark,
                        f"{row.table.name}.evidence",
                        f"source {source!r} is not in sources.bib{suggestion(source, sources)}",
                    )


def _add(finding: Finding, coding: Coding, problems: Problems) -> None:
    """Tell coders of a finding, with the line of its cell."""
    mark = coding.rows[finding.table][finding.row].mark_of(finding.variable)
    problems.add(mark, f"{finding.table}.{finding.variable}", finding.message + finding.advice)


def complete_local_references(coding: Coding) -> None:
    """Give references such as ``channels:line`` the case to which they belong."""
    for row in coding:
        for item in row.table.fields:
            if item.references == "rows" and item.name in row.values and row.case:
                row.values[item.name] = [_complete(value, row.case, coding) for value in row.values[item.name]]


def _complete(value: str, case: str, coding: Coding) -> str:
    table, colon, rest = value.partition(":")
    row, mark, variable = rest.partition("#")
    if row not in coding.rows.get(table, {}) and f"{case}/{row}" in coding.rows.get(table, {}):
        row = f"{case}/{row}"
    return f"{table}{colon}{row}{mark}{variable}"


def covers(row: Row, support: Support, item: Field) -> bool:
    """Whether an evidence entry of a row is about one of its variables, if only as a rival reading."""
    if support.variables is not None:
        return item.name in support.variables
    return not support.reads and (row.values.get(item.name) is not None or row.reasons.get(item.name) == "withheld")


def covers_list(support: Support, under: str | None) -> bool:
    """Whether an evidence entry is about the rows of a list under its row."""
    return not support.reads and (support.variables is None or under in support.variables)


def supports(row: Row, item: Field) -> list[Support]:
    """Evidence entries that cover a variable of a row, rival readings included."""
    if row.table.parent_evidence and row.parent:
        return [support for support in row.parent.support if covers_list(support, row.table.under)]
    return [support for support in row.support if covers(row, support, item)]


def check_evidence(coding: Coding, sources: Mapping[str, Source], problems: Problems) -> None:
    """Every coded value must be supported, judgments with a reason."""
    works = {key: Work.of(source.row) for key, source in sources.items()}
    for row in coding:
        for support in row.support:
            cited = {key: works[key] for key, _ in support.sources if key in works}
            if message := overconfident(support.confidence, cited) or _claimed(support, cited):
                problems.add(support.mark, f"{row.table.name}.evidence", message)
    read = (row for row in coding if not row.evidence_unread)
    for finding in integrity.unsupported(read, supports):
        row = coding.rows[finding.table][finding.row]
        if row.table.parent_evidence and row.parent and "no evidence" in finding.message:
            under = row.table.under
            message = f"{under} has no evidence; add {under} to 'on' in an evidence entry of {row.parent.id!r}"
            problems.add(row.parent.mark, f"{finding.table}.{finding.variable}", message)
        else:
            _add(finding, coding, problems)


def _claimed(support: Support, works: Mapping[str, Work]) -> str | None:
    """What is wrong with a basis that was written although it follows from the variable and the source."""
    unopened = [key for key, work in works.items() if not work.opened]
    if support.basis == "stated" and unopened:
        return f"{unopened[0]} was not opened and cannot be said to state anything; leave basis out"
    if support.basis in ("classified", "reported"):
        return f"basis {support.basis} follows from the variable and the source; leave it out"
    return None


def check_choices(coding: Coding, problems: Problems) -> None:
    """Where a value is taken from one row of several, that row must be the only one."""
    for finding in integrity.ambiguous(coding):
        if finding.table not in coding.unreadable:
            _add(finding, coding, problems)


def check_order(coding: Coding, problems: Problems) -> None:
    """No span that is counted in days may end before it begins, and no identifier begin with another date."""
    for finding in (*integrity.backwards(coding), *integrity.misdated(coding)):
        _add(finding, coding, problems)


def check_company(coding: Coding, problems: Problems) -> None:
    """No row may lack one that it implies, and none stand there for nothing."""
    for finding in integrity.implied(coding):
        implies = coding.schema.tables[finding.table].implies
        if implies and implies.table not in coding.unreadable:
            _add(finding, coding, problems)
    if not coding.unreadable:
        for finding in integrity.unnamed(coding):
            _add(finding, coding, problems)


def check_completeness(coding: Coding, problems: Problems) -> None:
    """Where the schema asks for every category under every parent row, none may be left out."""
    for table, parent, left in integrity.incomplete(coding):
        if table.name in coding.unreadable:
            continue
        mark = coding.rows[parent.table.name][parent.id].mark
        message = f"{parent.id} is not coded on {', '.join(left)}; code each, if only as unclear"
        problems.add(mark, f"{table.name}.{table.id[0]}", message)


def check_citations(coding: Coding, sources: Mapping[str, Source], problems: Problems) -> None:
    """Narratives cite known sources, and every source is used somewhere."""
    used = {key for row in coding for support in row.support for key, _ in support.sources}
    used |= {key for table in coding.schema for item in table.fields for key in item.cites}
    for row in coding:
        for item in row.table.fields:
            value = row.values.get(item.name)
            if item.file and value:
                mark = row.mark_of(item.name)
                for number, line in enumerate(str(value).splitlines()):
                    for key in cited_keys(line):
                        used.add(key)
                        if key not in sources and "sources" not in coding.unreadable:
                            problems.add(
                                Mark(mark.file, mark.line + number),
                                f"{row.table.name}.{item.name}",
                                f"source {key!r} is not in sources.bib{suggestion(key, sources)}",
                            )
            elif item.references == "sources" and value:
                used.update(value)
    for key in sorted(set(sources) - used) if not coding.unreadable else []:
        problems.add(sources[key].mark, f"sources.{key}", "the source is cited nowhere; cite it or take it out")


def check_rules(
    coding: Coding,
    frames: Mapping[str, pd.DataFrame],
    reasons: Mapping[str, pd.DataFrame],
    problems: Problems,
) -> None:
    """Row rules of the schema, those that look at parent rows included."""
    for table in coding.schema:
        rows = list(coding.rows.get(table.name, {}).values())
        if not rows:
            continue
        frame = join_parents(table, frames, table.rules)
        for rule in table.rules:
            for row, bad in zip(rows, broken(rule, frame, reasons[table.name]), strict=True):
                names = [name for name in (*rule.require, *rule.order, *rule.when) if "." not in name]
                known = not any(name.removesuffix("_earliest").removesuffix("_latest") in row.unread for name in names)
                if bad and known:
                    shown = "; ".join(f"{name} is {_shown(row, name)}" for name in dict.fromkeys(names))
                    mark = row.mark_of(names[0].removesuffix("_earliest").removesuffix("_latest"))
                    problems.add(mark, f"{table.name}.{rule.name}", f"{rule.message} ({shown})")


def _shown(row: Row, name: str) -> Any:
    value = row.values.get(name)
    return row.reasons.get(name, "empty") if value is None else value
