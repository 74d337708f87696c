"""Making `.venv`: nothing to do when nothing changed, pip's configuration handed on, words for an old Python."""

import subprocess
import sys
from pathlib import Path

import pytest

from shop.cli import environment
from tests.house.code import ROOT


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that passes for a `.venv`, and locks beside it."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    for kind in ("run", "dev"):
        (tmp_path / f"{kind}.lock").write_text(f"{kind}==1\n")
    monkeypatch.setattr(environment, "PYTHON", python)
    monkeypatch.setattr(environment, "STAMP", tmp_path / "synced.lock")
    monkeypatch.setattr(environment, "LOCKS", {kind: tmp_path / f"{kind}.lock" for kind in ("run", "dev")})
    monkeypatch.setattr(environment, "VENV", tmp_path)
    return tmp_path


def synced(monkeypatch: pytest.MonkeyPatch, kind: str) -> list[str]:
    """What `main` with that argument would install."""
    made: list[str] = []
    monkeypatch.setattr(sys, "argv", ["environment", kind])
    monkeypatch.setattr(environment, "_install_uv", lambda: None)
    monkeypatch.setattr(environment, "_link", lambda: None)
    monkeypatch.setattr(environment, "_sync", lambda lock: made.append(lock.stem))
    environment.main()
    return made


def test_the_first_time_it_installs_and_then_never_again(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert synced(monkeypatch, "run") == ["run"]
    assert synced(monkeypatch, "run") == []
    assert synced(monkeypatch, "dev") == ["dev"]


def test_running_takes_nothing_away_that_the_tests_installed(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert synced(monkeypatch, "dev") == ["dev"]
    (venv / "bin" / "pytest").touch()
    assert synced(monkeypatch, "run") == []
    (venv / "dev.lock").write_text("dev==2\n")
    assert synced(monkeypatch, "run") == ["dev"]


def test_a_changed_lock_is_installed(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert synced(monkeypatch, "run") == ["run"]
    (venv / "run.lock").write_text("run==2\n")
    assert synced(monkeypatch, "run") == ["run"]


def test_what_pip_was_told_about_the_machine_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = (
        ":env:.cert='/certificates.pem'\n"
        "global.extra-index-url='https://one.test/simple https://two.test/simple'\n"
        "global.find-links='/one\\n/two'\nglobal.timeout='60'\n"
    )
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, stdout=listed))
    for name in environment._FROM_PIP.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_FIND_LINKS", "/mine")
    made = environment._uv_environment()
    assert made["SSL_CERT_FILE"] == "/certificates.pem"
    assert made["UV_INDEX"] == "https://one.test/simple https://two.test/simple"
    assert made["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert made["UV_FIND_LINKS"] == "/mine"
    assert "UV_DEFAULT_INDEX" not in made


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "OLDEST", (99, 0))
    with pytest.raises(SystemExit, match=r"Python 99\.0 or newer is needed") as end:
        environment.main()
    assert "make run PYTHON=" in str(end.value)


def test_it_needs_the_standard_library_alone() -> None:
    code = "import shop.cli.environment, sys; print(sorted({m.partition('.')[0] for m in sys.modules}))"
    alone = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert alone.returncode == 0, alone.stderr
