"""The document guard: refuses documents that would cost more than an honest client needs, before they cost it.

Three steps, each linear in the text, each protecting the next one:

1. `scan` looks at the raw text with one regular expression: length, tokens, nesting. It protects the parser, whose
   price is several microseconds per token and which recurses.
2. `measure` walks the parsed document with every fragment measured once, however often it is spread: depth, selections
   after expansion, aliases, directives, root fields. It protects validation, some rules of which are quadratic.
3. `weigh` walks the validated document with the schema's types and keeps a formula of what the lists may return.
   `Weight.cost` evaluates it with the variables of a request.

The cost of an operation counts what is fetched: one for each root field and each batch field, multiplied by the page
sizes (`first` or `last`) around it; a paged field counts its page. Plain attributes are free.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from shop.execution.batch import BatchField

_INLINED = 4
"""So many variable parts are copied upwards; with more, doubled fragments would double the formula."""

DEFINITION = "strawberry-definition"
"""The key under which strawberry keeps its own definition in the extensions of a graphql-core type or field."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may contain. The defaults that Saleor publishes (cost, aliases, mutations) are its numbers.

    Units: characters of text; tokens; levels; fields after all fragments are expanded.
    """

    characters: int = 262_144
    tokens: int = 3_500
    definitions: int = 150
    nesting: int = 60
    depth: int = 25
    selections: int = 5_000
    overlaps: int = 5_000
    """Pairs of fields and fragments with the same response name that validation may have to compare."""
    aliases: int = 100
    directives: int = 100
    mutations: int = 4
    auth_mutations: int = 1
    auth_fields: frozenset[str] = frozenset()
    """Root mutations of which a document may hold `auth_mutations`: those that test a password or a token."""
    page_default: int = 10
    """What a paged field without `first` and `last` counts."""
    cost: int = 50_000


class DocumentRefused(GraphQLError):
    """A document beyond one of the limits; `limit` is the limit's name."""

    def __init__(self, limit: str, message: str) -> None:
        super().__init__(message)
        self.limit = limit


class CostExceeded(DocumentRefused):
    """An operation that could return more than `Limits.cost`; `cost` says how much."""

    def __init__(self, message: str, cost: int) -> None:
        super().__init__("cost", message)
        self.cost = cost


# Possessive quantifiers, and alternatives for strings that never end: no construction of quotes makes the scan go back.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\(?:""")?+|"(?!""))*+"""'
    r'|"""[\s\S]*+'
    r'|"(?:[^"\\\r\n]|\\.)*+"?+'
    r"|#[^\r\n]*+"
    r"|[A-Za-z_0-9][A-Za-z_0-9.+-]*+"
    r"|\.\.\."
    r"|[{}()\[\]:=!$@|&]",
)
_STEPS = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}


def scan(text: str, limits: Limits) -> int:
    """The text may be given to the parser; the number of its tokens.

    Raises: DocumentRefused for length, tokens or nesting beyond the limits.
    """
    if len(text) > limits.characters:
        raise DocumentRefused("characters", f"The document is longer than {limits.characters} characters.")
    lexemes = _TOKEN.findall(text)
    if len(lexemes) > limits.tokens:
        raise DocumentRefused("tokens", f"The document has more than {limits.tokens} tokens.")
    steps = [_STEPS[lexeme] for lexeme in lexemes if lexeme in _STEPS]
    if max(itertools.accumulate(steps), default=0) > limits.nesting:
        raise DocumentRefused("nesting", f"The document nests brackets deeper than {limits.nesting}.")
    return len(lexemes)


_Measure = tuple[int, int, int, int]
"""Depth, selections, root fields and auth fields of a selection set, its fragments expanded."""


