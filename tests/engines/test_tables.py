"""Folders of Parquet files, checked and scanned by engines."""

import random
import shutil
from dataclasses import replace

import pandas as pd
import pyarrow
import pyarrow.parquet as pq
import pytest
from support import casebook

from casebook.book import packaged_release
from casebook.engines.expressions import broken
from casebook.engines.scanning import scan
from casebook.engines.validation import validate_tables
from casebook.errors import CasebookError, UnknownNameError
from casebook.model.rendering import decoded, dtype
from casebook.model.rules import broken as broken_in_pandas
from casebook.model.schema import REASONS, Constraints, Schema

ibis = pytest.importorskip("ibis")


TABLES = ("actors", "attendance", "cases", "channels", "events", "missing")


@pytest.fixture
def tables(tiny, tmp_path):
    """Some tables of the small casebook, to be spoiled."""
    for name in ("datapackage.json", *(f"{table}.parquet" for table in TABLES)):
        shutil.copy(tiny.store.folder / name, tmp_path)
    return tmp_path


def change(folder, table, column, *values):
    """Put values into the first rows of a column."""
    rows = pq.read_table(folder / f"{table}.parquet")
    cells = [*values, *rows[column].to_pylist()[len(values) :]]
    place = rows.schema.get_field_index(column)
    field = rows.schema.field(place).with_nullable(True)
    pq.write_table(rows.set_column(place, field, pyarrow.array(cells, field.type)), folder / f"{table}.parquet")


def partition(folder, table, column):
    """Replace the file of a table by a folder for each value of a column."""
    rows = pq.read_table(folder / f"{table}.parquet")
    (folder / f"{table}.parquet").unlink()
    pq.write_to_dataset(rows, folder / table, partition_cols=[column])


def spoil(folder):
    """Break one demand of each kind, two in a partitioned table."""
    change(folder, "actors", "actor_id", "Ann Envoy")
    change(folder, "actors", "sort_name", None)
    change(folder, "events", "kind", "party")
    change(folder, "events", "time", "25:00")
    change(folder, "events", "country", "FRX")
    change(folder, "channels", "meetings_min", -1)
    change(folder, "attendance", "attendance_id", *["alpha-1990/1990-02-letter/ann-envoy"] * 2)
    partition(folder, "events", "case_id")


SPOILED = {
    "actors Ann Envoy actor_id: 'Ann Envoy' does not have the form [a-z0-9]+(-[a-z0-9]+)*",
    "actors Ann Envoy sort_name: is empty, and must have a value",
    "attendance alpha-1990/1990-02-letter/ann-envoy actor_id: 'ann-envoy' is not in the table actors",
    "attendance alpha-1990/1990-02-letter/ann-envoy attendance_id: 'alpha-1990/1990-02-letter/ann-envoy' "
    "stands 2 times, and must be unique",
    "channels alpha-1990/line meetings_min: -1 is less than the minimum 0",
    "events alpha-1990/1990-02-letter country: 'FRX' is not an ISO 3166-1 alpha-3 code",
    "events alpha-1990/1990-02-letter kind: 'party' is not a category of the codebook",
    "events alpha-1990/1990-02-letter time: '25:00' does not have the form ([01][0-9]|2[0-3]):[0-5][0-9]",
    "events alpha-1990/1990-02-letter: breaks the rule time_has_offset: a clock time needs its utc_offset",
}


def found_in(folder, **options):
    return set(map(str, validate_tables(folder, **options).findings))


def test_tables_as_built_have_nothing_wrong_and_are_counted(tables, tiny):
    partition(tables, "events", "case_id")
    found = validate_tables(tables)
    assert found.ok
    assert found.rows == {name: len(tiny.store.read(name)) for name in TABLES}
    assert "that these are EDTF, with their bounds: date;" in str(found)


def test_every_kind_of_damage_is_named_with_row_and_variable(tables):
    spoil(tables)
    assert found_in(tables) == SPOILED


def test_nan_is_named_whatever_the_statistics_of_the_file_say(tables, tiny):
    shutil.copy(tiny.store.folder / "conditions.parquet", tables)
    row = tiny.store.read("conditions")[tiny.schema.table("conditions").primary_key].iloc[0]
    change(tables, "conditions", "membership", float("nan"))
    assert f"conditions {row} membership: nan is not a finite number" in found_in(tables)


def test_a_folder_with_the_ending_of_a_file_is_read(tables):
    (tables / "events.parquet").rename(tables / "part.parquet")
    (tables / "events.parquet").mkdir()
    (tables / "part.parquet").rename(tables / "events.parquet" / "part-0.parquet")
    assert validate_tables(tables).rows["events"] == 2
    (tables / "events.parquet" / "part-0.parquet").unlink()
    with pytest.raises(CasebookError, match=r"events.parquet holds no Parquet file; put \*.parquet into it"):
        validate_tables(tables)


