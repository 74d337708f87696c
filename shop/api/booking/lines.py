"""The time that a cart's line holds."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import strawberry

from shop.api.booking.types import Practitioner, TimeRange, practitioners_by_id
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.booking.queries.holds import HoldRow, holds_by_line
from shop.booking.rules import local_of
from shop.execution import batch_field


@strawberry.enum(description="What became of the time that a line holds.")
class CheckoutLineBookingState(Enum):
    HELD = strawberry.enum_value("HELD", description="It is the cart's until it expires.")
    EXPIRING = strawberry.enum_value(
        "EXPIRING", description="Its time is up, and a payment is being ended; nobody else has it yet."
    )
    LOST = strawberry.enum_value(
        "LOST", description="It ran out. Set the line's time anew; somebody else may have this one."
    )
    BOOKED = strawberry.enum_value("BOOKED", description="It was paid for.")


@strawberry.type(description="The time that a cart's line holds for its buyer.")
class CheckoutLineBooking:
    hold: strawberry.Private[HoldRow]
    now: strawberry.Private[datetime]

    @computed(description="Global ID of the service.")
    def service_id(self) -> strawberry.ID:
        return global_id("BookableService", self.hold.service_id)

    @computed(description="From the visit's start to its end.")
    def during(self) -> TimeRange:
        return TimeRange(start=self.hold.start, end=self.hold.end)

    @computed(description="The start on the practitioner's clock, without an offset.")
    def local_start(self) -> str:
        return local_of(self.hold.start, self.hold.timezone).isoformat(timespec="minutes")

    @computed(description="The time zone of `localStart`.")
    def timezone(self) -> str:
        return self.hold.timezone

    @computed(description="How many seats: the line's quantity.")
    def seats(self) -> int:
        return self.hold.seats

    @computed(description="Until when it is held. Beginning to pay, and `bookingHoldExtend`, make it longer.")
    def expires_at(self) -> datetime:
        return self.hold.expires_at

    @computed(description="The latest that it can be held until.")
    def expires_at_latest(self) -> datetime:
        return self.hold.expires_at_latest

    @computed(description="What became of it.")
    def state(self) -> CheckoutLineBookingState:
        return self.outcome

    @property
    def outcome(self) -> CheckoutLineBookingState:
        """What became of it."""
        if self.hold.state == "CONVERTED":
            return CheckoutLineBookingState.BOOKED
        if self.hold.state == "RELEASED":
            return CheckoutLineBookingState.LOST
        if self.hold.state == "EXPIRING" or (self.hold.expires_at <= self.now and self.hold.payment_open):
            return CheckoutLineBookingState.EXPIRING
        # Whoever wants it may have it from now on.
        return CheckoutLineBookingState.LOST if self.hold.expires_at <= self.now else CheckoutLineBookingState.HELD

    @batch_field(description="With whom; null for something that nobody leads, such as a room alone.")
    @staticmethod
    async def practitioner(parents: list["CheckoutLineBooking"], context: Context) -> list[Practitioner | None]:
        found = await practitioners_by_id(context, [parent.hold.resource_id for parent in parents])
        return [
            who if (who := found[parent.hold.resource_id]).kind_name == "PRACTITIONER" else None for parent in parents
        ]


async def bookings_of_cart_lines(
    context: Context, line_ids: Sequence[uuid.UUID | None]
) -> list[CheckoutLineBooking | None]:
    """What the lines hold, in their order; None for a line that never had a time. One statement, none for no lines."""
    wanted = {line_id for line_id in line_ids if line_id is not None}
    held = await holds_by_line(context.rows, wanted) if wanted else {}
    return [
        CheckoutLineBooking(hold=held[line_id], now=context.now) if line_id in held else None for line_id in line_ids
    ]
