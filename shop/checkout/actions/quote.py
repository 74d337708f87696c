"""What a checkout costs now, in the form that payments ask for."""

import uuid
from typing import Final

from sqlalchemy import Integer, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.queries.holds import holds_by_line
from shop.catalogue.models import Product, Variant
from shop.channels.models import Channel
from shop.checkout.actions.slots import services_of, to_pay_later
from shop.checkout.errors import CheckoutNotFound
from shop.checkout.models import Checkout
from shop.checkout.queries import of, priced
from shop.checkout.rules import Actor, may_touch, payable
from shop.kit import clock
from shop.kit.db import send
from shop.kit.errors import Conflict
from shop.kit.money import ZERO
from shop.orders.queries import order_of_checkout
from shop.payments.actions import Due
from shop.payments.provider import PaymentLine

_OWNER: Final = select(Checkout.user_id).where(Checkout.id == bindparam("checkout_id", type_=Uuid()))
_NAMES: Final = (
    select(
        Variant.id,
        Product.name,
        Variant.name,
        select(Channel.transaction_flow_strategy)
        .where(Channel.id == bindparam("channel_id", type_=Integer))
        .scalar_subquery(),
    )
    .join(Product, Product.id == Variant.product_id)
    .where(Variant.id == any_(bindparam("variant_ids", type_=ARRAY(Integer))))
)


async def allow(session: AsyncSession, checkout_id: uuid.UUID, actor: Actor) -> None:
    """The actor may pay for this purchase, be it a checkout still or an order already.

    Raises: CheckoutNotFound, also for somebody else's.
    """
    found = await send(session, _OWNER, checkout_id=checkout_id)
    if found:
        owner = found[0]["user_id"]
    else:
        order = await order_of_checkout(session, checkout_id)
        if order is None:
            raise CheckoutNotFound
        owner = order.user_id
    if not may_touch(actor, owner):
        raise CheckoutNotFound


async def quote(session: AsyncSession, checkout_id: uuid.UUID, actor: Actor) -> Due:
    """What is to be paid for the checkout now, with its lines, and how its channel takes payments.

    Raises: CheckoutNotFound, also for somebody else's; Conflict while a voucher does not apply or a time is missing.
    """
    found = (await priced(of(session), [checkout_id], now=clock.now())).get(checkout_id)
    if found is None or not may_touch(actor, found.cart.user_id):
        raise CheckoutNotFound
    if found.deal.refusal is not None:
        # Nobody pays for what could not become an order.
        raise Conflict(f"{found.deal.refusal.text} It has to be removed before paying.", field="id")
    variant_ids = sorted({line.offer.variant_id for line in found.lines})
    rows = await send(session, _NAMES, variant_ids=variant_ids, channel_id=found.cart.channel_id)
    names: dict[int, str] = {}
    flow = "CHARGE"
    for variant_id, product, variant, flow in rows:  # noqa: B007 - the channel's, the same in each row
        names[variant_id] = ", ".join(part for part in (product, variant) if part)
    services = await services_of(session, found.lines)
    visits = [line for line in found.lines if line.offer.variant_id in services]
    held = await holds_by_line(of(session), [line.id for line in visits]) if visits else {}
    for line in visits:
        if line.id not in held:
            raise Conflict(f"A time has to be chosen for {names[line.offer.variant_id]} before paying.", field="id")
    later = to_pay_later(services, found.lines, found.totals)
    lines = [
        PaymentLine(
            f"{names[line.offer.variant_id]} (deposit)" if line.id in later else names[line.offer.variant_id],
            line.quantity,
            found.totals.lines[line.id].total.gross - later.get(line.id, ZERO),
        )
        for line in found.lines
    ]
    if found.totals.shipping.gross:
        lines.append(PaymentLine(found.cart.delivery_name or "Delivery", 1, found.totals.shipping.gross))
    at_the_visit = sum(later.values(), ZERO)
    due = max(payable(found.cart, found.totals.total).gross - at_the_visit, ZERO)
    if due != found.totals.total.gross - at_the_visit:
        # Lines add up to what is paid, and a gift card is none of them.
        lines = [PaymentLine("Order, less gift cards", 1, due)]
    return Due(due, found.cart.currency, flow, found.cart.email, tuple(lines))
