"""Sessions of a package are handed in for money: they are gone and their worth is wished back, in one unit."""

import uuid
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions import entitlements
from shop.booking.errors import EntitlementNotFound
from shop.booking.queries.entitlements import entitlement, purchase_of_sessions
from shop.kit.db import lock_purchase
from shop.kit.errors import Invalid
from shop.kit.money import Money, quantum
from shop.orders.actions.locked import note
from shop.orders.actions.pay_back import pay_back
from shop.orders.queries import order_of_purchase


@dataclass(frozen=True, slots=True)
class RefundedSessions:
    """What is paid back, how its wishes are called in the payments' ledger, and the wishes; the caller asks at once.

    `is_over`: beyond the wishes nothing is left for a person to do.
    """

    refund: Money
    purchase_key: uuid.UUID
    reason: str
    calls: tuple[uuid.UUID, ...]
    is_over: bool


async def refund_sessions(
    session: AsyncSession, entitlement_id: uuid.UUID, *, session_price: Decimal | None, by_user_id: int | None
) -> RefundedSessions:
    """All unused sessions are gone, and what they are worth goes back to whoever paid for the package.

    Also sessions that were handed on: the money returns where it came from. `session_price`: what each used session
    costs alone, where that is charged instead of its share.
    Locks: purchase → transactions → entitlement. Raises: EntitlementNotFound, Invalid, PackageUnpaid,
    PackageDisputed, PackageExhausted.
    """
    found = await entitlement(session, entitlement_id)
    if found is None:
        raise EntitlementNotFound
    if session_price is not None and session_price % quantum(found.currency):
        raise Invalid(f"This is no amount of {found.currency}.", field="sessionPrice")
    key = await purchase_of_sessions(session, entitlement_id)
    if key is None:
        raise Invalid("Nothing was paid for these sessions.", field="id")
    await lock_purchase(session, key)
    list_price = None if session_price is None else Money(session_price, found.currency)
    gone = await entitlements.take_back(session, entitlement_id, list_price=list_price, by_user_id=by_user_id)
    # An entitlement that staff filled up again may be handed in again: each time is a wish of its own.
    reason = f"sessions:{entitlement_id}:{gone.seq}"
    why = f"{gone.sessions} sessions of {found.name!r} were handed in"
    paid_back = await pay_back(session, key, gone.value, reason=reason, why=why, by_user_id=by_user_id)
    order = await order_of_purchase(session, key)
    if order is not None:
        parameters = {"amount": str(gone.value.amount), "message": f"{why}."}
        await note(session, order.id, "TRANSACTION_REFUND_REQUESTED", parameters, by_user_id=by_user_id)
    return RefundedSessions(gone.value, key, reason, paid_back.calls, is_over=not paid_back.by_hand)
