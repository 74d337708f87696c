"""Root fields that are resolved without graphql-core: same arguments, same extensions, same errors, and once."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

import pytest
import strawberry
from strawberry.extensions import FieldExtension
from strawberry.scalars import JSON

from shop.execution import Documents, ExecutionContext, Reply, execute_document, execution_context

SEEN: list[Any] = []


class Noting(FieldExtension):
    """Tells what comes and goes."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        SEEN.append((self.name, info.field_name, sorted(kwargs)))
        if kwargs.get("text") == "stop":
            return "stopped"
        return f"{self.name}({await next_(source, info, **kwargs)})"


@strawberry.enum
class Kind(Enum):
    SMALL = "small"
    LARGE = "large"


@strawberry.input
class Inner:
    kind: Kind = Kind.SMALL
    numbers: list[int | None] | None = None


@strawberry.input
class Given:
    name: str
    inner: Inner | None = None
    inners: list[Inner] = strawberry.field(default_factory=list)


@strawberry.type
class Query:
    ok: bool = True

    @strawberry.field
    async def echo(
        self,
        given: Given | None = None,
        numbers: list[int] | None = None,
        kinds: list[Kind] = [Kind.LARGE],  # noqa: B006 - what the schema's default is
        text: str = "default",
        count: int | None = 7,
        snake_case: str | None = None,
    ) -> str:
        return repr((given, numbers, kinds, text, count, snake_case))

    @strawberry.field
    async def required(self, number: int) -> str:
        return str(number)


@strawberry.type
class Mutation:
    @strawberry.mutation(extensions=[Noting("inner"), Noting("outer")])  # type: ignore[untyped-decorator]
    async def note(self, info: strawberry.Info, text: str) -> str:
        SEEN.append((info.path.key, info.field_name, info.variable_values, info.context, info.return_type))
        return text

    @strawberry.mutation
    async def fails(self, text: str) -> str | None:
        SEEN.append(text)
        raise ValueError(text)

    @strawberry.mutation
    async def must(self, text: str | None = None) -> str:
        SEEN.append(text)
        if text is None:
            raise ValueError("no text")
        return None if text == "null" else text  # type: ignore[return-value]

    @strawberry.mutation
    async def returns_error(self) -> str | None:
        return ValueError("returned")  # type: ignore[return-value]


ENGINE = strawberry.Schema(Query, Mutation, execution_context_class=execution_context("engine"))
REFERENCE = copy.copy(ENGINE)
REFERENCE.execution_context_class = execution_context("reference")


def run(documents: Documents, schema: strawberry.Schema, query: str, variables: dict[str, Any]) -> tuple[Reply, Any]:
    SEEN.clear()
    reply = asyncio.run(execute_document(schema, documents, query, variables, None, "the context"))
    return reply, list(SEEN)


def alike(query: str, variables: dict[str, Any] | None = None) -> Reply:
    """The engine's reply, which is the reference's, and was made by a plan that is whole."""
    documents = Documents(ENGINE, compile_at=1)
    expected = run(Documents(REFERENCE), REFERENCE, query, variables or {})
    for _ in range(2):
        found = run(documents, ENGINE, query, variables or {})
        assert (found[0].body(), found[1]) == (expected[0].body(), expected[1])
    plans = documents.get(query).plans
    assert [plan.is_whole for plan in plans.values()] == [True]
    return found[0]


@pytest.mark.parametrize(
    ("declared", "given", "variables"),
    [
        ("", "", {}),
        ("", '(text: "a", count: null, snakeCase: "b")', {}),
        ("", '(numbers: [1, 2], kinds: [SMALL], given: {name: "n", inner: {numbers: [1, null]}})', {}),
        ("", "(numbers: 1)", {}),
        ('($t: String! = "d", $c: Int)', "(text: $t, count: $c)", {}),
        ("($t: String!, $c: Int)", "(text: $t, count: $c)", {"t": "x", "c": None}),
        ("($g: Given!)", "(given: $g)", {"g": {"name": "n", "inner": {"kind": "LARGE"}, "inners": [{}]}}),
        ("($g: Given)", "(given: $g)", {"g": None}),
        ("($n: [Int!], $k: [Kind!]!)", "(numbers: $n, kinds: $k)", {"n": [1], "k": ["SMALL", "LARGE"]}),
        ("($n: [Int!])", "(numbers: $n)", {"n": 5}),
        ("($n: Int!)", "(numbers: [$n, 2])", {"n": 5}),
        ("($n: String!)", "(given: {name: $n})", {"n": "inside"}),
        ("($k: [Kind!])", "(kinds: $k)", {}),
        ("($k: [Kind!])", "(kinds: $k)", {"k": None}),
    ],
)  # fmt: skip
def test_arguments_are_the_same(declared: str, given: str, variables: dict[str, Any]) -> None:
    reply = alike(f"query Q{declared} {{ echo{given} }}", variables)
    assert reply.data is None or isinstance(reply.data["echo"], str)


