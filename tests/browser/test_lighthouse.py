"""What Lighthouse says of the demo's pages, as a phone on a slow line: `make lighthouse`, some minutes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.browser.conftest import ARTEFACTS
from tests.compat.clients import installed

pytestmark = [pytest.mark.browser, pytest.mark.clients]

_FOLDER: Final = Path(__file__).with_name("lighthouse")
_LEAST: Final = {"accessibility": 100, "seo": 100, "best-practices": 95}
_PAGES: Final = {
    "home": "/",
    "article": "/pages/adult-stem-cell-therapy-for-hair-loss",
    "product": "/products/gentle-shampoo",
    "consultation": "/products/first-consultation",
}


@pytest.fixture(scope="session")
def program() -> Path:
    """Lighthouse as the lock file names it; skips where no registry answers."""
    return installed(_FOLDER, ("package.json", "package-lock.json", ".npmrc")) / "node_modules/.bin/lighthouse"


@pytest.mark.parametrize("name", _PAGES)
def test_lighthouse_finds_nothing(
    program: Path, chromium: str, live_shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    report = _audited(program, chromium, f"{live_shop}{_PAGES[name]}", tmp_path / f"lighthouse-{name}.json")
    scores = {key: round(found["score"] * 100) for key, found in report["categories"].items()}
    seconds = report["audits"]["largest-contentful-paint"]["displayValue"]
    with capsys.disabled():
        sys.stdout.write(f"\n{name:14} {scores} largest paint {seconds}\n")
    missed = {
        audit["id"]: report["audits"][audit["id"]].get("displayValue")
        for key in _LEAST
        for audit in report["categories"][key]["auditRefs"]
        if audit["weight"] and report["audits"][audit["id"]]["score"] not in {None, 1}
    }
    assert {key: scores[key] for key, least in _LEAST.items() if scores[key] < least} == {}, missed
    assert report["audits"]["cumulative-layout-shift"]["numericValue"] == 0


def _audited(program: Path, chromium: str, url: str, path: Path) -> dict[str, Any]:
    """The report, of which a copy is kept for people to look at."""
    done = subprocess.run(
        [
            *(program, url, "--quiet", "--output=json", f"--output-path={path}"),
            *(
                "--only-categories=performance,accessibility,seo,best-practices",
                "--chrome-flags=--headless --no-sandbox",
            ),
        ],
        env={"PATH": os.environ["PATH"], "CHROME_PATH": chromium},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    text = path.read_text(encoding="utf-8")
    ARTEFACTS.mkdir(exist_ok=True)
    (ARTEFACTS / path.name).write_text(text, encoding="utf-8")
    report: dict[str, Any] = json.loads(text)
    return report