def measure(document: DocumentNode, limits: Limits) -> None:
    """The parsed document may be given to validation.

    Raises: DocumentRefused for definitions, depth, selections, aliases, directives or root mutations beyond the limits,
    and for fragments that spread themselves.
    """
    _refuse_beyond(
        "definitions", len(document.definitions), limits.definitions,
        "The document has more than {} operations and fragments.",
    )  # fmt: skip
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    walk = _Walk(fragments, limits)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk.directives += len(definition.directives or ())
            depth, selections, roots, auth = walk.selection_set(definition.selection_set)
            _refuse_beyond("depth", depth, limits.depth, "The operation is nested deeper than {} levels.")
            _refuse_beyond("selections", selections, limits.selections, "The operation selects more than {} fields.")
            if definition.operation is OperationType.MUTATION:
                _refuse_beyond("mutations", roots, limits.mutations, "The operation has more than {} mutations.")
                _refuse_beyond(
                    "auth_mutations", auth, limits.auth_mutations,
                    "The operation has more than {} mutation that signs in or checks a secret.",
                )  # fmt: skip
    for name in fragments:
        walk.fragment(name)  # unused fragments are validated too
    _refuse_beyond("selections", walk.widest, limits.selections, "The document selects more than {} fields.")
    _refuse_beyond("depth", walk.deepest, limits.depth, "The document is nested deeper than {} levels.")
    _refuse_beyond("aliases", walk.aliases, limits.aliases, "The document has more than {} aliases.")
    _refuse_beyond("directives", walk.directives, limits.directives, "The document has more than {} directives.")


def _refuse_beyond(limit: str, value: int, maximum: int, message: str) -> None:
    if value > maximum:
        raise DocumentRefused(limit, message.format(maximum))


class _Walk:
    """Measures each selection set of the text once; a spread adds the measure of its fragment."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], limits: Limits) -> None:
        self.fragments = fragments
        self.limits = limits
        self.measures: dict[str, _Measure] = {}
        self.open: set[str] = set()
        self.aliases = self.directives = self.widest = self.deepest = 0

    def fragment(self, name: str) -> _Measure:
        found = self.measures.get(name)
        if found is None:
            node = self.fragments.get(name)
            if node is None:
                return 0, 0, 0, 0  # validation will say so
            if name in self.open:
                raise DocumentRefused("cycle", f"The fragment '{name}' spreads itself.")
            self.open.add(name)
            _refuse_beyond("nesting", len(self.open), self.limits.nesting, "Fragments are nested deeper than {}.")
            self.directives += len(node.directives or ())
            found = self.measures[name] = self.selection_set(node.selection_set)
            self.open.discard(name)
            self.deepest = max(self.deepest, found[0])
            self.widest = max(self.widest, found[1])
        return found

    def selection_set(self, node: SelectionSetNode) -> _Measure:
        depth = selections = roots = auth = 0
        auth_fields = self.limits.auth_fields
        for selection in node.selections:
            if selection.directives:
                self.directives += len(selection.directives)
            if isinstance(selection, FieldNode):
                if selection.alias is not None:
                    self.aliases += 1
                if auth_fields and selection.name.value in auth_fields:
                    auth += 1
                roots += 1
                selections += 1
                if selection.selection_set is None:
                    depth = depth or 1
                else:
                    below = self.selection_set(selection.selection_set)
                    depth = max(depth, below[0] + 1)
                    selections += below[1]
                continue
            if isinstance(selection, InlineFragmentNode):
                below = self.selection_set(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                below = self.fragment(selection.name.value)
            else:
                continue
            depth = max(depth, below[0])
            selections += below[1]
            roots += below[2]
            auth += below[3]
        return depth, selections, roots, auth


@dataclass(slots=True)
class Weight:
    """What a selection fetches: a constant, and weights to be multiplied by a page size.

    A page size is a number, or the names of the variables it is taken from.
    """

    constant: int = 0
    parts: list[tuple[int | tuple[str, ...], Weight]] = field(default_factory=list)

    def cost(self, variables: Mapping[str, Any], limits: Limits) -> int:
        """The cost with these variables.

        Raises: CostExceeded if it is beyond the limit. A page that is too large alone is its connection's to refuse.
        """
        total = self._evaluate(variables, limits, {})
        if total > limits.cost:
            raise CostExceeded(f"The operation costs {total}, more than the {limits.cost} allowed.", total)
        return total

    def _evaluate(self, variables: Mapping[str, Any], limits: Limits, known: dict[int, int]) -> int:
        found = known.get(id(self))
        if found is None:
            found = self.constant
            for size, weight in self.parts:
                pages = size if isinstance(size, int) else _page(variables, size, limits)
                found += pages * weight._evaluate(variables, limits, known)  # noqa: SLF001
            known[id(self)] = found
        return found


def _page(variables: Mapping[str, Any], names: tuple[str, ...], limits: Limits) -> int:
    given = [max(value, 0) for name in names if isinstance(value := variables.get(name), int)]
    return max(given, default=limits.page_default)


def weigh(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, limits: Limits) -> Weight:
    """The weight of one operation of a valid document."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    scale = _Scale(schema, fragments, limits)
    weight = scale.selection_set(operation.selection_set, schema.get_root_type(operation.operation), root=True)
    return _folded(weight, {})


