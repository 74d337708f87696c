"""Visits to come, with what their visitors were told: for whoever asks whether that is still true."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import DateTime, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.booking.models import Booking
from shop.booking.queries.rows import Rows
from shop.booking.rules import OCCUPYING, clipped, local_of

_start: Final = func.lower(Booking.during, type_=DateTime(timezone=True))
_TO_COME: Final = (
    select(
        Booking.id, Booking.number, _start.label("start"), Booking.local_start, Booking.timezone, Booking.tzdata_version
    )
    .where(
        _start > bindparam("now", type_=DateTime(timezone=True)),
        Booking.status == any_(bindparam("statuses", value=sorted(OCCUPYING), type_=ARRAY(Booking.status.type))),
    )
    .order_by(_start, Booking.id)
)


@dataclass(frozen=True, slots=True)
class Moved:
    """A visit that the clocks' new rules have moved: it is stored at one instant, and was told as another."""

    id: uuid.UUID
    number: int
    start: datetime
    local_start: datetime
    timezone: str
    tzdata_version: str

    @property
    def told_start(self) -> datetime:
        """When the told time is, by the rules of today."""
        return clipped(self.local_start, self.timezone)


async def moved_by_zones(rows: Rows, now: datetime) -> list[Moved]:
    """The visits to come at whose stored instant the clock, by today's rules, does not show what was told."""
    visits = [Moved(*row) for row in await rows(_TO_COME, now=now)]
    # This way round: of a time that occurs twice, either instant may have been meant.
    return [visit for visit in visits if local_of(visit.start, visit.timezone) != visit.local_start]
