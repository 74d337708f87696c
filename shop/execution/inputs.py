"""Input values: from what graphql-core coerced to what resolvers take, by functions made once for each type.

strawberry works out the name and type of every field of every value anew, which for a mutation's input costs as much
as a statement. What comes out is the same; types that build their own values are left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import partial
from typing import Any

import strawberry
from strawberry.relay import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition, has_enum_definition
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

Convert = Callable[[Any], Any]


def build_inputs_quickly(schema: strawberry.Schema) -> None:
    """Every input type of the schema builds its values by a function of its own."""
    for concrete in schema.schema_converter.type_map.values():
        definition = concrete.definition
        if not isinstance(definition, StrawberryObjectDefinition) or not definition.is_input:
            continue
        # First what is cheap: of a schema that has its builders nothing else is asked.
        if definition.from_input is None and not any(
            isinstance(one.type, StrawberryMaybe) for one in definition.fields
        ):
            definition.from_input = _Builder(schema, definition)


def converter(schema: strawberry.Schema, type_: Any) -> Convert | None:
    """The function from a coerced value of that type to strawberry's value; None where that is the value itself."""
    registry, config = schema.schema_converter.scalar_registry, schema.schema_converter.config
    if isinstance(type_, LazyType):
        return converter(schema, type_.resolve_type())
    if isinstance(type_, StrawberryOptional) and not isinstance(type_, StrawberryMaybe):
        return converter(schema, type_.of_type)
    if type_ is not GlobalID and (
        is_scalar(type_, registry) or isinstance(type_, StrawberryEnumDefinition) or has_enum_definition(type_)
    ):
        return None
    if isinstance(type_, StrawberryList):
        item = converter(schema, type_.of_type)
        # A list is copied also where its items stay: several requests may be given the same default.
        return _unless_null(list if item is None else partial(_each, item))
    definition = getattr(type_, "__strawberry_definition__", None)
    builder = getattr(definition, "from_input", None)
    if isinstance(builder, _Builder):
        return _unless_null(partial(builder, type_))
    return lambda value: convert_argument(value, type_, registry, config)


def _unless_null(convert: Convert) -> Convert:
    return lambda value: value if value is None or value is UNSET else convert(value)


def _each(convert: Convert, values: Any) -> list[Any]:
    return [convert(value) for value in values]


class _Builder:
    """Makes the values of one input type; stands where strawberry looks for a function of the type's own."""

    __slots__ = ("_absent", "_definition", "_fields", "_schema")

    def __init__(self, schema: strawberry.Schema, definition: StrawberryObjectDefinition) -> None:
        self._schema = schema
        self._definition = definition
        # Not before the first value: types may refer to each other, and to themselves.
        self._fields: list[tuple[str, str, Convert | None]] | None = None
        # A nullable field without a default of its own is None where it is not given.
        self._absent = {
            field.python_name: None
            for field in definition.fields
            if field.default_value is MISSING and field.default_factory is MISSING
        }

    def __call__(self, cls: type, value: Mapping[str, Any], _context: Any = None) -> Any:
        if self._fields is None:
            name_of = self._schema.schema_converter.config.name_converter.from_field
            self._fields = [
                (
                    name_of(field),
                    field.python_name,
                    converter(self._schema, field.resolve_type(type_definition=self._definition)),
                )
                for field in self._definition.fields
            ]
        values: dict[str, Any] = dict(self._absent)
        for name, python_name, convert in self._fields:
            if name in value:
                given = value[name]
                values[python_name] = given if convert is None else convert(given)
        return cls(**values)
