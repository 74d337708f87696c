"""What stands in the log of an error, and what never does."""

import subprocess
import sys

PROGRAM = """
import structlog
from shop.kit.log import configure
from shop.kit.settings import Settings

configure(Settings(_env_file=None, log_format="{form}"))
try:
    given = "a-" + "password"
    raise ValueError("refused")
except ValueError:
    structlog.get_logger().error("unexpected error", exc_info=True)
"""


def test_an_error_is_logged_without_the_values_around_it() -> None:
    for form in ("console", "json"):
        program = PROGRAM.format(form=form)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert "ValueError: refused" in done.stderr
        assert "a-password" not in done.stderr
