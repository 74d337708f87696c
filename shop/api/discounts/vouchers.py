"""Vouchers as staff see them, with their codes and what they are worth in each channel."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import strawberry

from shop.api.accounts.types import CountryDisplay, country_display
from shop.api.channels.types import Channel, channels_by_id
from shop.api.core.connections import CountableConnection, CountableEdge, connect, nodes_of, window_of
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, money
from shop.api.core.permissions import staff_with
from shop.api.discounts.enums import DiscountValueTypeEnum, VoucherTypeEnum
from shop.discounts import queries
from shop.discounts.rules import clean_code
from shop.execution import Selection, batch_field
from shop.kit.pagination import PARENT

MANAGERS = ("MANAGE_DISCOUNTS",)


@strawberry.type(description="A word by which shoppers ask for a voucher.")
class VoucherCode:
    key: strawberry.Private[uuid.UUID]
    code: str | None = strawberry.field(description="The word itself; its case does not matter.")
    used: int | None = strawberry.field(description="How many orders used it.")
    is_active: bool | None = strawberry.field(description="Whether it still works; a code for single use works once.")
    created_at: datetime = strawberry.field(description="When it was made.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("VoucherCode", self.key)


@strawberry.type(description="A code of a page.")
class VoucherCodeCountableEdge(CountableEdge[VoucherCode]):
    pass


@strawberry.type(description="A page of a voucher's codes, the newest first.")
class VoucherCodeCountableConnection(CountableConnection[VoucherCodeCountableEdge]):
    pass


@strawberry.type(description="What a voucher is worth in a channel.")
class VoucherChannelListing:
    key: strawberry.Private[int]
    voucher_key: strawberry.Private[int]
    channel_key: strawberry.Private[int]
    value: strawberry.Private[Decimal]
    currency: str = strawberry.field(description="The channel's currency.")
    minimum_amount: strawberry.Private[Decimal | None]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("VoucherChannelListing", self.key)

    @computed(description="Percent, or an amount of the channel's currency.")
    def discount_value(self) -> float:
        return float(self.value)

    @computed(description="What the goods must cost for it to apply; null: anything.")
    def min_spent(self) -> Money | None:
        return None if self.minimum_amount is None else money(self.minimum_amount, self.currency)

    @batch_field(description="Where it is worth that.")
    @staticmethod
    async def channel(parents: list["VoucherChannelListing"], context: Context) -> list[Channel]:
        found = await channels_by_id(context, {one.channel_key for one in parents})
        return [found[one.channel_key] for one in parents]


@strawberry.type(
    description="A discount that a shopper asks for by a code. Its other codes and its uses are for staff."
)
class Voucher(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = MANAGERS

    key: strawberry.Private[int]
    name: str | None = strawberry.field(description="What it is called; shoppers see it beside the discount.")
    kind: strawberry.Private[str]
    value_kind: strawberry.Private[str]
    uses_limit: strawberry.Private[int | None]
    uses: strawberry.Private[int]
    start_date: datetime = strawberry.field(description="From when on it works.")
    end_date: datetime | None = strawberry.field(description="Until when it works; null: for good.")
    apply_once_per_order: bool = strawberry.field(
        description="Whether it makes only one unit of the cheapest item cheaper."
    )
    apply_once_per_customer: bool = strawberry.field(
        description="Whether a customer, known by account or e-mail, may use it only once."
    )
    single_use: bool = strawberry.field(description="Whether each of its codes works only once.")
    only_for_staff: bool = strawberry.field(description="Whether it works for members of staff alone.")
    min_checkout_items_quantity: int | None = strawberry.field(description="How many items a cart must hold for it.")
    country_codes: strawberry.Private[list[str]]
    # In which channel its worth is asked for; None: in none.
    channel_key: strawberry.Private[int | None] = None
    # By which code it was used, where an order shows it.
    used_code: strawberry.Private[str | None] = None

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Voucher", self.key)

    @batch_field(
        description="How many orders may use it, by whichever of its codes; null: no limit. Needs MANAGE_DISCOUNTS.",
        guard=staff_with(*MANAGERS),
    )
    @staticmethod
    async def usage_limit(parents: list["Voucher"], _context: Context) -> list[int | None]:
        return [voucher.uses_limit for voucher in parents]

    @batch_field(description="How many orders used it. Needs MANAGE_DISCOUNTS.", guard=staff_with(*MANAGERS))
    @staticmethod
    async def used(parents: list["Voucher"], _context: Context) -> list[int]:
        return [voucher.uses for voucher in parents]

    @computed(description="What it makes cheaper.")
    def type(self) -> VoucherTypeEnum:
        return VoucherTypeEnum(self.kind)

    @computed(description="Whether it is worth an amount or a share.")
    def discount_value_type(self) -> DiscountValueTypeEnum:
        return DiscountValueTypeEnum(self.value_kind)

    @computed(description="Countries to which a delivery must go for a SHIPPING voucher; empty: any.")
    def countries(self) -> list[CountryDisplay] | None:
        return [country_display(code) for code in self.country_codes]

    @batch_field(description="The code that an order used, else the oldest of its codes.")
    @staticmethod
    async def code(parents: list["Voucher"], context: Context) -> list[str | None]:
        unused = {voucher.key for voucher in parents if voucher.used_code is None}
        rows = await context.rows(queries.FIRST_CODES, ids=list(unused)) if unused else []
        codes = {row["voucher_id"]: row["code"] for row in rows}
        return [voucher.used_code or codes.get(voucher.key) for voucher in parents]

    @batch_field(
        description="Its codes, the newest first. Needs MANAGE_DISCOUNTS.",
        guard=staff_with(*MANAGERS),
    )
    @staticmethod
    async def codes(
        parents: list["Voucher"],
        context: Context,
        selection: Selection,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[VoucherCodeCountableConnection | None]:
        window = window_of(
            context, queries.NEWEST_CODES, "codes", selection, first=first, after=after, last=last, before=before
        )
        keys = sorted({voucher.key for voucher in parents})
        statement = queries.codes_page(window.shape)
        records = await context.rows(statement, parents=keys, **window.params)
        totals: dict[int, int] = {}
        if "totalCount" in selection:
            rows = await context.rows(queries.CODES_COUNT, parents=keys)
            totals = {row[PARENT]: row["total"] for row in rows}
        made: dict[int, VoucherCodeCountableConnection] = {}
        for key, page in queries.NEWEST_CODES.pages(records, window, keys).items():
            nodes = nodes_of(VoucherCode, statement, page.items, extra=len(queries.NEWEST_CODES.keys) + 1)
            made[key] = connect(
                VoucherCodeCountableConnection,
                VoucherCodeCountableEdge,
                page,
                nodes,
                total_count=totals.get(key, 0),
            )
        return [made[voucher.key] for voucher in parents]

    @batch_field(
        description="What it is worth in each channel in which it works. Needs MANAGE_DISCOUNTS.",
        guard=staff_with(*MANAGERS),
    )
    @staticmethod
    async def channel_listings(parents: list["Voucher"], context: Context) -> list[list[VoucherChannelListing] | None]:
        found = await _listings(context, parents)
        return [found[voucher.key] for voucher in parents]

    @batch_field(description="What it is worth in the channel that was asked for; null without one.")
    @staticmethod
    async def discount_value(parents: list["Voucher"], context: Context) -> list[float | None]:
        return [None if one is None else float(one.value) for one in await _listed(context, parents)]

    @batch_field(description="The currency of the channel that was asked for; null without one.")
    @staticmethod
    async def currency(parents: list["Voucher"], context: Context) -> list[str | None]:
        return [None if one is None else one.currency for one in await _listed(context, parents)]

    @batch_field(description="What goods must cost for it in the channel that was asked for; null: anything.")
    @staticmethod
    async def min_spent(parents: list["Voucher"], context: Context) -> list[Money | None]:
        return [
            None if one is None or one.minimum_amount is None else money(one.minimum_amount, one.currency)
            for one in await _listed(context, parents)
        ]


async def vouchers_by_code(context: Context, codes: Sequence[tuple[str | None, int]]) -> list[Voucher | None]:
    """The voucher of each code, seen in the channel beside it; None where there is no code, or no voucher any more."""
    wanted = {clean_code(code) for code, _ in codes if code is not None}
    if not wanted:
        return [None] * len(codes)
    rows = await context.rows(queries.VOUCHERS_OF_CODES, codes=list(wanted))
    keys = {row["code"]: row["voucher_id"] for row in rows}
    return await vouchers_by_id(
        context, [(None if code is None else keys.get(clean_code(code)), channel) for code, channel in codes]
    )


async def vouchers_by_id(context: Context, keys: Sequence[tuple[int | None, int | None]]) -> list[Voucher | None]:
    """The vouchers by their keys, each seen in the channel beside it; None where there is none."""
    wanted = {key for key, _ in keys if key is not None}
    if not wanted:
        return [None] * len(keys)
    rows = await context.fetch(Voucher, queries.VOUCHERS_BY_ID, ids=list(wanted))
    found = {voucher.key: voucher for voucher in rows}
    return [
        replace(found[key], channel_key=channel) if key is not None and key in found else None for key, channel in keys
    ]


async def _listings(context: Context, vouchers: Sequence[Voucher]) -> dict[int, list[VoucherChannelListing]]:
    ids = list({voucher.key for voucher in vouchers})
    found: dict[int, list[VoucherChannelListing]] = defaultdict(list)
    for one in await context.fetch(VoucherChannelListing, queries.VOUCHER_LISTINGS, ids=ids):
        found[one.voucher_key].append(one)
    return found


async def _listed(context: Context, vouchers: Sequence[Voucher]) -> list[VoucherChannelListing | None]:
    """What each voucher is worth in the channel in which it was asked for."""
    if all(voucher.channel_key is None for voucher in vouchers):
        return [None] * len(vouchers)
    found = await _listings(context, vouchers)
    return [
        next((one for one in found[voucher.key] if one.channel_key == voucher.channel_key), None)
        for voucher in vouchers
    ]
