"""Sessions of packages that lapse."""

from datetime import datetime
from typing import Final

from shop.booking.actions import entitlements
from shop.kit.db import Units

_BATCH: Final = 200


async def expire_sessions(units: Units, now: datetime) -> None:
    """Sessions that have lapsed are gone; each unit takes some of them."""
    while await units.run(lambda session: entitlements.expire(session, now=now, limit=_BATCH)) == _BATCH:
        pass
