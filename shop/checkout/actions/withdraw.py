"""Products and variants are deleted, unless somebody still needs them. What was sold stays as it was sold.

Orders keep names, prices and pictures of their own. Whoever was promised something keeps the promise: goods of orders
that wait for them, visits that were booked, sessions that were bought, and what somebody is paying for.
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ARRAY, Integer, Select, any_, bindparam, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.actions import OF_PRODUCTS, OF_VARIANTS, drop_unused, own_values
from shop.booking.models import (
    Booking,
    Entitlement,
    Hold,
    Package,
    PackageService,
    Service,
    Session,
    WaitlistEntry,
)
from shop.catalogue.actions.variants import choose_defaults
from shop.catalogue.errors import ProductNotFound, ProductTypeNotFound, StillNeeded, VariantNotFound
from shop.catalogue.events import ProductsChanged
from shop.catalogue.models import Product, ProductType, Variant
from shop.checkout.models import CheckoutLine
from shop.kit.db.database import sqlstate
from shop.kit.errors import Many, ShopError
from shop.kit.events import publish
from shop.payments.models import Transaction
from shop.stock.models import Stock

_FOREIGN_KEY_VIOLATION: Final = "23503"
_IDS: Final = bindparam("ids", type_=ARRAY(Integer))
_services: Final = select(Service.id).where(Service.variant_id == any_(_IDS))
_packages: Final = select(Package.id).where(Package.variant_id == any_(_IDS))
# Why variants stay, each with whether anything is found. Parameter: `ids`.
_REASONS: Final[tuple[tuple[str, tuple[Select[Any], ...]], ...]] = (
    (
        "Orders wait for it: fulfil or cancel them first.",
        (select(Stock.id).where(Stock.variant_id == any_(_IDS), Stock.quantity_allocated > 0),),
    ),
    (
        "Somebody is paying for it.",
        (
            select(CheckoutLine.id)
            .join(Transaction, Transaction.purchase_key == CheckoutLine.checkout_id)
            .where(CheckoutLine.variant_id == any_(_IDS), Transaction.status.in_(("OPEN", "SUCCEEDED"))),
        ),
    ),
    (
        "Visits of it were booked, are being booked or are waited for: take it from sale instead.",
        tuple(
            select(table.id).where(table.service_id.in_(_services)) for table in (Booking, Hold, Session, WaitlistEntry)
        ),
    ),
    (
        "Sessions of it were bought: take it from sale instead.",
        (
            select(Entitlement.id).where(Entitlement.package_id.in_(_packages)),
            select(Entitlement.id)
            .join(PackageService, PackageService.package_id == Entitlement.package_id)
            .where(PackageService.service_id.in_(_services), Entitlement.balance > 0),
        ),
    ),
)


async def delete_product(session: AsyncSession, product_id: int) -> None:
    """The product is gone with its variants, listings, stocks and values; carts hold it no more.

    Raises: ProductNotFound, Many of StillNeeded. Locks: the product, its variants by id.
    """
    held = await session.execute(select(Product.id).where(Product.id == product_id).with_for_update())
    if held.first() is None:
        raise ProductNotFound
    await _delete_products(session, [product_id])


async def delete_variant(session: AsyncSession, variant_id: int) -> None:
    """The variant is gone with its prices, stocks and values; another one stands for its product.

    Raises: VariantNotFound, Many of StillNeeded. Locks: the product, the variant.
    """
    product_id = await session.scalar(select(Variant.product_id).where(Variant.id == variant_id))
    if product_id is None:
        raise VariantNotFound
    await session.execute(select(Product.id).where(Product.id == product_id).with_for_update())
    values = await own_values(session, OF_VARIANTS, [variant_id])
    await _let_go(session, [variant_id])
    await _delete(session, Variant, [variant_id])
    await drop_unused(session, values)
    await choose_defaults(session, [product_id])
    await publish(session, ProductsChanged((product_id,)))


async def delete_product_type(session: AsyncSession, product_type_id: int) -> None:
    """The type is gone with all its products. Raises: ProductTypeNotFound, Many of StillNeeded. Locks: all of them."""
    held = await session.execute(select(ProductType.id).where(ProductType.id == product_type_id).with_for_update())
    if held.first() is None:
        raise ProductTypeNotFound
    products = await session.execute(
        select(Product.id).where(Product.product_type_id == product_type_id).order_by(Product.id).with_for_update()
    )
    await _delete_products(session, list(products.scalars()))
    await _delete(session, ProductType, [product_type_id])


async def _delete_products(session: AsyncSession, product_ids: Collection[int]) -> None:
    variants = await session.execute(select(Variant.id).where(Variant.product_id.in_(product_ids)))
    variant_ids = sorted(variants.scalars())
    values = await own_values(session, OF_PRODUCTS, product_ids)
    values += await own_values(session, OF_VARIANTS, variant_ids)
    await _let_go(session, variant_ids)
    await _delete(session, Product, product_ids)
    await drop_unused(session, values)


async def _let_go(session: AsyncSession, variant_ids: Collection[int]) -> None:
    """Nobody needs the variants, which nobody puts into an order any more. Raises: Many of StillNeeded."""
    ids = sorted(variant_ids)
    await session.execute(
        select(Variant.id).where(Variant.id == any_(_IDS)).order_by(Variant.id).with_for_update(), {"ids": ids}
    )
    found = await session.execute(
        select(*(or_(*(query.exists() for query in queries)) for _, queries in _REASONS)), {"ids": ids}
    )
    errors: list[ShopError] = [
        StillNeeded(why) for (why, _), is_needed in zip(_REASONS, found.one(), strict=True) if is_needed
    ]
    if errors:
        raise Many(errors)


async def _delete(session: AsyncSession, model: type[Any], ids: Collection[int]) -> None:
    try:
        async with session.begin_nested():
            await session.execute(delete(model).where(model.id.in_(ids)))
    except IntegrityError as error:
        # Somebody was promised some of it after we looked.
        if sqlstate(error) == _FOREIGN_KEY_VIOLATION:
            raise StillNeeded(_REASONS[0][0]) from None
        raise
