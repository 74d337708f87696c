"""The arguments of a field inside a plan: what can be known of them before the request, computed once."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import uuid
from typing import Any, NamedTuple

import strawberry
from graphql import FieldNode, GraphQLField, Undefined, VariableNode, Visitor, is_non_null_type, visit
from graphql.execution.values import VariableValues, get_argument_values
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from shop.execution.inputs import Convert, converter

IMMUTABLE = (str, int, float, bool, type(None), enum.Enum, decimal.Decimal, dt.date, dt.time, uuid.UUID)
_REMEMBERED = 64
_ABSENT = object()


class _Part(NamedTuple):
    """One argument: the variable it is taken from, or what stands in the document or is its default."""

    python_name: str
    variable: str | None
    otherwise: Any
    is_required: bool
    convert: Convert | None


class Arguments:
    """The keyword arguments of one field node.

    They depend on nothing but the variables that the node mentions, so they are remembered by those variables' values:
    a storefront asks for the same language and channel all day. Values that a resolver could change (lists, input
    objects) are made anew for every request.
    """

    __slots__ = ("_converter", "_definition", "_field", "_known", "_node", "_parts", "_variables")

    def __init__(
        self, schema: strawberry.Schema, field: StrawberryField, definition: GraphQLField, node: FieldNode
    ) -> None:
        self._converter = schema.schema_converter
        self._field = field
        self._definition = definition
        self._node = node
        self._variables = tuple(_variables_of(node))
        self._parts = _parts_of(schema, field, definition, node)
        self._known: dict[Any, dict[str, Any]] = {}

    def values(self, variables: VariableValues) -> dict[str, Any]:
        """The arguments by their Python names; not to be changed.

        Raises: what graphql-core or strawberry raise for arguments that do not fit.
        """
        coerced = variables.coerced
        key = tuple((coerced.get(name, _ABSENT), coerced.get(name).__class__) for name in self._variables)
        try:
            found = self._known.get(key)
        except TypeError:  # an input object or a list: cannot be remembered
            return self.fresh(variables)
        if found is None:
            found = self.fresh(variables)
            if all(isinstance(value, IMMUTABLE) for value in found.values()):
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[key] = found
        return found

    def fresh(self, variables: VariableValues) -> dict[str, Any]:
        """The same, never remembered: for mutations, among whose arguments are passwords and personal data."""
        if self._parts is None:
            return self._by_the_libraries(variables)
        coerced = variables.coerced
        values: dict[str, Any] = {}
        for python_name, variable, otherwise, is_required, convert in self._parts:
            value = otherwise if variable is None else coerced.get(variable, otherwise)
            if value is None and is_required:
                return self._by_the_libraries(variables)
            if value is not Undefined:
                values[python_name] = value if convert is None else convert(value)
            elif is_required:
                return self._by_the_libraries(variables)
        return values

    def _by_the_libraries(self, variables: VariableValues) -> dict[str, Any]:
        values = get_argument_values(self._definition, self._node, variables)
        strawberry_s = self._converter
        return convert_arguments(
            values, self._field.arguments, scalar_registry=strawberry_s.scalar_registry, config=strawberry_s.config
        )


def _parts_of(
    schema: strawberry.Schema, field: StrawberryField, definition: GraphQLField, node: FieldNode
) -> tuple[_Part, ...] | None:
    """What each argument is made of; None where a list or an object stands in the document itself."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    parts = []
    for argument in field.arguments:
        name = schema.schema_converter.config.name_converter.from_argument(argument)
        known = definition.args[name]
        value = given.get(name)
        variable = value.name.value if isinstance(value, VariableNode) else None
        if value is None or variable is not None:
            otherwise = coerce_default_value(known)
        else:
            otherwise = Undefined if _variables_of(value) else coerce_input_literal(value, known.type)
            if not isinstance(otherwise, IMMUTABLE):
                return None
        required = is_non_null_type(known.type)
        parts.append(_Part(argument.python_name, variable, otherwise, required, converter(schema, argument.type)))
    return tuple(parts)


def _variables_of(node: Any) -> list[str]:
    """The names of the variables in a node's own arguments, or in a value, sorted."""
    found: set[str] = set()

    class Collect(Visitor):
        def enter_variable(self, variable: VariableNode, *_: object) -> None:
            found.add(variable.name.value)

    for part in (node.arguments or ()) if isinstance(node, FieldNode) else (node,):
        visit(part, Collect())
    return sorted(found)
