"""What promotions make of prices: worked out by the rules here, written by pricing."""

import uuid
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.discounts.models import Promotion
from shop.discounts.queries import CATALOGUE_RULES, every_promoted_product, promoted_products, promotions_due
from shop.discounts.rules import discounted_price
from shop.kit import clock
from shop.pricing.actions import discount_listings, lock_listings
from shop.pricing.events import PricesChanged


async def reprice(session: AsyncSession, product_ids: Collection[int], *, now: datetime) -> None:
    """These products are sold at what the promotions that run now make of their prices, and listed by it.

    Locks: the products' listings, by id.
    """
    if not product_ids:
        return
    await lock_listings(session, product_ids)
    await _discount(session, product_ids, now)


async def mark_applied(session: AsyncSession, promotion_id: uuid.UUID, *, applied: bool) -> None:
    """Prices carry the promotion, or do not any more: whoever reprices its products says so."""
    statement = update(Promotion).where(Promotion.id == promotion_id).values(is_applied=applied)
    await session.execute(statement.execution_options(synchronize_session=False))


async def settle(session: AsyncSession, *, now: datetime) -> None:
    """Every price follows from the promotions that run now: all of `flows.follow_clock` and `reprice_all` in one unit.

    Locks: the listings of every product that a promotion is about, by id.
    """
    due = await promotions_due(session, now=now)
    products = set(await promoted_products(session, [promotion_id for promotion_id, _ in due]))
    for promotion_id, applied in due:
        await mark_applied(session, promotion_id, applied=applied)
    await reprice(session, sorted(products.union(await every_promoted_product(session))), now=now)


async def prices_changed(session: AsyncSession, event: PricesChanged) -> None:
    """What promotions make of the new prices is written with them, and the products are listed by it."""
    await _discount(session, event.product_ids, clock.now())


async def _discount(session: AsyncSession, product_ids: Collection[int], now: datetime) -> None:
    rows = await session.execute(CATALOGUE_RULES, {"product_ids": sorted(set(product_ids)), "now": now})
    best: dict[int, tuple[Decimal, uuid.UUID]] = {}
    for listing_id, price, currency, rule_id, value_type, value in rows:
        amount = discounted_price(price, value_type, value, currency)
        # The rule that saves most; of equals the one that comes first by its key, so that prices do not flicker.
        if amount < price and (listing_id not in best or (amount, rule_id) < best[listing_id]):
            best[listing_id] = amount, rule_id
    await discount_listings(session, product_ids, best)
