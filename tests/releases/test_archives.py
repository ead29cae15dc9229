"""Archives and descriptors that are damaged, or made to do harm: findings or clear errors, never more than that."""

import io
import json
import random
import shutil
import stat
import tarfile
import zipfile
from contextlib import suppress

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from casebook.book import open as open_casebook
from casebook.errors import CasebookError
from casebook.releases import archives, descriptor, parquet


def zipped(tables, path, **replaced):
    """The tables as a zip archive; a replaced file has a text or bytes of its own."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(tables.iterdir()):
            archive.writestr(f"tiny-0.1.0/tables/{file.name}", replaced.get(file.stem, file.read_bytes()))
        archive.writestr("tiny-0.1.0/codebook.md", "# Codebook\n" * 100)
    return path


def tarred(tables, path):
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tables, "tiny-0.1.0/data/tables")
    return path


def outcome(path, tiny):
    """Findings of a verification, or the error; the error of a comparison is of the same kind."""
    try:
        book = open_casebook(path)
    except CasebookError as error:
        return [str(error)]
    with suppress(CasebookError):
        tiny.changes(book)
    return [str(finding) for finding in book.verify().findings]


@pytest.mark.parametrize(
    ("make", "name"), [(zipped, "A.ZIP"), (zipped, "a.Whl"), (tarred, "a.TAR.GZ"), (tarred, "a.TGZ")]
)
def test_endings_in_capitals(tiny, tmp_path, make, name):
    assert outcome(make(tiny.store.folder, tmp_path / name), tiny) == []


def test_a_row_without_a_key_is_no_traceback(tiny, tmp_path):
    cases = pq.read_table(tiny.store.folder / "cases.parquet")
    keyless = cases.set_column(0, "case_id", pa.array([None], pa.string()))
    pq.write_table(keyless, buffer := io.BytesIO())
    book = open_casebook(zipped(tiny.store.folder, tmp_path / "a.zip", cases=buffer.getvalue()))
    with pytest.raises(CasebookError) as error:
        book.case("alpha-1990")
    assert str(error.value)


@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_flipped_bit_is_found_and_never_a_traceback(tiny, tmp_path, make):
    path = make(tiny.store.folder, tmp_path / ("a.zip" if make is zipped else "a.tar.gz"))
    whole, rng = path.read_bytes(), random.Random(3)
    found = 0
    for _ in range(6):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        found += bool(outcome(path, tiny))
    path.write_bytes(whole[: len(whole) // 2])
    assert "is not a readable archive" in outcome(path, tiny)[0]
    assert found >= 5  # some bits of a header say nothing


def test_a_damaged_member_is_named(tiny, tmp_path):
    path = zipped(tiny.store.folder, tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("tiny-0.1.0/tables/cases.parquet").header_offset + 200
        other = archive.getinfo("tiny-0.1.0/codebook.md").header_offset + 60
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    content[other] ^= 1
    path.write_bytes(content)
    found = outcome(path, tiny)
    assert any(item.startswith("cases.parquet: cannot be read: is damaged or cannot be read") for item in found)
    assert any(item.startswith("tiny-0.1.0/codebook.md: is damaged or cannot be read") for item in found)
    with pytest.raises(CasebookError, match=r"cases\.parquet is missing or damaged"):
        tiny.changes(path)


def test_an_encrypted_archive(tiny, tmp_path):
    path = zipped(tiny.store.folder, tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + place] |= 1
    path.write_bytes(content)
    (error,) = outcome(path, tiny)
    assert "datapackage.json cannot be read" in error
    assert "encrypted" in error


def test_links_are_not_followed(tiny, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in tiny.store.folder.iterdir():
            member = zipfile.ZipInfo(f"a/tables/{file.name}")
            if file.stem == "terms":
                member.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(member, "/etc/passwd" if file.stem == "terms" else file.read_bytes())
    assert any(
        "terms.parquet: cannot be read: is damaged or cannot be read: it is a link" in item
        for item in outcome(path, tiny)
    )
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file in tiny.store.folder.iterdir():
            if file.stem == "terms":
                link = tarfile.TarInfo("a/tables/terms.parquet")
                link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(link)
            else:
                archive.add(file, f"a/tables/{file.name}")
    assert any("it is a link" in item for item in outcome(path, tiny))


def test_names_that_lead_out_of_the_archive_are_no_tables(tiny, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in tiny.store.folder.iterdir():
            archive.writestr(f"../../tables/{file.name}", file.read_bytes())
    assert "holds no built casebook" in outcome(path, tiny)[0]


@pytest.mark.parametrize(
    "name", ["../secret.parquet", "/etc/passwd", "a/../b.parquet", "https://example.org/x", "", ".x"]
)
def test_a_descriptor_that_names_a_file_elsewhere(tiny, tmp_path, name):
    package = json.loads((tiny.store.folder / "datapackage.json").read_text())
    package["resources"][0]["path"] = name
    path = zipped(tiny.store.folder, tmp_path / "a.zip", datapackage=json.dumps(package))
    (error,) = outcome(path, tiny)
    assert "is damaged" in error
    assert "does not have the form" in error


def test_archives_that_hold_too_much(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "FILE_LIMIT", 2**20)
    monkeypatch.setattr(archives, "LIMIT", 2**22)
    bomb = zipped(tiny.store.folder, tmp_path / "a.zip", datapackage=b" " * 2**23)
    assert bomb.stat().st_size < 2**20
    assert "it has more than 1 MiB" in outcome(bomb, tiny)[0]
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("a/tables/datapackage.json")
        member.size = 2**23
        archive.addfile(member, io.BytesIO(bytes(2**23)))
    assert "it holds more than 4 MiB" in outcome(tmp_path / "a.tar.gz", tiny)[0]


def test_a_table_that_holds_too_much(tiny, tmp_path, monkeypatch):
    tables = shutil.copytree(tiny.store.folder, tmp_path / "tables")
    schema = pq.read_schema(tables / "terms.parquet")
    rows = pa.Table.from_pylist([{}] * 1001, schema=pa.schema([field.with_nullable(True) for field in schema]))
    pq.write_table(rows, tables / "terms.parquet")
    monkeypatch.setattr(parquet, "ROWS", 1000)
    assert any("terms.parquet cannot be read: it holds 1001 rows" in item for item in outcome(tables, tiny))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, "it is nested too deeply"),
        ("[]", "is damaged"),
        ("{}", "'casebook' is missing or not declared"),
        ("\udcff", "cannot be read"),
        ('{"casebook": 1}', "is damaged"),
    ],
)
def test_a_descriptor_that_is_none(tiny, tmp_path, text, message):
    tables = shutil.copytree(tiny.store.folder, tmp_path / "tables")
    (tables / "datapackage.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    (error,) = outcome(tables, tiny)
    assert message in error


@pytest.mark.parametrize(
    "place",
    [
        ("casebook", "digest"),
        ("casebook", "reference_date"),
        ("version",),
        ("resources", 2, "hash"),
        ("resources", 2, "path"),
        ("resources", 2, "casebook"),
        ("resources", 2, "casebook", "rows"),
        ("resources", 2, "schema", "primaryKey"),
        ("resources", 2, "schema", "fields", 0),
    ],
    ids=str,
)
def test_a_key_is_missing_in_the_descriptor(tiny, tmp_path, place):
    package = json.loads((tiny.store.folder / "datapackage.json").read_text())
    inner = package
    for key in place[:-1]:
        inner = inner[key]
    del inner[place[-1]]
    tables = shutil.copytree(tiny.store.folder, tmp_path / "tables")
    (tables / "datapackage.json").write_text(json.dumps(package))
    (error,) = outcome(tables, tiny)
    assert "datapackage.json is damaged" in error


def test_a_descriptor_in_which_anything_is_something_else(tiny, tmp_path):
    text, rng = (tiny.store.folder / "datapackage.json").read_text(), random.Random(5)
    tables = shutil.copytree(tiny.store.folder, tmp_path / "tables")
    for number in range(8):
        package = json.loads(text)
        places = [(package, key) for key in package]
        for inner, key in places:
            value = inner[key]
            if isinstance(value, dict | list):
                places += [(value, part) for part in (value if isinstance(value, dict) else range(len(value)))]
        inner, key = rng.choice(places if number % 2 else places[:400])
        inner[key] = rng.choice([None, 7, "x", [], {}, [[["a"]]]])
        (tables / "datapackage.json").write_text(json.dumps(package))
        assert outcome(tables, tiny)


@pytest.mark.parametrize("name", ["cases.parquet", "SHA256SUMS.txt", "sources.bib"])
def test_what_cannot_be_read_is_a_finding(tiny, tmp_path, monkeypatch, name):
    tables = shutil.copytree(tiny.store.folder, tmp_path / "tables")
    original = type(tables).open

    def forbidden(self, *args, **kwargs):
        if self.name == name:
            raise PermissionError(13, "Permission denied")
        return original(self, *args, **kwargs)

    monkeypatch.setattr(type(tables), "open", forbidden)
    assert any(
        item.startswith(f"{name}: cannot be read: [Errno 13] Permission denied") for item in outcome(tables, tiny)
    )


def test_the_packaged_descriptor_is_checked_unless_it_is_the_one_built(tiny, tmp_path, monkeypatch):
    place = tmp_path / "tables"
    shutil.copytree(tiny.store.folder, place)
    monkeypatch.setattr(descriptor, "packaged", {"tables": place}.get)
    with monkeypatch.context() as unchecked:
        unchecked.setattr(descriptor, "_checked", None)
        assert descriptor.read_descriptor(place).schema == tiny.schema
    path = place / "datapackage.json"
    path.write_text(path.read_text().replace('"type": "boolean"', '"type": "bool"'))
    with pytest.raises(CasebookError, match="unknown type 'bool'"):
        descriptor.read_descriptor(place)
