"""Mails about bookings, by the queue and by the clock."""

import uuid
from datetime import datetime
from email.utils import parseaddr
from typing import Final

from shop.booking.actions import messages
from shop.kit.db import Units
from shop.kit.settings import Settings

_BATCH: Final = 50


def appointment_url(settings: Settings) -> str | None:
    """Where a booking's appointment can be had for a calendar, with `{token}` for its token."""
    return f"{settings.public_url}/bookings/{{token}}/appointment.ics" if settings.public_url else None


async def tell(units: Units, settings: Settings, booking_id: uuid.UUID, version: int, now: datetime) -> None:
    """The visitor knows what became of the booking."""
    await units.run(
        lambda session: messages.tell(
            session,
            booking_id,
            version,
            organizer=parseaddr(settings.mail_from)[1],
            manage_url=appointment_url(settings),
            now=now,
        )
    )


async def remind(units: Units, settings: Settings, now: datetime) -> None:
    """Whoever is due is reminded; each unit takes some of them."""
    looked_at = _BATCH
    while looked_at == _BATCH:
        looked_at = await units.run(
            lambda session: messages.remind(
                session,
                organizer=parseaddr(settings.mail_from)[1],
                manage_url=appointment_url(settings),
                now=now,
                limit=_BATCH,
            )
        )