def _folded(weight: Weight, known: dict[int, Weight]) -> Weight:
    """The same weight with all that does not depend on variables added up; most documents become one number."""
    found = known.get(id(weight))
    if found is None:
        found = known[id(weight)] = Weight(weight.constant)
        for size, part in weight.parts:
            below = _folded(part, known)
            if not isinstance(size, int):
                found.parts.append((size, below))
            elif not below.parts:
                found.constant += size * below.constant
            elif size == 1 and len(below.parts) <= _INLINED:
                found.constant += below.constant
                found.parts += below.parts
            else:
                found.parts.append((size, below))
    return found


class _Scale:
    """Weighs each selection set of the text once; nested weights are shared, not copied."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], limits: Limits) -> None:
        self.schema = schema
        self.fragments = fragments
        self.limits = limits
        self.weights: dict[tuple[str, bool], Weight] = {}

    def selection_set(self, node: SelectionSetNode, parent: Any, *, root: bool = False) -> Weight:
        total = Weight()
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                self.field(selection, parent, total, root=root)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self.schema.get_type(condition.name.value) if condition else parent
                total.parts.append((1, self.selection_set(selection.selection_set, inner, root=root)))
            elif isinstance(selection, FragmentSpreadNode):
                total.parts.append((1, self.fragment(selection.name.value, root=root)))
        return total

    def fragment(self, name: str, *, root: bool) -> Weight:
        found = self.weights.get((name, root))
        if found is None:
            node = self.fragments[name]
            condition = self.schema.get_type(node.type_condition.name.value)
            found = self.weights[name, root] = self.selection_set(node.selection_set, condition, root=root)
        return found

    def field(self, node: FieldNode, parent: Any, total: Weight, *, root: bool) -> None:
        definition = self.schema.get_field(parent, node.name.value)
        if definition is None or node.name.value.startswith("__"):
            return
        named = get_named_type(definition.type)
        fetched = int(root or isinstance(definition.extensions.get(DEFINITION), BatchField))
        if node.selection_set is None or not is_composite_type(named):
            total.constant += fetched
            return
        below = self.selection_set(node.selection_set, named)
        if "first" in definition.args or "last" in definition.args:
            below.constant += 1
            total.parts.append((self.page_size(node), below))
        else:
            total.constant += fetched
            total.parts.append((1, below))

    def page_size(self, node: FieldNode) -> int | tuple[str, ...]:
        variables = []
        size: int | None = None
        for argument in node.arguments or ():
            if argument.name.value in {"first", "last"}:
                if isinstance(argument.value, VariableNode):
                    variables.append(argument.value.name.value)
                elif isinstance(argument.value, IntValueNode):
                    size = max(size or 0, int(argument.value.value))
        if size is None and variables:
            return tuple(variables)
        return self.limits.page_default if size is None else size
