"""What a build keeps for the next one: the result is always that of a build from scratch."""

import os
import shutil

import pytest

from casebook._support.cache import Cache, key_of
from casebook.authoring import bibliography, parts
from casebook.authoring.build import compile_folder, render
from casebook.errors import InvalidCasebookError
from casebook.sources import citing

BETA = "cases/beta-1991"


@pytest.fixture
def two(folder):
    """A casebook of two cases."""
    shutil.copytree(folder.path / "cases/alpha-1990", folder.path / BETA)
    folder.replace(f"{BETA}/case.yaml", "case: alpha-1990", "case: beta-1991")
    return folder


@pytest.fixture
def kept(tmp_path):
    return Cache(tmp_path / "kept")


@pytest.fixture
def read(monkeypatch):
    """The cases that were read, not taken from the cache."""
    names, read_cases = [], parts.read_cases

    def noted(paths, *rest):
        names.extend(path.name for path in paths)
        return read_cases(paths, *rest)

    monkeypatch.setattr(parts, "read_cases", noted)
    return names


def problems_of(folder, cache=None):
    with pytest.raises(InvalidCasebookError) as caught:
        compile_folder(folder.path, cache=cache)
    return list(map(str, caught.value.problems))


def test_after_every_kind_of_edit_the_bytes_are_those_of_a_full_build_and_only_what_changed_is_read(two, kept, read):
    cid = "- actor: cid\n  name: Cid\n  sort_name: Cid\n  kind: person\n"
    coding = "coder,table,row,variable,value\nx,cases,beta-1991,violence,threatened\n"

    def add_cid():
        two.write("actors.yaml", two.read("actors.yaml") + cid)
        two.replace(f"{BETA}/events.yaml", "bob-broker]", "cid]")
        two.replace(f"{BETA}/channels.yaml", "actor: bob-broker", "actor: cid")

    def gamma():
        shutil.copytree(two.path / BETA, two.path / "cases/gamma-1992")
        two.replace("cases/gamma-1992/case.yaml", "case: beta-1991", "case: gamma-1992")

    for edit, expected in [
        (lambda: None, "alpha beta"),
        (lambda: None, ""),
        (lambda: two.replace(f"{BETA}/terms.yaml", "Both sides", "The two sides"), "beta"),
        (lambda: two.replace(f"{BETA}/terms.yaml", "fulfilled_date: 1990-06-02", "fulfilled_date: unknown"), "beta"),
        (lambda: two.write(f"{BETA}/narrative.md", "Bob wrote [@roe2002rival]."), "beta"),
        (lambda: two.replace("actors.yaml", "name: Ann Envoy", "name: Ann E. Envoy"), ""),
        (add_cid, "beta"),
        (lambda: two.replace("sources.bib", "reliability = {scrutinized}", "reliability = {record}"), "alpha beta"),
        (lambda: two.replace("casebook.yaml", "title: A tiny casebook", "title: A small casebook"), ""),
        (
            lambda: two.replace("casebook.yaml", "reference_date: 2020-01-01", "reference_date: 2020-01-02"),
            "alpha beta",
        ),
        (lambda: two.write("codings/x.csv", coding), ""),
        (gamma, "gamma"),
        (lambda: (shutil.rmtree(two.path / BETA), shutil.rmtree(two.path / "codings")), ""),
    ]:
        edit()
        read.clear()
        made = render(compile_folder(two.path, cache=kept))
        assert [name.partition("-")[0] for name in read] == expected.split()
        assert made == render(compile_folder(two.path))


