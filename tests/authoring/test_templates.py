import datetime as dt

import pytest

from casebook.authoring.build import compile_folder
from casebook.authoring.templates import new_case
from casebook.errors import CasebookError, InvalidCasebookError
from casebook.model.texts import TEMPLATE_TEXTS


def test_a_new_casebook_gets_all_its_files(tmp_path):
    written = new_case(tmp_path / "My Casebook", "suez-1956")
    names = {str(path.relative_to(tmp_path / "My Casebook")) for path in written}
    assert names == {
        "casebook.yaml",
        "actors.yaml",
        "sources.bib",
        "cases/suez-1956/case.yaml",
        "cases/suez-1956/channels.yaml",
        "cases/suez-1956/events.yaml",
        "cases/suez-1956/terms.yaml",
    }
    assert "name: my-casebook" in (tmp_path / "My Casebook/casebook.yaml").read_text(encoding="utf-8")


def test_the_blank_files_ask_only_for_what_must_be_filled(tmp_path):
    new_case(tmp_path / "book", "suez-1956", dt.date(2020, 1, 1))
    with pytest.raises(InvalidCasebookError) as caught:
        compile_folder(tmp_path / "book")
    messages = [problem.message for problem in caught.value.problems]
    left = [message for message in messages if "the value is empty; write one" not in message]
    assert all("is what the template left for you to replace; write your own" in message for message in left)
    assert any("Say in a sentence what this casebook is about." in message for message in left)
    assert any("Why this value." in message for message in left)


def test_the_reference_date_is_the_coders_choice(tmp_path):
    new_case(tmp_path / "book", "suez-1956")
    with pytest.raises(InvalidCasebookError, match=r"casebook\.yaml:\d+: casebook\.reference_date: reference"):
        compile_folder(tmp_path / "book")
    new_case(tmp_path / "dated", "suez-1956", dt.date(2020, 1, 1))
    assert "reference_date: 2020-01-01\n" in (tmp_path / "dated/casebook.yaml").read_text(encoding="utf-8")


def test_filled_in_they_build(tmp_path):
    new_case(tmp_path / "book", "suez-1956", dt.date(2020, 1, 1))
    folder = tmp_path / "book/cases/suez-1956"
    for path in (tmp_path / "book").rglob("*.*"):
        text = path.read_text(encoding="utf-8")
        for left in TEMPLATE_TEXTS:
            text = text.replace(left, "Of my own.")
        path.write_text(text, encoding="utf-8")
    for name, fills in {
        "case.yaml": {
            "party:": "egypt",
            "name:": "Egypt",
            "dispute:": "canal",
            "selection:": "It is famous.",
            "standing:": "principal",
            "kind:": "state",
        },
        "channels.yaml": {
            "channel:": "line",
            "name:": "A line",
            "summary:": "A line.",
            "status:": "established",
            "decisive: unknown": "yes",
            "capacity:": "envoy",
            "actor:": "jane-doe",
            "  - party:": "egypt",
            "    party: unknown": "egypt",
        },
        "events.yaml": {
            "event:": "1956-talk",
            "track:": "public",
            "kind:": "meeting",
            "summary:": "A talk.",
            "status:": "established",
        },
        "terms.yaml": {"term:": "truce", "summary:": "A truce.", "status:": "established"},
    }.items():
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            for key, value in fills.items():
                if line.strip("- ").strip() == key.strip("- ").strip():
                    lines[number] = f"{line.split(':')[0]}: {value}"
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InvalidCasebookError) as caught:
        compile_folder(tmp_path / "book")
    messages = [problem.message for problem in caught.value.problems]
    assert messages
    assert all("is not coded on" in message for message in messages), messages


def test_the_limits_of_a_value_and_the_evidence_for_nested_rows_are_told(tmp_path):
    new_case(tmp_path, "one")
    folder = tmp_path / "cases/one"
    case, events = ((folder / name).read_text(encoding="utf-8") for name in ("case.yaml", "events.yaml"))
    assert "At most 28 characters." in case
    assert "such as GBR." in events
    assert ", attendance]" in events
    assert "# Comments stand on lines of their own. Put text that holds ' #' or ': ' in quotes." in events


def test_what_exists_is_not_touched(tmp_path):
    new_case(tmp_path, "one")
    (tmp_path / "actors.yaml").write_text("precious", encoding="utf-8")
    new_case(tmp_path, "two")
    assert (tmp_path / "actors.yaml").read_text(encoding="utf-8") == "precious"
    with pytest.raises(CasebookError, match="exists already"):
        new_case(tmp_path, "one")


@pytest.mark.parametrize("name", ["Suez", "suez 1956", "../suez", "", "a--b"])
def test_bad_names_are_refused(tmp_path, name):
    with pytest.raises(CasebookError, match="cannot name a case"):
        new_case(tmp_path, name)


def test_templates_explain_every_variable(tmp_path):
    new_case(tmp_path, "one")
    text = (tmp_path / "cases/one/channels.yaml").read_text(encoding="utf-8")
    assert "# Directness: Whether members of the opposed delegations met or spoke with each other." in text
    assert "#   relayed: All substance passed through a third party." in text
    assert "existence_secrecy_days" not in text
