"""Orders are made by paying at the served sandbox."""

from pathlib import Path

import pytest

from tests.api.payments.conftest import api, desk
from tests.paying import allow_stripe, paying_settings, sandbox, served_sandbox

__all__ = ["api", "desk", "paying_settings", "sandbox", "served_sandbox"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    allow_stripe(items, str(Path(__file__).parent))
