"""One small document for any root field of the schema, with arguments that are made up where none are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from shop.api.core.uploads import UploadedFile
from shop.kit import ids

# By scalar: what the server takes for a value, though nothing has it. An ID is of another type than any that is wanted.
_MADE_UP: Mapping[str, Any] = {
    "ID": ids.encode("Nothing", 1),
    "String": "x",
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "PositiveDecimal": 1.0,
    "Decimal": 1.0,
    "PositiveInt": 1,
    "JSONString": "{}",
    "JSON": {},
    "UUID": "00000000-0000-4000-8000-000000000000",
    "DateTime": "2026-01-01T00:00:00+00:00",
    "Date": "2026-01-01",
    "Minute": 1,
    "Hour": 1,
    "Day": 1,
    "WeightScalar": 1.0,
    "Metadata": {},
    "Upload": UploadedFile("notes.txt", b"No picture."),
}


@dataclass(frozen=True, slots=True)
class Root:
    """A field of `Query` or of `Mutation`."""

    name: str
    field: GraphQLField
    operation: str


def roots(schema: GraphQLSchema) -> dict[str, Root]:
    """Every root field by its name."""
    assert schema.query_type is not None
    assert schema.mutation_type is not None
    both = {"query": schema.query_type, "mutation": schema.mutation_type}
    found = [Root(name, field, kind) for kind, type_ in both.items() for name, field in type_.fields.items()]
    named = {root.name: root for root in found}
    assert len(named) == len(found), "a query and a mutation of one name"
    return named


def document(root: Root, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The text and its variables: the given arguments, and those that are required besides."""
    call, head, variables = _call(root, given)
    return f"{root.operation} {_in(head)} {{ {root.name}{call} }}", variables


def document_of_many(calls: Mapping[str, tuple[Root, Mapping[str, Any]]]) -> tuple[str, dict[str, Any]]:
    """One document for root fields of one operation, each under its alias."""
    parts: list[str] = []
    heads: list[str] = []
    variables: dict[str, Any] = {}
    for alias, (root, given) in calls.items():
        call, head, own = _call(root, given, f"{alias}_")
        parts.append(f"{alias}: {root.name}{call}")
        heads.append(head)
        variables |= own
    (operation,) = {root.operation for root, _ in calls.values()}
    return f"{operation} {_in(', '.join(head for head in heads if head))} {{ {' '.join(parts)} }}", variables


def _call(root: Root, given: Mapping[str, Any], prefix: str = "") -> tuple[str, str, dict[str, Any]]:
    """The field's arguments and selection, the variables that it declares, and their values."""
    arguments = root.field.args
    assert set(given) <= set(arguments), f"{root.name} has no argument {set(given) - set(arguments)}"
    chosen = {name: one for name, one in arguments.items() if name in given or is_required_argument(one)}
    variables = {prefix + name: given.get(name, made_up(one.type)) for name, one in chosen.items()}
    head = ", ".join(f"${prefix}{name}: {one.type}" for name, one in chosen.items())
    call = ", ".join(f"{name}: ${prefix}{name}" for name in chosen)
    return f"{_in(call)} {_selection(root.field)}", head, variables


def _in(text: str) -> str:
    return f"({text})" if text else ""


def made_up(type_: GraphQLInputType) -> Any:
    """A value that is valid for the type and names nothing that exists."""
    kind = get_nullable_type(type_)
    named = get_named_type(kind)
    value: Any
    if isinstance(named, GraphQLInputObjectType):
        value = {name: made_up(one.type) for name, one in named.fields.items() if is_required_input_field(one)}
    elif isinstance(named, GraphQLEnumType):
        value = next(iter(named.values))
    else:
        value = _MADE_UP[named.name]
    return [value] if is_list_type(kind) else value


def _selection(field: GraphQLField) -> str:
    type_ = get_named_type(field.type)
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return "" if not hasattr(type_, "types") else "{ __typename }"
    chosen = ["__typename"]
    if "errors" in type_.fields:
        error = get_named_type(type_.fields["errors"].type)
        assert isinstance(error, GraphQLObjectType)
        chosen.append(f"errors {{ {' '.join(name for name in ('field', 'code') if name in error.fields)} }}")
    if "userEmail" in type_.fields:
        chosen.append("userEmail")
    return f"{{ {' '.join(chosen)} }}"
