"""Whatever is changed in a built casebook is found, and placed as exactly as can be."""

import datetime as dt
import hashlib
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from forging import edit, forge

from casebook.book import open as open_casebook
from casebook.book import packaged_release
from casebook.errors import CasebookError
from casebook.releases.verification import Verification


@pytest.fixture
def tables(tiny, tmp_path):
    return shutil.copytree(tiny.store.folder, tmp_path / "tables")


def change(tables, name, edited):
    """Rewrite the rows of a table, then make everything recorded agree with them."""
    path = tables / f"{name}.parquet"
    table = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(edited(table.to_pylist()), schema=table.schema), path)
    forge(tables)
    return [str(item) for item in open_casebook(tables).verify().findings]


def found(tables):
    """What is wrong in the tables themselves, beyond file and digest."""
    verified = open_casebook(tables).verify()
    assert not verified.ok
    assert isinstance(verified, Verification)
    whole = [item.message for item in verified.findings if not item.row]
    assert any("SHA-256" in message for message in whole)
    assert any("the values are not those recorded" in message for message in whole)
    return [str(item) for item in verified.findings if item.row]


def test_a_casebook_as_built_is_verified(tiny):
    verified = tiny.verify()
    assert verified.ok
    assert verified.digest == tiny.digest
    assert str(verified) == f"tiny 0.1.0: verified; content digest sha256:{tiny.digest}"
    assert verified.to_frame().empty


def test_the_packaged_release_is_verified():
    assert packaged_release().verify().findings == []


@pytest.mark.parametrize("length", [12, 13, 63, 64])
@pytest.mark.parametrize("prefix", ["", "sha256:"])
def test_the_digest_cited_is_these_data(tiny, length, prefix):
    assert tiny.verify(f"{prefix}{tiny.digest[:length].upper() if not prefix else tiny.digest[:length]}").ok


def test_another_digest_is_not_these_data(tiny):
    other = hashlib.sha256(b"other").hexdigest()
    (finding,) = tiny.verify(other[:12]).findings
    expected = f"these are not the data cited: their digest begins with {tiny.digest[:12]}, not {other[:12]}"
    assert finding.message == expected


@pytest.mark.parametrize("digest", ["abc", "0123456789a", "z" * 12, "0" * 65, ""])
def test_what_is_no_digest(tiny, digest):
    with pytest.raises(CasebookError, match="is not a content digest; give 12 to 64 hexadecimal digits"):
        tiny.verify(digest)


def test_an_unknown_category(tables):
    edit(tables, "cases", "alpha-1990", "violence", "much")
    assert "cases alpha-1990 violence: 'much' is not a category of the codebook" in found(tables)


@pytest.mark.parametrize("variable", ["confidence", "basis"])
def test_an_unknown_category_of_evidence(tables, variable):
    edit(tables, "evidence", "cases/alpha-1990/4", variable, "other")
    messages = found(tables)
    assert f"evidence cases/alpha-1990/4 {variable}: 'other' is not a category of the codebook" in messages
    assert "support cases/alpha-1990#outcome rests_on: is scrutinized; from the evidence follows nothing" in messages


@pytest.mark.parametrize("variable", ["table", "row", "variables"])
def test_evidence_about_nothing(tables, variable):
    edit(tables, "evidence", "cases/alpha-1990/4", variable, None)
    messages = found(tables)
    assert f"evidence cases/alpha-1990/4 {variable}: is empty, and a value is required" in messages
    assert "cases alpha-1990 outcome: 'partial_settlement' has no evidence" in messages


def test_lists_with_an_empty_item(tables):
    edit(tables, "claims", "alpha-1990/by-letter", "settled_by", [None])
    edit(tables, "evidence", "cases/alpha-1990/4", "variables", ["outcome", None])
    messages = found(tables)
    assert "claims alpha-1990/by-letter settled_by: has an empty item" in messages
    assert "evidence cases/alpha-1990/4 variables: has an empty item" in messages


