"""The Makefile: the targets that are promised, each explained, and one way to run the tests."""

import os
import re
import subprocess

from tests.house.code import ROOT

PROMISED = [
    *("help", "install", "run", "test", "check", "bench", "lighthouse"),
    *("lint", "types", "schema", "migrate", "lock", "clean"),
]


def make(*arguments: str) -> str:
    # What an outer make leaves behind would change how this one prints.
    clean = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=ROOT, env=clean, capture_output=True, text=True, check=True
    ).stdout


def test_make_alone_explains_every_target() -> None:
    lines = {line.split()[0]: line for line in make().splitlines()}
    assert list(lines) == PROMISED
    assert [name for name, line in lines.items() if len(line.split()) < 3] == []


def test_check_runs_what_test_runs_and_every_linter() -> None:
    steps = make("-n", "check")
    assert re.search(r"-m pytest$|-m pytest ", make("-n", "test"), re.MULTILINE)
    for command in ("-m pytest tests/house", "--ignore tests/house", "ruff format --check", "ruff check"):
        assert command in steps
    for command in ("mypy", "lint-imports", "yamllint", "hadolint", "shop schema --check"):
        assert command in steps


def test_ci_runs_make_check() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "make check" in script.read_text(encoding="utf-8")
