import pytest

from casebook.model.coders import Coder


def declare(folder, text):
    return folder.write("casebook.yaml", folder.read("casebook.yaml") + text)


def test_coders_are_kept_through_the_build(folder):
    book = declare(folder, "coders:\n  casebook: {kind: machine, material: [dossiers]}\n  ann: {kind: human}\n").build()
    assert book.metadata.coders == (Coder("casebook", "machine", ("dossiers",)), Coder("ann", "human"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("coders: [ann]\n", "expected coders by name, for example ann: {kind: human, material: [sources]}"),
        ("coders:\n  ann: human\n", "expected coders by name, for example ann: {kind: human, material: [sources]}"),
        ("coders:\n  ann: {kind: robot}\n", "ann: unknown kind 'robot'; valid: human, machine"),
        (
            "coders:\n  ann: {kin: human}\n",
            "ann: unknown key 'kin'; did you mean 'kind'?; valid: kind, material, saw, coded, codebook, instrument",
        ),
        ("coders:\n  ann: {material: books}\n", "ann: the material is not a list such as [sources, dossiers]"),
        ("coders:\n  ann: {material: [[a]]}\n", "ann: the material is not a list such as [sources, dossiers]"),
    ],
)
def test_what_is_wrong_with_coders_is_said(folder, text, message):
    (problem,) = declare(folder, text).problems()
    assert problem.startswith("casebook.yaml:")
    assert problem.endswith(f"casebook.coders: {message}")
