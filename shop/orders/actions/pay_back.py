"""Money of an order goes back for one of its visits or packages: to where it came from, and by hand where it cannot."""

import uuid
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.money import Money
from shop.orders.actions.gift_cards import refund_gift_card
from shop.payments.actions import raise_alert, request
from shop.payments.queries import transactions_of_purchase
from shop.payments.rules import GIFT_CARD

_NOBODY_TO_ASK = "MANUAL"


@dataclass(frozen=True, slots=True)
class PaidBack:
    """The wishes that are to be carried out, and what a person has to see to."""

    calls: tuple[uuid.UUID, ...]
    by_hand: Decimal


async def pay_back(
    session: AsyncSession,
    purchase_key: uuid.UUID,
    amount: Money,
    *,
    reason: str,
    why: str,
    by_user_id: int | None = None,
) -> PaidBack:
    """The amount is wished back from the purchase's payments, the oldest first.

    Gift cards have theirs at once. What was only authorised is released where all of it goes back. The rest (paid
    outside of the shop, or part of what waits to be charged) is an alert that says `why`. `reason` makes it once.
    Locks: purchase, held by the caller → transaction → gift card.
    """
    left = amount.amount
    calls = []
    for transaction in await transactions_of_purchase(session, purchase_key):
        if transaction.currency != amount.currency or left <= 0:
            continue
        part = min(left, transaction.charged_amount)
        if part > 0 and GIFT_CARD in transaction.request:
            await refund_gift_card(session, transaction.id, part, by_user_id=by_user_id, message=why, reason=reason)
        elif part > 0 and transaction.kind != _NOBODY_TO_ASK:
            calls.append(await request(session, transaction, "REFUND", part, reason=reason))
        elif 0 < transaction.authorized_amount <= left:
            part = transaction.authorized_amount
            calls.append(await request(session, transaction, "CANCEL", part, reason=reason))
        else:
            continue
        left -= part
    if left > 0:
        detail = f"{why}: {Money(left, amount.currency)} have to go back by hand, or are not to be charged."
        await raise_alert(session, kind="refund-by-hand", reference=reason, purchase_key=purchase_key, detail=detail)
    return PaidBack(tuple(calls), left)
