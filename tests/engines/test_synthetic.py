"""What the tests make: casebooks from the schemas, and events by number."""

import pytest
import synthetic

from casebook.authoring.build import compile_folder, write
from casebook.engines.validation import validate_tables


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return synthetic.casebook(tmp_path_factory.mktemp("made") / "casebook", 2)


def test_a_made_casebook_builds_with_rows_in_every_coded_table_and_its_events_pass_the_engines(folder, tmp_path):
    made = compile_folder(folder)
    assert [table.name for table in made.schema.coded if made.frames[table.name].empty] == []
    assert len(made.frames["cases"]) == 2
    write(made, folder / "tables")
    found = validate_tables(synthetic.events(folder / "tables", tmp_path / "events", 1000, parts=3))
    assert found.ok
    assert found.rows["events"] == 1000


def test_the_same_seed_makes_the_same_casebook_and_another_one_another(folder, tmp_path):
    def files(place):
        return {path.relative_to(place): path.read_bytes() for path in place.rglob("*.yaml")}

    again, other = synthetic.casebook(tmp_path / "again", 2), synthetic.casebook(tmp_path / "other", 2, seed=1)
    assert files(again) == files(folder)
    assert files(other) != files(folder)
