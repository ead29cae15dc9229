"""Croissant 1.0: the JSON-LD by which machine-learning tools and dataset search describe and load tables.

Choices:

- The folder holds ``croissant.json`` and the Parquet files that it describes, by relative address and checksum, so
  that it works wherever it is put and mlcroissant can load every record set.
- A table is a record set with its key. Foreign keys stand in the descriptions and not as ``references``: mlcroissant
  1.1 makes a join of every reference and then cannot load tables that refer to two others, or to one that itself
  refers on.
- Categories are record sets of type ``sc:Enumeration`` (value, label, definition), named ``table.variable``.
- Croissant has no place for the reason of a missing value; the record set ``missing`` has them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from casebook._support.optional import needed
from casebook.exports.cells import arrow
from casebook.model.schema import Field, Table

if TYPE_CHECKING:
    from casebook.book import Casebook

SPECIFICATION = "http://mlcommons.org/croissant/1.0"


def write_croissant(book: Casebook, folder: Path) -> None:
    """Write the description and the Parquet files that it describes."""
    mlc = needed("mlcroissant", "the format croissant", "export")
    folder.mkdir()
    context = mlc.Context(conforms_to=SPECIFICATION)
    files, record_sets = [], []
    for table in book.schema:
        path = folder / f"{table.name}.parquet"
        pq.write_table(arrow(book, table), path, compression="zstd")
        content = path.read_bytes()
        files.append(
            mlc.FileObject(
                ctx=context,
                id=path.name,
                name=path.name,
                description=table.title,
                content_url=path.name,
                content_size=f"{len(content)} B",
                encoding_formats=["application/x-parquet"],
                sha256=hashlib.sha256(content).hexdigest(),
            )
        )
        record_sets += [_record_set(mlc, context, table), *_enumerations(mlc, context, table)]
    about = book.metadata
    metadata = mlc.Metadata(
        ctx=context,
        name=about.name,
        description=" ".join(about.description.split()),
        version=about.version,
        license=[about.license_url or about.license] if about.license else None,
        creators=[
            (mlc.Person if author.person else mlc.Organization)(ctx=context, name=author.shown)
            for author in about.authors
        ],
        date_published=dt.datetime.combine(about.released, dt.time()) if about.released else None,
        url=about.homepage or (f"https://doi.org/{about.doi}" if about.doi else None),
        keywords=list(about.keywords) or None,
        cite_as=str(book.cite(style="bibtex")),
        distribution=files,
        record_sets=record_sets,
    )
    text = json.dumps(metadata.to_json(), ensure_ascii=False, indent=1, default=str)
    (folder / "croissant.json").write_text(text + "\n", encoding="utf-8")


def _record_set(mlc: Any, context: Any, table: Table) -> Any:
    return mlc.RecordSet(
        ctx=context,
        id=table.name,
        name=table.name,
        description=f"{table.title}: {' '.join(table.description.split())}",
        key=[f"{table.name}/{table.primary_key}"],
        fields=[_field(mlc, context, table, item) for item in table.columns],
    )


def _field(mlc: Any, context: Any, table: Table, item: Field) -> Any:
    types = {
        "string": mlc.DataType.TEXT,
        "integer": mlc.DataType.INTEGER,
        "number": mlc.DataType.FLOAT,
        "boolean": mlc.DataType.BOOL,
        "date": mlc.DataType.DATE,
        "array": mlc.DataType.TEXT,
    }
    key = table.reference(item.name)
    refers = f" Refers to {key.table}/{key.reference}." if key else ""
    return mlc.Field(
        ctx=context,
        id=f"{table.name}/{item.name}",
        name=item.name,
        description=f"{item.title}: {' '.join(item.description.split())}{refers}",
        data_types=[types[item.type]],
        repeated=True if item.type == "array" else None,
        source=mlc.Source(
            ctx=context, file_object=f"{table.name}.parquet", extract=mlc.Extract(ctx=context, column=item.name)
        ),
    )


def _enumerations(mlc: Any, context: Any, table: Table) -> list[Any]:
    found = []
    for item in table.columns:
        if not item.categories:
            continue
        name = f"{table.name}.{item.name}"
        found.append(
            mlc.RecordSet(
                ctx=context,
                id=name,
                name=name,
                description=f"Values of {item.title} in {table.title}, in codebook order.",
                data_types=["https://schema.org/Enumeration"],
                key=[f"{name}/value"],
                fields=[
                    mlc.Field(
                        ctx=context, id=f"{name}/{part}", name=part, description=text, data_types=[mlc.DataType.TEXT]
                    )
                    for part, text in (("value", "Value."), ("label", "Label."), ("definition", "Definition."))
                ],
                data=[
                    {f"{name}/value": c.value, f"{name}/label": c.label, f"{name}/definition": c.description}
                    for c in item.categories
                ],
            )
        )
    return found
