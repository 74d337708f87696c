"""Execution alone, by hand: `python -m tests.bench.execution`. Reference ÷ engine ÷ hand-written floor.

A product list as a storefront asks for it, about a hundred fields an object, with rows that lie ready: what is measured
is the executor, the batch functions and the making of the response, no driver and no HTTP. The three are interleaved
in one process and compared by their medians of CPU time, so that the ratios hold on a noisy machine.
"""

# ruff: noqa: T201 - a benchmark prints its table

from __future__ import annotations

import asyncio
import functools
import gc
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import strawberry

from shop.execution import Documents, execute_document, execution_context
from tests.bench.products import DOCUMENT, Context, Query, by_hand


async def measure(runs: dict[str, Callable[[], Awaitable[Any]]], rounds: int) -> dict[str, float]:
    """Median CPU milliseconds of each, interleaved."""
    samples: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            repeats = 1 if name == "reference" else 5
            started = time.process_time()
            for _ in range(repeats):
                await run()
            samples[name].append((time.process_time() - started) * 1000 / repeats)
    return {name: statistics.median(values) for name, values in samples.items()}


async def main(rounds: int) -> None:
    """Print one line per size."""
    engine = strawberry.Schema(Query, execution_context_class=execution_context("engine"))
    reference = strawberry.Schema(Query, execution_context_class=execution_context("reference"))
    stores = {"engine": Documents(engine), "reference": Documents(reference)}
    gc.freeze()
    print(
        f"{'objects':>8} {'reference ms':>13} {'engine ms':>10} {'floor ms':>9} {'ref/engine':>11} {'engine/floor':>13}"
    )
    for size in (1, 12, 100):
        context = Context(size)

        async def run(schema: strawberry.Schema, documents: Documents, context: Context = context) -> bytes:
            reply = await execute_document(
                schema, documents, DOCUMENT, {"first": context.size, "lang": "DE"}, None, context
            )
            assert not reply.errors, reply.errors[:1]
            return orjson.dumps({"data": reply.data})

        async def floor(context: Context = context) -> bytes:
            return orjson.dumps(await by_hand(context))

        runs: dict[str, Callable[[], Awaitable[bytes]]] = {
            "reference": functools.partial(run, reference, stores["reference"]),
            "engine": functools.partial(run, engine, stores["engine"]),
            "floor": floor,
        }
        answers = [await run() for run in runs.values()]
        answers += [await run() for run in runs.values()]
        assert len(set(answers)) == 1, "all three answer alike"
        found = await measure(runs, rounds)
        print(
            f"{size:>8} {found['reference']:>13.2f} {found['engine']:>10.3f} {found['floor']:>9.3f}"
            f" {found['reference'] / found['engine']:>11.1f} {found['engine'] / found['floor']:>13.2f}"
        )
    stats = stores["engine"].stats
    print(f"compiled {stats.compiled}, answered by plan {stats.planned}, fallbacks {stats.fallbacks}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
