"""A channel. Its slug, name, currency and countries are public; the rest is for staff and apps."""

from collections import defaultdict
from typing import ClassVar

import strawberry

from shop.api.accounts.types import CountryDisplay, country_display
from shop.api.core.context import Context
from shop.api.core.enums import TransactionFlowStrategyEnum
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.permissions import require_staff
from shop.channels import queries
from shop.execution import batch_field
from shop.shipping.queries import COUNTRIES_BY_CHANNEL


@strawberry.type(description="How payments of a channel are handled.")
class PaymentSettings:
    default_transaction_flow_strategy: TransactionFlowStrategyEnum = strawberry.field(
        description="Whether payments are taken at once or only authorised."
    )


@strawberry.type(description="A place to sell: its currency, its countries, its prices.")
class Channel(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_CHANNELS",)

    pk: strawberry.Private[int]
    slug: str = strawberry.field(description="Name in addresses and arguments.")
    name: str = strawberry.field(description="Name for people.")
    active: strawberry.Private[bool]
    currency_code: str = strawberry.field(description="The one currency of the channel, ISO 4217.")
    country: strawberry.Private[str]
    transaction_flow_strategy: strawberry.Private[str]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Channel", self.pk)

    @batch_field(description="Whether it sells at the moment. Staff and apps only.", guard=require_staff)
    @staticmethod
    async def is_active(parents: list["Channel"], _context: Context) -> list[bool]:
        return [parent.active for parent in parents]

    @batch_field(
        description="The country whose taxes show where no address is known. Staff and apps only.",
        guard=require_staff,
    )
    @staticmethod
    async def default_country(parents: list["Channel"], _context: Context) -> list[CountryDisplay]:
        return [country_display(parent.country) for parent in parents]

    @batch_field(description="How payments are handled. Staff and apps only.", guard=require_staff)
    @staticmethod
    async def payment_settings(parents: list["Channel"], _context: Context) -> list[PaymentSettings]:
        return [
            PaymentSettings(
                default_transaction_flow_strategy=TransactionFlowStrategyEnum(parent.transaction_flow_strategy)
            )
            for parent in parents
        ]

    @batch_field(description="The countries that the channel's shipping zones hold, by their codes.")
    @staticmethod
    async def countries(parents: list["Channel"], context: Context) -> list[list[CountryDisplay] | None]:
        rows = await context.rows(COUNTRIES_BY_CHANNEL, ids=sorted({parent.pk for parent in parents}))
        codes: dict[int, set[str]] = defaultdict(set)
        for row in rows:
            codes[row["channel_id"]].update(row["countries"])
        return [[country_display(code) for code in sorted(codes[parent.pk])] for parent in parents]


async def channels_by_id(context: Context, ids: set[int]) -> dict[int, Channel]:
    """The channels, by their keys."""
    found = await context.fetch(Channel, queries.CHANNELS_BY_ID, ids=sorted(ids)) if ids else []
    return {channel.pk: channel for channel in found}
