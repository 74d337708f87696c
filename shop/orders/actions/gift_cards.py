"""What a gift card paid goes back to the card: no provider is asked, so that it is one unit of work."""

import uuid
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from shop.giftcards.actions import give_back
from shop.kit.db import lock_purchase
from shop.orders.actions.locked import note
from shop.orders.queries import order_of_purchase
from shop.payments.actions import refund_manual
from shop.payments.queries import transaction_by_id, transactions_of_purchase
from shop.payments.rules import GIFT_CARD


async def refund_gift_card(
    session: AsyncSession,
    transaction_id: uuid.UUID,
    amount: Decimal | None,
    *,
    by_user_id: int | None = None,
    message: str | None = None,
    reason: str | None = None,
) -> bool:
    """The card that this payment came from has so much again, no `amount` means all of it. False: it came from none.

    `reason` makes it once; `message` is for people.
    Locks: purchase → transaction → gift card. Raises: ActionNotAvailable.
    """
    found = await transaction_by_id(session, transaction_id)
    if found is None or GIFT_CARD not in found.request:
        return False
    await lock_purchase(session, found.purchase_key)
    transaction = await transaction_by_id(session, transaction_id)
    assert transaction is not None
    wanted = transaction.charged_amount if amount is None else amount
    if not await refund_manual(session, transaction, wanted, message=message, reason=reason):
        return True
    order = await order_of_purchase(session, transaction.purchase_key)
    await give_back(
        session,
        transaction.request[GIFT_CARD],
        wanted,
        order_id=None if order is None else order.id,
        by_user_id=by_user_id,
    )
    if order is not None:
        parameters = {"amount": str(wanted), "transaction": str(transaction_id)}
        await note(session, order.id, "TRANSACTION_REFUND_REQUESTED", parameters, by_user_id=by_user_id)
    return True


async def refund_gift_cards(
    session: AsyncSession, purchase_key: uuid.UUID, *, by_user_id: int | None, message: str
) -> None:
    """Every card that paid for the purchase has again what of it did not go back before.

    Locks: purchase, held by the caller → transaction → gift card.
    """
    for transaction in await transactions_of_purchase(session, purchase_key):
        if GIFT_CARD in transaction.request and transaction.charged_amount > 0:
            await refund_gift_card(session, transaction.id, None, by_user_id=by_user_id, message=message)
