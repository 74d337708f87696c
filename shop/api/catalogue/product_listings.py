"""Where a product is listed, for staff."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from shop.api.channels.types import Channel, channels_by_id
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.money import Money, money
from shop.execution import batch_field


@strawberry.type(description="Whether a product is shown and sold in a channel, for staff.")
class ProductChannelListing:
    pk: strawberry.Private[int]
    product_key: strawberry.Private[int]
    channel_key: strawberry.Private[int]
    currency: strawberry.Private[str]
    minimum_price_amount: strawberry.Private[Decimal | None]
    is_published: bool = strawberry.field(description="Whether visitors see it, once `publishedAt` has come.")
    published_at: datetime | None = strawberry.field(description="From when visitors see it.")
    visible_in_listings: bool = strawberry.field(description="Whether lists and searches show it.")
    available_for_purchase_at: datetime | None = strawberry.field(
        description="From when it can be bought; null: it cannot."
    )

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("ProductChannelListing", self.pk)

    @computed(
        description="The day from which visitors see it.", deprecation_reason="Use the `publishedAt` field instead."
    )
    def publication_date(self) -> date | None:
        return self.published_at.date() if self.published_at else None

    @computed(
        description="The day from which it can be bought.",
        deprecation_reason="Use the `availableForPurchaseAt` field instead.",
    )
    def available_for_purchase(self) -> date | None:
        return self.available_for_purchase_at.date() if self.available_for_purchase_at else None

    @computed(description="The lowest price of its variants, as entered.")
    def discounted_price(self) -> Money | None:
        return None if self.minimum_price_amount is None else money(self.minimum_price_amount, self.currency)

    @batch_field(description="Whether it can be bought by now.")
    @staticmethod
    async def is_available_for_purchase(parents: list["ProductChannelListing"], context: Context) -> list[bool | None]:
        return [
            parent.available_for_purchase_at is not None and parent.available_for_purchase_at <= context.now
            for parent in parents
        ]

    @batch_field(description="The channel.")
    @staticmethod
    async def channel(parents: list["ProductChannelListing"], context: Context) -> list[Channel]:
        found = await channels_by_id(context, {parent.channel_key for parent in parents})
        return [found[parent.channel_key] for parent in parents]
