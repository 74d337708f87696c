"""Promotions by the clock: many products, so many units."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from shop.discounts.actions.prices import mark_applied, reprice
from shop.discounts.queries import every_promoted_product, promoted_products, promotions_due
from shop.kit.db import Units

# Their listings are locked together, so that nobody who changes a price waits for long.
_BATCH: Final = 200


async def follow_clock(units: Units, *, now: datetime) -> None:
    """Prices carry the promotions that have begun since the last turn, and not those that have ended."""
    for promotion_id, applied in await units.run(partial(promotions_due, now=now)):
        products = await units.run(partial(promoted_products, promotion_ids=[promotion_id]))
        await _reprice(units, products, now)
        # Last: a turn that broke off is taken again.
        await units.run(partial(mark_applied, promotion_id=promotion_id, applied=applied))


async def reprice_all(units: Units, *, now: datetime) -> None:
    """Prices follow from the promotions that run now, for all products that have to do with one.

    For what nobody tells of: products that came into a category or a collection, or left one.
    """
    await _reprice(units, await units.run(every_promoted_product), now)


async def _reprice(units: Units, products: Sequence[int], now: datetime) -> None:
    for start in range(0, len(products), _BATCH):
        batch = products[start : start + _BATCH]

        async def work(session: AsyncSession, batch: Sequence[int] = batch) -> None:
            await reprice(session, batch, now=now)

        await units.run(work)
