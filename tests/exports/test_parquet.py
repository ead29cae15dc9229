"""The release's own files, read back by polars and by Casebook."""

import polars as pl
import pytest
from support import Exported

import casebook
from casebook.book import packaged_release
from casebook.errors import CasebookError


@pytest.fixture(scope="module", params=["tiny", "packaged"])
def exported(request, tmp_path_factory):
    book = packaged_release() if request.param == "packaged" else request.getfixturevalue("tiny")
    book.export(folder := tmp_path_factory.mktemp("parquet"), "parquet")
    return Exported(book, folder)


def test_polars_reads_what_load_gives(exported):
    for table in exported.book.schema:
        frame = pl.read_parquet(exported.folder / f"parquet/{table.name}.parquet")
        for name, values in exported.cells(table.name).items():
            assert frame[name].to_list() == values, (table.name, name)


def test_the_folder_is_a_casebook_with_the_same_digest(exported):
    book = casebook.open(exported.folder / "parquet")
    assert book.digest == exported.book.digest
    assert list(book.schema.tables) == list(exported.book.schema.tables)


def test_a_file_that_was_changed_is_not_handed_on(folder, tmp_path):
    book = folder.build()
    path = folder.path / "tables" / "terms.parquet"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(CasebookError, match=r"terms.parquet is not the file that was built"):
        book.export(tmp_path / "out", "parquet")


def test_a_missing_file_is_named(folder, tmp_path):
    book = folder.build()
    (folder.path / "tables" / "SHA256SUMS.txt").unlink()
    with pytest.raises(CasebookError, match=r"out cannot be written: No such file or directory"):
        book.export(tmp_path / "out", "parquet")
