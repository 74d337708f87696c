"""Compares the schema with what we promise to storefronts: the names and types in `storefront.json`.

A promise is kept when a document that is valid against it stays valid and reads no wider values: outputs are of the
same type or of a stricter one, inputs of the same or a looser one, and nothing new is required.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    TypeNode,
    is_required_argument,
    is_required_input_field,
    parse_type,
    print_ast,
)
from graphql.language import ListTypeNode, NonNullTypeNode

PROMISED = Path(__file__).with_name("storefront.json")
_KINDS: Mapping[str, type[GraphQLNamedType]] = {
    "object": GraphQLObjectType,
    "interface": GraphQLInterfaceType,
    "input": GraphQLInputObjectType,
    "enum": GraphQLEnumType,
    "union": GraphQLUnionType,
    "scalar": GraphQLScalarType,
}

Contract = Mapping[str, Mapping[str, Any]]


def promised() -> Contract:
    """The project's own copy of the names it promises, by type."""
    contract: Contract = json.loads(PROMISED.read_text(encoding="utf-8"))
    return contract


def misses(schema: GraphQLSchema, contract: Contract) -> list[str]:
    """What the schema does not have as promised: one line each, in the order of the contract."""
    found: list[str] = []
    for name, promise in contract.items():
        type_ = schema.type_map.get(name)
        if not isinstance(type_, _KINDS[promise["kind"]]):
            found.append(f"{name}: no such {promise['kind']}")
        else:
            found += [f"{name}{miss}" for miss in _of_type(type_, promise)]
    return found


def _of_type(type_: GraphQLNamedType, promise: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        yield from _missing(promise.get("interfaces", ()), {one.name for one in type_.interfaces}, " implements no ")
        for name, field in promise["fields"].items():
            yield from (f".{miss}" for miss in _of_field(name, type_.fields.get(name), field))
    elif isinstance(type_, GraphQLInputObjectType):
        yield from _of_inputs(".", type_.fields, promise["fields"])
    elif isinstance(type_, GraphQLEnumType):
        yield from _missing(promise["values"], set(type_.values), ": no value ")
    elif isinstance(type_, GraphQLUnionType):
        yield from _missing(promise["members"], {one.name for one in type_.types}, ": no member ")


def _of_field(name: str, field: GraphQLField | None, promise: Mapping[str, Any]) -> Iterator[str]:
    if field is None:
        yield f"{name}: missing"
        return
    if not gives(str(field.type), promise["type"]):
        yield f"{name}: {field.type} instead of {promise['type']}"
    yield from (f"{name}{miss})" for miss in _of_inputs("(", field.args, promise.get("arguments", {})))


def _of_inputs(
    sign: str, have: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField], promise: Mapping[str, str]
) -> Iterator[str]:
    for name, type_ in promise.items():
        if name not in have:
            yield f"{sign}{name}: missing"
        elif not gives(type_, str(have[name].type)):
            yield f"{sign}{name}: {have[name].type} instead of {type_}"
    for name, one in have.items():
        is_required = is_required_argument(one) if isinstance(one, GraphQLArgument) else is_required_input_field(one)
        if name not in promise and is_required:
            yield f"{sign}{name}: required, but not promised"


def _missing(promise: list[str], have: set[str], words: str) -> Iterator[str]:
    return (f"{words}{name}" for name in promise if name not in have)


@lru_cache(maxsize=4096)
def gives(ours: str, theirs: str) -> bool:
    """Whether every value of the first type is one of the second."""
    return _gives(parse_type(ours), parse_type(theirs))


def _gives(ours: TypeNode, theirs: TypeNode) -> bool:
    if isinstance(theirs, NonNullTypeNode):
        return isinstance(ours, NonNullTypeNode) and _gives(ours.type, theirs.type)
    if isinstance(ours, NonNullTypeNode):
        return _gives(ours.type, theirs)
    if isinstance(theirs, ListTypeNode):
        return isinstance(ours, ListTypeNode) and _gives(ours.type, theirs.type)
    return print_ast(ours) == print_ast(theirs)
