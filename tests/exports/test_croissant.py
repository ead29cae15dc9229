"""Croissant, validated and read back by mlcroissant."""

import json
import sys
from itertools import islice

import pandas as pd
import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="module")
def mlcroissant():
    import mlcroissant
    from absl import logging

    # absl closes the stream that it logs to when another library sets logging up anew; pytest's own must stay open.
    logging.get_absl_handler().python_handler.stream = sys.__stderr__
    return mlcroissant


@pytest.fixture(scope="module")
def dataset(mlcroissant, exported_packaged):
    return mlcroissant.Dataset(exported_packaged.folder / "croissant/croissant.json")


def test_mlcroissant_finds_nothing_to_mend(dataset):
    issues = dataset.metadata.ctx.issues
    assert (list(issues.errors), list(issues.warnings)) == ([], [])


def test_an_error_would_be_found(mlcroissant, exported_tiny, tmp_path):
    """In one table; reading all of them takes long."""
    described = json.loads((exported_tiny.folder / "croissant/croissant.json").read_text())
    described["recordSet"] = [item for item in described["recordSet"] if item["@id"].partition(".")[0] == "actors"]
    text = json.dumps(described)
    (tmp_path / "right.json").write_text(text)
    mlcroissant.Dataset(tmp_path / "right.json")
    (tmp_path / "wrong.json").write_text(text.replace('"dataType": "sc:Text"', '"dataType": "sc:Nonsense"'))
    with pytest.raises(mlcroissant.ValidationError, match="Nonsense"):
        mlcroissant.Dataset(tmp_path / "wrong.json")


def plain(value):
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.date() if isinstance(value, pd.Timestamp) else value


def test_every_record_set_holds_what_load_gives(exported_packaged, dataset):
    """All rows in the file that is described, the first hundred as mlcroissant reads them, which takes long."""
    for table in exported_packaged.book.schema:
        expected = exported_packaged.cells(table.name)
        assert pq.read_table(exported_packaged.folder / f"croissant/{table.name}.parquet").to_pydict() == expected
        records = list(islice(dataset.records(table.name), 100))
        for name, values in expected.items():
            read = [plain(record[f"{table.name}/{name}"]) for record in records]
            assert read == values[:100], (table.name, name)


def test_categories_are_enumerations(exported_packaged, dataset):
    item = exported_packaged.book.schema.table("channels").field("result")
    read = [
        (record["channels.result/value"], record["channels.result/label"], record["channels.result/definition"])
        for record in dataset.records("channels.result")
    ]
    assert read == [(c.value, c.label, c.description) for c in item.categories]


def test_keys_and_release_are_described(exported):
    described = json.loads((exported.folder / "croissant/croissant.json").read_text())
    about = exported.book.metadata
    assert (described["name"], described["version"]) == (about.name, about.version)
    assert exported.book.digest in described["citeAs"]
    sets = {item["@id"]: item for item in described["recordSet"]}
    assert sets["delegations"]["key"] == {"@id": "delegations/delegation_id"}
    channel = next(field for field in sets["delegations"]["field"] if field["name"] == "channel_id")
    assert channel["description"].endswith("Refers to channels/channel_id.")
