"""How a root field of a plan is resolved: its arguments, its extensions and its resolver, put together once.

graphql-core and strawberry find all of that anew for every request. The info that a resolver gets, the extensions
around it and the errors they raise are the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial, reduce
from typing import Any

import strawberry
from graphql import FieldNode, GraphQLField
from graphql.execution.values import VariableValues
from strawberry.extensions.field_extension import FieldExtension, build_field_extension_resolvers
from strawberry.types.field import StrawberryField

from shop.execution.arguments import Arguments
from shop.execution.batch import BatchField

Resolve = Callable[[Any, Any, VariableValues], Awaitable[Any]]
"""From the root value, graphql-core's info and the variables to what the resolver will answer."""


def compile_resolve(
    schema: strawberry.Schema, field: Any, definition: GraphQLField, node: FieldNode, *, remember: bool
) -> Resolve | None:
    """The function that resolves the field; None where that is for graphql-core and strawberry to do.

    `remember`: whether the values of arguments may be kept for the next request.
    """
    if not _is_plain(schema, field):
        return None
    resolver = field.base_resolver
    takes_source = resolver.self_parameter is not None
    info_name = None if resolver.info_parameter is None else resolver.info_parameter.name
    info_class = schema.config.info_class
    arguments = Arguments(schema, field, definition, node)
    values = arguments.values if remember else arguments.fresh

    def call(source: Any, info: Any, **given: Any) -> Any:
        if info_name is not None:
            given[info_name] = info
        return resolver(source, **given) if takes_source else resolver(**given)

    innermost: Callable[..., Any] = call
    chain = reduce(lambda inner, outer: partial(outer, inner), build_field_extension_resolvers(field), innermost)

    def resolve(source: Any, raw_info: Any, variables: VariableValues) -> Awaitable[Any]:
        info = info_class(_raw_info=raw_info, _field=field)
        awaitable: Awaitable[Any] = chain(source, info, **values(variables))
        return awaitable

    return resolve


def _is_plain(schema: strawberry.Schema, field: Any) -> bool:
    """An async resolver that is called with its arguments, with nothing around it but extensions that are async too."""
    if not isinstance(field, StrawberryField) or isinstance(field, BatchField) or not field.is_async:
        return False
    resolver = field.base_resolver
    return (
        resolver is not None
        and resolver.parent_parameter is None
        and resolver.root_parameter is None
        and not field.permission_classes
        and type(field).get_result is StrawberryField.get_result
        and all(type(one).map_arguments is FieldExtension.map_arguments for one in field.extensions)
        and not schema.exception_handlers
    )
