"""Overlapping fields, told apart cheaply: validation's most expensive rule is run only where it can find something.

Fields with the same response name in one selection set are merged, and GraphQL demands that they can be: the same
field, the same arguments, the same shape below. graphql-core's rule compares all pairs, fragments included, which for
a few kilobytes takes a second. Here each selection set is grouped once, as execution will merge it. Where all members
of every group are the same field of the same type with the same arguments, there is no conflict and the rule can be
left out. Otherwise (members of a union that share a name, or a true conflict) the rule has to decide, and runs if the
number of pairs is within the limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    print_ast,
)

Member = tuple[Any, FieldNode]
"""The type that the field is selected on, and its node."""


class Overlaps:
    """Groups the fields of a document that `measure` has accepted: no fragment spreads itself."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.pairs = 0
        """How many pairs a comparison of all with all would have to look at."""
        self.certain = True
        """Whether no two fields can be in conflict."""
        self._schema = schema
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._done: set[tuple[tuple[int, int], ...]] = set()
        self._texts: dict[int, str] = {}
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                self._visit([(schema.get_root_type(node.operation), node.selection_set)])
            elif isinstance(node, FragmentDefinitionNode):
                self._visit([(schema.get_type(node.type_condition.name.value), node.selection_set)])

    def _visit(self, sets: list[tuple[Any, SelectionSetNode]]) -> None:
        """Group what these selection sets select when they are merged, then look below each group."""
        key = tuple((id(type_), id(node)) for type_, node in sets)
        if key in self._done:
            return
        self._done.add(key)
        groups: dict[str, list[Member]] = {}
        spread: set[str] = set()
        for type_, node in sets:
            self._collect(type_, node, groups, spread)
        self.pairs += len(spread) * len(spread) // 2
        for members in groups.values():
            self._compare(members)

    def _collect(
        self, type_: Any, selections: SelectionSetNode, groups: dict[str, list[Member]], spread: set[str]
    ) -> None:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                name = (node.alias or node.name).value
                groups.setdefault(name, []).append((type_, node))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else type_
                self._collect(inner, node.selection_set, groups, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                fragment = self._fragments.get(node.name.value)
                if fragment is not None:
                    inner = self._schema.get_type(fragment.type_condition.name.value)
                    self._collect(inner, fragment.selection_set, groups, spread)

    def _compare(self, members: list[Member]) -> None:
        first_type, first = members[0]
        count = len(members)
        self.pairs += count * (count - 1) // 2
        below: dict[tuple[int, int], tuple[Any, SelectionSetNode]] = {}
        for type_, node in members:
            if node is not first and (
                type_ is not first_type
                or node.name.value != first.name.value
                or ((node.arguments or first.arguments) and self._arguments(node) != self._arguments(first))
            ):
                self.certain = False
            if node.selection_set is not None:
                inner = self._inner(type_, node)
                below[id(inner), id(node.selection_set)] = (inner, node.selection_set)
        if below:
            self._visit(list(below.values()))

    def _inner(self, type_: Any, node: FieldNode) -> Any:
        fields = getattr(type_, "fields", None)
        definition = fields.get(node.name.value) if fields else None
        return get_named_type(definition.type) if definition is not None else None

    def _arguments(self, node: FieldNode) -> str:
        text = self._texts.get(id(node))
        if text is None:
            text = self._texts[id(node)] = " ".join(sorted(print_ast(argument) for argument in node.arguments or ()))
        return text
