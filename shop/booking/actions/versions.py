"""A booking's next version, with the event that says why; who may change what is decided by the callers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import DateTime, Integer, Table, Text, Uuid, bindparam, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.errors import InvalidState
from shop.booking.events import BookingChanged
from shop.booking.models import Booking, BookingEvent
from shop.booking.queries.bookings import BookingRow
from shop.kit.db import send
from shop.kit.events import publish


@dataclass(frozen=True, slots=True)
class By:
    """Who changes a booking: its CUSTOMER, STAFF, or the SYSTEM by itself."""

    actor: str
    user_id: int | None = None

    @property
    def is_staff(self) -> bool:
        """Whether the shop does it, not its customer."""
        return self.actor != "CUSTOMER"


SYSTEM: Final = By("SYSTEM")

_moment: Final = DateTime(timezone=True)
_id: Final = bindparam("booking", type_=Uuid())
_version: Final = bindparam("known_version", type_=Integer)
_status: Final = bindparam("to_status", type_=Text)


def changing(values: Mapping[str, Any]) -> Any:
    """Sets the values and the next version, and writes its event; no row where the booking is another one by now."""
    changed = (
        update(Booking)
        .where(Booking.id == _id, Booking.version == _version, Booking.status == bindparam("from_status", type_=Text))
        .values(status=_status, version=Booking.version + 1, updated_at=bindparam("now", type_=_moment), **values)
        .returning(Booking.id, Booking.version)
        .cte("changed")
    )
    event = cast("Table", BookingEvent.__table__)
    return (
        insert(event)
        .from_select(
            [
                "booking_id",
                "booking_version",
                "type",
                "from_status",
                "to_status",
                "actor",
                "user_id",
                "parameters",
                "created_at",
            ],
            select(
                changed.c.id,
                changed.c.version,
                bindparam("type", type_=Text),
                bindparam("from_status", type_=Text),
                _status,
                bindparam("actor", type_=Text),
                bindparam("user", type_=Integer),
                bindparam("parameters", type_=JSONB),
                bindparam("now", type_=_moment),
            ),
        )
        .returning(event.c.booking_version)
    )


async def swap(
    session: AsyncSession,
    statement: Any,
    booking: BookingRow,
    status: str,
    kind: str,
    *,
    by: By,
    now: datetime,
    parameters: Mapping[str, Any],
    **values: Any,
) -> BookingRow:
    """The booking's next version, by a statement that `changing` made. Raises: InvalidState for another version."""
    rows = await send(
        session,
        statement,
        booking=booking.id,
        known_version=booking.version,
        from_status=booking.status,
        to_status=status,
        type=kind,
        actor=by.actor,
        user=by.user_id,
        parameters=dict(parameters),
        now=now,
        **values,
    )
    if not rows:
        raise InvalidState(booking.status)
    version = rows[0]["booking_version"]
    await publish(session, BookingChanged(booking.id, version, status))
    return replace(booking, status=status, version=version, updated_at=now)
