import re
import shutil
from pathlib import Path

import pytest
from support import ROOT

from casebook.authoring.schemas import read_schema
from casebook.errors import InvalidCasebookError


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    return tmp_path / "schemas"


def spoil(folder: Path, name: str, old: str, new: str) -> list[str]:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidCasebookError) as caught:
        read_schema(folder)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "missing.yaml",
            "  - name: reason",
            "  - name: why",
            "there is no 'reason', by which rows are read; declare it as the packaged schema does",
        ),
        (
            "parties.yaml",
            "primaryKey: party_id",
            "primarykey: party_id",
            "unknown key 'primarykey'; did you mean 'primaryKey'?",
        ),
        (
            "parties.yaml",
            "resource: cases",
            "resource: case",
            "foreign key to table 'case', which does not exist; did you mean 'cases'?",
        ),
        (
            "parties.yaml",
            "fields: case_id}",
            "fields: title}",
            "foreign key to cases.title, which is not its primary key",
        ),
        (
            "parties.yaml",
            "- fields: case_id",
            "- fields: caseid",
            "foreign key on 'caseid', which is not a field; did you mean 'case_id'?",
        ),
        (
            "parties.yaml",
            "{value: secondary,",
            "{value: principal,",
            "parties.standing: category 'principal' stands twice",
        ),
        ("parties.yaml", "{value: secondary,", "{value: unknown,", "'unknown' is a reason for a missing value"),
        ("parties.yaml", "type: integer", "type: int", "parties.cow_code: unknown type 'int'; did you mean 'integer'?"),
        ("parties.yaml", "coded: true", "judgement: true", "unknown key 'judgement'; did you mean 'judgment'?"),
        ("parties.yaml", "    title: Standing\n", "", "parties.standing: title is not given"),
        ("parties.yaml", "name: parties\n", "name: party\n", "name it after its file, 'parties'"),
        ("parties.yaml", "within: cases", "within: channel", "within table 'channel', which does not exist"),
        (
            "cases.yaml",
            "derived: {count: channels,",
            "derived: {coun: channels,",
            "cases.channel_count: a derived field needs a rule",
        ),
        (
            "cases.yaml",
            "derived: {count: channels,",
            "derived: {count: chanels,",
            "derived from table 'chanels', which does not exist",
        ),
        (
            "cases.yaml",
            "[outcome_date, reversal_date]",
            "[outcome_date, reversaldate]",
            "derived from 'reversaldate', which is not a field",
        ),
        (
            "cases.yaml",
            "order: [start_earliest, end_latest]",
            "order: [start_early, end_latest]",
            "rule uses 'start_early'",
        ),
        (
            "cases.yaml",
            "      order: [start_earliest, end_latest]\n",
            "",
            "the rule demands nothing; add require or order",
        ),
        ("cases.yaml", "- name: arena", "- name: domain", "cases.domain: the field is declared twice"),
        ("cases.yaml", "title: Arena", "title: domain", "cases.arena: the title 'domain' stands twice in the table"),
        ("cases.yaml", "- name: arena", "- name: Arena!", "'Arena!' cannot name a field; use lower case"),
        (
            "parties.yaml",
            "label: Secondary party",
            "label: principal party",
            "parties.standing: the label 'principal party' stands already at category 'principal'; rename one",
        ),
        ("channels.yaml", "label: No violence", "label: None", "the label 'None' is read as an empty cell by other"),
        ("channels.yaml", "label: No violence", "label: n/a", "the label 'n/a' is read as an empty cell by other"),
        ("channels.yaml", 'description: "No armed', 'description: "<b>No</b> armed', "contains the HTML tag '<b>'"),
        ("channels.yaml", "label: No violence", "label: No\u200b violence", "the invisible character U+200B"),
        ("parties.yaml", "order: 2", "order: first", "order is a whole number, by which the tables are sorted"),
        ("parties.yaml", "within: cases", "within: [cases]", "within is one piece of text"),
        ("effects.yaml", "complete: {each: channels,", "complete: {", "each is not given"),
        ("effects.yaml", "status: [established]", "status: established", "status: expected a list"),
        (
            "roles.yaml",
            "{table: delegations, same: party_id",
            "{table: delegation, same: party_id",
            "implies rows of 'delegation', which does not exist; did you mean 'delegations'",
        ),
        (
            "roles.yaml",
            "{table: delegations, same: party_id",
            "{table: delegations, same: actor_id",
            "implies uses 'actor_id', which is not a field of delegations",
        ),
        (
            "roles.yaml",
            "{table: delegations, same: party_id",
            "{table: terms, same: party_id, as: from_party_id",
            "implies rows of terms, which stand neither under its rows nor beside them",
        ),
        (
            "attendance.yaml",
            "through: [event_id, channel_id]",
            "through: [event, channel_id]",
            "implies goes through 'event', which is not a foreign key of attendance; did you mean 'event_id'",
        ),
        (
            "attendance.yaml",
            "through: [event_id, channel_id]",
            "through: [event_id]",
            "implies rows of roles, which do not stand under those of events, where 'through' leads",
        ),
        ("attendance.yaml", "through: [event_id, channel_id]", "through: event_id", "through: expected a list"),
        ("attendance.yaml", "events.track", "channels.track", "implies uses 'track', which is not a field of channels"),
        ("attendance.yaml", "events.track", "actors.kind", "implies uses actors.kind, and actors is not on its way"),
        (
            "channels.yaml",
            "{table: delegations, least: 2",
            "{table: delegations, least: two",
            "least is a whole number from 1",
        ),
        ("cases.yaml", "order: [start_earliest, end_latest]", "order: start_earliest", "order: expected a list"),
        ("cases.yaml", "days: [outcome_date, reversal_date]", "days: [outcome_date]", "days runs between two dates"),
        ("parties.yaml", "reference: {resource: cases,", "reference: {", "a foreign key is {fields: …, reference"),
        ("parties.yaml", "minimum: 2", "minimum: two", "minimum is a whole number, not 'two'"),
    ],
)
def test_a_wrong_schema_is_refused_with_file_and_line(schemas, name, old, new, message):
    problems = spoil(schemas, name, old, new)
    found = [problem for problem in problems if message in problem]
    assert found, problems
    file, line, _ = found[0].split(":", 2)
    assert file == name
    assert int(line) >= 1


