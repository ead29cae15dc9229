"""What a schema says that rows need beside them (`casebook.model.schema.Implied`), checked when it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from casebook.errors import suggestion
from casebook.model.demands import Implied
from casebook.model.schema import Table


def wrong_with(table: Table, rule: Implied, tables: Mapping[str, Table]) -> Iterator[str]:
    """What in a declaration names something that is not there."""
    other = tables.get(rule.table)
    if other is None:
        yield f"implies rows of {rule.table!r}, which does not exist{suggestion(rule.table, tables)}"
        return
    way = [table]
    for name in rule.through:
        key = way[-1].reference(name)
        if key is None or key.table not in tables:
            near = suggestion(name, [key.field for key in way[-1].foreign_keys])
            yield f"implies goes through {name!r}, which is not a foreign key of {way[-1].name}{near}"
            return
        way.append(tables[key.table])
    if rule.through and other.within != way[-1].name:
        yield f"implies rows of {other.name}, which do not stand under those of {way[-1].name}, where 'through' leads"
    elif not rule.through and (other.within is None or other.within not in (table.name, table.within)):
        yield f"implies rows of {other.name}, which stand neither under its rows nor beside them; add 'through'"
    owners = {"": table, **{each.name: each for each in way[1:]}}
    named = [
        (owner, name) for owner, _, name in (each.rpartition(".") for each in filter(None, (rule.same, *rule.where)))
    ]
    for owner, name in named:
        if owner not in owners:
            yield f"implies uses {owner}.{name}, and {owner} is not on its way{suggestion(owner, owners)}"
    fields = [(owners[owner], name) for owner, name in named if owner in owners]
    for at, name in [*fields, *([(other, rule.there)] if rule.there else [])]:
        if name not in at.by_name:
            yield f"implies uses {name!r}, which is not a field of {at.name}{suggestion(name, at.by_name)}"
