"""Appointments by the queue and by the clock."""

import uuid

from shop.booking.flows import holds, intake, messages, packages, waitlist
from shop.jobs import JobContext, job
from shop.kit import clock


@job("booking.expire_sessions", attempts=3, cron="23 3 * * * 0")
async def expire_sessions(context: JobContext) -> None:
    """Sessions of packages that have lapsed are gone."""
    await packages.expire_sessions(context.database, clock.now())


@job("booking.expire_holds", attempts=3, cron="* * * * * */20")
async def expire_holds(context: JobContext) -> None:
    """Slots whose time to be paid has run out are free, or their payments are being ended."""
    await holds.expire_due(context.database, clock.now())


@job("booking.tell", attempts=12)
async def tell(context: JobContext, *, booking_id: str, version: int) -> None:
    """The visitor knows what became of a booking."""
    await messages.tell(context.database, context.settings, uuid.UUID(booking_id), version, clock.now())


@job("booking.remind", attempts=3, cron="* * * * * 40")
async def remind(context: JobContext) -> None:
    """Whoever is due is reminded of an appointment."""
    await messages.remind(context.database, context.settings, clock.now())


@job("booking.offer", attempts=5)
async def offer(context: JobContext, *, service_id: int) -> None:
    """Free time of a service is offered to who waits for it."""
    await waitlist.offer_next(context.database, context.settings, service_id, clock.now())


@job("booking.forget_intake", attempts=3, cron="41 3 * * * 0")
async def forget_intake(context: JobContext) -> None:
    """What visitors answered is gone once their visits are long past."""
    await intake.forget_old(context.database, context.settings, clock.now())
