"""Promotions as staff see them, with their rules."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

import strawberry

from shop.api.channels.types import Channel, channels_by_id
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.scalars import JSON, PositiveDecimal
from shop.api.discounts.enums import PromotionTypeEnum, RewardTypeEnum, RewardValueTypeEnum
from shop.discounts import queries
from shop.execution import batch_field

_PREDICATES: Final = (
    ("product_ids", "productPredicate", "Product"),
    ("variant_ids", "variantPredicate", "ProductVariant"),
    ("collection_ids", "collectionPredicate", "Collection"),
    ("category_ids", "categoryPredicate", "Category"),
)


@strawberry.type(description="What a promotion takes off, in some channels. For staff.")
class PromotionRule:
    key: strawberry.Private[uuid.UUID]
    promotion_key: strawberry.Private[uuid.UUID]
    promotion_kind: strawberry.Private[str]
    name: str | None = strawberry.field(description="What staff call it.")
    value_kind: strawberry.Private[str]
    value: strawberry.Private[Decimal]
    minimum_amount: strawberry.Private[Decimal | None]
    maximum_amount: strawberry.Private[Decimal | None]
    channel_ids: strawberry.Private[list[int]]
    product_ids: strawberry.Private[list[int]]
    variant_ids: strawberry.Private[list[int]]
    collection_ids: strawberry.Private[list[int]]
    category_ids: strawberry.Private[list[int]]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("PromotionRule", self.key)

    @computed(description="Percent, or an amount of the channels' currency.")
    def reward_value(self) -> PositiveDecimal | None:
        return PositiveDecimal(self.value)

    @computed(description="Whether it takes off an amount or a share.")
    def reward_value_type(self) -> RewardValueTypeEnum | None:
        return RewardValueTypeEnum(self.value_kind)

    @computed(description="What an ORDER rule gives: something off all goods. Null for CATALOGUE rules.")
    def reward_type(self) -> RewardTypeEnum | None:
        return RewardTypeEnum.SUBTOTAL_DISCOUNT if self.promotion_kind == "ORDER" else None

    @computed(description="Whether it is about goods or about carts.")
    def predicate_type(self) -> PromotionTypeEnum | None:
        return PromotionTypeEnum(self.promotion_kind)

    @computed(description="The goods that it is about: any of `OR`. Empty for ORDER rules.")
    def catalogue_predicate(self) -> JSON | None:
        kinds = [
            {predicate: {"ids": [global_id(type_name, key) for key in getattr(self, column)]}}
            for column, predicate, type_name in _PREDICATES
            if getattr(self, column)
        ]
        return JSON({"OR": kinds} if kinds else {})

    @computed(description="What the goods of a cart must cost together. Empty for CATALOGUE rules.")
    def order_predicate(self) -> JSON | None:
        limits = (("gte", self.minimum_amount), ("lte", self.maximum_amount))
        range_ = {name: float(amount) for name, amount in limits if amount is not None}
        return JSON({"discountedObjectPredicate": {"baseSubtotalPrice": {"range": range_}}} if range_ else {})

    @computed(description="Variants that it gives away; none do.")
    def gift_ids(self) -> list[strawberry.ID] | None:
        return None

    @computed(description="How many gifts it gives; none do.")
    def gifts_limit(self) -> int | None:
        return None

    @batch_field(description="Where it applies.")
    @staticmethod
    async def channels(parents: list["PromotionRule"], context: Context) -> list[list[Channel] | None]:
        found = await channels_by_id(context, {key for rule in parents for key in rule.channel_ids})
        return [[found[key] for key in rule.channel_ids] for rule in parents]


@strawberry.type(description="A discount that nobody has to ask for. For staff.")
class Promotion(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_DISCOUNTS",)

    key: strawberry.Private[uuid.UUID]
    name: str = strawberry.field(description="What it is called; orders keep it with what it took off.")
    kind: strawberry.Private[str]
    blocks: strawberry.Private[dict[str, Any] | None]
    start_date: datetime = strawberry.field(description="From when on it applies.")
    end_date: datetime | None = strawberry.field(description="Until when it applies; null: for good.")
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it last changed.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Promotion", self.key)

    @computed(description="Whether it lowers prices in the catalogue, or what a whole cart costs.")
    def type(self) -> PromotionTypeEnum | None:
        return PromotionTypeEnum(self.kind)

    @computed(description="More about it, as EditorJS blocks.")
    def description(self) -> JSON | None:
        return None if self.blocks is None else JSON(self.blocks)

    @batch_field(description="What it takes off, of what. Of all rules that apply, the best one counts.")
    @staticmethod
    async def rules(parents: list["Promotion"], context: Context) -> list[list[PromotionRule] | None]:
        found: dict[uuid.UUID, list[PromotionRule]] = defaultdict(list)
        ids = list({promotion.key for promotion in parents})
        for rule in await context.fetch(PromotionRule, queries.RULES_BY_PROMOTION, ids=ids):
            found[rule.promotion_key].append(rule)
        return [found[promotion.key] for promotion in parents]


@strawberry.type(description="A promotion of a page.")
class PromotionCountableEdge(CountableEdge[Promotion]):
    pass


@strawberry.type(description="A page of promotions, by name.")
class PromotionCountableConnection(CountableConnection[PromotionCountableEdge]):
    pass


async def promotions_by_id(context: Context, keys: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Promotion]:
    """The promotions by their keys."""
    found = await context.fetch(Promotion, queries.PROMOTIONS_BY_ID, ids=list(set(keys)))
    return {promotion.key: promotion for promotion in found}
