"""The entry for the HTTP layer: which operation runs, what is refused, and what the body looks like."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, OperationType
from strawberry.extensions import SchemaExtension

from shop.execution import QUERIES, Documents, Reply, execute_document, execution_context
from tests.execution.chaos import CONFIG, Context, Mutation, OtherLeaf, Query

SCHEMA = strawberry.Schema(
    Query, Mutation, types=[OtherLeaf], config=CONFIG, execution_context_class=execution_context("engine")
)
DOCUMENTS = Documents(SCHEMA)


def run(
    query: str,
    variables: dict[str, Any] | None = None,
    name: str | None = None,
    context: Context | None = None,
    **given: Any,
) -> Reply:
    return asyncio.run(execute_document(SCHEMA, DOCUMENTS, query, variables, name, context or Context(1), **given))


def test_undeclared_variables_are_ignored() -> None:
    reply = run("query Q($id: ID!) { leaf(id: $id) { id } }", {"id": "a", "PERMISSION_MANAGE_ORDERS": "x"})
    assert reply.body() == {
        "data": {"leaf": {"id": "a"}},
        "extensions": {"cost": {"requestedQueryCost": 1, "maximumAvailable": 50_000}},
    }
    assert (reply.operation, reply.operation_name) == (OperationType.QUERY, "Q")


def test_variables_are_remembered_for_queries_only() -> None:
    documents = Documents(SCHEMA)

    def remembered(query: str, variables: dict[str, Any]) -> int:
        for _ in range(3):
            asyncio.run(execute_document(SCHEMA, documents, query, variables, None, Context(1)))
        return len(documents.get(query).variables)

    assert remembered("query Q($id: ID!) { leaf(id: $id) { id } }", {"id": "a", "more": "x"}) == 1
    assert remembered("query Q($id: ID!) { leaf(id: $id) { id } }", {"id": "b"}) == 2
    assert remembered("query Q($id: ID!) { leaf(id: $id) { text } }", {"id": "a" * 300}) == 0
    assert remembered("query Q($w: Where) { page(where: $w) { total } }", {"w": {"least": 1}}) == 0
    assert remembered("mutation Q($id: ID!) { drop(id: $id) { id } }", {"id": "secret"}) == 0


def test_the_operation_is_chosen_by_name() -> None:
    two = "query A { leaf { id } } query B { number }"
    assert run(two, name="B").data == {"number": 3}
    assert run("query A { number }").data == {"number": 3}
    assert run("query A { number }", name="").data == {"number": 3}
    for name in (None, "C"):
        reply = run(two, name=name)
        assert reply.refusal == "operation"
        assert "data" not in reply.body()


def test_a_transport_for_queries_runs_no_mutation() -> None:
    context = Context(1)
    reply = run("mutation { drop(id: 1) { id } }", context=context, allowed=QUERIES)
    assert reply.refusal == "operation"
    assert context.effects == []
    assert run("mutation { drop(id: 1) { id } }", context=context).data == {"drop": {"id": "1"}}
    assert context.effects == ["drop 1"]


@pytest.mark.parametrize(
    ("query", "variables", "refusal"),
    [
        ("{", {}, "syntax"),
        ("{ unknown }", {}, "validation"),
        ("{ number number: leaf { id } }", {}, "validation"),
        ("{ box(id: 1) { tags friend { ... on Leaf { a: id } ... on Box { a: tags } } } }", {}, "validation"),
        ("query Q($id: ID!) { leaf(id: $id) { id } }", {}, "variables"),
        ("query Q($id: ID!) { leaf(id: $id) { id } }", {"id": {"a": 1}}, "variables"),
        ("{ things(first: 50001) { id } }", {}, "guard"),
    ],
)
def test_what_cannot_run_is_refused_with_its_reason(query: str, variables: dict[str, Any], refusal: str) -> None:
    for _ in range(2):
        reply = run(query, variables)
        assert reply.refusal == refusal
        assert reply.errors
        assert "data" not in reply.body()


def test_deeply_nested_variables_are_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(1000):
        deep = {"inner": deep}
    reply = run("query Q($w: Where) { page(where: $w) { total } }", {"w": deep})
    assert reply.refusal == "variables"
    assert run("{ number }").data == {"number": 3}


def test_errors_go_through_the_formatter() -> None:
    def masked(error: GraphQLError) -> dict[str, Any]:
        original = error.original_error
        return {"message": "hidden", "extensions": {"exception": {"code": type(original or error).__name__}}}

    reply = run("{ raises { id } number }", format_error=masked)
    assert reply.refusal is None
    assert reply.data == {"raises": None, "number": 3}
    assert reply.errors == [{"message": "hidden", "extensions": {"exception": {"code": "Gone"}}}]
    assert run("{", format_error=masked).errors[0]["extensions"]["exception"]["code"] == "GraphQLSyntaxError"


def test_no_suggestions_unless_wanted() -> None:
    assert "Did you mean" not in run("{ numbr }").errors[0]["message"]
    helpful = Documents(SCHEMA, suggestions=True)
    reply = asyncio.run(execute_document(SCHEMA, helpful, "{ numbr }", None, None, Context(1)))
    assert "Did you mean 'number'" in reply.errors[0]["message"]


def test_schema_extensions_are_refused_rather_than_ignored() -> None:
    with pytest.raises(ValueError, match="extensions"):
        Documents(strawberry.Schema(Query, config=CONFIG, extensions=[SchemaExtension]))