def test_a_column_that_only_some_files_have_is_missing(tables):
    rows = pq.read_table(tables / "events.parquet")
    (tables / "events.parquet").unlink()
    (tables / "events").mkdir()
    for place, part in enumerate((rows, rows.drop_columns(["country"]), rows.drop_columns(["country", "place"]))):
        pq.write_table(part.slice(place, 1), tables / "events" / f"{place}.parquet")
    assert found_in(tables) == {
        "events country: the column is missing in 1.parquet and 1 more",
        "events place: the column is missing in 2.parquet",
    }


def test_a_column_of_empty_cells_without_a_type(tables):
    rows = pq.read_table(tables / "events.parquet")
    place = rows.schema.get_field_index("place")
    pq.write_table(rows.set_column(place, "place", pyarrow.nulls(len(rows))), tables / "events.parquet")
    assert found_in(tables) == {"events place: is without a type, for every cell is empty, and must be string"}


def test_what_a_terminal_would_run_is_spelled_out(tables):
    change(tables, "actors", "actor_id", "ann\x1b[31m")
    said = casebook("validate", "--tables", tables)
    assert said.returncode == 1
    assert "actors ann\\x1b[31m actor_id: 'ann\\x1b[31m' does not have the form" in said.stdout


@pytest.fixture(scope="module")
def spark():
    """A small Spark, which the engine then finds."""
    sessions = pytest.importorskip("pyspark.sql", reason="PySpark is not installed").SparkSession
    if shutil.which("java") is None:
        pytest.skip("no Java; the package default-jre-headless of Debian is one")
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.log.level": "ERROR"}
    session = sessions.builder.master("local[1]").config(map=settings).getOrCreate()
    yield session
    session.stop()


def test_spark_names_what_duckdb_names(tables, spark):
    spoil(tables)
    for name in ("actors", "attendance", "missing"):
        (tables / f"{name}.parquet").unlink()
    assert found_in(tables, engine="spark") == {line for line in SPOILED if line.startswith(("channels", "events"))}
    assert scan("events", folder=tables, engine="spark").kind.to_pyarrow().to_pylist() == ["party"]


def some(item, rng, count):
    """Values of a field, some of them missing where they may be."""
    domain = {
        "boolean": [True, False],
        "date": list(pd.date_range("1990-01-01", periods=3, unit="us")),
        "integer": [0, 1, 2],
    }.get(item.type, item.values or ["a", "b"])
    return [None if not item.required and rng.random() < 0.3 else rng.choice(domain) for _ in range(count)]


@pytest.mark.parametrize("table", [table for table in packaged_release().schema if table.rules], ids=lambda t: t.name)
def test_every_row_rule_says_the_same_to_engines_and_of_data_frames(table):
    schema, rng = packaged_release().schema, random.Random(table.name)
    names = dict.fromkeys(name for rule in table.rules for name in rule.fields)
    split = {name: name.rpartition(".") for name in names}
    fields = {
        name: (schema.tables[above] if above else table).by_name[column] for name, (above, _, column) in split.items()
    }
    frame = pd.DataFrame({name: pd.array(some(item, rng, 2000), dtype=dtype(item)) for name, item in fields.items()})
    reasons = pd.DataFrame(
        {
            name: [rng.choice(REASONS) if empty else None for empty in frame[name].isna()]
            for name in names
            if "." not in name
        }
    )
    arrow = {name: pyarrow.array(decoded(frame[name]), from_pandas=True) for name in names}
    arrow = {name: column.cast("date32") if fields[name].type == "date" else column for name, column in arrow.items()}
    told = {f"{name} reason": pyarrow.array(column, "string") for name, column in reasons.items()}
    rows = ibis.memtable(pyarrow.table({**arrow, **told, "place": range(2000)}))
    cells, why = {name: rows[name] for name in names}, {name: rows[f"{name} reason"] for name in reasons}
    said = rows.select(
        "place",
        **{f"{rule.name} exact": broken(rule, cells, fields, why, suspect=False) for rule in table.rules},
        **{f"{rule.name} kind": broken(rule, cells, fields, {}, suspect=False) for rule in table.rules},
        **{f"{rule.name} suspect": broken(rule, cells, fields, {}, suspect=True) for rule in table.rules},
    )
    said = ibis.duckdb.connect().to_pyarrow(said.order_by("place"))
    for rule in table.rules:
        exact = broken_in_pandas(rule, frame, reasons).to_numpy()
        assert (said[f"{rule.name} exact"].to_numpy() == exact).all()
        assert (said[f"{rule.name} kind"].to_numpy() == broken_in_pandas(rule, frame).to_numpy()).all()
        assert said[f"{rule.name} suspect"].to_numpy()[exact].all()
        assert exact.any()


def test_a_reason_decides_where_a_rule_asks_for_it(tables):
    change(tables, "events", "channel_id", None, None)
    assert len(found_in(tables)) == 2
    empty = pq.read_table(tables / "missing.parquet")
    for reason, count in (("unknown", 0), ("not_applicable", 2)):
        keys = ["alpha-1990/1990-02-letter", "alpha-1990/1990-03-rumor"]
        told = [
            {"missing_id": key, "table": "events", "row": key, "variable": "channel_id", "reason": reason}
            for key in keys
        ]
        told = pyarrow.Table.from_pylist(told, empty.schema)
        pq.write_table(pyarrow.concat_tables([empty, told]), tables / "missing.parquet")
        assert len(found_in(tables)) == count
    (tables / "missing.parquet").unlink()
    found = validate_tables(tables)
    assert found.ok
    assert "in the rule back_channel_named why channel_id is empty, which the table missing would say" in str(found)


