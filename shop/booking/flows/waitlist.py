"""Offers freed time to who waits for it."""

from datetime import datetime
from functools import partial

from shop.booking.actions import waitlist
from shop.kit.db import Units
from shop.kit.settings import Settings


async def offer_next(units: Units, settings: Settings, service_id: int, now: datetime) -> None:
    """Whoever waits for the service is offered what is free, first come first; each offer is a unit of its own."""
    await units.run(lambda session: waitlist.lapse(session, service_id))
    for entry_id in await units.run(lambda session: waitlist.candidates(session, service_id, now=now)):
        await units.run(partial(waitlist.offer, entry_id=entry_id, url=settings.public_url, now=now))
