"""Where products are listed and for how much their variants are sold.

Keeps the lowest and highest price of a product beside its listing, so that lists sort and filter by one index, and
writes down what promotions make of prices, which the slice of discounts decides.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, Final

from sqlalchemy import Integer, Numeric, Uuid, and_, any_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from shop.attributes.rules.given import Given
from shop.catalogue.actions.products import hold_product
from shop.catalogue.actions.variants import VariantFields, create_variant
from shop.catalogue.errors import ChannelsNotFound, NamedTwice, NotOfTheProduct, VariantNotFound
from shop.catalogue.events import ProductsChanged
from shop.catalogue.models import Variant
from shop.catalogue.rules import repeated
from shop.channels.models import Channel
from shop.kit.errors import ShopError
from shop.kit.events import publish
from shop.pricing.errors import InvalidListing
from shop.pricing.events import PricesChanged
from shop.pricing.models import ProductListing, VariantListing
from shop.pricing.rules import fits
from shop.stock.actions import add_stocks

_IDS = bindparam("ids", type_=ARRAY(Integer))

_LOCK = (
    select(ProductListing.id)
    .where(ProductListing.product_id == any_(_IDS))
    .order_by(ProductListing.id)
    .with_for_update()
)
_kept = aliased(ProductListing)
# One pass over the prices for all products at once: a subquery a listing takes minutes where there are thousands.
_is_discounted = func.coalesce(func.bool_or(VariantListing.sold_at_amount < VariantListing.price_amount), False)
_prices = (
    select(
        _kept.id,
        func.min(VariantListing.sold_at_amount).label("minimum"),
        func.max(VariantListing.sold_at_amount).label("maximum"),
        case((_is_discounted, func.min(VariantListing.price_amount))).label("undiscounted_minimum"),
        case((_is_discounted, func.max(VariantListing.price_amount))).label("undiscounted_maximum"),
    )
    .outerjoin(Variant, Variant.product_id == _kept.product_id)
    .outerjoin(
        VariantListing,
        and_(VariantListing.variant_id == Variant.id, VariantListing.channel_id == _kept.channel_id),
    )
    .where(_kept.product_id == any_(_IDS))
    .group_by(_kept.id)
    .subquery()
)
_KEPT: Final = {
    ProductListing.minimum_price_amount: _prices.c.minimum,
    ProductListing.maximum_price_amount: _prices.c.maximum,
    ProductListing.undiscounted_minimum_amount: _prices.c.undiscounted_minimum,
    ProductListing.undiscounted_maximum_amount: _prices.c.undiscounted_maximum,
}
_REFRESH = (
    update(ProductListing)
    .where(
        ProductListing.id == _prices.c.id,
        or_(*(column.is_distinct_from(value) for column, value in _KEPT.items())),
    )
    .values(_KEPT)
    .execution_options(synchronize_session=False)
)

_new = (
    func.unnest(
        bindparam("listing_ids", type_=ARRAY(Integer)),
        bindparam("amounts", type_=ARRAY(Numeric(14, 3))),
        bindparam("rule_ids", type_=ARRAY(Uuid())),
    )
    .table_valued("id", "amount", "rule_id", name="new")
    .render_derived()
)
_priced = aliased(VariantListing)
# The listings of the products with what promotions make of them now, null where none does.
_now = (
    select(_priced.id, _new.c.amount, _new.c.rule_id)
    .outerjoin(_new, _new.c.id == _priced.id)
    .where(_priced.product_id == any_(_IDS))
    .subquery()
)
_DISCOUNT = (
    update(VariantListing)
    .where(
        VariantListing.id == _now.c.id,
        or_(
            VariantListing.discounted_price_amount.is_distinct_from(_now.c.amount),
            VariantListing.discount_rule_id.is_distinct_from(_now.c.rule_id),
        ),
    )
    .values(discounted_price_amount=_now.c.amount, discount_rule_id=_now.c.rule_id)
    .execution_options(synchronize_session=False)
)


# What Saleor calls the amounts of a variant's listing.
_INPUTS: Final = {"price_amount": "price", "prior_price_amount": "priorPrice", "cost_price_amount": "costPrice"}


@dataclass(frozen=True, slots=True)
class Listing:
    """How a product is listed in a channel: columns of its listing, of which those that are left out stay.

    `without_variants`: those that are not sold there any more. `with_variants`: those that may be, once priced.
    """

    channel_id: int
    values: Mapping[str, Any]
    with_variants: Sequence[int] = ()
    without_variants: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """What a variant costs in a channel: `price_amount`, and other amounts, of which those that are left out stay."""

    channel_id: int
    amounts: Mapping[str, Decimal | None]


class _Undone(Exception):
    """Leaves a savepoint, so that nothing of it remains."""


class Otherwise(Enum):
    """What becomes of several new things when some are refused: nothing is made, all but these, or these in part."""

    REJECT_EVERYTHING = "REJECT_EVERYTHING"
    REJECT_FAILED_ROWS = "REJECT_FAILED_ROWS"
    IGNORE_FAILED = "IGNORE_FAILED"


@dataclass(frozen=True, slots=True)
class NewVariant:
    """A variant with how many of it lie where, and what it costs."""

    fields: VariantFields
    attributes: Sequence[Given] = ()
    stocks: Sequence[tuple[uuid.UUID, int]] = ()
    prices: Sequence[Price] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was not made; `part`: which part of a variant, empty for the variant itself."""

    error: ShopError
    part: str = ""