def test_a_parent_that_stands_twice_does_not_double_what_is_found(tables):
    rows = pq.read_table(tables / "channels.parquet")
    pq.write_table(pyarrow.concat_tables([rows, rows]), tables / "channels.parquet")
    change(tables, "events", "kind", "party")
    found = validate_tables(tables)
    assert found.rows["events"] == 2
    assert {(breach.table, breach.variable): breach.count for breach in found.breaches} == {
        ("channels", "channel_id"): 1,
        ("events", "kind"): 1,
    }


def test_columns_that_are_not_as_declared_are_named_and_what_needs_them_is_listed(tables):
    events = pq.read_table(tables / "events.parquet").drop_columns(["place"])
    events = events.set_column(7, "date_earliest", pyarrow.array([1, 2])).append_column("mood", [["dark", "dark"]])
    pq.write_table(events, tables / "events.parquet")
    (tables / "cases.parquet").rename(tables / "caes.parquet")
    found = validate_tables(tables)
    assert set(map(str, found.findings)) == {
        "caes: has the name of no table; did you mean 'cases'?",
        "events place: the column is missing",
        "events date_earliest: is of type int64, and must be date",
        "events mood: the schema does not declare the column",
    }
    events = next(line for line in found.unchecked if line.startswith("events: "))
    assert "that case_id leads to a row of cases" in events
    assert "the rule not_after_the_case" in events
    assert found.unchecked[-1].startswith("tables that are not there: cases, ")


def test_a_pattern_that_the_engine_does_not_understand_is_listed(tables, tiny):
    actors = tiny.schema.table("actors")
    strange = replace(actors.field("name"), constraints=Constraints(pattern="(?!x).*"))
    schema = Schema({**tiny.schema.tables, "actors": actors.with_fields({"name": strange})})
    found = validate_tables(tables, schema=schema)
    assert found.ok
    assert "the pattern of name, which the engine does not understand" in str(found)


def test_all_rows_are_counted_and_as_many_named_as_asked_for(tables):
    change(tables, "events", "kind", "party", "picnic")
    found = validate_tables(tables, limit=1)
    assert [(breach.count, len(breach.findings)) for breach in found.breaches] == [(2, 1)]
    assert "events kind: and 1 more" in str(found)


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        (lambda folder: shutil.rmtree(folder), "there is no folder"),
        (lambda folder: [path.unlink() for path in folder.glob("*.parquet")], "holds no table"),
        (lambda folder: (folder / "events").mkdir(), "holds events twice"),
        (lambda folder: (folder / "terms").mkdir(), "holds no Parquet file"),
        (
            lambda folder: (folder / "events.parquet").write_bytes(b"PAR1"),
            "table events in .*events.parquet: the engine",
        ),
        (lambda folder: (folder / "datapackage.json").write_text("{"), "is damaged"),
        (lambda folder: partition(folder, "events", "date_earliest"), "partition by text"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tables, spoiled, message):
    spoiled(tables)
    with pytest.raises(CasebookError, match=message):
        validate_tables(tables)


def test_an_unknown_engine_or_table_is_refused(tables):
    with pytest.raises(UnknownNameError, match="there is no engine 'dukdb'; did you mean 'duckdb'"):
        validate_tables(tables, engine="dukdb")
    with pytest.raises(CasebookError, match="engine must be 'duckdb', 'spark' or a connection"):
        validate_tables(tables, engine=7)
    with pytest.raises(CasebookError, match="limit must be a whole number"):
        validate_tables(tables, limit=0)
    with pytest.raises(UnknownNameError, match="there is no table 'terms'"):
        scan("terms", folder=tables)


def test_a_scan_gives_the_rows_that_load_gives(tables, tiny):
    for name in ("events", "attendance"):
        for alleged in (False, True):
            rows = scan(name, folder=tables, alleged=alleged)
            key = tiny.schema.table(name).primary_key
            assert sorted(rows[key].to_pyarrow().to_pylist()) == sorted(tiny.load(name, alleged=alleged)[key])
    (tables / "events.parquet").unlink()
    with pytest.raises(CasebookError, match="stands in events, which is not there; alleged=True gives all rows"):
        scan("attendance", folder=tables)


def test_the_command_names_bad_rows_and_fails(tables):
    assert casebook("validate", "--tables", tables).returncode == 0
    change(tables, "events", "kind", "party")
    shown = casebook("validate", "--tables", tables, "--limit", 1)
    assert shown.returncode == 1
    assert "events alpha-1990/1990-02-letter kind: 'party' is not a category of the codebook\n" in shown.stdout
    assert shown.stdout.endswith("1 demand broken\n")
