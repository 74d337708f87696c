"""Random valid documents for a schema: aliases, fragments, variables, conditions, merged fields."""

from __future__ import annotations

import random
import zlib
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_required_argument,
)

VALUES: dict[str, list[Any]] = {
    "Int": [0, 1, 2, 5],
    "Float": [0.5, 2],
    "Boolean": [True, False],
    "ID": ["none", "a1", "b"],
    "String": ["x", 'a"b', "ü"],
}
"""What the leaves of input values are taken from, by scalar; unknown scalars get strings."""

# Where a value stands: the field, its argument, and within inputs their types and fields.
Path = tuple[str, ...]


class Generator:
    """One document at a time: `document()` gives a text and variables that fit it."""

    def __init__(self, schema: GraphQLSchema, seed: int, values: dict[str, list[Any]] | None = None) -> None:
        self.schema = schema
        self.values = {**VALUES, **(values or {})}
        self.random = random.Random(seed)
        self.fragments: dict[str, tuple[str, str]] = {}
        self.declared: dict[str, str] = {}
        self.types: dict[str, Any] = {}
        self.paths: dict[str, Path] = {}
        self.budget = 0

    def document(self, *, mutation: bool = False, small: bool = False) -> str:
        """A document of one operation; `variables()` fit it."""
        self.fragments, self.declared, self.types, self.paths = {}, {}, {}, {}
        self.budget = 4 if small else self.random.choice([8, 25])
        root = self.schema.mutation_type if mutation else self.schema.query_type
        assert root is not None
        selection = self.selection(root, 1 if small else self.random.choice([2, 3, 4]))
        declared = ", ".join(f"${name}: {type_}" for name, type_ in self.declared.items())
        head = ("mutation" if mutation else "query") + " Q" + (f"({declared})" if declared else "")
        parts = [f"{head} {selection}"]
        parts += [f"fragment {name} on {type_} {body}" for name, (type_, body) in self.fragments.items() if body]
        return "\n".join(parts)

    def variables(self) -> dict[str, Any]:
        """New values for the variables of the last document: given, absent or null as their types allow."""
        found: dict[str, Any] = {}
        for name, type_ in self.types.items():
            if type_ is None:
                if name != "by" or self.random.random() < 0.5:
                    found[name] = self.random.random() < 0.5
            elif isinstance(type_, GraphQLNonNull) or self.is_given(self.paths[name]):
                found[name] = self.json(type_, self.paths[name])
        if self.random.random() < 0.2:
            found["undeclared"] = 1
        return found

    def is_given(self, _path: Path) -> bool:
        """Whether a variable that need not be given is."""
        return self.random.random() < 0.7

    def selection(self, type_: Any, depth: int) -> str:
        """A selection set on an object, interface or union."""
        chosen: list[str] = []
        possible = list(self.schema.get_possible_types(type_)) if is_abstract_type(type_) else []
        fields = list(getattr(type_, "fields", {}).items())
        for _ in range(self.random.randint(1, 4)):
            kind = self.random.random()
            if kind < 0.1 or not (fields or possible):
                chosen.append(self.random.choice(["__typename", "t: __typename"]))
            elif possible and (kind < 0.5 or not fields):
                target = self.random.choice([*possible, type_])
                chosen.append(self.fragment(target, depth, bare=target is type_))
            elif kind < 0.3:
                chosen.append(self.fragment(type_, depth))
            else:
                name, definition = self.random.choice(fields)
                found = self.field(name, definition, depth)
                if found:
                    chosen.append(found)
                    if self.random.random() < 0.1:
                        chosen.append(found)
        return "{ " + " ".join(chosen or ["__typename"]) + " }"

    def fragment(self, type_: Any, depth: int, *, bare: bool = True) -> str:
        """An inline fragment or a spread of a new or an earlier named one. `bare`: it need not name the type."""
        if self.random.random() < 0.5:
            on = "" if bare and self.random.random() < 0.2 else f" on {type_.name}"
            return f"...{on}{self.conditions()} {self.selection(type_, depth)}"
        known = [name for name, (on, body) in self.fragments.items() if on == type_.name and body]
        if known and self.random.random() < 0.5:
            return f"...{self.random.choice(known)}{self.conditions()}"
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (type_.name, "")  # not to be spread before it is complete: that would be a cycle
        self.fragments[name] = (type_.name, self.selection(type_, depth))
        return f"...{name}{self.conditions()}"

    def field(self, name: str, definition: GraphQLField, depth: int) -> str:
        """One field with its arguments; the alias says which arguments, so that equal aliases can be merged."""
        self.budget -= 1
        named = get_named_type(definition.type)
        below = ""
        if is_composite_type(named):
            if depth <= 0 or self.budget <= 0:
                return ""
            below = " " + self.selection(named, depth - 1)
        arguments = [
            f"{argument}: {self.value(definition.args[argument].type, (name, argument))}"
            for argument in self.arguments(definition)
        ]
        text = f"({', '.join(arguments)})" if arguments else ""
        alias = f"{name}_{zlib.crc32(text.encode()) % 10000}: " if text or self.random.random() < 0.1 else ""
        return f"{alias}{name}{text}{self.conditions()}{below}"

    def arguments(self, definition: GraphQLField) -> list[str]:
        """The arguments that a field is given: the required ones, and some of the others."""
        return [
            argument
            for argument, given in definition.args.items()
            if is_required_argument(given) or self.random.random() < 0.6
        ]

    def conditions(self) -> str:
        """Perhaps `@skip` or `@include`, with a literal or a variable."""
        if self.random.random() > 0.12:
            return ""
        name = self.random.choice(["skip", "include"])
        if self.random.random() < 0.5:
            value = self.random.choice(["true", "false"])
        else:
            value = "$" + self.random.choice(["yes", "no", "by"])
            self.declared[value[1:]] = "Boolean = true" if value == "$by" else "Boolean!"
            self.types[value[1:]] = None
        return f" @{name}(if: {value})"

    def value(self, type_: Any, path: Path) -> str:
        """A literal or a variable."""
        if self.random.random() < 0.4:
            name = f"v{len(self.declared)}"
            self.declared[name] = str(type_)
            self.types[name] = type_
            self.paths[name] = path
            return f"${name}"
        return literal(self.json(type_, path), type_)

    def json(self, type_: Any, path: Path) -> Any:
        """A value as JSON that fits the input type."""
        if isinstance(type_, GraphQLNonNull):
            return self.json_of(type_.of_type, path)
        return None if self.random.random() < 0.1 else self.json_of(type_, path)

    def json_of(self, type_: Any, path: Path) -> Any:
        if isinstance(type_, GraphQLList):
            return [self.json(type_.of_type, path) for _ in range(self.random.randint(0, 2))]
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice(list(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            return {
                name: self.json(type_.fields[name].type, (*path, type_.name, name)) for name in self.inputs(type_, path)
            }
        return self.leaf(type_, path)

    def inputs(self, type_: GraphQLInputObjectType, _path: Path) -> list[str]:
        """The fields that an input is given: the required ones, and some of the others."""
        return [
            name
            for name, given in type_.fields.items()
            if (isinstance(given.type, GraphQLNonNull) and given.default_value is Undefined)
            or (self.random.random() < 0.5 and get_named_type(given.type) is not type_)
        ]

    def leaf(self, type_: Any, _path: Path) -> Any:
        """A value of a scalar."""
        return self.random.choice(self.values.get(type_.name) or self.values["String"])


def literal(value: Any, type_: Any) -> str:
    """The JSON value in GraphQL's own notation."""
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(inner, GraphQLEnumType):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(literal(item, inner.of_type) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(item, inner.fields[key].type)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
