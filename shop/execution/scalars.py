"""Scalars and enums inside generated code: a check in place, and graphql-core's own coercion for what does not pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)

from shop.execution.plan import Bail

_CLASSES: dict[Any, str] = {GraphQLString: "str", GraphQLID: "str", GraphQLBoolean: "bool"}
_LARGEST = "1.7976931348623157e308"
"""The largest finite number: neither infinities nor NaN pass a comparison with it on both sides."""


def leaf_expression(
    constant: Callable[[str, Any], str], source: str, type_: GraphQLLeafType, place: str, *, required: bool
) -> str:
    """The expression of a checked scalar or enum; `source` is evaluated once.

    `constant` puts an object into the namespace of the code and returns its name there.
    """
    # In a comprehension `v` is the loop's own variable: a walrus would make it a cell of the function around.
    first = "v" if source == "v" else f"(v := {source})"
    slow = constant("L", slow_path(type_, place, required=required))
    if type_ in _CLASSES:
        null = "" if required else " or v is None"
        return f"v if {first}.__class__ is {_CLASSES[type_]}{null} else {slow}(v)"
    if type_ is GraphQLInt:
        return f"v if {first}.__class__ is int and -2147483648 <= v <= 2147483647 else {slow}(v)"
    if type_ is GraphQLFloat:
        return f"v if {first}.__class__ is float and -{_LARGEST} <= v <= {_LARGEST} else {slow}(v)"
    if isinstance(type_, GraphQLEnumType):
        wrapped = getattr(type_, "wrapped_cls", None)
        if isinstance(wrapped, type):
            # coerce_output_value() searches all values for each member: 0.1 s for the 779 codes of languages.
            by_value = {value.value: name for name, value in reversed(type_.values.items())}
            names = {member.name: by_value[member.value] for member in cast("Any", wrapped)}
            cls, table = constant("C", wrapped), constant("N", names)
            return f"{table}[v._name_] if {first}.__class__ is {cls} else {slow}(v)"
    return f"{slow}({source})"


def slow_path(type_: GraphQLLeafType, place: str, *, required: bool) -> Callable[[Any], Any]:
    """graphql-core's own coercion of one value, for all that the generated check does not pass."""
    coerce = type_.coerce_output_value

    def coerced(value: Any) -> Any:
        if value is None or value is Undefined:
            if required:
                raise Bail("null", place)
            return None
        try:
            result = coerce(value)
        except Exception as error:
            raise Bail("scalar", place) from error
        if result is None or result is Undefined or isinstance(value, Exception):
            raise Bail("scalar", place)
        return result

    return coerced
