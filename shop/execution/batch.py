"""Batch fields: a field that needs the database, declared once, as a function from many parents to many values.

The function is the single source of truth: the field's type in the schema is the element type of the list it returns,
its arguments are the parameters after `parents` and `context`. How it is called is not its concern. A compiled plan
calls it once for all the objects that wait at that place of the document; graphql-core's executor, which only knows
one object at a time, reaches it through a loader that collects the objects first (`loaders.py`).
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Coroutine, Sequence
from functools import cached_property
from typing import Any, Concatenate, Self, TypeVar, cast, get_args, get_origin, overload

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryType
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.info import Info

from shop.execution.selection import Selection

Guard = Callable[[Any], None]
"""Called with the request's context, once per field and batch; refuses by raising."""

_Function = TypeVar("_Function", bound=Callable[Concatenate[list[Any], Any, ...], Coroutine[Any, Any, list[Any]]])

_ANY_PARENT = frozenset({"Any", "object", "Self"})


class _ElementAnnotation(StrawberryAnnotation):
    """Reads `list[X]` as `X`."""

    __slots__ = ()

    def _resolve(self) -> StrawberryType | type:
        resolved = super()._resolve()
        if not isinstance(resolved, StrawberryList):
            raise TypeError(f"a batch function returns a list, one value for each parent, not {self.raw_annotation}")
        return resolved.of_type


class BatchResolver(StrawberryResolver[Any]):
    """What strawberry reads off a batch function: the type of one value, and the arguments after the first two."""

    @cached_property
    def reserved_parameters(self) -> dict[Any, inspect.Parameter | None]:
        """None: a batch function gets its parents and its context by position, never `self`, `root` or `info`."""
        return dict.fromkeys(self.RESERVED_PARAMSPEC)

    @cached_property
    def selection_parameter(self) -> str | None:
        """The name of the parameter that wants to know what is selected below the field, if there is one."""
        for parameter in list(self.signature.parameters.values())[2:]:
            annotation = parameter.annotation
            name = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
            if name.rpartition(".")[2] == Selection.__name__:
                return parameter.name
        return None

    @cached_property
    def arguments(self) -> list[StrawberryArgument]:
        """The arguments of the field in the schema."""
        arguments = []
        for parameter in list(self.signature.parameters.values())[2:]:
            if parameter.name == self.selection_parameter:
                continue
            annotation = self.strawberry_annotations[cast("Any", parameter)]
            if annotation is None:
                raise TypeError(f"{self._where}: the parameter {parameter.name!r} has no annotation")
            arguments.append(
                StrawberryArgument(
                    python_name=parameter.name, graphql_name=None, type_annotation=annotation, default=parameter.default
                )
            )
        return arguments

    @cached_property
    def type_annotation(self) -> StrawberryAnnotation | None:
        """The annotation of one value."""
        returned = self.signature.return_annotation
        if returned is inspect.Signature.empty:
            return None
        return _ElementAnnotation(returned, namespace=self._namespace)

    @property
    def _where(self) -> str:
        function = self._unbound_wrapped_func
        return f"{function.__module__}.{function.__qualname__}"


class BatchField(StrawberryField):
    """A strawberry field whose value comes from a batch function."""

    guard: Guard | None = None

    def __copy__(self) -> Self:
        copied = super().__copy__()
        copied.guard = self.guard
        return copied

    def __set_name__(self, owner: type, name: str) -> None:
        _check_parents(self.function, owner)

    @property
    def resolver(self) -> BatchResolver:
        """The resolver, known to be a batch function's."""
        return cast("BatchResolver", self.base_resolver)

    @property
    def function(self) -> Callable[..., Coroutine[Any, Any, list[Any]]]:
        """The declared function, without its `staticmethod`."""
        function = self.resolver.wrapped_func
        return function.__func__ if isinstance(function, staticmethod) else cast("Any", function)

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """One parent's value under graphql-core: a future that the loader of this field node fulfils."""
        raw = cast("Any", info)._raw_info  # noqa: SLF001
        loaders = getattr(raw, "loaders", None)
        if loaders is None:
            raise RuntimeError("batch fields need a schema made with execution_context_class=execution_context(…)")
        if self.resolver.selection_parameter is not None:
            kwargs = {**kwargs, self.resolver.selection_parameter: Selection.below(raw)}
        return loaders.load(self, raw.field_nodes[0], source, raw.context, kwargs)