@pytest.mark.parametrize("variable", ["table", "row", "variable", "reason"])
def test_a_reason_for_nothing(tables, variable):
    edit(tables, "missing", "delegations/alpha-1990/line/aland#circle", variable, None)
    messages = found(tables)
    assert f"missing delegations/alpha-1990/line/aland#circle {variable}: is empty, and a value is required" in messages


def test_another_category_changes_the_digest_alone(tables):
    edit(tables, "cases", "alpha-1990", "violence", "threatened")
    assert found(tables) == []


def test_an_emptied_cell(tables):
    edit(tables, "channels", "alpha-1990/line", "venue", None)
    assert found(tables) == ["channels alpha-1990/line venue: is empty, and the table missing does not say why"]


def test_a_filled_cell(tables):
    edit(tables, "delegations", "alpha-1990/line/aland", "circle", "wider")
    expected = "delegations alpha-1990/line/aland circle: the table missing explains an empty cell that is not there"
    assert expected in found(tables)
    assert "delegations alpha-1990/line/aland circle: 'wider' has no evidence" in found(tables)


def test_a_foreign_key_that_leads_nowhere(tables):
    edit(tables, "events", "alpha-1990/1990-02-letter", "channel_id", "alpha-1990/lane")
    expected = "events alpha-1990/1990-02-letter channel_id: 'alpha-1990/lane' is not in the table channels"
    assert expected in found(tables)


def test_lists_that_lead_nowhere(tables):
    edit(tables, "claims", "alpha-1990/by-letter", "claimed_by", ["noone1999"])
    edit(tables, "claims", "alpha-1990/by-letter", "settled_by", ["channels:alpha-1990/lane#directness"])
    assert found(tables) == [
        "claims alpha-1990/by-letter claimed_by: 'noone1999' leads to no row",
        "claims alpha-1990/by-letter settled_by: 'channels:alpha-1990/lane#directness' leads to no row",
    ]


def test_a_value_against_its_constraints(tables):
    edit(tables, "channels", "alpha-1990/line", "meetings_min", -3)
    assert any(item.startswith("channels alpha-1990/line meetings_min: -3 breaks") for item in found(tables))


def test_a_broken_row_rule(tables):
    edit(tables, "channels", "alpha-1990/line", "meetings_min", 9)
    assert any("channels alpha-1990/line: breaks the rule" in item for item in found(tables))


def test_evidence_for_a_cell_that_does_not_exist(tables):
    covered = ["domain", "arena", "violins", "deadline", "recognition", "front_status", "precondition", "spoilers"]
    edit(tables, "evidence", "cases/alpha-1990/2", "variables", covered)
    assert "cases alpha-1990 violins: there is evidence for a cell that does not exist" in found(tables)
    assert "cases alpha-1990 violence: 'none' has no evidence" in found(tables)


def test_a_column_too_many_or_too_few(tables):
    path = tables / "terms.parquet"
    table = pq.read_table(path)
    pq.write_table(table.rename_columns({name: name for name in table.column_names} | {"issue": "topic"}), path)
    messages = [str(item) for item in open_casebook(tables).verify().findings]
    assert "terms: its columns are without issue and with topic, which the schema does not declare" in messages


def test_a_column_of_another_type(tables):
    path = tables / "channels.parquet"
    frame = pq.read_table(path).to_pandas().assign(meetings_max="many")
    frame.to_parquet(path)
    messages = [str(item) for item in open_casebook(tables).verify().findings]
    assert any("a column does not have the type that the schema declares" in message for message in messages)


def test_a_file_that_is_no_table(tables):
    (tables / "terms.parquet").write_bytes(b"nonsense")
    messages = [str(item) for item in open_casebook(tables).verify().findings]
    assert any(message.startswith("terms: terms.parquet cannot be read") for message in messages)


