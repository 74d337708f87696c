"""Setting up what can be booked; all of it needs MANAGE_BOOKINGS."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal as PyDecimal
from typing import Annotated, Any, TypeVar

import strawberry

from shop.api.booking.errors import BookingError
from shop.api.booking.types import (
    MANAGERS,
    BookableService,
    BookingAlignment,
    BookingConfirmationMode,
    BookingDepositKind,
    BookingLocationKind,
    BookingResourceKind,
    Practitioner,
    TimeOff,
)
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.api.core.scalars import Minute, PositiveDecimal
from shop.booking.actions import staff
from shop.booking.queries import of
from shop.booking.queries import showing as queries
from shop.kit.db.reader import prepare, row_factory
from shop.kit.errors import Invalid
from shop.kit.money import Money

PractitionerId = Annotated[strawberry.ID, strawberry.argument(description="The practitioner's ID.")]
ServiceId = Annotated[strawberry.ID, strawberry.argument(description="The service's ID.")]
TimeOffId = Annotated[strawberry.ID, strawberry.argument(description="The time off's ID.")]


@strawberry.input(description="What there is to say of a practitioner, room or device. What is left out stays.")
class PractitionerInput:
    name: str | None = strawberry.field(default=None, description="The name that visitors read.")
    slug: str | None = strawberry.field(default=None, description="The name in addresses; made of the name at first.")
    description: str | None = strawberry.field(default=None, description="A few words for visitors.")
    timezone: str | None = strawberry.field(default=None, description="IANA name, such as `Europe/Berlin`.")
    is_active: bool | None = strawberry.field(default=None, description="Whether it can be booked.")
    sort_order: int | None = strawberry.field(default=None, description="Its place in lists.")
    location_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Where it is; null for nowhere in particular."
    )


@strawberry.input(description="A window of opening hours on the practitioner's clock.")
class OpeningHoursInput:
    opens: str = strawberry.field(description="`HH:MM`.")
    closes: str = strawberry.field(description="`HH:MM`; `26:00` is two in the morning of the next day.")


@strawberry.input(description="The opening hours of a weekday.")
class WeekdayHoursInput:
    weekday: int = strawberry.field(description="1 is Monday, 7 is Sunday.")
    hours: list[OpeningHoursInput] = strawberry.field(description="The windows of that day.")


@strawberry.input(description="A date with opening hours of its own.")
class DateHoursInput:
    day: date = strawberry.field(name="date", description="The date, in the practitioner's time zone.")
    hours: list[OpeningHoursInput] | None = strawberry.field(
        default=None, description="The windows of that date; empty: closed; null: as every week."
    )


@strawberry.input(description="Opening hours. What is left out stays.")
class ScheduleInput:
    weekly: list[WeekdayHoursInput] | None = strawberry.field(
        default=None, description="The hours of the week, all of them: a weekday that is not named is closed."
    )
    dates: list[DateHoursInput] | None = strawberry.field(
        default=None, description="Dates with hours of their own; other dates stay as they are."
    )


@strawberry.input(description="So much is paid back to who cancels in time.")
class CancellationTierInput:
    min_notice_minutes: Minute = strawberry.field(description="At least so long before the start.")
    percent: PositiveDecimal = strawberry.field(description="This part of what was paid goes back, in percent.")


@strawberry.input(description="What cancelling costs, for what is booked from now on.")
class CancellationTermsInput:
    tiers: list[CancellationTierInput] = strawberry.field(description="The longest notice that was kept counts.")
    fee_amount: PositiveDecimal | None = strawberry.field(default=None, description="Kept in any case.")
    fee_currency: str | None = strawberry.field(default=None, description="ISO 4217 code of the fee's currency.")
    no_show_percent: PositiveDecimal | None = strawberry.field(
        default=None,
        description="The part of the price that is owed by who does not come: so much is kept of what was "
        "paid, at `bookingMarkNoShow`.",
    )


@strawberry.input(description="How a service is booked. What is left out stays, or is what most shops want.")
class BookableServiceInput:
    is_active: bool | None = strawberry.field(default=None, description="Whether it can be booked.")
    duration_minutes: Minute | None = strawberry.field(default=None, description="From a visit's start to its end.")
    step_minutes: Minute | None = strawberry.field(default=None, description="Between two offered starts; 15.")
    alignment: BookingAlignment | None = strawberry.field(
        default=None, description="Where the grid of starts begins; at the beginning of opening hours."
    )
    buffer_before_minutes: Minute | None = strawberry.field(default=None, description="Kept free before a visit.")
    buffer_after_minutes: Minute | None = strawberry.field(default=None, description="Kept free after a visit.")
    lead_minutes: Minute | None = strawberry.field(default=None, description="The least notice of a booking.")
    horizon_days: int | None = strawberry.field(default=None, description="How many days ahead; 90.")
    capacity: int | None = strawberry.field(default=None, description="How many take part at a time; 1.")
    location_kind: BookingLocationKind | None = strawberry.field(default=None, description="How people meet.")
    confirmation: BookingConfirmationMode | None = strawberry.field(
        default=None, description="What makes a booking certain; paying for it."
    )
    deposit_kind: BookingDepositKind | None = strawberry.field(
        default=None, description="What is paid when booking; the whole price."
    )
    deposit_amount: PositiveDecimal | None = strawberry.field(default=None, description="A fixed deposit.")
    deposit_currency: str | None = strawberry.field(default=None, description="ISO 4217 code of a fixed deposit.")
    deposit_percent: PositiveDecimal | None = strawberry.field(default=None, description="A deposit in percent.")
    roles: list[list[strawberry.ID]] | None = strawberry.field(
        default=None,
        description="IDs of practitioners, rooms and devices: one of each list is needed, the first that is free. The "
        "first list leads: visitors choose from it.",
    )
    cancellation_terms: CancellationTermsInput | None = strawberry.field(
        default=None, description="What cancelling costs; nothing, before the start, where none were ever given."
    )


@strawberry.input(description="When a practitioner is away.")
class TimeOffInput:
    start: datetime | None = strawberry.field(default=None, description="When it begins.")
    end: datetime | None = strawberry.field(default=None, description="When it is over.")
    reason: str | None = strawberry.field(default=None, description="Why, for staff.")


@strawberry.type(description="A new practitioner, room or device.")
class PractitionerCreate(Payload):
    practitioner: Practitioner | None = strawberry.field(default=None, description="The new one.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A changed practitioner, room or device.")
class PractitionerUpdate(Payload):
    practitioner: Practitioner | None = strawberry.field(default=None, description="As it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A practitioner, room or device is gone, or cannot be booked any more.")
class PractitionerDelete(Payload):
    practitioner: Practitioner | None = strawberry.field(default=None, description="As it was.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="Opening hours have changed.")
class PractitionerScheduleUpdate(Payload):
    practitioner: Practitioner | None = strawberry.field(default=None, description="As it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A variant can be booked.")
class BookableServiceCreate(Payload):
    service: BookableService | None = strawberry.field(default=None, description="The new service.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A changed service.")
class BookableServiceUpdate(Payload):
    service: BookableService | None = strawberry.field(default=None, description="As it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A service is gone, or cannot be booked any more.")
class BookableServiceDelete(Payload):
    service: BookableService | None = strawberry.field(default=None, description="As it was.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A practitioner is away.")
class TimeOffCreate(Payload):
    time_off: TimeOff | None = strawberry.field(default=None, description="The new time off.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A practitioner is away at another time.")
class TimeOffUpdate(Payload):
    time_off: TimeOff | None = strawberry.field(default=None, description="As it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A practitioner is there again.")
class TimeOffDelete(Payload):
    time_off: TimeOff | None = strawberry.field(default=None, description="As it was.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type
class BookingStaffMutations:
    """Mutations of what can be booked."""

    @mutation(description="Adds a practitioner, room or device. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def practitioner_create(
        self,
        info: Info,
        input: Annotated[PractitionerInput, strawberry.argument(description="Name and time zone are needed.")],
        kind: Annotated[
            BookingResourceKind, strawberry.argument(description="Whether it is a person, a room or a device.")
        ] = BookingResourceKind.PRACTITIONER,
    ) -> PractitionerCreate | None:
        session = info.context.session
        key = await staff.create_resource(session, {**_given(input), "kind": kind.value})
        return PractitionerCreate(practitioner=await _practitioner(info.context, key))

    @mutation(description="Changes a practitioner, room or device. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def practitioner_update(
        self,
        info: Info,
        id: PractitionerId,
        input: Annotated[PractitionerInput, strawberry.argument(description="What to change.")],
    ) -> PractitionerUpdate | None:
        key = required_int(id, "Practitioner", field="id")
        await staff.update_resource(info.context.session, key, _given(input))
        return PractitionerUpdate(practitioner=await _practitioner(info.context, key))

    @mutation(
        description="Removes a practitioner, room or device; one with a history stays for that and is not active. "
        "Needs MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def practitioner_delete(self, info: Info, id: PractitionerId) -> PractitionerDelete | None:
        key = required_int(id, "Practitioner", field="id")
        before = await _practitioner(info.context, key)
        await staff.delete_resource(info.context.session, key, now=info.context.now)
        return PractitionerDelete(practitioner=before)

    @mutation(description="Sets opening hours, of the week and of dates. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def practitioner_schedule_update(
        self,
        info: Info,
        id: PractitionerId,
        input: Annotated[ScheduleInput, strawberry.argument(description="The hours.")],
    ) -> PractitionerScheduleUpdate | None:
        key = required_int(id, "Practitioner", field="id")
        session = info.context.session
        if input.weekly is not None:
            weekly: dict[int, list[tuple[str, str]]] = {}
            for day in input.weekly:
                weekly[day.weekday] = [*weekly.get(day.weekday, []), *_hours(day.hours)]
            await staff.set_weekly_hours(session, key, weekly)
        dates = {one.day: None if one.hours is None else _hours(one.hours) for one in input.dates or ()}
        await staff.set_date_hours(session, key, dates)
        return PractitionerScheduleUpdate(practitioner=await _practitioner(info.context, key))

    @mutation(description="Makes a product variant bookable. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def bookable_service_create(
        self,
        info: Info,
        variant_id: Annotated[strawberry.ID, strawberry.argument(description="The variant's ID.")],
        input: Annotated[BookableServiceInput, strawberry.argument(description="Duration and roles are needed.")],
    ) -> BookableServiceCreate | None:
        variant = required_int(variant_id, "ProductVariant", field="variantId")
        key = await staff.create_service(
            info.context.session, variant, _service_values(input), _roles(input) or (), _terms(input)
        )
        return BookableServiceCreate(service=await _service(info.context, key))

    @mutation(
        description="Changes how a service is booked; what was booked stays as it was sold. Needs MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def bookable_service_update(
        self,
        info: Info,
        id: ServiceId,
        input: Annotated[BookableServiceInput, strawberry.argument(description="What to change.")],
    ) -> BookableServiceUpdate | None:
        key = required_int(id, "BookableService", field="id")
        await staff.update_service(info.context.session, key, _service_values(input), _roles(input), _terms(input))
        return BookableServiceUpdate(service=await _service(info.context, key))

    @mutation(
        description="Makes a variant one that is not booked; what was booked stays. Needs MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def bookable_service_delete(self, info: Info, id: ServiceId) -> BookableServiceDelete | None:
        key = required_int(id, "BookableService", field="id")
        before = await _service(info.context, key)
        await staff.delete_service(info.context.session, key)
        return BookableServiceDelete(service=before)

    @mutation(
        description="A practitioner is away. Refused while somebody is booked at that time. Needs MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def time_off_create(
        self,
        info: Info,
        practitioner_id: PractitionerId,
        input: Annotated[TimeOffInput, strawberry.argument(description="Start and end are needed.")],
    ) -> TimeOffCreate | None:
        who = required_int(practitioner_id, "Practitioner", field="practitionerId")
        if input.start is None or input.end is None:
            raise Invalid("Time off has a start and an end.", field="start", code="REQUIRED")
        key = await staff.create_time_off(
            info.context.session, who, input.start, input.end, reason=input.reason or "", now=info.context.now
        )
        return TimeOffCreate(time_off=await _time_off(info.context, key))

    @mutation(
        description="A practitioner is away at another time, or for another reason. Needs MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def time_off_update(
        self,
        info: Info,
        id: TimeOffId,
        input: Annotated[TimeOffInput, strawberry.argument(description="What to change.")],
    ) -> TimeOffUpdate | None:
        key = required_int(id, "TimeOff", field="id")
        await staff.update_time_off(
            info.context.session,
            key,
            start=input.start,
            end=input.end,
            reason=input.reason,
            now=info.context.now,
        )
        return TimeOffUpdate(time_off=await _time_off(info.context, key))

    @mutation(description="A practitioner is there again. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def time_off_delete(self, info: Info, id: TimeOffId) -> TimeOffDelete | None:
        key = required_int(id, "TimeOff", field="id")
        before = await _time_off(info.context, key)
        await staff.delete_time_off(info.context.session, key)
        return TimeOffDelete(time_off=before)


def _given(input: PractitionerInput) -> dict[str, Any]:
    values = {
        "name": input.name,
        "slug": input.slug,
        "description": input.description,
        "timezone": input.timezone,
        "is_active": input.is_active,
        "sort_order": input.sort_order,
    }
    given: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
    if input.location_id is not strawberry.UNSET:
        where = input.location_id
        given["location_id"] = None if where is None else required_int(where, "BookingLocation", field="locationId")
    return given


def _hours(given: Sequence[OpeningHoursInput]) -> list[tuple[str, str]]:
    return [(window.opens, window.closes) for window in given]


def _service_values(input: BookableServiceInput) -> dict[str, Any]:
    values: Mapping[str, Any] = {
        "is_active": input.is_active,
        "duration_min": input.duration_minutes,
        "step_min": input.step_minutes,
        "align": None if input.alignment is None else input.alignment.value,
        "buffer_before_min": input.buffer_before_minutes,
        "buffer_after_min": input.buffer_after_minutes,
        "lead_min": input.lead_minutes,
        "horizon_days": input.horizon_days,
        "capacity": input.capacity,
        "location_kind": None if input.location_kind is None else input.location_kind.value,
        "confirmation": None if input.confirmation is None else input.confirmation.value,
        "deposit_kind": None if input.deposit_kind is None else input.deposit_kind.value,
        "deposit_amount": input.deposit_amount,
        "deposit_currency": input.deposit_currency,
        "deposit_percent": input.deposit_percent,
    }
    return {name: value for name, value in values.items() if value is not None}


def _roles(input: BookableServiceInput) -> list[list[int]] | None:
    if input.roles is None:
        return None
    return [[required_int(key, "Practitioner", field="roles") for key in role] for role in input.roles]


def _terms(input: BookableServiceInput) -> staff.Terms | None:
    given = input.cancellation_terms
    if given is None:
        return None
    if (given.fee_amount is None) != (given.fee_currency is None):
        raise Invalid("A fee is an amount in a currency.", field="cancellationTerms")
    fee = None
    if given.fee_amount is not None and given.fee_currency is not None:
        fee = Money(given.fee_amount, given.fee_currency)
    tiers = [(int(tier.min_notice_minutes), PyDecimal(tier.percent)) for tier in given.tiers]
    return staff.Terms(tiers, fee, PyDecimal(given.no_show_percent or 0))


T = TypeVar("T")


async def _practitioner(context: Context, key: int) -> Practitioner | None:
    return await _read(context, Practitioner, queries.RESOURCES_BY_ID, key)


async def _service(context: Context, key: int) -> BookableService | None:
    return await _read(context, BookableService, queries.SERVICES_BY_ID, key)


async def _time_off(context: Context, key: int) -> TimeOff | None:
    return await _read(context, TimeOff, queries.TIME_OFF_BY_ID, key)


async def _read(context: Context, into: type[T], statement: Any, key: int) -> T | None:
    """The row as the mutation's own unit sees it."""
    rows = await of(context.session)(statement, ids=[key])
    return row_factory(into, prepare(statement).columns)(rows[0]) if rows else None
