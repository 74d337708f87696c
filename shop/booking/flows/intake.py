"""Answers that need not be kept any longer."""

from datetime import datetime, timedelta
from functools import partial

from shop.booking.actions import intake
from shop.kit.db import Units
from shop.kit.settings import Settings


async def forget_old(units: Units, settings: Settings, now: datetime) -> None:
    """What visitors answered is gone once their visits are long past; each unit takes some of it."""
    after = timedelta(days=settings.booking_intake_days)
    while await units.run(partial(intake.forget_old, now=now, after=after)):
        pass
