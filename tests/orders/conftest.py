"""Orders over real connections, for races; their payments pretend."""

from pathlib import Path

import pytest

from tests.paying import allow_stripe, busy_desk, desk, paying_settings, sandbox, served_sandbox

__all__ = ["busy_desk", "desk", "paying_settings", "sandbox", "served_sandbox"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    allow_stripe(items, str(Path(__file__).parent))
