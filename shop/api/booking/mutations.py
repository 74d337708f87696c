"""Holding longer, moving, cancelling and attending."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from shop.api.booking.access import BookingId, BookingToken, changeable
from shop.api.booking.bookings import Booking, booking_by_key
from shop.api.booking.errors import BookingError
from shop.api.booking.inputs import secret
from shop.api.booking.lines import CheckoutLineBooking
from shop.api.booking.types import MANAGERS
from shop.api.checkout.inputs import actor
from shop.api.core.context import Context, Info
from shop.api.core.fields import query
from shop.api.core.ids import required_int, required_uuid
from shop.api.core.money import Money, money
from shop.api.core.mutation import flow, mutation
from shop.api.core.payloads import Payload
from shop.booking import actions
from shop.booking.actions import By
from shop.booking.errors import BadSlotToken
from shop.booking.queries import of
from shop.booking.queries.bookings import BookingRow
from shop.booking.tokens import quote_id, quoted, slot_of
from shop.checkout.actions import slots
from shop.kit.errors import Invalid, ShopError
from shop.orders import flows
from shop.payments.stripe import provider

StaffBookingId = Annotated[strawberry.ID, strawberry.argument(description="The booking's ID.")]


@strawberry.type(description="What cancelling a booking would pay back now.")
class BookingCancellationQuote:
    id: strawberry.ID = strawberry.field(description="Pass it to `bookingCancel`; good while nothing of it changes.")
    paid: Money = strawberry.field(description="What was paid for the booking so far.")
    refund: Money = strawberry.field(description="What goes back of it.")
    returns_session: bool | None = strawberry.field(
        description="Whether the package gets its session back; null where no package pays for the visit."
    )


@strawberry.type(description="The slot is held for longer, as far as it may be.")
class BookingHoldExtend(Payload):
    booking: CheckoutLineBooking | None = strawberry.field(default=None, description="What the line holds now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="The booking takes place at another time.")
class BookingReschedule(Payload):
    booking: Booking | None = strawberry.field(default=None, description="The booking as it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="The booking is called off.")
class BookingCancel(Payload):
    booking: Booking | None = strawberry.field(
        default=None, description="The booking as it is now; its `refund` says how far the money is."
    )
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="Staff has agreed to the booking.")
class BookingConfirm(Payload):
    booking: Booking | None = strawberry.field(default=None, description="The booking as it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="Staff will not have the booking.")
class BookingDecline(Payload):
    booking: Booking | None = strawberry.field(default=None, description="The booking as it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="The visitor is there.")
class BookingCheckIn(Payload):
    booking: Booking | None = strawberry.field(default=None, description="The booking as it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="The visit is over.")
class BookingComplete(Payload):
    booking: Booking | None = strawberry.field(default=None, description="The booking as it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="Nobody came.")
class BookingMarkNoShow(Payload):
    booking: Booking | None = strawberry.field(
        default=None, description="The booking as it is now; its `refund` says what goes back, and how far that is."
    )
    kept: Money | None = strawberry.field(default=None, description="What the shop keeps of what was paid.")
    owed: Money | None = strawberry.field(
        default=None, description="What the terms ask for beyond what was paid. No card is charged for it."
    )
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type
class BookingQuoteQueries:
    """What a cancellation would pay back."""

    @query(
        description="What cancelling would pay back now, for whoever may cancel: the booking's user, staff with "
        "MANAGE_BOOKINGS, or who has its token. Null for anything else."
    )
    async def booking_cancellation_quote(
        self, info: Info, id: BookingId = None, token: BookingToken = None
    ) -> BookingCancellationQuote | None:
        context = info.context
        try:
            key, by = await changeable(context, context.rows, id, token)
        except ShopError:
            return None

        found = await flows.quote_booking(context.units, key, by=by, now=context.now)
        return BookingCancellationQuote(
            id=strawberry.ID(quote_id(secret(context), key, found.booking.version, found.refund.amount)),
            paid=money(found.paid.amount, found.paid.currency),
            refund=money(found.refund.amount, found.refund.currency),
            returns_session=found.returns_session,
        )


@strawberry.type
class BookingMutations:
    """Mutations of appointments."""

    @mutation(
        description="Holds a line's slot for longer: to 35 minutes from now, twice at most and 90 minutes in all. "
        "Beginning to pay does so by itself."
    )
    async def booking_hold_extend(
        self,
        info: Info,
        line_id: Annotated[strawberry.ID, strawberry.argument(description="ID of the checkout line.")],
    ) -> BookingHoldExtend | None:
        context = info.context
        key = required_uuid(line_id, "CheckoutLine", field="lineId")
        held = await slots.extend(context.session, key, actor=actor(context), now=context.now)
        return BookingHoldExtend(booking=CheckoutLineBooking(hold=held, now=context.now))

    @mutation(
        description="Moves a booking to another offered time, by the same rule as a new one; before its start for its "
        "user or guest, at any time and without notice for staff."
    )
    async def booking_reschedule(
        self,
        info: Info,
        id: BookingId = None,
        token: BookingToken = None,
        slot_token: Annotated[str | None, strawberry.argument(description="Token of an offered slot.")] = None,
        start: Annotated[
            datetime | None, strawberry.argument(description="The new start, with the same practitioner if possible.")
        ] = None,
        practitioner_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="With `start`: with nobody else.")
        ] = None,
    ) -> BookingReschedule | None:
        context = info.context
        rows = of(context.session)
        key, by = await changeable(context, rows, id, token)
        if (slot_token is None) == (start is None):
            raise Invalid("Exactly one of `slotToken` and `start` is needed.", field="start", code="GRAPHQL_ERROR")
        who = None
        if practitioner_id is not None:
            who = required_int(practitioner_id, "Practitioner", field="practitionerId")
        booking = await actions.locked(context.session, key)
        if slot_token is not None:
            slot = slot_of(secret(context), slot_token)
            if slot.service_id != booking.service_id:
                raise BadSlotToken
            start, who = slot.start, slot.resource_id
        assert start is not None
        await actions.reschedule(context.session, booking, start, by=by, now=context.now, resource_id=who)
        return BookingReschedule(booking=await booking_by_key(rows, key))

    @flow(
        description="Calls a booking off. What its terms say goes back at once; a provider that does not answer is "
        "asked again later, and never undoes the cancellation. Where not all goes back, `quoteId` is needed. "
        "For a visit that staff has not agreed to yet, all does."
    )
    async def booking_cancel(
        self,
        info: Info,
        id: BookingId = None,
        token: BookingToken = None,
        quote_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Id of a quote: what the caller was told.")
        ] = None,
    ) -> BookingCancel | None:
        context = info.context
        key, by = await changeable(context, context.rows, id, token)

        def promise(booking: BookingRow) -> Decimal | None:
            return None if quote_id is None else quoted(secret(context), str(quote_id), key, booking.version)

        stripe = provider(context.settings)
        await flows.cancel_booking(context.units, stripe, key, promise, by=by, now=context.now)
        return BookingCancel(booking=await booking_by_key(context.rows, key))

    @mutation(description="Agrees to a booking that waits for it. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def booking_confirm(self, info: Info, id: StaffBookingId) -> BookingConfirm | None:
        return BookingConfirm(booking=await _changed(info.context, id, actions.confirm))

    @flow(
        description="Does not agree to a booking that waits for it; all that was paid goes back. Needs "
        "MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def booking_decline(self, info: Info, id: StaffBookingId) -> BookingDecline | None:
        context = info.context
        key, by = required_uuid(id, "Booking", field="id"), By("STAFF", context.caller.user_id)
        await flows.decline_booking(context.units, provider(context.settings), key, by=by, now=context.now)
        return BookingDecline(booking=await booking_by_key(context.rows, key))

    @mutation(description="Says that the visitor is there. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def booking_check_in(self, info: Info, id: StaffBookingId) -> BookingCheckIn | None:
        return BookingCheckIn(booking=await _changed(info.context, id, actions.check_in))

    @mutation(description="Says that the visit is over. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def booking_complete(self, info: Info, id: StaffBookingId) -> BookingComplete | None:
        return BookingComplete(booking=await _changed(info.context, id, actions.complete))

    @flow(
        description="Says that nobody came; not before its start. Of what was paid the shop keeps the terms' "
        "`noShowPercent` of the price, the rest goes back; a session of a package is lost. What was not paid is not "
        "charged: the shop keeps no card for that, so that only a deposit or the whole price secures the fee. Needs "
        "MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def booking_mark_no_show(self, info: Info, id: StaffBookingId) -> BookingMarkNoShow | None:
        context = info.context
        key, by = required_uuid(id, "Booking", field="id"), By("STAFF", context.caller.user_id)
        absent = await flows.mark_no_show(context.units, provider(context.settings), key, by=by, now=context.now)
        return BookingMarkNoShow(
            booking=await booking_by_key(context.rows, key),
            kept=money(absent.kept.amount, absent.kept.currency),
            owed=money(absent.owed.amount, absent.owed.currency),
        )


async def _changed(context: Context, id: strawberry.ID, change: Callable[..., Awaitable[BookingRow]]) -> Booking | None:
    key = required_uuid(id, "Booking", field="id")
    booking = await actions.locked(context.session, key)
    await change(context.session, booking, by=By("STAFF", context.caller.user_id), now=context.now)
    return await booking_by_key(of(context.session), key)
