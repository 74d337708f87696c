"""The locks name exact, hashed versions, the same for running and developing, and no registry."""

import re

from tests.house.code import ROOT

PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)(?: ; (.+?))? \\$", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return {package: version for package, version, _ in PIN.findall((ROOT / name).read_text(encoding="utf-8"))}


def test_development_has_everything_that_runs_in_the_same_versions() -> None:
    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert run
    assert run.items() <= dev.items()


def test_every_line_is_hashed_and_names_no_registry() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text
        assert len(re.findall(r"^[a-z]", text, re.MULTILINE)) == len(pins(name)), name
        assert text.count("--hash=sha256:") >= len(pins(name))