@pytest.mark.parametrize("name", ["sources.bib", "sources.csl.json", "datapackage.json"])
def test_a_changed_file_beside_the_tables(tables, name):
    (tables / name).write_bytes((tables / name).read_bytes() + b"\n")
    (finding,) = open_casebook(tables).verify().findings
    assert finding.table == name
    assert finding.message.endswith(f"SHA256SUMS.txt says {_listed(tables, name)}")


def _listed(tables, name):
    lines = (tables / "SHA256SUMS.txt").read_text().splitlines()
    return next(line.split()[0] for line in lines if line.endswith(f"  {name}"))


def test_missing_and_strange_files(tables):
    (tables / "sources.bib").unlink()
    (tables / "notes.txt").write_text("mine")
    assert [str(item) for item in open_casebook(tables).verify().findings] == [
        "notes.txt: the file is not listed in SHA256SUMS.txt",
        "sources.bib: the file is missing",
    ]


def test_no_checksums_at_all(tables):
    (tables / "SHA256SUMS.txt").unlink()
    (finding,) = open_casebook(tables).verify().findings
    assert str(finding) == "SHA256SUMS.txt: there is no such file; build it, or download or install it again"


def test_a_forger_who_updates_hashes_and_digests_is_caught_by_the_digest_cited(tables, tiny):
    """Everything recorded in the folder agrees with the forged value; only the digest in the paper doesn't."""
    edit(tables, "cases", "alpha-1990", "violence", "threatened")
    forge(tables)
    assert open_casebook(tables).verify().ok
    (finding,) = open_casebook(tables).verify(tiny.digest).findings
    assert "these are not the data cited" in finding.message


def test_findings_show_in_notebooks_as_text(tables):
    edit(tables, "cases", "alpha-1990", "violence", "<b>much</b>")
    verified = open_casebook(tables).verify()
    assert "&lt;b&gt;much" in verified._repr_html_()
    assert repr(verified) == str(verified)
    assert list(verified.to_frame().columns) == ["table", "row", "variable", "message"]


def test_derived_values_that_were_changed_with_all_checksums(tables, tiny):
    uses = sum(tiny.load("evidence")["source_id"] == "roe2002rival")
    edits = [
        ("channels", "alpha-1990/line", "start_earliest", dt.date(1989, 2, 1), "is 1989-02-01", "1990-02-01"),
        ("channels", "alpha-1990/line", "end_latest", None, "is (empty)", "1990-05-30"),
        ("channels", "alpha-1990/line", "duration_days_max", 9, "is 9", "118"),
        ("channels", "alpha-1990/line", "event_count", 2, "is 2", "1"),
        ("cases", "alpha-1990", "channel_count", 0, "is 0", "1"),
        ("cases", "alpha-1990", "durability_censored", False, "is no", "yes"),
        ("actors", "ann-envoy", "case_count", 2, "is 2", "1"),
        ("sources", "roe2002rival", "evidence_count", 99, "is 99", str(uses)),
    ]
    for table, row, variable, value, _, _ in edits:
        edit(tables, table, row, variable, value)
    edit(tables, "events", "alpha-1990/1990-02-letter", "date", "1990-13")
    edit(tables, "terms", "alpha-1990/truce", "case_id", "beta-1991")
    forge(tables)
    found = [str(item) for item in open_casebook(tables).verify().findings]
    for table, row, variable, _, recorded, follows in edits:
        assert f"{table} {row} {variable}: {recorded}; from the other cells follows {follows}" in found
    assert any("1990-02-letter date: '1990-13' is not a date in EDTF" in item for item in found)
    assert "terms alpha-1990/truce case_id: is beta-1991; the row is of alpha-1990" in found
    assert not any("SHA-256" in item or "digest" in item for item in found)


def test_a_membership_that_was_changed_with_all_checksums(tables):
    def other(rows):
        given = next(row for row in rows if row["membership"] is not None)
        return [{**row, "membership": 0.25 if row is given else row["membership"]} for row in rows]

    (found,) = change(tables, "conditions", other)
    assert " membership: is 0.25; from the other cells follows " in found


