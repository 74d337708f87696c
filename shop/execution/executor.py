"""The execution context for `strawberry.Schema`: graphql-core's executor with its root fields run one after another.

graphql-core runs the root fields of a query at once. With one database connection per request that would interleave
statements and make the set of errors depend on timing, so here queries are run like mutations: a root field is
resolved and completed, its loaders are drained, then the next one starts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, ClassVar, Literal, NamedTuple, cast

from graphql import (
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
)
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from shop.execution.loaders import Loaders
from shop.execution.plan import Bail, Plan, RootPlan, Stats, UnknownClass
from shop.execution.roots import Resolve
from shop.execution.selection import Selection

Mode = Literal["engine", "reference"]
"""`engine` runs compiled plans, `reference` leaves everything to graphql-core: the oracle of the differential tests."""


Relearn = Callable[[Plan, str, UnknownClass], RootPlan | None]
"""Gives the plan of a root field, made also for the class it met; None if that class has no place there."""


_UNCOUNTED = Stats()
"""Stands where an executor has no plan and so nothing to count."""


class ResolveInfo(NamedTuple):
    """What graphql-core tells a resolver, and the loaders of the request."""

    field_name: str
    field_nodes: list[FieldNode]
    return_type: GraphQLOutputType
    parent_type: GraphQLObjectType
    path: Path
    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    root_value: Any
    operation: OperationDefinitionNode
    variable_values: dict[str, Any]
    context: Any
    is_awaitable: Callable[[Any], bool]
    abort_signal: Any
    async_helpers: Any
    operation_extensions: dict[str, Any] | None
    loaders: Loaders
    selection: Selection | None
    """What is selected below a root field that has a plan."""


class ExecutionContext(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor with serial roots and loaders for batch fields.

    It executes one operation of one request; made by `strawberry.Schema` or by `execute_document`.
    """

    mode: ClassVar[Mode] = "engine"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.loaders = Loaders()
        self.plan: Plan | None = None
        self.stats = _UNCOUNTED
        self.relearn: Relearn = lambda *_: None

    @staticmethod
    def unavailable(error: Exception) -> bool:
        """Whether the error means that the database cannot be reached, so that asking again would only hurt."""
        return False

    def build_resolve_info(
        self,
        field_def: GraphQLField,
        field_nodes: list[FieldNode],
        parent_type: GraphQLObjectType,
        path: Path,
    ) -> Any:
        """What a resolver gets as its raw info."""
        root = self.plan.roots.get(cast("str", path.key)) if self.plan is not None and path.prev is None else None
        return self._info(field_def.type, field_nodes, parent_type, path, root.selection if root is not None else None)

    def _info(
        self,
        return_type: GraphQLOutputType,
        field_nodes: list[FieldNode],
        parent_type: GraphQLObjectType,
        path: Path,
        selection: Selection | None,
    ) -> ResolveInfo:
        return ResolveInfo(
            field_nodes[0].name.value,
            field_nodes,
            return_type,
            parent_type,
            path,
            self.schema,
            self.fragment_definitions,
            self.root_value,
            self.operation,
            self.variable_values.coerced,
            self.context_value,
            self.is_awaitable,
            self.abort_signal,
            self.async_helpers,
            self.operation_extensions,
            self.loaders,
            selection,
        )

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: Any,
        info: Any,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """The completed value; of a root field that has a plan, by the plan."""
        if path.prev is None and self.plan is not None:
            root = self.plan.roots.get(cast("str", path.key))
            # Inside a fall-back graphql-core asks again for the nullable part of a non-null type: not the plan's type.
            if root is not None and root.return_type is return_type and not isinstance(result, Exception):
                return self._complete_by_plan(
                    root, return_type, field_details_list, info, path, result, position_context
                )
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)

    async def _complete_by_plan(
        self,
        root: RootPlan | None,
        return_type: GraphQLOutputType,
        field_details_list: Any,
        info: Any,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        """The root's value by its plan; when anything is unusual, the same value by graphql-core."""
        stats = self.stats
        while root is not None:
            try:
                completed = await root.run(result, self.context_value, self.variable_values)
            except UnknownClass as error:
                root = self.relearn(cast("Plan", self.plan), cast("str", path.key), error)
                if root is None:
                    stats.bails["class", f"{'.'.join(error.position)}: {error.cls.__name__}"] += 1
            except Bail as bail:
                stats.bails[bail.reason, bail.place] += 1
                break
            except Exception as error:
                if self.unavailable(error):
                    raise
                # graphql-core will meet it again and report it in its own way.
                stats.bails["raised", f"{info.parent_type.name}.{info.field_name}: {type(error).__name__}"] += 1
                break
            else:
                stats.planned += 1
                return completed
        completed = super().complete_value(return_type, field_details_list, info, path, result, position_context)
        return await completed if self.is_awaitable(completed) else completed

    def execute_operation(self, serially: bool | None = None) -> Any:
        """The result of the operation, or an awaitable of it; root fields are always run in order."""
        if self.plan is not None and self.plan.is_whole:
            return self._execute_plan(self.plan)
        return super().execute_operation(serially=True)

    async def _execute_plan(self, plan: Plan) -> ExecutionResult:
        """As graphql-core executes an operation, for one whose plan is whole."""
        data: dict[str, Any] = {}
        try:
            for name, root in plan.roots.items():
                data[name] = await self._execute_root(name, root)
        except GraphQLError as error:
            # Nothing but a null that has propagated this far.
            self.collected_errors.add(error, None)
            return cast("ExecutionResult", self.build_response(None))
        return cast("ExecutionResult", self.build_response(data))

    async def _execute_root(self, name: str, root: RootPlan) -> Any:
        path = Path(None, name, root.parent_type.name)
        nodes = [details.node for details in root.details]
        info = self._info(root.return_type, nodes, root.parent_type, path, root.selection)
        try:
            result = await cast("Resolve", root.resolve)(self.root_value, info, self.variable_values)
            return await self._complete_by_plan(root, root.return_type, root.details, info, path, result, None)
        except Exception as error:  # noqa: BLE001 - told at its field, as graphql-core does
            self.handle_field_error(error, root.return_type, root.details, path)
            return None
        finally:
            await self.loaders.drain(self.background_futures)

    def execute_fields_serially(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        """The root fields' values by response name, in document order, each drained before the next starts."""
        results: dict[str, Any] = {}
        items: Iterator[tuple[str, Any]] = iter(grouped_field_set.items())

        def start(name: str, details: Any) -> Any:
            field_path = Path(path, name, parent_type.name)
            return self.execute_field(parent_type, source_value, details, field_path, position_context)

        async def finish(name: str, value: Awaitable[Any]) -> dict[str, Any]:
            try:
                results[name] = await value
                for following, details in items:
                    result = start(following, details)
                    if self.is_awaitable(result):
                        try:
                            result = await result
                        finally:
                            await self.loaders.drain(self.background_futures)
                    if result is not Undefined:
                        results[following] = result
            finally:
                await self.loaders.drain(self.background_futures)
            return results

        # Without an awaitable everything stays synchronous: introspection needs no event loop.
        for name, details in items:
            result = start(name, details)
            if self.is_awaitable(result):
                return finish(name, result)
            if result is not Undefined:
                results[name] = result
        return results


class ReferenceExecutionContext(ExecutionContext):
    """The same executor, forbidden to use plans."""

    mode: ClassVar[Mode] = "reference"


def execution_context(
    mode: Mode = "engine", *, unavailable: Callable[[Exception], bool] = lambda _: False
) -> type[ExecutionContext]:
    """The class to give to `strawberry.Schema(execution_context_class=…)`.

    `unavailable` says of an exception whether it means that the database cannot be reached: a plan that meets one fails
    its root field at once instead of asking graphql-core to try again, which would run the batch a second time just
    when it hurts.
    """
    base = ReferenceExecutionContext if mode == "reference" else ExecutionContext
    return type(base.__name__, (base,), {"unavailable": staticmethod(unavailable), "__doc__": base.__doc__})