@overload
def batch_field(function: _Function, /) -> _Function: ...


@overload
def batch_field(
    *,
    name: str | None = None,
    description: str | None = None,
    deprecation_reason: str | None = None,
    guard: Guard | None = None,
    directives: Sequence[object] = (),
    metadata: dict[Any, Any] | None = None,
) -> Callable[[_Function], _Function]: ...


def batch_field(
    function: Any = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    deprecation_reason: str | None = None,
    guard: Guard | None = None,
    directives: Sequence[object] = (),
    metadata: dict[Any, Any] | None = None,
) -> Any:
    """Declare a batch field on a strawberry type or interface.

    The function is async, static, and takes `parents` (the objects that wait, in document order, the same object
    perhaps more than once) and `context` by position; what follows are the field's arguments, passed by name. It
    returns a list with one value per parent, in their order; an element that is an exception fails that parent only.
    It must neither change `parents` nor depend on how they are split into calls.

    A parameter annotated `Selection` is no argument: it receives what is selected below the field.

    Raises: TypeError at the declaration if the function is not async, lacks the two parameters, or names another
    type than its owner as its parents; at the making of the schema if it does not return a list.
    """

    def declare(declared: Any) -> BatchField:
        plain = declared.__func__ if isinstance(declared, staticmethod) else declared
        where = f"{plain.__module__}.{plain.__qualname__}"
        if not inspect.iscoroutinefunction(plain):
            raise TypeError(f"{where}: a batch function is async")
        if len(inspect.signature(plain).parameters) < 2:
            raise TypeError(f"{where}: a batch function takes parents and context")
        field = BatchField(
            python_name=None,
            graphql_name=name,
            description=description,
            deprecation_reason=deprecation_reason,
            directives=directives,
            metadata=metadata,
            base_resolver=BatchResolver(declared if isinstance(declared, staticmethod) else staticmethod(declared)),
        )
        field.guard = guard
        return field

    return declare if function is None else declare(function)


def _check_parents(function: Callable[..., Any], owner: type) -> None:
    """The first parameter says `list[Owner]`, `list[Any]` or `list[a base of Owner]`: a moved function is noticed."""
    parameter = next(iter(inspect.signature(function).parameters.values()))
    annotation: Any = parameter.annotation
    problem = TypeError(
        f"{function.__module__}.{function.__qualname__}: the first parameter must be list[{owner.__name__}], "
        f"not {annotation if isinstance(annotation, str) else getattr(annotation, '__name__', annotation)!r}"
    )
    if isinstance(annotation, str):
        match = re.fullmatch(r"""(?:list|List|typing\.List)\[\s*["']?([\w.]+)["']?\s*(\[.*\])?\s*\]""", annotation)
        if match is None:
            raise problem
        element: Any = match.group(1).rpartition(".")[2]
    elif get_origin(annotation) is list:
        element = get_args(annotation)[0]
        element = getattr(element, "__forward_arg__", element)
        element = get_origin(element) or element
    else:
        raise problem
    if isinstance(element, str):
        if element == owner.__name__ or element in _ANY_PARENT:
            return
        element = sys.modules[function.__module__].__dict__.get(element)
    if isinstance(element, TypeVar) or any(element is anything for anything in (Any, Self)):
        return
    if not isinstance(element, type) or not (
        element.__name__ == owner.__name__ or issubclass(owner, element) or getattr(element, "_is_protocol", False)
    ):
        raise problem


async def call(field: BatchField, parents: list[Any], context: Any, arguments: dict[str, Any]) -> list[Any]:
    """The values of `parents`, after the guard; as many as there are parents.

    Raises: what the guard or the function raises; TypeError if the answer is not a list of that length.
    """
    if field.guard is not None:
        field.guard(context)
    values: Any = await field.function(parents, context, **arguments)
    if not isinstance(values, list) or len(values) != len(parents):
        got = f"{len(values)} values" if isinstance(values, list) else type(values).__name__
        raise TypeError(f"{field.function.__qualname__} answered {got} for {len(parents)} parents")
    return values
