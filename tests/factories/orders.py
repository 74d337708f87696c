"""Orders that nobody has paid yet: quickly made, without a provider."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.catalogue.models import Variant
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.rules import SYSTEM
from shop.kit import clock, ids
from shop.orders.models import OrderLine
from tests.factories.catalogue import variant
from tests.factories.checkout import checkout, postal_address
from tests.factories.payments import Shop, shop
from tests.factories.selling import any_warehouse


@dataclass(frozen=True)
class Placed:
    """An order, its lines in their order, and the warehouse that its goods lie in; with their global IDs."""

    key: uuid.UUID
    line_keys: tuple[uuid.UUID, ...]
    warehouse_key: uuid.UUID
    shop: Shop

    @property
    def id(self) -> str:
        """Global ID of the order."""
        return ids.encode("Order", self.key)

    @property
    def lines(self) -> list[str]:
        """Global IDs of its lines."""
        return [ids.encode("OrderLine", key) for key in self.line_keys]

    @property
    def warehouse(self) -> str:
        """Global ID of the warehouse."""
        return ids.encode("Warehouse", self.warehouse_key)


async def unpaid_order(
    session: AsyncSession,
    *,
    of: Shop | None = None,
    quantities: tuple[int, ...] = (2,),
    stock: int = 10,
    user: User | None = None,
    confirmed: bool = True,
    tracked: bool = True,
) -> Placed:
    """An order with a line of 10.00 for each quantity, sent for 5.00, in a channel that takes unpaid orders."""
    of = of or await shop(session, stock=stock)
    of.channel.allow_unpaid_orders = True
    of.channel.automatically_confirm_new_orders = confirmed
    await session.flush()
    lines: Mapping[Variant, int] = {
        await variant(session, of.channel, price="10.00", stock=stock, track_inventory=tracked): quantity
        for quantity in quantities
    }
    cart = await checkout(
        session,
        of.channel,
        lines,
        user=user,
        email=user.email if user is not None else "buyer@example.com",
        shipping_address=postal_address(),
        billing_address=postal_address(),
        delivery=of.parcel,
    )
    key = await complete(session, cart.id, Completion(SYSTEM), now=clock.now())
    rows = await session.scalars(select(OrderLine.id).where(OrderLine.order_id == key).order_by(OrderLine.sort_order))
    warehouse = await any_warehouse(session, of.channel)
    return Placed(key, tuple(rows), warehouse.id, of)
