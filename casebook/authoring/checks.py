"""Checks that look across rows, each problem with its line; what must hold is said in `casebook.model.integrity`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casebook.authoring.bibliography import Source
from casebook.authoring.cases import Coding, Row
from casebook.authoring.evidence import Support
from casebook.errors import Mark, Problems, suggestion
from casebook.model import integrity
from casebook.model.grades import Work, overconfident
from casebook.model.integrity import Finding, Keys
from casebook.model.schema import Field, Schema
from casebook.sources.narrative import cited_keys


@dataclass(frozen=True)
class Outward:
    """An item of a list of references that leads to no row at hand, and so perhaps to one of another case."""

    mark: Mark
    table: str
    variable: str
    value: str


def check_references(coding: Coding, keys: Keys, sources: Mapping[str, Source], problems: Problems) -> None:
    """Every foreign key must lead to a row, and every key of a source into the bibliography."""
    readable = {name: rows for name, rows in keys.items() if name not in coding.unreadable}
    for finding in integrity.dangling_keys(coding, readable):
        coding.rows[finding.table][finding.row].unread.add(finding.variable)
        _add(finding, coding, problems)
    for row, item, value in _listed(coding, "sources") if not coding.unreadable else ():
        wrong = integrity.leads_nowhere(item, value, coding.schema, {"sources": sources})
        if wrong is not None:
            problems.add(row.mark_of(item.name), f"{row.table.name}.{item.name}", wrong)
    for row in coding:
        for support in row.support:
            for source, _ in support.sources:
                if source not in sources and "sources" not in coding.unreadable:
                    problems.add(
                        support.mark,
                        f"{row.table.name}.evidence",
                        f"source {source!r} is not in sources.bib{suggestion(source, sources)}",
                    )


def outward(coding: Coding) -> Iterator[Outward]:
    """The items of lists of references that lead to none of the rows gone through."""
    keys = {name: rows for name, rows in coding.rows.items() if name in coding.own}
    for row, item, value in _listed(coding, "rows"):
        if integrity.leads_nowhere(item, value, coding.schema, keys) is not None:
            yield Outward(row.mark_of(item.name), row.table.name, item.name, value)


def check_outward(found: Iterable[Outward], schema: Schema, keys: Keys, problems: Problems) -> None:
    """What leads out of a case must lead to a row of the casebook, or to a source."""
    for link in found:
        item = schema.tables[link.table].by_name[link.variable]
        wrong = integrity.leads_nowhere(item, link.value, schema, keys)
        if wrong is not None:
            problems.add(link.mark, f"{link.table}.{link.variable}", wrong)


def _listed(coding: Coding, kind: str) -> Iterator[tuple[Row, Field, str]]:
    for row in coding:
        for item in row.table.fields:
            if item.references == kind:
                yield from ((row, item, value) for value in row.values.get(item.name) or ())


def _own(findings: Iterable[Finding], coding: Coding) -> Iterator[Finding]:
    """Findings about the rows that are gone through."""
    return (finding for finding in findings if finding.table in coding.own)


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


def check_evidence(coding: Coding, works: Mapping[str, Work], problems: Problems) -> None:
    """Every coded value must be supported, judgments with a reason."""
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
    for finding in _own(integrity.ambiguous(coding), coding):
        if finding.table not in coding.unreadable:
            _add(finding, coding, problems)


def check_order(coding: Coding, problems: Problems) -> None:
    """No span that is counted in days may end before it begins, and no identifier begin with another date."""
    for finding in _own((*integrity.backwards(coding), *integrity.misdated(coding)), coding):
        _add(finding, coding, problems)


def check_company(coding: Coding, problems: Problems) -> None:
    """No row may lack one that it implies, and none stand there for nothing."""
    for finding in _own(integrity.implied(coding), coding):
        implies, row = coding.schema.tables[finding.table].implies, coding.rows[finding.table][finding.row]
        if implies and implies.table not in coding.unreadable and finding.variable not in row.unread:
            _add(finding, coding, problems)
    if not coding.unreadable:
        for finding in integrity.unnamed(coding, coding.own):
            _add(finding, coding, problems)


def check_completeness(coding: Coding, problems: Problems) -> None:
    """Where the schema asks for every category under every parent row, none may be left out."""
    for table, parent, left in integrity.incomplete(coding):
        if table.name in coding.unreadable or table.name not in coding.own:
            continue
        mark = coding.rows[parent.table.name][parent.id].mark
        message = f"{parent.id} is not coded on {', '.join(left)}; code each, if only as unclear"
        problems.add(mark, f"{table.name}.{table.id[0]}", message)


def cited(coding: Coding, sources: Mapping[str, Source], problems: Problems) -> set[str]:
    """The sources that rows name; those that narratives name must be known."""
    used = {key for row in coding for support in row.support for key, _ in support.sources}
    used.update(value for _, _, value in _listed(coding, "sources"))
    for row in coding:
        for item in row.table.fields:
            value = row.values.get(item.name) if item.file else None
            mark = row.mark_of(item.name)
            for number, line in enumerate(str(value).splitlines() if value else ()):
                for key in cited_keys(line):
                    used.add(key)
                    if key not in sources and "sources" not in coding.unreadable:
                        problems.add(
                            Mark(mark.file, mark.line + number),
                            f"{row.table.name}.{item.name}",
                            f"source {key!r} is not in sources.bib{suggestion(key, sources)}",
                        )
    return used


def check_uses(used: Collection[str], sources: Mapping[str, Source], schema: Schema, problems: Problems) -> None:
    """Every source is used somewhere, if only in the codebook."""
    concepts = {key for table in schema for item in table.fields for key in item.cites}
    for key in sorted(set(sources) - set(used) - concepts):
        problems.add(sources[key].mark, f"sources.{key}", "the source is cited nowhere; cite it or take it out")


def check_rules(coding: Coding, problems: Problems) -> None:
    """Row rules of the schema, those that look at parent rows included."""
    for table in coding.schema:
        for rule, row in integrity.broken_rules(table, coding.rows) if table.name in coding.own else ():
            names = [name for name in (*rule.require, *rule.order, *rule.when) if "." not in name]
            if not any(_declared(name) in row.unread for name in names):
                shown = "; ".join(f"{name} is {_shown(row, name)}" for name in dict.fromkeys(names))
                mark = row.mark_of(_declared(names[0]))
                problems.add(mark, f"{table.name}.{rule.name}", f"{rule.message} ({shown})")


def _declared(name: str) -> str:
    """The variable whose bounds a column has."""
    return name.removesuffix("_earliest").removesuffix("_latest")


def _shown(row: Row, name: str) -> Any:
    value = row.values.get(name)
    return row.reasons.get(name, "empty") if value is None else value
