"""How much memory web and worker take: of those that run here, or of a child that loads the same and does nothing."""

import gc
import os
import subprocess
import sys
from pathlib import Path

from shop.cli.doctor.finding import Finding, ok, warn
from shop.cli.migrate import child_environment
from shop.kit.settings import Settings

# With bookings, invoices, discounts and what writes the catalogue; a tenth of it is room for other versions of the
# libraries.
IDLE_MEGABYTES = 190
_SERVING = ("dev", "serve", "worker")


def check_memory(settings: Settings) -> Finding:
    """Resident memory of web and worker together, against what they need when idle."""
    running = _running()
    if running:
        total = sum(running.values())
        parts = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in running.items())
        return ok("memory", f"{total:.0f} MB in use now ({parts})")
    child = subprocess.run(
        [sys.executable, "-P", "-m", "shop.cli.doctor.memory"],
        env=child_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    if child.returncode != 0:
        last = (child.stderr.strip().splitlines() or ["no message"])[-1]
        return warn("memory", f"could not be measured: {last}", "Start the shop and run this again.")
    megabytes = float(child.stdout)
    message = f"{megabytes:.0f} MB for web and worker, idle"
    if megabytes > IDLE_MEGABYTES:
        return warn("memory", f"{message}; {IDLE_MEGABYTES} expected", "Look for a new import that costs much.")
    return ok("memory", message)


def _running() -> dict[str, float]:
    """Name and megabytes of the serving processes that were started in this folder (systems with /proc only)."""
    found: dict[str, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"python" not in words[0] or not (folder / "cwd").samefile(Path.cwd()):
                continue
            for name in _SERVING:
                if [b"-m", b"shop", name.encode()] == words[-4:-1]:
                    found[f"{name} {folder.name}"] = _resident(folder)
        except OSError:
            continue
    return found


def _resident(folder: Path) -> float:
    pages = int((folder / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Prints what this process takes once it has loaded everything that serving and working need."""
    from shop.web.app import create_app
    from shop.worker.main import make_app

    settings = Settings()
    app = create_app(settings, worker=False)
    make_app(settings, app.state.database)
    gc.collect()
    print(_resident(Path("/proc/self")))


if __name__ == "__main__":
    main()
