import pandas as pd
import pandera.errors
import pyarrow as pa
import pytest
from support import ROOT

from casebook.authoring.schemas import read_schema
from casebook.errors import UnknownNameError
from casebook.model.arrow import arrow_schema
from casebook.model.demands import Rule
from casebook.model.descriptor import parse_table, table_descriptor
from casebook.model.rules import broken
from casebook.model.validation import pandera_schema

SCHEMA = read_schema(ROOT / "schemas")


@pytest.mark.parametrize("name", list(SCHEMA.tables))
def test_a_table_survives_the_way_through_its_descriptor(name):
    table = SCHEMA.table(name)
    assert parse_table(table_descriptor(table)) == table


@pytest.mark.parametrize("name", list(SCHEMA.tables))
def test_every_variable_has_a_definition_and_every_category_too(name):
    for field in SCHEMA.table(name).fields:
        assert field.title
        assert field.description.endswith((".", ")"))
        assert all(category.label and category.description.endswith(".") for category in field.categories)


def test_a_date_field_becomes_text_and_bounds():
    table = SCHEMA.table("cases")
    position = [column.name for column in table.columns].index("start")
    assert [c.name for c in table.columns[position : position + 3]] == ["start", "start_earliest", "start_latest"]
    assert [c.type for c in table.columns[position : position + 3]] == ["string", "date", "date"]


def test_arrow_fields_carry_title_and_description():
    field = arrow_schema(SCHEMA.table("channels")).field("result")
    assert field.metadata[b"title"] == b"Result"
    assert field.type == pa.string()
    assert arrow_schema(SCHEMA.table("claims")).field("claimed_by").type == pa.list_(pa.string())


def test_pandera_reports_bad_cells_and_broken_rules(tiny):
    schema = pandera_schema(tiny.schema.table("channels"))
    frame = tiny.load("channels")
    schema.validate(frame)
    frame["meetings_min"] = pd.array([-1], dtype="Int64")
    with pytest.raises(pandera.errors.SchemaError, match="greater_than_or_equal_to"):
        schema.validate(frame)
    frame = tiny.load("channels").assign(meetings_min=pd.array([9], dtype="Int64"))
    with pytest.raises(pandera.errors.SchemaError, match="meetings_min must not exceed meetings_max"):
        schema.validate(frame)


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'channels'"):
        SCHEMA.table("channel")
    with pytest.raises(UnknownNameError, match="did you mean 'result'"):
        SCHEMA.table("channels").field("resultt")


def test_levels_of_measurement():
    channels = SCHEMA.table("channels")
    levels = {name: channels.field(name).level for name in ("result", "deniability", "meetings_min", "start", "name")}
    assert levels == {
        "result": "nominal",
        "deniability": "ordinal",
        "meetings_min": "interval",
        "start": "interval",
        "name": "nominal",
    }


class TestRules:
    frame = pd.DataFrame(
        {
            "a": pd.array(["x", "y", None], dtype="str"),
            "n": pd.array([1, 5, None], dtype="Int64"),
            "m": pd.array([3, 3, 3], dtype="Int64"),
        }
    )

    def test_require_applies_where_when_holds(self):
        rule = Rule("r", "", when={"a": ["x"]}, require={"n": ["2"]})
        assert list(broken(rule, self.frame)) == [True, False, False]

    def test_order_gives_missing_values_the_benefit_of_the_doubt(self):
        assert list(broken(Rule("r", "", order=("n", "m")), self.frame)) == [False, True, False]

    def test_missing_and_coded(self):
        assert list(broken(Rule("r", "", require={"a": "coded"}), self.frame)) == [False, False, True]
        assert list(broken(Rule("r", "", require={"a": "missing"}), self.frame)) == [True, True, False]

    def test_a_reason_counts_where_reasons_are_known(self):
        reasons = pd.DataFrame({"a": [None, None, "not_applicable"]})
        wanted = Rule("r", "", require={"a": ["x", "y"]})
        assert list(broken(wanted, self.frame)) == [False, False, False]
        assert list(broken(wanted, self.frame, reasons)) == [False, False, True]
        unknown = Rule("r", "", when={"a": "missing"}, require={"a": "unknown"})
        assert list(broken(unknown, self.frame, reasons)) == [False, False, True]
