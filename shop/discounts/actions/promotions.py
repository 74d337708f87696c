"""Making and ending promotions."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.discounts.actions.prices import reprice
from shop.discounts.actions.targets import Targets, aim
from shop.discounts.models import Promotion, PromotionRule, PromotionRuleChannel
from shop.discounts.queries import promoted_products
from shop.discounts.rules import check_dates, check_value, runs
from shop.kit.errors import Invalid


@dataclass(frozen=True, slots=True)
class RuleChannel:
    """A channel in which a rule applies."""

    channel_id: int
    currency: str


@dataclass(frozen=True, slots=True)
class NewRule:
    """What a promotion takes off. Of a CATALOGUE one: of which goods; of an ORDER one: of carts worth how much."""

    channels: Sequence[RuleChannel]
    value: Decimal
    value_type: str = "PERCENTAGE"
    name: str | None = None
    targets: Targets = field(default_factory=Targets)
    minimum_amount: Decimal | None = None
    maximum_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NewPromotion:
    """A promotion as its owner describes it."""

    name: str
    rules: Sequence[NewRule]
    type: str = "CATALOGUE"
    starts_at: datetime | None = None
    ends_at: datetime | None = None


async def create_promotion(session: AsyncSession, new: NewPromotion, *, now: datetime) -> uuid.UUID:
    """The promotion exists; prices carry it already if it runs now. The answer: its key.

    Locks: listings of the products that it is about, by id. Raises: Invalid.
    """
    _check(new, now)
    starts_at = new.starts_at or now
    applies = new.type == "CATALOGUE" and runs(starts_at, new.ends_at, now)
    promotion = Promotion(
        name=new.name.strip(), type=new.type, starts_at=starts_at, ends_at=new.ends_at, is_applied=applies
    )
    session.add(promotion)
    await session.flush()
    for rule in new.rules:
        row = PromotionRule(
            promotion_id=promotion.id,
            name=rule.name,
            value_type=rule.value_type,
            value=rule.value,
            minimum_amount=rule.minimum_amount,
            maximum_amount=rule.maximum_amount,
        )
        session.add(row)
        await session.flush()
        channels = [{"rule_id": row.id, "channel_id": channel.channel_id} for channel in rule.channels]
        await session.execute(insert(PromotionRuleChannel), channels)
        await aim(session, rule.targets, rule_id=row.id)
    if applies:
        await reprice(session, await promoted_products(session, [promotion.id]), now=now)
    return promotion.id


async def delete_promotion(session: AsyncSession, promotion_id: uuid.UUID, *, now: datetime) -> None:
    """The promotion is gone, and with it what it made of prices. Locks: its products' listings, by id."""
    products = await promoted_products(session, [promotion_id])
    await session.execute(delete(Promotion).where(Promotion.id == promotion_id))
    await reprice(session, products, now=now)


def _check(new: NewPromotion, now: datetime) -> None:
    """What is wrong with a promotion in itself. Raises: Invalid."""
    if not new.name.strip():
        raise Invalid("A promotion needs a name.", field="name", code="REQUIRED")
    if not new.rules:
        raise Invalid("A promotion needs a rule.", field="rules", code="REQUIRED")
    check_dates(new.starts_at or now, new.ends_at)
    for rule in new.rules:
        _check_rule(rule, new.type)


def _check_rule(rule: NewRule, type_: str) -> None:
    if not rule.channels:
        raise Invalid("A rule needs a channel.", field="channels", code="REQUIRED")
    if rule.value_type == "FIXED" and len({channel.currency for channel in rule.channels}) > 1:
        raise Invalid("A fixed amount needs channels of one currency.", field="channels")
    for channel in rule.channels:
        check_value(rule.value_type, rule.value, channel.currency)
    if type_ == "CATALOGUE":
        if not rule.targets:
            raise Invalid("A rule needs to know its goods.", field="cataloguePredicate", code="REQUIRED")
        if rule.minimum_amount is not None or rule.maximum_amount is not None:
            raise Invalid("What carts are worth matters to ORDER promotions alone.", field="orderPredicate")
        return
    if rule.targets:
        raise Invalid("Only CATALOGUE promotions are about single goods.", field="cataloguePredicate")
    low, high = rule.minimum_amount, rule.maximum_amount
    if (low is not None and low < 0) or (high is not None and high < (low or 0)):
        raise Invalid("The range has to begin at 0 or more, and to end after it.", field="orderPredicate")
