"""What tests of worlds share."""

import pytest
from support import ROOT, altered, part

import casebook
from casebook.model.derivations import derive
from casebook.model.rendering import frame as make_frame
from casebook.worlds.stands import Stands

FEW = (
    *("cuba-1962", "cuba-1978", "cuba-2014", "hebron-1997", "india-pakistan-2004", "nyc-watershed"),
    *("oslo-1993", "writers-strike-2007"),
)


@pytest.fixture(scope="session")
def few():
    """Eight cases of the published casebook, with nearly every kind of dispute; tests must not change it.

    What rows that cases share say of these is counted anew.
    """
    book = part(casebook.open(ROOT / "data"), *FEW)
    records, shared = Stands(book.store), [table for table in book.schema.coded if table.shared]
    for table in shared:
        for item in table.fields:
            if item.derived and not any(book.schema.table(look.table).built for look in item.derived.looks):
                for stand in records.rows[table.name].values():
                    stand.forget(column.name for column in item.expanded())
    derive(records, book.metadata.reference_date, [table.name for table in shared])
    frames = {t.name: make_frame(t, (stand.values for stand in records.rows[t.name].values())) for t in shared}
    return altered(book, **frames)
