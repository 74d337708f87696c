"""Codes on a cart, of vouchers and of gift cards: a shopper gives one and takes it away again."""

import uuid
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.actions.gift_cards import attach_card, detach_card
from shop.checkout.actions.locked import change, lock
from shop.checkout.errors import NoSuchPromoCode
from shop.checkout.queries import of, price
from shop.checkout.rules import Actor, Cart
from shop.discounts.errors import InvalidPromoCode, VoucherNotApplicable
from shop.discounts.queries import voucher_of_code
from shop.discounts.rules import clean_code
from shop.giftcards.queries import card_of_code


async def add_promo_code(
    session: AsyncSession, checkout_id: uuid.UUID, code: str, *, actor: Actor, now: datetime
) -> Cart:
    """The checkout has the voucher of this code, instead of any other it had; or the gift card of it, beside others.

    Nothing is used up before the order. Locks: purchase, checkout.
    Raises: CheckoutNotFound, InvalidPromoCode, VoucherNotApplicable, GiftCardNotApplicable.
    """
    cart = await lock(session, checkout_id, actor)
    if (voucher_code := await _applicable(session, cart, code, now)) is not None:
        return await change(session, cart, voucher_code=voucher_code)
    if (changed := await attach_card(session, cart, code, now=now)) is not None:
        return changed
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
    if cart.voucher_code is not None and clean_code(cart.voucher_code) == clean_code(code):
        return await change(session, cart, voucher_code=None)
    card = await card_of_code(session, code) if cart.gift_cards_amount is not None else None
    changed = None if card is None else await detach_card(session, cart, card.id)
    if changed is None:
        raise NoSuchPromoCode("promoCode")
    return changed


async def remove_voucher(session: AsyncSession, checkout_id: uuid.UUID, voucher_id: int, *, actor: Actor) -> Cart:
    """The checkout has no code of this voucher any more.

    Locks: purchase, checkout. Raises: CheckoutNotFound, NoSuchPromoCode.
    """
    cart = await lock(session, checkout_id, actor)
    if cart.voucher_code is None or await voucher_of_code(session, cart.voucher_code) != voucher_id:
        raise NoSuchPromoCode("promoCodeId")
    return await change(session, cart, voucher_code=None)


async def remove_gift_card(session: AsyncSession, checkout_id: uuid.UUID, card_id: int, *, actor: Actor) -> Cart:
    """The gift card pays for the checkout no more.

    Locks: purchase, checkout. Raises: CheckoutNotFound, NoSuchPromoCode.
    """
    cart = await lock(session, checkout_id, actor)
    changed = await detach_card(session, cart, card_id)
    if changed is None:
        raise NoSuchPromoCode("promoCodeId")
    return changed
