"""Hand-picked lists of products: they are made, filled, put in order and shown channel by channel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypedDict

from sqlalchemy import Integer, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.rules.given import moved
from shop.catalogue.errors import (
    ChannelsNotFound,
    CollectionNotFound,
    CollectionsNotFound,
    NamedTwice,
    ProductsNotFound,
)
from shop.catalogue.events import ProductsChanged
from shop.catalogue.models import Collection, CollectionListing, CollectionProduct, Product
from shop.catalogue.rules import checked, checked_new, repeated
from shop.channels.models import Channel
from shop.kit.db.rows import insert_row, missing_of, put_in_order, update_row
from shop.kit.errors import NotFound
from shop.kit.events import publish


class CollectionFields(TypedDict, total=False):
    """What is written of a collection; what is left out stays."""

    name: str | None
    # Empty, of a new one: made of the name.
    slug: str | None
    description: Mapping[str, Any] | None
    seo_title: str | None
    seo_description: str | None
    background_image_alt: str | None
    metadata_public: Mapping[str, str]
    metadata_private: Mapping[str, str]


class Shown(TypedDict, total=False):
    """Whether a collection is shown in a channel; what is left out stays."""

    is_published: bool
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownIn:
    """How a collection is shown in one channel."""

    channel_id: int
    shown: Shown


_PRODUCTS: Final = select(CollectionProduct.product_id).order_by(
    CollectionProduct.sort_order, CollectionProduct.product_id
)


async def create_collection(session: AsyncSession, given: CollectionFields, product_ids: Sequence[int] = ()) -> int:
    """There is a collection of these products, in this order. Raises: Many of Invalid and Taken, ProductsNotFound."""
    values = checked_new(given)
    key = await insert_row(session, Collection, values)
    await _add(session, key, product_ids)
    return key


async def update_collection(session: AsyncSession, collection_id: int, given: CollectionFields) -> None:
    """The collection has these fields. Raises: CollectionNotFound, Many of Invalid and Taken. Locks: the collection."""
    await update_row(session, Collection, collection_id, checked(given), CollectionNotFound())


async def delete_collection(session: AsyncSession, collection_id: int) -> None:
    """The collection is gone; its products stay. Raises: CollectionNotFound. Locks: the collection."""
    await _hold(session, collection_id, "id")
    products = await session.execute(_PRODUCTS.where(CollectionProduct.collection_id == collection_id))
    await session.execute(delete(Collection).where(Collection.id == collection_id))
    await _tell(session, products.scalars())


async def add_products(session: AsyncSession, collection_id: int, product_ids: Sequence[int]) -> None:
    """The collection holds these products too, after those that it holds.

    Raises: CollectionNotFound, ProductsNotFound. Locks: the collection.
    """
    await _hold(session, collection_id, "collectionId")
    await _add(session, collection_id, product_ids)


async def put_into(session: AsyncSession, product_id: int, collection_ids: Sequence[int]) -> None:
    """The product stands in exactly these collections, last in those that it comes to.

    Raises: CollectionsNotFound. Locks: the collections, by id.
    """
    rows = await session.execute(
        select(Collection.id)
        .where(
            Collection.id.in_(collection_ids)
            | Collection.id.in_(
                select(CollectionProduct.collection_id).where(CollectionProduct.product_id == product_id)
            )
        )
        .order_by(Collection.id)
        .with_for_update()
    )
    held = set(rows.scalars())
    if set(collection_ids) - held:
        raise CollectionsNotFound
    await session.execute(
        delete(CollectionProduct).where(
            CollectionProduct.product_id == product_id, CollectionProduct.collection_id.not_in(collection_ids)
        )
    )
    last = select(
        Collection.id,
        literal(product_id, Integer),
        func.coalesce(
            select(func.max(CollectionProduct.sort_order))
            .where(CollectionProduct.collection_id == Collection.id)
            .scalar_subquery(),
            -1,
        )
        + 1,
    ).where(Collection.id.in_(collection_ids))
    await session.execute(
        upsert(CollectionProduct)
        .from_select(["collection_id", "product_id", "sort_order"], last)
        .on_conflict_do_nothing()
    )


async def remove_products(session: AsyncSession, collection_id: int, product_ids: Sequence[int]) -> None:
    """The collection holds none of these products. Raises: CollectionNotFound. Locks: the collection."""
    await _hold(session, collection_id, "collectionId")
    gone = await session.execute(
        delete(CollectionProduct)
        .where(CollectionProduct.collection_id == collection_id, CollectionProduct.product_id.in_(product_ids))
        .returning(CollectionProduct.product_id)
    )
    await _tell(session, gone.scalars())


async def reorder_products(session: AsyncSession, collection_id: int, moves: Sequence[tuple[int, int]]) -> None:
    """The collection's products are in the order that the moves make.

    Raises: CollectionNotFound, NotFound for a product that it does not hold. Locks: the collection.
    """
    await _hold(session, collection_id, "collectionId")
    holds = await session.execute(_PRODUCTS.where(CollectionProduct.collection_id == collection_id))
    try:
        order = moved(list(holds.scalars()), moves)
    except KeyError:
        raise NotFound("The collection does not hold this product.", field="moves") from None
    of_collection = CollectionProduct.collection_id == collection_id
    await put_in_order(session, CollectionProduct.product_id, order, of_collection)


async def show_collection(
    session: AsyncSession, collection_id: int, shown: Sequence[ShownIn], hidden: Sequence[int], *, now: datetime
) -> None:
    """The collection is shown in channels as said, and is not listed in the `hidden` ones.

    One that is published without a date is published now. Raises: CollectionNotFound, NamedTwice, ChannelsNotFound.
    Locks: the collection.
    """
    await _hold(session, collection_id, "id")
    channel_ids = [each.channel_id for each in shown]
    if twice := repeated([*channel_ids, *dict.fromkeys(hidden)]):
        raise NamedTwice(twice, field="addChannels")
    if missing := await missing_of(session, Channel, channel_ids):
        raise ChannelsNotFound(missing, field="addChannels")
    await session.execute(
        delete(CollectionListing).where(
            CollectionListing.collection_id == collection_id, CollectionListing.channel_id.in_(hidden)
        )
    )
    for each in shown:
        values = {"collection_id": collection_id, "channel_id": each.channel_id}
        # Where it is listed already, what is left out stays: a key is written again, since something must be.
        await session.execute(
            upsert(CollectionListing)
            .values(**values, **each.shown)
            .on_conflict_do_update(index_elements=["collection_id", "channel_id"], set_={**values, **each.shown})
        )
    await session.execute(
        update(CollectionListing)
        .where(
            CollectionListing.collection_id == collection_id,
            CollectionListing.channel_id.in_(channel_ids),
            CollectionListing.is_published,
            CollectionListing.published_at.is_(None),
        )
        .values(published_at=now)
    )


async def _hold(session: AsyncSession, collection_id: int, field: str) -> None:
    found = await session.execute(select(Collection.id).where(Collection.id == collection_id).with_for_update())
    if found.first() is None:
        raise CollectionNotFound(field=field)


async def _add(session: AsyncSession, collection_id: int, product_ids: Sequence[int]) -> None:
    """What it holds already stays where it is. The caller holds the collection."""
    if not product_ids:
        return
    if missing := await missing_of(session, Product, product_ids):
        raise ProductsNotFound(missing)
    last = select(func.coalesce(func.max(CollectionProduct.sort_order), -1)).where(
        CollectionProduct.collection_id == collection_id
    )
    start = (await session.execute(last)).scalar_one() + 1
    rows = [
        {"collection_id": collection_id, "product_id": product_id, "sort_order": start + at}
        for at, product_id in enumerate(dict.fromkeys(product_ids))
    ]
    added = await session.execute(
        upsert(CollectionProduct).values(rows).on_conflict_do_nothing().returning(CollectionProduct.product_id)
    )
    await _tell(session, added.scalars())


async def _tell(session: AsyncSession, product_ids: Iterable[int]) -> None:
    if ids := tuple(sorted(product_ids)):
        await publish(session, ProductsChanged(ids))
