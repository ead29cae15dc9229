import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.authoring.marked import Entries, Text, listed, read_yaml
from casebook.errors import Problems
from casebook.model.texts import unsafe


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


CUT = "' #' ends the text here; quote text that holds ' #', and put a comment on a line of its own"


@pytest.mark.parametrize(
    ("content", "line", "where"),
    [
        ("summary: Meeting #3 in room #5 of the hotel\n", 1, "summary"),
        ("a: 1\nnote: See document # 12, which\n", 2, "note"),
        ("note: one line\n  and another #3\nb: 1\n", 2, "note"),
        ("- x #1\n", 1, "YAML"),
        ("a: [b, c #1\n  ]\n", 1, "a"),
        ("title: #1 of the list\n", 1, "title"),
        ("ü: 'é'\nname: éé ü #4\n", 2, "name"),
        ("a: value\t#tab\n", 1, "a"),
    ],
)
def test_a_text_that_a_comment_cuts_short_is_refused(tmp_path, content, line, where):
    assert read(tmp_path, content)[1] == [f"x.yaml:{line}: {where}: {CUT}"]


@pytest.mark.parametrize(
    "content",
    [
        "# first\na: 1\n# last\n",
        "a: # of these\n  - 1\n",
        "a: 'Meeting #3' # quoted\n",
        "a: [1, 2] # a list\n",
        "a: {b: c} # a mapping\n",
        "a: |\n  Meeting #3\n",
        "a: C#sharp\n",
    ],
)
def test_comments_that_cut_nothing_may_stand(tmp_path, content):
    assert read(tmp_path, content)[1] == []


def test_every_text_of_a_file_is_looked_at_keys_too(tmp_path):
    content = 'a: "x\\e"\n"k\\u200b": b\nc: [d, "e\\u202e"]\nf: {g: "<i>h</i>"}\n'
    tree, problems = read(tmp_path, content)
    assert tree is not None
    assert [problem.split(" contains ")[0] for problem in problems] == [
        "x.yaml:1: a:",
        "x.yaml:2: YAML:",
        "x.yaml:3: c:",
        "x.yaml:4: g:",
    ]


def test_only_regular_files_of_a_size_that_people_write_are_read(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    for name, message in (("pipe", "it is a pipe or a device, not a file"), ("", "it is a folder, not a file")):
        problems = Problems()
        assert read_yaml(tmp_path / name, problems) is None
        assert message in str(problems.found[0])
    monkeypatch.setattr("casebook.authoring.marked.MAX_BYTES", 3)
    assert read(tmp_path, "a: 1\n")[1] == ["x.yaml:1: file: has 5 bytes; shorten it, for at most 3 are read"]


def test_a_folder_that_cannot_be_listed_is_a_problem(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    problems = Problems()
    assert listed(tmp_path / "file", problems) == []
    assert "folder: cannot be read: Not a directory" in str(problems.found[0])


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
def test_any_text_gives_a_tree_or_problems(tmp_path_factory, text):
    tree, problems = read(tmp_path_factory.mktemp("y"), text.encode("utf-8", "surrogatepass"))
    assert tree is not None or len(problems) == 1


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True).filter(lambda text: not unsafe(text)),
        st.from_regex(r"[ -%'-;=-~]{0,30}", fullmatch=True).filter(lambda text: not unsafe(text)),
    )
)
def test_quoted_values_come_back_as_written(tmp_path_factory, values):
    lines = [f"{key}: '" + value.replace("'", "''") + "'" for key, value in values.items()]
    tree, problems = read(tmp_path_factory.mktemp("y"), "\n".join(lines) or "{}")
    assert problems == []
    assert isinstance(tree, Entries)
    assert tree == {key: value.strip() for key, value in values.items()}
    assert all(isinstance(key, Text) for key in tree)
