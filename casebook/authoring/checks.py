"""Checks that look across rows: references, evidence, completeness and rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from casebook.authoring.bibliography import Source
from casebook.authoring.cases import Coding, Row
from casebook.authoring.evidence import Support
from casebook.errors import Mark, Problems, suggestion
from casebook.model.cells import Link
from casebook.model.rules import broken, join_parents
from casebook.model.schema import Field
from casebook.sources.narrative import cited_keys


def check_references(coding: Coding, sources: Mapping[str, Source], problems: Problems) -> None:
    """Every foreign key and every list of references must lead to a row."""
    for row in coding:
        for key in row.table.foreign_keys:
            value = row.values.get(key.field)
            if value is None or key.table not in coding.rows or key.table in coding.unreadable:
                continue
            if value not in coding.rows[key.table]:
                row.unread.add(key.field)
                local = [
                    name
                    for name in coding.rows[key.table]
                    if not row.case or "/" not in name or name.startswith(f"{row.case}/")
                ]
                problems.add(
                    row.mark_of(key.field),
                    f"{row.table.name}.{key.field}",
                    f"{value!r} is not in the table {key.table}{suggestion(value, local)}",
                )
        for item in row.table.fields:
            for value in row.values.get(item.name) or [] if item.type == "array" else []:
                message = _dangling(item, value, coding, sources)
                if message and not coding.unreadable:
                    problems.add(row.mark_of(item.name), f"{row.table.name}.{item.name}", message)
        for support in row.support:
            for source, _ in support.sources:
                if source not in sources and "sources" not in coding.unreadable:
                    problems.add(
                        support.mark,
                        f"{row.table.name}.evidence",
                        f"source {source!r} is not in sources.bib{suggestion(source, sources)}",
                    )


def _dangling(item: Field, value: str, coding: Coding, sources: Mapping[str, Source]) -> str | None:
    kind = item.references
    if kind == "sources" and value not in sources:
        return f"source {value!r} is not in sources.bib{suggestion(value, sources)}"
    if kind == "rows":
        try:
            table, row, variable = Link.parse(value)
        except ValueError as error:
            return str(error)
        if table not in coding.rows:
            return f"{value!r}: there is no table {table!r}{suggestion(table, coding.rows)}"
        if row not in coding.rows[table]:
            return f"{value!r}: there is no row {row!r}{suggestion(row, coding.rows[table])}"
        if variable and variable not in coding.schema.tables[table].by_name:
            names = coding.schema.tables[table].by_name
            return f"{value!r}: there is no variable {variable!r}{suggestion(variable, names)}"
    return None


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


def supports(row: Row, item: Field) -> list[Support]:
    """Evidence entries that cover a variable of a row, rival readings included."""
    if row.table.parent_evidence and row.parent:
        under = row.table.under
        return [s for s in row.parent.support if s.reads is None and (s.variables is None or under in s.variables)]
    has_value = row.values.get(item.name) is not None or row.reasons.get(item.name) == "withheld"
    return [
        s for s in row.support if (item.name in s.variables if s.variables is not None else has_value and not s.reads)
    ]


def check_evidence(coding: Coding, sources: Mapping[str, Source], problems: Problems) -> None:
    """Every coded value must be supported, judgments with a reason."""
    for row in coding:
        for support in row.support:
            keys = [source for source, _ in support.sources]
            unseen = [key for key in keys if key in sources and sources[key].row["consulted"] == "not_opened"]
            if support.confidence == "high" and unseen == keys:
                problems.add(
                    support.mark,
                    f"{row.table.name}.evidence",
                    f"rests with high confidence on {', '.join(unseen)}, which was not opened; medium at most",
                )
        for item in row.table.fields:
            if item.coded and not row.evidence_unread:
                _check_support(row, item, problems)


def _check_support(row: Row, item: Field, problems: Problems) -> None:
    value = row.values.get(item.name)
    where = f"{row.table.name}.{item.name}"
    if value is None and row.reasons.get(item.name) != "withheld":
        return
    if value in item.no_evidence_for:
        return
    supporting = [support for support in supports(row, item) if support.reads is None]
    if not supporting:
        mark, shown = row.mark_of(item.name), repr(value if value is not None else "withheld")
        advice = f"add an entry with on: {item.key}, source and confidence"
        if row.table.parent_evidence and row.parent:
            mark, shown = row.parent.mark, str(row.table.under)
            advice = f"add {shown} to 'on' in an evidence entry of {row.parent.id!r}"
        problems.add(mark, where, f"{shown} has no evidence; {advice}")
    elif item.judgment and not any(support.note for support in supporting):
        problems.add(
            row.mark_of(item.name),
            where,
            "is a judgment without a reason; add a note to an evidence entry that covers it",
        )


def check_completeness(coding: Coding, problems: Problems) -> None:
    """Where the schema asks for every category under every parent row, none may be left out."""
    for table in coding.schema:
        rule = table.complete
        if not rule or table.name in coding.unreadable:
            continue
        key = table.id[0]
        for parent in coding.rows[rule.each].values():
            if any(parent.values.get(name) not in allowed for name, allowed in rule.where.items()):
                continue
            given = {row.values[key] for row in coding.rows[table.name].values() if row.parent is parent}
            left = [value for value in table.field(key).values if value not in given]
            if left:
                problems.add(
                    parent.mark,
                    f"{table.name}.{key}",
                    f"{parent.id} is not coded on {', '.join(left)}; code each, if only as unclear",
                )


def check_citations(coding: Coding, sources: Mapping[str, Source], problems: Problems) -> None:
    """Narratives cite known sources, and every source is used somewhere."""
    used = {key for row in coding for support in row.support for key, _ in support.sources}
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
        for rule in table.rules:
            frame = join_parents(table, frames, rule.fields)
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
