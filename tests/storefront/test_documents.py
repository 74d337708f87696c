"""The saved documents: each is valid against the contract, complete, and says what it is for."""

from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, parse, validate

from shop.kit.resources import graphql_folder
from shop.storefront.documents import Documents, UnknownDocument
from tests.storefront.fake import schema

DOCUMENTS = Documents(graphql_folder())


@pytest.mark.parametrize("name", DOCUMENTS.names())
def test_is_valid_and_named_like_its_file(name: str) -> None:
    document = DOCUMENTS[name]
    tree = parse(document.text)
    assert [str(error.message) for error in validate(schema(), tree)] == []
    operations = [
        node.name.value for node in tree.definitions if isinstance(node, OperationDefinitionNode) and node.name
    ]
    assert operations == [name]
    assert len(document.purpose) > 20


def test_every_fragment_is_used_and_named_like_its_file() -> None:
    texts = "".join(DOCUMENTS[name].text for name in DOCUMENTS.names())
    for path in (graphql_folder() / "fragments").glob("*.graphql"):
        assert f"...{path.stem}" in texts
        assert f"fragment {path.stem} on " in path.read_text(encoding="utf-8")
        assert path.read_text(encoding="utf-8").startswith("# ")


def test_joins_each_fragment_once(tmp_path: Path) -> None:
    (tmp_path / "operations").mkdir()
    (tmp_path / "fragments").mkdir()
    (tmp_path / "operations" / "Q.graphql").write_text("# Why.\nquery Q { a { ...A ...B ... on T { x } } }\n")
    (tmp_path / "fragments" / "A.graphql").write_text("fragment A on T { ...B }\n")
    (tmp_path / "fragments" / "B.graphql").write_text("fragment B on T { y }\n")
    document = Documents(tmp_path)["Q"]
    assert document.purpose == "Why."
    assert document.text.count("fragment A on") == document.text.count("fragment B on") == 1


def test_an_unknown_name_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "operations").mkdir()
    (tmp_path / "operations" / "Q.graphql").write_text("query Q { ...Nowhere }")
    with pytest.raises(UnknownDocument):
        Documents(tmp_path)
    with pytest.raises(UnknownDocument):
        DOCUMENTS["Nothing"]
