"""Code generation for one root field: from the fields that graphql-core collects to Python statements.

Nested objects become statements that leave their dict in a local variable, lists become loops, scalars are checked
where they stand. Each place with batch fields gets a queue (two lists: objects, dicts) and, per batch field, a fill
function. Names of the document enter the code as literals only, everything else as a constant of the namespace.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import strawberry
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import FieldDetailsList, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from shop.execution.arguments import Arguments
from shop.execution.batch import BatchField
from shop.execution.guard import DEFINITION
from shop.execution.plan import Bail, Step, UnknownClass
from shop.execution.scalars import leaf_expression
from shop.execution.selection import Selection

Position = tuple[str, ...]
"""Response names from the root field down; in the branches of an interface or a union also the type, as `<Type>`."""

Learned = dict[Position, tuple[type, ...]]
"""The classes met so far below interfaces and unions that have too many types to compile them all."""

EAGER = 8
"""Up to so many possible types an interface or union is compiled for all of them at once, else as they are seen."""
_LOOPS = 12
"""Nested loops in one function; CPython allows twenty blocks."""
_INDENT = 80
"""Levels of indentation in one function; CPython allows a hundred."""


class UncompilableError(Exception):
    """This root field is not for plans; `reason` and `place` are counted."""

    def __init__(self, reason: str, place: str) -> None:
        super().__init__(f"{reason} at {place}")
        self.reason = reason
        self.place = place


class _Code:
    """The lines of one generated function, indented."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.queues: dict[int, None] = {}
        self.indent = 1
        self.loops = 0

    def add(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def enqueue(self, queue: int, value: str) -> None:
        """Emit what puts the value into a queue, by a function that is looked up once."""
        self.queues[queue] = None
        self.add(f"q{queue}({value})")


class RootCompiler:
    """Compiles one root field: its walk function and, for each batch field met on the way, a fill function."""

    def __init__(
        self,
        schema: strawberry.Schema,
        fragments: dict[str, FragmentDetails],
        operation: OperationDefinitionNode,
        variables: VariableValues,
        learned: Learned,
    ) -> None:
        self.schema = schema
        self.core = schema._schema  # noqa: SLF001
        self.fragments = fragments
        self.operation = operation
        self.variables = variables
        self.learned = learned
        self.names: dict[str, Any] = {"Bail": Bail, "UnknownClass": UnknownClass, "Exception": Exception}
        self.queues = 0
        self.arguments: list[Arguments] = []
        self.pending: list[
            tuple[BatchField, int, int | None, dict[str, Any], GraphQLOutputType, Any, Position, str]
        ] = []
        self.size = 0
        self._counter = 0
        self._places: dict[str, str] = {}

    # Functions

    def walk_function(
        self, type_: GraphQLOutputType, details: FieldDetailsList, position: Position, place: str
    ) -> Callable[..., Any]:
        code = _Code()
        result = self.complete(code, "o0", type_, details, position, place)
        code.add(f"return {result}")
        return self.define("walk", "o0, Q, A", code)

    def compile_steps(self) -> tuple[Step, ...]:
        """One step per batch field, parents before children; compiling a fill function may add more of them."""
        steps: list[Step] = []
        while self.pending:
            field, queue, arguments, extra, type_, details, position, place = self.pending.pop(0)
            code = _Code()
            code.add("for o0, d0 in zip(V, D):")
            code.indent += 1
            code.loops += 1
            result = self.complete(code, "o0", type_, details, position, place)
            code.add(f"d0[{position[-1]!r}] = {result}")
            fill = self.define("fill", "V, D, Q, A", code)
            steps.append(Step(place, field.function, field.guard, queue, arguments, extra, fill))
        return tuple(steps)

    def define(self, name: str, parameters: str, code: _Code) -> Callable[..., Any]:
        queues = (f"    q{queue} = Q[{queue}].append" for queue in code.queues)
        source = "\n".join([f"def {name}({parameters}):", *queues, *code.lines])
        namespace = self.names
        compiled = compile(
            source, f"<plan of {self.operation.name.value if self.operation.name else 'a query'}>", "exec"
        )
        self.size += len(source) * 6 + 500
        exec(compiled, namespace)  # noqa: S102 - the source is generated here; names of the document enter as literals
        return cast("Callable[..., Any]", namespace.pop(name))

    def new(self, prefix: str) -> str:
        self._counter += 1
        return f"{prefix}{self._counter}"

    def constant(self, prefix: str, value: Any) -> str:
        name = self.new(prefix)
        self.names[name] = value
        return name

    def place(self, place: str) -> str:
        name = self._places.get(place)
        if name is None:
            name = self._places[place] = self.constant("P", place)
        return name

    # Values

    def complete(
        self,
        code: _Code,
        source: str,
        type_: GraphQLOutputType,
        details: FieldDetailsList,
        position: Position,
        place: str,
    ) -> str:
        """Emit what completes the value of the expression `source`; returns the expression of the completed value."""
        required = is_non_null_type(type_)
        inner: Any = type_.of_type if is_non_null_type(type_) else type_
        if is_leaf_type(inner):
            return leaf_expression(self.constant, source, inner, place, required=required)
        if not source.isidentifier():
            local = self.new("o")
            code.add(f"{local} = {source}")
            source = local
        result = self.new("r")
        if required:
            self.composite(code, source, result, inner, details, position, place)
        else:
            code.add(f"if {source} is None:")
            code.add(f"    {result} = None")
            code.add("else:")
            code.indent += 1
            self.composite(code, source, result, inner, details, position, place)
            code.indent -= 1
        return result

    def composite(
        self,
        code: _Code,
        source: str,
        result: str,
        type_: Any,
        details: FieldDetailsList,
        position: Position,
        place: str,
    ) -> None:
        """Emit what completes a value that is not null."""
        if code.indent > _INDENT or code.loops >= _LOOPS:
            inner = _Code()
            self.composite(inner, "o0", "r0", type_, details, position, place)
            inner.add("return r0")
            function = self.constant("F", self.define("part", "o0, Q, A", inner))
            code.add(f"{result} = {function}({source}, Q, A)")
        elif is_list_type(type_):
            code.add(f"if {source}.__class__ is not list:")
            code.add(f"    raise Bail('null' if {source} is None else 'list', {self.place(place)})")
            self.list_(code, source, result, type_.of_type, details, position, place)
        elif is_object_type(type_):
            cls = self.constant("C", _class_of(type_, place))
            code.add(f"if {source}.__class__ is not {cls}:")
            code.add(f"    raise Bail('null' if {source} is None else 'class', {self.place(place)})")
            self.object_(code, source, result, type_, details, position)
        elif is_abstract_type(type_):
            self.abstract(code, source, result, type_, details, position, place)
        else:
            raise UncompilableError("type", place)

    def list_(
        self,
        code: _Code,
        source: str,
        result: str,
        item: Any,
        details: FieldDetailsList,
        position: Position,
        place: str,
    ) -> None:
        inner = item.of_type if is_non_null_type(item) else item
        if is_leaf_type(inner):
            checked = leaf_expression(self.constant, "v", inner, place, required=is_non_null_type(item))
            code.add(f"{result} = [{checked} for v in {source}]")
            return
        element, add = self.new("o"), self.new("a")
        code.add(f"{result} = []")
        code.add(f"{add} = {result}.append")
        code.add(f"for {element} in {source}:")
        code.indent += 1
        code.loops += 1
        code.add(f"{add}({self.complete(code, element, item, details, position, place)})")
        code.loops -= 1
        code.indent -= 1

    def abstract(
        self,
        code: _Code,
        source: str,
        result: str,
        type_: Any,
        details: FieldDetailsList,
        position: Position,
        place: str,
    ) -> None:
        """Emit one branch per class that may stand here; an unknown one raises, and the plan is made anew with it."""
        table = self.classes(type_, place)
        chosen = dict(table) if len(table) <= EAGER else {}
        for cls in self.learned.get(position, ()):
            if cls not in table:
                raise UncompilableError("class", f"{place}: {cls.__name__}")
            chosen[cls] = table[cls]
        kind = self.new("k")
        code.add(f"{kind} = {source}.__class__")
        keyword = "if"
        for cls, object_type in chosen.items():
            code.add(f"{keyword} {kind} is {self.constant('C', cls)}:")
            keyword = "elif"
            code.indent += 1
            # The type is part of the position: each branch has its own queues and its own learned classes.
            self.object_(code, source, result, object_type, details, (*position, f"<{object_type.name}>"))
            code.indent -= 1
        raised = f"raise UnknownClass({self.constant('P', position)}, {kind})"
        if keyword == "if":
            code.add(raised)
        else:
            code.add("else:")
            code.add(f"    {raised}")

    def classes(self, type_: Any, place: str) -> dict[type, GraphQLObjectType]:
        """The classes whose instances are certainly of one possible type."""
        abstract = type_.extensions.get(DEFINITION)
        if isinstance(abstract, StrawberryObjectDefinition) and abstract.resolve_type is not None:
            raise UncompilableError("resolve_type", place)
        table: dict[type, GraphQLObjectType | None] = {}
        for possible in self.core.get_possible_types(type_):
            definition = possible.extensions.get(DEFINITION)
            if isinstance(definition, StrawberryObjectDefinition) and definition.is_type_of is None:
                cls = definition.origin
                generic = definition.concrete_of is not None or definition.is_graphql_generic
                table[cls] = None if generic or cls in table else possible
        return {cls: possible for cls, possible in table.items() if possible is not None}

    # Objects

    def object_(
        self,
        code: _Code,
        source: str,
        result: str,
        type_: GraphQLObjectType,
        details: FieldDetailsList,
        position: Position,
    ) -> None:
        """Emit the dict of an object of that type; its batch fields are queued."""
        grouped = collect_subfields(
            self.core, self.fragments, self.variables, self.operation, type_, details
        ).grouped_field_set
        entries: list[str] = []
        queue: int | None = None
        for name, nodes in grouped.items():
            field_name = nodes[0].node.name.value
            if field_name == "__typename":
                entries.append(f"{name!r}: {type_.name!r}")
                continue
            definition = self.core.get_field(type_, field_name)
            place = f"{type_.name}.{field_name}"
            if definition is None:
                raise UncompilableError("field", place)
            field = definition.extensions.get(DEFINITION)
            if not isinstance(field, StrawberryField) or field.extensions or field.permission_classes:
                raise UncompilableError("field", place)
            if isinstance(field, BatchField):
                if queue is None:
                    queue = self.queues
                    self.queues += 2
                entries.append(f"{name!r}: None")
                self.pending.append(
                    (field, queue, self.argument(field, definition, nodes), self.selection(field, nodes),
                     definition.type, nodes, (*position, name), place)
                )  # fmt: skip
                continue
            value = self.source(field, definition, nodes, source, place)
            entries.append(f"{name!r}: {self.complete(code, value, definition.type, nodes, (*position, name), place)}")
        code.add(f"{result} = {{{', '.join(entries)}}}")
        if queue is not None:
            code.enqueue(queue, source)
            code.enqueue(queue + 1, result)

    def source(
        self, field: StrawberryField, definition: GraphQLField, nodes: FieldDetailsList, parent: str, place: str
    ) -> str:
        """The expression of a field's raw value: an attribute, or the call of a cheap resolver."""
        resolver = field.base_resolver
        if resolver is None:
            if type(field).get_result is not StrawberryField.get_result or field.default_resolver is not getattr:
                raise UncompilableError("resolver", place)
            name = field.python_name
            return f"{parent}.{name}" if name.isidentifier() else f"getattr({parent}, {name!r})"
        if resolver.is_async or resolver.info_parameter is not None:
            raise UncompilableError("async" if resolver.is_async else "info", place)
        function = self.constant("F", resolver.wrapped_func)
        given = [parent] if resolver.self_parameter else []
        given += [
            f"{parameter.name}={parent}"
            for parameter in (resolver.parent_parameter, resolver.root_parameter)
            if parameter is not None
        ]
        index = self.argument(field, definition, nodes)
        if index is not None:
            given.append(f"**A[{index}]")
        return f"{function}({', '.join(given)})"

    def argument(self, field: StrawberryField, definition: GraphQLField, nodes: FieldDetailsList) -> int | None:
        if not definition.args:
            return None
        self.arguments.append(Arguments(self.schema, field, definition, nodes[0].node))
        return len(self.arguments) - 1

    def selection(self, field: BatchField, nodes: FieldDetailsList) -> dict[str, Any]:
        parameter = field.resolver.selection_parameter
        if parameter is None:
            return {}
        return {parameter: self.selection_below(nodes)}

    def selection_below(self, nodes: FieldDetailsList) -> Selection:
        """What is selected below these field nodes, under the conditions of this plan."""
        fragments = {name: details.definition for name, details in self.fragments.items()}
        return Selection([details.node for details in nodes], fragments, self.variables.coerced)


def _class_of(type_: GraphQLObjectType, place: str) -> type:
    definition = type_.extensions.get(DEFINITION)
    if not isinstance(definition, StrawberryObjectDefinition) or definition.is_type_of is not None:
        raise UncompilableError("is_type_of", place)
    # An instance of a generic type, `Page[Book](…)`, is a plain `Page`.
    return (definition.concrete_of or definition).origin
