from casebook.errors import InvalidCasebookError, Mark, Problem, UnknownNameError, suggestion


def test_problem_begins_with_file_and_line():
    assert str(Problem(Mark("a.yaml", 3), "cases.start", "is late")) == "a.yaml:3: cases.start: is late"


def test_error_lists_each_problem_once_in_order_of_file_and_line():
    later, earlier = (Problem(Mark("a.yaml", line), "x", "wrong") for line in (9, 2))
    assert str(InvalidCasebookError([later, earlier, later])) == f"{earlier}\n{later}"


def test_unknown_name_gives_nearest_and_valid_names():
    error = UnknownNameError("table", "chanels", ["cases", "channels"])
    assert str(error) == "there is no table 'chanels'; did you mean 'channels'?; valid: cases, channels"


def test_long_lists_are_shortened():
    names = [f"name{number}" for number in range(40)]
    assert suggestion("zzz", names).endswith("name11 …")
    assert "valid" not in suggestion("name7", names)


def test_a_name_is_found_whatever_its_capitals_and_shortened_where_it_is_long():
    assert suggestion("FAILURE", ["agreement", "failure"]).startswith("; did you mean 'failure'?")
    assert str(UnknownNameError("row", "x" * 5000, ["a", None])) == f"there is no row {'x' * 200 + '…'!r}; valid: a"
