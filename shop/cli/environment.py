"""Makes `.venv` and keeps it equal to the committed lock: `python3 -m shop.cli.environment run|dev|lock`.

Runs before any package is installed, so it needs the standard library only, and says so where the machine's Python
is too old or incomplete. A second run with an unchanged lock does nothing.
"""

from __future__ import annotations

import filecmp
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "synced.lock"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
OLDEST = (3, 11)
# uv does not read pip's configuration, so what pip was told about this machine is handed on.
_FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}


def main() -> None:
    """`.venv` holds exactly what the lock says; `run` is content with `dev`, which holds the same versions and more."""
    if sys.version_info < OLDEST:
        _fail(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; {sys.executable} is {sys.version.split()[0]}.")
    kind = sys.argv[1] if sys.argv[1:] else "run"
    if kind == "lock":
        _lock(sys.argv[2:])
        return
    if _is_synced("dev") or (kind == "run" and _is_synced("run")):
        return
    if STAMP.exists() and (VENV / "bin" / "pytest").exists():
        kind = "dev"  # never take away what `make test` installed
    started = time.monotonic()
    if not PYTHON.exists():
        print("Making .venv …", flush=True)
        _make_venv()
    if not (VENV / "bin" / "uv").exists():
        _install_uv()
    print(f"Installing the packages of {LOCKS[kind].name} …", flush=True)
    _sync(LOCKS[kind])
    _link()
    shutil.copyfile(LOCKS[kind], STAMP)
    print(f"Python environment ready in {time.monotonic() - started:.1f} s", flush=True)


def _is_synced(kind: str) -> bool:
    return PYTHON.exists() and STAMP.exists() and filecmp.cmp(LOCKS[kind], STAMP, shallow=False)


def _make_venv() -> None:
    # Without pip: unpacking it takes longer than everything else here together.
    made = subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], check=False)
    if made.returncode != 0:
        _fail(
            f"{sys.executable} cannot make virtual environments.",
            "On Debian and Ubuntu: apt-get install python3-venv python3-pip",
        )


def _install_uv() -> None:
    """The `.venv` has uv, put there by the machine's pip, or by one made for it where the machine has none."""
    pip = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode != 0:
        # No pip, or one too old to install elsewhere.
        if subprocess.run([str(PYTHON), "-m", "ensurepip", "--upgrade"], capture_output=True, check=False).returncode:
            _fail(
                f"{sys.executable} has no pip (22.3 or newer), and cannot make one.",
                "On Debian and Ubuntu: apt-get install python3-venv python3-pip",
            )
        pip = [str(PYTHON), "-m", "pip"]
    options = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location", "--require-hashes"]
    _must([*pip, "install", *options, "-r", str(ROOT / "requirements-uv.lock")], "uv could not be installed.")


def _sync(lock: Path) -> None:
    command = [
        str(VENV / "bin" / "uv"),
        "pip",
        "sync",
        "--quiet",
        "--python",
        str(PYTHON),
        "--require-hashes",
        str(lock),
    ]
    _must(command, f"The packages of {lock.name} could not be installed.", _uv_environment())


def _link() -> None:
    """`shop` is a command, and importable from any folder, without building a package."""
    site = next((VENV / "lib").glob("python3.*/site-packages"))
    (site / "shop.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    script = VENV / "bin" / "shop"
    # -P: a folder named shop where the command is called must not be taken for the product.
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} -P -m shop "$@"\n', encoding="utf-8")
    script.chmod(0o755)


def _lock(options: list[str]) -> None:
    """The locks hold what pyproject.toml asks for; what they hold already stays, unless `--upgrade` is given."""
    uv = VENV / "bin" / "uv"
    common = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet", "--python-version", "3.11"]
    run, dev = LOCKS["run"].name, LOCKS["dev"].name
    for arguments, text in (
        (["pyproject.toml", "-o", run], None),
        (["pyproject.toml", "--group", "dev", "-c", run, "-o", dev], None),
        (["-", "-o", "requirements-uv.lock"], "uv"),
    ):
        command = [str(uv), "pip", "compile", *common, *options, *arguments]
        if subprocess.run(command, cwd=ROOT, env=_uv_environment(), input=text, text=True, check=False).returncode:
            _fail("The locks could not be made.", "The lines above say which requirement cannot be met.")


def _uv_environment() -> dict[str, str]:
    environment = dict(os.environ)
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        variable = _FROM_PIP.get(key.rsplit(".", 1)[-1])
        if variable:
            environment.setdefault(variable, value.strip("'\"").replace("\\n", " "))
    if "UV_INDEX" in environment:
        # As pip does: any index may have the version that the lock names. The hashes make that safe.
        environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return environment


def _must(command: list[str], failure: str, environment: dict[str, str] | None = None) -> None:
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        _fail(failure, "The lines above say why; mostly no network, or a package registry that does not answer.")


def _fail(message: str, remedy: str = "Name another one: make run PYTHON=python3.12") -> None:
    sys.exit(f"\n{message}\n{remedy}")


if __name__ == "__main__":
    main()
