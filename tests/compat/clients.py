"""Saleor's published npm clients, installed once a clone, and the shop that listens to them."""

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import uvicorn

from shop.kit.settings import Settings
from shop.web.app import create_app
from tests.conftest import NO_CLIENTS, ROOT
from tests.sandbox.running import listen, until

FOLDER: Final = Path(__file__).with_name("clients")
_RECIPE: Final = ("package.json", "package-lock.json", ".npmrc", "next/package.json", "next/headers.mjs")
_NO_REGISTRY: Final = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")
_STEP_SECONDS: Final = 60


def installed(source: Path = FOLDER, recipe: tuple[str, ...] = _RECIPE) -> Path:
    """The folder in which `npm ci` has put exactly what the lock file names; skips where no registry answers."""
    digest = hashlib.sha256()
    for name in recipe:
        digest.update((source / name).read_bytes())
    caches = Path(os.environ.get("SHOP_STATE_FOLDER", ROOT / ".shop")) / "clients"
    caches.mkdir(parents=True, exist_ok=True)
    folder = caches / digest.hexdigest()[:12]
    # Processes that need it at once wait for the first to install it.
    with (caches / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            part = caches / f"{folder.name}.part"
            shutil.rmtree(part, ignore_errors=True)
            for name in recipe:
                (part / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source / name, part / name)
            command = ["npm", "ci", "--prefer-offline", "--no-progress", "--loglevel", "error"]
            done = subprocess.run(command, cwd=part, capture_output=True, text=True, check=False)
            if done.returncode and any(code in done.stderr for code in _NO_REGISTRY):
                pytest.skip(NO_CLIENTS)
            assert done.returncode == 0, done.stderr[-4000:]
            part.rename(folder)
    return folder


@dataclass(frozen=True, slots=True)
class Scripts:
    """The scripts of `clients/` beside the packages that they import."""

    folder: Path

    def __call__(self, script: str, step: str, *, meanwhile: Callable[[], None] | None = None, **given: Any) -> Any:
        """The facts that the script's step tells; where it pauses, `meanwhile` is done before it goes on."""
        with subprocess.Popen(
            ["node", f"{script}.mjs", step, json.dumps(given)],
            cwd=self.folder,
            # No proxy stands between, and no setting of the developer's changes what the clients do.
            env={"PATH": os.environ["PATH"], "NODE_ENV": "production"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as node:
            if meanwhile is not None:
                assert node.stdout is not None
                node.stdout.readline()
                meanwhile()
            told, complaints = node.communicate("\n", timeout=_STEP_SECONDS)
        assert node.returncode == 0, complaints[-4000:]
        return json.loads(told)


def scripts(folder: Path) -> Scripts:
    """The scripts, copied to the folder."""
    for script in FOLDER.glob("*.mjs"):
        shutil.copy(script, folder)
    (folder / "node_modules").symlink_to(installed() / "node_modules")
    return Scripts(folder)


@contextmanager
def serving(settings: Settings) -> Iterator[Settings]:
    """The shop, served by a thread of this process on a free port; the settings with its address."""
    bound = listen()
    served = settings.model_copy(update={"public_url": f"http://127.0.0.1:{bound.getsockname()[1]}"})
    app = create_app(served, worker=False)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=asyncio.run, args=(server.serve([bound]),))
    thread.start()
    until(lambda: server.started or not thread.is_alive(), 20)
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join()
