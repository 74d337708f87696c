"""Plans: when they are made, what they answer, what makes them give way, and that nothing happens twice."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import pytest
import strawberry

from shop.execution import Documents, Reply, Selection, batch_field, codegen, execute_document, execution_context
from tests.execution.chaos import CONFIG, Context, Mutation, OtherLeaf, Query


class Unreachable(Exception):
    """The database is gone."""


SCHEMA = strawberry.Schema(
    Query,
    Mutation,
    types=[OtherLeaf],
    config=CONFIG,
    execution_context_class=execution_context("engine"),
)


def run(documents: Documents, query: str, context: Context | None = None, /, **variables: Any) -> Reply:
    return asyncio.run(execute_document(documents.schema, documents, query, variables, None, context or Context(1)))


@pytest.fixture
def documents() -> Documents:
    return Documents(SCHEMA, compile_at=1)


def test_a_document_is_compiled_at_second_sight() -> None:
    documents = Documents(SCHEMA)
    replies = [run(documents, "{ leaf { id color tags } }") for _ in range(3)]
    assert documents.stats.compiled == 1
    assert documents.stats.planned == 2
    assert replies[0].data == replies[1].data == replies[2].data == {
        "leaf": {"id": "l", "color": "AZURE", "tags": ["a", "l"]}
    }  # fmt: skip


def test_keys_stay_in_document_order_around_batch_fields(documents: Documents) -> None:
    reply = run(documents, "{ leaf { notes(first: 1) id owner { leaves(first: 1) { total } id } text } }")
    assert reply.data is not None
    assert list(reply.data["leaf"]) == ["notes", "id", "owner", "text"]
    assert documents.stats.planned == 1


def test_each_choice_of_conditions_has_its_plan(documents: Documents) -> None:
    query = "query Q($a: Boolean!, $b: Boolean = true) { leaf { id @skip(if: $a) text @include(if: $b) } }"
    answers = [run(documents, query, a=a, b=b).data for a in (True, False) for b in (True, False)]
    again = [run(documents, query, a=a, b=b).data for a in (True, False) for b in (True, False)]
    assert answers == again
    assert [list(answer["leaf"]) for answer in answers if answer] == [["text"], [], ["id", "text"], ["id"]]
    assert documents.stats.compiled == 4


def test_arguments_follow_the_variables(documents: Documents) -> None:
    query = "query Q($m: String, $n: [String!]) { leaf { shout(mark: $m) filtered(where: { least: 2 }, names: $n) } }"
    query = query.replace("$m: String", "$m: String!")
    first = run(documents, query, m="a", n=["x"])
    second = run(documents, query, m="b", n=["y"])
    assert first.data == {"leaf": {"shout": "lar", "filtered": "None2NoneTrue['x']"}}
    assert second.data == {"leaf": {"shout": "lbr", "filtered": "None2NoneTrue['y']"}}
    assert documents.stats.fallbacks == 0


def test_fragments_of_the_same_name_mean_what_their_document_says(documents: Documents) -> None:
    one = run(documents, "{ leaf { ...F } } fragment F on Leaf { id }")
    two = run(documents, "{ leaf { ...F } } fragment F on Leaf { text }")
    assert one.data == {"leaf": {"id": "l"}}
    assert two.data is not None
    assert list(two.data["leaf"]) == ["text"]


@pytest.mark.parametrize(
    ("query", "place", "reasons"),
    [
        ("{ leaf { required } }", "Leaf.required", {"null", "scalar"}),
        ("{ leaf { integer } }", "Leaf.integer", {"null", "scalar"}),
        ("{ leaf { tags } }", "Leaf.tags", {"null", "list"}),
        ("{ box(id: 1) { main { id } } }", "Box.main", {"null", "class"}),
        ("{ box(id: 1) { leaves(first: 1) { total } } }", "Box.leaves", {"batch"}),
        ("{ page { items { owner { id } } } }", "Query.page: Gone", {"raised"}),
    ],
)
def test_what_is_unusual_goes_to_graphql_core_and_is_counted(
    documents: Documents, query: str, place: str, reasons: set[str]
) -> None:
    for seed in range(60):
        run(documents, query, Context(seed, 0.3))
    assert {reason for reason, where in documents.stats.bails if where == place} >= reasons


def test_a_mutation_never_runs_twice(documents: Documents) -> None:
    for seed in range(30):
        context = Context(seed, rate=0.5)
        run(
            documents,
            'mutation { a: make(name: "a") { box { id } leaf { text required } } b: drop(id: 2) { integer } }',
            context,
        )
        assert context.effects in (["a", "drop 2"], ["a"]), "the second is not run after a null at the root"
    assert documents.stats.fallbacks > 5


def test_root_fields_that_cannot_be_compiled_are_named(documents: Documents) -> None:
    reply = run(documents, "{ box(id: 1) { knows } leaf { id } __typename }")
    assert reply.data == {"box": {"knows": "knows 1"}, "leaf": {"id": "l"}, "__typename": "Query"}
    assert documents.stats.unplanned == {("info", "Box.knows"): 1}
    assert documents.stats.planned == 1


def test_introspection_is_answered(documents: Documents) -> None:
    reply = run(documents, "{ __schema { queryType { name } } leaf { __typename } }")
    assert reply.data == {"__schema": {"queryType": {"name": "Query"}}, "leaf": {"__typename": "Leaf"}}


CALLS: list[int] = []


@strawberry.type
class Row:
    id: int

    @batch_field
    @staticmethod
    async def value(parents: list[Row], context: object) -> list[int | None]:
        CALLS.append(len(parents))
        raise Unreachable("no database")


@strawberry.type
class Tree:
    name: str
    branches: list[Tree]


@strawberry.type
class Seen:
    total: bool
    deep: bool
    inner: Seen | None


@strawberry.type
class Small:
    @strawberry.field
    async def seen(self, info: strawberry.Info) -> Seen:
        below = Selection.below(info)
        found = Seen(total="total" in below, deep=below.has("inner", "inner", "total"), inner=None)
        found.inner = Seen(total="total" in below.under("inner"), deep="deep" in below.under("inner"), inner=None)
        return found

    @strawberry.field
    def rows(self) -> list[Row]:
        return [Row(id=1), Row(id=2)]

    @strawberry.field
    def tree(self) -> Tree:
        tree = Tree(name="leaf", branches=[])
        for level in range(23):
            tree = Tree(name=f"level {level}", branches=[tree])
        return tree


@pytest.mark.parametrize(("kind", "calls"), [(Unreachable, [2]), (ValueError, [2, 2])])
def test_an_unreachable_database_is_not_asked_again(kind: type[Exception], calls: list[int]) -> None:
    CALLS.clear()
    context_class = execution_context("engine", unavailable=lambda error: isinstance(error, kind))
    schema = strawberry.Schema(Small, execution_context_class=context_class)
    reply = run(Documents(schema, compile_at=1), "{ rows { id value } }")
    assert calls == CALLS
    assert {error["message"] for error in reply.errors} == {"no database"}


def test_a_plan_keeps_nothing_of_a_request(documents: Documents) -> None:
    class Traced(Context):
        pass

    context = Traced(1)
    seen = weakref.ref(context)
    run(
        documents,
        "query Q($w: Where) { page(where: $w) { items { id owner(where: $w) { id } } } }",
        context,
        w={"least": 1},
    )
    run(documents, "{ box(id: 1) { main { required } leaves(first: 1) { total } } }", context)
    assert documents.stats.planned + documents.stats.fallbacks == 2
    del context
    gc.collect()
    assert seen() is None


def test_the_store_is_bounded_in_bytes() -> None:
    documents = Documents(SCHEMA, max_bytes=200_000, compile_at=1)
    for number in range(100):
        run(documents, f"{{ leaf {{ a{number}: id text }} }}")
        run(documents, "{ leaf { kept: id } }")
        assert documents.bytes <= 200_000
    assert 10 < len(documents) < 100
    compiled = documents.stats.compiled
    run(documents, "{ leaf { kept: id } }")
    assert documents.stats.compiled == compiled, "what is used stays"


def test_a_refused_document_is_kept_without_its_nodes() -> None:
    documents = Documents(SCHEMA)
    query = "{ leaf { unknown " + "id " * 500 + "} }"
    reply = run(documents, query)
    assert reply.errors[0]["locations"] == [{"line": 1, "column": 10}]
    assert run(documents, query).errors == reply.errors
    assert documents.bytes < 20_000
    assert documents.get(query).errors[0].nodes is None


def test_remembered_variables_are_counted_and_bounded(documents: Documents) -> None:
    query = "query Q($n: Int!) { things(first: $n) { id } }"
    run(documents, query, n=0)
    alone = documents.bytes
    for number in range(1, 40):
        run(documents, query, n=number)
    (document,) = documents._entries.values()
    assert len(document.variables) == 40
    assert alone + 39 * 200 < documents.bytes == document.size
    for number in range(40, 65):
        run(documents, query, n=number)
    # The sixty-fifth choice makes the store forget the others.
    assert len(document.variables) == 1
    assert documents.bytes == document.size <= alone + 20_000


def test_many_choices_of_conditions_do_not_fill_the_store(documents: Documents) -> None:
    names = [f"v{n}" for n in range(6)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: id @skip(if: ${name})" for name in names)
    for number in range(64):
        given: dict[str, Any] = {name: bool(number >> bit & 1) for bit, name in enumerate(names)}
        reply = run(documents, f"query Q({declared}) {{ leaf {{ text {fields} }} }}", **given)
        assert reply.data is not None
        assert len(reply.data["leaf"]) == 1 + sum(not value for value in given.values())
    (document,) = documents._entries.values()
    assert len(document.plans) <= 16
    plans = sum(plan.size for plan in document.plans.values())
    assert documents.bytes == document.size
    # The choices themselves are remembered, too.
    assert plans < document.size < plans + 250_000


def test_a_root_resolver_looks_ahead_through_aliases_fragments_and_conditions() -> None:
    documents = Documents(strawberry.Schema(Small, execution_context_class=execution_context("engine")))
    query = """query Q($no: Boolean!) {
      seen { deep t: total @skip(if: $no) ...F i: inner { inner { total @include(if: $no) } } }
    } fragment F on Seen { inner { deep total @skip(if: true) } }"""
    for _ in range(3):
        for no in (True, False):
            data = run(documents, query, no=no).data
            assert data is not None
            assert data["seen"].get("t", False) is not no
            assert data["seen"]["deep"] is no
            assert data["seen"]["inner"] == {"deep": True}
    assert documents.stats.planned == 5


def test_deep_lists_and_objects_are_split_into_functions() -> None:
    schema = strawberry.Schema(Small, execution_context_class=execution_context("engine"))
    query = "{ tree {" + " name branches {" * 23 + " name " + "}" * 23 + "} }"
    store = Documents(schema, compile_at=1)
    plain = Documents(schema, compile_at=100)
    assert run(store, query).data == run(plain, query).data
    assert store.stats.planned == 1


def test_a_fault_of_the_compiler_is_counted_and_costs_nothing_but_time(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codegen.RootCompiler, "define", lambda *_: 1 / 0)
    assert run(documents, "{ leaf { id } }").data == {"leaf": {"id": "l"}}
    assert documents.stats.unplanned == {("compiler", "ZeroDivisionError"): 1}


def test_requests_at_the_same_time_share_a_plan(documents: Documents) -> None:
    query = """query Q($n: Int!) {
      things(first: $n) { id ... on Box { leaves(first: $n) { total items { id owner { id } } } } }
    }"""

    async def both() -> list[Reply]:
        return await asyncio.gather(
            *(execute_document(SCHEMA, documents, query, {"n": n % 3 + 1}, None, Context(n)) for n in range(12))
        )

    together = asyncio.run(both())
    alone = [run(Documents(SCHEMA), query, Context(n), n=n % 3 + 1) for n in range(12)]
    assert [reply.data for reply in together] == [reply.data for reply in alone]
