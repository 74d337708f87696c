"""The payment mutations as clients speak them, with their exact data formats and errors."""

import uuid
from typing import Any

import pytest

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.factories import payments
from tests.factories.payments import Desk

GATEWAY = "saleor.app.payment.stripe"
URLS = {"successUrl": "http://shop.test/return", "cancelUrl": "http://shop.test/cart"}
PAGE = {"checkoutSession": URLS}
FORM = {"paymentIntent": {"paymentMethod": "card"}}

GATEWAYS = """
mutation ($id: ID!, $gateways: [PaymentGatewayToInitialize!]) {
  paymentGatewayInitialize(id: $id, paymentGateways: $gateways) {
    gatewayConfigs { id data errors { field code } }
    errors { field code }
  }
}
"""
INITIALIZE = """
mutation ($id: ID!, $gateway: PaymentGatewayToInitialize!, $amount: PositiveDecimal, $key: String,
          $action: TransactionFlowStrategyEnum) {
  transactionInitialize(id: $id, paymentGateway: $gateway, amount: $amount, idempotencyKey: $key, action: $action) {
    transaction { id token name pspReference actions chargedAmount { amount currency } events { type } }
    transactionEvent { id type message pspReference amount { amount } }
    data
    errors { field code message }
  }
}
"""
PROCESS = """
mutation ($id: ID, $token: UUID) {
  transactionProcess(id: $id, token: $token) {
    transaction {
      id actions pspReference chargedAmount { amount } refundedAmount { amount } events { type } order { id }
    }
    transactionEvent { type message }
    data
    errors { field code }
  }
}
"""
COMPLETE = """
mutation ($id: ID, $metadata: [MetadataInput!], $redirectUrl: String) {
  checkoutComplete(id: $id, metadata: $metadata, redirectUrl: $redirectUrl) {
    order { id number status chargeStatus isPaid redirectUrl metadata { key value } }
    confirmationNeeded
    errors { field code message variants }
    checkoutErrors { code }
  }
}
"""


async def cart(desk: Desk, **more: Any) -> str:
    """A cart of 25.00, by its global ID."""
    shop = await desk.database.run(lambda session: payments.shop(session, **more))
    return ids.encode("Checkout", await desk.database.run(lambda session: payments.cart(session, shop)))


async def initialize(api: Api, checkout: str, data: Any = PAGE, gateway: str = GATEWAY, **more: Any) -> dict[str, Any]:
    """The payload of transactionInitialize."""
    reply = await api(INITIALIZE, {"id": checkout, "gateway": {"id": gateway, "data": data}} | more)
    payload: dict[str, Any] = reply.data["transactionInitialize"]
    return payload


async def test_gateways_answer_with_what_a_client_needs(api: Api, desk: Desk) -> None:
    checkout = await cart(desk)
    payload = (await api(GATEWAYS, {"id": checkout})).data["paymentGatewayInitialize"]
    assert payload == {
        "gatewayConfigs": [{"id": GATEWAY, "data": {"stripePublishableKey": "pk_test_of_the_sandbox"}, "errors": []}],
        "errors": [],
    }
    other = (await api(GATEWAYS, {"id": checkout, "gateways": [{"id": "nobody"}]})).data["paymentGatewayInitialize"]
    assert other["gatewayConfigs"] == [{"id": "nobody", "data": None, "errors": [{"field": "id", "code": "NOT_FOUND"}]}]
    unknown = (await api(GATEWAYS, {"id": ids.encode("Checkout", uuid.uuid4())})).data["paymentGatewayInitialize"]
    assert unknown == {"gatewayConfigs": None, "errors": [{"field": "id", "code": "NOT_FOUND"}]}


