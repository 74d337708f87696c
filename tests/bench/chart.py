"""The chart of `docs/performance.md`, drawn from the results: each ratio as a bar beside its goal.

`python -m tests.bench.chart` draws it anew from `results.json` into `docs/images/performance.svg`.
"""

from html import escape
from pathlib import Path
from typing import Final

import orjson

from tests.bench.measure import RESULTS, Result, Results

TARGET: Final = Path(__file__).resolve().parents[2] / "docs" / "images" / "performance.svg"
_WIDTH, _LEFT, _ROW, _TOP = 860, 400, 30, 46
_REACHED, _MISSED, _PLAIN = "#2f7d5b", "#b3552e", "#7a8794"


def draw(results: Results, target: Path) -> None:
    """The file holds the chart of all ratios: bars, and a mark at each goal."""
    shown = [one for one in results.found if "÷" in one.name]
    height = _TOP + _ROW * len(shown) + 20
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
            'font-family="system-ui, sans-serif" font-size="13">'
        ),
        "<title>Ratios measured by make bench, and their goals</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        (
            '<text x="16" y="26" font-size="16" font-weight="600" fill="#1d2730">'
            "Ratios of CPU time (medians of interleaved runs); the line marks the goal</text>"
        ),
    ]
    for index, one in enumerate(shown):
        lines += _bar(one, _TOP + _ROW * index)
    target.write_text("\n".join([*lines, "</svg>", ""]))


def _bar(one: Result, y: int) -> list[str]:
    # Two scales: ratios to floors, and those to graphql-core.
    most = max(one.value, 30 if one.at_least else 5)
    scale = (_WIDTH - _LEFT - 90) / most
    color = _PLAIN if one.goal is None else (_REACHED if one.ok else _MISSED)
    length = one.value * scale
    lines = [
        f'<text x="{_LEFT - 10}" y="{y + 17}" text-anchor="end" fill="#1d2730">{escape(one.name)}</text>',
        f'<rect x="{_LEFT}" y="{y + 4}" width="{length:.1f}" height="18" rx="2" fill="{color}"/>',
        (
            f'<text x="{_LEFT + max(length, (one.goal or 0) * scale) + 8:.1f}" y="{y + 17}" fill="#1d2730">'
            f"{one.value:.2f}{'' if one.goal is None else f'  ({escape(one.wanted)})'}</text>"
        ),
    ]
    if one.goal is not None:
        x = _LEFT + one.goal * scale
        lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + 26}" stroke="#1d2730" stroke-width="2"/>')
    return lines


def main() -> None:
    """Draws the chart of the last run."""
    results = Results()
    for row in orjson.loads(RESULTS.read_bytes()):
        goal = row["goal"]
        results.add(
            row["name"],
            row["value"],
            None if goal is None else float(goal.split()[1]),
            at_least=bool(goal and goal.startswith("≥")),
        )
    draw(results, TARGET)


if __name__ == "__main__":
    main()
