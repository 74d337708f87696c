"""Product types, categories, products, variants, collections and pictures."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import (
    Category,
    Collection,
    CollectionListing,
    CollectionProduct,
    Product,
    ProductMedia,
    ProductType,
    Variant,
)
from shop.channels.models import Channel
from shop.media.models import Asset
from shop.pricing.actions import refresh_listings
from shop.pricing.models import ProductListing, VariantListing
from shop.tax.models import TaxClass
from tests.factories import selling

_serial = count(1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def serial() -> int:
    """A number that no other row of the run has."""
    return next(_serial)


async def product_type(
    session: AsyncSession,
    *,
    slug: str | None = None,
    is_shipping_required: bool = True,
    tax_class: TaxClass | None = None,
    kind: str = "NORMAL",
) -> ProductType:
    """A product type."""
    slug = slug or f"type-{serial()}"
    made = ProductType(
        name=slug.capitalize(),
        slug=slug,
        kind=kind,
        is_shipping_required=is_shipping_required,
        tax_class_id=tax_class.id if tax_class else None,
    )
    session.add(made)
    await session.flush()
    return made


async def category(
    session: AsyncSession, *, slug: str | None = None, name: str | None = None, parent: Category | None = None
) -> Category:
    """A category, a root where no parent is given."""
    slug = slug or f"category-{serial()}"
    # The path ends in the row's own id, so the id is taken first.
    sequence = func.pg_get_serial_sequence("catalogue_category", "id")
    identity = (await session.execute(select(func.nextval(sequence)))).scalar_one()
    made = Category(
        id=identity,
        name=name or slug.capitalize(),
        slug=slug,
        parent_id=parent.id if parent else None,
        path=[*(parent.path if parent else []), identity],
    )
    session.add(made)
    await session.flush()
    return made


async def product(
    session: AsyncSession,
    *channels: Channel,
    slug: str | None = None,
    name: str | None = None,
    type: ProductType | None = None,
    category: Category | None = None,
    tax_class: TaxClass | None = None,
    is_published: bool = True,
    published_at: datetime | None = LONG_AGO,
    visible_in_listings: bool = True,
    available_for_purchase_at: datetime | None = LONG_AGO,
    **columns: Any,
) -> Product:
    """A product without variants, listed in the channels; `columns` are the model's own."""
    slug = slug or f"product-{serial()}"
    made = Product(
        name=name or slug.capitalize(),
        slug=slug,
        product_type_id=(type or await product_type(session)).id,
        category_id=category.id if category else None,
        tax_class_id=tax_class.id if tax_class else None,
        **columns,
    )
    session.add(made)
    await session.flush()
    session.add_all(
        ProductListing(
            product_id=made.id,
            channel_id=channel.id,
            currency=channel.currency,
            is_published=is_published,
            published_at=published_at,
            visible_in_listings=visible_in_listings,
            available_for_purchase_at=available_for_purchase_at,
        )
        for channel in channels
    )
    await session.flush()
    return made


# `product` is a parameter's name below.
new_product = product


async def variant(
    session: AsyncSession,
    *channels: Channel,
    product: Product | None = None,
    sku: str | None = None,
    name: str | None = None,
    price: str | None = "10.00",
    prior_price: str | None = None,
    stock: int | None = 100,
    track_inventory: bool = True,
    **columns: Any,
) -> Variant:
    """A variant with its price in the channels (None: not sold there) and its stock, of a new product if none is given.

    A stock of None, or a variant that does not track it, has no row of stock.
    """
    number = serial()
    if product is None:
        product = await new_product(session, *channels)
    made = Variant(
        product_id=product.id,
        sku=sku or f"SKU-{number}",
        name=name or f"Variant {number}",
        track_inventory=track_inventory,
        **columns,
    )
    session.add(made)
    await session.flush()
    if price is not None:
        session.add_all(
            VariantListing(
                variant_id=made.id,
                channel_id=channel.id,
                currency=channel.currency,
                price_amount=Decimal(price),
                prior_price_amount=Decimal(prior_price) if prior_price else None,
            )
            for channel in channels
        )
    await session.flush()
    await refresh_listings(session, [product.id])
    if stock is not None and track_inventory and channels:
        await selling.stock(session, made.id, await selling.any_warehouse(session, channels[0]), stock)
    return made


async def collection(
    session: AsyncSession,
    *channels: Channel,
    slug: str | None = None,
    products: tuple[Product, ...] = (),
    is_published: bool = True,
    published_at: datetime | None = None,
) -> Collection:
    """A collection that is shown in the channels, with the products in this order."""
    slug = slug or f"collection-{serial()}"
    made = Collection(name=slug.capitalize(), slug=slug)
    session.add(made)
    await session.flush()
    session.add_all(
        CollectionListing(
            collection_id=made.id, channel_id=channel.id, is_published=is_published, published_at=published_at
        )
        for channel in channels
    )
    session.add_all(
        CollectionProduct(collection_id=made.id, product_id=product.id, sort_order=order)
        for order, product in enumerate(products)
    )
    await session.flush()
    return made


async def picture(
    session: AsyncSession, product: Product, *, alt: str = "A picture", sort_order: int = 0
) -> ProductMedia:
    """A picture of the product: rows only, there is no file behind it."""
    asset = Asset(path=f"pictures/{serial():032x}.png", mime_type="image/png", width=10, height=10, size_bytes=100)
    session.add(asset)
    await session.flush()
    made = ProductMedia(product_id=product.id, type="IMAGE", asset_id=asset.id, alt=alt, sort_order=sort_order)
    session.add(made)
    await session.flush()
    return made
