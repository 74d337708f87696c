"""Handles a delivered event: what it says is only a hint to look."""

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Units
from shop.payments import actions
from shop.payments.flows.refresh import refresh
from shop.payments.provider import Provider
from shop.payments.queries import WebhookRow, transaction_by_id, transaction_by_reference, webhook_event


async def handle_event(units: Units, provider: Provider, row_id: int) -> None:
    """The event has had its effects, in the unit that marks it handled; an event handled before changes nothing.

    Raises: ProviderError, so that the job is repeated.
    """

    async def find(session: AsyncSession) -> tuple[WebhookRow | None, uuid.UUID | None]:
        row = await webhook_event(session, row_id)
        if row is None or row.handled_at is not None:
            return None, None
        named = row.payload.get("transaction")
        found = await transaction_by_id(session, uuid.UUID(named)) if named else None
        if found is None and row.object_id:
            found = await transaction_by_reference(session, row.object_id)
        if found is None:
            # Another application's on the same account, or one of another shop of ours.
            await actions.mark_handled(session, row_id, "foreign")
        return row, None if found is None else found.id

    row, transaction_id = await units.run(find)
    if row is None or transaction_id is None:
        return
    await refresh(units, provider, transaction_id, also=lambda session: actions.mark_handled(session, row_id, "done"))
