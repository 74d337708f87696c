"""How it gets there: what is offered, and what was chosen."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast

from sqlalchemy import Integer, Numeric, Table, Text, Uuid, any_, bindparam, func, not_, select, true, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.actions.locked import change, lock, touch
from shop.checkout.errors import NotReady
from shop.checkout.models import Delivery
from shop.checkout.queries import lines, of
from shop.checkout.rules import Actor, Cart, Line, entered_subtotal, requires_shipping, weight_kg
from shop.kit.db import send
from shop.kit.errors import NotFound
from shop.shipping.queries import OFFERED, terms
from shop.shipping.rules import applies


@dataclass(frozen=True, slots=True)
class Option:
    """A way of delivery that the checkout may choose, at the price it was offered for."""

    delivery_id: uuid.UUID
    method_id: int
    name: str
    price_amount: Decimal


_offered: Final = (
    func.unnest(
        bindparam("method_ids", type_=ARRAY(Integer)),
        bindparam("names", type_=ARRAY(Text)),
        bindparam("prices", type_=ARRAY(Numeric(14, 3))),
    )
    .table_valued("method_id", "name", "price_amount", name="offered")
    .render_derived()
)
_insert: Final = insert(cast("Table", Delivery.__table__)).from_select(
    ["checkout_id", "currency", "method_id", "name", "price_amount"],
    select(
        bindparam("cart_id", type_=Uuid()),
        bindparam("cart_currency", type_=Text),
        _offered.c.method_id,
        _offered.c.name,
        _offered.c.price_amount,
    ),
)
_OFFER: Final = _insert.on_conflict_do_update(
    index_elements=["checkout_id", "method_id"],
    set_={
        "name": _insert.excluded.name,
        "price_amount": _insert.excluded.price_amount,
        "is_valid": true(),
    },
).returning(Delivery.id, Delivery.method_id)
_WITHDRAW: Final = (
    update(Delivery)
    .where(
        Delivery.checkout_id == bindparam("cart_id", type_=Uuid()),
        not_(Delivery.method_id == any_(bindparam("method_ids", type_=ARRAY(Integer)))),
        Delivery.is_valid,
    )
    .values(is_valid=False)
    .returning(Delivery.id)
)
_KNOWN: Final = select(Delivery.id).where(
    Delivery.id == bindparam("delivery_id", type_=Uuid()),
    Delivery.checkout_id == bindparam("cart_id", type_=Uuid()),
)


async def calculate_deliveries(
    session: AsyncSession, checkout_id: uuid.UUID, *, actor: Actor
) -> tuple[Cart, list[Option]]:
    """The checkout, and the ways of delivery that fit address, price and weight, each kept with its price of now.

    None where nothing has to be sent or the address is not known yet. Offers made before that no longer fit are marked
    invalid. Locks: purchase, checkout. Raises: CheckoutNotFound.
    """
    cart = await lock(session, checkout_id, actor)
    its_lines = (await lines(of(session), [checkout_id])).get(checkout_id, [])
    options = await _offer(session, cart, its_lines)
    return await touch(session, cart), options


async def choose_delivery(
    session: AsyncSession,
    checkout_id: uuid.UUID,
    *,
    delivery_id: uuid.UUID | None = None,
    method_id: int | None = None,
    actor: Actor,
) -> Cart:
    """The goods go by that delivery, at its price of now; with neither id, none is chosen any more.

    Either an offer's id or, as older clients send, the shipping method's. Locks: purchase, checkout.
    Raises: CheckoutNotFound, NotFound, NotReady (SHIPPING_NOT_REQUIRED, SHIPPING_ADDRESS_NOT_SET,
    DELIVERY_METHOD_NOT_APPLICABLE).
    """
    cart = await lock(session, checkout_id, actor)
    if delivery_id is None and method_id is None:
        return await change(session, cart, delivery_id=None)
    its_lines = (await lines(of(session), [checkout_id])).get(checkout_id, [])
    if not requires_shipping(its_lines):
        raise NotReady("Nothing in this checkout has to be sent.", code="SHIPPING_NOT_REQUIRED", field="deliveryMethod")
    if cart.shipping_address_id is None:
        raise NotReady(
            "The shipping address comes before the delivery.", code="SHIPPING_ADDRESS_NOT_SET", field="shippingAddress"
        )
    options = await _offer(session, cart, its_lines)
    chosen = next((one for one in options if delivery_id == one.delivery_id or method_id == one.method_id), None)
    if chosen is None:
        if delivery_id is not None and not await _is_known(session, cart, delivery_id):
            raise NotFound("The checkout has no such delivery.", field="deliveryMethodId")
        raise NotReady(
            "This way of delivery does not fit the checkout.",
            code="DELIVERY_METHOD_NOT_APPLICABLE",
            field="deliveryMethod",
        )
    return await change(session, cart, delivery_id=chosen.delivery_id)


async def _offer(session: AsyncSession, cart: Cart, its_lines: Sequence[Line]) -> list[Option]:
    fitting: dict[int, tuple[str, Decimal]] = {}
    if requires_shipping(its_lines) and cart.shipping_address_id is not None:
        subtotal, weight = entered_subtotal(its_lines), weight_kg(its_lines)
        for row in await send(session, OFFERED, channel_id=cart.channel_id, country=cart.country):
            its_terms = terms(row, 1)
            if applies(its_terms, subtotal=subtotal, weight_kg=weight):
                fitting[row[0]] = (its_terms.name, its_terms.price_amount)
    known: dict[int, uuid.UUID] = {}
    if fitting:
        offered = await send(
            session,
            _OFFER,
            cart_id=cart.id,
            cart_currency=cart.currency,
            method_ids=list(fitting),
            names=[name for name, _ in fitting.values()],
            prices=[price for _, price in fitting.values()],
        )
        known = {method_id: delivery_id for delivery_id, method_id in offered}
    await send(session, _WITHDRAW, cart_id=cart.id, method_ids=list(fitting))
    return [Option(known[method_id], method_id, name, price) for method_id, (name, price) in fitting.items()]


async def _is_known(session: AsyncSession, cart: Cart, delivery_id: uuid.UUID) -> bool:
    return bool(await send(session, _KNOWN, delivery_id=delivery_id, cart_id=cart.id))
