"""Offers freed time to who waits for it."""

import uuid
from datetime import datetime
from functools import partial

from shop.booking.actions import waitlist
from shop.booking.tokens import entry_token
from shop.kit.db import Units
from shop.kit.settings import Settings


async def offer_next(units: Units, settings: Settings, service_id: int, now: datetime) -> None:
    """Whoever waits for the service is offered what is free, first come first; each offer is a unit of its own."""

    def link(entry_id: uuid.UUID) -> str | None:
        if settings.public_url is None or settings.secret_key is None:
            return None
        return f"{settings.public_url}/waitlist/{entry_token(settings.secret_key.get_secret_value(), entry_id)}"

    await units.run(lambda session: waitlist.lapse(session, service_id))
    for entry_id in await units.run(lambda session: waitlist.candidates(session, service_id, now=now)):
        await units.run(partial(waitlist.offer, entry_id=entry_id, link=link, now=now))
