"""Built casebooks changed by those who know how: one cell, or one cell and everything recorded of it."""

import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq

from casebook.book import open as open_casebook
from casebook.model.arrow import typed
from casebook.model.digest import arrow_digest, release_digest


def edit(tables, name, row, variable, value):
    """Change one cell of a Parquet file, and leave everything else as it is."""
    path = tables / f"{name}.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    key = table.column_names[0]
    assert any(item[key] == row for item in rows)
    for item in rows:
        if item[key] == row:
            item[variable] = value
    schema = pa.schema([field.with_nullable(True) for field in table.schema])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


def forge(tables):
    """Make every digest and checksum recorded agree with the tables as they are."""
    package = json.loads((tables / "datapackage.json").read_text())
    schema = open_casebook(tables).schema
    for resource in package["resources"]:
        table = schema.table(resource["name"])
        data = typed(table, pq.read_table(tables / resource["path"]))
        resource["hash"] = f"sha256:{hashlib.sha256((tables / resource['path']).read_bytes()).hexdigest()}"
        resource["casebook"] = {"rows": data.num_rows, "digest": arrow_digest(data, table)}
    package["casebook"]["digest"] = release_digest({r["name"]: r["casebook"]["digest"] for r in package["resources"]})
    (tables / "datapackage.json").write_text(json.dumps(package))
    names = sorted(path.name for path in tables.iterdir() if path.name != "SHA256SUMS.txt")
    sums = [f"{hashlib.sha256((tables / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (tables / "SHA256SUMS.txt").write_text("".join(sums))
