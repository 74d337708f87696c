"""What staff ask of a payment: charge what is authorised, give back, release."""

import uuid
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Units
from shop.payments import actions
from shop.payments.errors import UnknownTransaction
from shop.payments.flows.calls import Outcome, locked, run_call
from shop.payments.provider import Provider
from shop.payments.queries import transaction_by_id


async def refund(
    units: Units, provider: Provider, transaction_id: uuid.UUID, amount: Decimal, *, reason: str
) -> Outcome | None:
    """That much is on its way back, once per `reason`. Raises: ActionNotAvailable, ProviderError (it stays wished)."""
    return await _act(units, provider, transaction_id, "REFUND", amount, reason)


async def capture(
    units: Units, provider: Provider, transaction_id: uuid.UUID, amount: Decimal, *, reason: str
) -> Outcome | None:
    """That much of the authorised amount is charged and the rest released, once per `reason`. Raises: as `refund`."""
    return await _act(units, provider, transaction_id, "CAPTURE", amount, reason)


async def cancel(units: Units, provider: Provider, transaction_id: uuid.UUID, *, reason: str) -> Outcome | None:
    """An authorised amount is released, an open payment ended, once per `reason`. Raises: as `refund`."""
    return await _act(units, provider, transaction_id, "CANCEL", None, reason)


async def _act(
    units: Units, provider: Provider, transaction_id: uuid.UUID, action: str, amount: Decimal | None, reason: str
) -> Outcome | None:
    async def wish(session: AsyncSession) -> uuid.UUID:
        found = await transaction_by_id(session, transaction_id)
        if found is None:
            raise UnknownTransaction
        transaction = await locked(session, found)
        whole = transaction.requested_amount if transaction.status == "OPEN" else transaction.authorized_amount
        return await actions.request(session, transaction, action, whole if amount is None else amount, reason=reason)

    return await run_call(units, provider, await units.run(wish))
