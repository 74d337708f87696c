"""Paying: what the gateway needs, a payment begun, a payment looked up. No unit is held while Stripe is asked."""

import uuid
from typing import Annotated

import strawberry

from shop.api.checkout.inputs import actor
from shop.api.core.context import Context, Info
from shop.api.core.enums import TransactionFlowStrategyEnum
from shop.api.core.ids import required_uuid
from shop.api.core.mutation import flow
from shop.api.core.payloads import Payload
from shop.api.core.permissions import require
from shop.api.core.scalars import JSON, PositiveDecimal
from shop.api.payments.addresses import client_origins
from shop.api.payments.errors import (
    PaymentGatewayConfigError,
    PaymentGatewayConfigErrorCode,
    PaymentGatewayInitializeError,
    TransactionInitializeError,
    TransactionProcessError,
    TransactionRequestActionError,
)
from shop.api.payments.types import (
    TransactionActionEnum,
    TransactionEvent,
    TransactionItem,
    gateways,
    transaction_and_event,
)
from shop.checkout import flows
from shop.checkout.actions.quote import quote
from shop.kit.errors import Invalid
from shop.kit.ids import type_of
from shop.orders.flows import Request, request_action
from shop.payments import flows as payments
from shop.payments.errors import UnknownGateway
from shop.payments.provider import Absent, Provider
from shop.payments.queries import TRANSACTIONS_BY_ID
from shop.payments.rules import DUMMY_GATEWAY_ID, parse_dummy_request, parse_request
from shop.payments.stripe import provider

# Who may pay for everybody's orders.
MANAGERS = ("MANAGE_ORDERS", "HANDLE_PAYMENTS")


@strawberry.input(description="A payment gateway and what it is told.")
class PaymentGatewayToInitialize:
    id: str = strawberry.field(description="The gateway's id.")
    data: JSON | None = strawberry.field(default=None, description="What the gateway is told, in its own form.")


@strawberry.type(description="What a payment gateway answered.")
class PaymentGatewayConfig:
    id: str = strawberry.field(description="The gateway's id.")
    data: JSON | None = strawberry.field(default=None, description="What a client needs to show its payment form.")
    errors: list[PaymentGatewayConfigError] | None = strawberry.field(
        default_factory=list, description="Expected errors of this gateway."
    )


