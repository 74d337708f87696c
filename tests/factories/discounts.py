"""Vouchers and promotions, made by the actions themselves."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.channels.models import Channel
from shop.discounts.actions import NewListing, NewVoucher, Targets, create_voucher
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