def test_a_reason_that_does_not_follow(tables):
    def other(rows):
        return [{**row, "reason": "withheld"} if row["variable"] == "terms_secrecy_days" else row for row in rows]

    expected = "terms_secrecy_days: is (withheld); from the other cells follows (unknown)"
    assert change(tables, "missing", other) == [f"channels alpha-1990/line {expected}"]


def test_rows_that_stand_twice(tables):
    names = ["cases", "missing", "evidence", "sources", "conditions"]
    for name in names:
        table = pq.read_table(tables / f"{name}.parquet")
        pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), tables / f"{name}.parquet")
    forge(tables)
    twice = [item for item in open_casebook(tables).verify().findings if item.message == "the key stands 2 times"]
    assert sorted(item.table for item in twice) == sorted(names)


def test_a_row_without_a_key(tables):
    path = tables / "terms.parquet"
    table = pq.read_table(path)
    rows = [{**row, "term_id": None} for row in table.to_pylist()]
    schema = pa.schema([field.with_nullable(True) for field in table.schema])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    assert "terms: 1 rows have no term_id" in [str(item) for item in open_casebook(tables).verify().findings]
    with pytest.raises(CasebookError, match="table terms has a row without a key"):
        open_casebook(tables).changes(tables)


def test_a_withheld_value_without_evidence(tables):
    def withheld(rows):
        return [{**row, "reason": "withheld"} if row["variable"] == "circle" else row for row in rows]

    assert "delegations alpha-1990/line/aland circle: 'withheld' has no evidence" in change(tables, "missing", withheld)


def test_a_judgment_without_a_note(tables):
    found = change(tables, "evidence", lambda rows: [{**row, "note": None} for row in rows])
    assert "channels alpha-1990/line result: is a judgment without a reason" in found


def test_high_confidence_in_works_that_were_not_opened(tables):
    found = change(tables, "sources", lambda rows: [{**row, "consulted": "not_opened"} for row in rows])
    message = "rests with high confidence on doe2001talks, which was not opened; medium at most"
    assert f"cases alpha-1990 violence: {message}" in found


def test_rival_readings(tables):
    def rivals(reads):
        return lambda rows: [{**row, "reads": reads} if row["rival"] else row for row in rows]

    where = "cases alpha-1990 outcome: "
    assert f"{where}the rival reading 'partial_settlement' equals the coded value" in change(
        tables, "evidence", rivals("partial_settlement")
    )
    assert any(
        f"{where}rival reading: unknown category" in item for item in change(tables, "evidence", rivals("peace"))
    )
    assert any(
        item.endswith("rival: says something else than reads") for item in change(tables, "evidence", rivals(None))
    )


def test_what_was_left_out(tables):
    found = change(tables, "effects", lambda rows: [row for row in rows if row["effect"] != "explore_options"])
    assert "channels alpha-1990/line: is not coded on explore_options in effects.effect" in found


def test_a_role_that_an_attendance_needs(tables):
    found = change(tables, "roles", lambda rows: [row for row in rows if row["actor_id"] != "bob-broker"])
    expected = "attendance alpha-1990/1990-02-letter/bob-broker actor_id: 'bob-broker' has no row in roles of "
    assert f"{expected}alpha-1990/line; add one, or correct this" in found


def test_a_source_that_is_cited_nowhere_and_one_that_is_unknown(tables):
    found = change(tables, "cases", lambda rows: [{**row, "narrative": "So it went [@nobody1999]."} for row in rows])
    assert "cases alpha-1990 narrative: cites 'nobody1999', which is not in the table sources" in found
    rows = pq.read_table(tables / "sources.parquet").to_pylist()
    found = change(tables, "sources", lambda _: [*rows, {**rows[0], "source_id": "extra1999", "evidence_count": 0}])
    assert "sources extra1999: the source is cited nowhere" in found
