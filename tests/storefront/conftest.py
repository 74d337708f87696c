"""The demo shop over an API in memory, spoken to as a browser without a script would."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shop.kit.settings import Settings
from shop.storefront.app import application
from tests.storefront.fake import FakeShop

BASE = "http://shop.test"


@pytest.fixture
def fake() -> FakeShop:
    return FakeShop()


@pytest.fixture
def front_settings() -> Settings:
    return Settings(_env_file=None, public_url=BASE, stripe_api_url="http://127.0.0.1:9", environment="test")


@pytest.fixture
async def browser_like(fake: FakeShop, front_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A visitor: keeps cookies, sends `Origin` with its forms, follows no redirect by itself."""
    transport = httpx.ASGITransport(application(front_settings, fake.execute), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers={"Origin": BASE}) as client:
        yield client
