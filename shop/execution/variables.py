"""The variables of a request, coerced by functions that are made once for each type.

graphql-core looks at the type's every level again for each value, three times over. Here a value passes that is exactly
what its type asks for; whatever is not (a number for an id, one item for a list, an unknown field) is graphql-core's to
coerce, or to refuse in its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.utilities.coerce_input_value import coerce_default_value

Coerce = Callable[[Any], Any]

_CLASSES: dict[Any, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}


class UnusualError(Exception):
    """The value is not exactly what its type asks for."""


class _Variable(NamedTuple):
    name: str
    signature: GraphQLVariableSignature
    coerce: Coerce
    default: Any
    is_required: bool


class Coercers:
    """The coercers of one schema's input types, made when a type is first met."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._objects: dict[str, Coerce | None] = {}

    def compile(self, definitions: Sequence[VariableDefinitionNode]) -> tuple[_Variable, ...] | None:
        """What `coerced` needs of an operation; None where one of the types is not for it."""
        variables = []
        for definition in definitions:
            signature = get_variable_signature(self._schema, definition)
            if isinstance(signature, GraphQLError):
                return None
            coerce = self._of(signature.type)
            if coerce is None:
                return None
            default = coerce_default_value(signature)
            variables.append(_Variable(signature.name, signature, coerce, default, is_non_null_type(signature.type)))
        return tuple(variables)

    def _of(self, type_: Any) -> Coerce | None:
        if is_non_null_type(type_):
            return self._not_null(type_.of_type)
        coerce = self._not_null(type_)
        return None if coerce is None else lambda value: None if value is None else coerce(value)

    def _not_null(self, type_: Any) -> Coerce | None:
        if is_list_type(type_):
            item = self._of(type_.of_type)
            return None if item is None else _list(item)
        if is_input_object_type(type_):
            if type_.name not in self._objects:
                # A type that holds itself can be nested without end: graphql-core counts its levels.
                self._objects[type_.name] = None
                self._objects[type_.name] = self._object(type_)
            return self._objects[type_.name]
        return _leaf(type_)

    def _object(self, type_: GraphQLInputObjectType) -> Coerce | None:
        if type_.is_one_of or type_.out_type is not GraphQLInputObjectType.out_type:
            return None
        fields: list[tuple[str, str, Coerce, Any, bool]] = []
        for name, field in type_.fields.items():
            coerce = self._of(field.type)
            if coerce is None:
                return None
            default = coerce_default_value(field)
            fields.append((name, field.out_name or name, coerce, default, is_required_input_field(field)))
        return _object(fields)


def coerced(variables: Sequence[_Variable], given: Mapping[str, Any]) -> VariableValues | None:
    """The values of a request's variables, as graphql-core would have them; None where it has to look itself."""
    sources: dict[str, VariableValueSource] = {}
    values: dict[str, Any] = {}
    try:
        for name, signature, coerce, default, is_required in variables:
            if name in given:
                value = given[name]
                sources[name] = VariableValueSource(signature, value)
                values[name] = coerce(value)
                continue
            sources[name] = VariableValueSource(signature)
            if default is not Undefined:
                values[name] = default
            elif is_required:
                return None
    except UnusualError:
        return None
    return VariableValues(sources, values)


def _list(item: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if value.__class__ is not list:
            raise UnusualError
        return [item(one) for one in value]

    return coerce


def _object(fields: Sequence[tuple[str, str, Coerce, Any, bool]]) -> Coerce:
    names = frozenset(name for name, *_ in fields)

    def coerce(value: Any) -> Any:
        if value.__class__ is not dict or not names.issuperset(value):
            raise UnusualError
        result: dict[str, Any] = {}
        for name, out_name, coerce, default, is_required in fields:
            if name in value:
                result[out_name] = coerce(value[name])
            elif is_required:
                raise UnusualError
            elif default is not Undefined:
                result[out_name] = default
        return result

    return coerce


def _leaf(type_: Any) -> Coerce:
    """Of a scalar or an enum; null is refused, as it is only asked for what must not be null."""
    if type_ in _CLASSES:
        cls = _CLASSES[type_]

        def exact(value: Any) -> Any:
            if value.__class__ is cls:
                return value
            raise UnusualError

        return exact
    if type_ is GraphQLInt:
        return _integer
    if type_ is GraphQLFloat:
        return _float
    coerce = type_.coerce_input_value

    def by_type(value: Any) -> Any:
        if value is None:
            raise UnusualError
        try:
            result = coerce(value)
        except Exception as error:
            raise UnusualError from error
        if result is Undefined:
            raise UnusualError
        return result

    return by_type


def _integer(value: Any) -> Any:
    if value.__class__ is int and -2147483648 <= value <= 2147483647:
        return value
    raise UnusualError


def _float(value: Any) -> Any:
    if value.__class__ is float and isfinite(value):
        return value
    raise UnusualError
