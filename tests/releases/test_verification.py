"""Whatever is changed in a built casebook is found, and placed as exactly as can be."""

import hashlib
import json
import shutil

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from casebook.book import open as open_casebook
from casebook.book import packaged_release
from casebook.errors import CasebookError
from casebook.model.rendering import conform
from casebook.releases.verification import Verification


@pytest.fixture
def tables(tiny, tmp_path):
    return shutil.copytree(tiny.store.folder, tmp_path / "tables")


def edit(tables, name, row, variable, value):
    """Change one cell of a Parquet file, and leave everything else as it is."""
    path = tables / f"{name}.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    key = table.column_names[0]
    assert any(item[key] == row for item in rows)
    for item in rows:
        if item[key] == row:
            item[variable] = value
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


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
    edit(tables, "evidence", "cases/alpha-1990#violence/1", "variable", "violins")
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
    assert str(finding) == "SHA256SUMS.txt: there is no such file; build or install again"


def test_a_forger_who_updates_hashes_and_digests_is_caught_by_the_digest_cited(tables, tiny):
    """Everything recorded in the folder agrees with the forged value; only the digest in the paper doesn't."""
    from casebook.model.digest import release_digest, table_digest

    edit(tables, "cases", "alpha-1990", "violence", "threatened")
    package = json.loads((tables / "datapackage.json").read_text())
    content = (tables / "cases.parquet").read_bytes()
    forged = open_casebook(tables)
    for resource in package["resources"]:
        if resource["name"] == "cases":
            resource["hash"] = f"sha256:{hashlib.sha256(content).hexdigest()}"
            table = forged.schema.table("cases")
            resource["casebook"]["digest"] = table_digest(
                conform(table, pd.read_parquet(tables / "cases.parquet")), table
            )
    package["casebook"]["digest"] = release_digest({r["name"]: r["casebook"]["digest"] for r in package["resources"]})
    (tables / "datapackage.json").write_text(json.dumps(package))
    names = sorted(path.name for path in tables.iterdir() if path.name != "SHA256SUMS.txt")
    sums = [f"{hashlib.sha256((tables / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (tables / "SHA256SUMS.txt").write_text("".join(sums))
    assert open_casebook(tables).verify().ok
    (finding,) = open_casebook(tables).verify(tiny.digest).findings
    assert "these are not the data cited" in finding.message


def test_findings_show_in_notebooks_as_text(tables):
    edit(tables, "cases", "alpha-1990", "violence", "<b>much</b>")
    verified = open_casebook(tables).verify()
    assert "&lt;b&gt;much" in verified._repr_html_()
    assert repr(verified) == str(verified)
    assert list(verified.to_frame().columns) == ["table", "row", "variable", "message"]
