"""What discounts took off orders and their lines, as it was when they were placed."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

import strawberry

from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.money import Money, money
from shop.api.core.scalars import PositiveDecimal
from shop.api.discounts.enums import DiscountValueTypeEnum, OrderDiscountType
from shop.orders import queries
from shop.pricing.rules import round_money


@strawberry.type
class _Discount:
    """What both kinds share."""

    key: strawberry.Private[uuid.UUID]
    order_id: strawberry.Private[uuid.UUID]
    line_id: strawberry.Private[uuid.UUID | None]
    kind: strawberry.Private[str]
    name: str | None = strawberry.field(description="What the voucher or the promotion was called.")
    value_kind: strawberry.Private[str]
    value_amount: strawberry.Private[Decimal]
    reason: str | None = strawberry.field(description="Why it was given: the voucher's code, or staff's own words.")
    currency: strawberry.Private[str]
    total_amount: strawberry.Private[Decimal]
    quantity: strawberry.Private[int | None]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id(type(self).__name__, self.key)

    @computed(description="Its name in the order's language.")
    def translated_name(self) -> str | None:
        return self.name

    @computed(description="Whether its value is an amount or a share.")
    def value_type(self) -> DiscountValueTypeEnum:
        return DiscountValueTypeEnum(self.value_kind)

    @computed(description="Percent, or an amount of the order's currency.")
    def value(self) -> PositiveDecimal:
        return PositiveDecimal(self.value_amount)

    @computed(description="All that it took off.")
    def total(self) -> Money:
        return money(self.total_amount, self.currency)


@strawberry.type(description="What took something off an order as a whole: off all its goods, or off its delivery.")
class OrderDiscount(_Discount):
    @computed(description="What gave it.")
    def type(self) -> OrderDiscountType:
        return OrderDiscountType(self.kind)

    @computed(description="All that it took off.", deprecation_reason="Use `total`.")
    def amount(self) -> Money:
        return money(self.total_amount, self.currency)


@strawberry.type(description="What took something off one line of an order.")
class OrderLineDiscount(_Discount):
    @computed(description="What gave it.")
    def type(self) -> OrderDiscountType:
        return OrderDiscountType(self.kind)

    @computed(description="What it took off each unit, rounded.")
    def unit(self) -> Money:
        return money(round_money(self.total_amount / (self.quantity or 1), self.currency), self.currency)


async def discounts_of_orders(context: Context, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[OrderDiscount]]:
    """What was taken off each order as a whole."""
    found: dict[uuid.UUID, list[OrderDiscount]] = defaultdict(list)
    for discount in await context.fetch(OrderDiscount, queries.DISCOUNTS_BY_ORDER, ids=list(set(ids))):
        found[discount.order_id].append(discount)
    return found


async def discounts_of_lines(context: Context, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[OrderLineDiscount]]:
    """What was taken off each line."""
    found: dict[uuid.UUID, list[OrderLineDiscount]] = defaultdict(list)
    for discount in await context.fetch(OrderLineDiscount, queries.DISCOUNTS_BY_LINE, ids=list(set(ids))):
        if discount.line_id is not None:
            found[discount.line_id].append(discount)
    return found
