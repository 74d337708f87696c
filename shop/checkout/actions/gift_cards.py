"""Gift cards on a cart: given, taken away, and spent by its order."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Integer, Uuid, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.actions.locked import change
from shop.checkout.models import CheckoutGiftCard
from shop.checkout.rules import CARDS_LIMIT, Cart
from shop.giftcards.actions import Buyer, spend
from shop.giftcards.errors import GiftCardNotApplicable
from shop.giftcards.models import GiftCard
from shop.giftcards.queries import card_columns, card_of_code
from shop.giftcards.rules import Card, is_theirs, refusal
from shop.kit.db import send
from shop.kit.errors import Invalid
from shop.payments.actions import record_manual
from shop.payments.rules import GIFT_CARD, GIFT_CARD_GATEWAY_ID

_cart: Final = bindparam("cart_id", type_=Uuid())
_CARDS: Final = (
    select(*card_columns)
    .join(CheckoutGiftCard, CheckoutGiftCard.card_id == GiftCard.id)
    .where(CheckoutGiftCard.checkout_id == _cart)
    .order_by(CheckoutGiftCard.created_at, GiftCard.id)
)
_NUMBER: Final = select(func.count()).where(CheckoutGiftCard.checkout_id == _cart)
_ATTACH: Final = (
    insert(CheckoutGiftCard)
    .values(checkout_id=_cart, card_id=bindparam("card_id", type_=Integer))
    .on_conflict_do_nothing()
)
_DETACH: Final = (
    delete(CheckoutGiftCard)
    .where(CheckoutGiftCard.checkout_id == _cart, CheckoutGiftCard.card_id == bindparam("card_id", type_=Integer))
    .returning(CheckoutGiftCard.card_id)
)


async def attach_card(session: AsyncSession, cart: Cart, code: str, *, now: datetime) -> Cart | None:
    """The card of this code pays for the checkout, as far as it reaches; None where no card has it.

    Another customer's is none: who tries codes out learns nothing of it. The caller has locked the checkout.
    Raises: GiftCardNotApplicable, Invalid.
    """
    card = await card_of_code(session, code)
    if card is None or not is_theirs(card, cart.user_id, cart.email):
        return None
    refused = _refusal(card, cart, now)
    if refused is not None:
        raise GiftCardNotApplicable(refused, field="promoCode")
    [[number]] = await send(session, _NUMBER, cart_id=cart.id)
    if number >= CARDS_LIMIT:
        raise Invalid(f"A checkout takes at most {CARDS_LIMIT} gift cards.", field="promoCode")
    await send(session, _ATTACH, cart_id=cart.id, card_id=card.id)
    return await change(session, cart)


async def detach_card(session: AsyncSession, cart: Cart, card_id: int) -> Cart | None:
    """The card pays for the checkout no more; None where it did not. The caller has locked the checkout."""
    gone = await send(session, _DETACH, cart_id=cart.id, card_id=card_id)
    return await change(session, cart) if gone else None


async def check_cards(session: AsyncSession, cart: Cart, *, now: datetime) -> None:
    """Every card of the checkout can be spent. Raises: GiftCardNotApplicable."""
    for row in await _cards(session, cart):
        refused = _refusal(row, cart, now)
        if refused is not None:
            raise GiftCardNotApplicable(f"{refused} It has to be removed from the checkout.")


async def pay_with_cards(
    session: AsyncSession, cart: Cart, amount: Decimal, *, email: str, order_id: uuid.UUID, now: datetime
) -> None:
    """The checkout's cards have paid so much of its order, each as a payment of its own in the ledger.

    Locks: the cards, by id; the caller holds the purchase's. Raises: GiftCardNotApplicable.
    """
    ids = [card.id for card in await _cards(session, cart)]
    buyer = Buyer(cart.currency, cart.user_id, email)
    spent = await spend(session, ids, amount, buyer, order_id=order_id, now=now)
    for card_id, (last_characters, paid) in spent.items():
        await record_manual(
            session,
            cart.id,
            paid,
            cart.currency,
            gateway_id=GIFT_CARD_GATEWAY_ID,
            name=f"Gift card {last_characters}",
            remembered={GIFT_CARD: card_id},
        )


async def _cards(session: AsyncSession, cart: Cart) -> Sequence[Card]:
    return [Card(*row) for row in await send(session, _CARDS, cart_id=cart.id)]


def _refusal(card: Card, cart: Cart, now: datetime) -> str | None:
    return refusal(card, currency=cart.currency, user_id=cart.user_id, email=cart.email, today=now.date())
