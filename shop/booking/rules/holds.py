"""How long a slot is kept for a cart, and how much longer once its payment begins."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

HOLD_MIN: Final = 15
# A payment page lives 31 minutes at least; what is held for it outlives it.
PAYMENT: Final = timedelta(minutes=31)
RENEWED: Final = timedelta(minutes=35)
RENEWALS: Final = 2
IN_ALL: Final = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class HoldTime:
    """Until when a slot is held, until when it can be held at most, and how often it was held longer."""

    expires_at: datetime
    expires_at_latest: datetime
    renewals: int = 0


def new_hold(now: datetime, hold_min: int = HOLD_MIN) -> HoldTime:
    """A slot that is put into a cart is kept for so long, with all renewals for 90 minutes."""
    return HoldTime(now + min(timedelta(minutes=hold_min), IN_ALL), now + IN_ALL)


def renewed(hold: HoldTime, now: datetime) -> HoldTime:
    """The hold as a payment begins: longer if it would end before the payment can.

    Twice at most, and never past its latest end; what is used up or has run out stays as it is.
    """
    if hold.expires_at <= now or hold.expires_at >= now + PAYMENT or hold.renewals >= RENEWALS:
        return hold
    expires_at = min(now + RENEWED, hold.expires_at_latest)
    return replace(hold, expires_at=expires_at, renewals=hold.renewals + 1) if expires_at > hold.expires_at else hold
