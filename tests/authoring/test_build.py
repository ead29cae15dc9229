import json
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest

from casebook.authoring.build import compile_folder, render, stale_files, write
from casebook.book import open as open_casebook
from casebook.errors import CasebookError, InvalidCasebookError
from casebook.model.digest import release_digest, table_digest
from casebook.model.validation import pandera_schema

pytestmark = pytest.mark.pandera


def test_the_same_input_gives_the_same_bytes(folder):
    assert render(compile_folder(folder.path)) == render(compile_folder(folder.path))


def test_every_column_of_every_parquet_file_is_declared(folder):
    book = folder.build()
    for table in book.schema:
        schema = pq.read_schema(folder.path / "tables" / f"{table.name}.parquet")
        assert schema.names == [column.name for column in table.columns]
        assert all(field.metadata[b"title"] for field in schema)


def test_checksums_match_the_files(folder):
    import hashlib

    folder.build()
    for line in folder.read("tables/SHA256SUMS.txt").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder.path / "tables" / name).read_bytes()).hexdigest() == digest


def test_the_descriptor_names_every_file_with_its_hash(folder):
    folder.build()
    package = json.loads(folder.read("tables/datapackage.json"))
    assert {resource["path"] for resource in package["resources"]} == {
        p.name for p in (folder.path / "tables").glob("*.parquet")
    }
    assert package["casebook"]["digest"] == release_digest(
        {r["name"]: r["casebook"]["digest"] for r in package["resources"]}
    )


def test_a_failed_build_leaves_the_old_tables_alone(folder):
    folder.build()
    before = {path.name: path.read_bytes() for path in (folder.path / "tables").iterdir()}
    folder.replace("cases/alpha-1990/case.yaml", "violence: none", "violence: much")
    with pytest.raises(InvalidCasebookError):
        write(compile_folder(folder.path), folder.path / "tables")
    assert {path.name: path.read_bytes() for path in (folder.path / "tables").iterdir()} == before


def test_an_interrupted_write_leaves_the_old_tables_alone(folder, monkeypatch):
    book = folder.build()
    made = compile_folder(folder.path)
    monkeypatch.setattr(
        "pathlib.Path.write_bytes", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(CasebookError, match="cannot be written: No space left"):
        write(made, folder.path / "tables")
    monkeypatch.undo()
    assert open_casebook(folder.path).digest == book.digest
    assert [path.name for path in folder.path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_with_other_files_is_not_replaced(folder):
    folder.write("tables/thesis.docx", "precious")
    with pytest.raises(CasebookError, match=r"holds 'thesis\.docx', which is not a table"):
        folder.build()
    assert folder.read("tables/thesis.docx") == "precious"


def test_check_says_which_tables_are_stale(folder):
    folder.build()
    assert stale_files(compile_folder(folder.path), folder.path / "tables") == []
    folder.replace("cases/alpha-1990/terms.yaml", "Both sides", "The two sides")
    assert stale_files(compile_folder(folder.path), folder.path / "tables") == ["terms.parquet", "datapackage.json"]
    folder.write("tables/datapackage.json", "{")
    with pytest.raises(CasebookError, match=r"datapackage\.json cannot be read"):
        stale_files(compile_folder(folder.path), folder.path / "tables")


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(CasebookError, match="there is no folder"):
        compile_folder(tmp_path / "nowhere")


def test_a_new_variable_needs_no_python(folder):
    folder.own_schemas()
    folder.replace(
        "schemas/cases.yaml",
        "  - name: narrative\n",
        "  - name: weather\n    type: string\n    title: Weather\n    description: Weather at the talks.\n"
        "    categories:\n      - {value: fair, label: Fair, description: No rain.}\n"
        "      - {value: foul, label: Foul, description: Rain.}\n    casebook: {coded: true}\n  - name: narrative\n",
    )
    assert any("weather is not given" in problem for problem in folder.problems())
    folder.replace("cases/alpha-1990/case.yaml", "violence: none", "violence: none\nweather: foul")
    folder.replace("cases/alpha-1990/case.yaml", "on: [domain,", "on: [domain, weather,")
    book = folder.build()
    assert list(book.load("cases")["weather"].cat.categories) == ["fair", "foul"]
    assert book.compare("weather").frame.iloc[0, 0] == "Foul"
    assert book.codebook("cases", "weather").fields[0].title == "Weather"
    assert list(book.evidence("alpha-1990", "weather").to_frame()["source_id"]) == ["doe2001talks"]
    assert "weather" in pandera_schema(book.schema.table("cases")).columns


def test_a_new_case_needs_no_python(folder):
    shutil.copytree(folder.path / "cases/alpha-1990", folder.path / "cases/beta-1991")
    folder.replace("cases/beta-1991/case.yaml", "case: alpha-1990", "case: beta-1991")
    book = folder.build()
    assert list(book.load("cases")["case_id"]) == ["alpha-1990", "beta-1991"]
    assert book.case("beta-1991").channels["channel_id"][0] == "beta-1991/line"
    assert list(book.load("actors")["case_count"]) == [2, 2]


def test_every_empty_cell_has_a_reason(folder):
    book = folder.build()
    for table in book.schema:
        if table.built or table.name == "sources":
            continue
        frame = book.load(table.name, alleged=True).set_index(table.primary_key)
        for column in table.columns:
            if column.name == table.primary_key or column.optional:
                continue
            for row in frame.index[frame[column.name].isna()]:
                assert book.reason(table.name, row, column.name), (table.name, row, column.name)


class TestDigest:
    def test_it_is_the_documented_text(self, tiny):
        import hashlib

        table = tiny.schema.table("actors")
        text = (
            '["actor_id","name","sort_name","kind","other_names","case_count"]\n'
            '["ann-envoy","Ann Envoy","Envoy, Ann","person",null,1]\n'
            '["bob-broker","Bob Broker","Broker, Bob","person",null,1]\n'
        )
        assert table_digest(tiny.load("actors"), table) == hashlib.sha256(text.encode()).hexdigest()

    @pytest.mark.parametrize("name", ["channels", "cases", "claims", "evidence"])
    def test_it_depends_neither_on_row_order_nor_on_the_way_through_parquet(self, tiny, name):
        table = tiny.schema.table(name)
        frame = tiny.load(name, alleged=True)
        recorded = tiny.store.resources[name]["casebook"]["digest"]
        assert table_digest(frame, table) == recorded
        assert table_digest(frame.iloc[::-1], table) == recorded

    def test_it_changes_with_any_cell(self, tiny):
        table = tiny.schema.table("channels")
        frame = tiny.load("channels", alleged=True)
        other = frame.assign(meetings_max=pd.array([3], dtype="Int64"))
        assert table_digest(frame, table) != table_digest(other, table)


@pytest.mark.pandera
def test_a_schema_that_has_no_place_for_what_the_builder_writes(folder):
    folder.own_schemas().replace(
        "schemas/missing.yaml", "      - {value: not_applicable", "      # - {value: not_applicable"
    )
    with pytest.raises(CasebookError, match=r"the table missing is not what its schema demands .*schemas/missing.yaml"):
        folder.build()
