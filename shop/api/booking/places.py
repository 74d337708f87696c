"""Where visits happen, and the dates on which nobody is there: for visitors to read, for MANAGE_BOOKINGS to set up."""

from datetime import date
from typing import Annotated, Any, TypeVar

import strawberry

from shop.api.booking.errors import BookingError
from shop.api.booking.types import MANAGERS, BookingLocation, locations_by_id
from shop.api.core.connections import CountableConnection, CountableEdge, connect, nodes_of, window_of
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed, query
from shop.api.core.ids import global_id, required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.booking.actions import places as actions
from shop.booking.queries import of
from shop.booking.queries import places as queries
from shop.execution import Selection, batch_field
from shop.kit.db.reader import prepare, row_factory
from shop.kit.errors import Invalid


@strawberry.type(
    description="A date on which a location is closed, or all of them. Opening hours that a practitioner has for that "
    "date win, and what is booked stays."
)
class BookingHoliday:
    pk: strawberry.Private[int]
    location_id: strawberry.Private[int | None]
    day: date = strawberry.field(name="date", description="The date, in each practitioner's time zone.")
    name: str = strawberry.field(description="What it is called.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("BookingHoliday", self.pk)

    @batch_field(description="The only location that is closed; null where all are.")
    @staticmethod
    async def location(parents: list["BookingHoliday"], context: Context) -> list[BookingLocation | None]:
        found = await locations_by_id(context, [one.location_id for one in parents if one.location_id is not None])
        return [None if one.location_id is None else found.get(one.location_id) for one in parents]


@strawberry.type(description="A location of a page.")
class BookingLocationCountableEdge(CountableEdge[BookingLocation]):
    pass


@strawberry.type(description="A page of locations.")
class BookingLocationCountableConnection(CountableConnection[BookingLocationCountableEdge]):
    pass


@strawberry.type(description="A holiday of a page.")
class BookingHolidayCountableEdge(CountableEdge[BookingHoliday]):
    pass


@strawberry.type(description="A page of holidays.")
class BookingHolidayCountableConnection(CountableConnection[BookingHolidayCountableEdge]):
    pass


@strawberry.input(description="What there is to say of a location. What is left out stays.")
class BookingLocationInput:
    name: str | None = strawberry.field(default=None, description="The name that visitors read.")
    slug: str | None = strawberry.field(default=None, description="The name in addresses; made of the name at first.")
    timezone: str | None = strawberry.field(default=None, description="IANA name, such as `Europe/Berlin`.")


@strawberry.input(description="What there is to say of a holiday. What is left out stays.")
class BookingHolidayInput:
    day: date | None = strawberry.field(default=None, name="date", description="The date that is closed.")
    name: str | None = strawberry.field(default=None, description="What it is called.")


@strawberry.type(description="A new location, or why there is none.")
class BookingLocationCreate(Payload):
    location: BookingLocation | None = strawberry.field(default=None, description="The new one.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A changed location, or why it stays as it was.")
class BookingLocationUpdate(Payload):
    location: BookingLocation | None = strawberry.field(default=None, description="As it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A location that is gone, or why it stays.")
class BookingLocationDelete(Payload):
    location: BookingLocation | None = strawberry.field(default=None, description="As it was.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A new holiday, or why there is none.")
class BookingHolidayCreate(Payload):
    holiday: BookingHoliday | None = strawberry.field(default=None, description="The new one.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A changed holiday, or why it stays as it was.")
class BookingHolidayUpdate(Payload):
    holiday: BookingHoliday | None = strawberry.field(default=None, description="As it is now.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="A date that is as every week again, or why it is not.")
class BookingHolidayDelete(Payload):
    holiday: BookingHoliday | None = strawberry.field(default=None, description="As it was.")
    errors: list[BookingError] = strawberry.field(default_factory=list, description="Expected errors.")


LocationId = Annotated[strawberry.ID, strawberry.argument(description="The location's ID.")]
HolidayId = Annotated[strawberry.ID, strawberry.argument(description="The holiday's ID.")]


@strawberry.type
class BookingPlaceQueries:
    """Queries of places and holidays."""

    @query(description="The places where visits happen.")
    async def booking_locations(
        self,
        info: Info,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> BookingLocationCountableConnection | None:
        context, selection = info.context, Selection.below(info)
        paging: dict[str, Any] = {"before": before, "after": after, "first": first, "last": last}
        window = window_of(context, queries.LOCATION_ORDER, "bookingLocations", selection, **paging)
        statement = queries.locations_page(window.shape)
        page = queries.LOCATION_ORDER.page(await context.rows(statement, **window.params), window)
        total = None
        if "totalCount" in selection:
            total = (await context.rows(queries.LOCATIONS_COUNT))[0]["total"]
        nodes = nodes_of(BookingLocation, statement, page.items, extra=len(queries.LOCATION_ORDER.keys))
        made: BookingLocationCountableConnection = connect(
            BookingLocationCountableConnection, BookingLocationCountableEdge, page, nodes, total_count=total
        )
        return made

    @query(description="The dates on which locations are closed, by date.")
    async def booking_holidays(
        self,
        info: Info,
        from_: Annotated[date | None, strawberry.argument(name="from", description="The first date.")] = None,
        to: Annotated[date | None, strawberry.argument(description="The date after the last one.")] = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> BookingHolidayCountableConnection | None:
        context, selection = info.context, Selection.below(info)
        filters = {name: day for name, day in (("first_day", from_), ("last_day", to)) if day is not None}
        names = tuple(sorted(filters))
        paging: dict[str, Any] = {"before": before, "after": after, "first": first, "last": last}
        window = window_of(context, queries.HOLIDAY_ORDER, "bookingHolidays", selection, **paging)
        statement = queries.holidays_page(window.shape, names)
        page = queries.HOLIDAY_ORDER.page(await context.rows(statement, **filters, **window.params), window)
        total = None
        if "totalCount" in selection:
            total = (await context.rows(queries.holidays_count(names), **filters))[0]["total"]
        nodes = nodes_of(BookingHoliday, statement, page.items, extra=len(queries.HOLIDAY_ORDER.keys))
        made: BookingHolidayCountableConnection = connect(
            BookingHolidayCountableConnection, BookingHolidayCountableEdge, page, nodes, total_count=total
        )
        return made


@strawberry.type
class BookingPlaceMutations:
    """Mutations of places and holidays."""

    @mutation(description="Adds a place where visits happen. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def booking_location_create(
        self,
        info: Info,
        input: Annotated[BookingLocationInput, strawberry.argument(description="Name and time zone are needed.")],
    ) -> BookingLocationCreate | None:
        key = await actions.create_location(info.context.session, _given(input))
        return BookingLocationCreate(location=await _location(info.context, key))

    @mutation(description="Changes a place where visits happen. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def booking_location_update(
        self,
        info: Info,
        id: LocationId,
        input: Annotated[BookingLocationInput, strawberry.argument(description="What to change.")],
    ) -> BookingLocationUpdate | None:
        key = required_int(id, "BookingLocation", field="id")
        await actions.update_location(info.context.session, key, _given(input))
        return BookingLocationUpdate(location=await _location(info.context, key))

    @mutation(
        description="Removes a place with its holidays; who was there can be booked as before. Needs MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def booking_location_delete(self, info: Info, id: LocationId) -> BookingLocationDelete | None:
        key = required_int(id, "BookingLocation", field="id")
        before = await _location(info.context, key)
        await actions.delete_location(info.context.session, key)
        return BookingLocationDelete(location=before)

    @mutation(
        description="Closes a location on a date, or all of them; what is booked stays. Needs MANAGE_BOOKINGS.",
        permissions=MANAGERS,
    )
    async def booking_holiday_create(
        self,
        info: Info,
        input: Annotated[BookingHolidayInput, strawberry.argument(description="Date and name are needed.")],
        location_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The only location that is closed; all if not given.")
        ] = None,
    ) -> BookingHolidayCreate | None:
        where = None
        if location_id is not None:
            where = required_int(location_id, "BookingLocation", field="locationId")
        if input.day is None:
            raise Invalid("A date is needed.", field="date", code="REQUIRED")
        session = info.context.session
        key = await actions.create_holiday(session, input.day, input.name or "", location_id=where)
        return BookingHolidayCreate(holiday=await _holiday(info.context, key))

    @mutation(description="Moves a holiday, or calls it something else. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def booking_holiday_update(
        self,
        info: Info,
        id: HolidayId,
        input: Annotated[BookingHolidayInput, strawberry.argument(description="What to change.")],
    ) -> BookingHolidayUpdate | None:
        key = required_int(id, "BookingHoliday", field="id")
        await actions.update_holiday(info.context.session, key, day=input.day, name=input.name)
        return BookingHolidayUpdate(holiday=await _holiday(info.context, key))

    @mutation(description="The date is as every week again. Needs MANAGE_BOOKINGS.", permissions=MANAGERS)
    async def booking_holiday_delete(self, info: Info, id: HolidayId) -> BookingHolidayDelete | None:
        key = required_int(id, "BookingHoliday", field="id")
        before = await _holiday(info.context, key)
        await actions.delete_holiday(info.context.session, key)
        return BookingHolidayDelete(holiday=before)


def _given(input: BookingLocationInput) -> dict[str, Any]:
    values = {"name": input.name, "slug": input.slug, "timezone": input.timezone}
    return {name: value for name, value in values.items() if value is not None}


T = TypeVar("T")


async def _location(context: Context, key: int) -> BookingLocation | None:
    return await _read(context, BookingLocation, queries.LOCATIONS_BY_ID, key)


async def _holiday(context: Context, key: int) -> BookingHoliday | None:
    return await _read(context, BookingHoliday, queries.HOLIDAYS_BY_ID, key)


async def _read(context: Context, into: type[T], statement: Any, key: int) -> T | None:
    """The row as the mutation's own unit sees it."""
    rows = await of(context.session)(statement, ids=[key])
    return row_factory(into, prepare(statement).columns)(rows[0]) if rows else None
