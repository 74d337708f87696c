"""What staff ask of a payment: charge what is authorised, give back, release."""

import uuid
from collections.abc import Awaitable, Callable
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Units
from shop.payments import actions
from shop.payments.errors import UnknownTransaction
from shop.payments.flows.calls import Outcome, locked, run_call
from shop.payments.provider import Provider
from shop.payments.queries import TransactionRow, transaction_by_id


async def refund(
    units: Units, provider: Provider, transaction_id: uuid.UUID, amount: Decimal, *, reason: str
) -> Outcome | None:
    """That much is on its way back, once per `reason`. Raises: as `act`."""
    return await act(units, provider, transaction_id, "REFUND", amount, reason=reason)


async def capture(
    units: Units, provider: Provider, transaction_id: uuid.UUID, amount: Decimal, *, reason: str
) -> Outcome | None:
    """That much of the authorised amount is charged and the rest released, once per `reason`. Raises: as `act`."""
    return await act(units, provider, transaction_id, "CAPTURE", amount, reason=reason)


async def cancel(units: Units, provider: Provider, transaction_id: uuid.UUID, *, reason: str) -> Outcome | None:
    """An authorised amount is released, an open payment ended, once per `reason`. Raises: as `act`."""
    return await act(units, provider, transaction_id, "CANCEL", None, reason=reason)


Also = Callable[[AsyncSession, uuid.UUID, Decimal], Awaitable[None]]


async def act(
    units: Units,
    provider: Provider,
    transaction_id: uuid.UUID,
    action: str,
    amount: Decimal | None,
    *,
    reason: str,
    message: str | None = None,
    also: Also | None = None,
) -> Outcome | None:
    """The action, CAPTURE, REFUND or CANCEL, is on its way, once per `reason`; no `amount` means all there is.

    `also` hears of the purchase's key and the amount, in the unit of the wish. Raises: UnknownTransaction, NoProvider,
    ActionNotAvailable; ProviderError, after which it stays wished and is asked for again.
    """

    async def wish(session: AsyncSession) -> uuid.UUID:
        found = await transaction_by_id(session, transaction_id)
        if found is None:
            raise UnknownTransaction
        transaction = await locked(session, found)
        wanted = _whole(transaction, action) if amount is None else amount
        call_id = await actions.request(session, transaction, action, wanted, reason=reason, message=message)
        if also is not None:
            await also(session, transaction.purchase_key, wanted)
        return call_id

    return await run_call(units, provider, await units.run(wish))


def _whole(transaction: TransactionRow, action: str) -> Decimal:
    if action == "REFUND":
        return transaction.charged_amount
    return transaction.requested_amount if transaction.status == "OPEN" else transaction.authorized_amount