async def test_a_hosted_page_from_start_to_order(api: Api, desk: Desk) -> None:
    checkout = await cart(desk)
    started = await initialize(api, checkout)
    page = started["data"]["checkoutSession"]
    assert set(started["data"]) == {"checkoutSession"}
    assert set(page) == {"id", "url"}
    assert started["transaction"] == {
        "id": ids.encode("TransactionItem", started["transaction"]["token"]),
        "token": started["transaction"]["token"],
        "name": "Stripe",
        "pspReference": page["id"],
        "actions": [],
        "chargedAmount": {"amount": 0.0, "currency": "USD"},
        "events": [{"type": "CHARGE_ACTION_REQUIRED"}],
    }
    assert started["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    assert started["transactionEvent"]["pspReference"] == page["id"]
    assert started["transactionEvent"]["amount"] == {"amount": 25.0}
    desk.sandbox.pay(page["id"])
    processed = (await api(PROCESS, {"id": started["transaction"]["id"]})).data["transactionProcess"]
    assert processed["transactionEvent"] == {"type": "CHARGE_SUCCESS", "message": ""}
    assert processed["transaction"]["actions"] == ["REFUND"]
    assert processed["transaction"]["pspReference"].startswith("pi_")
    assert processed["errors"] == []
    completed = (await api(COMPLETE, {"id": checkout, "metadata": [{"key": "a", "value": "b"}]})).data
    order = completed["checkoutComplete"]["order"]
    assert completed["checkoutComplete"]["errors"] == []
    assert completed["checkoutComplete"]["checkoutErrors"] == []
    assert completed["checkoutComplete"]["confirmationNeeded"] is False
    assert (order["status"], order["chargeStatus"], order["isPaid"]) == ("UNFULFILLED", "FULL", True)
    assert order["metadata"] == [{"key": "a", "value": "b"}]
    assert (await api(COMPLETE, {"id": checkout})).data["checkoutComplete"]["order"] == order
    again = (await api(PROCESS, {"id": started["transaction"]["id"]})).data["transactionProcess"]
    assert again["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    assert again["transaction"]["order"] == {"id": order["id"]}
    assert processed["transaction"]["order"] is None


async def test_a_payment_element_from_start_to_order(api: Api, desk: Desk) -> None:
    checkout = await cart(desk)
    started = await initialize(api, checkout, FORM)
    secret = started["data"]["paymentIntent"]["stripeClientSecret"]
    assert started["data"] == {"paymentIntent": {"stripeClientSecret": secret}}
    reference = started["transaction"]["pspReference"]
    assert secret.startswith(f"{reference}_secret_")
    assert started["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    desk.sandbox.stripe.v1.payment_intents.confirm(reference, {"payment_method": "pm_card_visa"})
    processed = (await api(PROCESS, {"token": started["transaction"]["token"]})).data["transactionProcess"]
    assert processed["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    assert processed["data"] is None
    assert (await api(COMPLETE, {"id": checkout})).data["checkoutComplete"]["order"]["chargeStatus"] == "FULL"


async def test_three_d_secure(api: Api, desk: Desk) -> None:
    checkout = await cart(desk)
    started = await initialize(api, checkout, FORM)
    reference = started["transaction"]["pspReference"]
    desk.sandbox.stripe.v1.payment_intents.confirm(reference, {"payment_method": "pm_card_threeDSecure2Required"})
    waiting = (await api(PROCESS, {"id": started["transaction"]["id"]})).data["transactionProcess"]
    assert waiting["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    refused = (await api(COMPLETE, {"id": checkout})).data["checkoutComplete"]
    assert [error["code"] for error in refused["errors"]] == ["CHECKOUT_NOT_FULLY_PAID"]
    assert refused["order"] is None
    desk.sandbox.http.post(f"/3ds/{reference}", data={"answer": "complete"})
    done = (await api(PROCESS, {"id": started["transaction"]["id"]})).data["transactionProcess"]
    assert done["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    assert (await api(COMPLETE, {"id": checkout})).data["checkoutComplete"]["order"] is not None


async def test_who_comes_back_too_late_learns_that_the_payment_goes_back(api: Api, desk: Desk) -> None:
    """The price rose while the page was open, and the money was on its way back before the shopper was."""
    checkout = await cart(desk)
    started = await initialize(api, checkout)
    await desk.rows("UPDATE pricing_variant_listing SET price_amount = price_amount + 1 RETURNING 1")
    desk.sandbox.pay(started["data"]["checkoutSession"]["id"])
    processed = (await api(PROCESS, {"id": started["transaction"]["id"]})).data["transactionProcess"]
    assert processed["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    await desk.work()
    refused = (await api(COMPLETE, {"id": checkout})).data["checkoutComplete"]
    reason = "The checkout is not fully paid."
    assert refused["order"] is None
    assert refused["errors"] == [
        {
            "field": None,
            "code": "PAYMENT_ERROR",
            "message": f"No order could be made of the payment, which goes back: {reason} It has to be paid anew.",
            "variants": None,
        }
    ]
    assert await desk.rows("SELECT detail FROM payment_alert") == [(f"25.000 USD is going back: {reason}",)]
    assert await desk.scalar("SELECT count(*) FROM order_order") == 0
    # A new payment is a new chance, and nothing but unpaid until it is there.
    again = await initialize(api, checkout)
    assert [error["code"] for error in (await api(COMPLETE, {"id": checkout})).data["checkoutComplete"]["errors"]] == [
        "CHECKOUT_NOT_FULLY_PAID"
    ]
    desk.sandbox.pay(again["data"]["checkoutSession"]["id"])
    assert (await api(COMPLETE, {"id": checkout})).data["checkoutComplete"]["order"]["chargeStatus"] == "FULL"


async def test_a_refused_card_is_told_in_the_gateway_s_form(api: Api, desk: Desk) -> None:
    checkout = await cart(desk)
    started = await initialize(api, checkout, FORM)
    reference = started["transaction"]["pspReference"]
    desk.sandbox.http.post(
        f"/v1/payment_intents/{reference}/confirm",
        data={"payment_method": "pm_card_chargeDeclinedInsufficientFunds"},
        headers={"Authorization": "Bearer sk_test_x"},
    )
    processed = (await api(PROCESS, {"id": started["transaction"]["id"]})).data["transactionProcess"]
    assert processed["transactionEvent"] == {
        "type": "CHARGE_FAILURE",
        "message": "Your card has insufficient funds.",
    }
    assert processed["data"] == {
        "paymentIntent": {"errors": [{"code": "insufficient_funds", "message": "Your card has insufficient funds."}]}
    }


async def test_the_same_wish_returns_the_same_payment_and_another_ends_the_first(api: Api, desk: Desk) -> None:
    checkout = await cart(desk)
    first = await initialize(api, checkout)
    assert await initialize(api, checkout) == first
    other = await initialize(api, checkout, FORM)
    assert other["transaction"]["id"] != first["transaction"]["id"]
    session = desk.sandbox.stripe.v1.checkout.sessions.retrieve(first["data"]["checkoutSession"]["id"])
    assert session.status == "expired"
    part = await initialize(api, checkout, FORM, amount=10)
    assert part["transactionEvent"]["amount"] == {"amount": 10.0}
    intent = desk.sandbox.stripe.v1.payment_intents.retrieve(other["transaction"]["pspReference"])
    assert intent.status == "canceled"
    assert await desk.rows(
        "SELECT status, requested_amount::text FROM payment_transaction ORDER BY created_at, status"
    ) == [
        ("CANCELLED", "25.000"),
        ("CANCELLED", "25.000"),
        ("OPEN", "10.000"),
    ]


async def test_the_shopper_was_faster_than_the_second_wish(api: Api, desk: Desk) -> None:
    """The page is paid while another tab asks for a form: the paid payment is returned, nothing new begins."""
    checkout = await cart(desk)
    first = await initialize(api, checkout)
    desk.sandbox.pay(first["data"]["checkoutSession"]["id"])
    second = await initialize(api, checkout, FORM)
    assert second["transaction"]["id"] == first["transaction"]["id"]
    assert second["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    assert len(desk.sandbox.stripe.v1.payment_intents.list().data) == 1


async def test_the_caller_s_key_returns_its_payment(api: Api, desk: Desk) -> None:
    checkout = await cart(desk)
    first = await initialize(api, checkout, key="once")
    again = await initialize(api, checkout, FORM, key="once")
    assert again["transaction"]["id"] == first["transaction"]["id"]
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == 1


async def test_two_partial_payments_complete_one_checkout(api: Api, desk: Desk) -> None:
    checkout = await cart(desk)
    first = await initialize(api, checkout, FORM, amount=10)
    desk.sandbox.stripe.v1.payment_intents.confirm(
        first["transaction"]["pspReference"], {"payment_method": "pm_card_visa"}
    )
    await api(PROCESS, {"id": first["transaction"]["id"]})
    second = await initialize(api, checkout, FORM)
    assert second["transactionEvent"]["amount"] == {"amount": 15.0}
    desk.sandbox.stripe.v1.payment_intents.confirm(
        second["transaction"]["pspReference"], {"payment_method": "pm_card_visa"}
    )
    order = (await api(COMPLETE, {"id": checkout})).data["checkoutComplete"]["order"]
    assert order["chargeStatus"] == "FULL"
    assert await desk.broken_invariants() == []


@pytest.mark.parametrize(
    ("data", "more", "field", "code"),
    [
        (None, {}, "paymentGateway", "INVALID"),
        ({}, {}, "paymentGateway", "INVALID"),
        (PAGE | FORM, {}, "paymentGateway", "INVALID"),
        ({"paymentIntent": {"paymentMethod": "cash"}}, {}, "paymentGateway", "INVALID"),
        ({"checkoutSession": URLS | {"successUrl": "https://evil.test/"}}, {}, "paymentGateway", "INVALID"),
        (PAGE, {"amount": 0}, "amount", "INVALID"),
        (PAGE, {"amount": 25.01}, "amount", "INVALID"),
        (PAGE, {"amount": 1.005}, "amount", "INVALID"),
        (PAGE, {"amount": 2**31}, "amount", "INVALID"),
        (PAGE, {"gateway": "other.gateway"}, "paymentGateway", "NOT_FOUND"),
        (PAGE, {"key": ""}, "idempotencyKey", "INVALID"),
        (PAGE, {"key": "k" * 513}, "idempotencyKey", "INVALID"),
    ],
)
async def test_a_bad_wish_is_a_typed_error_and_changes_nothing(
    api: Api, desk: Desk, data: Any, more: dict[str, Any], field: str, code: str
) -> None:
    payload = await initialize(api, await cart(desk), data, **more)
    assert [(error["field"], error["code"]) for error in payload["errors"]] == [(field, code)]
    assert payload["transaction"] is None
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == 0


@pytest.mark.parametrize(
    "id",
    ["abc", ids.encode("Order", uuid.uuid4()), ids.encode("Checkout", uuid.uuid4()), ""],
    ids=["malformed", "another type", "unknown", "empty"],
)
async def test_an_id_that_is_no_checkout_s(api: Api, desk: Desk, id: str) -> None:
    codes = {"GRAPHQL_ERROR", "NOT_FOUND"}
    payload = await initialize(api, id)
    assert {(error["field"], error["code"]) for error in payload["errors"]} <= {("id", code) for code in codes}
    assert payload["errors"]
    for document, name in ((COMPLETE, "checkoutComplete"), (PROCESS, "transactionProcess")):
        errors = (await api(document, {"id": id})).data[name]["errors"]
        assert errors
        assert {error["code"] for error in errors} <= codes


async def test_who_may_only_pay_cannot_choose_to_authorise(api: Api, desk: Desk) -> None:
    reply = await api(
        INITIALIZE, {"id": await cart(desk), "gateway": {"id": GATEWAY, "data": PAGE}, "action": "AUTHORIZATION"}
    )
    assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == 0


async def test_somebody_else_s_checkout_is_not_found(api: Api, desk: Desk) -> None:
    async def theirs(session: Any) -> tuple[str, int]:
        shop = await payments.shop(session)
        owner = await make.user(session)
        made = await make.checkout(session, shop.channel, {shop.shampoo: 1}, user=owner)
        return ids.encode("Checkout", made.id), owner.id

    checkout, owner_id = await desk.database.run(theirs)
    payload = await initialize(api, checkout)
    assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]
    token = await api.login("stranger@example.com")
    reply = await api(COMPLETE, {"id": checkout}, token=token)
    assert [error["code"] for error in reply.data["checkoutComplete"]["errors"]] == ["NOT_FOUND"]
    wish = {"id": checkout, "gateway": {"id": GATEWAY, "data": PAGE}, "key": "my-own-key"}
    mine = await api(INITIALIZE, wish, token=await api.token(owner_id))
    assert mine.data["transactionInitialize"]["errors"] == []
    # Not even by the key under which the owner's payment is known.
    again = await api(INITIALIZE, wish, token=token)
    assert [error["code"] for error in again.data["transactionInitialize"]["errors"]] == ["NOT_FOUND"]
    assert again.data["transactionInitialize"]["data"] is None
    repeated = await api(INITIALIZE, wish, token=await api.token(owner_id))
    assert repeated.data["transactionInitialize"]["data"] == mine.data["transactionInitialize"]["data"]


async def test_stripe_is_silent(api: Api, desk: Desk) -> None:
    checkout = await cart(desk)
    desk.sandbox.fault("rate_limit", times=10, method="POST")
    payload = await initialize(api, checkout)
    assert [error["code"] for error in payload["errors"]] == ["INVALID"]
    assert "provider does not answer" in payload["errors"][0]["message"]
    desk.sandbox.http.delete("/_sandbox/faults")
    # The same wish again finishes what was begun.
    again = await initialize(api, checkout)
    assert again["errors"] == []
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == 1


async def test_an_amount_that_stripe_refuses_is_told_in_the_gateway_s_form(api: Api, desk: Desk) -> None:
    payload = await initialize(api, await cart(desk), FORM, amount="0.01")
    assert payload["errors"] == []
    assert payload["transactionEvent"]["type"] == "CHARGE_FAILURE"
    assert [error["code"] for error in payload["data"]["paymentIntent"]["errors"]] == ["amount_too_small"]
    processed = (await api(PROCESS, {"id": payload["transaction"]["id"]})).data["transactionProcess"]
    assert processed["transactionEvent"]["type"] == "CHARGE_FAILURE"


async def test_a_redirect_leads_only_to_the_shop_s_own_storefronts(api: Api, desk: Desk) -> None:
    checkout = await cart(desk)
    evil = (await api(COMPLETE, {"id": checkout, "redirectUrl": "https://evil.test/"})).data["checkoutComplete"]
    assert [(error["field"], error["code"]) for error in evil["errors"]] == [("redirectUrl", "INVALID")]


async def test_without_a_key_there_is_no_gateway(api: Api, desk: Desk) -> None:
    bare = Api(desk.settings.model_copy(update={"stripe_secret_key": None}), desk.database)
    checkout = await cart(desk)
    payload = await initialize(bare, checkout)
    assert [(error["field"], error["code"]) for error in payload["errors"]] == [("paymentGateway", "NOT_FOUND")]
    await bare.close()
