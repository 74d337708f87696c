"""Codes on a cart: a shopper gives one and takes it away again."""

import uuid
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.actions.locked import change, lock
from shop.checkout.errors import NoSuchPromoCode
from shop.checkout.queries import of, price
from shop.checkout.rules import Actor, Cart
from shop.discounts.errors import InvalidPromoCode, VoucherNotApplicable
from shop.discounts.queries import voucher_of_code
from shop.discounts.rules import clean_code


async def add_promo_code(
    session: AsyncSession, checkout_id: uuid.UUID, code: str, *, actor: Actor, now: datetime
) -> Cart:
    """The checkout has the voucher of this code, instead of any other it had. Nothing is counted before the order.

    Locks: purchase, checkout. Raises: CheckoutNotFound, InvalidPromoCode, VoucherNotApplicable.
    """
    cart = await lock(session, checkout_id, actor)
    if (voucher_code := await _applicable(session, cart, code, now)) is not None:
        return await change(session, cart, voucher_code=voucher_code)
    raise InvalidPromoCode


async def _applicable(session: AsyncSession, cart: Cart, code: str, now: datetime) -> str | None:
    """The code as its voucher spells it; None where no voucher has it."""
    deal = (await price(of(session), [replace(cart, voucher_code=code)], now=now))[cart.id].deal
    if deal.voucher is None:
        return None
    if deal.refusal is not None:
        raise InvalidPromoCode if deal.refusal.of_code else VoucherNotApplicable(deal.refusal.text)
    return deal.voucher.code


async def remove_promo_code(session: AsyncSession, checkout_id: uuid.UUID, code: str, *, actor: Actor) -> Cart:
    """The checkout has this code no more. Locks: purchase, checkout. Raises: CheckoutNotFound, NoSuchPromoCode."""
    cart = await lock(session, checkout_id, actor)
    if cart.voucher_code is None or clean_code(cart.voucher_code) != clean_code(code):
        raise NoSuchPromoCode("promoCode")
    return await change(session, cart, voucher_code=None)


async def remove_voucher(session: AsyncSession, checkout_id: uuid.UUID, voucher_id: int, *, actor: Actor) -> Cart:
    """The checkout has no code of this voucher any more.

    Locks: purchase, checkout. Raises: CheckoutNotFound, NoSuchPromoCode.
    """
    cart = await lock(session, checkout_id, actor)
    if cart.voucher_code is None or await voucher_of_code(session, cart.voucher_code) != voucher_id:
        raise NoSuchPromoCode("promoCodeId")
    return await change(session, cart, voucher_code=None)
