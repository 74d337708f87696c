"""The document store: everything that can be known about a text before its variables are, computed once.

Parsing, validating and compiling a page's query costs tens of milliseconds; a storefront sends the same few dozen
texts for ever. `Documents` keeps one entry per text (parsed, judged, measured, and with its compiled plans) and drops
the least recently used when the entries' estimated size passes `max_bytes`. Texts are the keys because nodes are not:
graphql-core's nodes compare by value, deeply, and slowly.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import strawberry
from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    validate,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues, get_variable_values
from graphql.validation import OverlappingFieldsCanBeMergedRule, specified_rules
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from shop.execution.arguments import IMMUTABLE
from shop.execution.compiler import compile_operation
from shop.execution.guard import DocumentRefused, Limits, Weight, measure, scan, weigh
from shop.execution.inputs import build_inputs_quickly
from shop.execution.overlaps import Overlaps
from shop.execution.plan import Plan, RootPlan, Stats, UnknownClass
from shop.execution.variables import Coercers, coerced

Refusal = Literal["guard", "syntax", "validation", "operation", "variables"]
"""Why a document was not executed: a limit, the parser, validation, the operation's name or kind, its variables."""

# Estimates, measured with tracemalloc: graphql-core's nodes take 400 to 600 bytes per token of the text.
_BYTES_PER_TOKEN = 500
_BYTES_PER_ENTRY = 2_000
_BYTES_PER_VARIABLE = 250
_RULES = (
    *(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule),
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)
_ABSENT = object()
_SCALARS = frozenset({int, float, bool, type(None), object})
_SHORT = 200
_REMEMBERED = 64
_PLANS = 16
"""So many choices of conditions have a plan at the same time."""


@dataclass(slots=True, eq=False)
class Document:
    """One text and what is known about it. Fixed after it is made, but for its plans."""

    text: str
    operations: dict[str | None, OperationDefinitionNode] = field(default_factory=dict)
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    fragment_details: dict[str, FragmentDetails] = field(default_factory=dict)
    weights: dict[str | None, Weight] = field(default_factory=dict)
    variables: dict[Any, VariableValues] = field(default_factory=dict)
    """Coerced variables by operation and raw values: pages are asked for again with the same few scalars."""
    coercers: dict[str | None, Sequence[Any] | None] = field(default_factory=dict)
    """How an operation's variables are coerced, None where that is left to graphql-core."""
    conditions: tuple[str, ...] = ()
    """The variables of `@skip` and `@include`: a plan holds for one choice of their values."""
    plans: dict[tuple[Any, ...], Plan] = field(default_factory=dict)
    sights: int = 0
    refusal: Refusal | None = None
    errors: list[GraphQLError] = field(default_factory=list)
    size: int = 0

    def operation(self, name: str | None) -> OperationDefinitionNode | GraphQLError:
        """The operation of that name, or the only one; else the error to answer with."""
        if name:
            found = self.operations.get(name)
            return found if found is not None else GraphQLError(f"Unknown operation named '{name}'.")
        if len(self.operations) == 1:
            return next(iter(self.operations.values()))
        return GraphQLError("Must provide operation name if query contains multiple operations.")


