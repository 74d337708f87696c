"""The document guard: each attack is refused or served quickly, the next query is unharmed, and the work is linear."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from graphql import parse

from shop.execution import CostExceeded, DocumentRefused, Documents, Limits, execute_document, execution_context
from shop.execution.guard import measure, scan
from tests.execution.chaos import CONFIG, Context, Mutation, OtherLeaf, Query

SCHEMA = strawberry.Schema(
    Query, Mutation, types=[OtherLeaf], config=CONFIG, execution_context_class=execution_context("engine")
)
CPU_SECONDS = 0.1


def run(documents: Documents, query: str, variables: dict[str, Any] | None = None) -> Any:
    return asyncio.run(execute_document(SCHEMA, documents, query, variables, None, Context(1)))


def doubling(count: int) -> str:
    chain = "".join(f"fragment F{n} on Box {{ ...F{n + 1} ...F{n + 1} }} " for n in range(count))
    return f"{{ box(id: 1) {{ ...F0 }} }} {chain} fragment F{count} on Box {{ id }}"


def fragments(count: int, body: str) -> str:
    spreads = " ".join(f"...F{n}" for n in range(count))
    return f"{{ {spreads} }} " + " ".join(f"fragment F{n} on Query {{ {body} }}" for n in range(count))


ATTACKS: dict[str, tuple[str, str | None]] = {
    "fragments doubled 100 times": (doubling(100), "guard"),
    "fragments doubled 12 times": (doubling(12), None),
    "fields doubled by fragments": (doubling(20).replace("{ id }", "{ a: id b: id }"), "guard"),
    "100,000 aliases": ("{" + " ".join(f"a{n}: number" for n in range(100_000)) + "}", "guard"),
    "101 aliases": ("{" + " ".join(f"a{n}: number" for n in range(101)) + "}", "guard"),
    "100,000 directives": ("{ number" + " @include(if: true)" * 100_000 + "}", "guard"),
    "1,600 overlapping fields": ("{" + " number" * 1_600 + "}", None),
    "1,600 overlapping inline fragments": ("{" + " ...{ number }" * 1_600 + "}", "guard"),
    "overlapping objects": ("{" + (" box(id: 1) {" + " main { id }" * 20 + "}") * 30 + "}", None),
    "overlapping fragments": (fragments(100, "leaf { id } leaf { name }"), None),
    "conflicting arguments": ("{" + " ".join(f"things(first: {n}) {{ id }}" for n in range(350)) + "}", "guard"),
    "unknown fields": ("{" + " ".join(f"x{n}" for n in range(3_400)) + "}", "validation"),
    "unused fragments": ("{ number } " + "fragment F on Query { number } " * 140, "validation"),
    "too many operations": ("query A { number } " * 200, "guard"),
    "depth 10,000": ("{ box(id: 1)" + "{ main" * 10_000 + "}" * 10_001, "guard"),
    "depth 26": ("{ a" * 26 + "}" * 26, "guard"),
    "a fragment that spreads itself": ("{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }", "guard"),
    "a chain of fragments": (
        "{ ...F0 } " + "".join(f"fragment F{n} on Query {{ ...F{n + 1} }} " for n in range(140)),
        "guard",
    ),
    "nested lists": ("{ page(where: { names: " + "[" * 100_000 + "]" * 100_000 + "}) { total } }", "guard"),
    "a long list": ("{ page(where: { names: [" + '"a" ' * 3_400 + "] }) { total } }", None),
    "20 MB of spaces": (" " * 20_000_000 + "{ number }", "guard"),
    "250 kB of spaces": (" " * 250_000 + "{ number }", None),
    "a 5 MB block string": ('{ raises(text: """' + "a" * 5_000_000 + '""") { id } }', "guard"),
    "a 60 kB block string": ('{ raises(text: """' + "a" * 60_000 + '""") { id } }', None),
    "escaped quotes without end": ('"""' + '\\"""' * 60_000, "syntax"),
    "quotes": ('"' * 60_000, "guard"),
    "101 mutations": ("mutation {" + " drop(id: 1) { id }" * 101 + "}", "guard"),
    "first: a billion, three deep": (
        "{ things(first: N) { ... on Box { leaves(first: N) { items { owner { leaves(first: N) { total } } } } } } }"
        .replace("N", "1000000000"),
        "guard",
    ),
    "an integer of 60,000 digits": ("{ things(first: " + "1" * 60_000 + ") { id } }", "validation"),
    "NUL": ("{ number \0 }", "syntax"),
    "a lone surrogate": ('{ raises(text: "\ud800") { id } }', "syntax"),
    "nothing": ("", "syntax"),
    "no operation": ("fragment F on Query { number }", "validation"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_refused_or_served_in_time(name: str) -> None:
    query, refusal = ATTACKS[name]
    documents = Documents(SCHEMA)
    run(documents, "{ number }")
    best = min(_cpu(lambda: run(Documents(SCHEMA), query)) for _ in range(2))
    reply = run(documents, query)
    assert reply.refusal == refusal, reply.errors[:1]
    assert best < CPU_SECONDS * 2, "twice the goal, so that a busy machine does not fail the test"
    assert run(documents, "{ number }").data == {"number": 3}


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


SHAPES: dict[str, Callable[[int], str]] = {
    "flat": lambda n: "{" + "a " * n + "}",
    "nested": lambda n: "{" + "a{b{c{d}}}" * n + "}",
    "inline": lambda n: "{" + "...{a}" * n + "}",
    "fragments": lambda n: "{...F0}" + "".join(f"fragment F{i} on A{{a}}" for i in range(n)),
    "quotes": lambda n: "{a}" + '""" \\"""""" ' * n,
    "unterminated": lambda n: '{a}"""' + '\\"""' * n,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_guard_is_linear_and_cheap(shape: str) -> None:
    limits = Limits(tokens=10**6, selections=10**6, characters=10**9, definitions=10**6)

    def guard(size: int) -> Callable[[], None]:
        count = size // (len(SHAPES[shape](110)) - len(SHAPES[shape](100))) * 10
        text = SHAPES[shape](count)
        node = parse("{a}" if '"' in text else text)

        def work() -> None:
            scan(text, limits)
            measure(node, limits)

        return work

    def calls(work: Callable[[], None]) -> int:
        counted = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal counted
            counted += event in {"call", "c_call"}

        sys.setprofile(count)
        try:
            work()
        finally:
            sys.setprofile(None)
        return counted

    def seconds(work: Callable[[], None]) -> float:
        return min(_cpu(work) for _ in range(15))

    assert calls(guard(16_384)) / calls(guard(8_192)) <= 2.1
    assert seconds(guard(32_768)) / seconds(guard(8_192)) < 12, "a quadratic one would take 16 times as long"
    assert seconds(guard(4_096)) < 0.004, "the goal is 1 ms, with room for a busy machine"


