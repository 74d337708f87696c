"""Reads of bookings and of the terms they are made on."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import DateTime, Integer, Text, Uuid, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from shop.booking.models import Booking, CancellationPolicy, CancellationTier, Resource
from shop.booking.queries.rows import Rows


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking. Shapes: the columns of this module's statements, in their order."""

    id: uuid.UUID
    number: int
    token: uuid.UUID
    purchase_key: uuid.UUID
    order_line_id: uuid.UUID | None
    user_id: int | None
    email: str
    language_code: str
    attendee: Mapping[str, Any]
    service_id: int | None
    resource_id: int
    session_id: uuid.UUID | None
    service_snapshot: Mapping[str, Any]
    policy_snapshot: Mapping[str, Any]
    start: datetime
    end: datetime
    timezone: str
    status: str
    cancelled_by: str | None
    version: int
    seats: int
    currency: str
    price_amount: Decimal
    deposit_amount: Decimal
    entitlement_id: uuid.UUID | None
    ical_uid: str
    ical_sequence: int
    created_at: datetime
    updated_at: datetime
    dispute: str | None


columns: Final = (
    Booking.id,
    Booking.number,
    Booking.token,
    Booking.purchase_key,
    Booking.order_line_id,
    Booking.user_id,
    Booking.email,
    Booking.language_code,
    Booking.attendee,
    Booking.service_id,
    Booking.resource_id,
    Booking.session_id,
    Booking.service_snapshot,
    Booking.policy_snapshot,
    func.lower(Booking.during, type_=DateTime(timezone=True)).label("start"),
    func.upper(Booking.during, type_=DateTime(timezone=True)).label("end"),
    Booking.timezone,
    Booking.status,
    Booking.cancelled_by,
    Booking.version,
    Booking.seats,
    Booking.currency,
    Booking.price_amount,
    Booking.deposit_amount,
    Booking.entitlement_id,
    Booking.ical_uid,
    Booking.ical_sequence,
    Booking.created_at,
    Booking.updated_at,
    Booking.dispute,
)
BOOKINGS_BY_ID: Final = select(*columns).where(Booking.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
BOOKINGS_OF_PURCHASES: Final = (
    select(*columns)
    .where(Booking.purchase_key == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .order_by(func.lower(Booking.during), Booking.id)
)
POLICIES_BY_ID: Final = (
    select(
        CancellationPolicy.id,
        CancellationPolicy.fee_amount,
        CancellationPolicy.fee_currency,
        CancellationPolicy.no_show_percent,
        select(
            func.array_agg(
                aggregate_order_by(
                    func.concat_ws(
                        " ", CancellationTier.min_notice_min, cast(CancellationTier.percent, Text), type_=Text
                    ),
                    CancellationTier.min_notice_min.desc(),
                ),
                type_=ARRAY(Text),
            )
        )
        .where(CancellationTier.policy_id == CancellationPolicy.id)
        .correlate(CancellationPolicy)
        .scalar_subquery()
        .label("tiers"),
    )
    .where(CancellationPolicy.id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .order_by(CancellationPolicy.id)
)
RESOURCE_NAMES: Final = select(Resource.id, Resource.name).where(
    Resource.id == any_(bindparam("ids", type_=ARRAY(Integer)))
)


async def booking_by_id(rows: Rows, booking_id: uuid.UUID) -> BookingRow | None:
    """The booking, if there is one."""
    found = await rows(BOOKINGS_BY_ID, ids=[booking_id])
    return BookingRow(*found[0]) if found else None


async def bookings_of_purchase(rows: Rows, purchase_key: uuid.UUID) -> list[BookingRow]:
    """What was booked with a purchase, by start."""
    return [BookingRow(*row) for row in await rows(BOOKINGS_OF_PURCHASES, ids=[purchase_key])]


async def policy_snapshots(rows: Rows, policy_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Cancellation policies in the form that bookings keep."""
    return {
        row[0]: {
            "tiers": [
                {"minNoticeMinutes": int(notice), "percent": percent}
                for notice, percent in (text.split(" ") for text in row[4] or ())
            ],
            "fee": None if row[1] is None else {"amount": str(row[1]), "currency": row[2]},
            "noShowPercent": str(row[3]),
        }
        for row in await rows(POLICIES_BY_ID, ids=sorted(policy_ids))
    }
