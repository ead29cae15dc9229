"""The digest, computed a second time from its description alone: Parquet read as plain lists, JSON, SHA-256."""

import hashlib
import json

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT

from casebook.model.digest import release_digest
from casebook.releases.changes import history

PLAIN = {type(None), bool, int, str}


def plain(value):
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return value if type(value) in PLAIN else value.isoformat()


def digest_of_table(folder, resource):
    table = pq.read_table(folder / resource["path"])
    (key,) = resource["schema"]["primaryKey"]
    rows = sorted(table.to_pylist(), key=lambda row: row[key].encode())
    lines = [table.column_names, *([plain(row[name]) for name in table.column_names] for row in rows)]
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def digest_of_release(folder):
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    digests = {resource["name"]: digest_of_table(folder, resource) for resource in package["resources"]}
    text = "".join(f"{name} {digests[name]}\n" for name in sorted(digests))
    return hashlib.sha256(text.encode()).hexdigest(), digests


def test_the_packaged_release_has_the_digest_that_the_description_gives():
    from casebook.book import packaged_release

    assert digest_of_release(ROOT / "data/tables")[0] == packaged_release().digest


def test_so_has_a_casebook_with_missing_values_lists_dates_and_odd_text(folder):
    odd = 'Zúñiga said: \\"no\\" – never 🕊'
    folder.replace("cases/alpha-1990/terms.yaml", "Both sides keep the peace.", f'"{odd}"')
    book = folder.build()
    total, digests = digest_of_release(folder.path / "tables")
    assert total == book.digest
    assert digests == {name: item["casebook"]["digest"] for name, item in book.store.resources.items()}


def test_one_changed_value_changes_the_digest(folder):
    before = folder.build().digest
    after = folder.replace("cases/alpha-1990/case.yaml", "violence: none", "violence: threatened").build().digest
    assert before != after


@pytest.mark.parametrize("text", ["a", "ä", "a\nb", '"'])
def test_canonical_json_escapes_only_what_it_must(text):
    assert json.dumps(text, ensure_ascii=False) == {"a": '"a"', "ä": '"ä"', "a\nb": '"a\\nb"', '"': '"\\""'}[text]


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=5), st.binary(min_size=32, max_size=32).map(bytes.hex)))
def test_the_order_of_tables_does_not_matter(digests):
    assert release_digest(digests) == release_digest(dict(reversed(digests.items())))


def test_years_before_1000_have_four_digits_in_the_digest_and_wherever_dates_are_shown(folder):
    before = folder.build().digest
    folder.replace("cases/alpha-1990/case.yaml", "start: 1990-01-01", "start: 0990-01-01")
    book = folder.build()
    assert digest_of_release(folder.path / "tables")[0] == book.digest != before
    assert book.store.shown("cases", "alpha-1990", "start_earliest") == "0990-01-01"
    assert list(history([book.store], "alpha-1990", "start_earliest")["value"]) == ["0990-01-01"]
