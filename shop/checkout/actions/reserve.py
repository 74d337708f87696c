"""Stock kept for a checkout's buyer while they make up their mind, where the shop wants it so."""

from collections.abc import Collection
from typing import Any, Final, cast

from sqlalchemy import (
    Integer,
    Interval,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Variant
from shop.checkout.models import CheckoutLine
from shop.checkout.rules import Cart
from shop.kit.db import send
from shop.stock.errors import InsufficientStock
from shop.stock.models import Reservation, Stock, WarehouseChannel
from shop.stock.supply import free, supplies

_cart: Final = bindparam("cart_id", type_=Uuid())
_channel: Final = bindparam("channel_id", type_=Integer)
_supplying: Final = supplies(_channel, bindparam("country", type_=Text))

_wanted: Final = (
    select(CheckoutLine.variant_id, func.sum(CheckoutLine.quantity).cast(Integer).label("quantity"))
    .join(Variant, Variant.id == CheckoutLine.variant_id)
    .where(CheckoutLine.checkout_id == _cart, Variant.track_inventory)
    .group_by(CheckoutLine.variant_id)
    .cte("wanted")
)
# By id, as orders take them. A statement of its own: the next one sees what others kept until the locks came.
_LOCK: Final = (
    select(Stock.id)
    .where(Stock.variant_id.in_(select(_wanted.c.variant_id)), _supplying)
    .order_by(Stock.id)
    .with_for_update(of=Stock)
)
_shelf: Final = (
    select(Stock.id, Stock.variant_id, free(_cart).label("free"), WarehouseChannel.sort_order.label("position"))
    .join(
        WarehouseChannel,
        (WarehouseChannel.warehouse_id == Stock.warehouse_id) & (WarehouseChannel.channel_id == _channel),
    )
    .where(Stock.variant_id.in_(select(_wanted.c.variant_id)), _supplying)
    .cte("shelf")
)
# What the shelves before this one give already: they serve in the channel's order, as they do for orders.
_before: Final = func.coalesce(
    func.sum(_shelf.c.free).over(
        partition_by=_shelf.c.variant_id, order_by=(_shelf.c.position, _shelf.c.id), rows=(None, -1)
    ),
    0,
)
_share: Final = (
    select(
        _shelf.c.id,
        _shelf.c.variant_id,
        func.least(_shelf.c.free, _wanted.c.quantity - _before).cast(Integer).label("quantity"),
    )
    .join(_wanted, _wanted.c.variant_id == _shelf.c.variant_id)
    .cte("share")
)
_insert: Final = insert(cast("Table", Reservation.__table__)).from_select(
    ["stock_id", "checkout_id", "quantity", "expires_at"],
    select(
        _share.c.id,
        _cart,
        _share.c.quantity,
        func.statement_timestamp() + bindparam("minutes", type_=Integer) * literal("1 minute").cast(Interval),
    ).where(_share.c.quantity > 0),
)
_keep: Final = (
    _insert.on_conflict_do_update(
        index_elements=["stock_id", "checkout_id"],
        set_={"quantity": _insert.excluded.quantity, "expires_at": _insert.excluded.expires_at},
    )
    .returning(Reservation.stock_id)
    .cte("keep")
)
_release: Final = (
    delete(Reservation)
    .where(
        Reservation.checkout_id == _cart,
        Reservation.stock_id.not_in(select(_share.c.id).where(_share.c.quantity > 0)),
    )
    .returning(Reservation.stock_id)
    .cte("release")
)
_held: Final = (
    select(func.coalesce(func.sum(func.greatest(_share.c.quantity, 0)), 0).cast(Integer))
    .where(_share.c.variant_id == _wanted.c.variant_id)
    .correlate(_wanted)
    .scalar_subquery()
)
# variant_id, wanted, held: for each variant of the checkout whose inventory is tracked.
_KEEP: Final = select(_wanted.c.variant_id, _wanted.c.quantity, _held).add_cte(_keep, _release)


async def keep_stock(session: AsyncSession, cart: Cart, asked: Collection[int] = ()) -> None:
    """What lies in the checkout is kept for its buyer, from now on and for as long as the shop says.

    The variants that were `asked` for in full; of the others as much as there is. Nothing happens in a shop that keeps
    none. Locks: the variants' stocks, by id; the caller has locked the checkout. Raises: InsufficientStock.
    """
    if not cart.reserve_minutes:
        return
    where: dict[str, Any] = {"cart_id": cart.id, "channel_id": cart.channel_id, "country": cart.country}
    await send(session, _LOCK, **where)
    rows = await send(session, _KEEP, minutes=cart.reserve_minutes, **where)
    short = {variant_id: held for variant_id, wanted, held in rows if held < wanted and variant_id in asked}
    if short:
        raise InsufficientStock(short, field="quantity")
