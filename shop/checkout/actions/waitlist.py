"""Takes a time that was offered to who waited for it into a cart."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions import waitlist
from shop.booking.calendars import ServiceFacts
from shop.booking.errors import ServiceNotFound
from shop.booking.queries.calendars import SERVICES
from shop.checkout.actions.lines import NewLine, add_lines
from shop.checkout.actions.slots import Holder, Slot
from shop.checkout.queries import of
from shop.checkout.rules import Actor, Cart


async def accept_offer(
    session: AsyncSession,
    entry_id: uuid.UUID,
    checkout_id: uuid.UUID,
    *,
    actor: Actor,
    user_id: int | None,
    now: datetime,
    holder: Holder | None = None,
) -> Cart:
    """The offered time is a line of the caller's cart, held as any other; in one unit, so that nobody else gets it.

    `user_id`: whose the offer must be; None for who has its token.

    Locks: the entry as a purchase, then as `add_lines`. Raises: EntryNotFound, InvalidState, and as `add_lines`.
    """
    offered = await waitlist.accept(session, entry_id, user_id=user_id)
    found = [ServiceFacts(*row) for row in await of(session)(SERVICES, ids=[offered.service_id])]
    if not found or not found[0].is_active or offered.offered_start is None:
        raise ServiceNotFound(field="id")
    (service,) = found
    slot = Slot(offered.offered_start, service.id, offered.offered_resource_id)
    line = NewLine(service.variant_id, offered.seats, slot=slot)
    return await add_lines(session, checkout_id, [line], actor=actor, now=now, holder=holder)
