"""The compiler: from an operation of a validated document to plans whose functions are generated Python.

The generated code for `{ product { name price { amount } } }` reads like this:

    def walk(o1, Q, A):
        if o1.__class__ is not Product: raise Bail(...)
        o2 = o1.price
        if o2.__class__ is not Money: raise Bail(...)
        return {"name": v if (v := o1.name).__class__ is str else slow(v), "price": {"amount": ...}}

Nested objects become statements that leave their dict in a local variable; scalars are checked in place and handed to
a slow function unless they are exactly what they should be; a list is a loop. The fields of each object are collected
by graphql-core's own `collect_subfields`, so fragments, merged fields and conditions mean what they mean there.

What a document may contain without being compiled: fields whose resolvers take `info`, are async (other than batch
fields), or carry strawberry extensions or permission classes; `UncompilableError` says which, and the root field stays
with graphql-core. Objects made by `strawberry.cast` are not recognised below interfaces and unions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLObjectType, OperationDefinitionNode, OperationType
from graphql.execution.collect_fields import FieldDetailsList, FragmentDetails, collect_fields
from graphql.execution.values import VariableValues

from shop.execution.codegen import Learned, Position, RootCompiler, UncompilableError
from shop.execution.guard import DEFINITION
from shop.execution.plan import Plan, RootPlan, Stats
from shop.execution.roots import compile_resolve


def compile_operation(
    schema: strawberry.Schema,
    fragments: dict[str, FragmentDetails],
    operation: OperationDefinitionNode,
    conditions: Mapping[str, Any],
    stats: Stats,
) -> Plan:
    """The plan of one operation.

    `conditions` holds the values of the variables in `@skip` and `@include`; nothing else of a request is used or kept.
    """
    core = schema._schema  # noqa: SLF001
    plan = Plan()
    root_type = core.get_root_type(operation.operation)
    if root_type is None or operation.directives:
        return plan
    variables = VariableValues({}, dict(conditions))
    grouped = collect_fields(core, fragments, variables, root_type, operation).grouped_field_set
    for name, details in grouped.items():
        definition = core.get_field(root_type, details[0].node.name.value)
        if definition is None or details[0].node.name.value.startswith("__"):
            continue
        try:
            plan.roots[name] = _compile_root(
                schema, fragments, operation, variables, root_type, definition, details, {}, stats
            )
        except UncompilableError as error:
            stats.unplanned[error.reason, error.place] += 1
    plan.is_whole = len(plan.roots) == len(grouped) and all(root.resolve for root in plan.roots.values())
    return plan


def _compile_root(
    schema: strawberry.Schema,
    fragments: dict[str, FragmentDetails],
    operation: OperationDefinitionNode,
    variables: VariableValues,
    root_type: GraphQLObjectType,
    definition: GraphQLField,
    details: FieldDetailsList,
    learned: Learned,
    stats: Stats,
) -> RootPlan:
    node = details[0].node
    place = f"{root_type.name}.{node.name.value}"
    compiler = RootCompiler(schema, fragments, operation, variables, learned)
    walk = compiler.walk_function(definition.type, details, (), place)
    steps = compiler.compile_steps()
    stats.compiled += 1

    def recompile(position: Position, cls: type) -> RootPlan | None:
        if cls in learned.get(position, ()):
            return None
        more = {**learned, position: (*learned.get(position, ()), cls)}
        try:
            found = _compile_root(schema, fragments, operation, variables, root_type, definition, details, more, stats)
        except UncompilableError:
            return None
        except Exception as error:  # noqa: BLE001 - as in the store: the request goes on without the plan
            stats.unplanned["compiler", type(error).__name__] += 1
            return None
        stats.learned += 1
        return found

    # A mutation's arguments are never remembered: passwords and personal data are among them.
    remember = operation.operation is OperationType.QUERY
    return RootPlan(
        parent_type=root_type,
        return_type=definition.type,
        details=details,
        resolve=compile_resolve(schema, definition.extensions.get(DEFINITION), definition, node, remember=remember),
        walk=walk,
        steps=steps,
        queues=compiler.queues,
        arguments=tuple(compiler.arguments),
        size=compiler.size,
        selection=compiler.selection_below(details),
        recompile=recompile,
    )
