"""What a whole purchase costs the database: every statement of every request from the cart to the order."""

from typing import Any

import pytest

from shop.kit import ids
from shop.kit.db import Database
from shop.kit.settings import Settings
from tests.api.client import Api
from tests.factories import payments
from tests.journeys.running import AMERICAN, DOCUMENTS, GATEWAY
from tests.paying import OUTDATED
from tests.sandbox.running import Sandbox

# The bound is 150; what we need is asserted, so that whoever adds a statement notices.
BOUND = 150
STATEMENTS = 131

pytestmark = pytest.mark.filterwarnings(OUTDATED)


async def test_a_whole_purchase(committed: Database, paying_settings: Settings, sandbox: Sandbox) -> None:
    shop = await committed.run(payments.shop)
    api = Api(paying_settings, committed)
    counts: dict[str, int] = {}

    async def do(name: str, **variables: Any) -> Any:
        reply = await api(DOCUMENTS[name].text, variables, operation_name=name)
        counts[name] = reply.statements
        (payload,) = reply.data.values()
        assert payload["errors"] == []
        return payload

    line = {"variantId": ids.encode("ProductVariant", shop.cream.id), "quantity": 2}
    created = await do("CheckoutCreate", input={"channel": shop.channel.slug, "lines": [line]})
    checkout = created["checkout"]["id"]
    line = {"variantId": ids.encode("ProductVariant", shop.shampoo.id), "quantity": 1}
    await do("CheckoutLinesAdd", id=checkout, lines=[line])
    await do("CheckoutEmailUpdate", id=checkout, email="shopper@example.com")
    await do("CheckoutShippingAddressUpdate", id=checkout, address=AMERICAN)
    await do("CheckoutBillingAddressUpdate", id=checkout, address=AMERICAN)
    options = await do("DeliveryOptionsCalculate", id=checkout)
    delivery = options["deliveries"][0]["id"]
    await do("CheckoutDeliveryMethodUpdate", id=checkout, deliveryMethodId=delivery)
    await do("PaymentGatewayInitialize", id=checkout)
    page = {"checkoutSession": {"successUrl": "http://shop.test/return", "cancelUrl": "http://shop.test/cart"}}
    started = await do("TransactionInitialize", id=checkout, gateway={"id": GATEWAY, "data": page})
    assert sandbox.pay(started["data"]["checkoutSession"]["id"]).status_code == 303
    processed = await do("TransactionProcess", id=started["transaction"]["id"])
    assert processed["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    completed = await do("CheckoutComplete", id=checkout)
    assert completed["order"]["total"]["gross"] == {"amount": 45.0, "currency": "USD"}
    await api.close()
    assert sum(counts.values()) <= BOUND
    assert sum(counts.values()) == STATEMENTS, counts
