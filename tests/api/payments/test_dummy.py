"""The gateway that only pretends: for development alone, and through the same ledger as everybody else's payments."""

import uuid
from typing import Any

import pytest

from shop import wiring
from shop.kit import ids
from shop.kit.settings import Settings
from tests.api.client import Api
from tests.database import OneConnectionDatabase
from tests.factories import payments
from tests.factories.payments import Desk
from tests.sandbox.running import Sandbox

DUMMY = "saleor.io.dummy-payment-app"
INITIALIZE = """
mutation ($id: ID!, $data: JSON, $action: TransactionFlowStrategyEnum, $amount: PositiveDecimal) {
  transactionInitialize(
    id: $id, action: $action, amount: $amount, paymentGateway: {id: "saleor.io.dummy-payment-app", data: $data}
  ) {
    errors { field code message }
    data
    transaction { id name actions pspReference chargedAmount { amount } authorizedAmount { amount } }
    transactionEvent { type message amount { amount } }
  }
}
"""
PROCESS = """
mutation ($id: ID!, $data: JSON) {
  transactionProcess(id: $id, data: $data) { errors { field code } data transactionEvent { type } }
}
"""
COMPLETE = """
mutation ($id: ID!) { checkoutComplete(id: $id) { errors { code } order { id chargeStatus authorizeStatus } } }
"""
ACT = """
mutation ($id: ID!, $action: TransactionActionEnum!, $amount: PositiveDecimal) {
  transactionRequestAction(id: $id, actionType: $action, amount: $amount) {
    errors { code } transaction { chargedAmount { amount } refundedAmount { amount } canceledAmount { amount } }
  }
}
"""
GATEWAYS = """
query ($id: ID!) {
  checkout(id: $id) {
    availablePaymentGateways { id name currencies } chargeStatus authorizeStatus totalBalance { amount }
  }
}
"""


@pytest.fixture
async def shopper(database: OneConnectionDatabase, settings: Settings) -> Any:
    """The API of a developer's shop: no provider at all, but the gateway that pretends."""
    wiring.connect()
    api = Api(settings.model_copy(update={"dummy_gateway": True}), database)
    yield api
    await api.close()


@pytest.fixture
def counter(database: OneConnectionDatabase, settings: Settings, sandbox: Sandbox) -> Desk:
    """The same shop from behind the counter."""
    return Desk(database, settings, sandbox)


async def cart(counter: Desk, **more: Any) -> str:
    """A checkout of 25.00 by its global ID."""
    key = await counter.database.run(lambda session: _cart(session, more))
    return ids.encode("Checkout", key)


async def _cart(session: Any, more: dict[str, Any]) -> uuid.UUID:
    return await payments.cart(session, await payments.shop(session, **more))


def event(type: str) -> dict[str, Any]:
    """The data of Saleor's public dummy payment app."""
    return {"event": {"includePspReference": True, "type": type}}


async def test_it_is_offered_where_it_is_switched_on_alone(api: Api, shopper: Api, counter: Desk) -> None:
    id = await cart(counter)
    offered = (await shopper(GATEWAYS, {"id": id})).data["checkout"]["availablePaymentGateways"]
    assert offered == [{"id": DUMMY, "name": "Dummy", "currencies": ["USD"]}]
    usual = (await api(GATEWAYS, {"id": id})).data["checkout"]["availablePaymentGateways"]
    assert [gateway["id"] for gateway in usual] == ["saleor.app.payment.stripe"]
    refused = (await api(INITIALIZE, {"id": id})).data["transactionInitialize"]
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("paymentGateway", "NOT_FOUND")]
    asked = "mutation ($id: ID!) { paymentGatewayInitialize(id: $id) { gatewayConfigs { id data errors { code } } } }"
    configs = (await shopper(asked, {"id": id})).data["paymentGatewayInitialize"]["gatewayConfigs"]
    assert configs == [{"id": DUMMY, "data": {}, "errors": []}]
    assert await counter.scalar("SELECT count(*) FROM payment_transaction") == 0


