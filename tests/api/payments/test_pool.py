"""Flows of callers with a token: a request holds one connection at most, so that the smallest pool serves them all."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shop import wiring
from shop.kit import ids
from shop.kit.db import Database, DatabaseUrl
from shop.kit.settings import Settings
from tests.api.client import Api
from tests.api.payments.test_dummy import COMPLETE, INITIALIZE, PROCESS, event
from tests.factories import payments

CALLERS = 3


@pytest.fixture
async def narrow(committed_url: DatabaseUrl, settings: Settings) -> AsyncIterator[Api]:
    """The API over one connection, for which a request waits longer than all others take."""
    wiring.connect()
    database = Database(committed_url, pool_size=1, pool_timeout_seconds=20, application_name="tests")
    api = Api(settings.model_copy(update={"dummy_gateway": True}), database)
    yield api
    await api.close()
    await database.close()


async def test_flows_at_once_do_not_starve_each_other(narrow: Api) -> None:
    async with narrow.database.unit() as session:
        shop = await payments.shop(session)
        carts = [ids.encode("Checkout", await payments.cart(session, shop)) for _ in range(CALLERS)]
    token = await narrow.login("customer@example.com")

    async def buy(cart: str) -> list[Any]:
        begun = await narrow(INITIALIZE, {"id": cart, "data": event("CHARGE_ACTION_REQUIRED")}, token=token)
        payment = begun.data["transactionInitialize"]
        key = {"id": payment["transaction"]["id"], "data": event("CHARGE_SUCCESS")}
        processed = (await narrow(PROCESS, key, token=token)).data["transactionProcess"]
        completed = (await narrow(COMPLETE, {"id": cart}, token=token)).data["checkoutComplete"]
        return [payment["errors"], processed["errors"], completed["errors"], completed["order"]["chargeStatus"]]

    assert await asyncio.gather(*map(buy, carts)) == [[[], [], [], "FULL"]] * CALLERS
