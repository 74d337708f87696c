"""The foreign storefront's documents read every field that we promise, so that each one is shown to work."""

from collections.abc import Iterator

import pytest
from graphql import TypeInfo, TypeInfoVisitor, Visitor, get_named_type, parse, visit
from graphql.language import FieldNode

from shop.api.core.schema import make_schema
from shop.execution import Documents, Limits
from tests.compat.contract import promised
from tests.compat.storefront import DOCUMENTS

SCHEMA = make_schema()._schema


class _Reads(Visitor):
    """Collects the fields that a document reads, by the type on which it reads them."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.found: set[tuple[str, str]] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self.types.get_parent_type()
        assert parent is not None
        self.found.add((get_named_type(parent).name, node.name.value))


def _read() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for name in DOCUMENTS.names():
        types = TypeInfo(SCHEMA)
        reads = _Reads(types)
        visit(parse(DOCUMENTS[name].text), TypeInfoVisitor(types, reads))
        found |= reads.found
    return found


def _promised() -> Iterator[tuple[str, str]]:
    """Every promised field of an object; what it has from an interface may be read through that."""
    contract = promised()
    for name, promise in contract.items():
        if promise["kind"] == "object":
            shared = {field for one in promise.get("interfaces", ()) for field in contract[one]["fields"]}
            yield from ((name, field) for field in promise["fields"] if field not in shared)


def test_every_promised_field_is_read() -> None:
    assert set(_promised()) - _read() == set()


@pytest.mark.parametrize("name", DOCUMENTS.names())
def test_a_document_is_valid_and_within_the_limits(name: str) -> None:
    found = Documents(make_schema(), Limits()).get(DOCUMENTS[name].text)
    assert found.refusal is None, found.errors