def test_production_does_not_start_with_it(settings: Settings) -> None:
    whole = settings.model_dump() | {
        "environment": "production",
        "database_url": "postgres://shop@127.0.0.1/shop",
        "secret_key": "x" * 32,
        "jwt_private_key": "key",
        "public_url": "https://shop.example.com",
        "stripe_secret_key": "sk_live_x",
    }
    assert Settings(**whole).production
    with pytest.raises(ValueError, match="SHOP_DUMMY_GATEWAY takes no money"):
        Settings(**whole | {"dummy_gateway": True})


async def test_a_checkout_is_paid_and_completed(shopper: Api, counter: Desk) -> None:
    id = await cart(counter)
    begun = (await shopper(INITIALIZE, {"id": id, "data": event("CHARGE_SUCCESS")})).data["transactionInitialize"]
    assert begun["errors"] == []
    assert begun["transactionEvent"] == {"type": "CHARGE_SUCCESS", "message": "", "amount": {"amount": 25.0}}
    assert begun["data"] == {"event": {"type": "CHARGE_SUCCESS"}}
    assert (begun["transaction"]["name"], begun["transaction"]["chargedAmount"]) == ("Dummy", {"amount": 25.0})
    done = (await shopper(COMPLETE, {"id": id})).data["checkoutComplete"]
    assert (done["errors"], done["order"]["chargeStatus"]) == ([], "FULL")
    token = await shopper.login("cashier@example.com", "HANDLE_PAYMENTS")
    given = {"id": begun["transaction"]["id"], "action": "REFUND", "amount": 10}
    back = (await shopper(ACT, given, token=token)).data["transactionRequestAction"]
    assert back["errors"] == []
    assert (back["transaction"]["chargedAmount"], back["transaction"]["refundedAmount"]) == (
        {"amount": 15.0},
        {"amount": 10.0},
    )
    assert await counter.broken_invariants() == []


async def test_what_is_held_is_charged_in_part(shopper: Api, counter: Desk) -> None:
    id = await cart(counter, flow="AUTHORIZATION")
    begun = (await shopper(INITIALIZE, {"id": id})).data["transactionInitialize"]
    assert begun["transactionEvent"]["type"] == "AUTHORIZATION_SUCCESS"
    assert begun["transaction"]["actions"] == ["CHARGE", "CANCEL"]
    done = (await shopper(COMPLETE, {"id": id})).data["checkoutComplete"]
    assert (done["order"]["chargeStatus"], done["order"]["authorizeStatus"]) == ("NONE", "FULL")
    token = await shopper.login("cashier@example.com", "HANDLE_PAYMENTS")
    charge = {"id": begun["transaction"]["id"], "action": "CHARGE", "amount": 20}
    part = (await shopper(ACT, charge, token=token)).data["transactionRequestAction"]["transaction"]
    assert (part["chargedAmount"], part["canceledAmount"]) == ({"amount": 20.0}, {"amount": 5.0})
    refund = charge | {"action": "REFUND", "amount": 20}
    back = (await shopper(ACT, refund, token=token)).data["transactionRequestAction"]["transaction"]
    assert (back["chargedAmount"], back["refundedAmount"]) == ({"amount": 0.0}, {"amount": 20.0})
    assert await counter.broken_invariants() == []


async def test_a_declined_payment_is_tried_again(shopper: Api, counter: Desk) -> None:
    id = await cart(counter)
    begun = (await shopper(INITIALIZE, {"id": id, "data": event("CHARGE_FAILURE")})).data["transactionInitialize"]
    assert begun["transactionEvent"]["type"] == "CHARGE_FAILURE"
    payment = begun["transaction"]["id"]
    unpaid = (await shopper(COMPLETE, {"id": id})).data["checkoutComplete"]
    assert unpaid["errors"] == [{"code": "CHECKOUT_NOT_FULLY_PAID"}]
    for outcome in ("CHARGE_ACTION_REQUIRED", "CHARGE_REQUEST", "CHARGE_SUCCESS"):
        seen = (await shopper(PROCESS, {"id": payment, "data": event(outcome)})).data["transactionProcess"]
        assert seen["errors"] == []
        assert seen["transactionEvent"] == {"type": outcome}
    # It is paid: nothing that a client says changes that.
    late = (await shopper(PROCESS, {"id": payment, "data": event("CHARGE_FAILURE")})).data["transactionProcess"]
    assert late["transactionEvent"] == {"type": "CHARGE_SUCCESS"}
    assert (await shopper(COMPLETE, {"id": id})).data["checkoutComplete"]["errors"] == []
    assert await counter.broken_invariants() == []