@strawberry.type(description="What payment gateways need.")
class PaymentGatewayInitialize(Payload):
    gateway_configs: list[PaymentGatewayConfig] | None = strawberry.field(
        default=None, description="An answer for each gateway."
    )
    errors: list[PaymentGatewayInitializeError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A payment that was begun.")
class TransactionInitialize(Payload):
    transaction: TransactionItem | None = strawberry.field(default=None, description="The payment.")
    transaction_event: TransactionEvent | None = strawberry.field(
        default=None, description="How it stands: what the shopper has to do next, or what has become of it."
    )
    data: JSON | None = strawberry.field(
        default=None, description="The gateway's answer: a client secret, or the address of a payment page."
    )
    errors: list[TransactionInitializeError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A payment that was looked up.")
class TransactionProcess(Payload):
    transaction: TransactionItem | None = strawberry.field(default=None, description="The payment.")
    transaction_event: TransactionEvent | None = strawberry.field(default=None, description="How it stands now.")
    data: JSON | None = strawberry.field(default=None, description="What the gateway has to say, such as a refusal.")
    errors: list[TransactionProcessError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A payment that was asked to do something.")
class TransactionRequestAction(Payload):
    transaction: TransactionItem | None = strawberry.field(default=None, description="The payment, as things stand.")
    errors: list[TransactionRequestActionError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type
class PaymentMutations:
    """Mutations of payments."""

    @flow(description="Asks payment gateways what a client needs before it can show their forms.")
    async def payment_gateway_initialize(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The checkout that is to be paid.")],
        amount: Annotated[PositiveDecimal | None, strawberry.argument(description="Not needed here.")] = None,
        payment_gateways: Annotated[
            list[PaymentGatewayToInitialize] | None, strawberry.argument(description="Which gateways; none: all.")
        ] = None,
    ) -> PaymentGatewayInitialize | None:
        context = info.context
        key = required_uuid(id, "Checkout", field="id")
        who = actor(context)
        await context.units.run(lambda session: quote(session, key, who))
        offered = [str(gateway.id) for gateway in gateways(context.settings, ())]
        wanted = offered if payment_gateways is None else [gateway.id for gateway in payment_gateways]
        return PaymentGatewayInitialize(gateway_configs=[_config(context, gateway_id) for gateway_id in wanted])

    @flow(description="Begins a payment, or returns the open one that is just like it. A purchase has one at a time.")
    async def transaction_initialize(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="The checkout, or the unpaid order, that is to be paid.")
        ],
        payment_gateway: Annotated[
            PaymentGatewayToInitialize,
            strawberry.argument(
                description="The gateway, with `{paymentIntent: {paymentMethod}}` for a form of the client's own or "
                "`{checkoutSession: {successUrl, cancelUrl}}` for a hosted page as its data."
            ),
        ],
        action: Annotated[
            TransactionFlowStrategyEnum | None,
            strawberry.argument(description="Take or only hold; none: as the channel does. For HANDLE_PAYMENTS."),
        ] = None,
        amount: Annotated[
            PositiveDecimal | None, strawberry.argument(description="How much; none: the open balance.")
        ] = None,
        customer_ip_address: Annotated[
            str | None, strawberry.argument(description="Accepted for other clients' sake; not used.")
        ] = None,
        idempotency_key: Annotated[
            str | None, strawberry.argument(description="The same key returns the same payment.")
        ] = None,
    ) -> TransactionInitialize | None:
        context = info.context
        if action is not None:
            require(context, "HANDLE_PAYMENTS")
        gateway = _provider(context, payment_gateway.id)
        if idempotency_key is not None and not 1 <= len(idempotency_key) <= 512:
            raise Invalid("The key must have 1 to 512 characters.", field="idempotencyKey")
        requested = (
            parse_dummy_request(payment_gateway.data)
            if payment_gateway.id == DUMMY_GATEWAY_ID
            else parse_request(payment_gateway.data, client_origins(context))
        )
        is_order = type_of(id) == "Order"
        wish = flows.Pay(
            required_uuid(id, "Order" if is_order else "Checkout", field="id"),
            actor(context, *MANAGERS) if is_order else actor(context),
            requested,
            flow=None if action is None else action.value,
            amount=amount,
            client_key=idempotency_key,
        )
        pay = flows.pay_order if is_order else flows.pay
        started = await pay(context.units, gateway, wish)
        item, event = await transaction_and_event(context, started.transaction_id, started.event_id)
        return TransactionInitialize(transaction=item, transaction_event=event, data=_json(started.data))

    @flow(description="Looks a payment up at its provider, without waiting for the provider to tell.")
    async def transaction_process(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The payment.")] = None,
        token: Annotated[uuid.UUID | None, strawberry.argument(description="The payment, by its UUID.")] = None,
        data: Annotated[
            JSON | None,
            strawberry.argument(
                description="Not needed: the provider is asked. A payment that only pretends goes on as "
                "`{event: {type}}` says."
            ),
        ] = None,
        customer_ip_address: Annotated[
            str | None, strawberry.argument(description="Accepted for other clients' sake; not used.")
        ] = None,
    ) -> TransactionProcess | None:
        context = info.context
        context.is_private = True
        key = _transaction_key(id, token)
        processed = await payments.process(context.units, provider(context.settings) or Absent(), key, data)
        item, event = await transaction_and_event(context, processed.transaction_id, processed.event_id)
        return TransactionProcess(transaction=item, transaction_event=event, data=_json(processed.data))

    @flow(
        description="Asks a payment to charge what it holds, to give back what it charged, or to release what it "
        "holds; whole, or a part where an amount is given. What becomes of it stands in the payment's events. "
        "Needs HANDLE_PAYMENTS.",
        permissions=("HANDLE_PAYMENTS",),
    )
    async def transaction_request_action(
        self,
        info: Info,
        action_type: Annotated[TransactionActionEnum, strawberry.argument(description="What to do.")],
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The payment.")] = None,
        token: Annotated[uuid.UUID | None, strawberry.argument(description="The payment, by its UUID.")] = None,
        amount: Annotated[
            PositiveDecimal | None,
            strawberry.argument(
                description="How much; none: all there is. What is not charged of a held amount is released. A release "
                "is always whole."
            ),
        ] = None,
        refund_reason: Annotated[
            str | None, strawberry.argument(description="Why money goes back; only with REFUND.")
        ] = None,
    ) -> TransactionRequestAction | None:
        context = info.context
        key = _transaction_key(id, token)
        if refund_reason is not None and action_type is not TransactionActionEnum.REFUND:
            raise Invalid("Only a refund has such a reason.", field="refundReason")
        if refund_reason is not None and len(refund_reason) > _REASON_LIMIT:
            raise Invalid(f"A reason holds at most {_REASON_LIMIT} characters.", field="refundReason")
        if amount is not None and action_type is TransactionActionEnum.CANCEL:
            raise Invalid("A held amount is released whole.", field="amount")
        await request_action(
            context.units,
            provider(context.settings) or Absent(),
            Request(key, action_type.value, amount, by_user_id=context.caller.user_id, message=refund_reason),
        )
        (item,) = await context.fetch(TransactionItem, TRANSACTIONS_BY_ID, ids=[key])
        return TransactionRequestAction(transaction=item)


_REASON_LIMIT = 1_000


def _transaction_key(id: strawberry.ID | None, token: uuid.UUID | None) -> uuid.UUID:
    """The payment that is meant. Raises: Invalid (GRAPHQL_ERROR)."""
    if (id is None) == (token is None):
        raise Invalid("Exactly one of `id` and `token` is needed.", field="id", code="GRAPHQL_ERROR")
    return token if token is not None else required_uuid(str(id), "TransactionItem", field="id")


def _provider(context: Context, gateway_id: str) -> Provider:
    if gateway_id not in {str(gateway.id) for gateway in gateways(context.settings, ())}:
        raise UnknownGateway
    return provider(context.settings) or Absent()


def _config(context: Context, gateway_id: str) -> PaymentGatewayConfig:
    if gateway_id not in {str(gateway.id) for gateway in gateways(context.settings, ())}:
        error = PaymentGatewayConfigError(
            field="id",
            message="There is no payment gateway of this id.",
            code=PaymentGatewayConfigErrorCode.NOT_FOUND,
        )
        return PaymentGatewayConfig(id=gateway_id, errors=[error])
    data = {} if gateway_id == DUMMY_GATEWAY_ID else payments.gateway_data(context.settings)
    return PaymentGatewayConfig(id=gateway_id, data=JSON(data))


def _json(data: object | None) -> JSON | None:
    return None if data is None else JSON(data)