def refused(text: str, **limits: Any) -> str:
    try:
        scan(text, Limits(**limits))
        measure(parse(text), Limits(**limits))
    except DocumentRefused as error:
        return error.limit
    return "accepted"


def test_each_limit_counts_what_it_says() -> None:
    two = "{ a { b } ...F } fragment F on Query { c: d @include(if: true) }"
    fits: dict[str, Any] = {"depth": 2, "selections": 3, "aliases": 1, "directives": 1, "definitions": 2}
    measure(parse(two), Limits(**fits))
    for limit, value in fits.items():
        assert refused(two, **{**fits, limit: value - 1}) == limit
    assert refused("mutation { ...F e } fragment F on M { a b c d }") == "mutations"
    signing = frozenset({"tokenCreate"})
    assert (
        refused("mutation { a: tokenCreate ...F } fragment F on M { tokenCreate }", auth_fields=signing)
        == "auth_mutations"
    )
    assert refused("{ a { b { c } } }", nesting=2) == "nesting"


def test_strings_and_comments_are_single_tokens() -> None:
    scan('# {{{{ """ \n{ a(x: "}{\\"{", y: """ {{ \\""" { """) }', Limits(tokens=12, nesting=2))


def cost(query: str, variables: dict[str, Any] | None = None, **limits: Any) -> Any:
    return run(Documents(SCHEMA, Limits(**limits)), query, variables)


def test_the_cost_counts_fetches_times_pages() -> None:
    assert cost("{ number }").cost == 1
    assert cost("{ box(id: 1) { id main { id shout } } }").cost == 1
    assert cost("{ box(id: 1) { notes(first: 2) friend { id } } }").cost == 3
    assert cost("{ things(first: 3) { id } }").cost == 3
    assert cost("{ things(first: 3) { id ... on Box { leaves(first: 2) { items { owner { id } } } } } }").cost == 3 * (
        1 + 2 * (1 + 1)
    )
    assert cost("{ things { id } }", page_default=7).cost == 7
    query = "query Q($n: Int = 2) { things(first: $n) { ...F } } fragment F on Box { leaves(first: $n) { total } }"
    assert cost(query).cost == 2 * (1 + 2)
    assert cost(query, {"n": 3}).cost == 3 * (1 + 3)
    assert cost(query, {"n": 3}).body()["extensions"] == {
        "cost": {"requestedQueryCost": 12, "maximumAvailable": 50_000}
    }


def test_beyond_the_cost_nothing_runs() -> None:
    query = "query Q($n: Int!) { things(first: $n) { ... on Box { leaves(first: $n) { items { owner { id } } } } } }"
    reply = cost(query, {"n": 30}, cost=100)
    assert reply.refusal == "guard"
    assert "data" not in reply.body()
    assert reply.body()["extensions"]["cost"] == {
        "requestedQueryCost": 30 + 30 * (30 + 30 * 1),
        "maximumAvailable": 100,
    }
    # A page counts as it is asked for: no size is refused for itself, any is where it costs too much.
    assert cost("{ things(first: 101) { id } }").cost == 101
    huge = cost("{ things(first: 2147483647) { id } }")
    assert (huge.refusal, huge.cost) == ("guard", 2147483647)
    assert cost(query, {"n": 1000}).refusal == "guard"
    assert issubclass(CostExceeded, DocumentRefused)
