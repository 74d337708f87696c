"""What promotions of the catalogue say to prices, and which products they are about."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import DateTime, Integer, Uuid, and_, any_, bindparam, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Category, Product, Variant
from shop.discounts.models import Promotion, PromotionRule, PromotionRuleChannel, Target
from shop.discounts.queries.purchases import is_meant
from shop.pricing.models import VariantListing

_NOW: Final = bindparam("now", type_=DateTime(timezone=True))

# The rules of CATALOGUE promotions that run at `now`, for each listing of a variant of `product_ids` that they mean:
# `(listing id, price, currency, rule id, value type, value)`.
CATALOGUE_RULES: Final = (
    select(
        VariantListing.id,
        VariantListing.price_amount,
        VariantListing.currency,
        PromotionRule.id.label("rule_id"),
        PromotionRule.value_type,
        PromotionRule.value,
    )
    .select_from(Promotion)
    .join(PromotionRule, PromotionRule.promotion_id == Promotion.id)
    .join(PromotionRuleChannel, PromotionRuleChannel.rule_id == PromotionRule.id)
    .join(VariantListing, VariantListing.channel_id == PromotionRuleChannel.channel_id)
    .join(Variant, Variant.id == VariantListing.variant_id)
    .join(Product, Product.id == Variant.product_id)
    .outerjoin(Category, Category.id == Product.category_id)
    .where(
        Promotion.type == "CATALOGUE",
        Promotion.starts_at <= _NOW,
        or_(Promotion.ends_at.is_(None), Promotion.ends_at > _NOW),
        Variant.product_id == any_(bindparam("product_ids", type_=ARRAY(Integer))),
        select(Target.id).where(Target.rule_id == PromotionRule.id, is_meant()).correlate_except(Target).exists(),
    )
)

_its_rules: Final = select(PromotionRule.id).where(
    PromotionRule.promotion_id == any_(bindparam("promotion_ids", type_=ARRAY(Uuid())))
)


def _promoted(rules: Any) -> Any:
    """The products that these rules are about, or whose prices they have lowered; by id."""
    meant = (
        select(Variant.product_id)
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .join(Target, is_meant())
        .where(Target.rule_id.in_(rules))
    )
    lowered = select(VariantListing.product_id).where(VariantListing.discount_rule_id.in_(rules))
    both = union(meant, lowered).subquery()
    return select(both.c.product_id).order_by(both.c.product_id)


_PROMOTED: Final = _promoted(_its_rules)
_catalogue: Final = (
    select(PromotionRule.id)
    .join(Promotion, Promotion.id == PromotionRule.promotion_id)
    .where(Promotion.type == "CATALOGUE", Promotion.is_applied)
)
_ALL_PROMOTED: Final = union(
    _promoted(_catalogue), select(VariantListing.product_id).where(VariantListing.discount_rule_id.is_not(None))
)


async def promoted_products(session: AsyncSession, promotion_ids: Sequence[uuid.UUID]) -> list[int]:
    """The products that the promotions are about, or whose prices they have lowered; by id."""
    found = await session.execute(_PROMOTED, {"promotion_ids": list(promotion_ids)})
    return list(found.scalars())


async def every_promoted_product(session: AsyncSession) -> list[int]:
    """The products that a promotion is about that prices carry, and those whose prices one has lowered; by id."""
    return sorted((await session.execute(_ALL_PROMOTED)).scalars())


async def promotions_due(session: AsyncSession, *, now: datetime) -> list[tuple[uuid.UUID, bool]]:
    """The CATALOGUE promotions that prices carry and should not, or should and do not: with what should be."""
    running = and_(Promotion.starts_at <= now, or_(Promotion.ends_at.is_(None), Promotion.ends_at > now))
    statement = (
        select(Promotion.id, running)
        .where(Promotion.type == "CATALOGUE", Promotion.is_applied != running)
        .order_by(Promotion.starts_at, Promotion.id)
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]
