"""The entry for the HTTP layer: from a text, variables and a context to a reply that is ready to be serialised."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import Any, cast

import strawberry
from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution.executor import default_field_resolver, default_type_resolver
from graphql.execution.values import VariableValues
from strawberry.execution import optimized_is_awaitable

from shop.execution.documents import Document, Documents, Refusal
from shop.execution.executor import ExecutionContext
from shop.execution.guard import CostExceeded

ErrorFormatter = Callable[[GraphQLError], dict[str, Any]]

QUERIES = frozenset({OperationType.QUERY})
QUERIES_AND_MUTATIONS = frozenset({OperationType.QUERY, OperationType.MUTATION})


def format_error(error: GraphQLError) -> dict[str, Any]:
    """The error as the specification has it, unmasked."""
    return cast("dict[str, Any]", error.formatted)


@dataclass(slots=True)
class Reply:
    """The answer to one operation.

    `refusal` says why nothing was executed (HTTP 400), or is None. `errors` are formatted; `data` must not be changed:
    equal objects may be shared in it.
    """

    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    refusal: Refusal | None = None
    operation: OperationType | None = None
    operation_name: str | None = None
    cost: int | None = None
    maximum_cost: int = 0
    is_replay: bool = False
    """Whether it is the answer to an earlier request, given again."""

    @property
    def is_query(self) -> bool:
        """Whether it answers a query, which changes nothing."""
        return self.operation is OperationType.QUERY

    def body(self) -> dict[str, Any]:
        """The JSON object to send: `data` unless refused, `errors` if any, `extensions.cost` if it is known."""
        body: dict[str, Any] = {} if self.refusal else {"data": self.data}
        if self.errors:
            body["errors"] = self.errors
        if self.cost is not None:
            body["extensions"] = {
                "cost": {"requestedQueryCost": self.cost, "maximumAvailable": self.maximum_cost},
            }
        return body


async def execute_document(
    schema: strawberry.Schema,
    documents: Documents,
    query: str,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    context: Any,
    *,
    allowed: frozenset[OperationType] = QUERIES_AND_MUTATIONS,
    format_error: ErrorFormatter = format_error,
    root_value: Any = None,
) -> Reply:
    """Execute one operation of a document: guard, parse and validate it (once per text), check, run.

    Variables that the operation does not declare are ignored. `allowed` holds the operation types that the transport
    may run; a subscription has its own transport and is refused here. Errors never leave this function as exceptions,
    except those that are no `Exception` (a cancelled request).
    """
    document = documents.get(query)
    reply = Reply(maximum_cost=documents.limits.cost)
    if document.refusal is not None:
        return _refuse(reply, document.refusal, document.errors, format_error)
    operation = document.operation(operation_name)
    if isinstance(operation, GraphQLError):
        return _refuse(reply, "operation", [operation], format_error)
    name = operation.name.value if operation.name else None
    reply.operation, reply.operation_name = operation.operation, name
    if operation.operation not in allowed or operation.operation is OperationType.SUBSCRIPTION:
        error = GraphQLError(f"This request may not run a {operation.operation.value}.")
        return _refuse(reply, "operation", [error], format_error)
    values = documents.variables(document, operation, variables or {})
    if isinstance(values, list):
        return _refuse(reply, "variables", values, format_error)
    try:
        reply.cost = document.weights[name].cost(values.coerced, documents.limits)
    except CostExceeded as error:
        reply.cost = error.cost
        return _refuse(reply, "guard", [error], format_error)
    result = await _run(schema, documents, document, operation, values, context, root_value)
    reply.data = result.data
    if result.errors:
        reply.errors = [format_error(error) for error in result.errors]
    return reply


async def _run(
    schema: strawberry.Schema,
    documents: Documents,
    document: Document,
    operation: Any,
    values: VariableValues,
    context: Any,
    root_value: Any,
) -> ExecutionResult:
    executor = cast("type[ExecutionContext]", schema.execution_context_class)(
        documents.core,
        document.fragments,
        document.fragment_details,
        root_value,
        context,
        operation,
        values,
        default_field_resolver,
        default_type_resolver,
        default_field_resolver,
        is_awaitable=optimized_is_awaitable,
        hide_suggestions=not documents.suggestions,
    )
    if executor.mode == "engine":
        name = operation.name.value if operation.name else None
        executor.plan = documents.plan(document, name, values)
        executor.stats = documents.stats
        executor.relearn = functools.partial(documents.relearn, document)
    try:
        result = executor.execute_operation()
        if isawaitable(result):
            result = await result
    except Exception as error:  # noqa: BLE001 - the executor itself failed; the formatter masks it
        return ExecutionResult(None, [GraphQLError(str(error), original_error=error)])
    return cast("ExecutionResult", result)


def _refuse(reply: Reply, refusal: Refusal, errors: list[GraphQLError], formatter: ErrorFormatter) -> Reply:
    reply.refusal = refusal
    reply.errors = [formatter(error) for error in errors]
    return reply
