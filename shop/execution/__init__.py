"""GraphQL execution at the speed of hand-written code, for strawberry schemas; it knows nothing of the shop.

Declare a field that needs the database once, as a function from many parents to many values:

    @strawberry.type
    class Category:
        id: strawberry.ID
        name: str                                        # plain attributes stay plain

        @strawberry.field(description="…")               # so do cheap computed fields: sync, without `info`
        def slug(self) -> str: ...

        @batch_field(description="…", guard=staff_only)  # also bare: @batch_field
        @staticmethod
        async def translation(
            parents: list[Category],                     # everyone who waits, in document order
            context: Context,                            # whatever `info.context` is
            language_code: LanguageCode,                 # from here on: the field's arguments
            first: Annotated[int | None, strawberry.argument(description="…")] = None,
        ) -> list[Translation | None]: ...               # one value per parent; an exception fails that parent only

- The type in the schema is the element type of the returned list; lazy types work (`list[Annotated["Product",
  strawberry.lazy("…")] | None]`), with and without `from __future__ import annotations`, on types, interfaces and
  generics. `Category.translation` remains the plain function, so tests can call it.
- `guard(context)` runs once per field and batch and refuses by raising: permission checks belong there.
- `parents` may hold the same object twice; don't change it, and don't depend on how parents are split into calls.
- A parameter annotated `Selection` is no argument: it tells what is selected below the field, for example whether a
  nested `totalCount` is wanted. A root resolver gets the same from `Selection.below(info)`.
- Batch functions of one request run strictly one after another, and so do root fields: the context may hold one
  database connection. (Async resolvers on nested objects would break that; declare batch fields instead.)

Then make the schema with our execution context:

    schema = strawberry.Schema(Query, Mutation, execution_context_class=execution_context(mode="engine"))

and answer requests with one store of documents per process:

    documents = Documents(schema, Limits(auth_fields=frozenset({"tokenCreate"})))
    reply = await execute_document(
        schema, documents, query, variables, operation_name, context, allowed=QUERIES, format_error=to_wire
    )
    body = orjson.dumps(reply.body())                    # reply.refusal is not None: nothing was run, HTTP 400

How it works. graphql-core spends its time on generality: a resolver call, an info object, a path and a completion for
every scalar of every object. But for a given text nearly all of that is known before the request. So:

1. `documents.py` keeps each text parsed, validated and judged by the guard (`guard.py`, `overlaps.py`).
2. `compiler.py` turns an operation that is seen again into a plan: `codegen.py` generates one Python function per
   root field, which is nothing but dict displays, loops and checks (`scalars.py`), and one fill function per batch
   field.
3. `plan.py` runs it: walk the resolved root value, leaving objects with batch fields in queues; then call each batch
   function once with its whole queue and let its fill function write the values into the waiting dicts.
4. `executor.py` lets graphql-core resolve the root fields, one after another, and completes their values by the plan.
   The plan is optimistic: whatever is unusual (an exception, a null or a class that the types forbid, a scalar that
   does not coerce) ends it, and graphql-core completes the same resolved value again. Errors, paths and the
   propagation of nulls are therefore graphql-core's own, and no resolver of a root field runs twice.
   `Documents.stats` counts how often that happens, and why.
5. With `mode="reference"` there are no plans and the same batch functions sit behind loaders (`loaders.py`). That is
   the oracle: random documents are executed both ways and must agree to the last byte.

What stays with graphql-core: introspection, subscriptions, and root fields below which a resolver takes `info`, is
async without being a batch field, or has extensions or permission classes (`Documents.stats.unplanned` names them).
"""

from shop.execution.batch import BatchField, Guard, batch_field
from shop.execution.documents import Documents, Refusal
from shop.execution.execute import QUERIES, QUERIES_AND_MUTATIONS, ErrorFormatter, Reply, execute_document
from shop.execution.executor import ExecutionContext, Mode, execution_context
from shop.execution.guard import CostExceeded, DocumentRefused, Limits
from shop.execution.selection import Selection

__all__ = [
    "QUERIES",
    "QUERIES_AND_MUTATIONS",
    "BatchField",
    "CostExceeded",
    "DocumentRefused",
    "Documents",
    "ErrorFormatter",
    "ExecutionContext",
    "Guard",
    "Limits",
    "Mode",
    "Refusal",
    "Reply",
    "Selection",
    "batch_field",
    "execute_document",
    "execution_context",
]
