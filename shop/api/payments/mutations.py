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
)
from shop.api.payments.types import TransactionEvent, TransactionItem, transaction_and_event
from shop.checkout import flows
from shop.checkout.actions.quote import quote
from shop.kit.errors import Invalid
from shop.payments import flows as payments
from shop.payments.errors import UnknownGateway
from shop.payments.rules import GATEWAY_ID, parse_request
from shop.payments.stripe import StripeProvider, provider


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
        await context.database.run(lambda session: quote(session, key, who))
        wanted = [GATEWAY_ID] if payment_gateways is None else [gateway.id for gateway in payment_gateways]
        return PaymentGatewayInitialize(gateway_configs=[_config(context, gateway_id) for gateway_id in wanted])

    @flow(description="Begins a payment, or returns the open one that is just like it. Stripe has one at a time.")
    async def transaction_initialize(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The checkout that is to be paid.")],
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
        stripe = _provider(context, payment_gateway.id)
        if idempotency_key is not None and not 1 <= len(idempotency_key) <= 512:
            raise Invalid("The key must have 1 to 512 characters.", field="idempotencyKey")
        wish = flows.Pay(
            checkout_id=required_uuid(id, "Checkout", field="id"),
            actor=actor(context),
            requested=parse_request(payment_gateway.data, client_origins(context)),
            flow=None if action is None else action.value,
            amount=amount,
            client_key=idempotency_key,
        )
        started = await flows.pay(context.database, stripe, wish)
        item, event = await transaction_and_event(context, started.transaction_id, started.event_id)
        return TransactionInitialize(transaction=item, transaction_event=event, data=_json(started.data))

    @flow(description="Looks a payment up at its provider, without waiting for the provider to tell.")
    async def transaction_process(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The payment.")] = None,
        token: Annotated[uuid.UUID | None, strawberry.argument(description="The payment, by its UUID.")] = None,
        data: Annotated[JSON | None, strawberry.argument(description="Not needed: the provider is asked.")] = None,
        customer_ip_address: Annotated[
            str | None, strawberry.argument(description="Accepted for other clients' sake; not used.")
        ] = None,
    ) -> TransactionProcess | None:
        context = info.context
        context.is_private = True
        if (id is None) == (token is None):
            raise Invalid("Exactly one of `id` and `token` is needed.", field="id", code="GRAPHQL_ERROR")
        key = token if token is not None else required_uuid(str(id), "TransactionItem", field="id")
        stripe = _provider(context, GATEWAY_ID)
        processed = await payments.process(context.database, stripe, key)
        item, event = await transaction_and_event(context, processed.transaction_id, processed.event_id)
        return TransactionProcess(transaction=item, transaction_event=event, data=_json(processed.data))


def _provider(context: Context, gateway_id: str) -> StripeProvider:
    found = provider(context.settings) if gateway_id == GATEWAY_ID else None
    if found is None:
        raise UnknownGateway
    return found


def _config(context: Context, gateway_id: str) -> PaymentGatewayConfig:
    if gateway_id != GATEWAY_ID or provider(context.settings) is None:
        error = PaymentGatewayConfigError(
            field="id",
            message="There is no payment gateway of this id.",
            code=PaymentGatewayConfigErrorCode.NOT_FOUND,
        )
        return PaymentGatewayConfig(id=gateway_id, errors=[error])
    return PaymentGatewayConfig(id=gateway_id, data=JSON(payments.gateway_data(context.settings)))


def _json(data: object | None) -> JSON | None:
    return None if data is None else JSON(data)