def test_a_null_where_the_default_would_have_stood_is_an_error_of_the_field() -> None:
    reply = alike("query Q($k: [Kind!]) { echo(kinds: $k) ok: required(number: 1) }", {"k": None})
    assert reply.data is None
    assert [error["path"] for error in reply.errors] == [["echo"]]


def test_what_a_resolver_changes_in_its_arguments_is_not_seen_by_the_next() -> None:
    @strawberry.type
    class Changing:
        @strawberry.field
        async def change(
            self,
            numbers: list[int] = [1],  # noqa: B006 - what the schema's default is
            given: Given | None = None,
            data: JSON | None = None,
        ) -> list[int]:
            numbers.append(2)
            held: Any = data
            if isinstance(held, dict):
                held[f"more {len(held)}"] = True
                return [len(held)]
            if given is not None:
                given.inners.append(Inner())
                return [*numbers, len(given.inners)]
            return numbers

    schema = strawberry.Schema(Changing, execution_context_class=execution_context("engine"))
    documents = Documents(schema, compile_at=1)
    query = "query Q($g: Given) { change(given: $g) }"
    for _ in range(3):
        assert run(documents, schema, query, {"g": {"name": "n"}})[0].data == {"change": [1, 2, 1]}
        assert run(documents, schema, "{ change }", {})[0].data == {"change": [1, 2]}
        assert run(documents, schema, "{ change(data: {a: 1}) }", {})[0].data == {"change": [2]}


def test_extensions_and_info_are_those_of_strawberry() -> None:
    reply = alike('mutation Q($t: String!) { a: note(text: $t) b: note(text: "stop") }', {"t": "x"})
    assert reply.data == {"a": "outer(inner(x))", "b": "stopped"}
    assert [seen[:2] for seen in SEEN] == [("outer", "note"), ("inner", "note"), ("a", "note"), ("outer", "note")]


@pytest.mark.parametrize(
    "query",
    [
        'mutation { a: fails(text: "a") b: must(text: "b") }',
        'mutation { a: must(text: "a") b: must c: must(text: "c") }',
        'mutation { a: must(text: "null") b: must(text: "b") }',
        "mutation { returnsError }",
    ],
)
def test_errors_are_those_of_graphql_core(query: str) -> None:
    assert alike(query).errors


def test_graphql_core_executes_nothing_of_a_whole_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = Documents(ENGINE, compile_at=1)
    monkeypatch.setattr(ExecutionContext, "execute_field", None)
    reply, seen = run(documents, ENGINE, 'mutation Q($t: String!) { note(text: $t) must(text: "a") }', {"t": "x"})
    assert reply.data == {"note": "outer(inner(x))", "must": "a"}
    assert len(seen) == 4
    assert documents.stats.planned == 2


def test_what_a_mutation_was_given_is_not_kept() -> None:
    documents = Documents(ENGINE, compile_at=1)
    query = "mutation Q($t: String!) { note(text: $t) }"
    run(documents, ENGINE, query, {"t": "a password"})
    document = documents.get(query)
    (plan,) = document.plans.values()
    kept = repr([document.variables, document.coercers])
    resolve: Any = plan.roots["note"].resolve
    cells = {
        name: cell.cell_contents for name, cell in zip(resolve.__code__.co_freevars, resolve.__closure__, strict=True)
    }
    assert "a password" not in kept + repr(cells["values"].__self__._known)
