"""The document guard: what it costs on an ordinary document, and how it grows."""

import statistics
import time
from collections.abc import Callable
from typing import Final

from graphql import parse

from shop.execution import Limits
from shop.execution.guard import measure, scan
from tests.bench.measure import Results

GOAL_MS: Final = 1.0
GOAL_GROWTH: Final = 2.5
_ROUNDS: Final = 41
_LIMITS: Final = Limits(characters=10**7, tokens=10**6, selections=10**6, aliases=10**6, definitions=10**5, depth=10**3)


def document(size: int) -> str:
    """A document of about that many characters."""
    field = '  a{n}: product(slug: "slug-{n}") {{ id name category {{ name slug }} }}\n'
    lines, length = ["{\n"], 0
    while length < size:
        lines.append(field.format(n=len(lines)))
        length += len(lines[-1])
    return "".join([*lines, "}"])


def guard(results: Results) -> None:
    """CPU of the guard on 4 kB, and how much more twice as much takes. Parsing is not the guard's."""
    small, large = _guarded(document(4_000)), _guarded(document(64_000))
    larger = _guarded(document(128_000))
    results.add("guard, document of 4 kB", _median(small), GOAL_MS, unit="ms", note="of CPU")
    results.add("guard, 128 kB ÷ 64 kB", _median(larger) / _median(large), GOAL_GROWTH)


def _guarded(text: str) -> Callable[[], None]:
    node = parse(text)

    def run() -> None:
        scan(text, _LIMITS)
        measure(node, _LIMITS)

    return run


def _median(run: Callable[[], None]) -> float:
    times = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        run()
        times.append((time.process_time() - started) * 1000)
    return statistics.median(times)
