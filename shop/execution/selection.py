"""What a document selects below a field: the look-ahead with which a resolver decides on joins and counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)


class Selection:
    """The fields selected below one or several field nodes, by their names in the schema.

    Aliases are seen through, `@skip` and `@include` are obeyed, type conditions are not: on an interface or a union
    the answer covers every possible type, so it may say yes too often, never no too often.
    """

    __slots__ = ("_children", "_fragments", "_nodes", "_variables")

    def __init__(
        self,
        nodes: Iterable[FieldNode],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._nodes = tuple(nodes)
        self._fragments = fragments
        self._variables = variables
        self._children: dict[str, Selection] | None = None

    @classmethod
    def below(cls, info: Any) -> Selection:
        """What is selected below the field that is being resolved; takes strawberry's info or graphql-core's."""
        raw = getattr(info, "_raw_info", info)
        known: Selection | None = getattr(raw, "selection", None)
        return known or cls(raw.field_nodes, raw.fragments, raw.variable_values)

    def has(self, *path: str) -> bool:
        """Whether that path of field names is selected, for example `has("edges", "node", "pricing")`."""
        selection: Selection | None = self
        for name in path:
            if selection is None:
                return False
            selection = selection.fields.get(name)
        return selection is not None

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def under(self, *path: str) -> Selection:
        """The selection at the end of that path; an empty one if the path is not selected."""
        selection = self
        for name in path:
            selection = selection.fields.get(name) or Selection((), self._fragments, self._variables)
        return selection

    @property
    def fields(self) -> Mapping[str, Selection]:
        """The selected fields, each with what is selected below it."""
        if self._children is None:
            found: dict[str, list[FieldNode]] = {}
            seen: set[str] = set()
            for node in self._nodes:
                self._collect(node.selection_set, found, seen)
            self._children = {name: Selection(nodes, self._fragments, self._variables) for name, nodes in found.items()}
        return self._children

    def _collect(self, selections: SelectionSetNode | None, found: dict[str, list[FieldNode]], seen: set[str]) -> None:
        for node in selections.selections if selections is not None else ():
            if not is_included(node, self._variables):
                continue
            if isinstance(node, FieldNode):
                found.setdefault(node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                self._collect(node.selection_set, found, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self._fragments.get(node.name.value)
                if fragment is not None:
                    self._collect(fragment.selection_set, found, seen)


def is_included(node: SelectionNode, variables: Mapping[str, Any]) -> bool:
    """Whether the node's `@skip` and `@include`, with these variables, let it take part."""
    for directive in node.directives or ():
        name = directive.name.value
        if name in {"skip", "include"}:
            for argument in directive.arguments or ():
                value = argument.value
                if isinstance(value, VariableNode):
                    condition = bool(variables.get(value.name.value))
                else:
                    condition = isinstance(value, BooleanValueNode) and value.value
                if condition is (name == "skip"):
                    return False
    return True