@dataclass(frozen=True, slots=True)
class MadeVariant:
    """The key of a variant that was made, or None, and what was refused of it."""

    key: int | None
    refusals: tuple[Refusal, ...] = ()


async def lock_listings(session: AsyncSession, product_ids: Collection[int]) -> None:
    """Nobody else changes what these products' listings keep until the unit ends. Locks: the listings, by id."""
    await session.execute(_LOCK, {"ids": sorted(set(product_ids))})


async def refresh_listings(session: AsyncSession, product_ids: Collection[int]) -> None:
    """The listings of these products hold the lowest and highest price of their variants, null where none is sold.

    Call it last in every unit that changed prices or variants. Locks: the products' listings, by id.
    """
    ids = sorted(set(product_ids))
    # Before the prices are read: of two units that change prices of one product, the later one sees both.
    await lock_listings(session, ids)
    await publish(session, PricesChanged(tuple(ids)))
    await session.execute(_REFRESH, {"ids": ids})


async def discount_listings(
    session: AsyncSession, product_ids: Collection[int], discounted: Mapping[int, tuple[Decimal, uuid.UUID]]
) -> None:
    """Of these products' variants, those whose listing is given are sold at that amount by that rule, the others at
    their price; and the products are listed by it. The caller has locked the listings.
    """
    ids = sorted(set(product_ids))
    await session.execute(
        _DISCOUNT,
        {
            "ids": ids,
            "listing_ids": list(discounted),
            "amounts": [amount for amount, _ in discounted.values()],
            "rule_ids": [rule_id for _, rule_id in discounted.values()],
        },
    )
    await session.execute(_REFRESH, {"ids": ids})


async def products_changed(session: AsyncSession, event: ProductsChanged) -> None:
    """The products are listed by the prices of the variants that they have now, and by what promotions make of them."""
    await refresh_listings(session, event.product_ids)


async def list_product(
    session: AsyncSession,
    product_id: int,
    listings: Sequence[Listing],
    removed_channel_ids: Sequence[int] = (),
    *,
    now: datetime,
) -> None:
    """The product is listed in channels as said, and neither it nor a variant of it in the removed ones.

    One that is published without a date is published now. Raises: ProductNotFound, NamedTwice, ChannelsNotFound,
    InvalidListing, NotOfTheProduct. Locks: the product.
    """
    await hold_product(session, product_id, "id")
    channel_ids = [each.channel_id for each in listings]
    if twice := repeated([*channel_ids, *dict.fromkeys(removed_channel_ids)]):
        raise NamedTwice(twice, field="updateChannels")
    currencies = await _currencies(session, channel_ids, "updateChannels")
    await _check_variants(session, product_id, listings)
    gone = {each.channel_id: each.without_variants for each in listings if each.without_variants}
    for each in listings:
        key = {"product_id": product_id, "channel_id": each.channel_id}
        listing = upsert(ProductListing).values(**key, currency=currencies[each.channel_id], **each.values)
        # Where it is listed already, what is left out stays: a key is written again, since something must be.
        changed = listing.on_conflict_do_update(index_elements=list(key), set_={**key, **each.values})
        await session.execute(changed)
    await session.execute(
        update(ProductListing)
        .where(
            ProductListing.product_id == product_id,
            ProductListing.channel_id.in_(channel_ids),
            ProductListing.is_published,
            ProductListing.published_at.is_(None),
        )
        .values(published_at=now)
    )
    of_product = VariantListing.product_id == product_id
    for channel_id, variant_ids in gone.items():
        await session.execute(
            delete(VariantListing).where(
                of_product, VariantListing.channel_id == channel_id, VariantListing.variant_id.in_(variant_ids)
            )
        )
    for table in (VariantListing, ProductListing):
        await session.execute(
            delete(table).where(table.product_id == product_id, table.channel_id.in_(removed_channel_ids))
        )
    await refresh_listings(session, [product_id])


