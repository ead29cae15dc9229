"""schema.org JSON-LD, read back as a graph by rdflib."""

import json

from rdflib import RDF, Graph, Namespace

SDO = Namespace("https://schema.org/")


def graph_of(path):
    described = json.loads(path.read_text(encoding="utf-8"))
    assert described["@context"] == "https://schema.org/"
    described["@context"] = {"@vocab": "https://schema.org/"}
    return Graph().parse(data=json.dumps(described), format="json-ld")


def test_the_dataset_is_described(exported):
    graph, about = graph_of(exported.folder / "schema-org.json"), exported.book.metadata
    [dataset] = graph.subjects(RDF.type, SDO.Dataset)
    assert str(graph.value(dataset, SDO.name)) == about.title
    assert str(graph.value(dataset, SDO.version)) == about.version
    assert f"sha256:{exported.book.digest}" in {str(value) for value in graph.objects(dataset, SDO.identifier)}
    names = {str(graph.value(person, SDO.name)) for person in graph.objects(dataset, SDO.creator)}
    assert names == set(about.contributors)


def test_every_variable_is_described_with_its_categories(exported):
    graph = graph_of(exported.folder / "schema-org.json")
    found = {str(graph.value(node, SDO.name)): node for node in graph.subjects(RDF.type, SDO.PropertyValue)}
    columns = {f"{table.name}.{item.name}": item for table in exported.book.schema for item in table.columns}
    assert set(found) == set(columns)
    for name, item in columns.items():
        assert str(graph.value(found[name], SDO.description)) == " ".join(item.description.split())
        terms = {str(graph.value(term, SDO.termCode)) for term in graph.objects(found[name], SDO.valueReference)}
        assert terms == set(item.values)


def test_a_doi_identifies_the_dataset(folder, tmp_path):
    folder.write("casebook.yaml", folder.read("casebook.yaml") + "doi: 10.5281/zenodo.1\n")
    [path] = folder.build().export(tmp_path / "out", "schema-org")
    [dataset] = graph_of(path).subjects(RDF.type, SDO.Dataset)
    assert str(dataset) == "https://doi.org/10.5281/zenodo.1"
