"""Batch fields under graphql-core: the schema they make, how often they are called, and how they fail."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import strawberry

from shop.execution import batch_field, execution_context
from tests.execution.world import Book, Context, Language, Query, Subscription

SCHEMA = strawberry.Schema(Query, execution_context_class=execution_context("reference"))


def run(query: str, context: Context) -> Any:
    return asyncio.run(SCHEMA.execute(query, context_value=context))


def test_the_schema_comes_from_the_signature() -> None:
    sdl = SCHEMA.as_str()
    assert "books(first: Int! = 2): [Book!]!" in sdl
    assert "languageCode: Language!" in sdl
    assert '): Translation @deprecated(reason: "old")' in sdl
    assert "author: Author\n" in sdl
    assert "rating: Int!" in sdl
    assert "similar(first: Int!): BookPage!" in sdl
    assert "last: Book\n" in sdl
    assert sdl.count("notes: [String!]!") == 3, "inherited from the interface"


def test_a_batch_function_stays_a_plain_function() -> None:
    context = Context()
    book = Book(id=strawberry.ID("b1"), title="One")
    values = asyncio.run(Book.translation([book], context, language=Language.DE))
    assert values[0] is not None
    assert values[0].text == "de:One"


def test_each_function_runs_once_for_all_parents() -> None:
    context = Context()
    result = run(
        "{ books { id notes t: translation(languageCode: DE) { language text } author { name books { title } }"
        ' similar(first: 2) { items { id } total } } node(id: "a1") { __typename ... on Author { books { id } } } }',
        context,
    )
    assert result.errors is None
    assert result.data["books"][1]["t"] == {"language": "DE", "text": "de:Book 1"}
    assert result.data["books"][0]["t"] is None
    assert result.data["books"][2]["similar"] == {"items": [{"id": "s0"}] * 2, "total": 7}
    assert result.data["node"] == {"__typename": "Author", "books": [{"id": "b0"}, {"id": "b1"}]}
    assert sorted(context.calls) == [
        ("author", 3), ("books", 1), ("books", 3), ("notes", 3), ("similar", 3), ("translation", 3),
    ]  # fmt: skip


def test_only_one_batch_function_runs_at_a_time() -> None:
    context = Context()
    run("{ books { slow one: slow author { name notes } notes } other: books { slow } }", context)
    assert context.clashes == 0
    assert context.calls.count(("slow", 3)) == 3


def test_an_exception_among_the_values_fails_that_parent_only() -> None:
    result = run("{ books { id maybe } }", Context())
    assert [book["maybe"] for book in result.data["books"]] == [5, None, 5]
    assert [(error.message, error.path) for error in result.errors] == [("no rating", ["books", 1, "maybe"])]


def test_a_guard_refuses_once_for_all_and_the_function_does_not_run() -> None:
    context = Context(staff=False)
    result = run("{ books { id } kept: books { id notes } }", context)
    assert result.data is None
    assert result.errors[0].message == "staff only"
    assert context.calls == []


def test_nothing_runs_any_more_when_the_answer_is_there() -> None:
    """A null that propagates to the root must not leave a batch behind on the request's connection."""
    context = Context()
    result = run("{ books { rating slow author { slow } } }", context)
    assert result.data is None
    assert context.running == 0


def test_the_selection_below_is_known() -> None:
    assert run(
        "{ books { similar(first: 1) { items { id } ...F } } } fragment F on BookPage { n: total }", Context()
    ).data["books"][0]["similar"] == {"items": [{"id": "s0"}], "n": 7}


def test_wrong_declarations_are_refused() -> None:
    async def no_context(parents: list[Any]) -> list[int]:
        return [1 for _ in parents]

    def not_async(parents: list[Any], context: object) -> list[int]:
        return [1 for _ in parents]

    async def other_owner(parents: list[Book], context: object) -> list[int]:
        return [1 for _ in parents]

    async def no_list(parents: list[Any], context: object) -> int:
        return 1

    with pytest.raises(TypeError, match="takes parents and context"):
        batch_field(no_context)  # type: ignore[type-var]
    with pytest.raises(TypeError, match="is async"):
        batch_field(not_async)  # type: ignore[type-var]
    with pytest.raises(RuntimeError) as raised:
        type("Shelf", (), {"books": batch_field(other_owner)})
    assert "must be list[Shelf]" in str(raised.value.__cause__)
    with pytest.raises(TypeError, match="returns a list"):
        strawberry.type(type("Shelf", (), {"size": batch_field(no_list)}))  # type: ignore[type-var]


def test_without_our_execution_context_the_reason_is_said() -> None:
    result = asyncio.run(strawberry.Schema(Query).execute("{ books { notes } }", context_value=Context()))
    assert result.errors is not None
    assert "execution_context" in result.errors[0].message


def test_batch_fields_answer_below_a_subscription() -> None:
    async def collect() -> list[Any]:
        schema = strawberry.Schema(
            Query, subscription=Subscription, execution_context_class=execution_context("engine")
        )
        found = await schema.subscribe("subscription { shelves { notes author { name } } }", context_value=Context())
        return [result.data async for result in found]

    assert asyncio.run(collect()) == [
        {"shelves": [{"notes": [f"note b{n}"], "author": {"name": "Ann"}} for n in range(count)]} for count in (1, 2)
    ]
