"""Transactions, their events, and the gateways that a checkout can be paid with."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry

from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, money
from shop.execution import batch_field
from shop.kit.settings import Settings
from shop.payments import queries
from shop.payments.flows import gateway_data
from shop.payments.models import EVENT_TYPES
from shop.payments.rules import DUMMY_GATEWAY_ID, GATEWAY_ID, GIFT_CARD_GATEWAY_ID, Amounts, available_actions

if TYPE_CHECKING:
    from shop.api.orders.types import Order

    class TransactionEventTypeEnum(Enum):
        """What happened; its members are made at run time from the ledger's own list."""

else:
    TransactionEventTypeEnum = strawberry.enum(
        Enum("TransactionEventTypeEnum", {name: name for name in EVENT_TYPES}),
        description="What happened to a payment.",
    )


@strawberry.enum(description="What staff may do with a payment.")
class TransactionActionEnum(Enum):
    CHARGE = "CHARGE"
    REFUND = "REFUND"
    CANCEL = "CANCEL"


@strawberry.type(description="Something that happened to a payment.")
class TransactionEvent:
    pk: strawberry.Private[int]
    transaction_id: strawberry.Private[uuid.UUID]
    created_at: datetime = strawberry.field(description="When it was written down.")
    kind: strawberry.Private[str]
    amount_value: strawberry.Private[Decimal]
    currency: strawberry.Private[str]
    psp_reference: str = strawberry.field(description="The payment provider's object that it happened to.")
    message: str = strawberry.field(description="More about it, or empty.")
    external_url: str = strawberry.field(description="Where to see it at the provider, or empty.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("TransactionEvent", self.pk)

    @computed(description="What happened.")
    def type(self) -> TransactionEventTypeEnum | None:
        return TransactionEventTypeEnum(self.kind)

    @computed(description="The amount that it is about.")
    def amount(self) -> Money:
        return money(self.amount_value, self.currency)


@strawberry.type(description="One payment at a provider. Its amounts are what its events add up to.")
class TransactionItem(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("HANDLE_PAYMENTS",)

    pk: strawberry.Private[uuid.UUID]
    purchase_key: strawberry.Private[uuid.UUID]
    created_at: datetime = strawberry.field(description="When the payment was started.")
    modified_at: datetime = strawberry.field(description="When something last happened to it.")
    kind: strawberry.Private[str]
    gateway_id: strawberry.Private[str]
    currency: strawberry.Private[str]
    name: str = strawberry.field(description="Who carries it, for people.")
    message: str = strawberry.field(description="What the last event said, or empty.")
    psp_reference: str = strawberry.field(
        description="The provider's object: the payment page's until something was paid, then the PaymentIntent's."
    )
    authorized: strawberry.Private[Decimal]
    charged: strawberry.Private[Decimal]
    refunded: strawberry.Private[Decimal]
    cancelled: strawberry.Private[Decimal]
    authorize_pending: strawberry.Private[Decimal]
    charge_pending: strawberry.Private[Decimal]
    refund_pending: strawberry.Private[Decimal]
    cancel_pending: strawberry.Private[Decimal]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("TransactionItem", self.pk)

    @computed(description="The UUID inside the global ID.")
    def token(self) -> uuid.UUID:
        return self.pk

    @computed(description="What staff may ask for now.")
    def actions(self) -> list[TransactionActionEnum]:
        if self.kind == "MANUAL" and self.gateway_id != GIFT_CARD_GATEWAY_ID:
            return []
        amounts = Amounts(authorized=self.authorized, charged=self.charged)
        return [TransactionActionEnum(name) for name in available_actions(amounts)]

    @computed(description="Held on the buyer's account, not taken yet.")
    def authorized_amount(self) -> Money:
        return money(self.authorized, self.currency)

    @computed(description="Asked to be held, without an answer yet.")
    def authorize_pending_amount(self) -> Money:
        return money(self.authorize_pending, self.currency)

    @computed(description="Taken, less what went back or is on its way back.")
    def charged_amount(self) -> Money:
        return money(self.charged, self.currency)

    @computed(description="Asked to be taken, without an answer yet.")
    def charge_pending_amount(self) -> Money:
        return money(self.charge_pending, self.currency)

    @computed(description="Given back.")
    def refunded_amount(self) -> Money:
        return money(self.refunded, self.currency)

    @computed(description="On its way back.")
    def refund_pending_amount(self) -> Money:
        return money(self.refund_pending, self.currency)

    @computed(description="Held once and released untaken.")
    def canceled_amount(self) -> Money:
        return money(self.cancelled, self.currency)

    @computed(description="Asked to be released, without an answer yet.")
    def cancel_pending_amount(self) -> Money:
        return money(self.cancel_pending, self.currency)

    @batch_field(description="Everything that happened to it, oldest first.")
    @staticmethod
    async def events(parents: list["TransactionItem"], context: Context) -> list[list[TransactionEvent]]:
        found = await context.fetch(
            TransactionEvent, queries.EVENTS_BY_TRANSACTION, transaction_ids=list({parent.pk for parent in parents})
        )
        by_transaction: dict[uuid.UUID, list[TransactionEvent]] = defaultdict(list)
        for event in found:
            by_transaction[event.transaction_id].append(event)
        return [by_transaction[parent.pk] for parent in parents]

    @batch_field(description="Where to see it at the provider, or empty.")
    @staticmethod
    async def external_url(parents: list["TransactionItem"], context: Context) -> list[str]:
        found = await context.fetch(
            TransactionEvent, queries.EVENTS_BY_TRANSACTION, transaction_ids=list({parent.pk for parent in parents})
        )
        latest = {event.transaction_id: event.external_url for event in found if event.external_url}
        return [latest.get(parent.pk, "") for parent in parents]

    @batch_field(description="The order that it pays for; null while there is none.")
    @staticmethod
    async def order(
        parents: list["TransactionItem"], context: Context
    ) -> list[Annotated["Order", strawberry.lazy("shop.api.orders.types")] | None]:
        from shop.api.orders.types import orders_by_purchase

        found = await orders_by_purchase(context, [parent.purchase_key for parent in parents])
        return [found.get(parent.purchase_key) for parent in parents]


@strawberry.type(description="A setting of a payment gateway.")
class GatewayConfigLine:
    field: str = strawberry.field(description="Its name.")
    value: str | None = strawberry.field(description="Its value.")


@strawberry.type(description="A way to pay.")
class PaymentGateway:
    name: str = strawberry.field(description="What it is called, for people.")
    id: strawberry.ID = strawberry.field(description="What it is called in mutations.")
    config: list[GatewayConfigLine] = strawberry.field(description="What a client needs to know.")
    currencies: list[str] = strawberry.field(description="The currencies that can be paid.")


def gateways(settings: Settings, currencies: Sequence[str]) -> list[PaymentGateway]:
    """The ways to pay in these currencies; none where no key for a provider is set.

    In development one that only pretends may be among them.
    """
    sold = sorted(set(currencies))
    offered = []
    if settings.stripe_secret_key is not None:
        config = [GatewayConfigLine(field=name, value=value) for name, value in gateway_data(settings).items()]
        offered.append(PaymentGateway(name="Stripe", id=strawberry.ID(GATEWAY_ID), config=config, currencies=sold))
    if settings.dummy_gateway:
        offered.append(PaymentGateway(name="Dummy", id=strawberry.ID(DUMMY_GATEWAY_ID), config=[], currencies=sold))
    return offered


async def transactions_by_purchase(
    context: Context, keys: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[TransactionItem]]:
    """The payments of purchases, oldest first, by purchase key. One statement; none for no keys."""
    result: dict[uuid.UUID, list[TransactionItem]] = {key: [] for key in keys}
    if keys:
        for item in await context.fetch(TransactionItem, queries.TRANSACTIONS_BY_PURCHASE, purchase_keys=list(result)):
            result[item.purchase_key].append(item)
    return result


async def totals_by_purchase(context: Context, keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, queries.PurchaseTotals]:
    """What the payments of purchases add up to, by purchase key; a purchase without payments has no entry."""
    if not keys:
        return {}
    rows = await context.fetch(queries.PurchaseTotals, queries.TOTALS_BY_PURCHASE, purchase_keys=list(set(keys)))
    return {row.purchase_key: row for row in rows}


async def transaction_and_event(
    context: Context, transaction_id: uuid.UUID, event_id: int
) -> tuple[TransactionItem, TransactionEvent]:
    """A payment and one of its events, as a flow named them."""
    (item,) = await context.fetch(TransactionItem, queries.TRANSACTIONS_BY_ID, ids=[transaction_id])
    (event,) = await context.fetch(TransactionEvent, queries.EVENTS_BY_ID, ids=[event_id])
    return item, event