def test_a_damaged_entry_is_only_a_missing_one(two, kept, read):
    full = render(compile_folder(two.path, cache=kept))
    for number, path in enumerate(sorted(kept.folder.iterdir())):
        raw = path.read_bytes()
        path.write_bytes((b"", raw[: len(raw) // 2], raw[:-1] + b"?", b"\xff" + raw[1:])[number % 4])
    read.clear()
    assert render(compile_folder(two.path, cache=kept)) == full
    assert read == ["alpha-1990", "beta-1991"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (f"{BETA}/case.yaml", "violence: none", "violence: much"),
        ("sources.bib", "consulted = {full}", "consulted = {not_opened}"),
        ("sources.bib", "@article{roe2002rival", "@article{roe2003rival"),
        ("actors.yaml", "actor: bob-broker", "actor: rob-broker"),
        ("actors.yaml", "name: Ann Envoy", "name: Ann\u202eEnvoy"),
        ("casebook.yaml", "reference_date: 2020-01-01", "reference_date: 1990-03-01"),
        ("casebook.yaml", "version: 0.1.0", "version: one"),
    ],
)
def test_problems_are_the_same_in_what_was_kept(two, kept, name, old, new):
    compile_folder(two.path, cache=kept)
    two.replace(name, old, new)
    found = problems_of(two, kept)
    assert found == problems_of(two)
    assert found == problems_of(two, kept)


def test_a_row_that_another_case_names_is_missed_when_its_case_goes(two, kept, read):
    claims = "cases/alpha-1990/claims.yaml"
    two.replace(claims, "channels:line#directness", "channels:beta-1991/line#directness")
    compile_folder(two.path, cache=kept)
    shutil.rmtree(two.path / BETA)
    read.clear()
    (found,) = problems_of(two, kept)
    assert f"{claims}:{two.line_of(claims, 'settled_by')}: claims.settled_by: " in found
    assert "there is no row 'beta-1991/line'" in found
    assert read == []


def test_where_values_follow_from_other_cases_all_are_compiled_together(two, kept):
    two.own_schemas().replace(
        "schemas/roles.yaml",
        "  - name: office\n",
        "  - name: experience\n    type: integer\n    title: Experience\n    description: Cases of the actor.\n"
        "    casebook:\n      derived: {lookup: actors, key: actor_id, take: case_count}\n  - name: office\n",
    )
    assert list(compile_folder(two.path, cache=kept).frames["roles"]["experience"]) == [2, 2, 2, 2]
    shutil.rmtree(two.path / BETA)
    assert list(compile_folder(two.path, cache=kept).frames["roles"]["experience"]) == [1, 1]


def test_a_row_cannot_belong_to_a_row_of_another_case(two):
    two.replace(f"{BETA}/terms.yaml", "channel: line", "channel: alpha-1990/line")
    (found,) = problems_of(two)
    assert f"{BETA}/terms.yaml:2: terms.channel_id: 'alpha-1990/line' is not in the table channels" in found


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs the permissions of POSIX")
def test_a_folder_in_which_others_may_write_is_not_trusted(kept):
    kept.put("a", {"b": b"c"})
    assert kept.get("a") == {"b": b"c"}
    kept.folder.chmod(0o777)
    assert kept.get("a") is None


def test_a_cache_stays_within_its_bounds_and_forgets_what_was_not_used_for_longest(tmp_path):
    cache = Cache(tmp_path / "kept", most=1500)
    for number, name in enumerate(("old", "used", "new")):
        cache.put(name, {"file": b"x" * 400})
        os.utime(tmp_path / "kept" / name, (number, number))
    cache.get("old")
    cache.tidy()
    assert [name for name in ("old", "used", "new") if cache.get(name)] == ["old", "new"]


def test_keys_differ_with_every_part():
    keys = [key_of("a", "b"), key_of("ab"), key_of("a", ["b"]), key_of(b"a", "c"), key_of("a")]
    assert len(set(keys)) == len(keys)


def test_after_an_edit_only_the_entries_that_changed_are_read_and_cited_anew(two, kept, monkeypatch):
    compile_folder(two.path, cache=kept)
    read, cited = [], []
    reading, formatted = bibliography._Reading, citing._formatted
    monkeypatch.setattr(bibliography, "_Reading", lambda entry, *rest: read.append(entry.key) or reading(entry, *rest))
    monkeypatch.setattr(citing, "_formatted", lambda items, style: cited.append(items) or formatted(items, style))
    monkeypatch.setattr(citing, "_KNOWN", {style: {} for style in citing.STYLES})
    two.replace("sources.bib", "consulted = {part}", "consulted = {part},\n\n  note = {Said to be true}")
    compile_folder(two.path, cache=kept)
    assert (read, cited) == (["roe2002rival"], [])
    two.replace("sources.bib", "Secret Talks", "Talks in Secret")
    titles = compile_folder(two.path, cache=kept).frames["sources"]["citation"]
    assert (read, len(cited)) == (["roe2002rival", "doe2001talks"], len(citing.STYLES))
    assert "Talks in Secret" in titles[0]
    two.replace("sources.bib", "@article", "@artikel")
    assert problems_of(two, kept) == problems_of(two)
    assert ":11: " in problems_of(two, kept)[0]


def test_the_bytes_are_the_same_however_many_cases_are_packed_together(two, monkeypatch):
    packed = render(compile_folder(two.path))
    monkeypatch.setattr(parts, "PACK", 1)
    assert render(compile_folder(two.path)) == packed


def test_validate_looks_at_tables_itself_and_leaves_pandera_to_the_build(two, kept, monkeypatch):
    asked, looked = [], []
    monkeypatch.setattr("casebook.authoring.build.second_opinion", lambda table, rows: asked.append(table.name))
    monkeypatch.setattr("casebook.authoring.build.check_cells", lambda table, cells: looked.append(table.name))
    checked = compile_folder(two.path, cache=kept, second=False)
    assert "terms" in looked
    assert not asked
    assert compile_folder(two.path, cache=kept).digest == checked.digest
    assert "terms" in asked
    looked.clear(), asked.clear()
    assert compile_folder(two.path, cache=kept, second=False).digest == checked.digest
    assert not looked + asked
