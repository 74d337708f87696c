"""Completing a checkout. Its payment is looked up first, so the flow holds no unit of work meanwhile."""

import uuid
from typing import Annotated

import strawberry

from shop.api.booking.bookings import Purchases
from shop.api.checkout.errors import CheckoutError
from shop.api.checkout.inputs import CheckoutId, OldCheckoutId, Token, actor, checkout_key
from shop.api.core.context import Info
from shop.api.core.fields import computed
from shop.api.core.mutation import flow
from shop.api.core.payloads import Payload
from shop.api.core.scalars import JSONString
from shop.api.metadata.inputs import MetadataInput, entries
from shop.api.orders.fulfilling import FulfillmentMutations
from shop.api.orders.invoices import InvoiceMutations
from shop.api.orders.managing import OrderManagementMutations
from shop.api.orders.types import Order, orders_by_id
from shop.api.payments.addresses import client_origins
from shop.checkout import flows
from shop.checkout.actions.complete import Completion
from shop.kit.errors import Invalid
from shop.payments.rules import return_url_problem
from shop.payments.stripe import provider


@strawberry.type(description="The order that a checkout became, or why it did not.")
class CheckoutComplete(Payload):
    order: Order | None = strawberry.field(default=None, description="The order; null where there are errors.")
    errors: list[CheckoutError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Whether the buyer has to confirm something first; payments ask for that by themselves.")
    def confirmation_needed(self) -> bool:
        return False

    @computed(description="What the buyer has to confirm.")
    def confirmation_data(self) -> JSONString | None:
        return None

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def checkout_errors(self) -> list[CheckoutError]:
        return self.errors


@strawberry.type
class OrderMutations(FulfillmentMutations, OrderManagementMutations, InvoiceMutations):
    """Mutations of orders."""

    @flow(
        description="Turns a paid checkout into an order. Asked again, at once or later, it returns the same order: "
        "an open payment is looked up first, so that no notice of the provider is waited for."
    )
    async def checkout_complete(
        self,
        info: Info,
        id: CheckoutId = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
        metadata: Annotated[
            list[MetadataInput] | None, strawberry.argument(description="Public metadata to add to the order.")
        ] = None,
        redirect_url: Annotated[
            str | None, strawberry.argument(description="Where the storefront shows the order.")
        ] = None,
        payment_data: Annotated[
            JSONString | None, strawberry.argument(description="Accepted for other clients' sake; not used.")
        ] = None,
        store_source: Annotated[
            bool | None, strawberry.argument(description="Not used.", deprecation_reason="Has no effect.")
        ] = False,
    ) -> CheckoutComplete | None:
        context = info.context
        key: uuid.UUID = checkout_key(id, checkout_id, token)
        problem = None if redirect_url is None else return_url_problem(redirect_url, client_origins(context))
        if problem is not None:
            raise Invalid(f"redirectUrl {problem}", field="redirectUrl")
        how = Completion(
            actor(context),
            metadata=entries(metadata),
            redirect_url=redirect_url,
            order_url=flows.order_url(context.settings),
        )
        order_id = await flows.complete_checkout(context.units, provider(context.settings), key, how, now=context.now)
        context.remember(Purchases).keys.add(key)
        return CheckoutComplete(order=(await orders_by_id(context, [order_id]))[order_id])
