"""Plans: what a compiled operation looks like, and how one of its root fields is run.

A root field's plan consists of a generated function that turns the resolved value into the response (dicts and lists
of checked scalars) and of steps, one per batch field of the document. Where an object has batch fields the function
leaves None under their names and puts the object and its dict into the queue of that place. Then the steps run in
document order: each calls its batch function once with everything in its queue, and a second generated function writes
the values into the waiting dicts, perhaps filling the queues of later steps.

Plans are optimistic. Whatever is unusual raises, mostly `Bail`, and the executor lets graphql-core complete the same
resolved value again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLObjectType, GraphQLOutputType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues

from shop.execution.arguments import Arguments
from shop.execution.batch import Guard
from shop.execution.roots import Resolve
from shop.execution.selection import Selection

Queues = list[list[Any]]
"""Two lists per place with batch fields: the objects, and the dicts that stand for them in the response."""

Walk = Callable[[Any, Queues, list[dict[str, Any]]], Any]
Fill = Callable[[list[Any], list[Any], Queues, list[dict[str, Any]]], None]


class Bail(Exception):
    """The value is not what the plan was made for; `reason` and `place` (type and field) are counted."""

    def __init__(self, reason: str, place: str) -> None:
        super().__init__(f"{reason} at {place}")
        self.reason = reason
        self.place = place


class UnknownClass(Exception):
    """An object of a class that this place of the plan, an interface or a union, has not been compiled for yet."""

    def __init__(self, position: tuple[str, ...], cls: type) -> None:
        super().__init__(f"{cls.__name__} at {'.'.join(position)}")
        self.position = position
        self.cls = cls


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One batch field at one place of the document."""

    name: str
    function: Callable[..., Awaitable[list[Any]]]
    guard: Guard | None
    queue: int
    arguments: int | None
    """Its index among the root's arguments, None if it has none."""
    extra: dict[str, Any]
    """Values that do not depend on the request: the selection below."""
    fill: Fill


@dataclass(frozen=True, slots=True, eq=False)
class RootPlan:
    """One root field, compiled."""

    parent_type: GraphQLObjectType
    return_type: GraphQLOutputType
    details: FieldDetailsList
    """Its nodes in the document, for graphql-core."""
    resolve: Resolve | None
    """How its value comes about; None where graphql-core has to find out."""
    walk: Walk
    steps: tuple[Step, ...]
    queues: int
    arguments: tuple[Arguments, ...]
    size: int
    """An estimate of the bytes it occupies."""
    selection: Selection
    """What is selected below, looked up once for all requests."""
    recompile: Callable[[tuple[str, ...], type], RootPlan | None]
    """The same plan, made also for that class at that position; None if the class cannot stand there."""

    async def run(self, value: Any, context: Any, variables: VariableValues) -> Any:
        """The completed value of the root field.

        Raises: anything, when something is unusual; nothing but reads has happened then.
        """
        arguments = [spec.values(variables) for spec in self.arguments]
        queues: Queues = [[] for _ in range(self.queues)]
        result = self.walk(value, queues, arguments)
        for step in self.steps:
            parents = queues[step.queue]
            if not parents:
                continue
            if step.guard is not None:
                step.guard(context)
            given = step.extra if step.arguments is None else {**arguments[step.arguments], **step.extra}
            values: Any = await step.function(parents, context, **given)
            if values.__class__ is not list or len(values) != len(parents):
                raise Bail("batch", step.name)
            step.fill(values, queues[step.queue + 1], queues, arguments)
        return result


@dataclass(slots=True, eq=False)
class Plan:
    """One operation under one choice of its `@skip` and `@include` conditions: its root fields by response name.

    A root field that cannot be compiled is missing, and graphql-core runs it whole.
    """

    roots: dict[str, RootPlan] = field(default_factory=dict)
    is_whole: bool = False
    """Whether every root field is here and knows how to resolve itself, so that graphql-core is not needed at all."""

    @property
    def size(self) -> int:
        """An estimate of the bytes it occupies."""
        return sum(root.size for root in self.roots.values())


@dataclass(slots=True)
class Stats:
    """What the engine did, for metrics and tests."""

    compiled: int = 0
    """Root fields compiled."""
    learned: int = 0
    """Root fields compiled again for a class seen for the first time below an interface or a union."""
    planned: int = 0
    """Root fields answered by a plan."""
    unplanned: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Root fields that cannot be compiled, by reason and place."""
    bails: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Root fields given to graphql-core after all, by reason and place."""

    @property
    def fallbacks(self) -> int:
        """How often graphql-core had to complete a root field for which there was a plan."""
        return self.bails.total()
