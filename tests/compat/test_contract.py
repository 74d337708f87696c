"""The schema keeps every name and type that we promise to storefronts; the comparison notices each one that goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from graphql import GraphQLSchema, GraphQLUnionType, build_client_schema, build_schema, get_introspection_query

from shop.api.core.schema import export
from tests.api.client import Api
from tests.compat.contract import Contract, gives, misses, promised


@cache
def _schema() -> GraphQLSchema:
    """The schema as clients read it; a copy of its own, so that names can be taken out of it."""
    return build_schema(export())


def test_every_promise_is_kept() -> None:
    assert misses(_schema(), promised()) == []


async def test_clients_read_it_all_by_introspection(api: Api) -> None:
    """Storefronts make their types from what the running shop says of itself."""
    query = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )
    told = (await api(query)).data
    assert misses(build_client_schema(told), promised()) == []


@contextmanager
def _without(names: dict[str, Any], name: str) -> Iterator[None]:
    taken = names.pop(name)
    yield
    names[name] = taken


def _promises_with_their_places() -> Iterator[tuple[Contract, dict[str, Any], str, str]]:
    """For each name: the contract of its type alone, where the schema keeps it, the name, and how it is missed."""
    schema = _schema()
    for type_name, promise in promised().items():
        alone = {type_name: promise}
        type_: Any = schema.type_map[type_name]
        yield alone, schema.type_map, type_name, f"{type_name}: no such {promise['kind']}"
        for name in promise.get("values", ()):
            yield alone, type_.values, name, f"{type_name}: no value {name}"
        for name, field in promise.get("fields", {}).items():
            yield alone, type_.fields, name, f"{type_name}.{name}: missing"
            if promise["kind"] in {"object", "interface"}:
                for argument in field.get("arguments", ()):
                    place = type_.fields[name].args
                    yield alone, place, argument, f"{type_name}.{name}({argument}: missing)"


def test_each_name_that_goes_is_noticed() -> None:
    noticed = 0
    for contract, names, name, miss in _promises_with_their_places():
        with _without(names, name):
            assert misses(_schema(), contract) == [miss]
        noticed += 1
    assert noticed > 2_000


SMALL = """
interface Named { name: String! }
type Thing implements Named { name: String! price(currency: String, size: Int! = 1): Float! tags: [String!] }
union Any = Thing | Other
type Other { id: ID }
enum Colour { RED BLUE }
input Filter { ids: [ID!] colour: Colour = RED }
scalar Moment
type Query { things(filter: Filter, first: Int!): [Any!] }
"""
CONTRACT: Contract = {
    "Named": {"kind": "interface", "fields": {"name": {"type": "String"}}},
    "Thing": {
        "kind": "object",
        "interfaces": ["Named"],
        "fields": {
            "name": {"type": "String"},
            "price": {"type": "Float", "arguments": {"currency": "String"}},
            "tags": {"type": "[String]"},
        },
    },
    "Any": {"kind": "union", "members": ["Thing", "Other"]},
    "Colour": {"kind": "enum", "values": ["RED", "BLUE"]},
    "Filter": {"kind": "input", "fields": {"ids": "[ID!]", "colour": "Colour"}},
    "Moment": {"kind": "scalar"},
    "Query": {"kind": "object", "fields": {"things": {"type": "[Any]", "arguments": {"first": "Int!"}}}},
}


@pytest.mark.parametrize(
    ("old", "new", "miss"),
    [
        ("price(", "cost(", ["Thing.price: missing"]),
        ("price(currency: String, ", "price(", ["Thing.price(currency: missing)"]),
        ("currency: String", "currency: Int", ["Thing.price(currency: Int instead of String)"]),
        ("currency: String", "currency: String!", ["Thing.price(currency: String! instead of String)"]),
        ("size: Int! = 1", "size: Int!", ["Thing.price(size: required, but not promised)"]),
        ("Float!", "Int!", ["Thing.price: Int! instead of Float"]),
        ("tags: [String!]", "tags: String", ["Thing.tags: String instead of [String]"]),
        ("tags: [String!]", "tags: [[String]]", ["Thing.tags: [[String]] instead of [String]"]),
        ("Thing implements Named", "Thing", ["Thing implements no Named"]),
        ("Thing | Other", "Other", ["Any: no member Thing"]),
        ("RED BLUE", "RED", ["Colour: no value BLUE"]),
        ("ids: [ID!]", "ids: [ID!]!", ["Filter.ids: [ID!]! instead of [ID!]"]),
        ("ids: [ID!]", "ids: ID", ["Filter.ids: ID instead of [ID!]"]),
        ("Colour = RED", "Colour! = RED", ["Filter.colour: Colour! instead of Colour"]),
        ("colour: Colour", "hue: Int! colour: Colour", ["Filter.hue: required, but not promised"]),
        ("scalar Moment", "enum Moment { NOW }", ["Moment: no such scalar"]),
        ("first: Int!", "first: Int", []),
        ("ids: [ID!]", "ids: [ID]", []),
        ("tags: [String!]", "tags: [String!]!", []),
        ("RED BLUE", "RED BLUE GREEN", []),
    ],
)
def test_what_breaks_a_promise(old: str, new: str, miss: list[str]) -> None:
    assert misses(build_schema(SMALL), CONTRACT) == []
    changed = SMALL.replace(old, new)
    assert changed != SMALL
    assert misses(build_schema(changed), CONTRACT) == miss


def test_unions_are_noticed_too() -> None:
    contract = {name: promise for name, promise in promised().items() if promise["kind"] == "union"}
    for name, promise in contract.items():
        for member in promise["members"]:
            schema = build_schema(export())
            union = schema.type_map[name]
            assert isinstance(union, GraphQLUnionType)
            union.types = tuple(one for one in union.types if one.name != member)
            assert misses(schema, {name: promise}) == [f"{name}: no member {member}"]


@pytest.mark.parametrize(
    ("ours", "theirs", "is_given"),
    [
        ("String!", "String", True),
        ("String", "String!", False),
        ("[String!]!", "[String]", True),
        ("[String]", "[String!]", False),
        ("[String]", "String", False),
        ("String", "[String]", False),
        ("ID", "String", False),
    ],
)
def test_which_types_give_which(ours: str, theirs: str, is_given: bool) -> None:
    assert gives(ours, theirs) is is_given
