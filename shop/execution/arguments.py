"""The arguments of a field inside a plan: computed by graphql-core and strawberry once per set of variables."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import uuid
from typing import Any

import strawberry
from graphql import FieldNode, GraphQLField, VariableNode, Visitor, visit
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

IMMUTABLE = (str, int, float, bool, type(None), enum.Enum, decimal.Decimal, dt.date, dt.time, uuid.UUID)
_REMEMBERED = 64
_ABSENT = object()


class Arguments:
    """The keyword arguments of one field node.

    They depend on nothing but the variables that the node mentions, so they are remembered by those variables' values:
    a storefront asks for the same language and channel all day. Values that a resolver could change (lists, input
    objects) are made anew for every request.
    """

    __slots__ = ("_converter", "_definition", "_field", "_known", "_node", "_variables")

    def __init__(
        self, schema: strawberry.Schema, field: StrawberryField, definition: GraphQLField, node: FieldNode
    ) -> None:
        self._converter = schema.schema_converter
        self._field = field
        self._definition = definition
        self._node = node
        self._variables = tuple(_variables_of(node))
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
            return self._compute(variables)
        if found is None:
            found = self._compute(variables)
            if all(isinstance(value, IMMUTABLE) for value in found.values()):
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[key] = found
        return found

    def _compute(self, variables: VariableValues) -> dict[str, Any]:
        values = get_argument_values(self._definition, self._node, variables)
        converter = self._converter
        return convert_arguments(
            values, self._field.arguments, scalar_registry=converter.scalar_registry, config=converter.config
        )


def _variables_of(node: FieldNode) -> list[str]:
    """The names of the variables in the node's own arguments, sorted."""
    found: set[str] = set()

    class Collect(Visitor):
        def enter_variable(self, variable: VariableNode, *_: object) -> None:
            found.add(variable.name.value)

    for argument in node.arguments or ():
        visit(argument, Collect())
    return sorted(found)