class Documents:
    """The store of one schema. Not for several threads."""

    def __init__(
        self,
        schema: strawberry.Schema,
        limits: Limits | None = None,
        *,
        max_bytes: int = 64 * 1024 * 1024,
        suggestions: bool = False,
        compile_at: int = 2,
    ) -> None:
        if schema.extensions or schema.directives:
            raise ValueError("schema extensions and operation directives are not run by this executor")
        build_inputs_quickly(schema)
        self.schema = schema
        self.limits = limits or Limits()
        self.max_bytes = max_bytes
        self.suggestions = suggestions
        self.compile_at = compile_at
        self.bytes = 0
        self.stats = Stats()
        self._entries: OrderedDict[str, Document] = OrderedDict()
        self._coercers = Coercers(self.core)

    @property
    def core(self) -> GraphQLSchema:
        """graphql-core's schema."""
        return self.schema._schema  # noqa: SLF001

    def get(self, text: str) -> Document:
        """The entry of that text, made if it is new."""
        found = self._entries.get(text)
        if found is not None:
            self._entries.move_to_end(text)
            return found
        document = self._read(text)
        self._entries[text] = document
        self._count(document.size)
        return document

    def is_query(self, text: str, name: str | None) -> bool:
        """Whether that operation of the text can be run, and would only read."""
        document = self.get(text)
        operation = None if document.refusal is not None else document.operation(name)
        return isinstance(operation, OperationDefinitionNode) and operation.operation is OperationType.QUERY

    def variables(
        self, document: Document, operation: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> VariableValues | list[GraphQLError]:
        """The coerced variables of a request, not to be changed, or the errors; undeclared ones are left out.

        Those of mutations are never remembered: passwords and personal data are among them.
        """
        definitions = operation.variable_definitions or ()
        if operation.operation is not OperationType.QUERY:
            return self._coerced(document, operation, given)
        key: list[Any] = [id(operation)]
        for definition in definitions:
            name = definition.variable.name.value
            value = given.get(name, _ABSENT)
            if value.__class__ in _SCALARS or (value.__class__ is str and len(value) <= _SHORT):
                key += (value, value.__class__)
            else:
                return self._coerced(document, operation, given)
        remembered = document.variables.get(tuple(key))
        if remembered is None:
            found = self._coerced(document, operation, given)
            if isinstance(found, list) or not all(isinstance(value, IMMUTABLE) for value in found.coerced.values()):
                return found
            if len(document.variables) >= _REMEMBERED:
                self._grow(document, -sum(map(_bytes_of, document.variables)))
                document.variables.clear()
            remembered = document.variables[tuple(key)] = found
            self._grow(document, _bytes_of(tuple(key)))
        return remembered

    def _coerced(
        self, document: Document, operation: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> VariableValues | list[GraphQLError]:
        definitions = operation.variable_definitions or ()
        # As for plans: a text that is seen once is not worth the preparation. The reference never has any.
        if document.sights:
            name = operation.name.value if operation.name else None
            if name not in document.coercers:
                document.coercers[name] = self._coercers.compile(definitions)
                self._grow(document, _BYTES_PER_VARIABLE * len(definitions))
            known = document.coercers[name]
            found = None if known is None else coerced(known, given)
            if found is not None:
                return found
        try:
            return get_variable_values(
                self.core, definitions, dict(given), max_errors=20, hide_suggestions=not self.suggestions
            )
        except RecursionError:
            return [GraphQLError("The variables are nested too deeply.")]

    def plan(self, document: Document, name: str | None, variables: VariableValues) -> Plan | None:
        """The plan of an operation under these variables; None until the text is executed for the `compile_at`th time.

        Many a document is seen only once, and compiling it costs more than executing it.
        """
        document.sights += 1
        if document.sights < self.compile_at:
            return None
        if document.sights == self.compile_at:
            document.conditions = _conditions(document)
        key = (name, *(variables.coerced.get(condition) for condition in document.conditions))
        plan = document.plans.get(key)
        if plan is None:
            chosen = {
                condition: variables.coerced[condition]
                for condition in document.conditions
                if condition in variables.coerced
            }
            try:
                plan = compile_operation(
                    self.schema, document.fragment_details, document.operations[name], chosen, self.stats
                )
            except GraphQLError:  # a condition that is null: graphql-core has the message
                plan = Plan()
            except Exception as error:  # noqa: BLE001 - a fault of the compiler must not become one of the request
                self.stats.unplanned["compiler", type(error).__name__] += 1
                plan = Plan()
            before = sum(kept.size for kept in document.plans.values())
            if len(document.plans) >= _PLANS:
                document.plans.clear()
            document.plans[key] = plan
            self._grow(document, sum(kept.size for kept in document.plans.values()) - before)
        return plan

    def relearn(self, document: Document, plan: Plan, root: str, error: UnknownClass) -> RootPlan | None:
        """The root's plan made also for the class it met; None if that class has no place there."""
        known = plan.roots[root]
        made = known.recompile(error.position, error.cls)
        if made is not None:
            plan.roots[root] = made
            self._grow(document, made.size - known.size)
        return made

    def _grow(self, document: Document, by: int) -> None:
        """A stored document has become larger by that many bytes."""
        document.size += by
        if self._entries.get(document.text) is document:
            self._count(by)

    def _count(self, by: int) -> None:
        self.bytes += by
        while self.bytes > self.max_bytes and len(self._entries) > 1:
            _, dropped = self._entries.popitem(last=False)
            self.bytes -= dropped.size

    def __len__(self) -> int:
        return len(self._entries)

    def _read(self, text: str) -> Document:
        document = Document(text, size=_BYTES_PER_ENTRY + 4 * len(text))
        try:
            document.size += _BYTES_PER_TOKEN * scan(text, self.limits)
            node = parse(text, max_tokens=self.limits.tokens)
            measure(node, self.limits)
            errors = self._validate(node)
        except DocumentRefused as error:
            return _refused(document, "guard", [error])
        except GraphQLError as error:
            return _refused(document, "syntax", [error])
        if errors:
            # Positions instead of nodes: an error must not keep the whole parsed document.
            errors = [GraphQLError(error.message, source=error.source, positions=error.positions) for error in errors]
            return _refused(document, "validation", errors)
        for definition in node.definitions:
            if isinstance(definition, OperationDefinitionNode):
                document.operations[definition.name.value if definition.name else None] = definition
            elif isinstance(definition, FragmentDefinitionNode):
                document.fragments[definition.name.value] = definition
                document.fragment_details[definition.name.value] = FragmentDetails(definition, None)
        for name, operation in document.operations.items():
            document.weights[name] = weigh(self.core, node, operation, self.limits)
        return document

    def _validate(self, node: DocumentNode) -> list[GraphQLError]:
        """The errors of validation; its rule for overlapping fields only runs where it may find something."""
        overlaps = Overlaps(self.core, node)
        rules: Any = (*_RULES, *(() if overlaps.certain else (OverlappingFieldsCanBeMergedRule,)))
        if not overlaps.certain and overlaps.pairs > self.limits.overlaps:
            # Before the other rules: most of the document's errors would be found, at the full price, and not be read.
            raise DocumentRefused("overlaps", f"More than {self.limits.overlaps} pairs of fields share their names.")
        return validate(self.core, node, rules, max_errors=20, hide_suggestions=not self.suggestions)


def _bytes_of(key: tuple[Any, ...]) -> int:
    """An estimate of what remembered variables occupy, by their key: texts stand there, and in the values."""
    texts = sum(len(part) for part in key if part.__class__ is str)
    return _BYTES_PER_VARIABLE * (1 + len(key) // 2) + 4 * texts


def _conditions(document: Document) -> tuple[str, ...]:
    found: dict[str, None] = {}

    class Collect(Visitor):
        def enter_directive(self, directive: DirectiveNode, *_: object) -> None:
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    found[argument.value.name.value] = None

    for node in (*document.operations.values(), *document.fragments.values()):
        visit(node, Collect())
    return tuple(found)


def _refused(document: Document, refusal: Refusal, errors: list[GraphQLError]) -> Document:
    document.refusal = refusal
    document.errors = errors
    document.operations.clear()
    document.fragments.clear()
    document.fragment_details.clear()
    document.size = _BYTES_PER_ENTRY + 4 * len(document.text)
    return document
