from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.authoring.marked import Entries, Text, read_yaml
from casebook.errors import Problems


def read(tmp_path: Path, content: str | bytes):
    path = tmp_path / "x.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems = Problems()
    return read_yaml(path, problems, "x.yaml"), [str(problem) for problem in problems.found]


def test_scalars_stay_text_with_their_line(tmp_path):
    tree, problems = read(tmp_path, "deadline: no\nstart: 1993-01\nnumber: 08\n")
    assert problems == []
    assert tree == {"deadline": "no", "start": "1993-01", "number": "08"}
    assert tree["number"].mark.line == 3


@pytest.mark.parametrize(
    ("content", "line", "piece"),
    [
        ("a: 1\n\tb: 2\n", 2, "never tabs"),
        ("a: 1\na: 2\n", 2, "key 'a' stands twice"),
        ("a: &x [1]\nb: *x\n", 1, "anchor '&x'"),
        ("a: *x\n", 1, "alias '*x'"),
        ("a: !!python/object:os.system x\n", 1, "tag"),
        ("a: b: c\n", 1, "quote text that contains ': '"),
        ("a: [1\n", 2, "check the indentation and the quotes"),
        ("", 1, "the file is empty"),
        ("# only a comment\n", 1, "the file is empty"),
        ("''\n", 1, "the file is empty"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("[a]: 1\n", 1, "a key must be plain text"),
        ("[" * 60 + "]" * 60, 1, "nested more than"),
        ("a: \x07\n", 1, "check the indentation"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8 text"),
    ],
)
def test_bad_files_are_refused_with_their_line(tmp_path, content, line, piece):
    tree, problems = read(tmp_path, content)
    assert tree is None
    assert len(problems) == 1
    assert problems[0].startswith(f"x.yaml:{line}: ")
    assert piece in problems[0]


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor(tmp_path):
    bomb = "a: &a [x,x]\n" + "".join(f"k{n}: &k{n} [*a,*a,*a,*a]\n" for n in range(200))
    assert "anchor '&a'" in read(tmp_path, bomb)[1][0]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path):
    problems = Problems()
    assert read_yaml(tmp_path, problems) is None
    assert "cannot be read" in str(problems.found[0])


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path):
    assert read(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")[0] == {"a": "1", "b": "2"}


@given(st.text())
def test_any_text_gives_a_tree_or_one_problem(tmp_path_factory, text):
    tree, problems = read(tmp_path_factory.mktemp("y"), text.encode("utf-8", "surrogatepass"))
    assert (tree is None) == (len(problems) == 1)
    assert len(problems) < 2


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.from_regex(r"[ -~]{0,30}", fullmatch=True)))
def test_quoted_values_come_back_as_written(tmp_path_factory, values):
    lines = [f"{key}: '" + value.replace("'", "''") + "'" for key, value in values.items()]
    tree, problems = read(tmp_path_factory.mktemp("y"), "\n".join(lines) or "{}")
    assert problems == []
    assert isinstance(tree, Entries)
    assert tree == {key: value.strip() for key, value in values.items()}
    assert all(isinstance(key, Text) for key in tree)