async def price_variant(
    session: AsyncSession, variant_id: int, prices: Sequence[Price], *, field: str = "input"
) -> None:
    """The variant is sold at these prices in these channels.

    Raises: VariantNotFound, NamedTwice, ChannelsNotFound, InvalidListing. Locks: the product.
    """
    product_id = await session.scalar(select(Variant.product_id).where(Variant.id == variant_id))
    if product_id is None:
        raise VariantNotFound
    await hold_product(session, product_id, "id")
    channel_ids = [each.channel_id for each in prices]
    if twice := repeated(channel_ids):
        raise NamedTwice(twice, field=field)
    currencies = await _currencies(session, channel_ids, field)
    listed = await session.execute(select(ProductListing.channel_id).where(ProductListing.product_id == product_id))
    if nowhere := set(channel_ids) - set(listed.scalars()):
        message = "The product is not listed in these channels."
        raise InvalidListing(message, nowhere, field=field, code="PRODUCT_NOT_ASSIGNED_TO_CHANNEL")
    for each in prices:
        for name, amount in each.amounts.items():
            if amount is not None and not fits(amount, currencies[each.channel_id]):
                message = f"{amount} is no amount of {currencies[each.channel_id]}."
                raise InvalidListing(message, [each.channel_id], field=_INPUTS[name], code="INVALID_PRICE")
    for each in prices:
        key = {"variant_id": variant_id, "channel_id": each.channel_id}
        listing = upsert(VariantListing).values(**key, currency=currencies[each.channel_id], **each.amounts)
        await session.execute(listing.on_conflict_do_update(index_elements=list(key), set_=dict(each.amounts)))
    await refresh_listings(session, [product_id])


async def make_variants(
    session: AsyncSession, product_id: int, wanted: Sequence[NewVariant], otherwise: Otherwise
) -> list[MadeVariant]:
    """The product has these variants too, with their stocks and prices, but for what is refused.

    What becomes of the rest is said by `otherwise`. Raises: ProductNotFound. Locks: the product.
    """
    await hold_product(session, product_id, "product")
    made: list[MadeVariant] = []
    try:
        async with session.begin_nested():
            made += [await _make_variant(session, product_id, each, otherwise) for each in wanted]
            _undo(when=otherwise is Otherwise.REJECT_EVERYTHING and any(each.refusals for each in made))
    except _Undone:
        return [MadeVariant(None, each.refusals) for each in made]
    return made


async def _make_variant(
    session: AsyncSession, product_id: int, wanted: NewVariant, otherwise: Otherwise
) -> MadeVariant:
    refusals: list[Refusal] = []
    try:
        async with session.begin_nested():
            variant_id = await create_variant(session, product_id, wanted.fields, wanted.attributes)
            for part, work in (
                ("stocks", partial(add_stocks, session, variant_id, wanted.stocks)),
                ("channelListings", partial(price_variant, session, variant_id, wanted.prices, field="channelId")),
            ):
                try:
                    async with session.begin_nested():
                        await work()
                except ShopError as error:
                    refusals.append(Refusal(error, part))
            _undo(when=bool(refusals) and otherwise is not Otherwise.IGNORE_FAILED)
            return MadeVariant(variant_id, tuple(refusals))
    except ShopError as error:
        return MadeVariant(None, (Refusal(error),))
    except _Undone:
        return MadeVariant(None, tuple(refusals))


def _undo(*, when: bool) -> None:
    if when:
        raise _Undone


async def _currencies(session: AsyncSession, channel_ids: Sequence[int], field: str) -> dict[int, str]:
    rows = await session.execute(
        select(Channel.id, Channel.currency)
        .where(Channel.id.in_(channel_ids))
        .order_by(Channel.id)
        .with_for_update(read=True, key_share=True)
    )
    found = {row.id: row.currency for row in rows}
    if missing := set(channel_ids) - found.keys():
        raise ChannelsNotFound(missing, field=field)
    return found


async def _check_variants(session: AsyncSession, product_id: int, listings: Sequence[Listing]) -> None:
    rows = await session.execute(select(Variant.id).where(Variant.product_id == product_id))
    own = set(rows.scalars())
    for field, named in (
        ("addVariants", {key for each in listings for key in each.with_variants}),
        ("removeVariants", {key for each in listings for key in each.without_variants}),
    ):
        if others := named - own:
            raise NotOfTheProduct(others, field=field)
