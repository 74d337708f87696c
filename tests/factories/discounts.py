"""Vouchers and promotions, made by the actions themselves."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.channels.models import Channel
from shop.discounts.actions import (
    NewListing,
    NewPromotion,
    NewRule,
    NewVoucher,
    RuleChannel,
    Targets,
    create_promotion,
    create_voucher,
)
from shop.kit import clock
from tests.factories.catalogue import LONG_AGO

# What a voucher or a rule is about, by keys.
targets = Targets


async def voucher(
    session: AsyncSession,
    *channels: Channel,
    code: str = "SAVE",
    value: str = "10",
    minimum: str | None = None,
    starts_at: datetime = LONG_AGO,
    **more: Any,
) -> int:
    """A voucher of 10 % of everything in the channels, but for what the test says; its key."""
    new = NewVoucher(
        codes=more.pop("codes", [code]),
        listings=[
            NewListing(channel.id, channel.currency, Decimal(value), None if minimum is None else Decimal(minimum))
            for channel in channels
        ],
        starts_at=starts_at,
        **more,
    )
    return await create_voucher(session, new, now=clock.now())


async def promotion(
    session: AsyncSession,
    *channels: Channel,
    value: str = "10",
    value_type: str = "PERCENTAGE",
    now: datetime | None = None,
    starts_at: datetime | None = LONG_AGO,
    ends_at: datetime | None = None,
    name: str = "Sale",
    minimum: str | None = None,
    maximum: str | None = None,
    **targets: Any,
) -> uuid.UUID:
    """A promotion of 10 % in the channels, of the goods that are named or, without any, of whole carts; its key."""
    rule = NewRule(
        channels=[RuleChannel(channel.id, channel.currency) for channel in channels],
        value=Decimal(value),
        value_type=value_type,
        targets=Targets(**targets),
        minimum_amount=None if minimum is None else Decimal(minimum),
        maximum_amount=None if maximum is None else Decimal(maximum),
    )
    new = NewPromotion(name, [rule], "CATALOGUE" if rule.targets else "ORDER", starts_at, ends_at)
    return await create_promotion(session, new, now=now or clock.now())
