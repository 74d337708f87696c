"""How the benchmarks measure: CPU time of this process, several ways of doing the same interleaved, medians.

The machine may be busy with other things; what is compared runs in turns, so that every way meets the same weather,
and only ratios are judged.
"""

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

RESULTS: Final = Path(__file__).parent / "results.json"

Run = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of doing something.

    `repeats`: how often it runs for one sample; short ones need several. `before` runs before each, unmeasured.
    """

    run: Run
    repeats: int = 1
    before: Run | None = None


async def medians(ways: Mapping[str, Way], rounds: int) -> dict[str, float]:
    """Median milliseconds of CPU of each way. Every way has run once before the first sample."""
    samples = await _samples(ways, rounds)
    return {name: statistics.median(found) for name, found in samples.items()}


async def ratio(above: Way, below: Way, rounds: int) -> tuple[float, float, float]:
    """The median of the pairs' ratios, and both medians in milliseconds of CPU."""
    samples = await _samples({"above": above, "below": below}, rounds)
    pairs = [one / other for one, other in zip(samples["above"], samples["below"], strict=True)]
    return statistics.median(pairs), statistics.median(samples["above"]), statistics.median(samples["below"])


async def _samples(ways: Mapping[str, Way], rounds: int) -> dict[str, list[float]]:
    for way in ways.values():
        if way.before is not None:
            await way.before()
        await way.run()
    # As a server does after its start: what exists now is not looked at again by the collector.
    gc.collect()
    gc.freeze()
    samples: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            if way.before is not None:
                await way.before()
            # Nobody pays for the garbage of the one before.
            gc.collect(0)
            started = time.process_time()
            for _ in range(way.repeats):
                await way.run()
            samples[name].append((time.process_time() - started) * 1000 / way.repeats)
    return samples


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. `goal` is None for what is only reported; `ok` says whether the goal is reached."""

    name: str
    value: float
    goal: float | None = None
    at_least: bool = False
    unit: str = ""
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the value is on the right side of the goal."""
        return self.goal is None or (self.value >= self.goal if self.at_least else self.value <= self.goal)

    @property
    def wanted(self) -> str:
        """The goal as the table shows it."""
        return "" if self.goal is None else f"{'≥' if self.at_least else '≤'} {self.goal:g}"


@dataclass(slots=True)
class Results:
    """What a run found, in the order it was found."""

    found: list[Result] = field(default_factory=list)

    def add(self, name: str, value: float, goal: float | None = None, **more: Any) -> Result:
        """One more line."""
        result = Result(name, round(value, 3), goal, **more)
        self.found.append(result)
        return result

    def table(self) -> str:
        """The lines as text."""
        width = max((len(result.name) for result in self.found), default=0)
        lines = [f"{'what':<{width}}  {'value':>10} {'':<4} {'goal':>8}       note"]
        for one in self.found:
            mark = "" if one.goal is None else ("ok" if one.ok else "LOST")
            lines.append(f"{one.name:<{width}}  {one.value:>10g} {one.unit:<4} {one.wanted:>8}  {mark:<4} {one.note}")
        return "\n".join(lines)

    def write(self, path: Path = RESULTS) -> None:
        """The file `tests/bench/results.json`: a list of `{name, value, goal, ok}`, with unit and note beside."""
        rows = [
            {
                "name": one.name,
                "value": one.value,
                "goal": one.wanted or None,
                "ok": one.ok,
                "unit": one.unit,
                "note": one.note,
            }
            for one in self.found
        ]
        path.write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")