async def test_a_checkout_is_paid_in_parts(shopper: Api, counter: Desk) -> None:
    id = await cart(counter)
    first = (await shopper(INITIALIZE, {"id": id, "amount": 10})).data["transactionInitialize"]
    assert first["transactionEvent"]["amount"] == {"amount": 10.0}
    seen = (await shopper(GATEWAYS, {"id": id})).data["checkout"]
    assert (seen["chargeStatus"], seen["authorizeStatus"], seen["totalBalance"]) == (
        "PARTIAL",
        "PARTIAL",
        {"amount": -15.0},
    )
    assert (await shopper(COMPLETE, {"id": id})).data["checkoutComplete"]["errors"] == [
        {"code": "CHECKOUT_NOT_FULLY_PAID"}
    ]
    more = (await shopper(INITIALIZE, {"id": id, "amount": 15.01})).data["transactionInitialize"]
    assert [(error["field"], error["code"]) for error in more["errors"]] == [("amount", "INVALID")]
    await shopper(INITIALIZE, {"id": id, "amount": 5})
    await shopper(INITIALIZE, {"id": id})
    seen = (await shopper(GATEWAYS, {"id": id})).data["checkout"]
    assert (seen["chargeStatus"], seen["totalBalance"]) == ("FULL", {"amount": 0.0})
    assert (await shopper(COMPLETE, {"id": id})).data["checkoutComplete"]["order"]["chargeStatus"] == "FULL"
    assert await counter.rows("SELECT charged_amount FROM payment_transaction ORDER BY charged_amount") == [
        (5,),
        (10,),
        (10,),
    ]
    assert await counter.broken_invariants() == []


async def test_another_wish_ends_the_open_one(shopper: Api, counter: Desk) -> None:
    id = await cart(counter)
    waiting = {"id": id, "data": event("CHARGE_ACTION_REQUIRED")}
    first = (await shopper(INITIALIZE, waiting)).data["transactionInitialize"]
    again = (await shopper(INITIALIZE, waiting)).data["transactionInitialize"]
    assert again["transaction"]["id"] == first["transaction"]["id"]
    await shopper(INITIALIZE, {"id": id, "data": event("CHARGE_SUCCESS")})
    assert await counter.rows("SELECT status FROM payment_transaction ORDER BY charged_amount") == [
        ("CANCELLED",),
        ("SUCCEEDED",),
    ]
    assert await counter.broken_invariants() == []


@pytest.mark.parametrize(
    "data",
    [
        {"event": {"type": "REFUND_SUCCESS"}},
        {"event": {"type": None}},
        {"event": {}},
        {"event": {"type": "CHARGE_SUCCESS", "more": 1}},
        {"event": {"type": "CHARGE_SUCCESS"}, "more": 1},
        {"event": "CHARGE_SUCCESS"},
        [1],
        "text",
    ],
)
async def test_data_of_another_form(shopper: Api, counter: Desk, data: Any) -> None:
    id = await cart(counter)
    refused = (await shopper(INITIALIZE, {"id": id, "data": data})).data["transactionInitialize"]
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("paymentGateway", "INVALID")]
    assert await counter.scalar("SELECT count(*) FROM payment_transaction") == 0


async def test_an_outcome_of_the_other_flow_is_refused(shopper: Api, counter: Desk) -> None:
    id = await cart(counter)
    begun = await shopper(INITIALIZE, {"id": id, "data": event("AUTHORIZATION_SUCCESS")})
    assert begun.data["transactionInitialize"]["transactionEvent"]["type"] == "CHARGE_FAILURE"
    waiting = (await shopper(INITIALIZE, {"id": id, "data": event("CHARGE_REQUEST")})).data["transactionInitialize"]
    given = {"id": waiting["transaction"]["id"], "data": event("AUTHORIZATION_SUCCESS")}
    refused = (await shopper(PROCESS, given)).data["transactionProcess"]
    assert refused["errors"] == [{"field": "data", "code": "INVALID"}]
    assert await counter.scalar("SELECT sum(charged_amount + authorized_amount) FROM payment_transaction") == 0