def test_tables_that_refer_to_each_other_are_refused(schemas):
    key = "foreignKeys:\n  - fields: title\n    reference: {resource: parties, fields: party_id}\ncasebook:\n"
    (found,) = spoil(schemas, "cases.yaml", "casebook:\n", key)
    assert re.search(
        r": the foreign keys run in a circle \((cases → parties → cases|parties → cases → parties)\)", found
    )


def test_a_file_where_the_folder_of_schemas_is_meant(folder):
    (folder.path / "schemas").unlink()
    folder.write("schemas", "x")
    assert folder.problems() == ["schemas:1: folder: cannot be read: Not a directory"]


def test_a_folder_without_schemas_is_refused(tmp_path):
    with pytest.raises(InvalidCasebookError, match="no schema files"):
        read_schema(tmp_path)


@pytest.mark.parametrize("name", ["things.yml", "things.YAML"])
def test_a_schema_with_another_ending_is_not_passed_over(folder, name):
    folder.own_schemas().write(f"schemas/{name}", "name: things\n")
    assert folder.problems() == [f"schemas/{name}:1: schema: is not read; call it things.yaml"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cost: [misread, ", "cost: [", "maps 'misread' of effect to nothing; name each value once"),
        ("cost: [misread, ", "cost: [misread, misread, ", "maps 'misread' of effect more than once"),
        ("cost: [misread, ", "cost: [misred, misread, ", "maps 'misred', which is no value of effect; did you mean"),
    ],
)
def test_every_value_is_mapped_once(folder, old, new, message):
    folder.own_schemas().replace("schemas/effects.yaml", old, new)
    assert any(message in problem for problem in folder.problems())


def test_parents_come_before_children():
    names = list(read_schema(ROOT / "schemas").tables)
    assert names.index("cases") < names.index("channels") < names.index("delegations")


def test_a_value_that_is_taken_from_another_table_has_its_categories():
    schema = read_schema(ROOT / "schemas")
    taken, source = (schema.table(name).field("front_status") for name in ("cases", "channels"))
    assert (taken.categories, taken.ordered) == (source.categories, True)
    assert "none" in schema.table("channels").field("intermediary_type").values
    assert "none" not in schema.table("third_parties").field("kind").values
