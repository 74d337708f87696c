"""Input objects, built by functions that know the fields of their type.

strawberry works out the name and type of every field of every value anew, which for a mutation's input costs as much
as a statement. What comes out is the same; types that build their own values are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import Any, NamedTuple

import strawberry
from strawberry.scalars import is_scalar
from strawberry.types.arguments import InputContext
from strawberry.types.base import StrawberryMaybe, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition


class _Known(NamedTuple):
    name: str
    python_name: str
    type: Any
    is_taken_as_is: bool


def build_inputs_quickly(schema: strawberry.Schema) -> None:
    """Every input type of the schema builds its values by a function of its own."""
    for concrete in schema.schema_converter.type_map.values():
        definition = concrete.definition
        if isinstance(definition, StrawberryObjectDefinition) and definition.is_input:
            maybe = any(isinstance(field.type, StrawberryMaybe) for field in definition.fields)
            if definition.from_input is None and not maybe:
                definition.from_input = _builder(definition)


def _builder(definition: StrawberryObjectDefinition) -> Callable[[type, Mapping[str, Any], InputContext], Any]:
    known: list[_Known] = []
    # A nullable field without a default of its own is None where it is not given.
    absent = {
        field.python_name: None
        for field in definition.fields
        if field.default_value is MISSING and field.default_factory is MISSING
    }

    def build(cls: type, value: Mapping[str, Any], context: InputContext) -> Any:
        if not known:
            known.extend(_known(definition, context))
        values: dict[str, Any] = dict(absent)
        for name, python_name, type_, is_taken_as_is in known:
            if name in value:
                given = value[name]
                values[python_name] = given if is_taken_as_is else context.convert(given, type_, name)
        return cls(**values)

    return build


def _known(definition: StrawberryObjectDefinition, context: InputContext) -> list[_Known]:
    found = []
    for field in definition.fields:
        type_ = field.resolve_type(type_definition=definition)
        inner = type_.of_type if isinstance(type_, StrawberryOptional) else type_
        is_leaf = is_scalar(inner, context.scalar_registry) or isinstance(inner, StrawberryEnumDefinition)
        name = context.config.name_converter.from_field(field)
        found.append(_Known(name, field.python_name, type_, is_leaf or has_enum_definition(inner)))
    return found
